package io.flashdns.core.engine;

import io.flashdns.core.plugin.Plugin;
import io.flashdns.core.plugin.PluginContext;
import io.flashdns.core.plugin.PluginFactory;

/**
 * A plugin that the configuration names: its factory and its configuration.
 *
 * @param factory who makes the plugin
 * @param config the value of its configuration record
 */
public record PluginBinding<C extends Record>(PluginFactory<C> factory, C config) {
  Plugin create(PluginContext context) {
    return factory.create(config, context);
  }

  String name() {
    return factory.name();
  }
}
