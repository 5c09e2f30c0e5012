package io.flashdns.management.etcd;

import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.CommitResult;
import io.flashdns.core.store.JournalEntry;
import io.flashdns.core.store.Octets;
import io.flashdns.core.store.StoreEvent;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.StoreState;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.Watch;
import io.flashdns.core.store.ZoneId;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.store.ZoneStore;
import io.flashdns.management.store.EmbeddedStore;
import io.flashdns.management.store.Position;
import io.flashdns.management.store.Standing;
import io.flashdns.management.store.StoreConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store that many nodes share by etcd: see the package. What is read is read from this node's
 * copy; a change is made when etcd has it and the copy too.
 *
 * <p>Safe for all threads. A commit waits for one transaction of etcd and one fsync of the copy,
 * both shared with all commits that wait at that time; no longer than three and a half seconds.
 */
public final class EtcdStore implements ZoneStore {
  private static final Logger log = LoggerFactory.getLogger(EtcdStore.class);

  private static final long FIRST_SAID_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final long LONGEST_SAID_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** So long it may take until what is wrong with the log turns out to pass. */
  private static final long PASSING_NANOS = TimeUnit.SECONDS.toNanos(2);

  private static final String FETCHED = ".fetched";

  private final Path folder;
  private final StoreConfig config;
  private final InstantSource clock;
  private final ThreadFactory threads;
  private final Etcd etcd;
  private final SharedKeys keys;
  private final Contact contact = new Contact();
  private final EtcdLog shared;
  private final Follower follower;
  private final FollowCounters counters = new FollowCounters();
  private final Chores chores;
  private final MemberVersions versions;
  private final ReentrantReadWriteLock swap = new ReentrantReadWriteLock();
  private final String url;
  private final Optional<Duration> withdrawAfter;
  private EmbeddedStore local;
  private boolean closed;

  private EtcdStore(
      Path folder,
      StoreConfig config,
      EtcdConfig at,
      InstantSource clock,
      ThreadFactory threads,
      Chores.Pace pace)
      throws StoreException, IOException {
    this.folder = folder;
    this.config = config;
    this.clock = clock;
    this.threads = threads;
    this.url = at.url();
    this.withdrawAfter = at.withdrawAfter();
    this.etcd = Etcd.of(at);
    this.keys = new SharedKeys(at.prefix());
    this.shared = new EtcdLog(etcd, keys, contact);
    this.chores =
        new Chores(
            etcd,
            keys,
            shared,
            folder,
            this::position,
            pace,
            at.compactHistory(),
            counters,
            threads);
    this.versions = new MemberVersions(etcd, at.endpoints(), threads);
    this.follower = new Follower(etcd, keys, shared, contact, new HeldCopy(), counters, threads);
    try {
      finishSwap();
      local = openLocal();
      boolean isOwn =
          local.position().equals(Position.NONE) && !local.standing().equals(Standing.EMPTY);
      if (isOwn) {
        local.close();
        throw new StoreException.Unavailable(
            "the store in "
                + folder
                + " is this node's own and no copy of "
                + url
                + ": move it there by 'flashdns migrate', or give another data folder");
      }
    } catch (StoreException | IOException e) {
      etcd.close();
      throw e;
    }
  }

  /**
   * Opens this node's copy of a shared store, and begins to follow it. Returns at once when there
   * is a copy, of whatever age; else when one was fetched.
   *
   * @param folder of the copy, which is made when it is not there
   * @param threads makes the threads of the store
   * @param progress gets a sentence now and then while it takes long
   * @throws IOException when a file of the configuration cannot be used
   * @throws StoreException when the copy cannot be used
   */
  public static EtcdStore open(
      Path folder,
      StoreConfig config,
      EtcdConfig at,
      ThreadFactory threads,
      Consumer<String> progress)
      throws StoreException, IOException, InterruptedException {
    return open(folder, config, at, InstantSource.system(), threads, Chores.Pace.USUAL, progress);
  }

  /** The same by another clock, with chores more or less often. */
  static EtcdStore open(
      Path folder,
      StoreConfig config,
      EtcdConfig at,
      InstantSource clock,
      ThreadFactory threads,
      Chores.Pace pace,
      Consumer<String> progress)
      throws StoreException, IOException, InterruptedException {
    EtcdStore store = new EtcdStore(folder, config, at, clock, threads, pace);
    boolean hasCopy = !store.position().equals(Position.NONE);
    store.follower.start();
    boolean whole = false;
    try {
      if (!hasCopy) {
        store.awaitWhole(progress);
      }
      whole = true;
    } finally {
      if (!whole) {
        store.close();
      }
    }
    return store;
  }

  /** A node that has nothing serves nothing: it waits until it has all that there was. */
  private void awaitWhole(Consumer<String> progress) throws InterruptedException {
    String said = "";
    long pauseNanos = FIRST_SAID_NANOS;
    long nextSaid = System.nanoTime() + pauseNanos;
    while (!follower.hasBeenWhole()) {
      synchronized (follower) {
        follower.wait(20);
      }
      String now = waitingFor();
      if (System.nanoTime() - nextSaid >= 0 && !now.equals(said)) {
        progress.accept(now);
        said = now;
        nextSaid = System.nanoTime() + pauseNanos;
        pauseNanos = Math.min(2 * pauseNanos, LONGEST_SAID_NANOS);
      }
    }
  }

