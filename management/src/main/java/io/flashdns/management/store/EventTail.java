package io.flashdns.management.store;

import io.flashdns.core.store.DocumentEvent;
import io.flashdns.core.store.StoreEvent;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.Watch;
import io.flashdns.core.store.ZoneEvent;
import io.flashdns.management.store.Sessions.Session;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The newest events in memory, and who waits for more. A watch that is further back reads the log.
 * Safe for all threads.
 */
final class EventTail {
  private static final long MAX_TAIL_BYTES = 8 << 20;
  private static final int MAX_TAIL_EVENTS = 16_384;
  private static final long BATCH_BYTES = 4 << 20;

  private final Sessions sessions;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition more = lock.newCondition();

  /** The event of revision r stands at r modulo the length. */
  private final @Nullable StoreEvent[] events = new StoreEvent[MAX_TAIL_EVENTS];

  private long octets;
  private long oldest;
  private long newest;
  private boolean closed;

  EventTail(Sessions sessions, long newest) {
    this.sessions = sessions;
    this.newest = newest;
    this.oldest = newest + 1;
  }

  /** Takes events that are committed, in order. */
  void publish(List<StoreEvent> committed) {
    lock.lock();
    try {
      for (StoreEvent event : committed) {
        while (newest - oldest + 1 >= MAX_TAIL_EVENTS) {
          dropOldest();
        }
        newest = event.revision();
        events[slot(newest)] = event;
        octets += bytes(event);
      }
      while (octets > MAX_TAIL_BYTES && oldest <= newest) {
        dropOldest();
      }
      more.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Drops what was compacted. */
  void compacted(long revision) {
    lock.lock();
    try {
      while (oldest <= Math.min(revision, newest)) {
        dropOldest();
      }
    } finally {
      lock.unlock();
    }
  }

  private void dropOldest() {
    StoreEvent event = events[slot(oldest)];
    if (event != null) {
      octets -= bytes(event);
    }
    events[slot(oldest)] = null;
    oldest++;
  }

  private static int slot(long revision) {
    return (int) (revision % MAX_TAIL_EVENTS);
  }

  /** About the octets that an event takes. */
  static long bytes(StoreEvent event) {
    long bytes = 128;
    for (ZoneEvent zone : event.zones()) {
      bytes += 512 + zone.before().encoded().length + zone.after().encoded().length;
    }
    for (DocumentEvent document : event.documents()) {
      bytes +=
          128
              + document.key().length()
              + Documents.octets(document.before())
              + Documents.octets(document.after());
    }
    return bytes;
  }

  /** Wakes all who wait; they find the store closed. */
  void close() {
    lock.lock();
    try {
      closed = true;
      more.signalAll();
    } finally {
      lock.unlock();
    }
  }

  Watch watch(long afterRevision) {
    return new Follower(afterRevision);
  }

  /** What the tail has after a revision: null when it begins later. */
  private @Nullable List<StoreEvent> recent(long after) {
    if (oldest > after + 1) {
      return null;
    }
    List<StoreEvent> found = new ArrayList<>();
    long taken = 0;
    for (long revision = after + 1; revision <= newest; revision++) {
      StoreEvent event = events[slot(revision)];
      if (event == null) {
        return null;
      }
      taken += bytes(event);
      if (!found.isEmpty() && taken > BATCH_BYTES) {
        break;
      }
      found.add(event);
    }
    return found;
  }

  private final class Follower implements Watch {
    private long position;
    private volatile boolean ended;

    Follower(long position) {
      this.position = position;
    }

    @Override
    public List<StoreEvent> next(Duration timeout) throws StoreException, InterruptedException {
      List<StoreEvent> found = await(timeout);
      if (found == null) {
        found = fromLog();
      }
      if (!found.isEmpty()) {
        position = found.getLast().revision();
      }
      return found;
    }

    /** Null when the log must be asked. */
    private @Nullable List<StoreEvent> await(Duration timeout)
        throws StoreException, InterruptedException {
      long left = timeout.toNanos();
      lock.lockInterruptibly();
      try {
        while (true) {
          if (closed) {
            throw Sessions.closed();
          }
          if (ended) {
            return List.of();
          }
          if (newest > position) {
            return recent(position);
          }
          if (left <= 0) {
            return List.of();
          }
          left = more.awaitNanos(left);
        }
      } finally {
        lock.unlock();
      }
    }

    private List<StoreEvent> fromLog() throws StoreException {
      Session session = sessions.open();
      try {
        session.lock().lock();
        try {
          return EventLog.after(session.reads(), position, BATCH_BYTES);
        } finally {
          session.lock().unlock();
        }
      } catch (SQLException e) {
        session.reads().forgetStatements();
        throw SqlFaults.ofRead(e, "reading the log after revision " + position);
      } finally {
        sessions.close(session);
      }
    }

    @Override
    public void close() {
      ended = true;
      lock.lock();
      try {
        more.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }
}
