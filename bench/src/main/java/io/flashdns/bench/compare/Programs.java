package io.flashdns.bench.compare;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Other programs that run for a moment. */
final class Programs {
  private static final int MOST_SAID = 300;

  private Programs() {}

  /** What a program says, on both outputs; empty when it cannot be run. */
  static String said(List<String> command) throws InterruptedException {
    try {
      Process process = start(command, null);
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      process.waitFor();
      return said;
    } catch (IOException _) {
      return "";
    }
  }

  /**
   * Runs a program to its end.
   *
   * @param what it does, for the sentence that says that it failed
   */
  static void run(String what, Path folder, List<String> command)
      throws CompareException, InterruptedException {
    try {
      Process process = start(command, folder);
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        String text = said.strip().replace('\n', ' ');
        throw new CompareException(
            "%s failed: %s: %s"
                .formatted(
                    what,
                    command.getFirst(),
                    text.length() > MOST_SAID ? text.substring(0, MOST_SAID) + "…" : text));
      }
    } catch (IOException e) {
      throw new CompareException(what + " failed: " + e.getMessage(), e);
    }
  }

  private static Process start(List<String> command, @org.jspecify.annotations.Nullable Path folder)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    if (folder != null) {
      builder.directory(folder.toFile());
    }
    return builder.start();
  }
}
