package io.flashdns.plugins.ratelimit;

import io.flashdns.core.plugin.Plugin;
import io.flashdns.core.plugin.PluginContext;
import io.flashdns.core.plugin.PluginFactory;
import io.flashdns.core.plugin.WorkerContext;
import java.util.List;

/**
 * Limits what one source, and each prefix that it lies in, is answered over UDP in a second, under
 * the name {@code ratelimit}.
 */
public final class RateLimitPluginFactory implements PluginFactory<RateLimitPluginConfig> {
  @Override
  public String name() {
    return "ratelimit";
  }

  @Override
  public int spiVersion() {
    return SPI_VERSION;
  }

  @Override
  public Class<RateLimitPluginConfig> configType() {
    return RateLimitPluginConfig.class;
  }

  @Override
  public Plugin create(RateLimitPluginConfig config, PluginContext context) {
    return config.rate() == 0
        ? (WorkerContext _) -> List.of()
        : new RateLimitPlugin(config, context.metrics());
  }
}
