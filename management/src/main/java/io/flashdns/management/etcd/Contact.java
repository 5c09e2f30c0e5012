package io.flashdns.management.etcd;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Whether etcd answers, and whether it takes changes: one that is full, or whose user may only
 * read, answers and takes none. While it does not, changes are refused at once instead of each
 * waiting for its own deadline; who follows the log finds out when it answers again, and tries now
 * and then whether it takes one. Safe for all threads.
 */
final class Contact {
  private static final long TRY_NANOS = TimeUnit.SECONDS.toNanos(2);

  private volatile String awayReason = "";
  private volatile String cause = "";
  private volatile String refusal = "";
  private final AtomicLong nextTryNanos = new AtomicLong();
  private volatile long answeredNanos = System.nanoTime();
  private final Semaphore doubts = new Semaphore(0);

  static String reason(EtcdFault fault) {
    return "etcd takes no changes now ("
        + fault.getMessage()
        + "): zones are served as they are, ask again later";
  }

  /** It answered. */
  void answered() {
    answeredNanos = System.nanoTime();
    awayReason = "";
    cause = "";
  }

  /** It did not do what it was asked, but for a change that it refused. */
  void failed(EtcdFault fault) {
    cause = String.valueOf(fault.getMessage());
    failed(reason(fault));
  }

  /** It answered that it takes no change, which may be so for long. */
  void refused(EtcdFault fault) {
    nextTryNanos.set(System.nanoTime() + TRY_NANOS);
    refusal = reason(fault);
    doubt();
  }

  /** It took a change. */
  void accepted() {
    refusal = "";
  }

  /** True now and then while changes are refused: the caller is to try whether one is taken. */
  boolean takeTry() {
    if (refusal.isEmpty()) {
      return false;
    }
    long now = System.nanoTime();
    long next = nextTryNanos.get();
    return now - next >= 0 && nextTryNanos.compareAndSet(next, now + TRY_NANOS);
  }

  /** It did not, for a whole deadline. */
  void failed(String reason) {
    awayReason = reason;
    doubt();
  }

  /** Why nothing can be asked of etcd; empty while it answers. */
  String unreachable() {
    return awayReason;
  }

  /** Why no changes are taken; empty while they are. */
  String awayReason() {
    String away = awayReason;
    return away.isEmpty() ? refusal : away;
  }

  /** What etcd did in place of answering, for who waits for it; empty while it answers. */
  String cause() {
    return cause;
  }

  /** Seconds since it answered last. */
  double silentSeconds() {
    return (System.nanoTime() - answeredNanos) / 1e9;
  }

  /** Something does not fit: the log is to be read again, soon. */
  void doubt() {
    if (doubts.availablePermits() == 0) {
      doubts.release();
    }
  }

  /** True once after a doubt. */
  boolean takeDoubt() {
    return doubts.drainPermits() > 0;
  }
}
