package io.flashdns.plugins.dnstap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.flashdns.core.dns.RecordType;
import io.flashdns.core.embedded.EmbeddedServer;
import io.flashdns.core.plugin.Protocol;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Readers of others: fstrm_capture takes what is sent, dnstap-read says what it is. Property:
 * {@code flashdns.require.peers} (a missing one is a failure).
 */
@Tag("peers")
final class DnstapPeerTest {
  private static final int NAMES = 500;

  @TempDir Path folder;
  private final List<Process> started = new java.util.ArrayList<>();

  @BeforeAll
  static void needsPeers() {
    List<String> missing =
        Stream.of("fstrm_capture", "dnstap-read").filter(name -> !isInstalled(name)).toList();
    String message =
        "not installed: "
            + missing
            + "; they are in the Debian packages fstrm-bin and bind9-dnsutils";
    if (Boolean.getBoolean("flashdns.require.peers")) {
      assertThat(missing).as(message).isEmpty();
    }
    assumeThat(missing).as(message).isEmpty();
  }

  private static boolean isInstalled(String program) {
    return Stream.of(System.getenv().getOrDefault("PATH", "/usr/bin").split(":"))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }

  @AfterEach
  void endPrograms() throws InterruptedException {
    for (Process process : started) {
      process.destroy();
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    }
  }

  private Process start(String... command) throws IOException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("output").toFile())
            .start();
    started.add(process);
    return process;
  }

  /** What dnstap-read prints of a file: a line for each message. */
  private List<String> dnstapRead(Path file) throws IOException, InterruptedException {
    Path output = folder.resolve("read");
    Process process =
        new ProcessBuilder("dnstap-read", file.toString())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    started.add(process);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    List<String> lines = Files.readAllLines(output, StandardCharsets.UTF_8);
    assertThat(process.exitValue()).as("dnstap-read: %s", lines).isZero();
    return lines;
  }

  private static void askAll(EmbeddedServer server) {
    for (int i = 0; i < NAMES; i++) {
      if (i % 2 == 0) {
        server.from(0xc6_33_64_07, 1_000 + i).over(Protocol.UDP);
      } else {
        server.from(0x2001_0db8L << 32, i, 1_000 + i).over(Protocol.TCP);
      }
      assertThat(server.ask("n" + i + ".example.", i % 3 == 0 ? RecordType.AAAA : RecordType.A))
          .isNotEmpty();
    }
    await().until(() -> server.metric("flashdns_dnstap_written") == 2 * NAMES);
  }

  /** Each name as a query and as a response, in order, with its type, its sender and its way. */
  private static void assertAllRead(List<String> lines) {
    assertThat(lines).hasSize(2 * NAMES);
    for (int i = 0; i < NAMES; i++) {
      String question = " n" + i + ".example/IN/" + (i % 3 == 0 ? "AAAA" : "A");
      String query = lines.get(2 * i);
      String response = lines.get(2 * i + 1);
      assertThat(query).contains(" AQ ").endsWith(question);
      assertThat(response).contains(" AR ").endsWith(question);
      String sender =
          i % 2 == 0
              ? "198.51.100.7:" + (1_000 + i) + " "
              : "2001:db8::" + (i == 0 ? "" : Integer.toHexString(i)) + ":" + (1_000 + i) + " ";
      assertThat(query).contains(" " + sender).contains(i % 2 == 0 ? " UDP " : " TCP ");
      assertThat(response).contains(" " + sender);
    }
  }

  @Test
  void fileIsReadByDnstapRead() throws IOException, InterruptedException {
    Path file = folder.resolve("tap");
    try (EmbeddedServer server =
        DnstapPluginTest.server(
            DnstapPluginTest.config(Optional.empty(), Optional.empty(), Optional.of(file)))) {
      askAll(server);
    }
    assertAllRead(dnstapRead(file));
  }

  @Test
  void fstrmCaptureTakesItByUnixSocket() throws IOException, InterruptedException {
    Path socket = folder.resolve("s");
    Path captured = folder.resolve("captured");
    Process capture =
        start(
            "fstrm_capture",
            "-t",
            "protobuf:dnstap.Dnstap",
            "-u",
            socket.toString(),
            "-w",
            captured.toString());
    await().until(() -> Files.exists(socket));
    capture(
        capture,
        DnstapPluginTest.config(Optional.of(socket), Optional.empty(), Optional.empty()),
        captured);
  }

  @Test
  void fstrmCaptureTakesItByTcp() throws IOException, InterruptedException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Path captured = folder.resolve("captured");
    Process capture =
        start(
            "fstrm_capture",
            "-t",
            "protobuf:dnstap.Dnstap",
            "-a",
            "127.0.0.1",
            "-p",
            Integer.toString(port),
            "-w",
            captured.toString());
    // Connects as soon as the port is open: the plugin tries again.
    capture(
        capture,
        DnstapPluginTest.config(
            Optional.empty(),
            Optional.of(new InetSocketAddress("127.0.0.1", port)),
            Optional.empty()),
        captured);
  }

  private void capture(Process capture, DnstapPluginConfig config, Path captured)
      throws IOException, InterruptedException {
    try (EmbeddedServer server = DnstapPluginTest.server(config)) {
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> server.metric("flashdns_dnstap_connected") == 1);
      askAll(server);
      assertThat(server.metric("flashdns_dnstap_lost")).isZero();
    }
    // It writes out what it holds when it is told to end.
    capture.destroy();
    assertThat(capture.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertAllRead(dnstapRead(captured));
  }

  @Test
  void fullMessageIsReadWithItsZoneAndIdentity() throws IOException, InterruptedException {
    Path file = folder.resolve("tap");
    try (EmbeddedServer server =
        DnstapPluginTest.server(
            DnstapPluginTest.config(Optional.empty(), Optional.empty(), Optional.of(file)))) {
      server.from(0xc6_33_64_07, 1_053);
      server.ask("ns.example.", RecordType.A);
    }
    Path output = folder.resolve("yaml");
    Process process =
        new ProcessBuilder("dnstap-read", "-y", file.toString())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    started.add(process);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(Files.readString(output))
        .contains("identity: ns1")
        .contains("version: FlashDNS")
        .contains("type: AUTH_QUERY")
        .contains("type: AUTH_RESPONSE")
        .contains("query_zone: example")
        .contains("socket_family: INET")
        .contains("socket_protocol: UDP")
        .contains("query_address: \"198.51.100.7\"")
        .contains("response_address: \"127.0.0.1\"")
        .contains("query_port: 1053")
        .contains("response_port: 5353")
        .contains("status: NOERROR")
        .contains("192.0.2.1");
  }
}
