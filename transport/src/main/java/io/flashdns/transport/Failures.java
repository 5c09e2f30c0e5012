package io.flashdns.transport;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Exceptions that nobody handled. Each is counted; the first of a kind, by class and place, is
 * logged with its trace. No client can fill the log: the kinds are bounded too.
 */
final class Failures {
  private static final Logger LOGGER = System.getLogger("io.flashdns.transport");
  private static final int MAX_KINDS = 64;

  private final LongAdder count = new LongAdder();
  private final Set<String> kinds = ConcurrentHashMap.newKeySet();

  void report(String where, Throwable failure) {
    count.increment();
    StackTraceElement[] trace = failure.getStackTrace();
    String kind = failure.getClass().getName() + (trace.length == 0 ? "" : trace[0].toString());
    if (kinds.size() < MAX_KINDS && kinds.add(kind)) {
      LOGGER.log(
          Level.ERROR,
          "Unexpected in " + where + "; further ones of this kind are counted",
          failure);
    }
  }

  long count() {
    return count.sum();
  }
}
