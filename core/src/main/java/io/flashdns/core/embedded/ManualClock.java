package io.flashdns.core.embedded;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** Both clocks of an embedded server: they run until they are stopped, and then move by hand. */
final class ManualClock implements InstantSource {
  private volatile boolean stopped;
  private volatile Instant time = Instant.EPOCH;
  private volatile long nanos;

  @Override
  public Instant instant() {
    return stopped ? time : Instant.now();
  }

  long nanos() {
    return stopped ? nanos : System.nanoTime();
  }

  void stopAt(Instant at) {
    nanos = nanos();
    time = at;
    stopped = true;
  }

  void advance(Duration by) {
    if (!stopped) {
      stopAt(Instant.now());
    }
    long next = nanos + by.toNanos();
    nanos = next;
    time = time.plus(by);
  }
}
