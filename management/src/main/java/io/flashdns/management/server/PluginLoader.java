package io.flashdns.management.server;

import io.flashdns.core.plugin.PluginFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Loads the plugins of strangers: {@code NAME/*.jar} is the plugin NAME, in a class loader of its
 * own ({@link PluginClassLoader}).
 *
 * <p>A folder is read when the configuration names its plugin, and not before. When it has not
 * changed since the last time, neither by its files' size, time and inode nor by their content, the
 * same factory comes back, so that the engine lets the plugin go on. What is refused leaves the
 * last good one in place: it is the one to come back to.
 *
 * <p>Everything that a jar can do wrong becomes one sentence; what its code throws does not get
 * out.
 *
 * <p>Used by one thread at a time.
 */
final class PluginLoader {
  private static final String SERVICE = "META-INF/services/" + PluginFactory.class.getName();

  private final Map<Path, Loaded> loaded = new HashMap<>();

  /** What came of a folder. */
  private record Loaded(PluginJars jars, PluginFactory<?> factory) {}

  /**
   * The factory of a plugin.
   *
   * @param root the folder that holds a folder for each plugin
   * @param pins when there are any, the plugins and jars that may be loaded
   */
  PluginFactory<?> load(Path root, String name, List<PluginPin> pins)
      throws PluginRefusedException {
    FileTrust.require(root);
    Path folder = root.resolve(name);
    Loaded before = loaded.get(folder);
    if (before != null && before.jars.isUnchanged()) {
      before.jars.requireTrust();
      requirePinned(before.jars, pins);
      return before.factory;
    }
    PluginJars jars = PluginJars.read(folder, name);
    requirePinned(jars, pins);
    PluginFactory<?> factory =
        before != null && before.jars.isSame(jars) ? before.factory : factory(jars);
    loaded.put(folder, new Loaded(jars, factory));
    return factory;
  }

  /** Lets go of plugins that are not in a pipeline: they would be loaded anew. */
  void retain(Pipeline pipeline) {
    Set<PluginFactory<?>> used = Collections.newSetFromMap(new IdentityHashMap<>());
    pipeline.bindings().forEach(binding -> used.add(binding.factory()));
    loaded.values().removeIf(held -> !used.contains(held.factory));
  }

  /** The folder of the jars that a factory came from, or null for one of the server's own. */
  static @Nullable PluginJars jarsOf(PluginFactory<?> factory) {
    return factory.getClass().getClassLoader() instanceof PluginClassLoader loader
        ? loader.jars()
        : null;
  }

  private static void requirePinned(PluginJars jars, List<PluginPin> pins)
      throws PluginRefusedException {
    if (pins.isEmpty()) {
      return;
    }
    List<String> allowed = new ArrayList<>();
    for (PluginPin pin : pins) {
      if (pin.plugin().equals(jars.name())) {
        allowed.addAll(pin.sha256());
      }
    }
    for (Map.Entry<String, String> jar : jars.digests().entrySet()) {
      if (!allowed.contains(jar.getValue())) {
        throw new PluginRefusedException(
            "the jar "
                + jars.folder().resolve(jar.getKey())
                + " is not pinned: if it is the one you want, add "
                + jar.getValue()
                + " for the plugin "
                + jars.name()
                + " to plugin-pins");
      }
    }
  }

  private static PluginFactory<?> factory(PluginJars jars) throws PluginRefusedException {
    PluginClassLoader loader = new PluginClassLoader(jars.name(), jars);
    Thread thread = Thread.currentThread();
    ClassLoader own = thread.getContextClassLoader();
    thread.setContextClassLoader(loader);
    try {
      PluginFactory<?> factory = only(jars, loader).get();
      requireFit(jars, factory);
      return factory;
    } catch (ServiceConfigurationError e) {
      throw refused(jars, rootOf(e));
    } catch (RuntimeException | Error e) {
      throw refused(jars, rootOf(Faults.contained(e)));
    } finally {
      thread.setContextClassLoader(own);
    }
  }

  /** The one provider that the jars name. */
  @SuppressWarnings("rawtypes") // what ServiceLoader gives
  private static ServiceLoader.Provider<PluginFactory> only(
      PluginJars jars, PluginClassLoader loader) throws PluginRefusedException {
    List<ServiceLoader.Provider<PluginFactory>> providers =
        ServiceLoader.load(PluginFactory.class, loader).stream().toList();
    if (providers.isEmpty()) {
      throw new PluginRefusedException(
          "no jar in "
              + jars.folder()
              + " names a plugin: write the factory's class name into "
              + SERVICE
              + " and build it again");
    }
    if (providers.size() > 1) {
      throw new PluginRefusedException(
          "the jars in "
              + jars.folder()
              + " hold several plugins, "
              + String.join(", ", providers.stream().map(p -> p.type().getName()).toList())
              + ": give each a folder of its own");
    }
    return providers.getFirst();
  }

  private static void requireFit(PluginJars jars, PluginFactory<?> factory)
      throws PluginRefusedException {
    requireVersion(factory.spiVersion(), "the plugin in " + jars.folder());
    String name = factory.name();
    if (!jars.name().equals(name)) {
      throw new PluginRefusedException(
          "the plugin in %s calls itself '%s': name its folder so, and the plugin in the configuration"
              .formatted(jars.folder(), name));
    }
    Class<?> type = factory.configType();
    if (type == null || !type.isRecord()) {
      throw new PluginRefusedException(
          "the plugin in "
              + jars.folder()
              + " has "
              + (type == null ? "null" : type.getName())
              + " for its configuration, which is no record: this is for its author to mend");
    }
  }

  /** Throws when a plugin was built against another version of the interface than this one. */
  static void requireVersion(int version, String plugin) throws PluginRefusedException {
    if (version != PluginFactory.SPI_VERSION) {
      throw new PluginRefusedException(
          "%s was built against version %d of the plugin interface, this server has %d: take the plugin's release for it"
              .formatted(plugin, version, PluginFactory.SPI_VERSION));
    }
  }

  private static PluginRefusedException refused(PluginJars jars, Throwable fault) {
    String plugin = "the plugin in " + jars.folder();
    String sentence =
        switch (fault) {
          case UnsupportedClassVersionError e ->
              plugin
                  + " is for a newer Java than this one ("
                  + e.getMessage()
                  + "): build it with --release "
                  + Runtime.version().feature();
          case NoClassDefFoundError e -> missing(plugin, className(e.getMessage()));
          case ClassNotFoundException e -> missing(plugin, className(e.getMessage()));
          case ServiceConfigurationError e ->
              plugin + " has a " + SERVICE + " that will not do (" + e.getMessage() + "): mend it";
          default -> plugin + " cannot be loaded: " + Faults.said(fault);
        };
    return new PluginRefusedException(sentence, fault);
  }

  private static String missing(String plugin, String className) {
    boolean ours = className.startsWith("io.flashdns.");
    return plugin
        + " needs the class "
        + className
        + ", which it cannot see: "
        + (ours
            ? "of the server there are the packages dns, plugin and zone of io.flashdns.core alone"
            : "put the jar that holds it into the folder, if the plugin names it rightly");
  }

  /** The name alone: our loader's message goes on, the JVM's has slashes. */
  private static String className(@Nullable String message) {
    return message == null ? "of unknown name" : message.split(" ", 2)[0].replace('/', '.');
  }

  private static Throwable rootOf(Throwable fault) {
    Throwable root = fault;
    for (int i = 0; i < 20 && root.getCause() != null; i++) {
      root = root.getCause();
    }
    return root;
  }

  /** The folders in {@code root} that a plugin's name could stand for. */
  static List<String> names(Path root) {
    try (var files = Files.list(root)) {
      return files
          .filter(Files::isDirectory)
          .map(folder -> folder.getFileName().toString())
          .filter(PluginRegistry::isName)
          .sorted()
          .toList();
    } catch (java.io.IOException | java.io.UncheckedIOException _) {
      return List.of(); // said when something is to be loaded from it
    }
  }
}
