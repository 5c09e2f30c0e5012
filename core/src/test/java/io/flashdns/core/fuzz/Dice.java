package io.flashdns.core.fuzz;

/**
 * Numbers by chance that a seed brings back. SplitMix64 (Steele, Lea, Flood 2014); allocates
 * nothing. One thread.
 */
final class Dice {
  private long state;

  /** Starts the sequence of a seed. */
  Dice seed(long seed) {
    state = seed;
    return this;
  }

  long bits() {
    state += 0x9e37_79b9_7f4a_7c15L;
    long z = state;
    z = (z ^ (z >>> 30)) * 0xbf58_476d_1ce4_e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d0_49bb_1331_11ebL;
    return z ^ (z >>> 31);
  }

  /** A number from 0 to {@code bound - 1}. */
  int below(int bound) {
    return (int) (((bits() >>> 32) * bound) >>> 32);
  }

  /** A number from {@code least} to {@code most}. */
  int between(int least, int most) {
    return least + below(most - least + 1);
  }

  boolean oneIn(int times) {
    return below(times) == 0;
  }

  int oneOf(int... values) {
    return values[below(values.length)];
  }
}
