package io.flashdns.management.server;

import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;

/**
 * Tells how far something long is, such as the loading of zones: on a terminal one line that is
 * renewed, from the second second on; else a line each ten seconds. Used by one thread.
 */
final class LoadProgress implements BiConsumer<Integer, Integer> {
  private static final long TERMINAL_AFTER_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final long TERMINAL_EACH_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final long LINE_EACH_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Terminal terminal;
  private final LongSupplier clock;
  private final String what;
  private final String unit;
  private final long startNanos;
  private long nextNanos;
  private boolean shown;

  /**
   * @param clock nanoseconds, such as {@link System#nanoTime}
   */
  LoadProgress(Terminal terminal, LongSupplier clock) {
    this(terminal, clock, "reading zones", "files");
  }

  /**
   * Of other work.
   *
   * @param what is being done
   * @param unit what is counted
   */
  LoadProgress(Terminal terminal, LongSupplier clock, String what, String unit) {
    this.what = what;
    this.unit = unit;
    this.terminal = terminal;
    this.clock = clock;
    this.startNanos = clock.getAsLong();
    this.nextNanos =
        startNanos + (terminal.errIsTerminal() ? TERMINAL_AFTER_NANOS : LINE_EACH_NANOS);
  }

  @Override
  public void accept(Integer done, Integer all) {
    long now = clock.getAsLong();
    if (now - nextNanos < 0) {
      return;
    }
    nextNanos = now + (terminal.errIsTerminal() ? TERMINAL_EACH_NANOS : LINE_EACH_NANOS);
    shown = true;
    terminal.progress(
        "%s: %,d of %,d %s, %d s"
            .formatted(what, done, all, unit, TimeUnit.NANOSECONDS.toSeconds(now - startNanos)));
  }

  /** Clears the line if one is shown. */
  void end() {
    if (shown) {
      terminal.endProgress();
    }
  }
}
