package io.flashdns.management.server;

import io.flashdns.core.engine.PluginBinding;
import io.flashdns.core.plugin.PluginFactory;
import io.flashdns.management.server.ConfigNode.Entry;
import io.flashdns.management.server.ConfigNode.Items;
import io.flashdns.management.server.ConfigNode.Position;
import io.flashdns.management.server.ConfigNode.Scalar;
import io.flashdns.management.server.ConfigNode.Section;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The plugins that this process could start, by name.
 *
 * <p>It takes factories from wherever they were found; {@link #builtIn} are those on the class
 * path. A plugin is started only when the configuration names it.
 */
final class PluginRegistry {
  /** The plugin that is configured when none is. */
  static final String DEFAULT_PLUGIN = "zone";

  private final Map<String, PluginFactory<?>> factories = new TreeMap<>();

  /**
   * @throws IllegalStateException when two factories have one name, or one was built against
   *     another version of the SPI
   */
  PluginRegistry(Iterable<? extends PluginFactory<?>> found) {
    for (PluginFactory<?> factory : found) {
      String name = factory.name();
      if (factory.spiVersion() != PluginFactory.SPI_VERSION) {
        throw new IllegalStateException(
            "plugin '%s' was built against version %d of the plugin interface, this server has %d: take the plugin's release for it"
                .formatted(name, factory.spiVersion(), PluginFactory.SPI_VERSION));
      }
      PluginFactory<?> earlier = factories.putIfAbsent(name, factory);
      if (earlier != null) {
        throw new IllegalStateException(
            "two plugins have the name '%s', %s and %s: remove one of their jars"
                .formatted(name, earlier.getClass().getName(), factory.getClass().getName()));
      }
    }
  }

  /** The plugins on the class path. The same factories at each call: configurations compare. */
  static PluginRegistry builtIn() {
    return BuiltIn.REGISTRY;
  }

  /** What runs when the configuration says nothing of plugins. */
  Pipeline defaultPipeline() {
    PluginFactory<?> factory = factories.get(DEFAULT_PLUGIN);
    PluginBinding<?> binding = factory == null ? null : defaultBinding(factory);
    if (binding == null) {
      throw new IllegalStateException(
          "the plugin '" + DEFAULT_PLUGIN + "' is missing: the installation is not complete");
    }
    return new Pipeline(List.of(binding));
  }

  /**
   * Binds the section {@code plugins}: a map of plugin name to its configuration, or a list whose
   * items are names or maps of one name. The order is that of the file.
   *
   * @return null when a problem has been reported
   */
  @Nullable Pipeline bind(ConfigNode node, String key, ConfigFile file, ConfigBinder binder) {
    List<Entry> entries = new ArrayList<>();
    switch (node) {
      case Section section -> entries.addAll(section.entries());
      case Items items -> {
        for (ConfigNode item : items.items()) {
          switch (item) {
            case Scalar name -> entries.add(new Entry(name.text(), emptySection(name), name.at()));
            case Section section -> entries.addAll(section.entries());
            case Items inner ->
                file.error(inner.at(), key, "a plugin is a name, or a name with keys below it");
          }
        }
      }
      case Scalar scalar ->
          throw new IllegalArgumentException(
              scalar.isEmpty()
                  ? "has no value: name a plugin, or remove the key for the default"
                  : "must be a list of plugins, such as: plugins: [" + DEFAULT_PLUGIN + "]");
    }
    List<PluginBinding<?>> bindings = new ArrayList<>();
    Map<String, Position> seen = new HashMap<>();
    for (Entry entry : entries) {
      PluginBinding<?> binding = bind(entry, key, file, binder);
      Position earlier = seen.putIfAbsent(entry.key(), entry.at());
      if (earlier != null) {
        file.error(
            entry.at(),
            key,
            "the plugin '" + entry.key() + "' is named twice, first in line " + earlier.line());
      } else if (binding != null) {
        bindings.add(binding);
      }
    }
    if (entries.isEmpty()) {
      throw new IllegalArgumentException("names no plugin: remove the key for the default");
    }
    return bindings.size() == entries.size() ? new Pipeline(bindings) : null;
  }

  private @Nullable PluginBinding<?> bind(
      Entry entry, String key, ConfigFile file, ConfigBinder binder) {
    PluginFactory<?> factory = factories.get(entry.key());
    if (factory == null) {
      file.error(
          entry.at(),
          key,
          "there is no plugin '"
              + entry.key()
              + "'; there are "
              + String.join(", ", factories.keySet()));
      return null;
    }
    return bind(factory, entry.value(), key + "." + entry.key(), binder);
  }

  private static <C extends Record> @Nullable PluginBinding<C> bind(
      PluginFactory<C> factory, ConfigNode node, String key, ConfigBinder binder) {
    C config = binder.bind(node, factory.configType(), key);
    return config == null ? null : new PluginBinding<>(factory, config);
  }

  private static <C extends Record> @Nullable PluginBinding<C> defaultBinding(
      PluginFactory<C> factory) {
    Object config = ConfigBinder.defaultsOf(factory.configType());
    return config == null ? null : new PluginBinding<>(factory, factory.configType().cast(config));
  }

  private static Section emptySection(ConfigNode node) {
    return new Section(List.of(), node.at());
  }

  /** Looked for once, at the first use. */
  private static final class BuiltIn {
    private static final PluginRegistry REGISTRY = find();

    private static PluginRegistry find() {
      List<PluginFactory<?>> found = new ArrayList<>();
      for (PluginFactory<?> factory : ServiceLoader.load(PluginFactory.class)) {
        found.add(factory);
      }
      return new PluginRegistry(found);
    }
  }
}
