package io.flashdns.bench.scale;

import io.flashdns.core.dns.RecordClass;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * Asks for random hosts of a {@link LargeZoneServer}: on a timetable that waits for nobody, or as
 * fast as replies come. A thread sends, another one reads replies. One run at a time.
 */
final class QueryLoad implements AutoCloseable {
  private static final int IDS = 1 << 16;
  private static final int QUESTIONS = 1 << 17;
  private static final long LONGEST_NANOS = 10_000_000_000L;
  private static final long PATIENCE_NANOS = 1_000_000_000L;

  private final DatagramChannel socket;
  private final byte[][] questions = new byte[QUESTIONS][];
  private final AtomicLongArray sentAt = new AtomicLongArray(IDS);
  private final AtomicLong replies = new AtomicLong();
  private final AtomicLong wrong = new AtomicLong();
  private volatile Histogram latencies = new Histogram(LONGEST_NANOS, 3);
  private long next;

  /**
   * What became of a run; times are from sending to reply.
   *
   * @param wrong replies that hold no address
   */
  record Outcome(long sent, long answered, long wrong, double seconds, Histogram nanos) {
    double perSecond() {
      return answered / seconds;
    }

    double micros(double percentile) {
      return nanos.getValueAtPercentile(percentile) / 1e3;
    }
  }

  QueryLoad(InetSocketAddress server, int names, long seed) throws IOException {
    SplittableRandom dice = new SplittableRandom(seed);
    for (int i = 0; i < QUESTIONS; i++) {
      questions[i] = question(dice.nextInt(names));
    }
    socket = DatagramChannel.open().connect(server);
    socket.setOption(StandardSocketOptions.SO_RCVBUF, 4 << 20);
    Thread.ofPlatform().daemon().name("replies").start(this::receive);
  }

  /** A query for a host's address, with id 0. */
  static byte[] question(int host) {
    byte[] name = LargeZoneServer.host(host).wire();
    return ByteBuffer.allocate(Wire.HEADER_BYTES + name.length + 4)
        .putInt(0)
        .putInt(0x0001_0000)
        .putInt(0)
        .put(name)
        .putShort((short) RecordType.A)
        .putShort((short) RecordClass.IN)
        .array();
  }

  /** The address at the end of a reply of one answer; 0 when there is none. */
  static int address(ByteBuffer reply) {
    boolean one = reply.getShort(Wire.ANCOUNT) == 1 && (reply.get(3) & Wire.RCODE_MASK) == 0;
    return one ? reply.getInt(reply.limit() - 4) : 0;
  }

  private void receive() {
    ByteBuffer reply = ByteBuffer.allocateDirect(Wire.MAX_MESSAGE_BYTES);
    try {
      while (true) {
        reply.clear();
        if (socket.read(reply) < Wire.HEADER_BYTES) {
          continue;
        }
        long now = System.nanoTime();
        long sent = sentAt.getAndSet(reply.getShort(0) & 0xffff, 0);
        if (sent != 0) {
          latencies.recordValue(Math.min(LONGEST_NANOS, Math.max(0, now - sent)));
          replies.incrementAndGet();
          if (reply.getShort(Wire.ANCOUNT) != 1) {
            wrong.incrementAndGet();
          }
        }
      }
    } catch (ClosedChannelException _) {
      // the end
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Asks so often for a time. */
  Outcome open(int perSecond, double seconds) throws IOException {
    return run((long) (perSecond * seconds), perSecond, Integer.MAX_VALUE, Long.MAX_VALUE);
  }

  /** Asks as often as it can for a time, so many questions outstanding. */
  Outcome closed(int outstanding, double seconds) throws IOException {
    return run(Long.MAX_VALUE, 0, outstanding, (long) (seconds * 1e9));
  }

  private Outcome run(long count, int perSecond, int window, long nanos) throws IOException {
    latencies = new Histogram(LONGEST_NANOS, 3);
    replies.set(0);
    wrong.set(0);
    ByteBuffer message = ByteBuffer.allocateDirect(Wire.MAX_MESSAGE_BYTES);
    long start = System.nanoTime();
    long lastReply = start;
    long seen = 0;
    long written = 0;
    while (written < count && System.nanoTime() - start < nanos) {
      long due =
          perSecond == 0 ? 0 : start + (long) (written * 1e9 / perSecond) - System.nanoTime();
      if (due > 0) {
        LockSupport.parkNanos(due);
      } else if (written - replies.get() < window) {
        send(message);
        written++;
      } else {
        long now = replies.get();
        if (now != seen) {
          seen = now;
          lastReply = System.nanoTime();
        } else if (System.nanoTime() - lastReply > PATIENCE_NANOS) {
          throw new IOException("no reply for a second");
        }
        Thread.onSpinWait();
      }
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    long patience = System.nanoTime() + PATIENCE_NANOS;
    while (replies.get() < written && System.nanoTime() - patience < 0) {
      LockSupport.parkNanos(1_000_000);
    }
    return new Outcome(written, replies.get(), wrong.get(), seconds, latencies);
  }

  private void send(ByteBuffer message) throws IOException {
    int id = (int) (next & (IDS - 1));
    message.clear().put(questions[(int) (next++ & (QUESTIONS - 1))]).flip();
    message.putShort(0, (short) id);
    sentAt.set(id, System.nanoTime());
    socket.write(message);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
