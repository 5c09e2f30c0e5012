package io.flashdns.management.store;

import io.flashdns.core.store.StoreException;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * What the writer does between groups: copies the write-ahead log into the database, forgets
 * history, journal and request ids that are too old, history also when it is too much, and gives
 * room back to the file system. All of it in steps that hold up changes for milliseconds.
 *
 * <p>The writer's thread alone, but for {@link #soon}.
 */
final class Upkeep {
  private static final long EVERY_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final long NEXT_STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long STEP_BYTES = 2 << 20;
  private static final int STEP_COMMITS = 1_000;

  /** Removes something old, and says where the store stands then. */
  @FunctionalInterface
  interface Step {
    Ledger from(Ledger before) throws SQLException, StoreException;
  }

  /** Makes steps in transactions of their own. */
  @FunctionalInterface
  interface Transactions {
    /** False when there was nothing to do. */
    boolean make(Step step) throws StoreException;
  }

  private final Reads reads;
  private final Writes writes;
  private final StoreConfig config;
  private final InstantSource clock;
  private final StoreDisk disk;
  private final Sessions sessions;
  private final EventTail tail;
  private final Supplier<Ledger> ledger;
  private final Transactions transactions;

  private volatile long next = System.nanoTime() + EVERY_NANOS;
  private long nextCompaction = System.nanoTime();

  Upkeep(
      Reads reads,
      Writes writes,
      StoreConfig config,
      InstantSource clock,
      StoreDisk disk,
      Sessions sessions,
      EventTail tail,
      Supplier<Ledger> ledger,
      Transactions transactions) {
    this.reads = reads;
    this.writes = writes;
    this.config = config;
    this.clock = clock;
    this.disk = disk;
    this.sessions = sessions;
    this.tail = tail;
    this.ledger = ledger;
    this.transactions = transactions;
  }

  /** Has everything done when the writer comes by the next time. Any thread. */
  void soon() {
    next = System.nanoTime();
  }

  /** Something failed: not before the usual time has passed. */
  void later() {
    next = System.nanoTime() + EVERY_NANOS;
    nextCompaction = next;
  }

  /**
   * Nanoseconds until there is something to do; 0 when it is time.
   *
   * @param isSound whether the store takes changes
   */
  long untilDueNanos(long nowNanos, boolean isSound) {
    long wait = next - nowNanos;
    if (isSound && isHistoryTooLarge()) {
      wait = Math.min(wait, nextCompaction - nowNanos);
    }
    return Math.max(wait, 0);
  }

  private boolean isHistoryTooLarge() {
    Ledger now = ledger.get();
    return now.historyBytes() > config.historyMaxBytes() && now.compacted() < now.revision();
  }

  /** Forgets all history up to a revision that nobody reads. */
  void compact(long revision) throws StoreException {
    long through = Math.min(revision, ledger.get().revision());
    while (ledger.get().compacted() < through && compactStep(through, Long.MAX_VALUE)) {
      // Step by step.
    }
  }

  /** Forgets some of the oldest commits; false when there was none to forget. */
  private boolean compactStep(long through, long beforeMillis) throws StoreException {
    boolean done =
        transactions.make(
            before ->
                writes.compact(
                    before,
                    Math.min(through, sessions.oldestPin()),
                    beforeMillis,
                    STEP_BYTES,
                    STEP_COMMITS));
    if (done) {
      tail.compacted(ledger.get().compacted());
    }
    return done;
  }

  /** Does what is due. */
  void comeBy() throws SQLException, StoreException {
    if (isHistoryTooLarge()
        && System.nanoTime() - nextCompaction >= 0
        && !compactStep(ledger.get().revision(), Long.MAX_VALUE)) {
      // Snapshots hold it.
      nextCompaction = System.nanoTime() + RETRY_NANOS;
    }
    disk.checkpointIfDue(reads, false);
    if (System.nanoTime() - next >= 0) {
      next = System.nanoTime() + EVERY_NANOS;
      long now = clock.millis();
      boolean hasMore =
          compactStep(ledger.get().revision(), now - config.historyMaxAge().toMillis());
      long beforeMillis = now - config.journalMaxAge().toMillis();
      hasMore |=
          transactions.make(before -> Journal.forget(reads, before, beforeMillis, STEP_COMMITS));
      hasMore |= writes.forgetRequests(now - OpenTransaction.REQUEST_MILLIS, STEP_COMMITS);
      if (hasMore) {
        next = System.nanoTime() + NEXT_STEP_NANOS;
      }
      disk.giveBack(reads);
      disk.checkpointIfDue(reads, true);
    }
  }
}
