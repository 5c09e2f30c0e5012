package io.flashdns.management.server;

import io.flashdns.core.engine.PluginBinding;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The text of a section that stands in the store: what stands below a plugin's name in a
 * configuration file, read and bound as if it stood there.
 */
final class SectionText {
  /**
   * Plugins whose configuration may stand in the store: it is plain data, means the same on every
   * node, and a change of it loses nothing. Paths, identities and counters stay with the nodes.
   */
  static final List<String> NAMES = List.of("acl", "ratelimit");

  private static final Path ROOT = Path.of("/");

  private SectionText() {}

  /** Where problems of a section are said to be. */
  static String place(String section) {
    return "settings/" + section;
  }

  /**
   * Reads and binds a section.
   *
   * @param section one of {@link #NAMES}
   * @param problems takes what is wrong, as for a file
   * @return null when there are errors
   */
  static @Nullable PluginBinding<?> bind(String section, String yaml, Consumer<Problem> problems) {
    ConfigFile file = new ConfigFile(Path.of(place(section)), problems);
    ConfigNode.Section root = file.parse(yaml);
    if (root == null) {
      return null;
    }
    for (ConfigNode.Entry entry : root.entries()) {
      if (entry.key().equals(section)) {
        file.error(entry.at(), "", "give what stands below '" + section + ":', without that line");
        return null;
      }
    }
    ConfigNode.Entry plugin = new ConfigNode.Entry(section, root, root.at());
    Pipeline bound =
        PluginRegistry.builtIn()
            .bind(
                new ConfigNode.Section(List.of(plugin), root.at()),
                "plugins",
                file,
                new ConfigBinder(file, ROOT));
    return bound == null ? null : bound.bindings().getFirst();
  }
}
