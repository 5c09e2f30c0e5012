package io.flashdns.management.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Programs that the tests call, and where they come from. */
final class Tools {
  private static final long SECONDS = 120;

  private Tools() {}

  /** What a program did. */
  record Run(int status, String out, String err) {}

  /**
   * Skips the test where a program does not work; a failure where the build asks for all programs.
   *
   * @param debianPackages where it is in
   * @param probe a command line that ends with 0 where it works
   */
  static void need(String debianPackages, String... probe) throws InterruptedException {
    String said;
    try {
      Run run = run(List.of(probe));
      said = run.status() == 0 ? "" : run.err() + run.out();
    } catch (IOException e) {
      said = e.toString();
    }
    String message =
        String.join(" ", probe) + " does not work; install " + debianPackages + ": " + said;
    if (Boolean.getBoolean("flashdns.require.peers")) {
      assertThat(said).as(message).isEmpty();
    }
    assumeTrue(said.isEmpty(), message);
  }

  /** Runs a program to its end. */
  static Run run(List<String> command) throws IOException, InterruptedException {
    Path err = Files.createTempFile("said", ".txt");
    try {
      ProcessBuilder builder = new ProcessBuilder(command).redirectError(err.toFile());
      builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
      Process process = builder.start();
      try {
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS)).as("%s ends", command).isTrue();
        return new Run(process.exitValue(), out, Files.readString(err));
      } finally {
        process.destroyForcibly();
      }
    } finally {
      Files.delete(err);
    }
  }

  /** A folder or file of this module, wherever the test is run. */
  static Path ofModule(String path) {
    Path here = Path.of(path);
    return (Files.exists(here) ? here : Path.of("management").resolve(path)).toAbsolutePath();
  }
}