  private String waitingFor() {
    String problem = follower.problem();
    if (!problem.isEmpty()) {
      return problem;
    }
    String cause = contact.cause();
    return cause.isEmpty()
        ? "fetching zones and records from " + url
        : "this node has no zones and records yet and waits for " + url + ": " + cause;
  }

  private EmbeddedStore openLocal() throws StoreException {
    return EmbeddedStore.openCopy(folder, config, clock, threads, shared);
  }

  private Path fetched() {
    return folder.resolveSibling(folder.getFileName() + FETCHED);
  }

  /** A process that died between fetching and taking what it fetched begins the fetching anew. */
  private void finishSwap() throws IOException {
    Files.deleteIfExists(fetched());
  }

  EmbeddedStore local() {
    swap.readLock().lock();
    try {
      return local;
    } finally {
      swap.readLock().unlock();
    }
  }

  /** The way to etcd, which ends with the store. */
  Etcd etcd() {
    return etcd;
  }

  /** What is where in etcd. */
  SharedKeys keys() {
    return keys;
  }

  /** What happened to the following. */
  FollowCounters counters() {
    return counters;
  }

  /** What the follower does to the copy. */
  private final class HeldCopy implements Follower.Copy {
    @Override
    public EmbeddedStore local() {
      return EtcdStore.this.local();
    }

    @Override
    public void begin() throws StoreException, EtcdFault, InterruptedException {
      Head first = Head.of(new Position(UUID.randomUUID().toString(), 0), Standing.EMPTY);
      var _ =
          etcd.transact(
              List.of(new Cmp(keys.head(), Cmp.Op.EQUAL, CmpTarget.version(0))),
              List.of(Op.put(keys.head(), first.value(), PutOption.DEFAULT)),
              List.of(),
              Etcd.CALL);
    }

    @Override
    public void fetchAnew(String why) throws StoreException, EtcdFault, InterruptedException {
      EtcdStore.this.fetchAnew(why);
    }

    @Override
    public void advanced(long revision) {
      EtcdStore.this.advanced(revision);
    }
  }

  /** Fetches the image and puts it in the place of the copy; the log does the rest. */
  private void fetchAnew(String why) throws StoreException, EtcdFault, InterruptedException {
    if (why.isEmpty()) {
      log.info("this node has nothing yet: it fetches the image of {}", url);
    } else {
      log.warn("this node's copy of {} is fetched anew: {}", url, why);
    }
    Base base = new Base(etcd, keys);
    Base.Pointer pointer = base.find();
    try {
      Path file = fetched();
      if (pointer != null) {
        base.fetch(pointer, file, _ -> {});
      }
      swap.writeLock().lock();
      try {
        if (closed) {
          throw new StoreException.Unavailable("the store is closed");
        }
        local.close();
        try {
          if (pointer == null) {
            removeCopy();
          } else {
            var _ = EmbeddedStore.restore(file, folder, true);
          }
        } finally {
          local = openLocal();
        }
      } finally {
        swap.writeLock().unlock();
        Files.deleteIfExists(file);
      }
      counters.fetches.increment();
    } catch (IOException e) {
      throw new StoreException.Unavailable(
          "the image of the shared store cannot be put into "
              + folder
              + " ("
              + e
              + "): look at the"
              + " disk",
          false,
          e);
    }
  }

