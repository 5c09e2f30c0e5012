package io.flashdns.core.engine;

import io.flashdns.core.plugin.Hook;
import io.flashdns.core.plugin.Plugin;
import io.flashdns.core.plugin.PluginFactory;
import io.flashdns.core.plugin.WorkerContext;
import java.util.List;
import java.util.function.Function;

/** A plugin whose hooks are given as lambdas. */
record TestPlugin(
    String name,
    int spiVersion,
    Function<WorkerContext, List<? extends Hook>> hooks,
    Runnable onClose)
    implements PluginFactory<TestPlugin.Config> {

  record Config() {}

  static final Config CONFIG = new Config();

  /** A plugin with these hooks for each worker. */
  static TestPlugin of(String name, Hook... hooks) {
    return new TestPlugin(name, SPI_VERSION, _ -> List.of(hooks), () -> {});
  }

  PluginBinding<Config> bound() {
    return new PluginBinding<>(this, CONFIG);
  }

  @Override
  public Class<Config> configType() {
    return Config.class;
  }

  @Override
  public Plugin create(Config config) {
    return new Plugin() {
      @Override
      public List<? extends Hook> hooks(WorkerContext worker) {
        return hooks.apply(worker);
      }

      @Override
      public void close() {
        onClose.run();
      }
    };
  }
}
