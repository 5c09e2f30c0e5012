package io.flashdns.plugins.metrics;

import io.flashdns.core.plugin.Observer;
import io.flashdns.core.plugin.Plugin;
import io.flashdns.core.plugin.WorkerContext;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The configured plugin: an observer for each worker, and what is made of their notes. */
final class MetricsPlugin implements Plugin {
  /** An odd number whose bits look random: seeds of neighbours are far apart. */
  private static final long SEED_STEP = 0x9e37_79b9_7f4a_7c15L;

  private final MetricsPluginConfig config;
  private final int queries;
  private final int latency;
  private final @Nullable BusiestZones zones;

  /**
   * Counts into these handles.
   *
   * @param zones null when zones are not counted
   */
  MetricsPlugin(
      MetricsPluginConfig config, int queries, int latency, @Nullable BusiestZones zones) {
    this.config = config;
    this.queries = queries;
    this.latency = latency;
    this.zones = zones;
  }

  @Override
  public List<Observer> hooks(WorkerContext worker) {
    boolean counts = worker.index() != WorkerContext.DESCRIBE;
    return List.of(
        new QueryObserver(
            worker.counts(),
            queries,
            latency,
            zones != null && counts ? zones.newNotes() : null,
            config.sampleEvery(),
            (worker.index() + 2) * SEED_STEP));
  }

  @Override
  public void tick(long nowNanos) {
    if (zones != null) {
      zones.read(nowNanos);
    }
  }
}
