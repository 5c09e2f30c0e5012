package io.flashdns.plugins.ratelimit;

import io.flashdns.core.dns.EdnsOption;
import io.flashdns.core.plugin.Gate;
import io.flashdns.core.plugin.Plugin;
import io.flashdns.core.plugin.PluginContext;
import io.flashdns.core.plugin.PluginFactory;
import io.flashdns.core.plugin.Query;
import io.flashdns.core.plugin.Response;
import io.flashdns.core.plugin.Verdict;
import io.flashdns.core.plugin.WorkerContext;
import java.util.List;

/** Believes who has a certain message id, and gives everybody with EDNS an option. */
final class TestGate implements PluginFactory<TestGate.Config>, Gate {
  static final int PROVING_ID = 7_777;
  static final int OPTION_BYTES = 24;

  record Config() {}

  @Override
  public String name() {
    return "gate";
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
    return (WorkerContext _) -> List.of(this);
  }

  @Override
  public Verdict admit(Query query, Response response) {
    if (io.flashdns.core.dns.Wire.u16(query.message(), 0) == PROVING_ID) {
      query.proveSource();
    }
    response.addOption(EdnsOption.COOKIE, new byte[OPTION_BYTES], 0, OPTION_BYTES);
    return Verdict.CONTINUE;
  }
}
