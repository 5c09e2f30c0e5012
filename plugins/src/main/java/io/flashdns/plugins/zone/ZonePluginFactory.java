package io.flashdns.plugins.zone;

import io.flashdns.core.answer.AuthoritativeAnswerer;
import io.flashdns.core.plugin.Plugin;
import io.flashdns.core.plugin.PluginContext;
import io.flashdns.core.plugin.PluginFactory;
import io.flashdns.core.plugin.WorkerContext;
import java.util.List;

/**
 * Puts the answering from zones (RFC 1034 §4.3.2) into the answer phase, under the name {@code
 * zone}.
 */
public final class ZonePluginFactory implements PluginFactory<ZonePluginConfig> {
  @Override
  public String name() {
    return "zone";
  }

  @Override
  public int spiVersion() {
    return SPI_VERSION;
  }

  @Override
  public Class<ZonePluginConfig> configType() {
    return ZonePluginConfig.class;
  }

  @Override
  public Plugin create(ZonePluginConfig config, PluginContext context) {
    return (WorkerContext worker) -> List.of(new AuthoritativeAnswerer(worker.hash()));
  }

  /** Without it there are no answers: all queries are REFUSED. */
  @Override
  public boolean failsClosed() {
    return true;
  }
}
