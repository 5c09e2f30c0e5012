package io.flashdns.management.operations;

import io.flashdns.core.engine.Engine;
import io.flashdns.core.engine.Metric;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where the metrics come from: the engine with its plugins, the process, its health, and what else
 * the server adds. Safe for all threads.
 */
final class MetricSets {
  private final Engine engine;
  private final Health health;
  private final Supplier<List<Metric>> more;
  private final String version;

  /**
   * All sources.
   *
   * @param more what the server adds, such as the counters of its sockets
   */
  MetricSets(Engine engine, Health health, Supplier<List<Metric>> more, String version) {
    this.engine = engine;
    this.health = health;
    this.more = more;
    this.version = version;
  }

  /** What each scrape shows. */
  List<Metric> all() {
    List<Metric> metrics = new ArrayList<>(engine.metrics());
    metrics.addAll(more.get());
    metrics.addAll(health.metrics());
    metrics.addAll(ProcessMetrics.collect(version));
    return metrics;
  }

  /** A set on demand, or null when no plugin has one of that name. */
  @Nullable List<Metric> onDemand(String name) {
    return engine.metrics(name);
  }

  /** Names of the sets on demand, in order. */
  Set<String> names() {
    return engine.metricSets();
  }
}
