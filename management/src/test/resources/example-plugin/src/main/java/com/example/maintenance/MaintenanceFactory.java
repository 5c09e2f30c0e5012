package com.example.maintenance;

import io.flashdns.core.plugin.Label;
import io.flashdns.core.plugin.Plugin;
import io.flashdns.core.plugin.PluginContext;
import io.flashdns.core.plugin.PluginFactory;
import java.util.List;

/** Makes the plugin {@code maintenance}. */
public final class MaintenanceFactory implements PluginFactory<MaintenanceConfig> {
  @Override
  public String name() {
    return "maintenance";
  }

  @Override
  public int spiVersion() {
    return SPI_VERSION; // the one that this is compiled against
  }

  @Override
  public Class<MaintenanceConfig> configType() {
    return MaintenanceConfig.class;
  }

  @Override
  public Plugin create(MaintenanceConfig config, PluginContext context) {
    Notices notices = new Notices(config, context.hash());
    int answered =
        context
            .metrics()
            .counter(
                "answered",
                "Queries for names under maintenance",
                Label.of("type", "A", "AAAA", "TXT"));
    // Each worker has an answerer of its own: it needs no locks.
    return worker -> List.of(new MaintenanceAnswerer(notices, worker.counts(), answered));
  }
}
