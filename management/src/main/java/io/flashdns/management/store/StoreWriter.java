package io.flashdns.management.store;

import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.CommitResult;
import io.flashdns.core.store.Octets;
import io.flashdns.core.store.StoreEvent;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreState;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that writes. It takes all change sets that wait, makes them one after the other in
 * one transaction, and acknowledges them when the transaction is on stable storage: so an fsync is
 * shared by all who wait. Between groups it copies the write-ahead log into the database, and
 * forgets history that is too old or too much.
 *
 * <p>After an error it decides by {@link SqlFaults}: without space it takes no changes and tries
 * again each second; after an I/O error it never writes again, since nobody knows what an fsync
 * that failed has left, until the store is opened anew.
 */
final class StoreWriter implements Runnable {
  private static final System.Logger LOG = System.getLogger(StoreWriter.class.getName());

  /** More in one transaction and the first ones wait too long for the last. */
  private static final int MAX_GROUP = 512;

  private static final long MAX_GROUP_BYTES = 8 << 20;
  private static final long HOUSEKEEPING_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long COMPACTION_STEP_BYTES = 2 << 20;
  private static final int COMPACTION_STEP_COMMITS = 1_000;

  /** What waits for the writer. */
  private sealed interface Task {
    record Change(ChangeSet change, CompletableFuture<CommitResult> done) implements Grouped {}

    record Journal(List<Octets> bodies, CompletableFuture<Boolean> done) implements Grouped {}

    record Compact(long revision, CompletableFuture<Boolean> done) implements Task {}

    record Stop() implements Task {}
  }

  /** What shares a transaction with others. */
  private sealed interface Grouped extends Task {
    CompletableFuture<?> done();
  }

  /** A change set of the group at hand: what it became, to be acknowledged after the commit. */
  private record Done(Task.Change task, CommitResult result) {}

  private final Reads reads;
  private final Writes writes;
  private final OpenTransaction transaction;
  private final StoreConfig config;
  private final InstantSource clock;
  private final StoreDisk disk;
  private final Sessions sessions;
  private final EventTail tail;
  private final LinkedBlockingQueue<Task> queue = new LinkedBlockingQueue<>();
  private final Thread thread;
  private final StoreCounters counters = new StoreCounters();

  private volatile Ledger ledger;
  private volatile String readOnlyReason = "";
  private volatile boolean broken;
  private volatile boolean stopping;
  private volatile long nextHousekeeping = System.nanoTime() + HOUSEKEEPING_NANOS;
  private long nextRetry;
  private long nextCompaction = System.nanoTime();

