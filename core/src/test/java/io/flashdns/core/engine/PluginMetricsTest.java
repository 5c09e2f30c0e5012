package io.flashdns.core.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.embedded.EmbeddedServer;
import io.flashdns.core.plugin.Counts;
import io.flashdns.core.plugin.Label;
import io.flashdns.core.plugin.Metrics;
import io.flashdns.core.plugin.Protocol;
import io.flashdns.core.plugin.WorkerContext;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What plugins and the engine count, as it is collected. */
final class PluginMetricsTest {
  private final List<String> failed = new ArrayList<>();

  /** An engine with one plugin that registers something, and its workers' slots. */
  private Engine engine(List<Counts> slots, Consumer<Metrics> registering) {
    TestPlugin plugin =
        TestPlugin.making(
                "rate-limit",
                worker -> {
                  slots.add(worker.counts());
                  return List.of();
                })
            .onCreate(context -> registering.accept(context.metrics()));
    return new Engine(
        EngineConfig.of(new NameHash(1)),
        List.of(plugin.bound()),
        new EngineEvents() {
          @Override
          public void pluginTaskFailed(String name, Throwable fault) {
            failed.add(name + " " + fault);
          }
        });
  }

  private static @Nullable Metric metric(List<Metric> all, String name) {
    List<Metric> found = all.stream().filter(metric -> metric.name().equals(name)).toList();
    assertThat(found).hasSizeLessThan(2);
    return found.isEmpty() ? null : found.getFirst();
  }

  @Test
  void counterIsTheSumOverTheWorkers() {
    List<Counts> slots = new ArrayList<>();
    int[] handles = new int[2];
    try (Engine engine =
        engine(
            slots,
            metrics -> {
              handles[0] = metrics.counter("limited", "Replies that were limited");
              handles[1] = metrics.counter("dropped", "Replies that were dropped");
            })) {
      for (int worker = 0; worker < 3; worker++) {
        engine.newWorker();
        slots.get(worker).add(handles[0], worker + 1);
      }
      slots.get(1).increment(handles[1]);

      Metric limited = metric(engine.metrics(), "flashdns_rate_limit_limited");
      assertThat(limited)
          .isEqualTo(
              new Metric(
                  "flashdns_rate_limit_limited",
                  "Replies that were limited",
                  Metric.Kind.COUNTER,
                  List.of(),
                  List.of(new Metric.Sample(List.of(), 6, List.of()))));
      assertThat(metric(engine.metrics(), "flashdns_rate_limit_dropped").samples())
          .containsExactly(new Metric.Sample(List.of(), 1, List.of()));
    }
  }

  @Test
  void membersOfAFamilyStandWhereTheirValuesNumbersSayAndUnseenOnesAreLeftOut() {
    List<Counts> slots = new ArrayList<>();
    int[] handle = new int[2];
    try (Engine engine =
        engine(
            slots,
            metrics -> {
              handle[0] =
                  metrics.counter(
                      "by", "By all", Label.of("a", "x", "y"), Label.of("b", "1", "2", "3"));
              handle[1] = metrics.counter("next", "Stands behind the family");
            })) {
      engine.newWorker();
      assertThat(handle[1]).isEqualTo(handle[0] + 6);
      Counts counts = slots.getFirst();
      for (int i = 0; i < 2; i++) {
        for (int j = 0; j < 3; j++) {
          counts.add(handle[0] + i * 3 + j, i == 1 && j == 1 ? 0 : 10 * i + j + 1);
        }
      }

      Metric family = metric(engine.metrics(), "flashdns_rate_limit_by");
      assertThat(family.labelNames()).containsExactly("a", "b");
      assertThat(family.samples())
          .extracting(sample -> sample.labelValues() + " " + (long) sample.value())
          .containsExactly("[x, 1] 1", "[x, 2] 2", "[x, 3] 3", "[y, 1] 11", "[y, 3] 13");
      assertThat(metric(engine.metrics(), "flashdns_rate_limit_next").samples().getFirst().value())
          .as("a counter without labels is always said")
          .isZero();
    }
  }

