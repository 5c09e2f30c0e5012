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
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The plugins that this process could start, by name: the built-in ones, which are on the class
 * path, and those that have a folder. A plugin is started only when the configuration names it, and
 * its folder is not opened before.
 */
final class PluginRegistry {
  /** The plugins that are configured when none is, in their order. */
  static final List<String> DEFAULT_PLUGINS =
      List.of("cookies", "ratelimit", "tenancy", "metrics", "zone");

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,62}");

  private final Map<String, PluginFactory<?>> factories;
  private final @Nullable PluginFolder folder;

  /**
   * @param found the built-in plugins
   * @throws IllegalStateException when two factories have one name, or one was built against
   *     another version of the SPI
   */
  PluginRegistry(Iterable<? extends PluginFactory<?>> found) {
    this.factories = new TreeMap<>();
    this.folder = null;
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

  private PluginRegistry(Map<String, PluginFactory<?>> factories, PluginFolder folder) {
    this.factories = factories;
    this.folder = folder;
  }

  /** These plugins and those that have a folder in {@code source}. */
  PluginRegistry with(PluginFolder source) {
    return new PluginRegistry(factories, source);
  }

  /** True for what may be the name of a plugin. */
  static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }

  /** Names of the built-in plugins, sorted. */
  List<String> names() {
    return List.copyOf(factories.keySet());
  }

  /** The built-in plugins, by name. */
  List<PluginFactory<?>> factories() {
    return List.copyOf(factories.values());
  }

  /** What runs when the configuration says nothing of plugins. */
  Pipeline defaultPipeline() {
    List<PluginBinding<?>> bindings = new ArrayList<>();
    for (String name : DEFAULT_PLUGINS) {
      PluginFactory<?> factory = factories.get(name);
      PluginBinding<?> binding = factory == null ? null : defaultBinding(factory);
      if (binding == null) {
        throw new IllegalStateException(
            "the plugin '" + name + "' is missing: the installation is not complete");
      }
      bindings.add(binding);
    }
    return new Pipeline(bindings);
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
                  : "must be a list of plugins, such as: plugins: ["
                      + DEFAULT_PLUGINS.getLast()
                      + "]");
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
    try {
      PluginFactory<?> factory = factory(entry.key());
      return bind(factory, entry.value(), key + "." + entry.key(), binder);
    } catch (PluginRefusedException e) {
      file.error(entry.at(), key, e.sentence());
    } catch (RuntimeException | Error e) {
      // The configuration record is the plugin's code too.
      file.error(
          entry.at(),
          key,
          "the configuration of the plugin '%s' cannot be read, which is for its author to mend: %s"
              .formatted(entry.key(), Faults.said(Faults.contained(e))));
    }
    return null;
  }

  private PluginFactory<?> factory(String name) throws PluginRefusedException {
    PluginFactory<?> builtIn = factories.get(name);
    if (folder != null && folder.has(name)) {
      if (builtIn != null) {
        throw new PluginRefusedException(
            "there are two plugins '%s', a built-in one and the one in %s: give yours another name, and remove that folder"
                .formatted(name, folder.root().resolve(name)));
      }
      return folder.load(name);
    }
    if (builtIn != null) {
      return builtIn;
    }
    Set<String> known = new TreeSet<>(factories.keySet());
    String place = "";
    if (folder != null) {
      known.addAll(folder.names());
      place =
          isName(name) ? ", neither built in nor as the folder " + folder.root().resolve(name) : "";
    }
    throw new PluginRefusedException(
        "there is no plugin '" + name + "'" + place + "; " + NearestWord.hint(name, known));
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
