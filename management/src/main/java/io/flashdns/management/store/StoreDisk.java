package io.flashdns.management.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The files of a store from the writer's side: free space, the write-ahead log and when it is
 * copied into the database, space that is given back. The writer's thread alone, but for the sizes.
 *
 * <p>The log is copied by the store and not by SQLite's automatism, which passes over an fsync that
 * failed: the system then takes the pages for written, and the next one would succeed.
 */
final class StoreDisk {
  /** The log is copied when it has so many pages: more is faster and recovers more slowly. */
  private static final int CHECKPOINT_PAGES = 4_096;

  /** When readers hold it, it is tried again after so many more. */
  private static final int AGAIN_PAGES = CHECKPOINT_PAGES / 4;

  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  /** Free pages are given back when they are more, and more than a quarter of the file. */
  private static final long KEPT_FREE_PAGES = 16_384;

  private static final int GIVEN_BACK_PAGES = 2_000;

  private final @Nullable Path file;
  private final @Nullable Path wal;
  private @Nullable Acknowledged acknowledged;
  private long lookedAt = System.nanoTime() - LOOK_NANOS;
  private long free = Long.MAX_VALUE;
  private long checkpointPages = CHECKPOINT_PAGES;

  /** Of a database file; null for one in memory. */
  StoreDisk(@Nullable Path file) {
    this.file = file;
    this.wal = file == null ? null : file.resolveSibling(file.getFileName() + "-wal");
  }

  /** From here on it is written down what is acknowledged. Before the writer begins. */
  void beginAcknowledging(Path storeFolder) throws IOException {
    acknowledged = Acknowledged.open(storeFolder);
  }

  /**
   * To be called between a commit and its acknowledgement. An additional proof: without room for it
   * the commit is no less durable.
   */
  void acknowledging(long revision) {
    Acknowledged to = acknowledged;
    if (to != null) {
      try {
        to.write(revision);
      } catch (IOException _) {
        // What it says stays true.
      }
    }
  }

  /** The writer has ended. */
  void endAcknowledging() {
    Acknowledged to = acknowledged;
    acknowledged = null;
    if (to != null) {
      try {
        to.close();
      } catch (IOException _) {
        // Nothing of it is needed any more.
      }
    }
  }

  /** What messages call it. */
  String place() {
    return file == null ? "the store in memory" : file.toString();
  }

  /** What is wrong when less than {@code minFreeBytes} are free; empty when nothing is. */
  String lack(long minFreeBytes) {
    Path path = file;
    if (path == null || minFreeBytes == 0) {
      return "";
    }
    long now = System.nanoTime();
    if (now - lookedAt >= LOOK_NANOS) {
      lookedAt = now;
      try {
        free = Files.getFileStore(path).getUsableSpace();
      } catch (IOException _) {
        // The next write says what is wrong.
        free = Long.MAX_VALUE;
      }
    }
    return free >= minFreeBytes
        ? ""
        : "the store takes no changes, "
            + (free >> 20)
            + " MiB are free for "
            + path
            + " and "
            + (minFreeBytes >> 20)
            + " MiB must stay free: free some, changes are taken again by themselves";
  }

  /** Copies the log into the database when it is long, or when there is anything and time. */
  void checkpointIfDue(Reads reads, boolean isIdle) throws SQLException {
    Path log = wal;
    if (log == null) {
      return;
    }
    long pages = sizeOf(log) / 4_096;
    if (pages == 0 || (!isIdle && pages < checkpointPages)) {
      return;
    }
    if (!isIdle && state(reads, "PRAGMA wal_checkpoint(NOOP)")[1] < checkpointPages) {
      return;
    }
    long[] state = state(reads, "PRAGMA wal_checkpoint(PASSIVE)");
    checkpointPages = state[1] == state[2] ? CHECKPOINT_PAGES : state[1] + AGAIN_PAGES;
  }

  /**
   * Copies all of the log and empties it: at the start, so that whatever an fsync that failed has
   * left in it is written again before anything is added.
   */
  void checkpointAll(Reads reads) throws SQLException {
    if (wal != null) {
      var _ = state(reads, "PRAGMA wal_checkpoint(TRUNCATE)");
    }
  }

  /** Whether readers were in the way, pages of the log, pages of them that are in the database. */
  private static long[] state(Reads reads, String pragma) throws SQLException {
    try (ResultSet row = reads.statement(pragma).executeQuery()) {
      return row.next() ? new long[] {row.getLong(1), row.getLong(2), row.getLong(3)} : new long[3];
    }
  }

  /** Gives pages back that compaction freed, some at a time; a store that grows needs them. */
  void giveBack(Reads reads) throws SQLException {
    if (file == null) {
      return;
    }
    long freePages = reads.number("PRAGMA freelist_count");
    if (freePages > KEPT_FREE_PAGES && freePages > reads.number("PRAGMA page_count") / 4) {
      try (ResultSet rows =
          reads.statement("PRAGMA incremental_vacuum(" + GIVEN_BACK_PAGES + ")").executeQuery()) {
        while (rows.next()) {
          // Each step moves one page.
        }
      }
    }
  }

  /** Octets of the database file. */
  long databaseBytes() {
    return file == null ? 0 : sizeOf(file);
  }

  /** Octets of the write-ahead log. */
  long walBytes() {
    return wal == null ? 0 : sizeOf(wal);
  }

  private static long sizeOf(Path path) {
    try {
      return Files.size(path);
    } catch (IOException _) {
      return 0;
    }
  }
}
