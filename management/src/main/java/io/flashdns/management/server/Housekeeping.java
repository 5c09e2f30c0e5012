package io.flashdns.management.server;

import io.flashdns.core.engine.Engine;
import io.flashdns.management.operations.Health;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets the engine look after its plugins and workers ten times a second, on a thread of its own.
 * Begins with the first query or before, ends before the engine is closed.
 */
final class Housekeeping implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Housekeeping.class);
  private static final long PERIOD_MILLIS = 100;
  private static final long NANOS_BETWEEN_LINES = TimeUnit.SECONDS.toNanos(10);

  private static final Duration LONGEST_WAIT = Duration.ofSeconds(2);

  private final Thread thread;
  private volatile boolean stopped;

  private Housekeeping(Runnable round) {
    this.thread =
        Thread.ofPlatform().name("housekeeping").daemon().unstarted(() -> keepHouse(round));
  }

  /** Starts it. */
  static Housekeeping start(Engine engine, EngineLog events, Health health) {
    return start(
        () -> {
          engine.housekeep(System.nanoTime());
          health.beat(engine.blockedWorkers());
          events.flush();
        });
  }

  /** The same with any work. */
  static Housekeeping start(Runnable round) {
    Housekeeping housekeeping = new Housekeeping(round);
    housekeeping.thread.start();
    return housekeeping;
  }

  /** Ends it, after the round under way; a plugin that does not return is not waited for long. */
  @Override
  public void close() {
    stopped = true;
    thread.interrupt();
    try {
      var _ = thread.join(LONGEST_WAIT);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void keepHouse(Runnable round) {
    long saidNanos = System.nanoTime() - NANOS_BETWEEN_LINES;
    while (!stopped) {
      try {
        round.run();
      } catch (RuntimeException | Error e) {
        // It must go on: this thread is the one that notices what goes wrong.
        if (System.nanoTime() - saidNanos >= NANOS_BETWEEN_LINES) {
          saidNanos = System.nanoTime();
          log.error("the housekeeping has failed", e);
        }
      }
      try {
        TimeUnit.MILLISECONDS.sleep(PERIOD_MILLIS);
      } catch (InterruptedException _) {
        // stopped, or an interrupt that a plugin left behind
      }
    }
  }
}
