package io.flashdns.transport;

import java.util.Arrays;

/**
 * Max-min fairness (Bertsekas and Gallager, Data Networks, 2nd edition, section 6.5.2): what is to
 * be shared is poured out evenly, and who has enough takes no more, so that the others get it.
 */
final class FairShare {
  private FairShare() {}

  /**
   * The most that one claim gets: the level at which the sum of {@code min(claim, level)} is what
   * there is.
   *
   * @param claims the first {@code count} are read
   * @param available what there is to share, in the unit of the claims
   * @return infinity when it is enough for all
   */
  static double level(double[] claims, int count, double available) {
    double[] ascending = Arrays.copyOf(claims, count);
    Arrays.sort(ascending);
    double left = available;
    for (int i = 0; i < count; i++) {
      double even = left / (count - i);
      if (ascending[i] > even) {
        return Math.max(even, 0);
      }
      left -= ascending[i];
    }
    return Double.POSITIVE_INFINITY;
  }
}
