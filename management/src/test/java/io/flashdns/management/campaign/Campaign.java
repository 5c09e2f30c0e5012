package io.flashdns.management.campaign;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** How long a campaign is, where its figures go, and what all of them need. */
final class Campaign {
  /** True for the long form. */
  static final boolean LONG = System.getProperty("campaign") != null;

  private Campaign() {}

  /** Rounds: of the build, or of the campaign unless {@code flashdns.campaign.runs} says. */
  static int runs(int inBuild, int inCampaign) {
    return Integer.getInteger("flashdns.campaign.runs", LONG ? inCampaign : inBuild);
  }

  /** What the dice start from: {@code flashdns.campaign.seed}, else the time. */
  static long seed() {
    return Long.getLong("flashdns.campaign.seed", System.nanoTime());
  }

  /** True when this process may mount. */
  static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  /**
   * True when system calls can be traced.
   *
   * @throws IllegalStateException when they cannot, and the build asks for all that tests need
   */
  static boolean canTrace() {
    String said = run("strace", "-f", "-qqq", "-o", "/dev/null", "true");
    if (!said.isEmpty() && Boolean.getBoolean("flashdns.require.peers")) {
      throw new IllegalStateException("install strace: " + said);
    }
    return said.isEmpty();
  }

  /**
   * Runs a command to its end.
   *
   * @return empty when it went well, else what it said
   */
  static String run(String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes());
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return String.join(" ", command) + " hangs";
      }
      return process.exitValue() == 0 ? "" : String.join(" ", command) + ": " + said;
    } catch (IOException e) {
      return e.toString();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return e.toString();
    }
  }

  /** Runs a command that must go well. */
  static void must(String... command) {
    String said = run(command);
    if (!said.isEmpty()) {
      throw new IllegalStateException(said);
    }
  }

  /** Copies a folder and all in it. */
  static Path copy(Path from, Path to) throws IOException {
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
              throws IOException {
            Files.createDirectories(to.resolve(from.relativize(folder)));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.copy(file, to.resolve(from.relativize(file)), StandardCopyOption.COPY_ATTRIBUTES);
            return FileVisitResult.CONTINUE;
          }
        });
    return to;
  }

  /** Deletes a folder and all in it; nothing happens when there is none. */
  static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path done, @Nullable IOException e)
              throws IOException {
            Files.delete(done);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** Prints figures and, in the long form, leaves them in {@code target/campaign}. */
  static void report(String name, Map<String, ?> figures) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("campaign", name);
    all.put("when", Instant.now().truncatedTo(ChronoUnit.SECONDS));
    all.put("java", Runtime.version());
    all.put("processors", Runtime.getRuntime().availableProcessors());
    all.putAll(figures);
    String json =
        all.entrySet().stream()
            .map(e -> "  \"" + e.getKey() + "\": " + json(e.getValue()))
            .collect(Collectors.joining(",\n", "{\n", "\n}\n"));
    System.out.println(json);
    if (LONG) {
      try {
        Path folder = Files.createDirectories(Path.of("target", "campaign"));
        Files.writeString(folder.resolve(name + ".json"), json);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static String json(Object value) {
    return value instanceof Number || value instanceof Boolean
        ? value.toString()
        : "\"" + value.toString().replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }
}
