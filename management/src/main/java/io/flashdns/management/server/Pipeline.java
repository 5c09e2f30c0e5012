package io.flashdns.management.server;

import io.flashdns.core.engine.PluginBinding;
import java.util.List;

/**
 * The plugins that answer, each with its configuration, in the order in which they are asked within
 * a phase.
 *
 * @param bindings one or more
 */
record Pipeline(List<PluginBinding<?>> bindings) {
  Pipeline {
    bindings = List.copyOf(bindings);
  }

  /** The zone lookup alone. */
  static Pipeline defaults() {
    return PluginRegistry.builtIn().defaultPipeline();
  }

  /** Names of the plugins, in order. */
  List<String> names() {
    return bindings.stream().map(binding -> binding.factory().name()).toList();
  }
}
