package io.flashdns.core.zonefile;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * The folder of a zone file, the only place that {@code $INCLUDE} may reach. A name that leads out
 * of it is refused before the file system is asked, a link that leads out of it after; either way
 * in the same words, so that a zone file cannot be used to find out what exists elsewhere.
 */
final class IncludeFolder {
  /**
   * A file that may be read.
   *
   * @param shown the name for people and for whoever watches files
   * @param real the same file without links
   */
  record Target(Path shown, Path real) {}

  private final Path folder;

  IncludeFolder(Path zoneFile) {
    Path parent = zoneFile.getParent();
    this.folder = parent == null ? Path.of("") : parent;
  }

  /** The file that {@code token} names, relative to the folder. */
  Target resolve(Entry entry, int token) throws BadEntry {
    byte[] octets = new byte[entry.length(token)];
    int length = RdataReader.decode(entry, token, entry.start[token], octets, 0);
    try {
      Path named = Path.of(new String(octets, 0, length, StandardCharsets.UTF_8));
      Path base = folder.toAbsolutePath().normalize();
      Path absolute = base.resolve(named).normalize();
      if (length == 0 || !absolute.startsWith(base)) {
        throw outside(entry, token);
      }
      Path shown = folder.resolve(base.relativize(absolute));
      Path real = absolute.toRealPath();
      if (!real.startsWith(base.toRealPath())) {
        throw outside(entry, token);
      }
      if (!Files.isRegularFile(real) || !Files.isReadable(real)) {
        throw entry.bad(
            token,
            "the file "
                + entry.show(token)
                + " cannot be included: it is no regular file or may not be read");
      }
      return new Target(shown, real);
    } catch (InvalidPathException _) {
      throw entry.bad(token, entry.show(token) + " is no file name");
    } catch (IOException _) {
      throw entry.bad(
          token, "the file " + entry.show(token) + " cannot be included: there is no such file");
    }
  }

  private static BadEntry outside(Entry entry, int token) {
    return entry.bad(
        token,
        "the file "
            + entry.show(token)
            + " is not below the folder of the zone file: put it there");
  }
}
