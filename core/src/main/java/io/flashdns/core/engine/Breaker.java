package io.flashdns.core.engine;

import java.util.ArrayDeque;

/**
 * Decides when a plugin that fails is taken out and when it comes back. Used by the housekeeping
 * thread alone.
 *
 * <p>It looks at counts, at each call of {@link #look}, over a sliding window. A plugin comes back
 * when its time is over, on trial like any other; when it is taken out again before it was in for
 * ten times as long as it was out, the time doubles.
 */
final class Breaker {
  private record Look(long nanos, long faults, long queries) {}

  private final FaultPolicy policy;
  private final ArrayDeque<Look> window = new ArrayDeque<>();
  private long outNanos;
  private long changedNanos;
  private long lastOutNanos;
  private boolean out;

  Breaker(FaultPolicy policy) {
    this.policy = policy;
    this.outNanos = policy.outFor().toNanos();
  }

  /**
   * Takes the counts of now.
   *
   * @param faults of the plugin so far
   * @param queries of the server so far
   * @return true when the plugin went out or came back
   */
  boolean look(long nowNanos, long faults, long queries) {
    if (out) {
      if (nowNanos - changedNanos < lastOutNanos) {
        return false;
      }
      out = false;
      changedNanos = nowNanos;
      window.clear();
      window.add(new Look(nowNanos, faults, queries));
      return true;
    }
    window.add(new Look(nowNanos, faults, queries));
    long start = nowNanos - policy.window().toNanos();
    while (window.size() > 1 && window.getFirst().nanos() - start < 0) {
      window.removeFirst();
    }
    Look first = window.getFirst();
    long failed = faults - first.faults();
    if (failed < policy.faults()
        || failed * 100 < (queries - first.queries()) * (long) policy.percent()) {
      return false;
    }
    boolean soon = lastOutNanos != 0 && nowNanos - changedNanos < 10 * lastOutNanos;
    outNanos =
        soon ? Math.min(2 * outNanos, policy.maxOutFor().toNanos()) : policy.outFor().toNanos();
    lastOutNanos = outNanos;
    changedNanos = nowNanos;
    out = true;
    return true;
  }

  boolean isOut() {
    return out;
  }

  /** How long the plugin is out this time. */
  long outNanos() {
    return lastOutNanos;
  }
}
