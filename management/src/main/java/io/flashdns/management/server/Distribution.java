package io.flashdns.management.server;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The installed program: {@code bin/ lib/ conf/ zones/ plugins/} below one folder, which the
 * launcher names by the system property {@value #HOME}.
 *
 * @param home the folder; the working folder when the launcher named none
 * @param isInstalled true when it did
 */
record Distribution(Path home, boolean isInstalled) {
  /** System property that names the folder. */
  static final String HOME = "flashdns.home";

  /** The distribution that this process was started from. */
  static Distribution ofProcess() {
    String home = System.getProperty(HOME);
    return home == null
        ? new Distribution(Path.of("").toAbsolutePath(), false)
        : new Distribution(Path.of(home).toAbsolutePath().normalize(), true);
  }

  /** The configuration file that is read when none is given; null when it is not there. */
  @Nullable Path configFile() {
    Path file = home.resolve("conf").resolve("flashdns.yaml");
    return Files.exists(file) ? file : null;
  }

  /** Configuration of the log. */
  Path logConfigFile() {
    return home.resolve("conf").resolve("logback.xml");
  }

  /** The zones that are served when no folder is given. */
  Path zones() {
    return home.resolve("zones");
  }

  /** The plugins' folder when none is given. */
  Path plugins() {
    return home.resolve("plugins");
  }

  /** The server's own files when no folder is given. */
  Path data() {
    return home.resolve("data");
  }

  /** Version as the build wrote it into the jar; {@code development} when run from class files. */
  static String version() {
    String version = Distribution.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}
