package io.flashdns.management.client;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * A bar on the terminal behind {@code err} for what takes longer than half a second; elsewhere
 * nothing.
 */
final class Progress implements AutoCloseable {
  private static final long FIRST_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final long EACH_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
  private static final int BAR_CELLS = 24;

  private final Console console;
  private final boolean isShown;
  private final LongSupplier clock;
  private final long startNanos;
  private long nextNanos;
  private boolean drawn;

  Progress(Session session, LongSupplier clock) {
    this.console = session.console();
    this.isShown = console.errIsTerminal() && !session.printer().isQuiet();
    this.clock = clock;
    this.startNanos = clock.getAsLong();
    this.nextNanos = startNanos + FIRST_NANOS;
  }

  /**
   * Tells how far it is.
   *
   * @param what is being done
   * @param done so much
   * @param all of so much; 0: not known
   * @param more beside it, such as the number of records
   */
  void update(String what, long done, long all, String more) {
    long now = clock.getAsLong();
    if (!isShown || now - nextNanos < 0) {
      return;
    }
    nextNanos = now + EACH_NANOS;
    drawn = true;
    console.err().print("\r" + line(what, done, all, more, now - startNanos) + "\u001b[K");
    console.err().flush();
  }

  private static String line(String what, long done, long all, String more, long nanos) {
    StringBuilder line = new StringBuilder(what);
    if (all > 0) {
      double share = Math.clamp((double) done / all, 0, 1);
      int full = (int) (share * BAR_CELLS);
      line.append(" [")
          .append("#".repeat(full))
          .append("-".repeat(BAR_CELLS - full))
          .append("] ")
          .append((int) (100 * share))
          .append(" %");
    }
    if (!more.isEmpty()) {
      line.append(all > 0 ? ", " : " ").append(more);
    }
    return line.append(", ").append(TimeUnit.NANOSECONDS.toSeconds(nanos)).append(" s").toString();
  }

  @Override
  public void close() {
    if (drawn) {
      console.err().print("\r\u001b[K");
      console.err().flush();
    }
  }
}
