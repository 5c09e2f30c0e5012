package io.flashdns.core.engine;

import io.flashdns.core.plugin.MetricSink;
import io.flashdns.core.plugin.Metrics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Puts samples together by metric. Used by one thread. */
final class MetricCollector {
  private final Map<String, Metric> metrics = new LinkedHashMap<>();

  void counter(
      String name, String help, List<String> labelNames, List<String> labelValues, long value) {
    add(name, help, Metric.Kind.COUNTER, labelNames, labelValues, (double) value);
  }

  void gauge(
      String name, String help, List<String> labelNames, List<String> labelValues, double value) {
    add(name, help, Metric.Kind.GAUGE, labelNames, labelValues, value);
  }

  void histogram(String name, String help, long[] buckets, double sumNanos) {
    List<Long> counts = Arrays.stream(buckets).boxed().toList();
    metric(name, help, Metric.Kind.HISTOGRAM, List.of())
        .samples()
        .add(new Metric.Sample(List.of(), sumNanos, counts));
  }

  private void add(
      String name,
      String help,
      Metric.Kind kind,
      List<String> labelNames,
      List<String> labelValues,
      double value) {
    metric(name, help, kind, labelNames)
        .samples()
        .add(new Metric.Sample(labelValues, value, List.of()));
  }

  private Metric metric(String name, String help, Metric.Kind kind, List<String> labelNames) {
    Metric metric =
        metrics.computeIfAbsent(
            name, n -> new Metric(n, help, kind, labelNames, new ArrayList<>()));
    if (metric.kind() != kind || !metric.labelNames().equals(labelNames)) {
      throw new IllegalArgumentException(
          "samples of " + name + " have different labels or kinds: give them other names");
    }
    return metric;
  }

  /** What a plugin says, under its prefix. */
  Prefixed prefixed(String prefix) {
    return new Prefixed(prefix);
  }

  List<Metric> metrics() {
    return List.copyOf(metrics.values());
  }

  /** The sink for a plugin's sources. */
  final class Prefixed implements MetricSink {
    private final String prefix;

    private Prefixed(String prefix) {
      this.prefix = prefix;
    }

    @Override
    public void counter(String name, String help, long value, String... labels) {
      MetricCollector.this.counter(
          prefix + Metrics.requireName(name), help, names(labels), values(labels), value);
    }

    @Override
    public void gauge(String name, String help, double value, String... labels) {
      MetricCollector.this.gauge(
          prefix + Metrics.requireName(name), help, names(labels), values(labels), value);
    }

    private static List<String> names(String[] labels) {
      if (labels.length % 2 != 0) {
        throw new IllegalArgumentException("labels are names and values in turn");
      }
      List<String> names = new ArrayList<>(labels.length / 2);
      for (int i = 0; i < labels.length; i += 2) {
        names.add(Metrics.requireName(labels[i]));
      }
      return names;
    }

    private static List<String> values(String[] labels) {
      List<String> values = new ArrayList<>(labels.length / 2);
      for (int i = 1; i < labels.length; i += 2) {
        values.add(labels[i]);
      }
      return values;
    }
  }
}
