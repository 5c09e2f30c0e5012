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
 * <p>{@link StoreHealth} says whether it takes changes.
 */
final class StoreWriter implements Runnable {
  private static final System.Logger LOG = System.getLogger(StoreWriter.class.getName());

  /** More in one transaction and the first ones wait too long for the last. */
  private static final int MAX_GROUP = 512;

  private static final long MAX_GROUP_BYTES = 8 << 20;

  /** Longest time in which a change is agreed on, so that no call takes five seconds. */
  private static final long AGREEMENT_NANOS = TimeUnit.MILLISECONDS.toNanos(3_500);

  private final Reads reads;
  private final Writes writes;
  private final OpenTransaction transaction;
  private final StoreDisk disk;
  private final Sessions sessions;
  private final EventTail tail;
  private final LinkedBlockingQueue<WriterTask> queue = new LinkedBlockingQueue<>();
  private final Thread thread;
  private final StoreCounters counters = new StoreCounters();
  private final StoreHealth health;
  private final Upkeep upkeep;

  private final @Nullable SharedLog log;

  private volatile Ledger ledger;
  private volatile Position position;
  private volatile boolean stopping;

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
    this.disk = disk;
    this.sessions = sessions;
    this.tail = tail;
    this.position = position;
    this.log = log;
    this.health = new StoreHealth(disk, config.minFreeBytes(), this::canWrite);
    this.upkeep =
        new Upkeep(
            reads, writes, config, clock, disk, sessions, tail, () -> this.ledger, this::transact);
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
        now.revision(), now.compacted(), now.zones(), now.historyBytes(), health.reason());
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
    return health.isBroken();
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

  /** Makes what the shared log has from a sequence number on. */
  CompletableFuture<Boolean> follow(long first, List<byte[]> groups) {
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    enqueue(new WriterTask.Follow(first, groups, done), done);
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
    String reason = health.reason();
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
        health.fail("the writer of the store failed (" + e + "): restart the server", e);
        group.forEach(task -> task.done().completeExceptionally(unknown(e)));
        group.clear();
      }
    }
  }

  /** Has it done when it comes by the next time. */
  void keepHouseSoon() {
    upkeep.soon();
  }

  private long waitNanos() {
    long now = System.nanoTime();
    return Math.min(health.untilTrialNanos(now), upkeep.untilDueNanos(now, health.isSound()));
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
    if (!health.isWritable()) {
      StoreException reason = new StoreException.Unavailable(health.reason());
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
            var _ = makeFrom(position.sequence() + 1, groups);
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
      refuseAll(group, health.failed(e, committing));
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

  private void follow(WriterTask.Follow task) {
    ReentrantLock lock = sessions.sharedLock();
    if (lock != null) {
      lock.lock();
    }
    try {
      if (!health.isWritable()) {
        throw new StoreException.Unavailable(health.reason());
      }
      task.done().complete(makeFrom(task.first(), task.groups()));
    } catch (StoreException | RuntimeException e) {
      task.done().completeExceptionally(e);
    } finally {
      if (lock != null) {
        lock.unlock();
      }
    }
  }

  /**
   * Makes groups of the shared log that follow one another, in one transaction; those that are made
   * already are passed over. When one of them does not fit, those before it are made all the same.
   *
   * @return false when groups before them were not made yet: nothing was done
   */
  private boolean makeFrom(long first, List<byte[]> groups) throws StoreException {
    long made = position.sequence() + 1 - first;
    if (made < 0) {
      return false;
    }
    List<byte[]> left = groups.subList((int) Math.min(made, groups.size()), groups.size());
    if (left.isEmpty()) {
      return true;
    }
    try {
      makeTogether(left);
    } catch (StoreException.Damaged e) {
      if (left.size() == 1) {
        throw e;
      }
      for (byte[] one : left) {
        makeTogether(List.of(one));
      }
    }
    return true;
  }

  private void makeTogether(List<byte[]> groups) throws StoreException {
    boolean committing = false;
    try {
      reads.run("BEGIN IMMEDIATE");
      Ledger after = ledger;
      Position at = position;
      List<StoreEvent> events = new ArrayList<>();
      for (byte[] octets : groups) {
        LogGroup group = LogGroup.decode(octets);
        at = at.next();
        verify(group.before(), after.standing(), at.sequence());
        for (LogStep step : group.steps()) {
          writes.forget();
          after = step.apply(reads, writes, after);
        }
        verify(group.becoming(), after.standing(), at.sequence());
        events.addAll(GroupDraft.events(group.steps()));
      }
      writes.write(after);
      writes.write(at);
      committing = true;
      reads.run("COMMIT");
      position = at;
      published(after, events);
    } catch (SQLException e) {
      writes.forget();
      rollBack();
      throw health.failed(e, committing);
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
      if (!health.isWritable()) {
        throw new StoreException.Unavailable(health.reason());
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
      task.done().completeExceptionally(health.failed(e, false));
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
      if (!health.isWritable()) {
        throw new StoreException.Unavailable(health.reason());
      }
      upkeep.compact(task.revision());
      task.done().complete(true);
    } catch (StoreException e) {
      task.done().completeExceptionally(e);
    }
  }

  /** One step of upkeep, in a transaction of its own; false when there was nothing to do. */
  private boolean transact(Upkeep.Step step) throws StoreException {
    ReentrantLock lock = sessions.sharedLock();
    if (lock != null) {
      lock.lock();
    }
    boolean committing = false;
    try {
      reads.run("BEGIN IMMEDIATE");
      Ledger after = step.from(ledger);
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
      throw health.failed(e, committing);
    } catch (StoreException e) {
      rollBack();
      throw e;
    } finally {
      if (lock != null) {
        lock.unlock();
      }
    }
  }

  private void keepHouse() {
    if (!health.isWritable()) {
      return;
    }
    try {
      upkeep.comeBy();
    } catch (SQLException e) {
      rollBack();
      var _ = health.failed(e, false);
    } catch (StoreException e) {
      LOG.log(System.Logger.Level.WARNING, e.getMessage());
      upkeep.later();
    }
  }

  /** Writes what is there already; false when the database is not what it was. */
  private boolean canWrite() throws SQLException, StoreException {
    boolean done = false;
    try {
      reads.run("BEGIN IMMEDIATE");
      if (reads.ledger().equals(ledger)) {
        writes.write(ledger);
        reads.run("COMMIT");
        done = true;
      }
    } finally {
      if (!done) {
        rollBack();
      }
    }
    return done;
  }

  private StoreException unknown(Throwable e) {
    return new StoreException.Unavailable(health.reason(), true, e);
  }
}
