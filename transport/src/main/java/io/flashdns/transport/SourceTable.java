package io.flashdns.transport;

import java.util.Arrays;

/**
 * Who sends how much to one socket: a count for each source of the running interval, and an
 * estimate of what it offers that fades with time.
 *
 * <p>A source is an IPv4 address or an IPv6 /64, named by a number: the 32 bits of the one, the
 * upper 64 bits of the other. There is room for a fixed number; further ones are counted together.
 * Sources lie one after the other in arrays, found by an open-addressed index whose hash nobody
 * outside can foresee.
 *
 * <p><b>Thread</b>: the loop's. <b>Cost</b>: 0.4 MiB for {@link #CAPACITY}; {@link #count} is an
 * access or two of memory and allocates nothing.
 */
final class SourceTable {
  static final int CAPACITY = 8_192;

  /** A source with less weight is forgotten. */
  private static final double FORGOTTEN = 0.05;

  /** The same when the table is more than half full: one datagram is not enough to stay. */
  private static final double CROWDED_OUT = 1;

  private final long secret;
  private final long multiplier;

  /** Number of a source, and 1; 0 where there is none. */
  private final int[] index;

  private final int indexMask;
  private final int indexShift;
  private final long[] keys;
  private final int[] seen;
  private final double[] weight;
  private final double[] offered;
  private final double[] pass;
  private final double[] next;
  private int size;
  private long others;
  private double othersOffered;

  /**
   * @param capacity most sources; a power of two
   * @param secret1 what makes the hash unforeseeable, with {@code secret2}
   */
  SourceTable(int capacity, long secret1, long secret2) {
    secret = secret1;
    multiplier = secret2 | 1;
    index = new int[2 * capacity];
    indexMask = index.length - 1;
    indexShift = Long.SIZE - Integer.bitCount(indexMask);
    keys = new long[capacity];
    seen = new int[capacity];
    weight = new double[capacity];
    offered = new double[capacity];
    pass = new double[capacity];
    next = new double[capacity];
  }

  /** Counts one datagram of a source. */
  void count(long key) {
    int at = indexOf(key);
    for (int entry = index[at]; entry != 0; entry = index[at]) {
      if (keys[entry - 1] == key) {
        seen[entry - 1]++;
        return;
      }
      at = (at + 1) & indexMask;
    }
    if (size == keys.length) {
      others++;
      return;
    }
    keys[size] = key;
    seen[size] = 1;
    weight[size] = 0;
    offered[size] = 0;
    pass[size] = 1;
    next[size] = 1;
    index[at] = ++size;
  }

  private int indexOf(long key) {
    long hash = (key ^ secret) * multiplier;
    return (int) (((hash ^ hash >>> 32) * multiplier) >>> indexShift);
  }

  /** Datagrams that the filter dropped in this interval, by what passed it. */
  double droppedByFilter() {
    double dropped = 0;
    for (int i = 0; i < size; i++) {
      dropped += seen[i] * (1 / pass[i] - 1);
    }
    return dropped;
  }

  /** Forgets everything. */
  void clear() {
    Arrays.fill(index, 0);
    size = 0;
    others = 0;
    othersOffered = 0;
  }

  /**
   * Ends an interval: what was counted becomes part of the estimates.
   *
   * @param decay what is left of older intervals; 0 to 1
   * @param queueShare the part of the datagrams for which there was room in the queue; above 0, to
   *     1
   */
  void settle(double decay, double queueShare) {
    double least = size > keys.length / 2 ? CROWDED_OUT : FORGOTTEN;
    othersOffered = othersOffered * decay + others / queueShare;
    others = 0;
    Arrays.fill(index, 0);
    int kept = 0;
    for (int i = 0; i < size; i++) {
      double nowWeight = weight[i] * decay + seen[i];
      double nowOffered = offered[i] * decay + seen[i] / (queueShare * pass[i]);
      if (nowWeight < least && pass[i] == 1 && next[i] == 1) {
        othersOffered += nowOffered;
        continue;
      }
      keys[kept] = keys[i];
      seen[kept] = 0;
      weight[kept] = nowWeight;
      offered[kept] = nowOffered;
      pass[kept] = pass[i];
      next[kept] = next[i];
      int at = indexOf(keys[kept]);
      while (index[at] != 0) {
        at = (at + 1) & indexMask;
      }
      index[at] = ++kept;
    }
    size = kept;
  }

  /** Sources that are known; they have the numbers below. */
  int size() {
    return size;
  }

  long key(int source) {
    return keys[source];
  }

  /** Datagrams that were really seen of a source, fading: how much its estimate is worth. */
  double weight(int source) {
    return weight[source];
  }

  /** Datagrams that a source is estimated to have sent, fading. */
  double offered(int source) {
    return offered[source];
  }

  /** The same of all that found no room here, or are forgotten. */
  double othersOffered() {
    return othersOffered;
  }

  /** The part of a source's datagrams that passed the filter before those that are read now. */
  double pass(int source) {
    return pass[source];
  }

  /** The part that passes the filter now, or will; 1 for all. */
  double next(int source) {
    return next[source];
  }

  void next(int source, double part) {
    next[source] = part;
  }

  /** What is read from now on has passed the filter as it is now. */
  void adopt() {
    System.arraycopy(next, 0, pass, 0, size);
  }
}
