package io.flashdns.management.server;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * SIGHUP, SIGTERM and SIGINT in the terms of the server.
 *
 * <p>Java's own way, a shutdown hook, leaves the exit status to the JVM (143) and runs hooks side
 * by side. Here the signal wakes {@link #awaitStop}, the main thread closes in order, and the
 * status is ours. {@code sun.misc.Signal} has no public replacement; it is part of the supported
 * module {@code jdk.unsupported}.
 *
 * <p>A signal to stop ends the process at once, with 128 and the signal's number as the status,
 * when it comes before {@link #serving} (nothing to drain) or a second time (somebody is
 * impatient).
 */
final class ProcessSignals {
  private static final int SIGNALLED = 128;

  private final CountDownLatch stopped = new CountDownLatch(1);
  private final AtomicInteger stops = new AtomicInteger();
  private final AtomicBoolean reloadMissed = new AtomicBoolean();
  private volatile @Nullable Runnable reload;
  private volatile String stoppedBy = "";

  private ProcessSignals() {}

  /**
   * Takes the process's signals. The default of all three is to end the process, so this comes
   * first.
   */
  static ProcessSignals install() {
    ProcessSignals signals = new ProcessSignals();
    handle("HUP", _ -> signals.hangUp());
    handle("TERM", signals::stop);
    handle("INT", signals::stop);
    return signals;
  }

  /**
   * From here on SIGHUP means to reload, and a signal to stop means to drain. A SIGHUP that came
   * before is made up for.
   *
   * @param reload must return at once
   */
  void serving(Runnable reload) {
    this.reload = reload;
    if (reloadMissed.get()) {
      reload.run();
    }
  }

  /** Waits for a signal to stop and returns its name, such as {@code SIGTERM}. */
  String awaitStop() throws InterruptedException {
    stopped.await();
    return stoppedBy;
  }

  private void hangUp() {
    reloadMissed.set(true);
    Runnable action = reload;
    if (action != null) {
      action.run();
    }
  }

  private void stop(Signal signal) {
    if (reload == null || stops.incrementAndGet() > 1) {
      Runtime.getRuntime().halt(SIGNALLED + signal.getNumber());
    }
    stoppedBy = "SIG" + signal.getName();
    stopped.countDown();
  }

  private static void handle(String name, SignalHandler handler) {
    try {
      Signal.handle(new Signal(name), handler);
    } catch (IllegalArgumentException _) {
      // Not on this system (no SIGHUP on Windows), or the JVM was told to leave signals alone
      // (-Xrs).
    }
  }
}
