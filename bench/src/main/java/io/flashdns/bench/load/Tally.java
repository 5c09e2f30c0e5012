package io.flashdns.bench.load;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * What one thread of the generator counts. Its fields belong to that thread, and to others when it
 * has ended; what others may see meanwhile is in {@link #seen}.
 */
final class Tally {
  /** Longest latency that is told apart, in nanoseconds. */
  static final long LONGEST_NANOS = 120_000_000_000L;

  /** Header values of an rcode. */
  static final int RCODES = 16;

  /** A cache line before and behind what others see: each thread writes its own all the time. */
  private static final int PADDING = 8;

  private static final int DIGITS = 3;
  private static final int FAULTS_SAID = 5;
  private static final VarHandle SEEN = MethodHandles.arrayElementVarHandle(long[].class);

  /** A number that others see while the thread works. */
  enum Seen {
    SENT(0),
    RECEIVED(1),
    LOST(2),
    WRONG(3),
    LATENCY_NANOS(4),
    OUTSTANDING(5),
    BACKLOG(6),
    REFUSALS(7);

    private final int index;

    Seen(int index) {
      this.index = PADDING + index;
    }
  }

  final Histogram latencyNanos = new Histogram(LONGEST_NANOS, DIGITS);
  final long[] rcodes = new long[RCODES];
  final List<String> faults = new ArrayList<>();
  long sent;
  long received;
  long lost;
  long latencySumNanos;
  long duplicates;
  long late;
  long strays;
  long malformed;
  long truncated;
  long replyBytes;
  long wrongQuestion;
  long wrongRcode;
  long wrongAnswers;
  long refusals;
  long receiveErrors;
  long sendErrors;
  long sendsBlocked;
  long connections;
  long failedConnections;
  long maxBacklog;
  long notSent;
  long cpuNanos;

  private final long[] seen = new long[PADDING + 8 + PADDING];

  long wrong() {
    return wrongQuestion + wrongRcode + wrongAnswers;
  }

  /** Records one reply's latency. */
  void latency(long nanos) {
    long bounded = Math.max(0, Math.min(LONGEST_NANOS, nanos));
    latencyNanos.recordValue(bounded);
    latencySumNanos += bounded;
  }

  /** Keeps the first few descriptions of what was wrong. */
  boolean wantsFault() {
    return faults.size() < FAULTS_SAID;
  }

  /** Shows the numbers to others. */
  void show(long outstanding, long backlog) {
    if (backlog > maxBacklog) {
      maxBacklog = backlog;
    }
    put(Seen.SENT, sent);
    put(Seen.RECEIVED, received);
    put(Seen.LOST, lost);
    put(Seen.WRONG, wrong());
    put(Seen.LATENCY_NANOS, latencySumNanos);
    put(Seen.OUTSTANDING, outstanding);
    put(Seen.BACKLOG, backlog);
    put(Seen.REFUSALS, refusals);
  }

  private void put(Seen what, long value) {
    SEEN.setOpaque(seen, what.index, value);
  }

  /** A number as it was shown last; any thread. */
  long seen(Seen what) {
    return (long) SEEN.getOpaque(seen, what.index);
  }
}
