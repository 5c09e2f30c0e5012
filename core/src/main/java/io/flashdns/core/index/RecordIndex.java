package io.flashdns.core.index;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.CatalogEntry;
import io.flashdns.core.zone.ColdZone;
import io.flashdns.core.zone.Zone;
import io.flashdns.core.zone.ZoneSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Holds zone images in memory by weight under a budget, and brings those in that a query needs.
 *
 * <p><b>Where what is.</b> An image that is in memory hangs on its entry of the latest catalog, and
 * a query finds it there without asking anybody. Caffeine decides which ones stay: it holds the
 * same zones, hears of one use in some dozens, and whatever it gives up is put back into the
 * catalog as {@link ColdZone}. As long as the images of all zones together fit into the budget,
 * nothing can ever be given up and Caffeine holds nothing, which saves its part of {@link
 * #ZONE_BYTES}.
 *
 * <p><b>Pinned.</b> These stay in memory and reduce what the others may take: zones that are in no
 * file; zones that are patched, as the files have an older version; and zones that weigh more than
 * an eighth of the budget, as reading one for each query would stop a worker for long, as far as
 * the pinned ones fit into the budget. A sixteenth of the budget is always left to the others, so
 * it can be exceeded: then it is too small for what is served.
 *
 * <p><b>Threads.</b> Workers call {@link #load} and {@link #used} and never wait for a lock: when
 * the index is busy, an image that was read is used for the query and not kept. All else takes the
 * one lock of the index, under which each change of residency and each next catalog is made, so
 * that neither is lost in the other. The listener of Caffeine only takes note; whoever holds the
 * lock next acts on it, so for a moment some more octets than the budget may be in memory.
 *
 * <p><b>Damaged.</b> A zone whose image cannot be read is answered with SERVFAIL, told once, and
 * tried again each second until it is replaced.
 */
public final class RecordIndex implements ZoneSource, AutoCloseable {
  /**
   * Octets that a zone in memory counts beside its image. Measured with 300,000 zones: one that is
   * not in memory takes 112 to 120, its place in the catalog included; in memory it takes some 8
   * more as long as everything fits, and 110 to 130 more with its part of Caffeine. The rest is for
   * what a given up zone leaves behind: a name of its own, some 40.
   */
  public static final int ZONE_BYTES = 200;

  private static final long RETRY_NANOS = 1_000_000_000L;
  private static final long COMPACTION_BYTES = 16L << 20;
  private static final int KEPT_LOADS_MASK = 3;
  private static final int HEAVY_SHARE = 8;
  private static final int LEAST_SHARE = 16;

  private final @Nullable ImageFiles files;
  private final long maxBytes;
  private final Consumer<ColdZone> damaged;
  private final LongSupplier nanoTime;
  private final ReentrantLock lock = new ReentrantLock();
  private final Queue<Zone> givenUp = new ConcurrentLinkedQueue<>();
  private final Map<ColdZone, Long> failedAt = new ConcurrentHashMap<>();
  private final LongAdder loads = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private volatile @Nullable Catalog catalog;

  /** Null while everything fits; then for good. */
  private volatile @Nullable Cache<Zone, Zone> cache;

  /** Whatever comes in now makes something else go. */
  private volatile boolean full;

  private volatile boolean closed;

  // Guarded by the lock.
  private final Set<Zone> heavy = new HashSet<>();
  private long imageBytes;
  private long residentZones;
  private long residentBytes;
  private long pinnedWeight;
  private long unfiledZones;
  private long evictions;
  private long cacheMaximum;
  private @Nullable WarmUp warmUp;

  /** Of the thread that applies changes. */
  private @Nullable Compaction compaction;

  private boolean cannotWrite;

  /**
   * An index without a catalog: {@link #begin} comes next.
   *
   * @param files where images are kept; null when they are in memory alone, and all of them
   * @param maxBytes octets of images in memory, with {@link #ZONE_BYTES} for each
   * @param damaged hears of zones whose image could not be read, on the thread of a worker: it must
   *     only take note
   */
  public RecordIndex(@Nullable ImageFiles files, long maxBytes, Consumer<ColdZone> damaged) {
    this(files, maxBytes, damaged, System::nanoTime);
  }

  RecordIndex(
      @Nullable ImageFiles files,
      long maxBytes,
      Consumer<ColdZone> damaged,
      LongSupplier nanoTime) {
    if (maxBytes <= 0) {
      throw new IllegalArgumentException("an index of " + maxBytes + " octets holds nothing");
    }
    this.files = files;
    this.maxBytes = maxBytes;
    this.damaged = damaged;
    this.nanoTime = nanoTime;
  }

  /**
   * Makes a catalog that was read from the files, or an empty one, the first of all. To be called
   * once, before anything else.
   *
   * @throws IllegalArgumentException when it has another source than this
   */
  public void begin(Catalog first) {
    if (first.source() != this) {
      throw new IllegalArgumentException("the catalog was made with another source of zones");
    }
    lock.lock();
    try {
      if (catalog != null) {
        throw new IllegalStateException("the index has a catalog already");
      }
      first.forEach(entry -> count(entry, 1));
      catalog = first;
      if (mustEvict()) {
        startEvicting(first);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Makes the next catalog and publishes it, so that no eviction falls between the two. Takes the
   * time that the edit takes, and that of the publishing; once, when not everything fits any more,
   * some 0.5 µs for each zone in memory.
   *
   * @param edit fills the edit, from images that are built already: other changes wait, and what
   *     workers read meanwhile is not kept
   * @param publish {@code Engine::publish}; when it throws, the catalog remains the one before
   */
  public void publish(Consumer<Catalog.Edit> edit, Consumer<Catalog> publish) {
    lock.lock();
    try {
      List<CatalogEntry> added = new ArrayList<>();
      List<CatalogEntry> removed = new ArrayList<>();
      Catalog.Edit next =
          catalog()
              .edit(
                  (before, after) -> {
                    if (before == after) {
                      return;
                    }
                    if (before != null) {
                      removed.add(before);
                    }
                    if (after != null) {
                      added.add(after);
                    }
                  });
      edit.accept(next);
      Catalog done = next.done();
      publish.accept(done);
      catalog = done;
      account(added, removed, done);
    } finally {
      applyEvictions(null, null);
      lock.unlock();
    }
  }

  private void account(List<CatalogEntry> added, List<CatalogEntry> removed, Catalog next) {
    Cache<Zone, Zone> evicting = cache;
    for (CatalogEntry entry : added) {
      count(entry, 1);
      if (evicting != null && entry instanceof Zone zone && !pin(zone)) {
        evicting.put(zone, zone);
      }
    }
    for (CatalogEntry entry : removed) {
      count(entry, -1);
      if (entry instanceof Zone zone) {
        if (evicting != null && !unpin(zone)) {
          evicting.invalidate(zone);
        }
      } else if (entry instanceof ColdZone cold && !failedAt.isEmpty()) {
        failedAt.remove(cold);
      }
    }
    if (evicting != null) {
      setCacheMaximum(evicting);
    } else if (mustEvict()) {
      startEvicting(next);
    }
  }

  private void count(CatalogEntry entry, int sign) {
    long bytes = sign * entry.imageBytes();
    imageBytes += bytes;
    if (entry instanceof Zone) {
      residentZones += sign;
      residentBytes += bytes;
      if (entry.location() == CatalogEntry.NOWHERE) {
        unfiledZones += sign;
      }
    }
  }

  private boolean mustEvict() {
    return files != null && imageBytes + ZONE_BYTES * (long) catalog().size() > maxBytes;
  }

  private static long weight(CatalogEntry entry) {
    return entry.imageBytes() + ZONE_BYTES;
  }

  private void startEvicting(Catalog latest) {
    cacheMaximum = maxBytes;
    Cache<Zone, Zone> fresh =
        Caffeine.newBuilder()
            .maximumWeight(maxBytes)
            .<Zone, Zone>weigher((_, zone) -> (int) Math.min(Integer.MAX_VALUE, weight(zone)))
            .evictionListener((zone, _, _) -> note(zone))
            .executor(Runnable::run)
            .build();
    latest.forEach(
        entry -> {
          if (entry instanceof Zone zone && !pin(zone)) {
            fresh.put(zone, zone);
          }
        });
    setCacheMaximum(fresh);
    fresh.cleanUp();
    cache = fresh;
  }

  /** Called by Caffeine, on a thread that need not hold the lock. */
  private void note(@Nullable Zone zone) {
    if (zone != null) {
      givenUp.add(zone);
    }
  }

  private static boolean mustStay(Zone zone) {
    return zone.location() == CatalogEntry.NOWHERE || zone.isPatched();
  }

  private boolean isHeavy(Zone zone) {
    return weight(zone) > maxBytes / HEAVY_SHARE;
  }

  /** True when the zone does not go into the cache. */
  private boolean pin(Zone zone) {
    long weight = weight(zone);
    if (!mustStay(zone)) {
      if (!isHeavy(zone) || (pinnedWeight > 0 && pinnedWeight + weight > maxBytes)) {
        return false;
      }
      boolean _ = heavy.add(zone);
    }
    pinnedWeight += weight;
    return true;
  }

  /** Takes back {@link #pin}. */
  private boolean unpin(Zone zone) {
    if (!mustStay(zone) && !heavy.remove(zone)) {
      return false;
    }
    pinnedWeight -= weight(zone);
    return true;
  }

  /** In coarse steps, for each one makes Caffeine think anew about what it holds. */
  private void setCacheMaximum(Cache<Zone, Zone> evicting) {
    long step = Math.max(1, maxBytes / 256);
    long pinned = (pinnedWeight + step - 1) / step * step;
    long maximum = Math.max(maxBytes / LEAST_SHARE, maxBytes - pinned);
    if (maximum != cacheMaximum) {
      cacheMaximum = maximum;
      evicting.policy().eviction().orElseThrow().setMaximum(maximum);
    }
  }

  /**
   * Puts what was given up back into the catalog as it is without its image.
   *
   * @param fresh a zone that was put in just now, and {@code cold}, what it was before
   */
  private void applyEvictions(@Nullable Zone fresh, @Nullable ColdZone cold) {
    Cache<Zone, Zone> evicting = cache;
    if (evicting != null && cachedWeight() > cacheMaximum && givenUp.isEmpty()) {
      // A worker that samples a use may be at it, and has not come to the end.
      evicting.cleanUp();
    }
    Zone zone;
    while ((zone = givenUp.poll()) != null) {
      ColdZone without = zone == fresh && cold != null ? cold : zone.cold();
      if (catalog().swap(zone, without)) {
        residentZones--;
        residentBytes -= zone.imageBytes();
        evictions++;
      }
    }
    boolean isFull = evicting != null && cachedWeight() > cacheMaximum - cacheMaximum / 64;
    if (isFull != full) {
      full = isFull;
    }
  }

  private long cachedWeight() {
    return residentBytes + ZONE_BYTES * residentZones - pinnedWeight;
  }

  /**
   * Reads an image for a query. For workers; waits for the disk and for nobody else. Two that need
   * the same zone both read it, and one of them keeps it. Once the budget is used up, one load in
   * four is kept. Costs some 2 µs for an image of 1 KiB in the page cache, 4 µs more when it is
   * kept and another one given up.
   */
  @Override
  public Zone load(ColdZone cold) {
    loads.increment();
    Zone zone = read(cold);
    if (zone == null) {
      failures.increment();
      return Zone.unavailable(cold);
    }
    // To keep one and give up another costs more than to read one. What is asked for often is kept
    // soon all the same, and a run through all zones does not turn everything out.
    boolean isSkipped =
        full && !isHeavy(zone) && (ThreadLocalRandom.current().nextInt() & KEPT_LOADS_MASK) != 0;
    if (!isSkipped && lock.tryLock()) {
      try {
        boolean _ = keep(cold, zone);
      } finally {
        lock.unlock();
      }
    }
    return zone;
  }

  /** The zone with its image, or null when it cannot be read now. */
  @Nullable Zone read(ColdZone cold) {
    Long last = failedAt.isEmpty() ? null : failedAt.get(cold);
    if (files == null || (last != null && nanoTime.getAsLong() - last < RETRY_NANOS)) {
      return null;
    }
    try {
      Zone zone = files.read(cold);
      if (last != null) {
        failedAt.remove(cold);
      }
      return zone;
    } catch (IOException _) {
      if (failedAt.put(cold, nanoTime.getAsLong()) == null) {
        damaged.accept(cold);
      }
      return null;
    }
  }

  /**
   * Puts a zone that was read into the latest catalog, if its entry still stands there. Under the
   * lock.
   */
  private boolean keep(ColdZone cold, Zone zone) {
    if (!catalog().swap(cold, zone)) {
      return false;
    }
    residentZones++;
    residentBytes += zone.imageBytes();
    Cache<Zone, Zone> evicting = cache;
    if (evicting != null) {
      if (pin(zone)) {
        setCacheMaximum(evicting);
      } else {
        evicting.put(zone, zone);
      }
      applyEvictions(zone, cold);
    }
    return true;
  }

  /** Keeps zones that were read ahead, while there is room; false when there is no more. */
  boolean keepAll(List<ColdZone> cold, List<Zone> zones) {
    lock.lock();
    try {
      for (int i = 0; i < zones.size(); i++) {
        long resident = residentBytes + ZONE_BYTES * (residentZones + 1);
        if (files != null && resident + zones.get(i).imageBytes() > maxBytes) {
          return false;
        }
        boolean _ = keep(cold.get(i), zones.get(i));
      }
      return !closed;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void used(Zone zone) {
    Cache<Zone, Zone> evicting = cache;
    if (evicting != null) {
      Zone _ = evicting.getIfPresent(zone);
    }
  }

  /**
   * Appends the image of a zone to the files. When they cannot be written, that is told once, and
   * the zone comes back as it is, in memory alone: it is served, and never evicted.
   *
   * @return the zone to put into the catalog
   */
  public Zone filed(Zone zone) {
    if (files == null) {
      return zone;
    }
    try {
      Zone filed = files.append(zone);
      if (cannotWrite) {
        cannotWrite = false;
        files.problem("zone images can be written again");
      }
      return filed;
    } catch (IOException e) {
      if (!cannotWrite) {
        cannotWrite = true;
        files.problem(
            "zone images cannot be written and stay in memory alone, beginning with that of "
                + zone.apex()
                + ": "
                + e.getMessage());
      }
      return zone;
    }
  }

  /**
   * Moves some images out of packs that are mostly dead. To be called after each {@link
   * ImageFiles#save} until it says no, by the thread that applies changes.
   *
   * @param publish {@code Engine::publish}
   * @return true when there is more to do
   * @throws IOException when what was moved cannot be written; the next call tries again
   */
  public boolean compact(Consumer<Catalog> publish) throws IOException {
    if (files == null) {
      return false;
    }
    Compaction running = compaction == null ? files.compaction(damaged) : compaction;
    compaction = running;
    if (running == null) {
      return false;
    }
    List<Compaction.Move> moves = running.next(catalog(), COMPACTION_BYTES);
    if (moves.isEmpty()) {
      compaction = null;
      return false;
    }
    publish(edit -> moves.forEach(move -> apply(move, edit)), publish);
    return true;
  }

  private void apply(Compaction.Move move, Catalog.Edit edit) {
    CatalogEntry entry = catalog().entry(move.view(), move.apex());
    if (entry != null && entry.location() == move.from()) {
      Catalog.Edit _ =
          edit.put(
              switch (entry) {
                case Zone zone -> zone.located(move.to());
                case ColdZone cold -> cold.located(move.to());
              });
    }
  }

  /**
   * Reads all images into memory for which there is room, on a thread of its own, in the order in
   * which they lie in the files; leaves the processor to others half of the time. Returns at once.
   *
   * @return how many zones were brought in, when that has come to its end
   */
  public CompletableFuture<Long> warm() {
    lock.lock();
    try {
      WarmUp running = warmUp;
      if (running == null || running.done().isDone()) {
        running = new WarmUp(this);
        warmUp = running;
        running.start(catalog());
      }
      return running.done();
    } finally {
      lock.unlock();
    }
  }

  /** The latest catalog. */
  public Catalog catalog() {
    Catalog latest = catalog;
    if (latest == null) {
      throw new IllegalStateException("the index was given no catalog yet");
    }
    return latest;
  }

  /** What it holds and did. Waits while a catalog is being made. */
  public IndexState state() {
    lock.lock();
    try {
      Catalog latest = catalog;
      if (latest != null) {
        applyEvictions(null, null);
      }
      return new IndexState(
          latest == null ? 0 : latest.size(),
          imageBytes,
          residentZones,
          residentBytes,
          maxBytes,
          pinnedWeight,
          unfiledZones,
          loads.sum(),
          evictions,
          failures.sum(),
          warmUp != null && !warmUp.done().isDone());
    } finally {
      lock.unlock();
    }
  }

  boolean isClosed() {
    return closed;
  }

  /** Ends the warming. The files are not closed: they were opened by another. */
  @Override
  public void close() {
    closed = true;
  }
}