  @Test
  void histogramHasBucketsAndTheSumOfItsTimes() {
    List<Counts> slots = new ArrayList<>();
    int[] handle = new int[1];
    try (Engine engine =
        engine(slots, metrics -> handle[0] = metrics.histogram("answer", "Time to answer"))) {
      engine.newWorker();
      engine.newWorker();
      slots.get(0).record(handle[0], 100);
      slots.get(0).record(handle[0], 600);
      slots.get(1).record(handle[0], 700);

      Metric times = metric(engine.metrics(), "flashdns_rate_limit_answer");
      assertThat(times.kind()).isEqualTo(Metric.Kind.HISTOGRAM);
      Metric.Sample sample = times.samples().getFirst();
      assertThat(sample.value()).isEqualTo(1_400);
      assertThat(sample.buckets()).hasSize(Counts.BUCKETS).startsWith(1L, 2L, 0L);
      assertThat(sample.buckets().stream().mapToLong(Long::longValue).sum()).isEqualTo(3);
    }
  }

  @Test
  void suppliersAndSourcesAreAskedAtEachScrape() {
    double[] value = {1};
    try (Engine engine =
        engine(
            new ArrayList<>(),
            metrics -> {
              metrics.gauge("depth", "How deep", () -> value[0]);
              metrics.counter("written", "How many", () -> (long) value[0] * 10);
              metrics.source(
                  sink -> {
                    sink.counter("by_zone", "Queries", 7, "zone", "a.");
                    sink.counter("by_zone", "Queries", (long) value[0], "zone", "b.");
                    sink.gauge("open", "Files", 0.5);
                  });
            })) {
      engine.newWorker();
      for (int i = 1; i < 4; i++) {
        value[0] = i;
        List<Metric> all = engine.metrics();
        assertThat(metric(all, "flashdns_rate_limit_depth").samples().getFirst().value())
            .isEqualTo(i);
        assertThat(metric(all, "flashdns_rate_limit_depth").kind()).isEqualTo(Metric.Kind.GAUGE);
        assertThat(metric(all, "flashdns_rate_limit_written").samples().getFirst().value())
            .isEqualTo(10 * i);
        assertThat(metric(all, "flashdns_rate_limit_by_zone").samples())
            .extracting(sample -> sample.labelValues() + " " + (long) sample.value())
            .containsExactly("[a.] 7", "[b.] " + i);
        assertThat(metric(all, "flashdns_rate_limit_open").samples().getFirst().value())
            .isEqualTo(0.5);
      }
    }
  }

  @Test
  void setOnDemandIsGivenOnDemandAlone() {
    int[] asked = {0};
    try (Engine engine =
        engine(
            new ArrayList<>(),
            metrics ->
                metrics.onDemand(
                    "tenants",
                    sink -> {
                      asked[0]++;
                      sink.counter("queries", "Queries", 3, "tenant", "acme/web");
                    }))) {
      engine.newWorker();
      assertThat(metric(engine.metrics(), "flashdns_rate_limit_queries")).isNull();
      assertThat(asked[0]).isZero();
      assertThat(engine.metricSets()).containsExactly("tenants");
      assertThat(engine.metrics("others")).isNull();
      assertThat(engine.metrics("tenants")).hasSize(1);
      assertThat(asked[0]).isEqualTo(1);
    }
  }

  @Test
  void twoMetricsOfOneNameAreRefused() {
    List<Consumer<Metrics>> each =
        List.of(
            metrics -> metrics.counter("same", "Help"),
            metrics -> metrics.histogram("same", "Help"),
            metrics -> metrics.gauge("same", "Help", () -> 1),
            metrics -> metrics.counter("same", "Help", () -> 1L));
    for (Consumer<Metrics> first : each) {
      for (Consumer<Metrics> second : each) {
        assertThatThrownBy(() -> engine(new ArrayList<>(), first.andThen(second)))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("two metrics have the name same");
      }
    }
    Consumer<Metrics> set = metrics -> metrics.onDemand("same", _ -> {});
    assertThatThrownBy(() -> engine(new ArrayList<>(), set.andThen(set)))
        .hasMessageContaining("two sets of metrics have the name same");
    assertThatThrownBy(() -> engine(new ArrayList<>(), metrics -> metrics.counter("No", "Help")))
        .hasMessageContaining("'No' is no name of a metric");
  }

