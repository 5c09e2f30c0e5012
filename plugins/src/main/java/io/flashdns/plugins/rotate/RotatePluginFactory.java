package io.flashdns.plugins.rotate;

import io.flashdns.core.plugin.Plugin;
import io.flashdns.core.plugin.PluginContext;
import io.flashdns.core.plugin.PluginFactory;
import io.flashdns.core.plugin.WorkerContext;
import java.security.SecureRandom;
import java.util.List;

/** Turns the addresses of answers round, under the name {@code rotate}. */
public final class RotatePluginFactory implements PluginFactory<RotatePluginConfig> {
  @Override
  public String name() {
    return "rotate";
  }

  @Override
  public int spiVersion() {
    return SPI_VERSION;
  }

  @Override
  public Class<RotatePluginConfig> configType() {
    return RotatePluginConfig.class;
  }

  @Override
  public Plugin create(RotatePluginConfig config, PluginContext context) {
    boolean random = config.mode() == RotatePluginConfig.Mode.RANDOM;
    SecureRandom seeds = new SecureRandom();
    return (WorkerContext worker) -> List.of(new AddressTurner(random, seeds.nextLong()));
  }
}
