package io.flashdns.management.store;

import io.flashdns.core.store.StoreException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The connections that read. In a file each reader has its own, in a transaction that shows one
 * revision; a store in memory has one connection for everybody, and readers undo what came after
 * their revision. Safe for all threads.
 */
final class Sessions {
  /** More at a time wait: each may hold a file handle, a cache, and the log from being cut. */
  static final int MAX_OPEN = 64;

  private static final int MAX_IDLE = 8;
  private static final int PATIENCE_SECONDS = 10;

  private final @Nullable Path file;
  private final @Nullable Session shared;
  private final Semaphore permits = new Semaphore(MAX_OPEN);
  private final ArrayDeque<Session> idle = new ArrayDeque<>();
  private final TreeMap<Long, Integer> pins = new TreeMap<>();
  private boolean closed;

  private Sessions(@Nullable Path file, @Nullable Session shared) {
    this.file = file;
    this.shared = shared;
  }

  /** Of a database in a file. */
  static Sessions of(Path file) {
    return new Sessions(file, null);
  }

  /** Of a database in memory, whose only connection the writer has too. */
  static Sessions shared(Reads reads) {
    return new Sessions(null, new Session(reads, true, new ReentrantLock()));
  }

  /**
   * A connection for one user. Every read is made under its lock.
   *
   * @param isShared true when others write through it
   */
  record Session(Reads reads, boolean isShared, ReentrantLock lock) {}

  /** The lock that a writer holds over a transaction on the shared connection; null in a file. */
  @Nullable ReentrantLock sharedLock() {
    return shared == null ? null : shared.lock();
  }

  /** Takes a connection, in a file with its transaction begun. */
  Session open() throws StoreException {
    try {
      if (!permits.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new StoreException.Unavailable(
            MAX_OPEN + " snapshots of the store are open: close some, or ask again later");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreException.Unavailable("waiting for the store was interrupted", false, e);
    }
    Session session = null;
    try {
      session = take();
      if (!session.isShared()) {
        session.reads().run("BEGIN");
      }
      return session;
    } catch (SQLException e) {
      permits.release();
      if (session != null) {
        discard(session);
      }
      throw SqlFaults.ofRead(e, "opening it");
    } catch (StoreException e) {
      permits.release();
      throw e;
    }
  }

  private Session take() throws SQLException, StoreException {
    Path path = file;
    synchronized (this) {
      if (closed) {
        throw closed();
      }
      Session common = shared;
      if (common != null) {
        return common;
      }
      Session waiting = idle.pollLast();
      if (waiting != null) {
        return waiting;
      }
    }
    if (path == null) {
      throw new IllegalStateException("neither file nor memory");
    }
    return new Session(new Reads(Database.reader(path)), false, new ReentrantLock());
  }

  static StoreException closed() {
    return new StoreException.Unavailable("the store is closed: start the server again");
  }

  /** Gives a connection back. */
  void close(Session session) {
    boolean keep = session.isShared();
    if (!keep) {
      try {
        session.reads().run("ROLLBACK");
        synchronized (this) {
          if (!closed && idle.size() < MAX_IDLE) {
            idle.addLast(session);
            keep = true;
          }
        }
      } catch (SQLException _) {
        // It is of no more use.
      }
    }
    if (!keep) {
      discard(session);
    }
    permits.release();
  }

  private static void discard(Session session) {
    if (!session.isShared()) {
      try {
        session.reads().close();
      } catch (SQLException _) {
        // It is gone either way.
      }
    }
  }

  /** Keeps the events after a revision: a shared connection needs them to show it. */
  synchronized void pin(long revision) {
    pins.merge(revision, 1, Integer::sum);
  }

  /** Ends that. */
  synchronized void unpin(long revision) {
    pins.computeIfPresent(revision, (_, count) -> count == 1 ? null : count - 1);
  }

  /** The oldest revision that is pinned. */
  synchronized long oldestPin() {
    return pins.isEmpty() ? Long.MAX_VALUE : pins.firstKey();
  }

  /** Snapshots that are open. */
  int openCount() {
    return MAX_OPEN - permits.availablePermits();
  }

  /** No more are opened; those in use end when they are given back. */
  void close() {
    synchronized (this) {
      closed = true;
      for (Iterator<Session> each = idle.iterator(); each.hasNext(); ) {
        discard(each.next());
        each.remove();
      }
    }
  }
}
