package io.flashdns.bench.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A build of this server, as its distribution ships it, with the cache that {@code flashdns
 * warm-up} makes. Its data folder stays between starts, unless it is to be a first one.
 *
 * @param title of the build
 * @param home the folder of the distribution
 * @param cache where its start-up cache lies
 */
record FlashDns(String title, Path home, Path cache) implements Contender {
  static final String TITLE = "flashdns";
  private static final String DATA = "data";
  private static final String ANY_PORT = "127.0.0.1:0";

  @Override
  public @Nullable String missing() {
    return Files.isExecutable(launcher())
        ? null
        : "%s is no distribution, it has no bin/flashdns".formatted(home);
  }

  @Override
  public String version() throws InterruptedException {
    return Programs.said(List.of(launcher().toString(), "--version"))
        .lines()
        .findFirst()
        .map(line -> line.replaceFirst("^flashdns ", ""))
        .orElse("unknown");
  }

  @Override
  public List<String> prepare(Site site) {
    return List.of(
        launcher().toString(),
        "serve",
        "--zones",
        site.zones().folder().toString(),
        "--listen",
        "127.0.0.1:" + site.port(),
        "--workers",
        Integer.toString(site.workers()),
        "--data",
        site.file(DATA),
        "--operations",
        ANY_PORT,
        "--api",
        ANY_PORT,
        "--api-json",
        ANY_PORT);
  }

  @Override
  public Map<String, String> environment() {
    return Map.of("FLASHDNS_CACHE", cache.toString());
  }

  /** Makes the cache of the start; one sentence when there will be none. */
  @Nullable String warmUp(Path folder) throws InterruptedException {
    try {
      Files.createDirectories(cache);
      ProcessBuilder builder =
          new ProcessBuilder(launcher().toString(), "warm-up")
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve(title + "-warm-up.log").toFile())
              .directory(folder.toFile());
      builder.environment().putAll(environment());
      Process process = builder.start();
      if (process.waitFor() == 0) {
        return null;
      }
    } catch (IOException _) {
      // said below
    }
    return title
        + " starts without its cache: 'flashdns warm-up' failed, see "
        + folder.resolve(title + "-warm-up.log");
  }

  /** Where it keeps zones that it has read before. */
  static Path data(Site site) {
    return site.folder().resolve(DATA);
  }

  private Path launcher() {
    return home.resolve("bin").resolve("flashdns");
  }
}
