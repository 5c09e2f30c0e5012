package io.flashdns.management.server;

import io.flashdns.core.index.ImageFiles;
import io.flashdns.core.index.RecordIndex;
import io.flashdns.core.plugin.Counts;
import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.StoreEvent;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.StoreState;
import io.flashdns.core.store.Watch;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.store.ZoneStore;
import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.ColdZone;
import io.flashdns.core.zone.Tenant;
import io.flashdns.core.zone.Views;
import io.flashdns.transport.BackgroundThread;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes what the store holds what is served: follows its events, has the images of the zones built
 * that they changed, and publishes all of them in one catalog. There is no other way into the
 * catalog; a server's own changes, those of others, and what happened while it was away look alike.
 *
 * <p><b>One round.</b> Takes the events that are at hand. When they say all that is needed (zones
 * that were created hold their content), they are what is published. Otherwise a snapshot is
 * opened, at a revision S, the events up to S are taken too, and every zone that they name is made
 * what the snapshot has. Either way the catalog is the store's state at one revision: a change set
 * over several zones is seen at once or not at all.
 *
 * <p><b>When following fails.</b> All zones stay as they are. When events are gone or cannot be
 * read, or anything unforeseen happens, all zones are compared with the store, again and again
 * until that succeeds.
 *
 * <p><b>Threads.</b> One thread makes the rounds. {@link #standing}, {@link #catchUp}, {@link
 * #damaged} and {@link #state} are for all threads. What takes long without being waited for (large
 * zones built anew, saving the catalog) is done by a second thread.
 */
