package io.flashdns.plugins.dnstap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.embedded.EmbeddedServer;
import io.flashdns.core.plugin.PluginFactory;
import io.flashdns.core.plugin.Protocol;
import io.flashdns.plugins.Allocation;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class DnstapPluginTest {
  static final String ZONE =
      """
      example. 60 SOA ns.example. host.example. 1 2 3 4 5
      example. 60 NS ns.example.
      ns.example. 60 A 192.0.2.1
      """;
  private static final int CLIENT = 0xc6_33_64_07; // 198.51.100.7
  private static final int AUTH_QUERY = 1;
  private static final int AUTH_RESPONSE = 2;
  private static final Instant NOON = Instant.parse("2030-01-02T12:00:00.123456789Z");

  @TempDir Path folder;

  static DnstapPluginConfig config(
      Optional<Path> socket, Optional<InetSocketAddress> address, Optional<Path> file) {
    return new DnstapPluginConfig(
        socket,
        address,
        file,
        true,
        true,
        Optional.of("ns1"),
        Optional.of("FlashDNS"),
        1 << 20,
        10,
        1 << 18);
  }

  private static DnstapPluginConfig toFile(Path file) {
    return config(Optional.empty(), Optional.empty(), Optional.of(file));
  }

  private static DnstapPluginConfig to(TestReader reader) {
    return config(Optional.empty(), Optional.of(reader.address()), Optional.empty());
  }

  static EmbeddedServer server(DnstapPluginConfig config) {
    return EmbeddedServer.builder()
        .zone(ZONE)
        .listeners(
            List.of(new InetSocketAddress("127.0.0.1", 5353), new InetSocketAddress("::", 5354)))
        .plugin(new DnstapPluginFactory(), config)
        .build();
  }

  private static double metric(EmbeddedServer server, String name) {
    return server.metric("flashdns_dnstap_" + name);
  }

  private static Map<Integer, Object> message(byte[] frame) {
    return FrameReading.fields((byte[]) FrameReading.fields(frame).get(14));
  }

  @Test
  void fieldsAreThoseOfTheSchema() throws IOException {
    Path file = folder.resolve("tap");
    EmbeddedServer server = server(toFile(file)).at(NOON).from(CLIENT, 1_053);
    byte[] question = EmbeddedServer.question("NS.Example.", RecordType.A, 1_232, true);
    byte[] reply = server.ask(question);
    server.close();

    FrameReading.Streamed stream = FrameReading.read(Files.readAllBytes(file));
    assertThat(stream.controls()).containsExactly(2, 3);
    assertThat(stream.frames()).hasSize(2);
    for (byte[] frame : stream.frames()) {
      Map<Integer, Object> tap = FrameReading.fields(frame);
      assertThat(tap).containsOnlyKeys(1, 2, 14, 15).containsEntry(15, 1L);
      assertThat(tap.get(1)).isEqualTo("ns1".getBytes(StandardCharsets.US_ASCII));
      assertThat(tap.get(2)).isEqualTo("FlashDNS".getBytes(StandardCharsets.US_ASCII));
    }
    Map<Integer, Object> query = message(stream.frames().getFirst());
    assertThat(query)
        .containsOnlyKeys(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
        .containsEntry(1, (long) AUTH_QUERY)
        .containsEntry(2, 1L)
        .containsEntry(3, 1L)
        .containsEntry(6, 1_053L)
        .containsEntry(7, 5_353L)
        .containsEntry(8, NOON.getEpochSecond())
        .containsEntry(9, 123_456_789L);
    assertThat(query.get(4)).isEqualTo(new byte[] {(byte) 198, 51, 100, 7});
    assertThat(query.get(5)).isEqualTo(new byte[] {127, 0, 0, 1});
    assertThat(query.get(10)).isEqualTo(question);
    assertThat(query.get(11)).isEqualTo(new byte[] {7, 'E', 'x', 'a', 'm', 'p', 'l', 'e', 0});
    Map<Integer, Object> response = message(stream.frames().getLast());
    assertThat(response)
        .containsOnlyKeys(1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14)
        .containsEntry(1, (long) AUTH_RESPONSE)
        .containsEntry(8, NOON.getEpochSecond())
        .containsEntry(9, 123_456_789L);
    assertThat((Long) response.get(12))
        .isBetween(NOON.getEpochSecond(), NOON.getEpochSecond() + 60);
    assertThat(response.get(14)).isEqualTo(reply);
  }

  @Test
  void ipv6AndTcpAndUnreadableMessagesAreTappedToo() throws IOException {
    Path file = folder.resolve("tap");
    EmbeddedServer server = server(toFile(file)).from(0x2001_0db8L << 32, 5, 1_053);
    server.over(Protocol.TCP).to(1);
    byte[] unreadable = new byte[Wire.HEADER_BYTES];
    server.ask(unreadable);
    server.close();
    Map<Integer, Object> query =
        message(FrameReading.read(Files.readAllBytes(file)).frames().getFirst());
    // No zone, and no address of a listener that listens to all.
    assertThat(query).containsOnlyKeys(1, 2, 3, 4, 6, 7, 8, 9, 10);
    assertThat(query).containsEntry(2, 2L).containsEntry(3, 2L).containsEntry(7, 5_354L);
    byte[] address = new byte[16];
    address[0] = 0x20;
    address[1] = 0x01;
    address[2] = 0x0d;
    address[3] = (byte) 0xb8;
    address[15] = 5;
    assertThat(query.get(4)).isEqualTo(address);
    assertThat(query.get(10)).isEqualTo(unreadable);
  }

  @Test
  void timeIsThatOfTheClock() throws IOException {
    Path file = folder.resolve("tap");
    EmbeddedServer server = server(toFile(file));
    Instant before = Instant.now();
    server.ask("ns.example.", RecordType.A);
    Instant after = Instant.now();
    server.close();
    for (byte[] frame : FrameReading.read(Files.readAllBytes(file)).frames()) {
      Map<Integer, Object> message = message(frame);
      Instant time = Instant.ofEpochSecond((Long) message.get(8), (Long) message.get(9));
      assertThat(time).isBetween(before.minusMillis(5), after.plusMillis(5));
      if (message.get(12) != null) {
        Instant sent = Instant.ofEpochSecond((Long) message.get(12), (Long) message.get(13));
        assertThat(sent).isBetween(time, after.plusMillis(5));
      }
    }
  }

  @Test
  void queriesOrResponsesAlone() throws IOException {
    for (boolean queries : new boolean[] {true, false}) {
      Path file = folder.resolve("tap-" + queries);
      EmbeddedServer server =
          server(
              new DnstapPluginConfig(
                  Optional.empty(),
                  Optional.empty(),
                  Optional.of(file),
                  queries,
                  !queries,
                  Optional.empty(),
                  Optional.empty(),
                  1 << 20,
                  10,
                  1 << 18));
      byte[] reply = server.ask("ns.example.", RecordType.A);
      server.close();
      List<byte[]> frames = FrameReading.read(Files.readAllBytes(file)).frames();
      assertThat(frames).hasSize(1);
      assertThat(FrameReading.fields(frames.getFirst())).containsOnlyKeys(14, 15);
      Map<Integer, Object> message = message(frames.getFirst());
      assertThat(message.get(1)).isEqualTo(queries ? 1L : 2L);
      assertThat((byte[]) message.get(queries ? 10 : 14))
          .isEqualTo(queries ? EmbeddedServer.question("ns.example.", RecordType.A) : reply);
      assertThat(message.get(11)).isEqualTo(new byte[] {7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 0});
    }
  }

  @Test
  void filesRollAsWholeStreams() throws IOException {
    Path file = folder.resolve("tap");
    int queries = 20_000;
    try (EmbeddedServer server = server(toFile(file))) {
      byte[] question = EmbeddedServer.question("ns.example.", RecordType.A);
      for (int i = 0; i < queries; i++) {
        Wire.put16(question, 0, i);
        int _ = server.exchange(question, question.length);
        if (i % 1_000 == 999) {
          long offered = 2L * (i + 1);
          await().until(() -> metric(server, "written") == offered);
        }
      }
    }
    int frames = 0;
    try (Stream<Path> files = Files.list(folder)) {
      for (Path each : files.toList()) {
        assertThat(Files.size(each)).isLessThanOrEqualTo(1 << 20);
        FrameReading.Streamed stream = FrameReading.read(Files.readAllBytes(each));
        assertThat(stream.controls()).containsExactly(2, 3);
        frames += stream.frames().size();
      }
    }
    assertThat(frames).isEqualTo(2 * queries);
    assertThat(folder.resolve("tap.2")).exists();
  }

  @Test
  void fileOfAnEarlierRunIsKept() throws IOException {
    Path file = folder.resolve("tap");
    Files.writeString(file, "of an earlier run");
    try (EmbeddedServer server = server(toFile(file))) {
      server.ask("ns.example.", RecordType.A);
      await().until(() -> metric(server, "written") == 2);
    }
    assertThat(folder.resolve("tap.1")).hasContent("of an earlier run");
    assertThat(FrameReading.read(Files.readAllBytes(file)).frames()).hasSize(2);
  }

  @Test
  void readerIsGreetedAndTakenLeaveOf() throws IOException {
    try (TestReader reader = new TestReader(TestReader.Manner.READS, 0)) {
      try (EmbeddedServer server = server(to(reader))) {
        await().until(() -> metric(server, "connected") == 1);
        for (int i = 0; i < 100; i++) {
          server.ask("n" + i + ".example.", RecordType.A);
        }
        await().until(() -> reader.frames.size() == 200);
        assertThat(metric(server, "written")).isEqualTo(200);
        assertThat(metric(server, "lost") + metric(server, "dropped")).isZero();
      }
      // READY, START, and after the data STOP.
      await().until(() -> reader.controls.size() == 3);
      assertThat(reader.controls).containsExactly(4, 2, 3);
    }
  }

  @Test
  void readerThatComesBackIsFoundAgain() throws IOException {
    TestReader first = new TestReader(TestReader.Manner.READS, 0);
    int port = first.address().getPort();
    try (EmbeddedServer server = server(to(first))) {
      await().until(() -> metric(server, "connected") == 1);
      server.ask("one.example.", RecordType.A);
      await().until(() -> first.frames.size() == 2);
      first.close();
      // Noticed although nothing is being sent.
      await().until(() -> metric(server, "connected") == 0);
      server.ask("two.example.", RecordType.A);
      await().until(() -> metric(server, "lost") == 2);
      try (TestReader second = new TestReader(TestReader.Manner.READS, port)) {
        await().atMost(Duration.ofSeconds(20)).until(() -> metric(server, "connected") == 1);
        server.ask("three.example.", RecordType.A);
        await().until(() -> second.frames.size() == 2);
        assertThat(metric(server, "written")).isEqualTo(4);
        assertThat(metric(server, "lost")).isEqualTo(2);
      }
    }
  }

  @Test
  void readerThatStopsReadingCostsMessagesAndNoAnswer() throws IOException {
    int queries = 50_000;
    try (TestReader reader = new TestReader(TestReader.Manner.STOPS_READING, 0);
        EmbeddedServer server = server(to(reader))) {
      await().until(() -> metric(server, "connected") == 1);
      byte[] question = EmbeddedServer.question("ns.example.", RecordType.A);
      for (int i = 0; i < queries; i++) {
        assertThat(server.exchange(question, question.length)).isPositive();
      }
      assertThat(metric(server, "dropped")).isPositive();
      reader.hangUp();
      await()
          .untilAsserted(
              () ->
                  assertThat(
                          metric(server, "dropped")
                              + metric(server, "lost")
                              + metric(server, "written"))
                      .isEqualTo(2.0 * queries));
    }
  }

  @Test
  void patienceWithAReaderThatStopsReadingEnds() throws IOException {
    try (TestReader reader = new TestReader(TestReader.Manner.STOPS_READING, 0)) {
      ReaderTarget target = new ReaderTarget(reader.address(), 200_000_000, () -> false);
      target.open();
      ByteBuffer frames = ByteBuffer.allocate(64 << 20);
      assertThatThrownBy(() -> target.write(frames))
          .hasMessage("the dnstap reader does not answer");
      assertThat(target.isOpen()).isFalse();
      assertThatThrownBy(() -> target.write(frames)).hasMessage("there is no dnstap reader");
    }
  }

  @Test
  void patienceWithAReaderThatSaysNothingEnds() throws IOException {
    try (TestReader reader = new TestReader(TestReader.Manner.SAYS_NOTHING, 0)) {
      ReaderTarget target = new ReaderTarget(reader.address(), 200_000_000, () -> false);
      assertThatThrownBy(target::open).hasMessage("the dnstap reader does not answer");
      assertThat(target.isOpen()).isFalse();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = TestReader.Manner.class,
      names = {"SAYS_NOTHING", "WANTS_OTHER_CONTENT", "SPEAKS_HTTP"})
  void rudeReaderGetsNothingAndStopsNothing(TestReader.Manner manner) throws IOException {
    try (TestReader reader = new TestReader(manner, 0)) {
      long closedAfter;
      try (EmbeddedServer server = server(to(reader))) {
        await().until(() -> reader.connections() > 0);
        assertThat(server.ask("ns.example.", RecordType.A)).isNotEmpty();
        if (manner != TestReader.Manner.SAYS_NOTHING) {
          await().until(() -> metric(server, "lost") == 2);
        }
        assertThat(metric(server, "connected")).isZero();
        closedAfter = System.nanoTime();
      }
      assertThat(Duration.ofNanos(System.nanoTime() - closedAfter))
          .isLessThan(Duration.ofSeconds(5));
      assertThat(reader.frames).isEmpty();
    }
  }

  @Test
  void queriesAllocateNothing() throws IOException {
    try (TestReader reader = new TestReader(TestReader.Manner.READS, 0);
        EmbeddedServer tapped = server(to(reader));
        EmbeddedServer written = server(toFile(folder.resolve("tap")))) {
      byte[] question = EmbeddedServer.question("ns.example.", RecordType.A, 1_232, true);
      assertThat(Allocation.steadyBytes(tapped, question)).isZero();
      assertThat(Allocation.steadyBytes(written, question)).isZero();
    }
  }

  @Test
  void startSaysWhatIsMissing() {
    assertThatThrownBy(() -> server(DnstapPluginConfig.defaults()))
        .hasMessageContaining(
            "dnstap needs somewhere to write to: set one of socket, address and file");
    assertThatThrownBy(() -> server(toFile(Path.of("relative"))))
        .hasMessageContaining("file must be an absolute path");
    assertThatThrownBy(() -> server(toFile(folder.resolve("no/tap"))))
        .hasMessageContaining("no/tap cannot be written: make its folder");
  }

  @Test
  void valuesOutOfBoundsAreRefusedWithTheKeyFirst() {
    Optional<Path> path = Optional.of(Path.of("/run/tap"));
    Optional<InetSocketAddress> address = Optional.of(new InetSocketAddress("127.0.0.1", 6_000));
    refused(() -> config(path, address, Optional.empty()), "socket must stand alone");
    refused(() -> config(Optional.empty(), address, path), "address must stand alone");
    refused(
        () ->
            config(Optional.of(Path.of("/" + "x".repeat(107))), Optional.empty(), Optional.empty()),
        "socket must have a path of at most 107 octets, not 108");
    refused(() -> toFile(Path.of("/")), "file must name a file: '/'");
    refused(() -> bounds(false, "a", 1 << 20, 1, 1 << 18), "queries must be true");
    refused(
        () -> bounds(true, "ü".repeat(128), 1 << 20, 1, 1 << 18),
        "identity must be at most 255 octets of UTF-8");
    refused(
        () -> bounds(true, "a", 1, 1, 1 << 18),
        "maxFileBytes must be 1048576 to 1099511627776, not 1");
    refused(() -> bounds(true, "a", 1 << 20, 0, 1 << 18), "maxFiles must be 1 to 1000, not 0");
    refused(
        () -> bounds(true, "a", 1 << 20, 1, 1), "bufferBytes must be 262144 to 268435456, not 1");
  }

  private static DnstapPluginConfig bounds(
      boolean queries, String identity, long fileBytes, int files, long bufferBytes) {
    return new DnstapPluginConfig(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        queries,
        queries,
        Optional.of(identity),
        Optional.empty(),
        fileBytes,
        files,
        bufferBytes);
  }

  private static void refused(Runnable making, String sentence) {
    assertThatThrownBy(making::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(sentence);
  }

  @Test
  void defaultsAreThoseOfTheManual() {
    DnstapPluginConfig defaults = DnstapPluginConfig.defaults();
    assertThat(defaults.queries()).isTrue();
    assertThat(defaults.responses()).isTrue();
    assertThat(defaults.maxFileBytes()).isEqualTo(1_073_741_824);
    assertThat(defaults.maxFiles()).isEqualTo(10);
    assertThat(defaults.bufferBytes()).isEqualTo(4_194_304);
    assertThat(
            Arrays.asList(
                defaults.socket(),
                defaults.address(),
                defaults.file(),
                defaults.identity(),
                defaults.version()))
        .containsOnly(Optional.empty());
  }

  @Test
  void pluginIsFoundByItsName() {
    assertThat(ServiceLoader.load(PluginFactory.class))
        .anyMatch(
            factory -> factory instanceof DnstapPluginFactory && factory.name().equals("dnstap"));
  }
}
