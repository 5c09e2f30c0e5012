package io.flashdns.plugins.acl;

import io.flashdns.core.plugin.Plugin;
import io.flashdns.core.plugin.PluginContext;
import io.flashdns.core.plugin.PluginFactory;
import io.flashdns.core.plugin.Query;
import io.flashdns.core.plugin.Response;
import io.flashdns.core.plugin.Router;
import io.flashdns.core.plugin.Verdict;
import io.flashdns.core.plugin.WorkerContext;
import java.util.List;

/** A router for tests: source ports from 1,000 to 1,999 see one view, others the public one. */
final class ViewByPort implements PluginFactory<ViewByPort.Config> {
  record Config(String view) {}

  @Override
  public String name() {
    return "view-by-port";
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
    int view = context.views().number(config.view());
    return (WorkerContext _) -> List.of(new ByPort(view));
  }

  private record ByPort(int view) implements Router {
    @Override
    public Verdict route(Query query, Response response) {
      if (query.sourcePort() >= 1_000 && query.sourcePort() < 2_000) {
        query.view(view);
      }
      return Verdict.CONTINUE;
    }
  }
}
