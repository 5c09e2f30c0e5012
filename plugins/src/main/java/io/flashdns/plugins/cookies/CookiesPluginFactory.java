package io.flashdns.plugins.cookies;

import io.flashdns.core.plugin.Plugin;
import io.flashdns.core.plugin.PluginContext;
import io.flashdns.core.plugin.PluginFactory;
import java.nio.file.Path;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

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
    return new CookiesPlugin(config, source(config, context.dataFolder()), context);
  }

  private static SecretSource source(CookiesPluginConfig config, @Nullable Path folder) {
    if (config.secretFile().isPresent()) {
      return new OperatorSecrets(config.secretFile().get());
    }
    OwnSecrets own = new OwnSecrets(folder, config.rotate().toSeconds(), new SecureRandom());
    return folder == null ? own : new FleetSecrets(folder, own);
  }
}
