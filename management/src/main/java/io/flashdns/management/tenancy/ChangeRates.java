package io.flashdns.management.tenancy;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How many RRsets each tenant has changed in the last {@value #SECONDS} seconds, at this node. Safe
 * for all threads.
 */
final class ChangeRates {
  /** The time that rates are averaged over. */
  static final int SECONDS = 10;

  private static final int MAX_TENANTS = 100_000;

  private final InstantSource clock;
  private final ConcurrentHashMap<String, Window> windows = new ConcurrentHashMap<>();

  ChangeRates(InstantSource clock) {
    this.clock = clock;
  }

  /** Changes of one tenant, a number for each second. */
  private static final class Window {
    private final long[] changes = new long[SECONDS];
    private long newest;

    private void advance(long second) {
      long empty = Math.min(SECONDS, second - newest);
      for (long i = 0; i < empty; i++) {
        changes[(int) ((second - i) % SECONDS)] = 0;
      }
      newest = Math.max(newest, second);
    }

    synchronized void add(long second, long count) {
      advance(second);
      changes[(int) (newest % SECONDS)] += count;
    }

    synchronized long sum(long second) {
      advance(second);
      long sum = 0;
      for (long count : changes) {
        sum += count;
      }
      return sum;
    }

    /** Seconds until so many have gone out of sight. */
    synchronized int secondsUntilGone(long second, long count) {
      advance(second);
      long gone = 0;
      for (int wait = 1; wait < SECONDS; wait++) {
        gone += changes[(int) ((newest + wait) % SECONDS)];
        if (gone >= count) {
          return wait;
        }
      }
      return SECONDS;
    }

    synchronized boolean isIdle(long second) {
      return second - newest >= SECONDS;
    }
  }

  /** What a tenant has changed in that time. */
  long sum(String tenant) {
    Window window = windows.get(tenant);
    return window == null ? 0 : window.sum(second());
  }

  /** Longest wait until so many of the changes of a tenant no longer count. */
  Duration wait(String tenant, long count) {
    Window window = windows.get(tenant);
    return Duration.ofSeconds(window == null ? 1 : window.secondsUntilGone(second(), count));
  }

  /** Notes changes that were made. */
  void add(String tenant, long count) {
    long second = second();
    if (windows.size() >= MAX_TENANTS) {
      windows.values().removeIf(window -> window.isIdle(second));
    }
    windows.computeIfAbsent(tenant, _ -> new Window()).add(second, count);
  }

  private long second() {
    return clock.instant().getEpochSecond();
  }
}
