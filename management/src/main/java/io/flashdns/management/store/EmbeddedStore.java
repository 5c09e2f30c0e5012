package io.flashdns.management.store;

import io.flashdns.core.store.ChangeRules;
import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.CommitResult;
import io.flashdns.core.store.Decision;
import io.flashdns.core.store.Effects;
import io.flashdns.core.store.JournalEntry;
import io.flashdns.core.store.Octets;
import io.flashdns.core.store.Plan;
import io.flashdns.core.store.StoreEvent;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.StoreState;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.Watch;
import io.flashdns.core.store.ZoneId;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.store.ZoneStore;
import io.flashdns.management.store.Sessions.Session;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Zones and their history in one file of SQLite, in this process: see the package for what it
 * promises and what it needs.
 *
 * <p>Safe for all threads. A commit waits for the writer and one fsync, which it shares with all
 * commits that wait at that time.
 */
public final class EmbeddedStore implements ZoneStore {
  private final @Nullable StoreLock lock;
  private final Reads reads;
  private final Sessions sessions;
  private final StoreWriter writer;
  private final EventTail tail;
  private final StoreDisk disk;
  private final InstantSource clock;
  private final ChangeRules rules = new ChangeRules();
  private boolean closed;

  private EmbeddedStore(
      @Nullable StoreLock lock,
      @Nullable Path file,
      StoreConfig config,
      InstantSource clock,
      ThreadFactory threads,
      @Nullable SharedLog log)
      throws SQLException, IOException, StoreException {
    this.lock = lock;
    this.clock = clock;
    this.disk = new StoreDisk(file);
    this.reads = new Reads(Database.writer(file));
    try {
      Writes writes = new Writes(reads);
      disk.checkpointAll(reads);
      if (reads.number("SELECT count(*) FROM meta") == 0) {
        reads.run("BEGIN IMMEDIATE");
        writes.begin();
        reads.run("COMMIT");
      }
      Ledger ledger = reads.ledger();
      verifyEnds(ledger);
      if (lock != null) {
        Acknowledged.verify(lock.folder(), ledger.revision());
        disk.beginAcknowledging(lock.folder());
      }
      this.sessions = file == null ? Sessions.shared(reads) : Sessions.of(file);
      this.tail = new EventTail(sessions, ledger.revision());
      this.writer =
          new StoreWriter(
              reads,
              writes,
              ledger,
              config,
              clock,
              disk,
              sessions,
              tail,
              threads,
              reads.position(),
              log);
    } catch (SQLException | IOException | StoreException e) {
      disk.endAcknowledging();
      reads.close();
      throw e;
    }
    writer.start();
  }

  /** What costs nothing to find at the start: the newest rows are those that were written last. */
  private void verifyEnds(Ledger ledger) throws SQLException, StoreException {
    long last = reads.number("SELECT max(revision) FROM commits");
    if (last != ledger.revision() && (last != 0 || ledger.compacted() != ledger.revision())) {
      throw Rows.damaged("commits", "revision " + ledger.revision() + " is not the newest");
    }
    long newest = reads.number("SELECT max(seq) FROM log");
    if (newest != ledger.nextLog() - 1 && (newest != 0 || ledger.firstLog() != ledger.nextLog())) {
      throw Rows.damaged("log", "row " + (ledger.nextLog() - 1) + " is not the newest");
    }
    long entry = reads.number("SELECT max(number) FROM journal");
    if (entry != ledger.nextJournal() - 1
        && (entry != 0 || ledger.firstJournal() != ledger.nextJournal())) {
      throw Rows.damaged("journal", "entry " + (ledger.nextJournal() - 1) + " is not the newest");
    }
    if (reads.number("SELECT max(id) FROM zones") > ledger.lastZone()) {
      throw Rows.damaged("zones", "there are rows beyond zone " + ledger.lastZone());
    }
  }

  /**
   * Opens the store in {@code folder}, which is made when it is not there.
   *
   * @throws StoreException.Unavailable when another process has it, the folder cannot be used, or a
   *     newer FlashDNS wrote it
   * @throws StoreException.Damaged when it is no store any more
   */
  public static EmbeddedStore open(Path folder, StoreConfig config) throws StoreException {
    return open(folder, config, InstantSource.system());
  }

  /**
   * The same.
   *
   * @param threads makes the thread that writes
   */
  public static EmbeddedStore open(Path folder, StoreConfig config, ThreadFactory threads)
      throws StoreException {
    return open(folder, config, InstantSource.system(), threads, null);
  }

  /**
   * Opens the copy of a shared store: it makes what others write into its log, and its own changes
   * when they are agreed on there.
   *
   * @param threads makes the thread that writes
   */
  public static EmbeddedStore openCopy(
      Path folder, StoreConfig config, InstantSource clock, ThreadFactory threads, SharedLog log)
      throws StoreException {
    return open(folder, config, clock, threads, log);
  }

