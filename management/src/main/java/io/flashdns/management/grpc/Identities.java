package io.flashdns.management.grpc;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How much each identity does: changing calls a second, calls under way. Safe for all threads. */
final class Identities {
  /** Calls of all identities under way. */
  static final int MAX_CALLS = 2_000;

  private static final int MANY = 1_024;

  private final int writesPerSecond;
  private final int maxCalls;
  private final Map<String, Identity> identities = new HashMap<>();
  private int calls;

  private static final class Identity {
    private final @Nullable Bucket writes;
    private int calls;

    Identity(@Nullable Bucket writes) {
      this.writes = writes;
    }
  }

  Identities(ApiLimits limits) {
    this.writesPerSecond = limits.writesPerSecond();
    this.maxCalls = limits.maxCallsPerIdentity();
  }

  /** Notes that a call begins; false when there are too many, and it must not. */
  synchronized boolean isBegun(String name) {
    if (identities.size() >= MANY) {
      long now = System.nanoTime();
      identities.values().removeIf(i -> i.calls == 0 && (i.writes == null || i.writes.isFull(now)));
    }
    Identity identity = of(name);
    if (identity.calls >= maxCalls || calls >= MAX_CALLS) {
      return false;
    }
    identity.calls++;
    calls++;
    return true;
  }

  /** Notes that one has ended. */
  synchronized void ended(String name) {
    of(name).calls--;
    calls--;
  }

  /** Takes a changing call from the rate; the time to wait when there is none, else 0. */
  long writeNanos(String name) {
    Bucket writes;
    synchronized (this) {
      writes = of(name).writes;
    }
    long now = System.nanoTime();
    return writes == null || writes.isTaken(now) ? 0 : Math.max(1, writes.waitNanos(now));
  }

  private Identity of(String name) {
    return identities.computeIfAbsent(
        name,
        _ ->
            new Identity(
                writesPerSecond == 0
                    ? null
                    : new Bucket(writesPerSecond, 2.0 * writesPerSecond, System.nanoTime())));
  }
}
