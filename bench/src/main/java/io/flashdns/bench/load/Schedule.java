package io.flashdns.bench.load;

/**
 * Which query one thread of the generator sends next, and when.
 *
 * <p>Of {@code n} threads each takes every {@code n}th query of the list, and every {@code n}th
 * moment of the timetable.
 *
 * <p><b>Thread</b>: one. <b>Cost</b>: no allocation.
 */
final class Schedule {
  private final int queries;
  private final int threads;
  private final double nanosPerQuery;
  private final double firstNanos;
  private final long startNanos;
  private final long most;
  private final long seed;
  private int cursor;
  private long sent;

  /**
   * @param thread number of this one, from 0
   * @param startNanos when the timetable begins
   * @param most queries of this thread; {@link Long#MAX_VALUE} for any number
   */
  Schedule(int queries, int thread, int threads, Pace pace, long startNanos, long most, long seed) {
    this.queries = queries;
    this.threads = threads;
    this.startNanos = startNanos;
    this.most = most;
    this.seed = mix(seed) + ((long) thread << 40);
    double between = pace.isOpen() ? 1e9 / pace.queriesPerSecond() : 0;
    nanosPerQuery = between * threads;
    firstNanos = between * thread;
    cursor = thread % queries;
  }

  boolean isOpen() {
    return nanosPerQuery > 0;
  }

  /** Whether all that this thread may send has been sent. */
  boolean isDone() {
    return sent >= most;
  }

  /** Queries of the timetable up to a moment that have not been sent; any number without one. */
  long due(long nowNanos) {
    if (nanosPerQuery == 0) {
      return most - sent;
    }
    double elapsed = nowNanos - startNanos - firstNanos;
    long planned = elapsed < 0 ? 0 : 1 + (long) (elapsed / nanosPerQuery);
    return Math.min(planned, most) - sent;
  }

  /** When the next query is to be sent; now, where there is no timetable. */
  long plannedNanos(long nowNanos) {
    return nanosPerQuery == 0 ? nowNanos : startNanos + (long) (firstNanos + sent * nanosPerQuery);
  }

  /** The next query of the list. */
  int query() {
    return cursor;
  }

  /** What the next query's new name is made of. */
  long number() {
    return mix(seed + sent);
  }

  void next() {
    sent++;
    cursor += threads;
    while (cursor >= queries) {
      cursor -= queries;
    }
  }

  /** Takes back the last {@link #next}: the query was not sent. */
  void undo() {
    sent--;
    cursor -= threads;
    while (cursor < 0) {
      cursor += queries;
    }
  }

  /** The last step of SplittableRandom: near numbers become far ones. */
  private static long mix(long number) {
    long z = (number ^ (number >>> 30)) * 0xbf58_476d_1ce4_e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d0_49bb_1331_11ebL;
    return z ^ (z >>> 31);
  }
}
