package io.flashdns.transport;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The TCP connections of one event loop, in the order in which their time runs out.
 *
 * <p>A connection is in one of three states, and for all in one state the same time limit holds. So
 * a list per state, appended at its end, is sorted by itself: what has run out stands at its head,
 * a query costs one unlinking and one linking, and one timer for all looks at three heads. The
 * lists also name the one to close when there are too many.
 *
 * <p><b>Thread</b>: the loop's.
 */
final class TcpConnections implements Runnable {
  /** What a connection waits for. */
  enum Wait {
    FIRST_QUERY,
    REST_OF_MESSAGE,
    NEXT_QUERY
  }

  private static final long MAX_TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  /** While many connections are open, idle ones get this part of the time. */
  private static final int IDLE_SHARE_WHEN_BUSY = 5;

  private final IoLoop loop;
  private final TcpLimits limits;
  private final ConnectionQuota quota;
  private final Waiting[] waiting = {new Waiting(), new Waiting(), new Waiting()};
  private final long tickNanos;
  private volatile int count;
  private long partialBytes;
  private boolean ticking;

  /** A doubly linked list through the connections themselves. */
  private static final class Waiting {
    private @Nullable TcpConnection oldest;
    private @Nullable TcpConnection newest;

    void append(TcpConnection connection) {
      connection.older = newest;
      connection.newer = null;
      if (newest == null) {
        oldest = connection;
      } else {
        newest.newer = connection;
      }
      newest = connection;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // the loop alone writes it
    void remove(TcpConnection connection) {
      if (connection.older == null) {
        oldest = connection.newer;
      } else {
        connection.older.newer = connection.newer;
      }
      if (connection.newer == null) {
        newest = connection.older;
      } else {
        connection.newer.older = connection.older;
      }
      connection.older = null;
      connection.newer = null;
    }
  }

  TcpConnections(IoLoop loop, TcpLimits limits, ConnectionQuota quota) {
    this.loop = loop;
    this.limits = limits;
    this.quota = quota;
    long shortest =
        Math.min(
            Math.min(limits.firstQuery().toNanos(), limits.message().toNanos()),
            limits.idle().toNanos() / IDLE_SHARE_WHEN_BUSY);
    tickNanos = Math.clamp(shortest / 4, TimeUnit.MILLISECONDS.toNanos(1), MAX_TICK_NANOS);
  }

  /** Any thread may ask. */
  int count() {
    return count;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // the loop alone writes it
  void add(TcpConnection connection, long nowNanos) {
    count = count + 1;
    connection.wait = Wait.FIRST_QUERY;
    connection.waitsSinceNanos = nowNanos;
    list(connection.wait).append(connection);
    if (!ticking) {
      ticking = true;
      loop.eventLoop().schedule(this, tickNanos, TimeUnit.NANOSECONDS);
    }
    if (quota.isOverfull()) {
      loop.makeRoom(connection);
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // the loop alone writes it
  void remove(TcpConnection connection) {
    count = count - 1;
    list(connection.wait).remove(connection);
  }

  /** The connection waits for something from now on. */
  void waits(TcpConnection connection, Wait wait, long nowNanos) {
    list(connection.wait).remove(connection);
    connection.wait = wait;
    connection.waitsSinceNanos = nowNanos;
    list(wait).append(connection);
  }

  @SuppressWarnings("EnumOrdinal") // an array by enum constant, for each message
  private Waiting list(Wait wait) {
    return waiting[wait.ordinal()];
  }

  /**
   * Closes the connection that is missed least: the one idle for the longest time, else the one
   * that has had the longest time for a first query, else for the rest of one.
   *
   * @param newcomer stays: the room is made for it; null when it is on another loop
   */
  void evictOldest(@Nullable TcpConnection newcomer) {
    TcpConnection victim = list(Wait.NEXT_QUERY).oldest;
    if (victim == null) {
      victim = list(Wait.FIRST_QUERY).oldest;
    }
    if (victim == null || victim == newcomer) {
      victim = list(Wait.REST_OF_MESSAGE).oldest;
    }
    if (victim != null) {
      evict(victim);
    }
  }

  /**
   * Closes up to {@code most} connections, but only idle ones: the file descriptors are gone, and
   * what others do with those that get free is not known.
   *
   * @return how many were closed
   */
  int evictIdle(int most) {
    Waiting idle = list(Wait.NEXT_QUERY);
    int evicted = 0;
    while (evicted < most && idle.oldest != null) {
      evict(idle.oldest);
      evicted++;
    }
    return evicted;
  }

  private void evict(TcpConnection victim) {
    loop.counters().add(LoopCounters.TCP_EVICTED, 1);
    victim.close();
  }

  /** The timer. */
  @Override
  public void run() {
    long now = System.nanoTime();
    long idleNanos = limits.idle().toNanos();
    expire(Wait.FIRST_QUERY, now - limits.firstQuery().toNanos());
    expire(Wait.REST_OF_MESSAGE, now - limits.message().toNanos());
    expire(
        Wait.NEXT_QUERY, now - (quota.isHalfFull() ? idleNanos / IDLE_SHARE_WHEN_BUSY : idleNanos));
    ticking = count != 0;
    if (ticking) {
      loop.eventLoop().schedule(this, tickNanos, TimeUnit.NANOSECONDS);
    }
  }

  private void expire(Wait wait, long sinceNanos) {
    Waiting list = list(wait);
    for (TcpConnection connection = list.oldest;
        connection != null && connection.waitsSinceNanos - sinceNanos <= 0;
        connection = list.oldest) {
      loop.counters().add(LoopCounters.TCP_TIMED_OUT, 1);
      connection.close();
    }
  }

  /** Does {@code action} to each connection; it may close the one that it is given. */
  void forEach(java.util.function.Consumer<TcpConnection> action) {
    for (Waiting list : waiting) {
      TcpConnection connection = list.oldest;
      while (connection != null) {
        TcpConnection next = connection.newer;
        action.accept(connection);
        connection = next;
      }
    }
  }

  /**
   * Accounts for octets of unfinished messages that are held; false when there would be too many.
   */
  boolean holdPartial(long bytes) {
    if (partialBytes + bytes > Limits.MAX_PARTIAL_BYTES) {
      return false;
    }
    partialBytes += bytes;
    return true;
  }

  void dropPartial(long bytes) {
    partialBytes -= bytes;
  }

  /** Octets that are held so. */
  long partialBytes() {
    return partialBytes;
  }
}
