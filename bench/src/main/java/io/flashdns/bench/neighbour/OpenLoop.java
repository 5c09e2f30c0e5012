package io.flashdns.bench.neighbour;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.embedded.EmbeddedServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;

/**
 * Asks for the names of a zone on a timetable, whatever the server does.
 *
 * <p>It has several sockets, so that the kernel spreads it over the server's workers, and keeps
 * them: rounds that are compared meet the same workers. Each socket has a thread that waits for
 * replies. {@link #run} is called by one thread at a time.
 */
final class OpenLoop implements AutoCloseable {
  private static final int SOCKETS = 8;
  private static final int IDS = 1 << 16;
  private static final long NO_REPLY = 0;

  /** Replies that are later than this are lost. */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final List<DatagramChannel> sockets = new ArrayList<>();
  private final byte[][] questions = new byte[NeighbourServer.NAMES][];
  private final AtomicLongArray sentAt = new AtomicLongArray(IDS);
  private final AtomicLongArray latencies = new AtomicLongArray(IDS);
  private final AtomicInteger replies = new AtomicInteger();
  private int nextId;

  /**
   * What became of a round. Times are microseconds from sending to reply, of the last 65,536
   * queries at most; not a number when nothing was answered.
   *
   * @param sent queries
   * @param answered replies in time
   */
  record Outcome(int sent, int answered, double medianMicros, double p99Micros, double p999Micros) {
    int lost() {
      return sent - answered;
    }
  }

  OpenLoop(InetSocketAddress server, String zone) throws IOException {
    for (int i = 0; i < questions.length; i++) {
      questions[i] =
          EmbeddedServer.question(DomainName.parse("n" + i + "." + zone).toString(), RecordType.A);
    }
    for (int i = 0; i < SOCKETS; i++) {
      DatagramChannel socket = DatagramChannel.open().connect(server);
      sockets.add(socket);
      Thread.ofPlatform().daemon().name("replies-" + zone + i).start(() -> receive(socket));
    }
  }

  private void receive(DatagramChannel socket) {
    ByteBuffer reply = ByteBuffer.allocateDirect(Wire.MAX_MESSAGE_BYTES);
    try {
      while (true) {
        reply.clear();
        if (socket.read(reply) >= Wire.HEADER_BYTES) {
          long now = System.nanoTime();
          int id = reply.getShort(0) & 0xffff;
          if (latencies.compareAndSet(id, NO_REPLY, now - sentAt.get(id))) {
            replies.incrementAndGet();
          }
        }
      }
    } catch (ClosedChannelException _) {
      // the end
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Asks for a time and waits for the replies.
   *
   * @param perSecond 0 to ask nothing
   */
  Outcome run(int perSecond, Duration time) throws IOException {
    int count = (int) (perSecond * time.toMillis() / 1_000);
    int first = nextId;
    replies.set(0);
    ByteBuffer message = ByteBuffer.allocateDirect(Wire.MAX_MESSAGE_BYTES);
    long start = System.nanoTime();
    for (int i = 0; i < count; i++) {
      long due = start + (long) i * 1_000_000_000L / perSecond;
      for (long early = due - System.nanoTime(); early > 0; early = due - System.nanoTime()) {
        LockSupport.parkNanos(early);
      }
      send(message, i);
    }
    long end = start + time.toNanos() + (count == 0 ? 0 : PATIENCE.toNanos());
    while (System.nanoTime() - end < 0 && (count == 0 || replies.get() < count)) {
      LockSupport.parkNanos(1_000_000);
    }
    long[] nanos = times(first, count);
    return new Outcome(
        count, replies.get(), micros(nanos, 0.5), micros(nanos, 0.99), micros(nanos, 0.999));
  }

  private void send(ByteBuffer message, int number) throws IOException {
    int id = nextId++ & (IDS - 1);
    nextId &= IDS - 1;
    message.clear().put(questions[number % questions.length]).flip().putShort(0, (short) id);
    latencies.set(id, NO_REPLY);
    sentAt.set(id, System.nanoTime());
    sockets.get(number % SOCKETS).write(message);
  }

  private static double micros(long[] sortedNanos, double quantile) {
    if (sortedNanos.length == 0) {
      return Double.NaN;
    }
    int rank = (int) Math.ceil(quantile * sortedNanos.length) - 1;
    return sortedNanos[Math.max(0, rank)] / 1_000.0;
  }

  private long[] times(int first, int count) {
    int known = Math.min(count, IDS);
    long[] times = new long[known];
    int found = 0;
    for (int i = count - known; i < count; i++) {
      long time = latencies.get((first + i) & (IDS - 1));
      if (time != NO_REPLY) {
        times[found++] = time;
      }
    }
    times = Arrays.copyOf(times, found);
    Arrays.sort(times);
    return times;
  }

  @Override
  public void close() throws IOException {
    for (DatagramChannel socket : sockets) {
      socket.close();
    }
  }
}
