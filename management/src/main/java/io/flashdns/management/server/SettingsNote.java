package io.flashdns.management.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file {@value #FILE} of the data folder: the sections that the store lays over the
 * configuration file, as they were taken last. For people, and for {@code flashdns check}, which
 * cannot ask a store that a server has open; a server itself never reads it.
 *
 * <p>Used by one thread at a time.
 */
final class SettingsNote {
  /** In the data folder. */
  static final String FILE = "settings.shared";

  private static final Logger log = LoggerFactory.getLogger(SettingsNote.class);
  private static final Pattern NAME = Pattern.compile("([a-z][a-z0-9-]*):");

  private final Path file;

  SettingsNote(Path dataFolder) {
    this.file = dataFolder.resolve(FILE);
  }

  /**
   * Notes what is in force; no file when that is nothing. That it fails is no reason to stop.
   *
   * @param texts by the names of the sections
   */
  void write(Map<String, String> texts) {
    try {
      if (texts.isEmpty()) {
        Files.deleteIfExists(file);
        return;
      }
      StringBuilder all = new StringBuilder();
      all.append("# What the store lays over the configuration file, as it was taken last.\n");
      all.append("# To change it: flashdns settings set SECTION --file FILE\n");
      texts.forEach(
          (name, text) -> {
            all.append(name).append(":\n");
            text.lines().forEach(line -> all.append("  ").append(line).append('\n'));
          });
      Path fresh = file.resolveSibling(FILE + ".new");
      Files.writeString(fresh, all);
      Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      log.warn(
          "{} cannot be written, 'flashdns check' does not know of it: {}", file, e.toString());
    }
  }

  /** Names of the sections that were taken last in a data folder; empty when that is not known. */
  static List<String> names(Path dataFolder) {
    List<String> names = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(dataFolder.resolve(FILE))) {
        var name = NAME.matcher(line);
        if (name.matches()) {
          names.add(name.group(1));
        }
      }
    } catch (NoSuchFileException _) {
      return List.of();
    } catch (IOException e) {
      log.debug("no sections are known", e);
    }
    return names;
  }
}
