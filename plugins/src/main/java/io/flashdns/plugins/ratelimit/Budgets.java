package io.flashdns.plugins.ratelimit;

/**
 * What one reply adds to the load of each prefix: the limit divided by the burst of that prefix.
 *
 * <p>The bursts of all categories and prefixes are in proportion to their rates, so that all loads
 * fall alike and one {@link Decay} does for all.
 *
 * <p>A wide prefix with a budget of {@value #ROUGH} replies or more is charged for {@value #LIGHT}
 * replies at once by each {@value #LIGHT}th while it is less than half full: so the counters that
 * all workers share are mostly read. From {@link #HALF} on every reply is counted.
 */
final class Budgets {
  /** From this load on a prefix is counted exactly. */
  static final int HALF = Decay.LIMIT / 2;

  /** Replies that are charged at once below it, a power of two. */
  static final int LIGHT = 8;

  /** Smallest budget, in replies, that is charged so. */
  static final int ROUGH = 2_048;

  private final int[] exact = new int[Category.COUNT * Prefix.COUNT];
  private final int[] light = new int[exact.length];
  private final int[] lightMask = new int[exact.length];
  private final Decay decay;

  Budgets(RateLimitPluginConfig config) {
    decay = new Decay(config.rate(), config.wholeBurst());
    Prefix[] prefixes = Prefix.values();
    for (Category category : Category.values()) {
      for (int i = 0; i < prefixes.length; i++) {
        double share = (double) prefixes[i].multiple() * config.rate(category) / config.rate();
        if (share == 0) {
          continue;
        }
        int index = index(category.number(), i);
        double replies = (config.wholeBurst() - 0.5) * share + 0.5;
        boolean rough = prefixes[i].isWide() && replies >= ROUGH;
        // Rounded down, so that a burst is whole.
        exact[index] = (int) (Decay.LIMIT / replies);
        light[index] = rough ? (int) (Decay.LIMIT / replies * LIGHT) : exact[index];
        lightMask[index] = rough ? LIGHT - 1 : 0;
      }
    }
  }

  Decay decay() {
    return decay;
  }

  static int index(int category, int prefix) {
    return category * Prefix.COUNT + prefix;
  }

  /** True when replies of a category are not limited. */
  boolean isFree(int category) {
    return exact[category * Prefix.COUNT] == 0;
  }

  /** What one reply weighs. */
  int exact(int index) {
    return exact[index];
  }

  /** What to add to a load for one reply, maybe nothing; {@code draw} is a number by chance. */
  int charge(int index, int load, int draw) {
    if (load >= HALF) {
      return exact[index];
    }
    return (draw & lightMask[index]) == 0 ? light[index] : 0;
  }
}
