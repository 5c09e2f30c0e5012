package io.flashdns.plugins.ratelimit;

/**
 * How loads fall: by the same fraction in every tick, looked up instead of computed.
 *
 * <p>A load is a number from 0 to {@link #LIMIT}, the share of its budget that a prefix has used
 * up. Under a flood it stands at the limit, and what it loses in a second is what is let through:
 * the rate. Left alone it falls to 37 % within {@code burst / rate} seconds, the time constant.
 *
 * <p>A tick is a power of two of nanoseconds, 1/4096 to 1/2048 of the time constant: 1.05 ms with
 * the defaults. Ticks are counted modulo 2^{@value #STAMP_BITS}, 64 time constants or more; after
 * 21 of them a load is nothing.
 */
final class Decay {
  /** Bits of a tick's number. */
  static final int STAMP_BITS = 18;

  static final int STAMP_MASK = (1 << STAMP_BITS) - 1;

  /** A load that has used up its budget. Room above it takes what workers add at the same time. */
  static final int LIMIT = 1 << 29;

  private static final int FINE_BITS = 8;
  private static final int FINE = 1 << FINE_BITS;
  private static final double ONE = 0x1p32;

  private final int tickBits;
  private final double constantNanos;
  private final long[] fine = new long[FINE];
  private final long[] coarse;

  /**
   * The decay that lets {@code rate} through in a second.
   *
   * @param rate of one address, above 0
   * @param burst what a load of {@link #LIMIT} is for one address. Under a flood it stands between
   *     {@code burst - 1} and {@code burst}: the fraction is taken of the middle
   */
  Decay(int rate, int burst) {
    constantNanos = (burst - 0.5) / rate * 1e9;
    int bits = 0;
    while (Math.scalb(2_048.0, bits + 1) <= constantNanos) {
      bits++;
    }
    tickBits = bits;
    // Exactly the rate's share in each tick, so that many queries in one tick change nothing.
    double left = Math.log1p(-Math.scalb(1.0, bits) / constantNanos);
    int ticks = (int) Math.ceil(-Math.log(LIMIT) / left);
    coarse = new long[ticks / FINE + 1];
    for (int i = 0; i < FINE; i++) {
      fine[i] = Math.round(Math.exp(left * i) * ONE);
    }
    for (int i = 0; i < coarse.length; i++) {
      coarse[i] = Math.round(Math.exp(left * i * FINE) * ONE);
    }
  }

  /** The number of the tick that a time by {@link System#nanoTime} lies in. */
  int tick(long nanos) {
    return (int) (nanos >>> tickBits) & STAMP_MASK;
  }

  /**
   * Ticks from one to another; 0 when the other is not later, as when another worker's batch was
   * received earlier.
   */
  static int age(int stamp, int now) {
    int age = (now - stamp) & STAMP_MASK;
    return age > STAMP_MASK >>> 1 ? 0 : age;
  }

  /** What is left of a load after some ticks. */
  int left(int load, int age) {
    if (age < FINE) {
      return (int) ((load * fine[age]) >>> 32);
    }
    int far = age >>> FINE_BITS;
    if (far >= coarse.length) {
      return 0;
    }
    long near = (load * fine[age & (FINE - 1)]) >>> 32;
    return (int) ((near * coarse[far]) >>> 32);
  }

  /** Time in which a load falls to 37 %, in nanoseconds. */
  double constantNanos() {
    return constantNanos;
  }
}
