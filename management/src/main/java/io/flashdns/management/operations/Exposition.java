package io.flashdns.management.operations;

import io.flashdns.core.engine.Metric;
import io.flashdns.core.plugin.Counts;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Exemplars;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Metrics in the text formats of Prometheus: its own, version 0.0.4, and OpenMetrics 1.0.
 *
 * <p>A metric that a plugin has made so that the format does not take it, such as one with two
 * samples of the same labels, is left away and counted; the others are not harmed. It is logged
 * once.
 *
 * <p>Safe for all threads.
 */
final class Exposition {
  private static final Logger log = LoggerFactory.getLogger(Exposition.class);
  private static final String LEFT_AWAY = "flashdns_operations_unwritable_metrics";

  /** Upper bounds in seconds of all histograms. */
  private static final double[] BOUNDS = bounds();

  private final ExpositionFormatWriter text = PrometheusTextFormatWriter.create();
  private final ExpositionFormatWriter openMetrics = OpenMetricsTextFormatWriter.create();
  private final Set<String> complainedOf = ConcurrentHashMap.newKeySet();

  private static double[] bounds() {
    double[] bounds = new double[Counts.BUCKETS];
    for (int i = 0; i < bounds.length - 1; i++) {
      bounds[i] = (Counts.FIRST_BOUND_NANOS << i) / 1e9;
    }
    bounds[bounds.length - 1] = Double.POSITIVE_INFINITY;
    return bounds;
  }

  /**
   * The format for a client.
   *
   * @param accept what it takes, or null when it does not say
   */
  ExpositionFormatWriter format(@Nullable String accept) {
    return accept != null && openMetrics.accepts(accept) ? openMetrics : text;
  }

  /** These metrics, and one that says how many could not be written. */
  MetricSnapshots snapshots(List<Metric> metrics) {
    List<MetricSnapshot> good = new ArrayList<>();
    Set<String> names = new HashSet<>();
    int leftAway = 0;
    for (Metric metric : metrics) {
      try {
        MetricSnapshot snapshot = snapshot(metric);
        if (!names.add(snapshot.getMetadata().getPrometheusName())) {
          throw new IllegalArgumentException("two metrics have this name");
        }
        good.add(snapshot);
      } catch (RuntimeException e) {
        leftAway++;
        complain(metric.name(), e);
      }
    }
    good.add(
        snapshot(
            Samples.gauge(
                LEFT_AWAY, "Metrics that a plugin made so that they cannot be shown", leftAway)));
    return new MetricSnapshots(good);
  }

  private void complain(String name, RuntimeException e) {
    if (complainedOf.add(name)) {
      log.warn("the metric {} cannot be shown: {}", name, e.getMessage());
    }
  }

  private static MetricSnapshot snapshot(Metric metric) {
    return switch (metric.kind()) {
      case COUNTER ->
          new CounterSnapshot(
              new MetricMetadata(metric.name(), metric.help()),
              metric.samples().stream()
                  .map(s -> new CounterDataPointSnapshot(s.value(), labels(metric, s), null, 0))
                  .toList());
      case GAUGE ->
          new GaugeSnapshot(
              new MetricMetadata(metric.name(), metric.help()),
              metric.samples().stream()
                  .map(s -> new GaugeDataPointSnapshot(s.value(), labels(metric, s), null))
                  .toList());
      case HISTOGRAM ->
          new HistogramSnapshot(
              new MetricMetadata(metric.name() + "_seconds", metric.help()),
              metric.samples().stream().map(s -> histogram(metric, s)).toList());
    };
  }

  private static HistogramDataPointSnapshot histogram(Metric metric, Metric.Sample sample) {
    long[] counts = sample.buckets().stream().mapToLong(Long::longValue).toArray();
    return new HistogramDataPointSnapshot(
        ClassicHistogramBuckets.of(BOUNDS, counts),
        sample.value() / 1e9,
        labels(metric, sample),
        Exemplars.EMPTY,
        0);
  }

  private static Labels labels(Metric metric, Metric.Sample sample) {
    return metric.labelNames().isEmpty()
        ? Labels.EMPTY
        : Labels.of(metric.labelNames(), sample.labelValues());
  }
}