  /** The same by another clock. */
  static EmbeddedStore open(Path folder, StoreConfig config, InstantSource clock)
      throws StoreException {
    return open(folder, config, clock, Thread::new, null);
  }

  private static EmbeddedStore open(
      Path folder,
      StoreConfig config,
      InstantSource clock,
      ThreadFactory threads,
      @Nullable SharedLog log)
      throws StoreException {
    StoreLock lock = StoreLock.take(folder);
    boolean opened = false;
    try {
      NativeCode.unpackInto(lock.folder());
      Path file = lock.folder().resolve(Database.FILE);
      WalCheck.verify(lock.folder().resolve(Database.WAL), Database.PAGE_BYTES);
      StoreLock.createPrivate(file);
      StoreLock.force(lock.folder());
      EmbeddedStore store = new EmbeddedStore(lock, file, config, clock, threads, log);
      opened = true;
      return store;
    } catch (SQLException e) {
      throw SqlFaults.ofRead(e, "opening " + folder.resolve(Database.FILE));
    } catch (IOException e) {
      throw new StoreException.Unavailable(
          "the store " + folder + " cannot be opened (" + e + "): look at the disk", false, e);
    } finally {
      if (!opened) {
        lock.close();
      }
    }
  }

  /** A store that lives in memory and ends with the process. */
  public static EmbeddedStore inMemory(StoreConfig config) throws StoreException {
    return inMemory(config, InstantSource.system());
  }

  /** The same by another clock. */
  static EmbeddedStore inMemory(StoreConfig config, InstantSource clock) throws StoreException {
    try {
      return new EmbeddedStore(null, null, config, clock, Thread::new, null);
    } catch (SQLException e) {
      throw SqlFaults.ofRead(e, "making a store in memory");
    } catch (IOException e) {
      throw new StoreException.Unavailable("a store in memory cannot be made: " + e, false, e);
    }
  }

  /**
   * Copies a store as it is at one revision into one file, also while a server uses it. The file is
   * checked as by {@link #check}, synced, and readable by its owner alone.
   *
   * @param targetFile must not be there
   * @return the revision
   */
  public static long backup(Path storeFolder, Path targetFile) throws StoreException {
    return StoreBackup.backup(storeFolder, targetFile);
  }

  /**
   * Of which shared store a backup is a copy, and how far; the backup is not checked.
   *
   * @throws StoreException.Damaged when it is no backup
   */
  public static Position positionOf(Path backupFile) throws StoreException {
    return StoreBackup.position(backupFile);
  }

  /**
   * Makes a backup the store of a folder that no server uses: all of it or nothing.
   *
   * @param replace false to refuse when there is a store
   * @return the revision that it has now
   */
  public static long restore(Path backupFile, Path storeFolder, boolean replace)
      throws StoreException {
    return StoreBackup.restore(backupFile, storeFolder, replace);
  }

  /**
   * Reads all of a store, also while a server uses it, and says what does not fit.
   *
   * @param problems gets each problem as one sentence
   * @param progress gets what is being done
   * @return the number of problems
   */
  public static int check(Path storeFolder, Consumer<String> problems, Consumer<String> progress)
      throws StoreException {
    return StoreBackup.check(storeFolder, problems, progress);
  }

  @Override
  public StoreState state() {
    return writer.state();
  }

  /** Of which shared store this is a copy, and how far. */
  public Position position() {
    return writer.position();
  }

  /** Where it stands: the same on all copies of a shared store at the same position. */
  public Standing standing() {
    return writer.standing();
  }

  /**
   * Says of which shared store this is a copy, and how far. In a copy that follows a log only an
   * empty one can be told; any store of one's own, and by {@link Position#NONE} a copy becomes
   * that.
   */
  public void adopt(Position begin) throws StoreException, InterruptedException {
    var _ = await(writer.adopt(begin));
  }

  /**
   * Makes groups of the shared log that follow one another, with one fsync for all; those that are
   * made already are passed over.
   *
   * @param first sequence number of the first one
   * @return false when groups before them were not made yet: nothing was done
   * @throws StoreException.Damaged when this copy is not what the others have; {@link #position}
   *     says which groups were made before that was seen
   */
  public boolean follow(long first, List<byte[]> groups)
      throws StoreException, InterruptedException {
    return await(writer.follow(first, List.copyOf(groups)));
  }

  /** What it did since it was opened, and how large it is. Asks the file system for two sizes. */
  public StoreFigures figures() {
    StoreCounters done = writer.counters();
    return new StoreFigures(
        done.commits.get(),
        done.groups.get(),
        done.refusals.get(),
        done.failures.get(),
        done.commitNanos.get(),
        done.slowestNanos.get(),
        disk.databaseBytes(),
        disk.walBytes(),
        writer.waiting(),
        sessions.openCount());
  }

