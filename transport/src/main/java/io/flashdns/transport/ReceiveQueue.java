package io.flashdns.transport;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The receive queue of a UDP socket as the kernel sees it ({@code SO_MEMINFO}, Linux 4.12): how
 * full it is, and how many datagrams were dropped before they came to us.
 *
 * <p><b>Thread</b>: the one that made it. <b>Cost</b>: one system call for each look.
 */
final class ReceiveQueue implements AutoCloseable {
  // The kernel's uint32_t[SK_MEMINFO_VARS], linux/sock_diag.h.
  private static final int RMEM_ALLOC = 0;
  private static final int RCVBUF = 4;
  private static final int DROPS = 32;
  private static final int MEMINFO_BYTES = 36;
  private static final int LENGTH = MEMINFO_BYTES;

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment memory = arena.allocate(MEMINFO_BYTES + Integer.BYTES, 8);
  private final MemorySegment errno;
  private final int fd;
  private int drops;
  private long dropped;

  ReceiveQueue(MemorySegment errno, int fd) {
    this.errno = errno;
    this.fd = fd;
  }

  /**
   * Asks the kernel.
   *
   * @return false when it does not tell
   */
  boolean look() {
    memory.set(JAVA_INT, LENGTH, MEMINFO_BYTES);
    int result =
        Libc.getsockopt(
            errno,
            fd,
            Libc.SOL_SOCKET,
            Libc.SO_MEMINFO,
            memory.address(),
            memory.address() + LENGTH);
    if (result < 0 || memory.get(JAVA_INT, LENGTH) < MEMINFO_BYTES) {
      dropped = 0;
      return false;
    }
    int now = memory.get(JAVA_INT, DROPS);
    // The kernel's count has 32 bits and begins anew.
    dropped = Integer.toUnsignedLong(now - drops);
    drops = now;
    return true;
  }

  /**
   * Datagrams dropped between the last two looks: the queue was full, a filter did not let them
   * pass, or their checksum was wrong.
   */
  long dropped() {
    return dropped;
  }

  /** Octets that the queue takes, with the kernel's own for each datagram. */
  long bytes() {
    return Integer.toUnsignedLong(memory.get(JAVA_INT, RMEM_ALLOC));
  }

  /** How full the queue is: 0 to about 1. */
  double fill() {
    return (double) bytes() / Math.max(Integer.toUnsignedLong(memory.get(JAVA_INT, RCVBUF)), 1);
  }

  @Override
  public void close() {
    arena.close();
  }
}
