package io.flashdns.management.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What a command sees of the process: its streams, whether a person is at them, its environment,
 * and where the program is installed.
 *
 * @param in what is typed or piped in
 * @param out for what was asked for
 * @param err for what is wrong, questions and progress
 * @param inIsTerminal whether somebody can answer questions
 * @param outIsTerminal whether {@code out} is read by a person
 * @param errIsTerminal whether {@code err} is
 * @param environment variables of the environment
 * @param home folder of the distribution; null when not known
 */
public record Console(
    InputStream in,
    PrintStream out,
    PrintStream err,
    boolean inIsTerminal,
    boolean outIsTerminal,
    boolean errIsTerminal,
    Map<String, String> environment,
    @Nullable Path home) {
  private static final int NARROWEST = 40;

  /**
   * That of this process.
   *
   * @param home folder of the distribution; null when not known
   */
  public static Console ofProcess(PrintStream out, PrintStream err, @Nullable Path home) {
    return new Console(
        System.in, out, err, isTerminal(0), isTerminal(1), isTerminal(2), System.getenv(), home);
  }

  /** A variable of the environment; null when it is not set or empty. */
  @Nullable String variable(String name) {
    String value = environment.get(name);
    return value == null || value.isEmpty() ? null : value;
  }

  /** Whether what goes to {@code out} may be coloured. */
  boolean colours() {
    return outIsTerminal && variable("NO_COLOR") == null && !"dumb".equals(variable("TERM"));
  }

  /** Whether questions can be asked. */
  boolean canAsk() {
    return inIsTerminal && errIsTerminal;
  }

  /** Columns of the terminal behind {@code out}; a great number when there is none. */
  int width() {
    if (!outIsTerminal) {
      return Integer.MAX_VALUE;
    }
    String columns = variable("COLUMNS");
    try {
      return Math.max(NARROWEST, columns == null ? askTerminal() : Integer.parseInt(columns));
    } catch (NumberFormatException _) {
      return Integer.MAX_VALUE;
    }
  }

  /** One sentence on {@code err}. */
  void say(String sentence) {
    err.println("flashdns: " + sentence);
    err.flush();
  }

  /** A line from {@code in} without its end; null at its end. Reads not one octet beyond it. */
  @Nullable String readLine() throws IOException {
    StringBuilder line = new StringBuilder();
    int next = in.read();
    if (next < 0) {
      return null;
    }
    for (; next >= 0 && next != '\n'; next = in.read()) {
      if (next != '\r') {
        line.append((char) next);
      }
    }
    return line.toString();
  }

  /** {@code stty} tells what it finds at its standard input: "rows columns". */
  private static int askTerminal() {
    try {
      Process stty =
          new ProcessBuilder("stty", "-F", "/dev/tty", "size")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      try (InputStream answer = stty.getInputStream()) {
        String text = new String(answer.readAllBytes(), StandardCharsets.US_ASCII).strip();
        if (!stty.waitFor(1, TimeUnit.SECONDS)) {
          stty.destroy();
        }
        int columns = Integer.parseInt(text.substring(text.indexOf(' ') + 1));
        return columns == 0 ? Integer.MAX_VALUE : columns;
      }
    } catch (IOException _) {
      return Integer.MAX_VALUE;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return Integer.MAX_VALUE;
    }
  }

  /** Java tells of standard input and output together only; Linux tells of each. */
  private static boolean isTerminal(int descriptor) {
    try {
      Path target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor));
      return target.startsWith("/dev/pts")
          || target.getFileName().toString().startsWith("tty")
          || target.endsWith("console");
    } catch (IOException _) {
      return false;
    }
  }
}
