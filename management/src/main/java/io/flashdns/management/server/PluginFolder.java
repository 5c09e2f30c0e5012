package io.flashdns.management.server;

import io.flashdns.core.plugin.PluginFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The folder of plugins as one reading of the configuration sees it.
 *
 * @param root holds a folder for each plugin; need not be there
 * @param pins the plugins and jars that may be loaded; empty for any
 * @param loader keeps what is unchanged from one reading to the next
 */
record PluginFolder(Path root, List<PluginPin> pins, PluginLoader loader) {
  /** True when there is a folder for this plugin. */
  boolean has(String name) {
    return PluginRegistry.isName(name) && Files.isDirectory(root.resolve(name));
  }

  /** The plugins that there are folders for; none is opened. */
  List<String> names() {
    return PluginLoader.names(root);
  }

  /** Loads a plugin, or gives the one that was loaded from the same jars before. */
  PluginFactory<?> load(String name) throws PluginRefusedException {
    return loader.load(root, name, pins);
  }
}
