package io.flashdns.plugins.metrics;

import io.flashdns.core.plugin.Label;
import io.flashdns.core.plugin.Metrics;
import io.flashdns.core.plugin.Plugin;
import io.flashdns.core.plugin.PluginContext;
import io.flashdns.core.plugin.PluginFactory;

/** Counts queries by what they ask for and times them, under the name {@code metrics}. */
public final class MetricsPluginFactory implements PluginFactory<MetricsPluginConfig> {
  @Override
  public String name() {
    return "metrics";
  }

  @Override
  public int spiVersion() {
    return SPI_VERSION;
  }

  @Override
  public Class<MetricsPluginConfig> configType() {
    return MetricsPluginConfig.class;
  }

  @Override
  public Plugin create(MetricsPluginConfig config, PluginContext context) {
    Metrics metrics = context.metrics();
    int queries =
        metrics.counter(
            "queries",
            "Queries by protocol, family of the client's address, and type",
            Label.of("protocol", "udp", "tcp"),
            Label.of("family", "ipv4", "ipv6"),
            QuestionTypes.label());
    if (config.sampleEvery() == 0) {
      return new MetricsPlugin(config, queries, 0, null);
    }
    int latency =
        metrics.histogram(
            "latency",
            "Time from the receipt of a query's batch to its finished reply, of samples");
    if (!config.hasZones()) {
      return new MetricsPlugin(config, queries, latency, null);
    }
    BusiestZones zones = new BusiestZones(config.zones(), config.sampleEvery());
    metrics.source(sink -> zones.collect(context.catalog(), context.views(), sink));
    return new MetricsPlugin(config, queries, latency, zones);
  }
}
