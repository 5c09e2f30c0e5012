package io.flashdns.plugins.ratelimit;

/**
 * What floods have got in octets above what they sent, by prefix of 24 bits (IPv4) or 48 (IPv6).
 *
 * <p>A reply that is held back is as long as its query, so each full reply that a flood is still
 * given would leave it with more octets than it sent. They are owed, and paid back by dropping
 * replies that were to go out truncated: never two in a row, so that who is honest is told to come
 * over TCP at the second try at the latest. A flood gets no more than it sent while its full
 * replies are not longer than {@code 1 + flood / rate / 2} times the query.
 *
 * <p>One worker's: each pays for what it sent. A fixed number of cells; prefixes that share one
 * share their debt. What is owed is forgotten after a second or two of quiet.
 */
final class OctetDebts {
  private static final int CELLS = 1 << 10;

  /** What is not believed to be paid back any more: the answers are too long for the flood. */
  private static final int MOST = 1 << 16;

  private static final int SECOND_BITS = 30;

  /** Second of the last change (32 bits), octets (32). */
  private final long[] cells = new long[CELLS];

  private boolean paidLast;

  /** Adds to what the prefix of a cell owes. */
  void owe(int cell, long nanos, int octets) {
    int owed = Math.clamp((long) owed(cell, nanos) + octets, 0, MOST);
    cells[cell & (CELLS - 1)] = second(nanos) << 32 | owed;
  }

  /** True when a reply is to be dropped to pay. */
  boolean mustPay(int cell, long nanos) {
    paidLast = !paidLast && owed(cell, nanos) > 0;
    return paidLast;
  }

  private int owed(int cell, long nanos) {
    long held = cells[cell & (CELLS - 1)];
    return second(nanos) - (held >>> 32) > 1 ? 0 : (int) held;
  }

  private static long second(long nanos) {
    return nanos >>> SECOND_BITS & 0xffff_ffffL;
  }
}
