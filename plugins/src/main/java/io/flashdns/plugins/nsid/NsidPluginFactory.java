package io.flashdns.plugins.nsid;

import io.flashdns.core.plugin.Plugin;
import io.flashdns.core.plugin.PluginContext;
import io.flashdns.core.plugin.PluginFactory;
import io.flashdns.core.plugin.WorkerContext;
import java.util.List;

/** Tells the name of this server to who asks for it (RFC 5001), under the name {@code nsid}. */
public final class NsidPluginFactory implements PluginFactory<NsidPluginConfig> {
  @Override
  public String name() {
    return "nsid";
  }

  @Override
  public int spiVersion() {
    return SPI_VERSION;
  }

  @Override
  public Class<NsidPluginConfig> configType() {
    return NsidPluginConfig.class;
  }

  @Override
  public Plugin create(NsidPluginConfig config, PluginContext context) {
    byte[] id = config.octets();
    int told = context.metrics().counter("told", "Queries whose reply was given the NSID option");
    return (WorkerContext worker) -> List.of(new NsidGate(id, worker.counts(), told));
  }
}
