package io.flashdns.bench.compare;

import java.util.Arrays;
import java.util.Collection;

/**
 * The median of some rounds, and how far they lie apart.
 *
 * @param count of rounds
 */
record Spread(double median, double min, double max, int count) {
  /** Fewer rounds than this say little. */
  static final int FEW = 3;

  /** Rounds that lie further apart than this part of their median say little, too. */
  static final double WIDE = 0.2;

  /** Of values, one at least. */
  static Spread of(Collection<Double> values) {
    if (values.isEmpty()) {
      throw new IllegalArgumentException("no rounds");
    }
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int middle = sorted.length / 2;
    double median =
        sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    return new Spread(median, sorted[0], Arrays.stream(sorted).max().orElseThrow(), sorted.length);
  }

  boolean isOfFew() {
    return count < FEW;
  }

  boolean isWide() {
    return max - min > WIDE * Math.abs(median);
  }
}
