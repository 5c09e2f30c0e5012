package io.flashdns.plugins.tenancy;

import io.flashdns.core.plugin.Hook;
import io.flashdns.core.plugin.Metrics;
import io.flashdns.core.plugin.Plugin;
import io.flashdns.core.plugin.PluginContext;
import io.flashdns.core.plugin.WorkerContext;
import io.flashdns.core.zone.Catalog;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the workers share: tables of views, budgets, the ledger. */
final class TenancyPlugin implements Plugin {
  private final TenancyPluginConfig config;
  private final Ledger ledger;
  private final @Nullable ViewTables views;
  private final int suspendedCounter;
  private final int hiddenCounter;
  private volatile @Nullable Budgets budgets;
  private @Nullable Catalog budgetsAreOf;

  /**
   * @throws IllegalArgumentException when the views cannot be had as configured
   */
  TenancyPlugin(TenancyPluginConfig config, PluginContext context, Ledger ledger) {
    this.config = config;
    this.ledger = ledger;
    this.views =
        config.views().isEmpty()
            ? null
            : new ViewTables(config.views(), context.listeners(), context.views());
    Metrics metrics = context.metrics();
    suspendedCounter =
        metrics.counter("suspended", "Queries refused because zone or tenant is suspended");
    hiddenCounter =
        metrics.counter("hidden", "Queries refused because an exclusive view hides the zone");
    metrics.counter(
        "over_budget", "Queries above their tenant's budget", () -> ledger.overBudget());
    metrics.gauge("tenants", "Tenants of the zones that are served", () -> ledger.tenants());
    metrics.gauge(
        "suspended_tenants", "Tenants that are suspended", () -> ledger.suspendedTenants());
    metrics.gauge(
        "counter_bytes", "Memory of the counters of zones and tenants", () -> ledger.bytes());
    metrics.onDemand("tenants", ledger::collectTenants);
    metrics.onDemand("zones", sink -> ledger.collectZones(sink, context.views()));
  }

  @Override
  public List<? extends Hook> hooks(WorkerContext worker) {
    TenancyHook hook = new TenancyHook(this, ledger.worker(worker.index()), worker.counts());
    return views == null ? List.of(hook) : List.of(new ViewRouter(views, hook), hook);
  }

  @Override
  public void catalogChanged(Catalog before, Catalog after) {
    ledger.changed(before, after);
    if (budgetsAreOf == null || !after.hasTenantsOf(budgetsAreOf)) {
      budgets = Budgets.next(budgets, after, config.defaultQueriesPerSecond(), config.burst());
    }
    budgetsAreOf = after;
  }

  /** Null while no tenant has a budget. */
  @Nullable Budgets budgets() {
    return budgets;
  }

  OverBudget overBudget() {
    return config.overBudget();
  }

  int suspendedCounter() {
    return suspendedCounter;
  }

  int hiddenCounter() {
    return hiddenCounter;
  }
}
