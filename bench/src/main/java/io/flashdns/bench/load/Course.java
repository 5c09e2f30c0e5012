package io.flashdns.bench.load;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;

/**
 * One run of a load, as its threads see it: its messages, and when it begins and ends. Moments are
 * those of {@link System#nanoTime}.
 */
final class Course {
  /** How long a thread goes on reading when it has all replies: a second one may be on its way. */
  static final long GRACE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private static final long REST_NANOS = TimeUnit.MICROSECONDS.toNanos(20);
  private static final long LONGEST_REST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  final LoadSettings settings;
  final Messages messages;
  final long startNanos;
  final long countFromNanos;
  final long timeoutNanos;
  private final CountDownLatch sending;
  private final AtomicIntegerArray hasSent;
  private volatile long endNanos;
  private volatile boolean abandoned;

  Course(LoadSettings settings, Messages messages, long startNanos) {
    this.settings = settings;
    this.messages = messages;
    this.startNanos = startNanos;
    countFromNanos = startNanos + settings.warmUp().toNanos();
    timeoutNanos = settings.timeout().toNanos();
    sending = new CountDownLatch(settings.threads());
    hasSent = new AtomicIntegerArray(settings.threads());
    endNanos = countFromNanos + settings.duration().toNanos();
  }

  long endNanos() {
    return endNanos;
  }

  /** Nothing more is sent. */
  void end() {
    long now = System.nanoTime();
    if (now - endNanos < 0) {
      endNanos = now;
    }
  }

  /** Nothing more is sent, and nothing more is waited for. */
  void abandon() {
    abandoned = true;
    end();
  }

  boolean isAbandoned() {
    return abandoned;
  }

  /** To be called by each thread when it has sent its last query; the second time does nothing. */
  void sent(int thread) {
    if (hasSent.compareAndSet(thread, 0, 1)) {
      sending.countDown();
    }
  }

  /** Waits until all threads have sent their last query, or until a moment; true when they have. */
  boolean awaitSent(long untilNanos) throws InterruptedException {
    if (untilNanos == Long.MAX_VALUE) {
      sending.await();
      return true;
    }
    return sending.await(untilNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
  }

  /** What thread {@code thread} sends next. */
  Schedule schedule(int thread) {
    return new Schedule(
        settings.queries().size(),
        thread,
        settings.threads(),
        settings.pace(),
        startNanos,
        most(thread),
        settings.seed());
  }

  /** Counts replies into a tally. */
  Judge judge(Tally tally) {
    return new Judge(settings.queries(), messages, tally, settings.goodRcodes(), countFromNanos);
  }

  /** Queries that thread {@code thread} may send. */
  private long most(int thread) {
    long all = settings.mostQueries();
    int threads = settings.threads();
    return all == 0 ? Long.MAX_VALUE : all / threads + (thread < all % threads ? 1 : 0);
  }

  /** 1 for a query that was planned after the warm-up, else 0; without a branch. */
  int counts(long plannedNanos) {
    return 1 - (int) ((plannedNanos - countFromNanos) >>> (Long.SIZE - 1));
  }

  /** Mixed into the ids of a socket. */
  int key(int socket) {
    return (int)
        ((settings.seed() * 0x9e37_79b9_7f4a_7c15L + socket * 0xbf58_476d_1ce4_e5b9L) >>> 40);
  }

  /**
   * What a thread does after a pass without work: it looks again at once when that was the first,
   * and then rests for a moment, an eighth of the time for which nothing has come. A longer wait is
   * so measured with an error of an eighth at most, and costs next to nothing.
   *
   * @param idleNanos for how long nothing has been to do; 0 after the first pass
   * @param nextNanos when there will be work at the latest
   */
  void rest(long idleNanos, long nextNanos) {
    if (settings.spin() || idleNanos == 0) {
      Thread.onSpinWait();
      return;
    }
    long wanted = Math.clamp(idleNanos / 8, REST_NANOS, LONGEST_REST_NANOS);
    long nanos = Math.min(wanted, nextNanos - System.nanoTime());
    if (nanos > 0) {
      LockSupport.parkNanos(nanos);
    }
  }
}
