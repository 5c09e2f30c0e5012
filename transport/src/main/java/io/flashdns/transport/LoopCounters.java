package io.flashdns.transport;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;

/**
 * The counters of one event loop. The loop alone adds; any thread reads, and sees a recent value
 * that is never torn. The slots lie apart from other objects, so that no two loops write to one
 * cache line.
 */
final class LoopCounters {
  static final int UDP_RECEIVED = 0;
  static final int UDP_SENT = 1;
  static final int UDP_OVERSIZE = 2;
  static final int UDP_SEND_ERRORS = 3;
  static final int UDP_RECEIVE_ERRORS = 4;
  static final int TCP_ACCEPTED = 5;
  static final int TCP_REFUSED = 6;
  static final int TCP_EVICTED = 7;
  static final int TCP_TIMED_OUT = 8;
  static final int TCP_CLOSED = 9;
  static final int TCP_MESSAGES = 10;
  static final int TCP_REPLIES = 11;
  static final int TCP_MALFORMED = 12;
  static final int TCP_ACCEPT_ERRORS = 13;
  static final int UDP_PROXY_REFUSED_SOURCE = 14;
  static final int UDP_PROXY_REFUSED_HEADER = 15;
  static final int TCP_PROXY_REFUSED_SOURCE = 16;
  static final int TCP_PROXY_REFUSED_HEADER = 17;
  static final int UDP_SEGMENTED = 18;
  static final int UDP_KERNEL_DROPPED = 19;

  /** This and the next one also fall. */
  static final int UDP_SHIELD_ACTIVE = 20;

  static final int UDP_SHIELDED_SOURCES = 21;
  private static final int SLOTS = 22;

  /** In longs: two cache lines, since processors fetch them in pairs. */
  private static final int PADDING = 16;

  private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);

  private final long[] slots = new long[PADDING + SLOTS + PADDING];

  void add(int slot, long count) {
    LONGS.setOpaque(slots, PADDING + slot, slots[PADDING + slot] + count);
  }

  long read(int slot) {
    return (long) LONGS.getOpaque(slots, PADDING + slot);
  }

  static TransportCounters sum(List<LoopCounters> loops, long failures) {
    long[] sums = new long[SLOTS];
    for (LoopCounters loop : loops) {
      for (int slot = 0; slot < SLOTS; slot++) {
        sums[slot] += loop.read(slot);
      }
    }
    return new TransportCounters(
        sums[UDP_RECEIVED],
        sums[UDP_SENT],
        sums[UDP_SEGMENTED],
        sums[UDP_OVERSIZE],
        sums[UDP_SEND_ERRORS],
        sums[UDP_RECEIVE_ERRORS],
        sums[UDP_KERNEL_DROPPED],
        sums[UDP_SHIELD_ACTIVE],
        sums[UDP_SHIELDED_SOURCES],
        sums[UDP_PROXY_REFUSED_SOURCE],
        sums[UDP_PROXY_REFUSED_HEADER],
        sums[TCP_ACCEPTED],
        sums[TCP_REFUSED],
        sums[TCP_EVICTED],
        sums[TCP_TIMED_OUT],
        sums[TCP_CLOSED],
        sums[TCP_MESSAGES],
        sums[TCP_REPLIES],
        sums[TCP_MALFORMED],
        sums[TCP_PROXY_REFUSED_SOURCE],
        sums[TCP_PROXY_REFUSED_HEADER],
        sums[TCP_ACCEPT_ERRORS],
        failures);
  }
}
