package io.flashdns.bench.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Zone files that all servers serve: {@code APEX.zone} each, {@code root.zone} for the root.
 *
 * @param folder absolute
 * @param apexes in order, without the final dot; the root is {@code .}
 * @param denial how signed zones prove that a name is not there; null where they are not signed
 */
record ZoneFolder(Path folder, List<String> apexes, SignedZones.@Nullable Denial denial) {
  static final String SUFFIX = ".zone";
  private static final String ROOT = "root";

  ZoneFolder {
    apexes = List.copyOf(apexes);
  }

  /** Whether the files have signatures in them. */
  boolean signed() {
    return denial != null;
  }

  /** Looks into a folder of zones that are not signed. */
  static ZoneFolder of(Path folder) throws CompareException {
    return of(folder, null);
  }

  /** Looks into a folder. */
  static ZoneFolder of(Path folder, SignedZones.@Nullable Denial denial) throws CompareException {
    try (Stream<Path> files = Files.list(folder)) {
      List<String> apexes =
          files
              .map(file -> String.valueOf(file.getFileName()))
              .filter(name -> name.endsWith(SUFFIX))
              .map(name -> name.substring(0, name.length() - SUFFIX.length()))
              .map(name -> name.equals(ROOT) ? "." : name)
              .sorted()
              .toList();
      if (apexes.isEmpty()) {
        throw new CompareException("no file APEX.zone is in " + folder);
      }
      return new ZoneFolder(folder.toAbsolutePath().normalize(), apexes, denial);
    } catch (NoSuchFileException | NotDirectoryException e) {
      throw new CompareException(
          "there is no folder " + folder + "; zone files are expected in it, APEX.zone each", e);
    } catch (IOException e) {
      throw new CompareException("cannot read " + folder + ": " + e.getMessage(), e);
    }
  }

  /** The zone that is asked for to see whether a server is ready: the last one. */
  String probe() {
    return apexes.getLast();
  }

  static String fileName(String apex) {
    return (apex.equals(".") ? ROOT : apex) + SUFFIX;
  }
}
