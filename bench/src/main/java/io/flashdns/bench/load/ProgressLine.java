package io.flashdns.bench.load;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Says how a load goes: on a terminal one line that changes, elsewhere one line after the other.
 */
final class ProgressLine {
  private final PrintWriter out;
  private final boolean wanted;
  private final boolean overwrites;
  private final int interval;
  private boolean shown;

  /**
   * @param wanted whether anything is said
   * @param overwrites whether each line takes the place of the one before
   * @param interval says only every so many seconds
   */
  ProgressLine(PrintWriter out, boolean wanted, boolean overwrites, int interval) {
    this.out = out;
    this.wanted = wanted;
    this.overwrites = overwrites;
    this.interval = interval;
  }

  /** Whether standard error is a terminal, as Linux tells it. */
  static boolean isTerminal() {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
      return target.startsWith("/dev/pts/")
          || target.startsWith("/dev/tty")
          || target.equals("/dev/console");
    } catch (IOException _) {
      return false;
    }
  }

  void show(LoadSecond second) {
    if (!wanted || second.second() % interval != 0) {
      return;
    }
    String line =
        "%4d s  %,10.0f q/s  lost %,d  wrong %,d  out %,d%s  mean %s us"
            .formatted(
                second.second(),
                second.queriesPerSecond(),
                second.lost(),
                second.wrong(),
                second.outstanding(),
                second.backlog() == 0 ? "" : "  behind %,d".formatted(second.backlog()),
                Double.isNaN(second.meanLatencyMicros())
                    ? "-"
                    : "%,.0f".formatted(second.meanLatencyMicros()));
    if (overwrites) {
      out.print("\r\u001b[K" + line);
      shown = true;
    } else {
      out.println(line);
    }
    out.flush();
  }

  /** Makes place for what is printed next. */
  void end() {
    if (shown) {
      out.print("\r\u001b[K");
      out.flush();
    }
  }
}
