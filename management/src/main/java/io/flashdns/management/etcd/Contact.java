package io.flashdns.management.etcd;

import java.util.concurrent.Semaphore;

/**
 * Whether etcd answers. While it does not, changes are refused at once instead of each waiting for
 * its own deadline; who follows the log finds out when it answers again. Safe for all threads.
 */
final class Contact {
  private volatile String awayReason = "";
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
  }

  /** It did not, for a whole deadline. */
  void failed(String reason) {
    awayReason = reason;
    doubt();
  }

  /** Why no changes are taken; empty while they are. */
  String awayReason() {
    return awayReason;
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
