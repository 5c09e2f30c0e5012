package io.flashdns.bench.load;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/** Processor time of the calling thread from a moment on. */
final class CpuTime {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final long fromNanos;
  private long atFrom = -1;

  CpuTime(long fromNanos) {
    this.fromNanos = fromNanos;
  }

  /** To be called often: notes the time when the moment has come. */
  void look(long nowNanos) {
    if (atFrom < 0 && nowNanos - fromNanos >= 0) {
      atFrom = THREADS.getCurrentThreadCpuTime();
    }
  }

  /** The time since then; 0 when the moment has not come. */
  long nanos() {
    return atFrom < 0 ? 0 : THREADS.getCurrentThreadCpuTime() - atFrom;
  }
}
