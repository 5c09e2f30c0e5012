package io.flashdns.bench.compare;

import java.io.PrintWriter;
import java.util.Locale;

/** Says what is being done, and how long it will take yet. One thread. */
final class Progress {
  private static final int COLUMNS = 100;

  private final PrintWriter out;
  private final boolean terminal;
  private final long begin = System.nanoTime();
  private double planned;
  private double done;

  /**
   * @param terminal whether a line may be written over the one before
   */
  Progress(PrintWriter out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /** There will be so much to do. */
  void plan(double seconds) {
    planned += seconds;
  }

  /** Begins something that was planned to take so long. */
  void begin(String what, double seconds) {
    String line = "%s  (%s)".formatted(what, left());
    if (terminal) {
      String cut = line.length() > COLUMNS ? line.substring(0, COLUMNS) : line;
      out.print("\r" + cut + " ".repeat(COLUMNS - cut.length()));
    } else {
      out.println(line);
    }
    out.flush();
    done += seconds;
  }

  /** Says a sentence that stays. */
  void say(String sentence) {
    out.println((terminal ? "\r" + " ".repeat(COLUMNS) + "\r" : "") + sentence);
    out.flush();
  }

  private String left() {
    double took = (System.nanoTime() - begin) / 1e9;
    double ahead = Math.max(0, planned - done);
    // Starts and warm-ups are no part of the plan: what is left grows as what was done did.
    double factor = done < 1 ? 1 : Math.max(1, took / done);
    long seconds = Math.round(ahead * factor);
    return seconds < 60
        ? seconds + " s left"
        : String.format(Locale.ROOT, "%d min %d s left", seconds / 60, seconds % 60);
  }
}
