package io.flashdns.plugins.querylog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.flashdns.core.dns.EdnsOption;
import io.flashdns.core.dns.Opcode;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.embedded.EmbeddedServer;
import io.flashdns.core.plugin.Plugin;
import io.flashdns.core.plugin.PluginContext;
import io.flashdns.core.plugin.PluginFactory;
import io.flashdns.core.plugin.Protocol;
import io.flashdns.core.plugin.Query;
import io.flashdns.core.plugin.Response;
import io.flashdns.core.plugin.Router;
import io.flashdns.core.plugin.Verdict;
import io.flashdns.core.plugin.WorkerContext;
import io.flashdns.core.zone.Tenant;
import io.flashdns.plugins.Allocation;
import io.flashdns.plugins.EdnsMessages;
import io.flashdns.plugins.querylog.QuerylogPluginConfig.Format;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class QuerylogPluginTest {
  private static final String ZONE =
      """
      example. 60 SOA ns.example. host.example. 1 2 3 4 5
      example. 60 NS ns.example.
      ns.example. 60 A 192.0.2.1
      """;
  private static final int CLIENT = 0xc6_33_64_07; // 198.51.100.7
  private static final Instant NOON = Instant.parse("2030-01-02T12:00:00.250Z");

  @TempDir Path folder;

  private Path log() {
    return folder.resolve("querylog.log");
  }

  /** A configuration with one change. */
  private static QuerylogPluginConfig config(
      Path file, Format format, int sample, List<String> rcodes) {
    return new QuerylogPluginConfig(file, format, sample, rcodes, 32, 128, 1 << 20, 3, 1 << 14);
  }

  private QuerylogPluginConfig text() {
    return config(log(), Format.TEXT, 1, List.of());
  }

  private static EmbeddedServer server(QuerylogPluginConfig config) {
    return EmbeddedServer.builder()
        .zone(ZONE, new Tenant(1, "org", "project", false, 0), "in ner", false)
        .plugin(new QuerylogPluginFactory(), config)
        .plugin(new DropOrRoute(), new DropOrRoute.Config())
        .build();
  }

  private List<String> lines(EmbeddedServer server) throws IOException {
    server.close();
    return Files.readAllLines(log());
  }

  private static void awaitWritten(EmbeddedServer server, long lines) {
    await().until(() -> server.metric("flashdns_querylog_written") == lines);
  }

  @Test
  void lineHasTheFactsOfItsQuery() throws IOException {
    EmbeddedServer server = server(text()).at(NOON).from(CLIENT, 1_053);
    byte[] question =
        EdnsMessages.with(
            EmbeddedServer.question("NS.example.", RecordType.A, 1_232, true),
            EdnsOption.COOKIE,
            new byte[8]);
    question[Wire.FLAGS] |= 1; // RD
    int replyBytes = server.ask(question).length;

    assertThat(lines(server))
        .containsExactly(
            String.join(
                "\t",
                "2030-01-02T12:00:00.250Z",
                "0",
                "198.51.100.7#1053",
                "udp",
                "in\\032ner",
                "example.",
                "ns.example.",
                "IN",
                "A",
                "QUERY",
                "NOERROR",
                "aa,rd,do,cookie",
                Integer.toString(replyBytes),
                "sent"));
  }

  @Test
  void lineInJsonHasTheSameFacts() throws IOException {
    EmbeddedServer server =
        server(config(log(), Format.JSON, 1, List.of()))
            .at(NOON)
            .from(0x2001_0db8L << 32, 5, 1_053)
            .over(Protocol.TCP);
    int replyBytes = server.ask("no\"n\\\\.example.", RecordType.AAAA).length;

    assertThat(lines(server))
        .containsExactly(
            """
            {"time":"2030-01-02T12:00:00.250Z","worker":0,"client":"2001:db8::5","port":1053,\
            "protocol":"tcp","view":"in\\\\032ner","zone":"example.","name":"no\\\\034n\\\\092.example.",\
            "class":"IN","type":"AAAA","opcode":"QUERY","rcode":"NXDOMAIN","flags":["aa"],\
            "bytes":%d,"dropped":false}"""
                .formatted(replyBytes));
  }

  @ParameterizedTest
  @EnumSource(Format.class)
  void droppedAndUnreadableMessagesAreLoggedWithWhatIsKnown(Format format) throws IOException {
    EmbeddedServer server = server(config(log(), format, 1, List.of())).at(NOON);
    server.from(CLIENT, DropOrRoute.DROPPED_PORT);
    assertThat(server.ask("ns.example.", RecordType.A)).isEmpty();
    server.from(CLIENT, 1_053);
    byte[] notify = new byte[Wire.HEADER_BYTES];
    notify[Wire.FLAGS] = (byte) (Opcode.NOTIFY << 3);
    assertThat(server.ask(notify)).isNotEmpty();

    List<String> lines = lines(server);
    assertThat(lines).hasSize(2);
    if (format == Format.TEXT) {
      assertThat(lines.getFirst()).endsWith("\tIN\tA\tQUERY\t-\t-\t0\tdropped");
      assertThat(lines.getLast())
          .endsWith("#1053\tudp\tpublic\t-\t-\t-\t-\tNOTIFY\tREFUSED\t-\t12\tsent");
    } else {
      assertThat(lines.getFirst())
          .endsWith("\"rcode\":null,\"flags\":[],\"bytes\":0,\"dropped\":true}");
      assertThat(lines.getLast())
          .contains(
              "\"zone\":null,\"name\":null,\"class\":null,\"type\":null,\"opcode\":\"NOTIFY\"");
    }
  }

  @Test
  void maskedBitsOfAddressesAreZero() throws IOException {
    EmbeddedServer server =
        server(
            new QuerylogPluginConfig(
                log(), Format.TEXT, 1, List.of(), 24, 56, 1 << 20, 3, 1 << 14));
    server.from(CLIENT, 1_053);
    server.ask("ns.example.", RecordType.A);
    server.from(0x2001_0db8_1234_56ffL, 5, 1_053);
    server.ask("ns.example.", RecordType.A);
    List<String> lines = lines(server);
    assertThat(lines.getFirst()).contains("\t198.51.100.0#1053\t");
    assertThat(lines.getLast()).contains("\t2001:db8:1234:5600::#1053\t");
  }

  @Test
  void onlyTheNamedResponseCodesAreLogged() throws IOException {
    EmbeddedServer server =
        server(config(log(), Format.TEXT, 1, List.of("nxdomain", "DROPPED"))).from(CLIENT, 1_053);
    server.ask("ns.example.", RecordType.A);
    server.ask("none.example.", RecordType.A);
    server.ask("elsewhere.", RecordType.A);
    server.from(CLIENT, DropOrRoute.DROPPED_PORT).ask("ns.example.", RecordType.A);
    List<String> lines = lines(server);
    assertThat(lines).hasSize(2);
    assertThat(lines.getFirst()).contains("\tNXDOMAIN\t");
    assertThat(lines.getLast()).endsWith("\tdropped");
  }

  @Test
  void sampleIsOneOfSoMany() throws IOException {
    EmbeddedServer server = server(config(log(), Format.TEXT, 10, List.of()));
    for (int i = 0; i < 95; i++) {
      server.ask("n" + i + ".example.", RecordType.A);
    }
    assertThat(lines(server)).hasSize(10);
  }

  @Test
  void filesRollWithoutLosingALineAndTheOldestGoes() throws IOException {
    int queries = 3_000;
    try (EmbeddedServer server =
        server(
            new QuerylogPluginConfig(
                log(), Format.TEXT, 1, List.of(), 32, 128, 1 << 16, 100, 1 << 22))) {
      for (int i = 0; i < queries; i++) {
        server.ask("n" + i + ".example.", RecordType.A);
      }
      awaitWritten(server, queries);
    }
    List<String> names = new ArrayList<>();
    List<Path> files;
    try (Stream<Path> list = Files.list(folder)) {
      files =
          list.sorted(
                  (a, b) ->
                      b.toString().length() != a.toString().length()
                          ? Integer.compare(b.toString().length(), a.toString().length())
                          : b.compareTo(a))
              .toList();
    }
    assertThat(files).hasSizeGreaterThan(2);
    for (Path file : files) {
      assertThat(Files.size(file)).isLessThanOrEqualTo(1 << 16);
      for (String line : Files.readAllLines(file)) {
        names.add(line.split("\t")[6]);
      }
    }
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < queries; i++) {
      expected.add("n" + i + ".example.");
    }
    assertThat(names).isEqualTo(expected);
  }

  /** The smallest ring and a flood: some lines are dropped, each one is counted. */
  @Test
  void whatIsOfferedIsWrittenOrCountedAsDropped() throws IOException {
    int queries = 100_000;
    EmbeddedServer server = server(text());
    byte[] question = EmbeddedServer.question("ns.example.", RecordType.A);
    for (int i = 0; i < queries; i++) {
      server.exchange(question, question.length);
    }
    double dropped = server.metric("flashdns_querylog_dropped");
    assertThat(dropped).isPositive();
    awaitWritten(server, queries - (long) dropped);
    server.close();
    long lines = 0;
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        lines += Files.readAllLines(file).size();
      }
    }
    // Three files of 1 MiB: the older lines are gone.
    assertThat(lines).isPositive().isLessThanOrEqualTo(queries - (long) dropped);
  }

  @Test
  void fullDiskLosesLinesAndNoAnswer() {
    try (EmbeddedServer server = server(config(Path.of("/dev/full"), Format.TEXT, 1, List.of()))) {
      for (int i = 0; i < 50; i++) {
        assertThat(server.ask("ns.example.", RecordType.A)).isNotEmpty();
      }
      await()
          .until(
              () ->
                  server.metric("flashdns_querylog_lost")
                          + server.metric("flashdns_querylog_dropped")
                      == 50);
      assertThat(server.metric("flashdns_querylog_written")).isZero();
      assertThat(server.ask("ns.example.", RecordType.A)).isNotEmpty();
      await().until(() -> server.metric("flashdns_querylog_failing") == 1);
    }
  }

  @Test
  void logGoesOnWhenItsFolderComesBack() throws IOException {
    Path inner = Files.createDirectory(folder.resolve("inner"));
    Path file = inner.resolve("log");
    try (EmbeddedServer server = server(config(file, Format.TEXT, 1, List.of()))) {
      server.ask("one.example.", RecordType.A);
      awaitWritten(server, 1);
      Files.move(inner, folder.resolve("away"));
      await().until(() -> server.metric("flashdns_querylog_failing") == 1);
      server.ask("two.example.", RecordType.A);
      await().until(() -> server.metric("flashdns_querylog_lost") == 1);
      Files.createDirectory(inner);
      await().until(() -> server.metric("flashdns_querylog_failing") == 0);
      server.ask("three.example.", RecordType.A);
      awaitWritten(server, 2);
    }
    assertThat(Files.readString(file)).contains("three.example.").doesNotContain("two");
  }

  @Test
  void relativeFileLiesInTheDataFolder() {
    try (EmbeddedServer server =
        EmbeddedServer.builder()
            .zone(ZONE)
            .dataFolder(folder)
            .plugin(new QuerylogPluginFactory(), QuerylogPluginConfig.defaults())
            .build()) {
      server.ask("ns.example.", RecordType.A);
      awaitWritten(server, 1);
      assertThat(log()).exists();
    }
  }

  @Test
  void startSaysWhatCannotBeWritten() {
    assertThatThrownBy(() -> server(config(folder.resolve("no/log"), Format.TEXT, 1, List.of())))
        .hasMessageContaining("no/log cannot be written: make its folder");
    assertThatThrownBy(() -> server(config(Path.of("relative.log"), Format.TEXT, 1, List.of())))
        .hasMessageContaining("file must be an absolute path");
  }

  @ParameterizedTest
  @EnumSource(Format.class)
  void queriesAllocateNothing(Format format) {
    try (EmbeddedServer server = server(config(log(), format, 1, List.of()))) {
      byte[] question = EmbeddedServer.question("ns.example.", RecordType.A, 1_232, true);
      assertThat(Allocation.steadyBytes(server, question)).isZero();
      byte[] absent = EmbeddedServer.question("none.example.", RecordType.A);
      assertThat(Allocation.steadyBytes(server, absent)).isZero();
    }
  }

  @Test
  void defaultsAreThoseOfTheManual() {
    assertThat(QuerylogPluginConfig.defaults())
        .isEqualTo(
            new QuerylogPluginConfig(
                Path.of("querylog.log"),
                Format.TEXT,
                1,
                List.of(),
                32,
                128,
                104_857_600,
                10,
                1_048_576));
  }

  @Test
  void valuesOutOfBoundsAreRefusedWithTheKeyFirst() {
    Path file = Path.of("/f");
    List<String> all = List.of();
    Format f = Format.TEXT;
    refused(() -> config(file, f, 0, all), "sample must be 1 to 1000000, not 0");
    refused(() -> config(file, f, 1, List.of("NXDOMIAN")), "rcodes has 'NXDOMIAN', which is no");
    refused(() -> config(Path.of("/"), f, 1, all), "file must name a file: '/'");
    refused(
        () -> new QuerylogPluginConfig(file, f, 1, all, 33, 128, 1 << 20, 3, 1 << 14),
        "maskIpv4 must be 0 to 32, not 33");
    refused(
        () -> new QuerylogPluginConfig(file, f, 1, all, 32, -1, 1 << 20, 3, 1 << 14),
        "maskIpv6 must be 0 to 128, not -1");
    refused(
        () -> new QuerylogPluginConfig(file, f, 1, all, 32, 128, 1, 3, 1 << 14),
        "maxFileBytes must be 65536 to 1099511627776, not 1");
    refused(
        () -> new QuerylogPluginConfig(file, f, 1, all, 32, 128, 1 << 20, 0, 1 << 14),
        "maxFiles must be 1 to 1000, not 0");
    refused(
        () -> new QuerylogPluginConfig(file, f, 1, all, 32, 128, 1 << 20, 3, 1L << 40),
        "bufferBytes must be 16384 to 268435456, not 1099511627776");
  }

  private static void refused(Runnable making, String sentence) {
    assertThatThrownBy(making::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(sentence);
  }

  @Test
  void pluginIsFoundByItsName() {
    assertThat(ServiceLoader.load(PluginFactory.class))
        .anyMatch(
            factory ->
                factory instanceof QuerylogPluginFactory && factory.name().equals("querylog"));
  }

  /** Drops what comes from one port; shows all well-formed others a view with a space. */
  private static final class DropOrRoute implements PluginFactory<DropOrRoute.Config> {
    static final int DROPPED_PORT = 666;

    record Config() {}

    @Override
    public String name() {
      return "drop-or-route";
    }

    @Override
    public int spiVersion() {
      return SPI_VERSION;
    }

    @Override
    public Class<Config> configType() {
      return Config.class;
    }

    @Override
    public Plugin create(Config config, PluginContext context) {
      int view = context.views().number("in ner");
      return (WorkerContext _) -> List.of(new Hook(view));
    }

    private record Hook(int view) implements Router {
      @Override
      public Verdict route(Query query, Response response) {
        query.view(view);
        return query.sourcePort() == DROPPED_PORT ? Verdict.DROP : Verdict.CONTINUE;
      }
    }
  }
}
