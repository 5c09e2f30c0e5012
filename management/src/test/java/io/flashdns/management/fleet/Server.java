package io.flashdns.management.fleet;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A FlashDNS server on a host of its own; DNS and API are on an address of its loopback. */
final class Server {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String MAIN = "io.flashdns.management.server.Main";
  private static final int DNS_PORT = 53;
  private static final int JSON_PORT = 8054;

  private final int number;
  private final Network.Host host;
  private final Path home;
  private final String store;
  private @Nullable Process process;
  private volatile boolean isDisturbed;

  Server(int number, Network.Host host, Path home, String store) {
    this.number = number;
    this.host = host;
    this.home = home;
    this.store = store;
  }

  Network.Host host() {
    return host;
  }

  /** True from before it is killed or stopped until it answers again. */
  boolean isDisturbed() {
    return isDisturbed;
  }

  void disturbed(boolean is) {
    isDisturbed = is;
  }

  private String loopback() {
    return "127.0.0." + (11 + number);
  }

  /** Where DNS is spoken on its host. */
  InetSocketAddress dns() throws IOException {
    return new InetSocketAddress(InetAddress.getByName(loopback()), DNS_PORT);
  }

  Door door(String token) {
    return new Door("http://" + loopback() + ":" + JSON_PORT, token);
  }

  /** The secret of the first admin; empty when it is another server that made it. */
  String adminToken() throws IOException {
    Path file = home.resolve("data/admin-token");
    return Files.exists(file) ? Files.readString(file).strip() : "";
  }

  /** Starts it; it may be a while until it answers. */
  void start() throws Exception {
    Files.createDirectories(home.resolve("zones"));
    Path config = home.resolve("flashdns.yaml");
    Files.writeString(config, "etcd:\n  node-name: n" + number + "\n");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    try (var lines = Files.lines(shipped("conf/jvm.options"))) {
      lines.map(String::strip).filter(l -> l.startsWith("-")).forEach(command::add);
    }
    command.addAll(
        List.of(
            "-Xmx256m",
            "-Dflashdns.home=" + home,
            "-cp",
            System.getProperty("java.class.path"),
            MAIN,
            "serve",
            "--config=" + config,
            "--store=" + store,
            "--data=" + home.resolve("data"),
            "--listen=" + loopback() + ":" + DNS_PORT,
            "--operations=127.0.0.1:9533",
            "--api=127.0.0.1:8053",
            "--api-json=" + loopback() + ":" + JSON_PORT));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(home.resolve("log").toFile()));
    process = host.namespace().call(builder::start);
  }

  private static Path shipped(String path) {
    Path here = Path.of("src/main/dist").resolve(path);
    return Files.exists(here) ? here : Path.of("management").resolve(here);
  }

  /** Waits until its API answers, with whatever. */
  void awaitOpen() {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              if (process == null || !process.isAlive()) {
                throw new IllegalStateException("the server ended: " + log());
              }
              try {
                var _ = host.namespace().call(() -> door("").call("NodeService/GetNode", "{}"));
                return true;
              } catch (IOException _) {
                return false;
              }
            });
  }

  /** What it printed. */
  String log() throws IOException {
    String all = Files.readString(home.resolve("log"));
    return all.substring(Math.max(0, all.length() - 3_000));
  }

  /** Ends it at once. */
  void kill() throws InterruptedException {
    if (process != null) {
      var _ = process.destroyForcibly();
      var _ = process.waitFor();
    }
  }

  /** Stops its threads, or lets them go on. */
  void signal(String which) throws IOException, InterruptedException {
    if (process != null) {
      Network.must("kill", "-" + which, Long.toString(process.pid()));
    }
  }

  @Override
  public String toString() {
    return "n" + number;
  }
}
