package io.flashdns.management.identity;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/** Counts callers that were not recognised. Safe for all threads. */
public final class Refusals {
  /** Filled before anybody sees it, and only read from then on. */
  private final Map<Refusal, LongAdder> counts = new EnumMap<>(Refusal.class);

  Refusals() {
    for (Refusal why : Refusal.values()) {
      counts.put(why, new LongAdder());
    }
  }

  /** How many there were since the start. */
  public long count(Refusal why) {
    return counter(why).sum();
  }

  /** Counts one, and makes what is to be thrown. */
  UnauthenticatedException refuse(Refusal why, String message) {
    counter(why).increment();
    return new UnauthenticatedException(message);
  }

  private LongAdder counter(Refusal why) {
    return Objects.requireNonNull(counts.get(why));
  }
}
