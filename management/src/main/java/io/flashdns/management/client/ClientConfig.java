package io.flashdns.management.client;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * The contexts of a user: {@code $XDG_CONFIG_HOME/flashdns/config.yaml}, else below {@code
 * ~/.config}. It may hold secrets: it is written with mode 0600 in a folder of mode 0700, and
 * renamed into place.
 *
 * @param current name of the context in use; null for none
 * @param contexts by name, in the order of the file
 */
record ClientConfig(@Nullable String current, Map<String, Context> contexts) {
  private static final String CURRENT = "current";
  private static final String CONTEXTS = "contexts";

  ClientConfig {
    contexts = new LinkedHashMap<>(contexts);
  }

  /** Where it lies. */
  static Path file(Console console) throws ClientException {
    String folder = console.variable("XDG_CONFIG_HOME");
    if (folder != null) {
      return Path.of(folder, "flashdns", "config.yaml");
    }
    String home = console.variable("HOME");
    if (home == null) {
      home = System.getProperty("user.home");
    }
    if (home == null) {
      throw ClientException.failed("no home folder is known: set XDG_CONFIG_HOME");
    }
    return Path.of(home, ".config", "flashdns", "config.yaml");
  }

  /** Reads it; an empty one when there is none. */
  static ClientConfig read(Console console) throws ClientException {
    Path file = file(console);
    try {
      String text = Files.readString(file);
      ClientConfig config = parse(text, file);
      warnOfMode(console, file);
      return config;
    } catch (NoSuchFileException _) {
      return new ClientConfig(null, Map.of());
    } catch (IOException e) {
      throw ClientException.failed(LocalFiles.reason(e));
    }
  }

  private static ClientConfig parse(String text, Path file) throws ClientException {
    Object root;
    try {
      root =
          new Load(LoadSettings.builder().setLabel(file.toString()).build()).loadFromString(text);
    } catch (YamlEngineException e) {
      throw ClientException.failed(file + " is not YAML: " + firstLine(e));
    }
    if (root == null) {
      return new ClientConfig(null, Map.of());
    }
    if (!(root instanceof Map<?, ?> map) || !(map.get(CONTEXTS) instanceof Map<?, ?> entries)) {
      throw ClientException.failed(file + " has no 'contexts': mend it, or move it away");
    }
    Map<String, Context> contexts = new LinkedHashMap<>();
    for (Map.Entry<?, ?> entry : entries.entrySet()) {
      if (!(entry.getValue() instanceof Map<?, ?> values)) {
        throw ClientException.failed(file + ": context '" + entry.getKey() + "' must have keys");
      }
      Map<String, String> strings = new LinkedHashMap<>();
      values.forEach((key, value) -> strings.put(String.valueOf(key), String.valueOf(value)));
      contexts.put(String.valueOf(entry.getKey()), new Context(strings));
    }
    Object current = map.get(CURRENT);
    return new ClientConfig(current == null ? null : current.toString(), contexts);
  }

  private static void warnOfMode(Console console, Path file) throws IOException {
    if (!file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      return;
    }
    Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS);
    if (mode.contains(PosixFilePermission.GROUP_READ)
        || mode.contains(PosixFilePermission.OTHERS_READ)) {
      console.say("warning: " + file + " may be read by others: chmod 600 " + file);
    }
  }

  /** Writes it. */
  void write(Console console) throws ClientException {
    Path file = file(console);
    Map<String, Object> root = new LinkedHashMap<>();
    if (current != null) {
      root.put(CURRENT, current);
    }
    Map<String, Object> entries = new LinkedHashMap<>();
    contexts.forEach((name, context) -> entries.put(name, context.values()));
    root.put(CONTEXTS, entries);
    DumpSettings settings = DumpSettings.builder().setDefaultFlowStyle(FlowStyle.BLOCK).build();
    try {
      Path folder = file.getParent();
      if (folder == null) {
        throw new IOException(file + " has no folder");
      }
      if (Files.notExists(folder)) {
        Path above = folder.getParent();
        if (above != null) {
          Files.createDirectories(above);
        }
        Files.createDirectory(
            folder,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      Path fresh =
          Files.createTempFile(
              folder,
              ".config",
              ".yaml",
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      try {
        Files.writeString(fresh, new Dump(settings).dumpToString(root));
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(fresh);
      }
    } catch (IOException e) {
      throw ClientException.failed("cannot write " + file + ": " + LocalFiles.reason(e));
    }
  }

  /** With a context, made or replaced. */
  ClientConfig with(String name, Context context) {
    Map<String, Context> changed = new LinkedHashMap<>(contexts);
    changed.put(name, context);
    return new ClientConfig(current, changed);
  }

  /** Without a context. */
  ClientConfig without(String name) {
    Map<String, Context> changed = new LinkedHashMap<>(contexts);
    changed.remove(name);
    return new ClientConfig(name.equals(current) ? null : current, changed);
  }

  /** With another context in use. */
  ClientConfig using(String name) {
    return new ClientConfig(name, contexts);
  }

  /** The context of this name. */
  Context require(String name) throws ClientException {
    Context context = contexts.get(name);
    if (context == null) {
      throw new ClientException(
          ExitStatus.NOT_FOUND,
          "there is no context '"
              + name
              + "'"
              + Nearest.hint(name, contexts.keySet())
              + "; 'flashdns context set "
              + name
              + " --server HOST:PORT' makes it");
    }
    return context;
  }

  /**
   * The name that a command is to use: what it was told, what the environment says, or what is in
   * use; null for none.
   */
  @Nullable String chosen(Console console, @Nullable String told) {
    if (told != null) {
      return told;
    }
    String variable = console.variable("FLASHDNS_CONTEXT");
    return variable == null ? current : variable;
  }

  private static String firstLine(YamlEngineException e) {
    String message = String.valueOf(e.getMessage()).strip();
    int end = message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end);
  }
}
