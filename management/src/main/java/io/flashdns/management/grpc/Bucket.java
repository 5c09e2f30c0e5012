package io.flashdns.management.grpc;

/** A rate: so many a second, and so many at once after a rest. Safe for all threads. */
final class Bucket {
  private static final double NANOS_PER_SECOND = 1e9;

  private final double perNano;
  private final double capacity;
  private double tokens;
  private long sinceNanos;

  /**
   * A full one.
   *
   * @param perSecond above 0
   * @param burst at least 1
   */
  Bucket(double perSecond, double burst, long nowNanos) {
    this.perNano = perSecond / NANOS_PER_SECOND;
    this.capacity = burst;
    this.tokens = burst;
    this.sinceNanos = nowNanos;
  }

  /** Takes one; false when there is none. */
  synchronized boolean isTaken(long nowNanos) {
    fill(nowNanos);
    if (tokens < 1) {
      return false;
    }
    tokens--;
    return true;
  }

  /** Time until there is one. */
  synchronized long waitNanos(long nowNanos) {
    fill(nowNanos);
    return tokens >= 1 ? 0 : (long) Math.ceil((1 - tokens) / perNano);
  }

  /** True when nobody has taken any for long. */
  synchronized boolean isFull(long nowNanos) {
    fill(nowNanos);
    return tokens >= capacity;
  }

  private void fill(long nowNanos) {
    long passed = nowNanos - sinceNanos;
    if (passed > 0) {
      tokens = Math.min(capacity, tokens + passed * perNano);
      sinceNanos = nowNanos;
    }
  }
}
