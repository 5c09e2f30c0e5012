package io.flashdns.core.plugin;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * One worker's slots of a plugin's counters and histograms.
 *
 * <p>Written by the worker alone, read by whoever sums at a scrape: each slot is seen whole and
 * rising, not all slots of one moment. A count costs about a nanosecond and no cache line is shared
 * between workers.
 */
public final class Counts {
  /**
   * Buckets of a histogram: the first holds values below {@value #FIRST_BOUND_NANOS} ns, each next
   * one up to twice as much, the last all that is longer.
   */
  public static final int BUCKETS = 26;

  /** Upper bound of a histogram's first bucket, in nanoseconds. */
  public static final long FIRST_BOUND_NANOS = 1L << 9;

  /** Slots of a histogram: its buckets and the sum of its values. */
  public static final int HISTOGRAM_SLOTS = BUCKETS + 1;

  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int FIRST_BOUND_BITS = 9;

  private final long[] slots;

  /** Slots for the handles that a {@link Metrics} gave. Called by the host. */
  public Counts(int slots) {
    this.slots = new long[slots];
  }

  /** Adds one to the counter that {@link Metrics#counter} gave, or a member of its family. */
  public void increment(int counter) {
    SLOT.setOpaque(slots, counter, slots[counter] + 1);
  }

  /** Adds to a counter. */
  public void add(int counter, long amount) {
    SLOT.setOpaque(slots, counter, slots[counter] + amount);
  }

  /** Adds a value to the histogram that {@link Metrics#histogram} gave. */
  public void record(int histogram, long nanos) {
    long value = Math.max(0, nanos);
    int bucket = 64 - Long.numberOfLeadingZeros(value >>> FIRST_BOUND_BITS);
    increment(histogram + Math.min(bucket, BUCKETS - 1));
    add(histogram + BUCKETS, value);
  }

  /** What a slot holds now. Any thread. */
  public long read(int slot) {
    return (long) SLOT.getOpaque(slots, slot);
  }

  /** Number of slots. */
  public int size() {
    return slots.length;
  }
}