final class ZoneApplier implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ZoneApplier.class);

  /** Longest time until damaged images are looked after, and the like. */
  private static final Duration TICK = Duration.ofMillis(100);

  /** Between two attempts after the store failed; twice as long each time. */
  private static final Duration RETRY = Duration.ofSeconds(1);

  private static final Duration LONGEST_RETRY = Duration.ofSeconds(30);
  private static final int MAX_DAMAGED = 100_000;
  private static final long MAX_WAIT_AT_END_SECONDS = 30;

  private final ZoneStore store;
  private final RecordIndex index;
  private final @Nullable ImageFiles files;
  private final Views views;
  private final ZoneImages images;
  private final LargeZones large;
  private final NextCatalog next;
  private final @Nullable ImageUpkeep upkeep;
  private final ExecutorService chores =
      Executors.newSingleThreadExecutor(BackgroundThread.factory("zone-images"));
  private final Thread thread = BackgroundThread.factory("zone-applier").newThread(this::follow);

  /** Held during a round, and by whoever changes something in between. */
  private final ReentrantLock turn = new ReentrantLock();

  private final Condition advanced = turn.newCondition();
  private final Set<ZoneKey> damaged = ConcurrentHashMap.newKeySet();

  /** Events that were read before their turn. */
  private final Deque<StoreEvent> carried = new ArrayDeque<>();

  private @Nullable Watch watch;
  private boolean isBegun;
  private boolean mustCompare;
  private boolean storeFails;
  private Duration retry = RETRY;
  private String readOnlyReason = "";
  private final CountDownLatch ending = new CountDownLatch(1);
  private volatile boolean closed;
  private volatile long applied = -1;
  private volatile LongConsumer servedListener = _ -> {};
  private SettingsTaker settings = _ -> {};
  private volatile long caughtUpNanos = System.nanoTime();
  private final AtomicLong zoneChanges = new AtomicLong();
  private final AtomicLong rounds = new AtomicLong();
  private final AtomicLong comparisons = new AtomicLong();
  private final Counts latency = new Counts(Counts.HISTOGRAM_SLOTS);

  /**
   * @param views takes the names of the views that zones stand in
   * @param files where images are kept; null when they are in memory alone
   * @param maxEditedBytes octets that edited large zones may take before those are built anew that
   *     are edited no longer
   * @param keepsImages false when nobody asks this process
   */
  ZoneApplier(
      ZoneStore store,
      RecordIndex index,
      @Nullable ImageFiles files,
      Views views,
      ZoneImages images,
      long maxEditedBytes,
      boolean keepsImages) {
    this.store = store;
    this.index = index;
    this.files = files;
    this.views = views;
    this.images = images;
    this.large = new LargeZones(store, images, chores, maxEditedBytes, System::nanoTime);
    this.next = new NextCatalog(index, views, images, large, keepsImages);
    this.upkeep = files == null ? null : new ImageUpkeep(index, files, views, images, chores);
  }

  // ---- for all threads -----------------------------------------------------------------------

  /** Who hears of each revision that is served, on the applier's thread; must not block. */
  void onServed(LongConsumer listener) {
    servedListener = listener;
  }

  /** Takes the sections of the configuration that stand in the store, as a view of it has them. */
  @FunctionalInterface
  interface SettingsTaker {
    /**
     * Takes them; again: does nothing. A revision is served when this has returned for it.
     *
     * @throws StoreException when they cannot be read now, to be called once more
     */
    void take(ContentView view) throws StoreException;
  }

  /**
   * Has somebody take what is there now, and whatever comes: on this thread, and later on the
   * applier's before a revision that changes it counts as served.
   */
  void settings(SettingsTaker taker) throws StoreException {
    turn.lock();
    try (StoreSnapshot snapshot = store.snapshot()) {
      taker.take(snapshot);
      settings = taker;
    } finally {
      turn.unlock();
    }
  }

  /** The revision of the store that is served; -1 before the start. */
  long appliedRevision() {
    return applied;
  }

  /**
   * Waits until what was committed up to a revision is served.
   *
   * @throws StoreException.Unavailable when it has ended
   */
  void catchUp(long revision) throws StoreException, InterruptedException {
    while (!catchUp(revision, LONGEST_RETRY)) {
      // Once more: the store may be away.
    }
  }

  /** The same, but no longer than this; false when the time was over. */
  boolean catchUp(long revision, Duration timeout) throws StoreException, InterruptedException {
    if (applied >= revision) {
      return true;
    }
    long left = timeout.toNanos();
    turn.lockInterruptibly();
    try {
      while (applied < revision) {
        if (closed) {
          throw new StoreException.Unavailable(
              "zones are no longer brought up to date, for the server is ending");
        }
        if (left <= 0) {
          return false;
        }
        long part = Math.min(left, TimeUnit.SECONDS.toNanos(1));
        left -= part - Math.max(advanced.awaitNanos(part), 0);
      }
      return true;
    } finally {
      turn.unlock();
    }
  }

  /**
   * Says who is suspended and has which budget; returns when that holds for all zones.
   *
   * @param now gives a tenant as it stands now, from its number and its names
   */
  void standing(UnaryOperator<Tenant> now) {
    turn.lock();
    try {
      BitSet changed = next.places().standing(now);
      if (isBegun && next.publishTenants(changed)) {
        noteChanged(1);
      }
    } finally {
      turn.unlock();
    }
  }

  /** An image could not be read: it is built anew soon. On the thread of a worker. */
  void damaged(ColdZone zone) {
    if (damaged.size() < MAX_DAMAGED) {
      damaged.add(new ZoneKey(views.name(zone.view()), zone.apex()));
    }
  }

  /** How it does. */
  ApplierState state() {
    StoreState now = store.state();
    double lag = 0;
    if (now.revision() > applied) {
      lag = Math.max(0, System.nanoTime() - caughtUpNanos) / 1e9;
    }
    return new ApplierState(
        now,
        applied,
        lag,
        rounds.get(),
        zoneChanges.get(),
        images.built(),
        large.rebuilds(),
        comparisons.get(),
        images.filesFail(),
        next.faults(),
        next.namedFaults(),
        latency);
  }

  // ---- start and end -------------------------------------------------------------------------

  /**
   * Brings the catalog up to the store's present revision, publishes it, and begins to follow.
   *
   * @param publish takes every catalog, on this thread and later on the applier's
   */
  void start(Consumer<Catalog> publish) throws StoreException, InterruptedException {
    turn.lock();
    try {
      next.publishTo(publish);
      begin();
      long until = store.state().revision();
      while (applied < until) {
        round(nextEvents(TICK));
      }
      StoreState now = store.state();
      if (index.catalog().size() != now.zones() && applied == now.revision()) {
        log.warn(
            "{} zones were to be served, the store has {}: all are compared with it",
            index.catalog().size(),
            now.zones());
        compare(new BitSet());
      }
      publish.accept(index.catalog());
    } finally {
      turn.unlock();
    }
    thread.start();
  }

  private void begin() throws StoreException, InterruptedException {
    ImageFiles.Loaded saved = saved();
    if (saved == null) {
      index.begin(Catalog.of(images.hash(), List.of(), List.of(), index));
      isBegun = true;
      compare(new BitSet());
      return;
    }
    refuseOlderStore(saved.revision());
    index.begin(saved.catalog());
    isBegun = true;
    next.places().goOnFrom(saved.catalog());
    applied = saved.revision();
    ImageRepairs repairs = new ImageRepairs(saved, store, views);
    try {
      watch = store.watch(applied);
      if (repairs.areMany()) {
        compare(repairs.numbers());
      } else {
        round(repairs.work());
      }
    } catch (StoreException.Compacted _) {
      compare(repairs.numbers());
    }
  }

  private ImageFiles.@Nullable Loaded saved() {
    ImageFiles from = files;
    if (from == null) {
      return null;
    }
    try {
      return from.load(views, next.places()::known, index);
    } catch (IOException e) {
      log.warn("the saved catalog cannot be read, all zones are built anew from the store", e);
      return null;
    }
  }

  /** What was served was in the store: one that has less has lost what it acknowledged. */
  private void refuseOlderStore(long served) throws StoreException {
    long stored = store.state().revision();
    if (served > stored) {
      throw new StoreException.Damaged(
          "the store is at revision %d and %d was served before, so it has lost changes: restore a backup, or remove the folder '%s' beside it to serve what it holds"
              .formatted(stored, served, ZoneService.IMAGES));
    }
  }

  /** Ends the following and saves the catalog. The index, the files and the store stay open. */
  @Override
  public void close() {
    closed = true;
    ending.countDown();
    // An interrupt is put off: the store must not be closed under the one who reads it.
    boolean interrupted = Thread.interrupted();
    chores.shutdown();
    boolean ended = false;
    while (!ended) {
      try {
        thread.join();
        if (!chores.awaitTermination(MAX_WAIT_AT_END_SECONDS, TimeUnit.SECONDS)) {
          log.warn("a large zone was still being built at the end");
        }
        ended = true;
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    turn.lock();
    try {
      advanced.signalAll();
      closeWatch();
      if (upkeep != null && isBegun && applied >= 0) {
        upkeep.end(index.catalog(), applied);
      }
    } finally {
      turn.unlock();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void closeWatch() {
    Watch open = watch;
    watch = null;
    if (open != null) {
      open.close();
    }
  }

  // ---- following -----------------------------------------------------------------------------

  private void follow() {
    while (!closed) {
      try {
        if (mustCompare) {
          inTurn(() -> compare(new BitSet()));
        }
        List<StoreEvent> events = nextEvents(TICK);
        inTurn(
            () -> {
              if (!events.isEmpty() || !damaged.isEmpty() || large.hasFinished()) {
                round(events);
              }
              lookAround();
            });
      } catch (StoreException.Compacted _) {
        mustCompare = true;
      } catch (StoreException | RuntimeException | Error e) {
        failed(e);
      } catch (InterruptedException _) {
        // nobody interrupts it; closed says when it ends
      }
    }
  }

  /** What is done in one's turn. */
  @FunctionalInterface
  private interface Turn {
    void take() throws StoreException, InterruptedException;
  }

  private void inTurn(Turn work) throws StoreException, InterruptedException {
    turn.lock();
    try {
      work.take();
    } finally {
      turn.unlock();
    }
  }

  /** Events may be lost to us now: everything is compared, after a pause. */
  private void failed(Throwable e) {
    mustCompare = true;
    if (closed) {
      return;
    }
    if (!storeFails) {
      storeFails = true;
      log.error(
          "changes cannot be taken from the store, all zones stay as they are until they can", e);
    }
    try {
      if (ending.await(retry.toMillis(), TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException _) {
      // see follow
    }
    Duration twice = retry.multipliedBy(2);
    retry = twice.compareTo(LONGEST_RETRY) < 0 ? twice : LONGEST_RETRY;
  }

  private List<StoreEvent> nextEvents(Duration timeout)
      throws StoreException, InterruptedException {
    if (!carried.isEmpty()) {
      List<StoreEvent> events = List.copyOf(carried);
      carried.clear();
      return events;
    }
    Watch from = watch;
    return from == null ? List.of() : from.next(timeout);
  }

  private void round(List<StoreEvent> events) throws StoreException, InterruptedException {
    ZoneWork work = new ZoneWork();
    events.forEach(work::add);
    for (ZoneKey key : List.copyOf(damaged)) {
      damaged.remove(key);
      work.buildAnew(key);
    }
    round(work);
  }

  private void round(ZoneWork work) throws StoreException, InterruptedException {
    ZoneKey rebuilt = large.nextFinished();
    if (rebuilt != null) {
      work.item(rebuilt).mustAsk = true;
    }
    if (work.items().isEmpty() && !work.changesSettings()) {
      // Changes of other documents alone are nothing that is served.
      if (work.revision() > applied) {
        advanceTo(work.revision());
      }
      return;
    }
    if (work.needsStore()) {
      try (StoreSnapshot snapshot = store.snapshot()) {
        takeUpTo(snapshot.revision(), work);
        if (work.changesSettings()) {
          settings.take(snapshot);
        }
        next.prepare(work, snapshot, rebuilt);
        finish(work, Math.max(applied, snapshot.revision()));
      }
    } else {
      next.prepare(work, null, null);
      finish(work, Math.max(applied, work.revision()));
    }
  }

  /** Takes the events up to a revision that the store has reached, and none beyond it. */
  private void takeUpTo(long revision, ZoneWork work) throws StoreException, InterruptedException {
    long seen = Math.max(applied, work.revision());
    while (seen < revision) {
      List<StoreEvent> events = nextEvents(RETRY);
      if (events.isEmpty()) {
        throw new StoreException.Damaged(
            "the store is at revision " + revision + " and has no event after " + seen);
      }
      for (StoreEvent event : events) {
        if (event.revision() <= revision) {
          work.add(event);
          seen = event.revision();
        } else {
          carried.add(event);
        }
      }
    }
  }

  private void finish(ZoneWork work, long revision) {
    next.publish(work);
    long changes = zoneChanges.addAndGet(work.zoneEvents());
    long round = rounds.incrementAndGet();
    log.trace("round {}, change {}, revision {}", round, changes, revision);
    noteChanged(work.items().size());
    long now = System.currentTimeMillis();
    for (long made : work.epochMillis()) {
      latency.record(0, TimeUnit.MILLISECONDS.toNanos(now - made));
    }
    advanceTo(revision);
  }

  private void noteChanged(int zones) {
    if (upkeep != null) {
      upkeep.changed(zones);
    }
  }

  private void advanceTo(long revision) {
    applied = revision;
    servedListener.accept(revision);
    caughtUpNanos = System.nanoTime();
    if (storeFails) {
      storeFails = false;
      retry = RETRY;
      log.info("changes are taken from the store again");
    }
    advanced.signalAll();
  }

  /** Makes every zone what the store has now, and goes on from there. */
  private void compare(BitSet doubtful) throws StoreException {
    long count = comparisons.incrementAndGet();
    log.debug("all zones are compared with the store, time {}", count);
    closeWatch();
    carried.clear();
    large.forgetAll();
    try (StoreSnapshot snapshot = store.snapshot()) {
      noteChanged(next.compare(snapshot, doubtful));
      settings.take(snapshot);
      watch = store.watch(snapshot.revision());
      mustCompare = false;
      advanceTo(snapshot.revision());
    }
  }

  private void lookAround() {
    StoreState now = store.state();
    if (now.revision() <= applied) {
      caughtUpNanos = System.nanoTime();
    }
    if (!now.readOnlyReason().equals(readOnlyReason)) {
      if (now.isWritable()) {
        log.info("the store takes changes again");
      } else {
        log.error(
            "the store takes no changes, zones are served as they are: {}", now.readOnlyReason());
      }
      readOnlyReason = now.readOnlyReason();
    }
    large.settle();
    if (upkeep != null) {
      damaged.addAll(upkeep.lookAfter(applied, next.publisher()));
    }
  }
}