  @Test
  void registrationAfterTheFirstHooksIsRefused() {
    List<Consumer<Metrics>> each =
        List.of(
            metrics -> metrics.counter("late", "Help"),
            metrics -> metrics.histogram("late", "Help"),
            metrics -> metrics.gauge("late", "Help", () -> 1),
            metrics -> metrics.counter("late", "Help", () -> 1L),
            metrics -> metrics.source(_ -> {}),
            metrics -> metrics.onDemand("late", _ -> {}));
    AtomicReference<@Nullable Metrics> kept = new AtomicReference<>();
    try (Engine engine = engine(new ArrayList<>(), kept::set)) {
      engine.describePipeline();
      kept.get().counter("between", "Showing the pipeline is no start");
      engine.newWorker();
      for (Consumer<Metrics> late : each) {
        assertThatThrownBy(() -> late.accept(kept.get()))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("is registered after the first hooks: do it in create");
      }
    }
  }

  @Test
  void pluginThatFailsAtAScrapeLeavesTheMetricsOfTheOthers() {
    try (Engine engine =
        engine(
            new ArrayList<>(),
            metrics -> {
              metrics.counter("before", "Said before it fails");
              metrics.source(
                  _ -> {
                    throw new StackOverflowError("on purpose");
                  });
            })) {
      engine.newWorker();
      List<Metric> all = engine.metrics();

      assertThat(metric(all, "flashdns_zones")).isNotNull();
      assertThat(metric(all, "flashdns_rate_limit_before")).isNotNull();
      assertThat(failed).containsExactly("rate-limit java.lang.StackOverflowError: on purpose");
    }
  }

  @Test
  void samplesOfOneNameHaveOneKindAndOneSetOfLabels() {
    try (Engine engine =
        engine(
            new ArrayList<>(),
            metrics ->
                metrics.source(
                    sink -> {
                      sink.counter("mixed", "Help", 1, "zone", "a.");
                      sink.counter("mixed", "Help", 1, "tenant", "a");
                    }))) {
      engine.newWorker();
      assertThat(metric(engine.metrics(), "flashdns_rate_limit_mixed").samples()).hasSize(1);
      assertThat(failed)
          .singleElement()
          .asString()
          .contains("samples of flashdns_rate_limit_mixed have different labels or kinds");
    }
  }

  @Test
  void hooksToShowThePipelineHaveSlotsThatNobodyReads() {
    List<Counts> slots = new ArrayList<>();
    int[] handle = new int[1];
    try (Engine engine = engine(slots, metrics -> handle[0] = metrics.counter("limited", "Help"))) {
      engine.describePipeline();
      slots.getFirst().increment(handle[0]);
      engine.newWorker();

      assertThat(
              metric(engine.metrics(), "flashdns_rate_limit_limited").samples().getFirst().value())
          .isZero();
      assertThat(WorkerContext.DESCRIBE).isNegative();
    }
  }

  @Test
  void engineCountsWhatItDoes() {
    EmbeddedServer server = EmbeddedServer.serving(SmallServer.ZONE);
    server.ask("www.example.", RecordType.A);
    server.ask("no.example.", RecordType.A);
    server.over(Protocol.TCP).ask("elsewhere.", RecordType.A);
    server.ask(new byte[12]);
    server.ask(new byte[3]);

    assertThat(server.metric("flashdns_queries", "udp")).isEqualTo(2);
    assertThat(server.metric("flashdns_queries", "tcp")).isEqualTo(3);
    assertThat(server.metric("flashdns_queries")).isEqualTo(5);
    assertThat(server.metric("flashdns_responses", "NOERROR")).isEqualTo(1);
    assertThat(server.metric("flashdns_responses", "NXDOMAIN")).isEqualTo(1);
    assertThat(server.metric("flashdns_responses", "REFUSED")).isEqualTo(1);
    assertThat(server.metric("flashdns_responses", "FORMERR")).isEqualTo(1);
    assertThat(server.metric("flashdns_dropped_queries")).isEqualTo(1);
    assertThat(server.metric("flashdns_malformed_queries")).isEqualTo(1);
    assertThat(server.metric("flashdns_zones")).isEqualTo(1);
    assertThat(server.metric("flashdns_workers")).isEqualTo(1);
    assertThat(server.metric("flashdns_plugin_faults", "zone", "answer")).isZero();
    assertThat(server.metric("no_such_metric")).isZero();
    assertThat(server.engine().metrics())
        .as("every metric has a help, and samples with a value for each label")
        .allSatisfy(
            metric -> {
              assertThat(metric.name()).matches("flashdns_[a-z0-9_]+").doesNotEndWith("_total");
              assertThat(metric.help()).isNotEmpty().doesNotEndWith(".");
              assertThat(metric.samples())
                  .allMatch(s -> s.labelValues().size() == metric.labelNames().size());
            });
  }
}
