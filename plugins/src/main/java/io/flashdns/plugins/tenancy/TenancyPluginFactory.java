package io.flashdns.plugins.tenancy;

import io.flashdns.core.plugin.Plugin;
import io.flashdns.core.plugin.PluginContext;
import io.flashdns.core.plugin.PluginFactory;
import io.flashdns.core.zone.Views;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * Makes the plugin {@code tenancy}: views, suspended tenants, budgets, and counters to bill by.
 *
 * <p>What was counted outlives a change of the plugin's configuration: the ledger belongs to the
 * server that it counts for, which is told from others by its views.
 */
public final class TenancyPluginFactory implements PluginFactory<TenancyPluginConfig> {
  private final Map<Views, Ledger> ledgers = new WeakHashMap<>();

  @Override
  public String name() {
    return "tenancy";
  }

  @Override
  public int spiVersion() {
    return SPI_VERSION;
  }

  @Override
  public Class<TenancyPluginConfig> configType() {
    return TenancyPluginConfig.class;
  }

  @Override
  public Plugin create(TenancyPluginConfig config, PluginContext context) {
    Ledger ledger;
    synchronized (ledgers) {
      ledger = ledgers.computeIfAbsent(context.views(), _ -> new Ledger());
    }
    return new TenancyPlugin(config, context, ledger);
  }

  /** Without it suspended zones and the zones of other views would be answered from. */
  @Override
  public boolean failsClosed() {
    return true;
  }
}
