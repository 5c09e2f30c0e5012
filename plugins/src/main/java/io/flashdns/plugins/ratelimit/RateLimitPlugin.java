package io.flashdns.plugins.ratelimit;

import io.flashdns.core.plugin.Hook;
import io.flashdns.core.plugin.Metrics;
import io.flashdns.core.plugin.Plugin;
import io.flashdns.core.plugin.WorkerContext;
import java.security.SecureRandom;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The process's part: the table that the workers share, and its cleaning. */
final class RateLimitPlugin implements Plugin {
  private final RateLimitPluginConfig config;
  private final Whitelist whitelist;
  private final Budgets budgets;
  private final int limited;
  private final int byPrefix;
  private @Nullable LoadTable table;

  RateLimitPlugin(RateLimitPluginConfig config, Metrics metrics) {
    this.config = config;
    this.whitelist = new Whitelist(config.whitelist());
    this.budgets = new Budgets(config);
    this.limited =
        metrics.counter("limited", "Replies above the limit", Category.label(), Action.label());
    this.byPrefix =
        metrics.counter(
            "limited_by_prefix", "The same by the prefix whose limit it was", Prefix.labels());
  }

  @Override
  public void start() {
    table = new LoadTable(config.tableBytes(), budgets.decay(), new SecureRandom());
  }

  @Override
  public List<? extends Hook> hooks(WorkerContext worker) {
    LoadTable shared = table;
    if (shared == null) {
      // Only to be shown: these hooks get no packets.
      shared = new LoadTable(LoadTable.LINE_BYTES, budgets.decay(), new SecureRandom());
    }
    return List.of(new RateLimitHook(this, shared, worker.counts()));
  }

  @Override
  public void tick(long nowNanos) {
    LoadTable shared = table;
    if (shared != null) {
      shared.sweep(nowNanos);
    }
  }

  Whitelist whitelist() {
    return whitelist;
  }

  Budgets budgets() {
    return budgets;
  }

  int slip() {
    return config.slip();
  }

  boolean isDryRun() {
    return config.dryRun();
  }

  /** The counter of a category and what became of the reply. */
  int limited(int category, Action action) {
    return limited + category * Action.COUNT + action.number();
  }

  /** The counter of the first prefix. */
  int byPrefix() {
    return byPrefix;
  }
}
