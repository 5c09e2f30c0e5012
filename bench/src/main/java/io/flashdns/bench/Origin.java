package io.flashdns.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where numbers come from: a result without it is none.
 *
 * @param commit of the checkout in the working folder, with {@code -dirty} behind it when files
 *     were changed since; "unknown" outside of one
 * @param date to the second
 * @param cpu model
 * @param cores that the JVM may use
 * @param memory of the machine, with its unit
 * @param system name and version of the kernel
 * @param jdk vendor and version
 * @param flags of the JVM
 */
public record Origin(
    String commit,
    Instant date,
    String cpu,
    int cores,
    String memory,
    String system,
    String jdk,
    List<String> flags) {
  private static final String UNKNOWN = "unknown";

  /** That of this process. Runs {@code git}, and reads {@code /proc}. */
  public static Origin ofProcess() {
    return new Origin(
        describedCommit(),
        Instant.now().truncatedTo(ChronoUnit.SECONDS),
        valueIn("/proc/cpuinfo", "model name"),
        Runtime.getRuntime().availableProcessors(),
        valueIn("/proc/meminfo", "MemTotal"),
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        System.getProperty("java.vm.vendor") + " " + Runtime.version(),
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            // Where it is installed says nothing about numbers.
            .filter(flag -> !flag.startsWith("-Dflashdns.home="))
            .toList());
  }

  private static String describedCommit() {
    try {
      Process git =
          new ProcessBuilder("git", "describe", "--always", "--dirty", "--abbrev=40")
              .redirectErrorStream(true)
              .start();
      String said = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return git.waitFor() == 0 ? said.strip() : UNKNOWN;
    } catch (IOException e) {
      return UNKNOWN;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return UNKNOWN;
    }
  }

  private static String valueIn(String file, String key) {
    try (Stream<String> lines = Files.lines(Path.of(file))) {
      return lines
          .filter(line -> line.startsWith(key))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(UNKNOWN);
    } catch (IOException e) {
      return UNKNOWN;
    }
  }
}
