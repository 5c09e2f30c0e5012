package io.flashdns.management.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** Members of etcd on loopback, each a process of its own: of the etcd that PATH leads to. */
final class EtcdCluster implements AutoCloseable {
  private static final String PROGRAM = "etcd";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final List<Member> members = new ArrayList<>();
  private final String initial;
  private final Optional<EtcdConfig.EtcdTls> tls;
  private final List<String> options;

  /** One member; its process is null while it is down. */
  static final class Member {
    private final Path folder;
    private final int clientPort;
    private final int peerPort;
    private final String name;
    private Process process;

    Member(Path folder, String name, int clientPort, int peerPort) {
      this.folder = folder;
      this.name = name;
      this.clientPort = clientPort;
      this.peerPort = peerPort;
    }

    String endpoint() {
      return "127.0.0.1:" + clientPort;
    }

    long pid() {
      return process.pid();
    }
  }

  private EtcdCluster(
      Path folder, int count, Optional<EtcdConfig.EtcdTls> tls, List<String> options)
      throws IOException {
    this.tls = tls;
    this.options = options;
    List<Integer> ports = freePorts(2 * count);
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < count; i++) {
      String name = "m" + i;
      members.add(new Member(folder.resolve(name), name, ports.get(2 * i), ports.get(2 * i + 1)));
      all.append(i == 0 ? "" : ",").append(name + "=http://127.0.0.1:" + ports.get(2 * i + 1));
    }
    initial = all.toString();
  }

  /** Starts a cluster; skips the test where etcd is not installed, unless the build asks for it. */
  static EtcdCluster start(Path folder, int count) throws Exception {
    return start(folder, count, Optional.empty(), List.of());
  }

  /**
   * The same with more.
   *
   * @param tls how nodes speak to it, when it speaks TLS
   * @param options of each member
   */
  static EtcdCluster start(
      Path folder, int count, Optional<EtcdConfig.EtcdTls> tls, List<String> options)
      throws Exception {
    boolean isThere =
        Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
            .anyMatch(place -> Files.isExecutable(Path.of(place, PROGRAM)));
    if (Boolean.getBoolean("flashdns.require.peers")) {
      assertThat(isThere).as("etcd is on the PATH, such as by Debian's etcd-server").isTrue();
    }
    assumeTrue(isThere, "etcd is not on the PATH: install Debian's etcd-server");
    EtcdCluster cluster = new EtcdCluster(folder, count, tls, options);
    for (Member member : cluster.members) {
      cluster.start(member);
    }
    cluster.awaitHealth();
    return cluster;
  }

  private static List<Integer> freePorts(int count) throws IOException {
    List<ServerSocket> open = new ArrayList<>();
    List<Integer> ports = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
      open.add(socket);
      ports.add(socket.getLocalPort());
    }
    for (ServerSocket socket : open) {
      socket.close();
    }
    return ports;
  }

  void start(Member member) throws IOException {
    String client = (tls.isPresent() ? "https://" : "http://") + member.endpoint();
    String peer = "http://127.0.0.1:" + member.peerPort;
    Files.createDirectories(member.folder);
    ProcessBuilder builder =
        new ProcessBuilder(
            PROGRAM,
            "--name",
            member.name,
            "--data-dir",
            member.folder.resolve("data").toString(),
            "--listen-client-urls",
            client,
            "--advertise-client-urls",
            client,
            "--listen-peer-urls",
            peer,
            "--initial-advertise-peer-urls",
            peer,
            "--initial-cluster",
            initial,
            // As in Jepsen's tests: snapshots and compactions of the log really happen.
            "--snapshot-count=100",
            "--heartbeat-interval=100",
            "--election-timeout=1000",
            // What is written is not to survive this machine.
            "--unsafe-no-fsync");
    builder.command().addAll(options);
    member.process =
        builder
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(member.folder.resolve("log").toFile()))
            .start();
  }

  List<Member> members() {
    return members;
  }

  List<String> endpoints() {
    return members.stream().map(Member::endpoint).toList();
  }

  /** Under a prefix that nobody has used. */
  EtcdConfig fresh() {
    return at("/t/" + UUID.randomUUID() + "/");
  }

  EtcdConfig at(String prefix) {
    return new EtcdConfig(
        endpoints(),
        prefix,
        Optional.empty(),
        Optional.empty(),
        tls,
        Optional.empty(),
        Optional.empty(),
        false);
  }

  void awaitHealth() {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(100))
        .until(
            () -> {
              try (Etcd etcd = Etcd.of(fresh())) {
                etcd.put(SharedKeys.bytes("health"), SharedKeys.bytes("1"), 0);
                return true;
              } catch (EtcdFault _) {
                return false;
              }
            });
  }

  void kill(Member member) throws InterruptedException {
    member.process.destroyForcibly();
    assertThat(member.process.waitFor(30, TimeUnit.SECONDS)).isTrue();
  }

  /** The member that leads; empty while none does. */
  Optional<Member> leader() {
    for (Member member : members) {
      if (member.process.isAlive()) {
        try (Etcd etcd = Etcd.of(one(member))) {
          if (etcd.leads(member.endpoint())) {
            return Optional.of(member);
          }
        } catch (EtcdFault | IOException _) {
          // It does not.
        } catch (InterruptedException _) {
          Thread.currentThread().interrupt();
        }
      }
    }
    return Optional.empty();
  }

  private EtcdConfig one(Member member) {
    return new EtcdConfig(
        List.of(member.endpoint()),
        EtcdConfig.PREFIX,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        false);
  }

  @Override
  public void close() {
    for (Member member : members) {
      if (member.process != null) {
        member.process.destroyForcibly();
      }
    }
    for (Member member : members) {
      if (member.process != null) {
        member.process.onExit().join();
      }
    }
  }
}
