package io.flashdns.plugins.ratelimit;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.random.RandomGenerator;

/**
 * The loads of prefixes, in a fixed number of slots of 64 bits that all workers share.
 *
 * <p><b>Slot</b>: tag (16 bits), tick of the last change ({@link Decay#STAMP_BITS}), load (30). It
 * is read plainly and changed with a compare-and-set of what was read, so that no reply is lost or
 * counted twice when two workers answer the same prefix. Eight slots are a line, one or two of what
 * processors fetch at once.
 *
 * <p><b>Place</b>: line, place in the line and tag of a prefix come from a 64-bit hash that is
 * keyed with 256 secret bits: nobody can aim at somebody else's line. A prefix that has no slot in
 * its line takes over a slot with a small load, or else the one with the smallest, <em>with that
 * load</em> (the space-saving rule of Metwally and others): a load may be counted too high for the
 * newcomer, never too low, so that no flood is forgotten by driving its slot out with many other
 * sources. It follows that somebody is limited for others' sake only when all eight slots of the
 * line stand near their limit, or when his tag is that of a flooded prefix in his line, which has a
 * chance of one in 65,536.
 *
 * <p>Safe for all threads. {@link #sweep} must be called from time to time, so that no slot is read
 * whose tick number has come round again.
 */
final class LoadTable {
  static final int LINE_BYTES = 64;

  private static final int LINE_BITS = 6;
  private static final int SLOTS = 8;
  private static final int SLOT_BITS = 3;
  private static final int LOAD_BITS = 30;
  private static final int LOAD_MASK = (1 << LOAD_BITS) - 1;
  private static final int TAG_SHIFT = LOAD_BITS + Decay.STAMP_BITS;

  /** A slot with less than this is taken over at once; by default a reply of an address is more. */
  private static final int LITTLE = Decay.LIMIT >> 11;

  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(long[].class);

  private final long[] memory;
  private final long lineMask;
  private final Decay decay;
  private final long seed0;
  private final long seed1;
  private final long seed2;
  private final long seed3;

  /** Where the sweep goes on, and when it was last at work. Used by the sweeping thread alone. */
  private int sweptAt;

  private long sweptNanos;
  private boolean swept;

  /**
   * An empty table.
   *
   * @param bytes its size, rounded up to a power of two
   * @param secrets gives the keys of the hash
   */
  LoadTable(long bytes, Decay decay, RandomGenerator secrets) {
    long lines = Long.highestOneBit(Math.max(bytes, LINE_BYTES) * 2 - 1) >>> LINE_BITS;
    this.lineMask = lines - 1;
    this.memory = new long[(int) (lines * SLOTS)];
    this.decay = decay;
    this.seed0 = secrets.nextLong();
    this.seed1 = secrets.nextLong();
    this.seed2 = secrets.nextLong();
    this.seed3 = secrets.nextLong();
  }

  /** The keyed hash of a prefix: two folded multiplications of 64 by 64 bits. */
  long hash(long one, long other) {
    return fold(fold(one ^ seed0, other ^ seed1) ^ seed2, seed3 ^ one);
  }

  private static long fold(long one, long other) {
    return Math.unsignedMultiplyHigh(one, other) ^ (one * other);
  }

  /** Offset of the line of a hash. */
  int line(long hash) {
    return (int) (hash >>> 32 & lineMask) << SLOT_BITS;
  }

  /** The slot of a line to look at first; of {@code home} the lowest bits count. */
  static int slot(int line, int home) {
    return line | (home & (SLOTS - 1));
  }

  /** True when a slot's bits belong to the prefix with this tag. */
  static boolean isOf(long slot, int tag) {
    return slot >>> TAG_SHIFT == tag;
  }

  /**
   * The slot of a prefix that is not in its first one: its own, or else the one that it is to take
   * over.
   *
   * @param first the slot of its line that was looked at
   * @param tag 0 to 65,535
   */
  int search(int first, int tag, int now) {
    int line = first & -SLOTS;
    for (int i = 1; i < SLOTS; i++) {
      int at = slot(line, first + i);
      if (isOf(memory[at], tag)) {
        return at;
      }
    }
    int found = first;
    int least = Integer.MAX_VALUE;
    for (int i = 0; i < SLOTS && least >= LITTLE; i++) {
      int at = slot(line, first + i);
      int load = load(memory[at], now);
      if (load < least) {
        least = load;
        found = at;
      }
    }
    return found;
  }

  /** A slot's bits. */
  long read(int at) {
    return memory[at];
  }

  /** The load that a slot's bits mean now. */
  int load(long slot, int now) {
    return decay.left((int) slot & LOAD_MASK, Decay.age(stamp(slot), now));
  }

  private static int stamp(long slot) {
    return (int) (slot >>> LOAD_BITS) & Decay.STAMP_MASK;
  }

  /**
   * Adds to the load of a slot and gives it the tag.
   *
   * @param seen the bits that the slot had a moment ago
   */
  void charge(int at, long seen, int tag, int now, int amount) {
    long expected = seen;
    while (true) {
      int stamp = stamp(expected);
      int before = (int) expected & LOAD_MASK;
      int age = Decay.age(stamp, now);
      int load = decay.left(before, age) + amount;
      // A stamp that another worker set later than this batch was received stays.
      long stamped = age == 0 && before != 0 ? stamp : now;
      long next = (long) tag << TAG_SHIFT | stamped << LOAD_BITS | Math.min(load, LOAD_MASK);
      long found = (long) SLOT.compareAndExchange(memory, at, expected, next);
      if (found == expected) {
        return;
      }
      expected = found;
    }
  }

  /**
   * Clears slots whose load is nothing any more: a part of the table each time, all of it in eight
   * time constants. After a pause of ten or more everything is cleared. One thread.
   */
  void sweep(long nowNanos) {
    long elapsed = swept ? nowNanos - sweptNanos : 0;
    if (swept && elapsed <= 0) {
      return;
    }
    swept = true;
    sweptNanos = nowNanos;
    double constants = elapsed / decay.constantNanos();
    boolean all = constants >= 10;
    int whole = memory.length >>> SLOT_BITS;
    long lines = Math.min(whole, (long) (constants / 8 * whole) + 1);
    int now = decay.tick(nowNanos);
    for (long i = 0; i < lines << SLOT_BITS; i++) {
      long slot = read(sweptAt);
      if (slot != 0 && (all || load(slot, now) == 0)) {
        SLOT.compareAndSet(memory, sweptAt, slot, 0L);
      }
      sweptAt++;
      if (sweptAt == memory.length) {
        sweptAt = 0;
      }
    }
  }
}
