package io.flashdns.plugins.cookies;

import io.flashdns.core.plugin.Label;
import io.flashdns.core.plugin.Plugin;
import io.flashdns.core.plugin.PluginContext;
import io.flashdns.core.plugin.WorkerContext;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** Holds the secrets of the moment for all workers, and looks for others once a second. */
final class CookiesPlugin implements Plugin {
  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final CookiesPluginConfig config;
  private final SecretSource source;
  private final PluginContext context;
  private final int queries;
  private final LongAdder failures = new LongAdder();
  private volatile Secrets secrets;
  private long lookedNanos = System.nanoTime();

  CookiesPlugin(CookiesPluginConfig config, SecretSource source, PluginContext context) {
    this.config = config;
    this.source = source;
    this.context = context;
    this.secrets = source.peek();
    this.queries =
        context
            .metrics()
            .counter(
                "queries",
                "Queries with a COOKIE option by what it held",
                Label.of("state", "client_only", "valid", "invalid", "malformed"));
    context
        .metrics()
        .counter("secret_failures", "Changes of the secrets that went wrong", failures::sum);
    context.metrics().gauge("secrets", "Secrets that are accepted", () -> secrets.size());
  }

  /** The secrets of the moment. Any thread; one read of a field. */
  Secrets secrets() {
    return secrets;
  }

  @Override
  public void start() {
    secrets = source.open(context.epochSeconds());
  }

  @Override
  public List<CookieGate> hooks(WorkerContext worker) {
    return List.of(new CookieGate(this, config.badcookie(), worker.counts(), queries));
  }

  @Override
  public void tick(long nowNanos) {
    if (nowNanos - lookedNanos < LOOK_NANOS) {
      return;
    }
    lookedNanos = nowNanos;
    try {
      secrets = source.look(secrets, context.epochSeconds());
    } catch (IllegalArgumentException e) {
      failures.increment();
      throw e;
    }
  }
}
