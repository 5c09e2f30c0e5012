package io.flashdns.plugins.chaos;

import io.flashdns.core.plugin.Label;
import io.flashdns.core.plugin.Plugin;
import io.flashdns.core.plugin.PluginContext;
import io.flashdns.core.plugin.PluginFactory;
import io.flashdns.core.plugin.WorkerContext;
import java.util.List;

/** Tells version and name of this server in class CH (RFC 4892), under the name {@code chaos}. */
public final class ChaosPluginFactory implements PluginFactory<ChaosPluginConfig> {
  @Override
  public String name() {
    return "chaos";
  }

  @Override
  public int spiVersion() {
    return SPI_VERSION;
  }

  @Override
  public Class<ChaosPluginConfig> configType() {
    return ChaosPluginConfig.class;
  }

  @Override
  public Plugin create(ChaosPluginConfig config, PluginContext context) {
    int answers =
        context
            .metrics()
            .counter(
                "answers",
                "Queries of class CH that were answered",
                Label.of("told", "version", "id"));
    return (WorkerContext worker) -> List.of(new ChaosAnswerer(config, worker, answers));
  }
}
