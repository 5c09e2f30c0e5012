package io.flashdns.bench.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One of those that are compared. */
sealed interface Contender permits Floor, FlashDns, Peer {
  /** In reports and on the command line. */
  String title();

  /** One sentence that says what is missing and how to get it; null when it can be started. */
  @Nullable String missing();

  /** Its version. */
  String version() throws InterruptedException;

  /** Writes its configuration into the site's folder; gives the command that runs it in front. */
  List<String> prepare(Site site) throws IOException, CompareException, InterruptedException;

  /** Environment variables beside those of this process. */
  default Map<String, String> environment() {
    return Map.of();
  }

  /** Whether it looks at names, so that its answers can be wrong. */
  default boolean answers() {
    return true;
  }

  /** Whether it answers by TCP. */
  default boolean speaksTcp() {
    return true;
  }

  /**
   * Where a server runs.
   *
   * @param folder of its own, absolute; it is there
   * @param port on 127.0.0.1
   * @param workers threads or processes that answer
   */
  record Site(Path folder, ZoneFolder zones, int port, int workers) {
    /** Whether the zone files have signatures in them. */
    boolean signed() {
      return zones.signed();
    }

    /** A file of this folder. */
    String file(String name) {
      return folder.resolve(name).toString();
    }
  }

  /** Where a program is, on the path or where Debian keeps servers; null when it is not there. */
  static @Nullable Path find(String program) {
    String path = System.getenv("PATH");
    String all = (path == null ? "" : path + ":") + "/usr/sbin:/usr/bin:/usr/local/sbin:/sbin";
    for (String folder : all.split(":", -1)) {
      Path file = Path.of(folder).resolve(program);
      if (!folder.isEmpty() && Files.isExecutable(file)) {
        return file.toAbsolutePath();
      }
    }
    return null;
  }
}
