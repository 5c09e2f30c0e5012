package io.flashdns.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real proxies before the server. Property: {@code flashdns.require.peers} (a missing one is a
 * failure).
 */
@ExtendWith(LeakDetection.class)
class ProxyPeerTest {
  /** Where the proxies ask from: only this one is taken. */
  private static final String SOURCE = "127.0.0.2";

  /** Who asks the proxies. */
  private static final List<String> CLIENTS = List.of("127.0.0.7", "127.0.0.8");

  @TempDir private Path folder;

  @EachBackend
  void dnsdistTellsTheClientsByUdpAndTcp(IoBackend io) throws Exception {
    needs("dnsdist");
    try (TestServer server = ProxyServer.start(io, TcpLimits.defaults(), SOURCE)) {
      int port = FreePort.find();
      String config =
          """
          setLocal("127.0.0.1:%d")
          setSecurityPollSuffix("")
          newServer({address="127.0.0.1:%d", source="%s", useProxyProtocol=true})
          """
              .formatted(port, server.address(ProxyServer.PROXIED).getPort(), SOURCE);
      Path file = Files.writeString(folder.resolve("dnsdist.conf"), config);
      try (Proxy _ =
          new Proxy(
              folder,
              program("dnsdist"),
              "--supervised",
              "--disable-syslog",
              "-C",
              file.toString())) {
        InetSocketAddress dnsdist = new InetSocketAddress("127.0.0.1", port);
        awaitAnswer(dnsdist);
        for (String client : CLIENTS) {
          assertKnownByUdp(dnsdist, client);
          assertKnownByTcp(dnsdist, client);
        }
      }
      assertNothingRefused(server);
    }
  }

  @EachBackend
  void haproxyTellsTheClientsByTcp(IoBackend io) throws Exception {
    needs("haproxy");
    try (TestServer server = ProxyServer.start(io, TcpLimits.defaults(), SOURCE)) {
      int port = FreePort.find();
      String config =
          """
          defaults
            mode tcp
            timeout connect 5s
            timeout client 5s
            timeout server 5s
          listen dns
            bind 127.0.0.1:%d
            source %s
            server flashdns 127.0.0.1:%d send-proxy-v2 check check-send-proxy inter 100
          """
              .formatted(port, SOURCE, server.address(ProxyServer.PROXIED).getPort());
      Path file = Files.writeString(folder.resolve("haproxy.cfg"), config);
      try (Proxy _ = new Proxy(folder, program("haproxy"), "-db", "-f", file.toString())) {
        InetSocketAddress haproxy = new InetSocketAddress("127.0.0.1", port);
        await()
            .atMost(Duration.ofSeconds(20))
            .ignoreException(ConnectException.class)
            .until(
                () -> {
                  new TcpClient(haproxy).close();
                  return true;
                });
        for (String client : CLIENTS) {
          assertKnownByTcp(haproxy, client);
        }
        // Its health checks, which begin with a header of LOCAL, among them.
        await().until(() -> server.counters().tcpAccepted() >= CLIENTS.size() + 3);
      }
      assertNothingRefused(server);
    }
  }

  private static void assertKnownByUdp(InetSocketAddress proxy, String client) throws IOException {
    try (UdpClient udp = new UdpClient(proxy, client)) {
      for (int id = 0; id < 20; id++) {
        Message reply = udp.ask(Message.query(id));

        assertThat(reply.id()).isEqualTo(id);
        assertThat(reply.source()).isEqualTo(InetAddress.getByName(client));
        assertThat(reply.sourcePort()).isEqualTo(udp.port());
      }
    }
  }

  private static void assertKnownByTcp(InetSocketAddress proxy, String client) throws IOException {
    try (TcpClient tcp = new TcpClient(proxy, client)) {
      for (int id = 0; id < 20; id++) {
        Message reply = tcp.ask(Message.query(id));

        assertThat(reply.id()).isEqualTo(id);
        assertThat(reply.source()).isEqualTo(InetAddress.getByName(client));
        assertThat(reply.sourcePort()).isEqualTo(tcp.port());
      }
    }
  }

  private static void assertNothingRefused(TestServer server) {
    TransportCounters counters = server.counters();
    assertThat(counters.udpProxyRefusedSource()).isZero();
    assertThat(counters.udpProxyRefusedHeader()).isZero();
    assertThat(counters.tcpProxyRefusedSource()).isZero();
    assertThat(counters.tcpProxyRefusedHeader()).isZero();
  }

  private static void awaitAnswer(InetSocketAddress proxy) {
    await()
        .atMost(Duration.ofSeconds(20))
        .ignoreException(SocketTimeoutException.class)
        .ignoreException(PortUnreachableException.class)
        .until(
            () -> {
              try (UdpClient udp = new UdpClient(proxy)) {
                udp.timeoutMillis(100);
                Message reply = udp.ask(Message.query(1));
                // Until its first health check is done, it answers SERVFAIL.
                return reply.answers() == 1;
              }
            });
  }

  private static void needs(String program) {
    boolean there = !program(program).equals(program);
    String message = program + " is not installed; it is in the Debian package " + program;
    if (Boolean.getBoolean("flashdns.require.peers")) {
      assertThat(there).as(message).isTrue();
    }
    assumeTrue(there, message);
  }

  /**
   * The path of a program; its name alone where it was not found. Debian keeps servers where PATH
   * may not look.
   */
  private static String program(String name) {
    String path = System.getenv().getOrDefault("PATH", "") + ":/usr/sbin:/usr/bin";
    return Stream.of(path.split(":"))
        .map(folder -> Path.of(folder.isEmpty() ? "." : folder, name))
        .filter(Files::isExecutable)
        .map(Path::toString)
        .findFirst()
        .orElse(name);
  }

  /** The process. */
  private static final class Proxy implements AutoCloseable {
    private static final int STOP_SECONDS = 10;

    private final Process process;
    private final Thread end;

    Proxy(Path folder, String... command) throws IOException {
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("proxy.log").toFile())
              .start();
      // A test run that is ended from outside does not close it.
      end = new Thread(process::destroy);
      Runtime.getRuntime().addShutdownHook(end);
    }

    @Override
    public void close() {
      process.destroy();
      try {
        if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
          process.destroyForcibly();
        }
      } catch (InterruptedException _) {
        process.destroyForcibly();
        Thread.currentThread().interrupt();
      }
      Runtime.getRuntime().removeShutdownHook(end);
    }
  }
}
