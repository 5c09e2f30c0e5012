package io.flashdns.transport;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The memory of {@code recvmmsg} and {@code sendmmsg} for who asks: a batch of queries that leave
 * by one {@link QuerySocket}, and a batch of replies. One vector serves any number of sockets in
 * turn.
 *
 * <p>{@link DatagramVector} draws the structures. Here no message has an address, for the sockets
 * are connected, and queries and replies have nothing to do with each other.
 *
 * <p><b>Ownership</b>: query {@code i} is written by the caller to {@link #memory} from {@link
 * #queryOffset} on and stays as it is; reply {@code i} stands at {@link #replyOffset} until the
 * next {@link QuerySocket#receive}. <b>Thread</b>: the one that made it. <b>Cost</b>: no method but
 * the constructor allocates.
 */
public final class QueryVector implements AutoCloseable {
  private static final int HEADER = 64;
  private static final int IOV = 16;
  private static final int IOV_LENGTH = 24;
  private static final int RECEIVED_LENGTH = 56;
  private static final int IOVEC = 16;
  private static final int CACHE_LINE = 64;

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment errno = arena.allocate(Libc.ERRNO_BYTES, Long.BYTES);
  private final MemorySegment memory;
  private final int capacity;
  private final long receive;
  private final long send;
  private final long sendIov;
  private final long queries;
  private final long replies;
  private final long queryStride;
  private final long replyStride;

  /**
   * @param capacity most messages of one batch
   * @param queryBytes room for one query
   * @param replyBytes room for one reply; what is longer is cut
   */
  public QueryVector(int capacity, int queryBytes, int replyBytes) {
    this.capacity = capacity;
    queryStride = stride(queryBytes);
    replyStride = stride(replyBytes);
    receive = 0;
    send = receive + (long) capacity * HEADER;
    long receiveIov = send + (long) capacity * HEADER;
    sendIov = receiveIov + (long) capacity * IOVEC;
    queries = sendIov + (long) capacity * IOVEC;
    replies = queries + capacity * queryStride;
    memory = arena.allocate(replies + capacity * replyStride, CACHE_LINE);
    long base = memory.address();
    for (int i = 0; i < capacity; i++) {
      header(receive + (long) i * HEADER, base + receiveIov + (long) i * IOVEC);
      memory.set(JAVA_LONG, receiveIov + (long) i * IOVEC, base + replyOffset(i));
      memory.set(JAVA_LONG, receiveIov + (long) i * IOVEC + 8, replyBytes);
      header(send + (long) i * HEADER, base + sendIov + (long) i * IOVEC);
      memory.set(JAVA_LONG, sendIov + (long) i * IOVEC, base + queryOffset(i));
    }
  }

  /** An odd number of cache lines: first octets a power of two apart compete for the same ones. */
  private static long stride(int bytes) {
    return ((bytes + CACHE_LINE - 1) / CACHE_LINE | 1) * (long) CACHE_LINE;
  }

  private void header(long at, long iovec) {
    memory.set(JAVA_LONG, at + IOV, iovec);
    memory.set(JAVA_LONG, at + IOV_LENGTH, 1);
  }

  /** Most messages of one batch. */
  public int capacity() {
    return capacity;
  }

  /** Where queries and replies lie. */
  public MemorySegment memory() {
    return memory;
  }

  /** Where query {@code i} begins in {@link #memory}. */
  public long queryOffset(int i) {
    return queries + i * queryStride;
  }

  /** Says how long query {@code i} is. */
  public void queryLength(int i, int length) {
    memory.set(JAVA_LONG, sendIov + (long) i * IOVEC + 8, length);
  }

  /** Where reply {@code i} begins in {@link #memory}. */
  public long replyOffset(int i) {
    return replies + i * replyStride;
  }

  /** Length of reply {@code i}, cut to the room for one. */
  public int replyLength(int i) {
    return memory.get(JAVA_INT, receive + (long) i * HEADER + RECEIVED_LENGTH);
  }

  MemorySegment errno() {
    return errno;
  }

  long receiveAddress() {
    return memory.address() + receive;
  }

  long sendAddress() {
    return memory.address() + send;
  }

  @Override
  public void close() {
    arena.close();
  }
}
