package io.flashdns.core.engine;

import io.flashdns.core.plugin.Answerer;
import io.flashdns.core.plugin.Gate;
import io.flashdns.core.plugin.Hook;
import io.flashdns.core.plugin.Observer;
import io.flashdns.core.plugin.Plugin;
import io.flashdns.core.plugin.PluginContext;
import io.flashdns.core.plugin.PluginFactory;
import io.flashdns.core.plugin.Query;
import io.flashdns.core.plugin.Response;
import io.flashdns.core.plugin.Router;
import io.flashdns.core.plugin.Shaper;
import io.flashdns.core.plugin.Verdict;
import io.flashdns.core.plugin.WorkerContext;
import io.flashdns.core.zone.Catalog;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;

/** A plugin whose hooks, and all that happens in its life, are given as lambdas. */
final class TestPlugin implements PluginFactory<TestPlugin.Config> {
  /** A configuration that says nothing but is equal or not to another one. */
  record Config(String text) {}

  static final Config CONFIG = new Config("");

  private final String name;
  private final int spiVersion;
  private final Function<WorkerContext, List<? extends Hook>> hooks;
  private Consumer<PluginContext> create = _ -> {};
  private Runnable start = () -> {};
  private BiConsumer<Catalog, Catalog> catalogChanged = (_, _) -> {};
  private LongConsumer tick = _ -> {};
  private Runnable close = () -> {};
  private boolean failsClosed;
  private boolean none;

  TestPlugin(String name, int spiVersion, Function<WorkerContext, List<? extends Hook>> hooks) {
    this.name = name;
    this.spiVersion = spiVersion;
    this.hooks = hooks;
  }

  /** A plugin with these hooks for each worker. */
  static TestPlugin of(String name, Hook... hooks) {
    return new TestPlugin(name, SPI_VERSION, _ -> List.of(hooks));
  }

  /** A plugin that makes hooks for each worker. */
  static TestPlugin making(String name, Function<WorkerContext, List<? extends Hook>> hooks) {
    return new TestPlugin(name, SPI_VERSION, hooks);
  }

  /** A hook of a phase with this body; what it returns means nothing to an observer. */
  static Hook hook(Phase phase, BiFunction<Query, Response, Verdict> body) {
    return switch (phase) {
      case GATE -> (Gate) body::apply;
      case ROUTE -> (Router) body::apply;
      case ANSWER -> (Answerer) body::apply;
      case SHAPE -> (Shaper) body::apply;
      case OBSERVE ->
          (Observer)
              (query, response, _) -> {
                Verdict _ = body.apply(query, response);
              };
    };
  }

  /** The same for a body that lets every query go on. */
  static Hook passing(Phase phase, BiConsumer<Query, Response> body) {
    return hook(
        phase,
        (query, response) -> {
          body.accept(query, response);
          return Verdict.CONTINUE;
        });
  }

  TestPlugin onCreate(Consumer<PluginContext> what) {
    create = what;
    return this;
  }

  TestPlugin onStart(Runnable what) {
    start = what;
    return this;
  }

  TestPlugin onCatalog(BiConsumer<Catalog, Catalog> what) {
    catalogChanged = what;
    return this;
  }

  TestPlugin onTick(LongConsumer what) {
    tick = what;
    return this;
  }

  TestPlugin onClose(Runnable what) {
    close = what;
    return this;
  }

  /** Null instead of a plugin. */
  TestPlugin makingNone() {
    none = true;
    return this;
  }

  TestPlugin failingClosed() {
    failsClosed = true;
    return this;
  }

  PluginBinding<Config> bound() {
    return bound("");
  }

  PluginBinding<Config> bound(String config) {
    return new PluginBinding<>(this, new Config(config));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int spiVersion() {
    return spiVersion;
  }

  @Override
  public boolean failsClosed() {
    return failsClosed;
  }

  @Override
  public Class<Config> configType() {
    return Config.class;
  }

  @Override
  public Plugin create(Config config, PluginContext context) {
    create.accept(context);
    if (none) {
      return null;
    }
    return new Plugin() {
      @Override
      public List<? extends Hook> hooks(WorkerContext worker) {
        return hooks.apply(worker);
      }

      @Override
      public void start() {
        start.run();
      }

      @Override
      public void catalogChanged(Catalog before, Catalog after) {
        catalogChanged.accept(before, after);
      }

      @Override
      public void tick(long nowNanos) {
        tick.accept(nowNanos);
      }

      @Override
      public void close() {
        close.run();
      }
    };
  }
}
