package io.flashdns.management.server;

import io.flashdns.transport.BackgroundThread;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the reload on a thread of its own, one run at a time.
 *
 * <p>A request while a run is under way means one more run after it, however many requests come:
 * the second run sees all that they meant. A request before {@link #start} is not lost.
 *
 * <p>{@link #request} may be called by any thread, the others by the owner.
 */
final class Reloader {
  private static final Logger log = LoggerFactory.getLogger(Reloader.class);

  /** What a reload does. */
  @FunctionalInterface
  interface Reload {
    void run() throws InterruptedException;
  }

  private final BlockingQueue<Boolean> requests = new ArrayBlockingQueue<>(1);
  private final Thread thread;

  Reloader(Reload reload) {
    this.thread = BackgroundThread.factory("reload").newThread(() -> serve(reload));
  }

  /** From here on requests are served. */
  void start() {
    thread.start();
  }

  /** Asks for a run; returns at once. */
  void request() {
    var _ = requests.offer(true); // false: a run that has not begun is asked for already
  }

  /** Ends the thread; a run under way is interrupted and publishes nothing more. */
  void stop() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void serve(Reload reload) {
    try {
      while (true) {
        var _ = requests.take();
        try {
          reload.run();
        } catch (RuntimeException e) {
          log.error("the reload failed, all stays as it was", e);
        }
      }
    } catch (InterruptedException _) {
      // stopped
    }
  }
}
