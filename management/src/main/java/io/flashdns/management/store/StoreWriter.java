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

  /** Longest time in which a change is agreed on, so that no call takes five seconds. */
  private static final long AGREEMENT_NANOS = TimeUnit.MILLISECONDS.toNanos(3_500);

  private final Reads reads;
  private final Writes writes;
  private final OpenTransaction transaction;
  private final StoreConfig config;
  private final InstantSource clock;
  private final StoreDisk disk;
  private final Sessions sessions;
  private final EventTail tail;
  private final LinkedBlockingQueue<WriterTask> queue = new LinkedBlockingQueue<>();
  private final Thread thread;
  private final StoreCounters counters = new StoreCounters();

  private final @Nullable SharedLog log;

  private volatile Ledger ledger;
  private volatile Position position;
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
      ThreadFactory threads,
      Position position,
      @Nullable SharedLog log) {
    this.reads = reads;
    this.writes = writes;
    this.transaction = new OpenTransaction(reads, writes, clock);
    this.ledger = ledger;
    this.config = config;
    this.clock = clock;
    this.disk = disk;
    this.sessions = sessions;
    this.tail = tail;
    this.position = position;
    this.log = log;
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

  /** Of which shared store this is a copy, and how far. */
  Position position() {
    return position;
  }

  /** Where it stands. */
  Standing standing() {
    return ledger.standing();
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
    enqueue(new WriterTask.Change(change, System.nanoTime(), done), done);
    return done;
  }

  CompletableFuture<Boolean> journal(List<Octets> bodies) throws StoreException {
    refuseWhenReadOnly();
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    enqueue(new WriterTask.Journal(bodies, System.nanoTime(), done), done);
    return done;
  }

  CompletableFuture<Boolean> compact(long revision) throws StoreException {
    refuseWhenReadOnly();
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    enqueue(new WriterTask.Compact(revision, done), done);
    return done;
  }

  /** Makes what the shared log has at a sequence number. */
  CompletableFuture<Boolean> follow(long sequence, byte[] group) {
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    enqueue(new WriterTask.Follow(sequence, Octets.of(group), done), done);
    return done;
  }

  /** Makes an empty store the copy of a shared one. */
  CompletableFuture<Boolean> adopt(Position begin) {
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    enqueue(new WriterTask.Adopt(begin, done), done);
    return done;
  }

  private void enqueue(WriterTask task, CompletableFuture<?> done) {
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
    queue.add(new WriterTask.Stop());
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    for (WriterTask task = queue.poll(); task != null; task = queue.poll()) {
      refuse(task, Sessions.closed());
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static void refuse(WriterTask task, StoreException reason) {
    switch (task) {
      case WriterTask.Grouped one -> one.done().completeExceptionally(reason);
      case WriterTask.Compact compact -> compact.done().completeExceptionally(reason);
      case WriterTask.Follow follow -> follow.done().completeExceptionally(reason);
      case WriterTask.Adopt adopt -> adopt.done().completeExceptionally(reason);
      case WriterTask.Stop _ -> {}
    }
  }

  @Override
  public void run() {
    List<WriterTask.Grouped> group = new ArrayList<>();
    while (!stopping) {
      try {
        WriterTask first = queue.poll(waitNanos(), TimeUnit.NANOSECONDS);
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

  private void serve(WriterTask first, List<WriterTask.Grouped> group) {
    long begin = System.nanoTime();
    long octets = 0;
    for (@Nullable WriterTask task = first; task != null; task = queue.poll()) {
      switch (task) {
        case WriterTask.Grouped one -> {
          group.add(one);
          octets += octets(one);
        }
        case WriterTask.Compact compact -> {
          commitGroup(group, begin);
          compact(compact);
        }
        case WriterTask.Follow follow -> {
          commitGroup(group, begin);
          follow(follow);
        }
        case WriterTask.Adopt adopt -> {
          commitGroup(group, begin);
          adopt(adopt);
        }
        case WriterTask.Stop _ -> {
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
  private static long octets(WriterTask.Grouped task) {
    return switch (task) {
      case WriterTask.Change change -> StoreCounters.octets(change.change());
      case WriterTask.Journal journal -> journal.bodies().stream().mapToLong(Octets::length).sum();
    };
  }

  /** Makes all change sets of a group in one transaction, and empties it. */
  private void commitGroup(List<WriterTask.Grouped> group, long begin) {
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

  private void makeGroup(List<WriterTask.Grouped> group, long begin) {
    long deadline = group.getFirst().sinceNanos() + AGREEMENT_NANOS;
    while (!attempt(group, begin, deadline)) {
      // Others were first: what they did is made now, and this group is decided anew.
    }
  }

  /** Makes a group; false when others have changed the shared store before. */
  private boolean attempt(List<WriterTask.Grouped> group, long begin, long deadline) {
    GroupDraft draft = new GroupDraft(transaction, reads, ledger);
    Position next = position;
    boolean committing = false;
    try {
      reads.run("BEGIN IMMEDIATE");
      for (WriterTask.Grouped task : group) {
        draft.make(task);
      }
      SharedLog shared = log;
      if (shared != null) {
        committing = true;
        switch (draft.agreed(shared, position, deadline)) {
          case SharedLog.Answer.Agreed _ -> {}
          case SharedLog.Answer.Others(List<byte[]> groups) -> {
            undo();
            committing = false;
            followAll(groups);
            return false;
          }
          case SharedLog.Answer.Away(String reason, boolean isUnknown) -> {
            undo();
            refuseAll(group, new StoreException.Unavailable(reason, isUnknown));
            return true;
          }
        }
        if (draft.writes()) {
          next = next.next();
          writes.write(next);
        }
      }
      if (!draft.after().equals(ledger)) {
        writes.write(draft.after());
      }
      committing = true;
      reads.run("COMMIT");
    } catch (SQLException e) {
      writes.forget();
      rollBack();
      refuseAll(group, failed(e, committing));
      return true;
    } catch (StoreException e) {
      refuseAll(group, e);
      return true;
    }
    position = next;
    List<StoreEvent> events = draft.events();
    published(draft.after(), events);
    counters.committed(events.size(), System.nanoTime() - begin);
    draft.tell(counters);
    return true;
  }

  private void refuseAll(List<WriterTask.Grouped> group, StoreException reason) {
    counters.failed(group.size());
    group.forEach(task -> refuse(task, reason));
  }

  private void published(Ledger after, List<StoreEvent> events) {
    disk.acknowledging(after.revision());
    ledger = after;
    tail.publish(events);
  }

  private void followAll(List<byte[]> groups) throws StoreException {
    for (byte[] group : groups) {
      makeNext(position.sequence() + 1, group);
    }
  }

  private void follow(WriterTask.Follow task) {
    ReentrantLock lock = sessions.sharedLock();
    if (lock != null) {
      lock.lock();
    }
    try {
      if (!checkWritable()) {
        throw new StoreException.Unavailable(readOnlyReason);
      }
      task.done().complete(makeNext(task.sequence(), task.group().array()));
    } catch (StoreException | RuntimeException e) {
      task.done().completeExceptionally(e);
    } finally {
      if (lock != null) {
        lock.unlock();
      }
    }
  }

  /** Makes a group of the shared log; false when those before it were not made yet. */
  private boolean makeNext(long sequence, byte[] octets) throws StoreException {
    if (sequence != position.sequence() + 1) {
      return sequence <= position.sequence();
    }
    LogGroup group = LogGroup.decode(octets);
    verify(group.before(), ledger.standing(), sequence);
    boolean committing = false;
    try {
      reads.run("BEGIN IMMEDIATE");
      Ledger after = ledger;
      for (LogStep step : group.steps()) {
        writes.forget();
        after = step.apply(reads, writes, after);
      }
      verify(group.becoming(), after.standing(), sequence);
      Position next = position.next();
      writes.write(after);
      writes.write(next);
      committing = true;
      reads.run("COMMIT");
      position = next;
      published(after, GroupDraft.events(group.steps()));
      return true;
    } catch (SQLException e) {
      writes.forget();
      rollBack();
      throw failed(e, committing);
    } catch (StoreException | RuntimeException e) {
      undo();
      throw e;
    }
  }

  private static void verify(Standing expected, Standing is, long sequence) throws StoreException {
    if (!expected.equals(is)) {
      throw new StoreException.Damaged(
          "this copy of the shared store is not what the others have: it stands at %s where group %d needs %s; it is to be fetched anew"
              .formatted(is.text(), sequence, expected.text()));
    }
  }

  private void adopt(WriterTask.Adopt task) {
    try {
      if (!checkWritable()) {
        throw new StoreException.Unavailable(readOnlyReason);
      }
      boolean isEmpty = position.equals(Position.NONE) && ledger.equals(Ledger.EMPTY);
      if (log != null && !isEmpty) {
        throw new IllegalStateException("only an empty store can become a copy");
      }
      reads.run("BEGIN IMMEDIATE");
      writes.write(task.position());
      reads.run("COMMIT");
      position = task.position();
      task.done().complete(true);
    } catch (SQLException e) {
      rollBack();
      task.done().completeExceptionally(failed(e, false));
    } catch (StoreException | RuntimeException e) {
      task.done().completeExceptionally(e);
    }
  }

  /** Undoes what the open transaction did, for a reason that is no error of the database. */
  private void undo() {
    writes.forget();
    try {
      reads.run("ROLLBACK");
    } catch (SQLException _) {
      rollBack();
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

  private void compact(WriterTask.Compact task) {
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
