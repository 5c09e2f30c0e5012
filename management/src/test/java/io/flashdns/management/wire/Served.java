package io.flashdns.management.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A server as a process of its own, with the flags for the JVM that the distribution ships. */
final class Served implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String MAIN = "io.flashdns.management.server.Main";

  private final Process process;
  private final Path home;
  private final Path log;

  private Served(Process process, Path home, Path log) {
    this.process = process;
    this.home = home;
    this.log = log;
  }

  /**
   * Starts one and waits until the API is open.
   *
   * @param home folder of its data; another start with it goes on where the last one ended
   */
  static Served start(Path home) throws IOException {
    Files.createDirectories(home.resolve("zones"));
    Path log = Files.createTempFile(home, "server", ".log");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    try (var lines = Files.lines(Tools.ofModule("src/main/dist/conf/jvm.options"))) {
      lines.map(String::strip).filter(l -> l.startsWith("-")).forEach(command::add);
    }
    command.addAll(
        List.of("-Dflashdns.home=" + home, "-cp", System.getProperty("java.class.path"), MAIN));
    command.add("serve");
    for (String option : List.of("--listen", "--operations", "--api", "--api-json")) {
      command.addAll(List.of(option, "127.0.0.1:0"));
    }
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    Served served = new Served(process, home, log);
    await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> !process.isAlive() || served.word("api  ", 1).isPresent() && served.json());
    assertThat(process.isAlive()).as("%s", served).isTrue();
    return served;
  }

  /** Where DNS is spoken, by UDP and TCP. */
  InetSocketAddress dns() {
    String address = word("listening ", 1).orElseThrow();
    int colon = address.lastIndexOf(':');
    return new InetSocketAddress(
        address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
  }

  /** Where gRPC is spoken: {@code 127.0.0.1:8053}. */
  String grpc() {
    return word("api  ", 1).orElseThrow();
  }

  /** Where JSON is spoken: {@code http://127.0.0.1:8054}. */
  String jsonDoor() {
    return word("http://", 0).orElseThrow();
  }

  /** The file with the secret of the first admin. */
  Path adminToken() {
    return home.resolve("data/admin-token");
  }

  /** The time of processors that it has taken. */
  Duration processorTime() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  /** Ends it at once, as a kill -9 does. */
  void kill() throws InterruptedException {
    var _ = process.destroyForcibly();
    var _ = process.waitFor();
  }

  @Override
  public void close() {
    try {
      kill();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String toString() {
    return String.join("\n", lines());
  }

  private boolean json() {
    return word("http://", 0).isPresent();
  }

  /** A word of the first line that begins so, not counting blanks before it. */
  private Optional<String> word(String begin, int which) {
    return lines().stream()
        .map(String::strip)
        .filter(line -> line.startsWith(begin) && line.contains(" "))
        .map(line -> line.split(" +")[which])
        .findFirst();
  }

  private List<String> lines() {
    try {
      String text = Files.readString(log);
      return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
    } catch (IOException e) {
      return List.of(e.toString());
    }
  }
}
