package io.flashdns.core.embedded;

import io.flashdns.core.plugin.Gate;
import io.flashdns.core.plugin.Plugin;
import io.flashdns.core.plugin.PluginContext;
import io.flashdns.core.plugin.PluginFactory;
import io.flashdns.core.plugin.Verdict;
import java.util.List;

/**
 * Gives those who ask with an EDNS option the same option with a value, as NSID does (RFC 5001).
 */
public final class OptionPlugin implements PluginFactory<OptionPlugin.Config> {
  /** The option's code and the data that it comes back with. */
  public record Config(int code, byte[] data) {}

  @Override
  public String name() {
    return "option";
  }

  @Override
  public int spiVersion() {
    return SPI_VERSION;
  }

  @Override
  public Class<Config> configType() {
    return Config.class;
  }

  @Override
  public Plugin create(Config config, PluginContext context) {
    int code = config.code();
    byte[] data = config.data();
    Gate gate =
        (query, response) -> {
          if (query.optionOffset(code) >= 0) {
            response.addOption(code, data, 0, data.length);
          }
          return Verdict.CONTINUE;
        };
    return _ -> List.of(gate);
  }
}
