package io.flashdns.bench.micro;

import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Buffers between sockets and the worker's arrays: one is taken, filled, read, and released. An
 * operation has both copies in it, which are the same for all allocators: the differences count.
 *
 * <p>Runs on the thread of an event loop ({@link EventLoopThreads}), where the allocators keep
 * their caches, and without Unsafe, which Netty does not use on this JDK unless it is told to: both
 * as in the server. One buffer is alive at a time, as with a socket that takes what is written at
 * once; while clients are slow the pools have more to do.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 3,
    jvmArgsAppend = {
      "-Djmh.executor=CUSTOM",
      "-Djmh.executor.class=io.flashdns.bench.micro.EventLoopThreads",
      "-Dio.netty.noUnsafe=true"
    })
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class AllocatorBench {
  /** Where buffers come from. */
  public enum Source {
    /** Netty's pool by size classes, which the server uses. */
    POOLED,
    /** Netty's pool that learns sizes, its default since 4.2. */
    ADAPTIVE,
    /** The system, each time. */
    UNPOOLED,
    /** One buffer of the pool, cleared and used again, as the server's receive buffers are. */
    REUSED
  }

  /** What buffers are for. */
  public enum Use {
    /** One reply by TCP, in a buffer of 512 octets. */
    REPLY(512, 1, REPLY_BYTES),
    /** Replies of one read, 64 KiB of them: the buffer begins with 512 octets and grows. */
    FLUSH(512, FLUSH_REPLIES, REPLY_BYTES),
    /** The same in a buffer that has its size from the start: the difference is the growing. */
    FLUSH_AT_ONCE(64 * 1024, FLUSH_REPLIES, REPLY_BYTES),
    /** A batch of 32 datagrams with room for 1,536 octets each, of which a query fills 50. */
    RECEIVE(DATAGRAMS * DATAGRAM_BYTES, DATAGRAMS, QUERY_BYTES);

    final int firstBytes;
    final int messages;
    final int messageBytes;

    Use(int firstBytes, int messages, int messageBytes) {
      this.firstBytes = firstBytes;
      this.messages = messages;
      this.messageBytes = messageBytes;
    }
  }

  private static final int LENGTH_BYTES = 2;
  private static final int REPLY_BYTES = 512 - LENGTH_BYTES;
  private static final int FLUSH_REPLIES = 128;
  private static final int DATAGRAMS = 32;
  private static final int DATAGRAM_BYTES = 1_536;
  private static final int QUERY_BYTES = 50;

  /** Where buffers come from. */
  @Param public Source source = Source.POOLED;

  /** What they are for. */
  @Param public Use use = Use.REPLY;

  private final byte[] written = new byte[64 * 1024];
  private final byte[] read = new byte[64 * 1024];
  private ByteBufAllocator allocator = PooledByteBufAllocator.DEFAULT;
  private @Nullable ByteBuf kept;
  private @Nullable ByteBuf last;

  /** Chooses the allocator, and uses it in all ways. */
  @Setup
  public void open() {
    if (!(Thread.currentThread() instanceof FastThreadLocalThread)) {
      throw new IllegalStateException(
          "not on an event loop: leave -jvmArgsAppend away, it replaces what this benchmark says");
    }
    allocator =
        switch (source) {
          case POOLED, REUSED -> PooledByteBufAllocator.DEFAULT;
          case ADAPTIVE -> new AdaptiveByteBufAllocator(true);
          case UNPOOLED -> new UnpooledByteBufAllocator(true);
        };
    SplittableRandom random = new SplittableRandom(17);
    random.nextBytes(written);
    Use measured = use;
    for (int i = 0; i < 200; i++) {
      use = Use.values()[random.nextInt(Use.values().length)];
      for (int j = 0; j < 100; j++) {
        buffer();
      }
      close();
    }
    use = measured;
  }

  /** Gives the kept buffer back. */
  @TearDown
  public void close() {
    if (kept != null) {
      kept.release();
      kept = null;
    }
  }

  /** Takes a buffer, writes, reads, releases; returns what was read last. */
  @Benchmark
  public int buffer() {
    ByteBuf buffer = take();
    int octets = use == Use.RECEIVE ? receive(buffer) : reply(buffer);
    buffer.release();
    last = buffer;
    return octets;
  }

  private ByteBuf take() {
    if (source != Source.REUSED) {
      return allocator.directBuffer(use.firstBytes);
    }
    ByteBuf own = kept;
    if (own == null) {
      own = allocator.directBuffer(use.firstBytes);
      kept = own;
    }
    return own.clear().retain();
  }

  /** As a connection does: replies behind their lengths; the socket reads them all together. */
  private int reply(ByteBuf buffer) {
    int length = use.messageBytes;
    for (int i = 0; i < use.messages; i++) {
      buffer.writeShort(length).writeBytes(written, i * (LENGTH_BYTES + length), length);
    }
    int octets = buffer.readableBytes();
    buffer.readBytes(read, 0, octets);
    return octets;
  }

  /** As a socket does, each datagram to its place, and the worker, which takes them one by one. */
  private int receive(ByteBuf buffer) {
    int length = use.messageBytes;
    for (int i = 0; i < use.messages; i++) {
      buffer.setBytes(i * DATAGRAM_BYTES, written, i * length, length);
    }
    for (int i = 0; i < use.messages; i++) {
      buffer.getBytes(i * DATAGRAM_BYTES, read, i * length, length);
    }
    return use.messages * length;
  }

  byte[] written() {
    return written;
  }

  byte[] read() {
    return read;
  }

  /** The buffer of the last operation. */
  @Nullable ByteBuf last() {
    return last;
  }
}
