package io.flashdns.plugins.cookies;

import io.flashdns.core.plugin.Plugin;
import io.flashdns.core.plugin.PluginContext;
import io.flashdns.core.plugin.PluginFactory;
import java.security.SecureRandom;

/** DNS cookies (RFC 7873, RFC 9018), under the name {@code cookies}. */
public final class CookiesPluginFactory implements PluginFactory<CookiesPluginConfig> {
  @Override
  public String name() {
    return "cookies";
  }

  @Override
  public int spiVersion() {
    return SPI_VERSION;
  }

  @Override
  public Class<CookiesPluginConfig> configType() {
    return CookiesPluginConfig.class;
  }

  @Override
  public Plugin create(CookiesPluginConfig config, PluginContext context) {
    SecretSource source =
        config.secretFile().isPresent()
            ? new OperatorSecrets(config.secretFile().get())
            : new OwnSecrets(context.dataFolder(), config.rotate().toSeconds(), new SecureRandom());
    return new CookiesPlugin(config, source, context);
  }
}