  @Override
  public CommitResult commit(ChangeSet change) throws StoreException, InterruptedException {
    return await(writer.commit(change));
  }

  private static <T> T await(CompletableFuture<T> future)
      throws StoreException, InterruptedException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case StoreException reason -> throw reason;
        case RuntimeException fault -> throw fault;
        case null, default -> throw new IllegalStateException(e);
      }
    }
  }

  @Override
  public StoreEvent preview(ChangeSet change) throws StoreException, InterruptedException {
    Instant now = clock.instant();
    try (StoreSnapshot snapshot = snapshot()) {
      // The ids that it would have had; those that are given stay given.
      long[] last = {lastZone()};
      Plan plan = rules.plan(change, snapshot, snapshot.revision() + 1, now, () -> ++last[0]);
      Decision decision = change.decision();
      return decision == null
          ? plan.event(change, now)
          : plan.event(change, now, decision.decide(snapshot, plan, now).changes(snapshot));
    }
  }

  private long lastZone() throws StoreException {
    return read("reading the last zone", session -> session.ledger().lastZone());
  }

  @Override
  public StoreSnapshot snapshot() throws StoreException {
    return RevisionSnapshot.open(sessions, -1);
  }

  @Override
  public StoreSnapshot snapshot(long revision) throws StoreException {
    if (revision < 0) {
      throw new IllegalArgumentException("a revision is 0 or more, not " + revision);
    }
    return RevisionSnapshot.open(sessions, revision);
  }

  @Override
  public Watch watch(long afterRevision) throws StoreException {
    StoreState now = state();
    if (afterRevision < now.compactedRevision()) {
      throw new StoreException.Compacted(afterRevision + 1, now.compactedRevision());
    }
    if (afterRevision > now.revision()) {
      throw new IllegalArgumentException(
          "revision " + afterRevision + " is not yet: the store is at " + now.revision());
    }
    return tail.watch(afterRevision);
  }

  @Override
  public List<StoreEvent> history(ZoneId zone, long before, int limit) throws StoreException {
    return read(
        "reading the history of zone " + zone,
        session -> EventLog.history(session, zone.value(), before, limit));
  }

  @Override
  public @Nullable StoredZone lastDeleted(ZoneKey key) throws StoreException {
    return this.<@Nullable StoredZone>read(
        "looking for a deleted zone " + key.apex(),
        session -> EventLog.lastDeleted(session, ZoneCodec.name(key)));
  }

  @Override
  public Octets remembered(String who, String requestId) throws StoreException {
    return read(
        "looking for a request",
        session -> {
          Rows.Request known = session.request(who, requestId);
          boolean lives =
              known != null && known.at() > clock.millis() - OpenTransaction.REQUEST_MILLIS;
          return known == null || !lives ? Octets.EMPTY : Octets.of(known.answer());
        });
  }

  @Override
  public void journal(List<Octets> bodies) throws StoreException, InterruptedException {
    List<Octets> entries = new Effects(List.of(), bodies, Octets.EMPTY).journal();
    var _ = await(writer.journal(entries));
  }

  @Override
  public List<JournalEntry> journal(long before, int limit) throws StoreException {
    return read("reading the journal", session -> Journal.before(session, before, limit));
  }

  private interface Read<T extends @Nullable Object> {
    T from(Reads reads) throws SQLException, StoreException;
  }

  private <T extends @Nullable Object> T read(String doing, Read<T> read) throws StoreException {
    Session session = sessions.open();
    try {
      session.lock().lock();
      try {
        return read.from(session.reads());
      } finally {
        session.lock().unlock();
      }
    } catch (SQLException e) {
      session.reads().forgetStatements();
      throw SqlFaults.ofRead(e, doing);
    } finally {
      sessions.close(session);
    }
  }

  @Override
  public void compact(long revision) throws StoreException, InterruptedException {
    if (revision > state().revision()) {
      throw new IllegalArgumentException(
          "revision " + revision + " is not yet: the store is at " + state().revision());
    }
    var _ = await(writer.compact(revision));
  }

  /** Has what is too old forgotten when the writer comes by the next time. */
  void keepHouseSoon() {
    writer.keepHouseSoon();
  }

  /** Bounds the database file, as a full disk would. */
  void limitPages(long pages) throws SQLException {
    try (PreparedStatement limit = reads.prepared("PRAGMA max_page_count=" + pages)) {
      limit.execute();
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    writer.stop();
    tail.close();
    sessions.close();
    disk.endAcknowledging();
    StoreLock held = lock;
    // To close the last connection copies the log and syncs: not after an fsync that failed. What
    // it leaves is found by the next start.
    if (!writer.isBroken()) {
      try {
        reads.close();
      } catch (SQLException _) {
        // All that was acknowledged is in the log.
      }
    }
    if (held != null) {
      held.close();
    }
  }
}
