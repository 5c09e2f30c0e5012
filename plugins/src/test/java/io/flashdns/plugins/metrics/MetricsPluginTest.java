package io.flashdns.plugins.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.embedded.EmbeddedServer;
import io.flashdns.core.engine.Metric;
import io.flashdns.core.plugin.Protocol;
import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.CatalogEntry;
import io.flashdns.core.zone.Tenant;
import io.flashdns.plugins.Allocation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class MetricsPluginTest {
  private static final String QUERIES = "flashdns_metrics_queries";
  private static final String LATENCY = "flashdns_metrics_latency";
  private static final String ZONES = "flashdns_metrics_zone_queries";
  private static final Tenant TENANT = new Tenant(1, "acme", "shop", false, 0);
  private static final Duration TICK = Duration.ofMillis(100);

  private static String zone(String apex) {
    return "%1$s 60 SOA ns.%1$s host.%1$s 1 2 3 4 5\n%1$s 60 NS ns.%1$s\nns.%1$s 60 A 192.0.2.1\n"
        .formatted(apex);
  }

  private static EmbeddedServer server(int sampleEvery, int places, String... apexes) {
    EmbeddedServer.Builder builder =
        EmbeddedServer.builder()
            .plugin(new MetricsPluginFactory(), new MetricsPluginConfig(sampleEvery, places));
    for (String apex : apexes) {
      builder.zone(zone(apex), TENANT, "public", false);
    }
    return builder.build();
  }

  private static void ask(EmbeddedServer server, String name, int times) {
    byte[] question = EmbeddedServer.question(name, RecordType.A);
    for (int i = 0; i < times; i++) {
      server.exchange(question, question.length);
      if (i % 1_000 == 999) {
        server.advance(TICK); // notes are read before they are lapped
      }
    }
    server.advance(TICK);
  }

  private static Map<String, Double> zones(EmbeddedServer server) {
    Map<String, Double> zones = new TreeMap<>();
    for (Metric metric : server.engine().metrics()) {
      if (metric.name().equals(ZONES)) {
        metric.samples().forEach(s -> zones.put(s.labelValues().getFirst(), s.value()));
      }
    }
    return zones;
  }

  @ParameterizedTest
  @CsvSource({"A,1", "AAAA,28", "HTTPS,65", "ANY,255", "CAA,257", "IXFR,251", "other,99"})
  void queriesAreCountedByType(String name, int type) {
    try (EmbeddedServer server = server(16, 50, "example.")) {
      server.ask("example.", type);

      assertThat(server.metric(QUERIES, "udp", "ipv4", name)).isEqualTo(1);
      assertThat(server.metric(QUERIES)).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {511, 512, 513, 32_768, 65_535})
  void typesBeyondTheTableAreOther(int type) {
    try (EmbeddedServer server = server(16, 50, "example.")) {
      server.ask("example.", type);

      assertThat(server.metric(QUERIES, "udp", "ipv4", "other")).isEqualTo(1);
    }
  }

  @Test
  void queriesAreCountedByProtocolAndFamily() {
    try (EmbeddedServer server = server(16, 50, "example.")) {
      server.from(0x7f00_0001, 5_000).ask("example.", RecordType.A);
      server.over(Protocol.TCP).ask("example.", RecordType.A);
      server.from(0x2001_0db8_0000_0000L, 1, 5_000).ask("example.", RecordType.A);
      server.over(Protocol.UDP).ask("example.", RecordType.A);
      server.from(0, 1, 5_000).ask("example.", RecordType.A); // ::1

      assertThat(server.metric(QUERIES, "udp", "ipv4", "A")).isEqualTo(1);
      assertThat(server.metric(QUERIES, "tcp", "ipv4", "A")).isEqualTo(1);
      assertThat(server.metric(QUERIES, "tcp", "ipv6", "A")).isEqualTo(1);
      assertThat(server.metric(QUERIES, "udp", "ipv6", "A")).isEqualTo(2);
      assertThat(server.metric(QUERIES)).isEqualTo(5);
    }
  }

  @Test
  void messagesThatCannotBeReadHaveNoType() {
    try (EmbeddedServer server = server(16, 50, "example.")) {
      byte[] broken = EmbeddedServer.question("example.", RecordType.A);
      Wire.put16(broken, Wire.QDCOUNT, 2);
      server.ask(broken);

      assertThat(server.metric(QUERIES, "udp", "ipv4", "none")).isEqualTo(1);
      assertThat(server.metric(QUERIES)).isEqualTo(1);
    }
  }

  @Test
  void eachTypeHasACounterOfItsOwn() {
    try (EmbeddedServer server = server(0, 0, "example.")) {
      List<String> names = QuestionTypes.label().values();
      for (String name : names) {
        if (!name.equals("other") && !name.equals("none")) {
          server.ask("example.", RecordType.parse(name));
        }
      }

      assertThat(names).doesNotHaveDuplicates().hasSize(QuestionTypes.COUNT);
      assertThat(
              server.engine().metrics().stream()
                  .filter(metric -> metric.name().equals(QUERIES))
                  .flatMap(metric -> metric.samples().stream())
                  .map(sample -> sample.labelValues().getLast() + " " + sample.value()))
          .containsExactlyElementsOf(
              names.stream()
                  .filter(name -> !name.equals("other") && !name.equals("none"))
                  .map(name -> name + " 1.0")
                  .toList());
    }
  }

  @Test
  void everyQueryIsTimedWhenEachIsASample() {
    try (EmbeddedServer server = server(1, 0, "example.")) {
      byte[] question = EmbeddedServer.question("example.", RecordType.A);
      for (int i = 0; i < 1_000; i++) {
        server.exchange(question, question.length);
      }

      Metric.Sample latency = latency(server);
      assertThat(latency.buckets().stream().mapToLong(Long::longValue).sum()).isEqualTo(1_000);
      // A query takes more than nothing, and a thousand of them less than a minute.
      assertThat(latency.value()).isBetween(1_000.0, 60e9);
    }
  }

  @Test
  void oneInSoManyIsTimedOnAverage() {
    try (EmbeddedServer server = server(16, 0, "example.")) {
      byte[] question = EmbeddedServer.question("example.", RecordType.A);
      for (int i = 0; i < 64_000; i++) {
        server.exchange(question, question.length);
      }

      assertThat(latency(server).buckets().stream().mapToLong(Long::longValue).sum())
          .isBetween(3_700L, 4_300L);
    }
  }

  @Test
  void samplesMeetAllPlacesOfABatch() {
    try (EmbeddedServer server = server(16, 2, "first.", "second.")) {
      byte[] first = EmbeddedServer.question("first.", RecordType.A);
      byte[] second = EmbeddedServer.question("second.", RecordType.A);
      // A fixed step of 16 would see the second zone always or never.
      for (int i = 0; i < 64_000; i++) {
        byte[] question = i % 16 == 15 ? second : first;
        server.exchange(question, question.length);
        if (i % 16_000 == 0) {
          server.advance(TICK);
        }
      }
      server.advance(TICK);

      assertThat(zones(server).get("second.")).isCloseTo(4_000, within(1_200.0));
    }
  }

  @Test
  void withoutSamplesThereAreNeitherTimesNorZones() {
    try (EmbeddedServer server = server(0, 50, "example.")) {
      ask(server, "example.", 100);

      assertThat(server.engine().metrics())
          .extracting(Metric::name)
          .contains(QUERIES)
          .doesNotContain(LATENCY, ZONES);
    }
  }

  @Test
  void withoutPlacesThereAreTimesAndNoZones() {
    try (EmbeddedServer server = server(1, 0, "example.")) {
      ask(server, "example.", 100);

      assertThat(server.engine().metrics())
          .extracting(Metric::name)
          .contains(QUERIES, LATENCY)
          .doesNotContain(ZONES);
    }
  }

  @Test
  void zonesAreCountedExactlyWhenEachQueryIsASample() {
    try (EmbeddedServer server = server(1, 50, "first.", "second.")) {
      ask(server, "ns.first.", 30);
      ask(server, "nowhere.second.", 12);
      ask(server, "elsewhere.", 5);

      assertThat(zones(server))
          .containsOnly(
              Map.entry("first.", 30.0), Map.entry("second.", 12.0), Map.entry("other", 5.0));
    }
  }

  @Test
  void samplesStandForTheQueriesBetweenThem() {
    try (EmbeddedServer server = server(16, 50, "first.", "second.")) {
      for (int i = 0; i < 10; i++) {
        ask(server, "first.", 9_000);
        ask(server, "second.", 1_000);
      }

      assertThat(zones(server).get("first.")).isCloseTo(90_000, within(6_000.0));
      assertThat(zones(server).get("second.")).isCloseTo(10_000, within(3_000.0));
    }
  }

  @Test
  void notesThatWereLappedAreStoodForByTheOthers() {
    try (EmbeddedServer server = server(1, 50, "first.")) {
      byte[] question = EmbeddedServer.question("first.", RecordType.A);
      int queries = 3 * ZoneNotes.CAPACITY + 7;
      for (int i = 0; i < queries; i++) {
        server.exchange(question, question.length);
      }
      server.advance(TICK);

      assertThat(zones(server).get("first.")).isCloseTo(queries, within(1.0));
    }
  }

  @Test
  void noMoreZonesAreShownThanThereArePlaces() {
    String[] apexes = new String[40];
    for (int i = 0; i < apexes.length; i++) {
      apexes[i] = "zone" + i + ".";
    }
    try (EmbeddedServer server = server(1, 5, apexes)) {
      for (String apex : apexes) {
        ask(server, apex, 10);
      }
      server.advance(Duration.ofSeconds(11));

      assertThat(zones(server)).hasSize(6).containsKey("other");
      assertThat(zones(server).values().stream().mapToDouble(d -> d).sum()).isEqualTo(400);
    }
  }

  @Test
  void busierZoneTakesThePlaceOfAnIdleOne() {
    try (EmbeddedServer server = server(1, 1, "idle.", "busy.")) {
      ask(server, "idle.", 10);
      ask(server, "busy.", 100);
      assertThat(zones(server)).containsOnly(Map.entry("idle.", 10.0), Map.entry("other", 100.0));

      server.advance(Duration.ofSeconds(11));
      ask(server, "busy.", 7);

      assertThat(zones(server)).containsOnly(Map.entry("busy.", 7.0), Map.entry("other", 100.0));
    }
  }

  @Test
  void zoneThatIsAsBusyTakesNoPlace() {
    try (EmbeddedServer server = server(1, 1, "first.", "second.")) {
      ask(server, "first.", 100);
      ask(server, "second.", 120);
      server.advance(Duration.ofSeconds(11));

      assertThat(zones(server)).containsOnlyKeys("first.", "other");
    }
  }

  @Test
  void countersNeverFallWhilePlacesChange() {
    String[] apexes = {"a.", "b.", "c.", "d.", "e.", "f."};
    try (EmbeddedServer server = server(1, 2, apexes)) {
      Map<String, Double> last = new TreeMap<>();
      for (int round = 0; round < 40; round++) {
        String busy = apexes[round / 3 % apexes.length];
        ask(server, busy, 300);
        for (String apex : apexes) {
          ask(server, apex, 20);
        }
        server.advance(Duration.ofSeconds(4));
        Map<String, Double> now = zones(server);
        assertThat(now.size()).isLessThanOrEqualTo(3);
        now.forEach(
            (zone, count) ->
                assertThat(count).as(zone).isGreaterThanOrEqualTo(last.getOrDefault(zone, 0.0)));
        last.putAll(now);
      }
      assertThat(last).containsKeys("a.", "b.", "c.", "d.", "e.", "f.", "other");
    }
  }

  @Test
  void zonesThatAreNoLongerServedAreNotShown() {
    try (EmbeddedServer server = server(1, 50, "first.", "second.")) {
      ask(server, "first.", 3);
      ask(server, "second.", 4);
      Catalog before = server.engine().catalog();
      List<CatalogEntry> left =
          before.entries().stream()
              .filter(zone -> zone.apex().toString().equals("second."))
              .toList();
      server.engine().publish(Catalog.of(before.hash(), left, List.of(TENANT)));

      assertThat(zones(server)).containsOnly(Map.entry("second.", 4.0), Map.entry("other", 0.0));
    }
  }

  @Test
  void zonesOfOneNameAreToldApartByTheirViews() {
    try (EmbeddedServer server =
        EmbeddedServer.builder()
            .plugin(new MetricsPluginFactory(), new MetricsPluginConfig(1, 50))
            .zone(zone("example."), TENANT, "public", false)
            .zone(zone("example."), TENANT, "inside", false)
            .build()) {
      ask(server, "example.", 2);

      assertThat(server.metric(ZONES, "example.", "public")).isEqualTo(2);
      assertThat(server.metric(ZONES, "example.", "inside")).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({"16,50", "1,50", "0,0"})
  void queryAllocatesNothing(int sampleEvery, int places) {
    try (EmbeddedServer server = server(sampleEvery, places, "example.")) {
      assertThat(Allocation.steadyBytes(server, EmbeddedServer.question("example.", RecordType.A)))
          .isZero();
    }
  }

  @Test
  void describedPipelineCountsNothing() {
    try (EmbeddedServer server = server(1, 50, "example.")) {
      assertThat(server.engine().describePipeline()).containsPattern("observe +metrics");
      ask(server, "example.", 1);

      assertThat(zones(server)).containsEntry("example.", 1.0);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "-1, 50, 'sampleEvery must be 0 to 1000000, not -1'",
    "1000001, 50, 'sampleEvery must be 0 to 1000000, not 1000001'",
    "16, -1, 'zones must be 0 to 1000, not -1'",
    "16, 1001, 'zones must be 0 to 1000, not 1001'"
  })
  void valuesOutOfBoundsAreRefused(int sampleEvery, int zones, String sentence) {
    assertThatThrownBy(() -> new MetricsPluginConfig(sampleEvery, zones))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(sentence);
  }

  @Test
  void defaultsAreThoseOfTheReadme() throws Exception {
    String readme =
        Files.readString(Path.of("src/main/java/io/flashdns/plugins/metrics/README.md"));
    MetricsPluginConfig defaults = MetricsPluginConfig.defaults();

    assertThat(readme)
        .containsPattern("\\| `sample-every` \\|.*\\| " + defaults.sampleEvery() + " \\|")
        .containsPattern("\\| `zones` \\|.*\\| " + defaults.zones() + " \\|");
  }

  @Test
  void readmeNamesAllTypesAndMetrics() throws Exception {
    String readme =
        Files.readString(Path.of("src/main/java/io/flashdns/plugins/metrics/README.md"))
            .replace('\n', ' ');
    List<String> types = new ArrayList<>(QuestionTypes.label().values());
    types.removeAll(List.of("other", "none"));
    assertThat(readme).contains(String.join(", ", types));

    try (EmbeddedServer server = server(1, 50, "example.")) {
      ask(server, "example.", 1);
      String documented =
          server.engine().metrics().stream()
              .filter(metric -> metric.name().startsWith("flashdns_metrics_"))
              .map(MetricsPluginTest::exported)
              .collect(Collectors.joining(" "));
      assertThat(documented.split(" "))
          .hasSize(3)
          .allSatisfy(name -> assertThat(readme).contains("| `" + name + "` |"));
    }
  }

  private static String exported(Metric metric) {
    return metric.name()
        + switch (metric.kind()) {
          case COUNTER -> "_total";
          case HISTOGRAM -> "_seconds";
          case GAUGE -> "";
        };
  }

  private static Metric.Sample latency(EmbeddedServer server) {
    return server.engine().metrics().stream()
        .filter(metric -> metric.name().equals(LATENCY))
        .findFirst()
        .orElseThrow()
        .samples()
        .getFirst();
  }
}