  StoreWriter(
      Reads reads,
      Writes writes,
      Ledger ledger,
      StoreConfig config,
      InstantSource clock,
      StoreDisk disk,
      Sessions sessions,
      EventTail tail,
      ThreadFactory threads) {
    this.reads = reads;
    this.writes = writes;
    this.transaction = new OpenTransaction(reads, writes, clock);
    this.ledger = ledger;
    this.config = config;
    this.clock = clock;
    this.disk = disk;
    this.sessions = sessions;
    this.tail = tail;
    thread = threads.newThread(this);
    thread.setName("store-writer");
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  StoreState state() {
    Ledger now = ledger;
    return new StoreState(
        now.revision(), now.compacted(), now.zones(), now.historyBytes(), readOnlyReason);
  }

  StoreCounters counters() {
    return counters;
  }

  int waiting() {
    return queue.size();
  }

  /** True when nothing is written any more until the store is opened anew. */
  boolean isBroken() {
    return broken;
  }

  CompletableFuture<CommitResult> commit(ChangeSet change) throws StoreException {
    refuseWhenReadOnly();
    CompletableFuture<CommitResult> done = new CompletableFuture<>();
    enqueue(new Task.Change(change, done), done);
    return done;
  }

  CompletableFuture<Boolean> journal(List<Octets> bodies) throws StoreException {
    refuseWhenReadOnly();
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    enqueue(new Task.Journal(bodies, done), done);
    return done;
  }

  CompletableFuture<Boolean> compact(long revision) throws StoreException {
    refuseWhenReadOnly();
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    enqueue(new Task.Compact(revision, done), done);
    return done;
  }

  private void enqueue(Task task, CompletableFuture<?> done) {
    queue.add(task);
    // The writer may have ended between the check and the addition: then nobody takes it out.
    if (stopping && queue.remove(task)) {
      done.completeExceptionally(Sessions.closed());
    }
  }

  private void refuseWhenReadOnly() throws StoreException {
    if (stopping) {
      throw Sessions.closed();
    }
    String reason = readOnlyReason;
    if (!reason.isEmpty()) {
      throw new StoreException.Unavailable(reason);
    }
  }

  /** Ends the thread; what waits is refused. */
  void stop() {
    stopping = true;
    queue.add(new Task.Stop());
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    for (Task task = queue.poll(); task != null; task = queue.poll()) {
      refuse(task, Sessions.closed());
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static void refuse(Task task, StoreException reason) {
    switch (task) {
      case Grouped one -> one.done().completeExceptionally(reason);
      case Task.Compact compact -> compact.done().completeExceptionally(reason);
      case Task.Stop _ -> {}
    }
  }

  @Override
  public void run() {
    List<Grouped> group = new ArrayList<>();
    while (!stopping) {
      try {
        Task first = queue.poll(waitNanos(), TimeUnit.NANOSECONDS);
        if (first != null) {
          serve(first, group);
        }
        if (!stopping) {
          keepHouse();
        }
      } catch (InterruptedException _) {
        // Nobody interrupts this thread: stopping says when it ends.
      } catch (RuntimeException | Error e) {
        fail("the writer of the store failed (" + e + "): restart the server", e);
        group.forEach(task -> task.done().completeExceptionally(unknown(e)));
        group.clear();
      }
    }
  }

  /** Has it done when it comes by the next time. */
  void keepHouseSoon() {
    nextHousekeeping = System.nanoTime();
  }

  private long waitNanos() {
    long now = System.nanoTime();
    long wait = nextHousekeeping - now;
    if (!broken && !readOnlyReason.isEmpty()) {
      wait = Math.min(wait, nextRetry - now);
    }
    if (isHistoryTooLarge() && !broken && readOnlyReason.isEmpty()) {
      wait = Math.min(wait, nextCompaction - now);
    }
    return Math.max(wait, 0);
  }

  private void serve(Task first, List<Grouped> group) {
    long begin = System.nanoTime();
    long octets = 0;
    for (@Nullable Task task = first; task != null; task = queue.poll()) {
      switch (task) {
        case Grouped one -> {
          group.add(one);
          octets += octets(one);
        }
        case Task.Compact compact -> {
          commitGroup(group, begin);
          compact(compact);
        }
        case Task.Stop _ -> {
          group.forEach(change -> refuse(change, Sessions.closed()));
          group.clear();
          return;
        }
      }
      if (group.size() >= MAX_GROUP || octets >= MAX_GROUP_BYTES) {
        break;
      }
    }
    commitGroup(group, begin);
  }

  /** About the octets that it writes. */
  private static long octets(Grouped task) {
    return switch (task) {
      case Task.Change change -> StoreCounters.octets(change.change());
      case Task.Journal journal -> journal.bodies().stream().mapToLong(Octets::length).sum();
    };
  }

  /** Makes all change sets of a group in one transaction, and empties it. */
  private void commitGroup(List<Grouped> group, long begin) {
    if (group.isEmpty()) {
      return;
    }
    if (!checkWritable()) {
      StoreException reason = new StoreException.Unavailable(readOnlyReason);
      counters.failed(group.size());
      group.forEach(task -> refuse(task, reason));
      group.clear();
      return;
    }
    ReentrantLock lock = sessions.sharedLock();
    if (lock != null) {
      lock.lock();
    }
    try {
      makeGroup(group, begin);
    } finally {
      if (lock != null) {
        lock.unlock();
      }
    }
    group.clear();
  }

  private void makeGroup(List<Grouped> group, long begin) {
    List<Done> made = new ArrayList<>(group.size());
    List<StoreEvent> events = new ArrayList<>(group.size());
    Ledger after = ledger;
    boolean committing = false;
    try {
      reads.run("BEGIN IMMEDIATE");
      for (Grouped task : group) {
        after =
            switch (task) {
              case Task.Change change -> make(change, after, made, events);
              case Task.Journal journal -> transaction.journal(journal.bodies(), after);
            };
      }
      if (!after.equals(ledger)) {
        writes.write(after);
      }
      committing = true;
      reads.run("COMMIT");
    } catch (SQLException e) {
      writes.forget();
      rollBack();
      StoreException reason = failed(e, committing);
      counters.failed(group.size());
      group.forEach(task -> refuse(task, reason));
      return;
    }
    disk.acknowledging(after.revision());
    ledger = after;
    tail.publish(events);
    counters.committed(events.size(), System.nanoTime() - begin);
    made.forEach(one -> one.task().done().complete(one.result()));
    for (Grouped task : group) {
      if (task instanceof Task.Journal journal) {
        journal.done().complete(true);
      }
    }
  }

  /** Makes one change set in the open transaction, or tells its caller why not. */
  private Ledger make(Task.Change task, Ledger before, List<Done> made, List<StoreEvent> events)
      throws SQLException {
    try {
      OpenTransaction.Made one = transaction.make(task.change(), before);
      made.add(new Done(task, one.result()));
      if (one.event() != null) {
        events.add(one.event());
      }
      return one.after();
    } catch (StoreException | RuntimeException e) {
      counters.refused(e);
      task.done().completeExceptionally(e);
      return before;
    }
  }

  private void rollBack() {
    reads.forgetStatements();
    try {
      reads.run("ROLLBACK");
    } catch (SQLException _) {
      // SQLite rolls back by itself after the worst errors.
    }
  }

  private void compact(Task.Compact task) {
    try {
      if (!checkWritable()) {
        throw new StoreException.Unavailable(readOnlyReason);
      }
      long through = Math.min(task.revision(), ledger.revision());
      while (ledger.compacted() < through && compactStep(through, Long.MAX_VALUE)) {
        // Step by step.
      }
      task.done().complete(true);
    } catch (StoreException e) {
      task.done().completeExceptionally(e);
    }
  }

  /** Forgets some of the oldest commits; false when there was none to forget. */
  private boolean compactStep(long through, long beforeMillis) throws StoreException {
    boolean done =
        forget(
            before ->
                writes.compact(
                    before,
                    Math.min(through, sessions.oldestPin()),
                    beforeMillis,
                    COMPACTION_STEP_BYTES,
                    COMPACTION_STEP_COMMITS));
    if (done) {
      tail.compacted(ledger.compacted());
    }
    return done;
  }

  /** Removes something old, and says where the store stands then. */
  private interface Forgetting {
    Ledger from(Ledger before) throws SQLException, StoreException;
  }

  /** Does so in a transaction of its own; false when there was nothing to remove. */
  private boolean forget(Forgetting what) throws StoreException {
    ReentrantLock lock = sessions.sharedLock();
    if (lock != null) {
      lock.lock();
    }
    boolean committing = false;
    try {
      reads.run("BEGIN IMMEDIATE");
      Ledger after = what.from(ledger);
      if (after.equals(ledger)) {
        reads.run("ROLLBACK");
        return false;
      }
      writes.write(after);
      committing = true;
      reads.run("COMMIT");
      ledger = after;
      return true;
    } catch (SQLException e) {
      rollBack();
      throw failed(e, committing);
    } catch (StoreException e) {
      rollBack();
      throw e;
    } finally {
      if (lock != null) {
        lock.unlock();
      }
    }
  }

  private boolean isHistoryTooLarge() {
    Ledger now = ledger;
    return now.historyBytes() > config.historyMaxBytes() && now.compacted() < now.revision();
  }

  private void keepHouse() {
    if (broken || !checkWritable()) {
      return;
    }
    try {
      if (isHistoryTooLarge()
          && System.nanoTime() - nextCompaction >= 0
          && !compactStep(ledger.revision(), Long.MAX_VALUE)) {
        // Snapshots hold it.
        nextCompaction = System.nanoTime() + RETRY_NANOS;
      }
      disk.checkpointIfDue(reads, false);
      if (System.nanoTime() - nextHousekeeping >= 0) {
        nextHousekeeping = System.nanoTime() + HOUSEKEEPING_NANOS;
        long now = clock.millis();
        long tooOld = now - config.historyMaxAge().toMillis();
        boolean hasMore = compactStep(ledger.revision(), tooOld);
        long beforeMillis = now - config.journalMaxAge().toMillis();
        hasMore |=
            forget(before -> Journal.forget(reads, before, beforeMillis, COMPACTION_STEP_COMMITS));
        hasMore |=
            writes.forgetRequests(now - OpenTransaction.REQUEST_MILLIS, COMPACTION_STEP_COMMITS);
        if (hasMore) {
          nextHousekeeping = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(20);
        }
        disk.giveBack(reads);
        disk.checkpointIfDue(reads, true);
      }
    } catch (SQLException e) {
      rollBack();
      var _ = failed(e, false);
    } catch (StoreException e) {
      LOG.log(System.Logger.Level.WARNING, e.getMessage());
      nextHousekeeping = System.nanoTime() + HOUSEKEEPING_NANOS;
      nextCompaction = nextHousekeeping;
    }
  }

  /** Looks at the disk, and after lack of space whether there is some again. */
  private boolean checkWritable() {
    if (broken) {
      return false;
    }
    String lack = disk.lack(config.minFreeBytes());
    if (!lack.isEmpty()) {
      readOnly(lack);
      nextRetry = System.nanoTime() + RETRY_NANOS;
      return false;
    }
    if (readOnlyReason.isEmpty()) {
      return true;
    }
    if (System.nanoTime() - nextRetry < 0) {
      return false;
    }
    nextRetry = System.nanoTime() + RETRY_NANOS;
    try {
      reads.run("BEGIN IMMEDIATE");
      if (!reads.ledger().equals(ledger)) {
        reads.run("ROLLBACK");
        fail("the store takes no changes after an error of its disk: restart the server", null);
        return false;
      }
      writes.write(ledger);
      reads.run("COMMIT");
    } catch (SQLException e) {
      rollBack();
      var _ = failed(e, false);
      return false;
    } catch (StoreException e) {
      rollBack();
      fail(e.getMessage(), e);
      return false;
    }
    LOG.log(System.Logger.Level.INFO, "the store takes changes again");
    readOnlyReason = "";
    return true;
  }

  private void readOnly(String reason) {
    if (readOnlyReason.isEmpty()) {
      LOG.log(System.Logger.Level.ERROR, reason);
      nextRetry = System.nanoTime() + RETRY_NANOS;
    }
    readOnlyReason = reason;
  }

  /** Takes the store out of service as an error demands; the result is for who waits. */
  private StoreException failed(SQLException e, boolean committing) {
    switch (SqlFaults.kind(e)) {
      case FULL -> {
        readOnly(
            "the store takes no changes, there is no space left for "
                + disk.place()
                + ": free some, changes are taken again by themselves");
        nextRetry = System.nanoTime() + RETRY_NANOS;
      }
      case BROKEN ->
          fail(
              "the store takes no changes, "
                  + disk.place()
                  + " failed with "
                  + SqlFaults.text(e)
                  + ": look at the disk, then restart the server",
              e);
      case OTHER -> {
        return new StoreException.Unavailable(
            "the store did not take the change (" + SqlFaults.text(e) + "): ask again",
            committing,
            e);
      }
    }
    return new StoreException.Unavailable(readOnlyReason, committing, e);
  }

  private void fail(@Nullable String reason, @Nullable Throwable e) {
    broken = true;
    readOnlyReason = String.valueOf(reason);
    LOG.log(System.Logger.Level.ERROR, reason, e);
  }

  private StoreException unknown(Throwable e) {
    return new StoreException.Unavailable(readOnlyReason, true, e);
  }
}
