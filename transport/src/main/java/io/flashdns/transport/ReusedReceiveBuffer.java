package io.flashdns.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.FixedRecvByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * The receive buffer of one UDP socket: room for a whole batch, and used again as soon as the last
 * datagram in it was released. Too large for the allocator's thread-local caches, it would else
 * cost a lock in every read.
 *
 * <p><b>Thread</b>: the loop of its only socket.
 */
final class ReusedReceiveBuffer extends FixedRecvByteBufAllocator {
  private final int bytes;
  private @Nullable ByteBuf kept;
  private boolean released;

  /**
   * @param datagrams datagrams of one read call
   * @param datagramBytes room for each
   * @param datagramsPerWakeUp how many are read before replies are sent and others get their turn
   */
  ReusedReceiveBuffer(int datagrams, int datagramBytes, int datagramsPerWakeUp) {
    super(datagrams * datagramBytes);
    bytes = datagrams * datagramBytes;
    maxMessagesPerRead(datagramsPerWakeUp);
  }

  @Override
  @SuppressWarnings("deprecation") // Netty's own interface still returns the old type.
  public Handle newHandle() {
    return new MaxMessageHandle() {
      @Override
      public int guess() {
        return bytes;
      }

      @Override
      public ByteBuf allocate(ByteBufAllocator allocator) {
        return take(allocator);
      }
    };
  }

  private ByteBuf take(ByteBufAllocator allocator) {
    if (released) {
      return allocator.ioBuffer(bytes);
    }
    if (kept == null) {
      kept = allocator.ioBuffer(bytes, bytes);
    }
    return kept.refCnt() == 1 ? kept.clear().retain() : allocator.ioBuffer(bytes);
  }

  /** Gives the kept buffer back; reads that still use it keep it alive. */
  void release() {
    released = true;
    if (kept != null) {
      kept.release();
      kept = null;
    }
  }
}
