package io.flashdns.transport;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** What the only loop of a server allocates. */
final class Allocation {
  private static final int ROUNDS = 5;

  private Allocation() {}

  /** Traffic of one round. */
  @FunctionalInterface
  interface Traffic {
    void run() throws Exception;
  }

  /**
   * The fewest octets of some rounds, after one that does not count: what the compiler's arrival
   * costs happens in the first ones, a steady state has to show up soon.
   */
  static long leastOfLoop(Traffic traffic) throws Exception {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long loop = threadId("flashdns-io-0");
    traffic.run();
    long least = Long.MAX_VALUE;
    for (int round = 0; round < ROUNDS; round++) {
      long before = threads.getThreadAllocatedBytes(loop);
      traffic.run();
      least = Math.min(least, threads.getThreadAllocatedBytes(loop) - before);
    }
    return least;
  }

  private static long threadId(String name) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals(name))
        .findFirst()
        .orElseThrow()
        .threadId();
  }
}
