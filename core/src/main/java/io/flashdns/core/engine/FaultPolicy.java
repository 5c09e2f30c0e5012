package io.flashdns.core.engine;

import java.time.Duration;

/**
 * When a plugin that fails is taken out, for how long, and when a worker counts as blocked.
 *
 * <p>Both bounds must be met: so many faults, and so large a part of the queries. The second keeps
 * a single poisoned name from taking a plugin out for everybody; its own queries fail, the others
 * do not notice.
 *
 * @param faults how many within the window, 1 or more
 * @param percent of the window's queries, 0 to 100
 * @param window in which faults and queries are counted, above zero
 * @param outFor how long the plugin is out the first time; twice as long each time that it fails
 *     again soon after
 * @param maxOutFor longest time out
 * @param blockedAfter how long a query may take before the watchdog says so
 */
public record FaultPolicy(
    int faults,
    int percent,
    Duration window,
    Duration outFor,
    Duration maxOutFor,
    Duration blockedAfter) {
  /** Refuses values out of bounds. */
  public FaultPolicy {
    if (faults < 1 || percent < 0 || percent > 100) {
      throw new IllegalArgumentException(
          "a breaker needs 1 fault or more and 0 to 100 percent, not "
              + faults
              + " and "
              + percent);
    }
    if (!window.isPositive() || !outFor.isPositive() || !blockedAfter.isPositive()) {
      throw new IllegalArgumentException("the times of a fault policy must be above zero");
    }
    if (maxOutFor.compareTo(outFor) < 0) {
      throw new IllegalArgumentException("maxOutFor must not be shorter than outFor");
    }
  }

  /** 10 faults in 10 s that are 20 percent of the queries; out for 30 s to 10 min; 100 ms. */
  public static FaultPolicy defaults() {
    return new FaultPolicy(
        10,
        20,
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        Duration.ofMinutes(10),
        Duration.ofMillis(100));
  }
}