  /** Without an image the whole log is there: the copy begins with nothing. */
  private void removeCopy() throws IOException {
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        if (Files.isRegularFile(file) && !file.getFileName().toString().equals("lock")) {
          Files.delete(file);
        }
      }
    }
  }

  private void advanced(long revision) {
    synchronized (follower) {
      follower.notifyAll();
    }
    if (contact.takeTry()) {
      shared.tryWrite(Head.of(position(), standing()));
    }
    chores.lookAround(revision);
    versions.lookAround();
  }

  /** Writes an image of this node's copy now. */
  long publishBase() throws EtcdFault, StoreException, IOException, InterruptedException {
    return chores.publishBase();
  }

  /**
   * Waits until the copy is at the end of the log as it is now.
   *
   * @return the end of the log
   * @throws StoreException.Unavailable when the time is over, or waiting does not help
   */
  Head awaitHead(Duration timeout) throws StoreException, InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    String reason = "the copy did not come up to date in " + timeout.toSeconds() + " s";
    long troubledSince = System.nanoTime();
    while (System.nanoTime() - deadline < 0) {
      if (follower.problem().isEmpty()) {
        troubledSince = System.nanoTime();
      } else if (System.nanoTime() - troubledSince > PASSING_NANOS) {
        reason = follower.problem();
        break;
      }
      try {
        List<KeyValue> found = etcd.get(keys.head(), GetOption.DEFAULT).getKvs();
        Head head = found.isEmpty() ? null : Head.parse(found.getFirst().getValue());
        if (head != null && head.equals(Head.of(position(), standing()))) {
          return head;
        }
      } catch (EtcdFault e) {
        reason = Contact.reason(e);
      }
      synchronized (follower) {
        follower.wait(50);
      }
    }
    throw new StoreException.Unavailable(reason);
  }

  /** Of which shared store this node has a copy, and how far. */
  public Position position() {
    return local().position();
  }

  /** Where the copy stands; equal on all nodes at the same position. */
  public Standing standing() {
    return local().standing();
  }

  /** Seconds since etcd answered last. */
  public double silentSeconds() {
    return contact.silentSeconds();
  }

  /** Why this node should be sent no queries while others can be; empty while it should. */
  public String withdrawal() {
    double silent = contact.silentSeconds();
    return withdrawAfter.isPresent() && silent > withdrawAfter.get().toSeconds()
        ? "etcd has not answered for %,.0f s, and etcd.withdraw-after is %,d s"
            .formatted(silent, withdrawAfter.get().toSeconds())
        : "";
  }

  /** What happened to it since it was opened. */
  public EtcdFigures figures() {
    return new EtcdFigures(
        position().sequence(),
        contact.silentSeconds(),
        counters.watches.sum(),
        counters.gaps.sum(),
        counters.faults.sum(),
        counters.differences.sum(),
        counters.fetches.sum(),
        counters.images.sum(),
        versions.told(),
        versions.outdated());
  }

  /** Where the shared store is. */
  public String url() {
    return url;
  }

  @Override
  public StoreState state() {
    StoreState state = local().state();
    String reason = state.readOnlyReason();
    if (reason.isEmpty()) {
      reason = follower.problem();
    }
    if (reason.isEmpty()) {
      reason = contact.awayReason();
    }
    return new StoreState(
        state.revision(), state.compactedRevision(), state.zones(), state.historyBytes(), reason);
  }

  @Override
  public CommitResult commit(ChangeSet change) throws StoreException, InterruptedException {
    refuseWhenLost();
    return local().commit(change);
  }

  private void refuseWhenLost() throws StoreException {
    String problem = follower.problem();
    if (!problem.isEmpty()) {
      throw new StoreException.Unavailable(problem);
    }
  }

  @Override
  public Octets remembered(String who, String requestId) throws StoreException {
    return local().remembered(who, requestId);
  }

  @Override
  public StoreEvent preview(ChangeSet change) throws StoreException, InterruptedException {
    return local().preview(change);
  }

  @Override
  public StoreSnapshot snapshot() throws StoreException {
    swap.readLock().lock();
    try {
      return local.snapshot();
    } finally {
      swap.readLock().unlock();
    }
  }

  @Override
  public StoreSnapshot snapshot(long revision) throws StoreException {
    swap.readLock().lock();
    try {
      return local.snapshot(revision);
    } finally {
      swap.readLock().unlock();
    }
  }

  @Override
  public Watch watch(long afterRevision) throws StoreException {
    EmbeddedStore of = local();
    return new CopyWatch(of, of.watch(afterRevision), afterRevision);
  }

  /** Events of a copy; when that was fetched anew its events are no longer those that were seen. */
  private final class CopyWatch implements Watch {
    private final EmbeddedStore of;
    private final Watch events;
    private long seen;

    CopyWatch(EmbeddedStore of, Watch events, long seen) {
      this.of = of;
      this.events = events;
      this.seen = seen;
    }

    @Override
    public List<StoreEvent> next(Duration timeout) throws StoreException, InterruptedException {
      try {
        List<StoreEvent> found = events.next(timeout);
        if (!found.isEmpty()) {
          seen = found.getLast().revision();
        }
        return found;
      } catch (StoreException.Unavailable e) {
        EmbeddedStore now = local();
        if (now == of) {
          throw e;
        }
        throw new StoreException.Compacted(seen + 1, now.state().revision());
      }
    }

    @Override
    public void close() {
      events.close();
    }
  }

  @Override
  public List<StoreEvent> history(ZoneId zone, long before, int limit) throws StoreException {
    return local().history(zone, before, limit);
  }

  @Override
  public @Nullable StoredZone lastDeleted(ZoneKey key) throws StoreException {
    return local().lastDeleted(key);
  }

  @Override
  public void journal(List<Octets> bodies) throws StoreException, InterruptedException {
    refuseWhenLost();
    local().journal(bodies);
  }

  @Override
  public List<JournalEntry> journal(long before, int limit) throws StoreException {
    return local().journal(before, limit);
  }

  /** Forgets events of this node's copy; others have their own bounds. */
  @Override
  public void compact(long revision) throws StoreException, InterruptedException {
    local().compact(revision);
  }

  @Override
  public void close() {
    shared.close();
    follower.close();
    chores.close();
    versions.close();
    swap.writeLock().lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      local.close();
    } finally {
      swap.writeLock().unlock();
    }
    etcd.close();
  }
}
