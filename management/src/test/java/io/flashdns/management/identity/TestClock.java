package io.flashdns.management.identity;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A clock that goes when it is told to. */
final class TestClock implements InstantSource {
  private volatile Instant now = Instant.ofEpochSecond(Instant.now().getEpochSecond());

  @Override
  public Instant instant() {
    return now;
  }

  void forward(Duration by) {
    now = now.plus(by);
  }

  void set(Instant to) {
    now = to;
  }
}
