package io.flashdns.management.server;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.store.RRsetBlock;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.StoredRRset;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.store.ZoneStore;
import io.flashdns.core.zone.Zone;
import io.flashdns.core.zone.ZoneEditor;
import io.flashdns.core.zone.ZoneProblem;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Zones too large to be built anew at each change: they are edited.
 *
 * <p>An edited zone lies in memory alone and is not evicted; its image in the files is older. So a
 * zone that has been edited much, or that nobody edits any more while edited zones take too much
 * memory, is built anew from a snapshot on a thread of its own. Edits go on meanwhile; what they
 * changed is applied to the new image before it is published.
 *
 * <p>Used by the applier's thread; only the building itself is done elsewhere.
 */
final class LargeZones {
  private static final Logger log = LoggerFactory.getLogger(LargeZones.class);

  /** From so many owners on in one round, building anew is cheaper. */
  static final int MAX_OWNERS = 20_000;

  /** More edited zones than this are settled, those first whose last edit was longest ago. */
  private static final int MAX_EDITED = 64;

  private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final ZoneStore store;
  private final ZoneImages images;
  private final Executor builders;
  private final long maxEditedBytes;
  private final LongSupplier nanoTime;
  private final Map<ZoneKey, Edited> edited = new LinkedHashMap<>(16, 0.75f, true);
  private final Queue<Rebuilt> finished = new ConcurrentLinkedQueue<>();
  private final AtomicLong rebuilds = new AtomicLong();

  /** A zone that is edited. */
  private static final class Edited {
    ZoneEditor editor;
    long zoneId;
    long bytes;
    long editedNanos;

    /** Owners changed since a building in the background was begun; null when none was. */
    @Nullable Set<DomainName> changedSince;

    Edited(ZoneEditor editor, long zoneId) {
      this.editor = editor;
      this.zoneId = zoneId;
    }
  }

  /**
   * A zone that was built in the background.
   *
   * @param of which editing asked for it
   * @param zone null when it could not be built
   */
  private record Rebuilt(
      ZoneKey key, Edited of, @Nullable Zone zone, @Nullable ZoneEditor editor) {}

  /**
   * @param builders runs what takes long
   * @param maxEditedBytes octets that edited zones may take before those are settled that nobody
   *     edits
   */
  LargeZones(
      ZoneStore store,
      ZoneImages images,
      Executor builders,
      long maxEditedBytes,
      LongSupplier nanoTime) {
    this.store = store;
    this.images = images;
    this.builders = builders;
    this.maxEditedBytes = maxEditedBytes;
    this.nanoTime = nanoTime;
  }

  /** True for an image that is edited and not built anew. */
  static boolean isLarge(long imageBytes) {
    return imageBytes >= ZoneEditor.LARGE_IMAGE_BYTES;
  }

  /** The owners that events changed; null when there are too many of them. */
  static @Nullable Set<DomainName> owners(List<RRsetBlock> changed) {
    Set<DomainName> owners = new HashSet<>();
    for (RRsetBlock block : changed) {
      for (RRsetBlock.Cursor cursor = block.cursor(); cursor.next(); ) {
        if (cursor.ownerChanged()) {
          owners.add(cursor.owner());
        }
        if (owners.size() > MAX_OWNERS) {
          return null;
        }
      }
    }
    return owners;
  }

  /**
   * The next version of a zone.
   *
   * @param base the version that is served
   * @param owners whose content may have changed
   * @param now the zone as the snapshot has it
   * @return null when it must be built anew
   */
  @Nullable Zone edit(Zone base, Set<DomainName> owners, StoredZone now, StoreSnapshot snapshot)
      throws StoreException, ZoneImages.Unbuildable {
    ZoneKey key = now.settings().key();
    Edited zone = edited.get(key);
    if (zone == null || zone.zoneId != now.id().value()) {
      zone = new Edited(new ZoneEditor(base), now.id().value());
      edited.put(key, zone);
    }
    if (zone.changedSince != null) {
      zone.changedSince.addAll(owners);
    }
    Zone next = patched(zone.editor, owners, now, snapshot);
    if (next == null) {
      edited.remove(key);
      return null;
    }
    zone.editedNanos = nanoTime.getAsLong();
    zone.bytes = next.imageBytes();
    if (zone.editor.wantsRebuild()) {
      rebuild(key, zone);
    }
    return next;
  }

  private static @Nullable Zone patched(
      ZoneEditor editor, Set<DomainName> owners, StoredZone now, StoreSnapshot snapshot)
      throws StoreException, ZoneImages.Unbuildable {
    ZoneEditor.Patch patch = editor.patch(now.contentRevision());
    for (DomainName owner : owners) {
      patch.owner(owner);
      List<StoredRRset> rrsets = snapshot.rrsets(now.id(), owner);
      if (!rrsets.isEmpty()) {
        RRsetBlock.Builder content = new RRsetBlock.Builder(now.settings().key().apex());
        rrsets.forEach(rrset -> content.add(rrset.rrset()));
        content.build().writeTo(patch);
      }
    }
    StringBuilder wrong = new StringBuilder();
    Zone next =
        patch.done(
            problem -> {
              if (problem.severity() == ZoneProblem.Severity.ERROR && wrong.isEmpty()) {
                wrong.append(problem.message());
              }
            });
    if (patch.refused()) {
      throw new ZoneImages.Unbuildable(wrong.toString(), null);
    }
    return next;
  }

  /** Begins to build a zone anew, unless that is under way. */
  private void rebuild(ZoneKey key, Edited zone) {
    if (zone.changedSince != null) {
      return;
    }
    zone.changedSince = new HashSet<>();
    builders.execute(() -> finished.add(rebuilt(key, zone)));
  }

  private Rebuilt rebuilt(ZoneKey key, Edited of) {
    try (StoreSnapshot snapshot = store.snapshot()) {
      StoredZone now = snapshot.zone(key);
      if (now == null || now.id().value() != of.zoneId) {
        return new Rebuilt(key, of, null, null);
      }
      Zone zone = images.build(now, snapshot);
      // Its array is copied here, where nobody waits for it.
      return new Rebuilt(key, of, zone, new ZoneEditor(zone));
    } catch (StoreException | ZoneImages.Unbuildable | RuntimeException e) {
      log.warn("the zone {} cannot be built anew and stays as it is: {}", key.apex(), e.toString());
      return new Rebuilt(key, of, null, null);
    }
  }

  /** Zones that have been built anew and wait for {@link #takeRebuilt}. */
  boolean hasFinished() {
    return !finished.isEmpty();
  }

  /** The next such zone's key, or null. */
  @Nullable ZoneKey nextFinished() {
    Rebuilt next = finished.peek();
    return next == null ? null : next.key();
  }

  /**
   * Takes the zone that {@link #nextFinished} named, up to the state of the snapshot.
   *
   * @param now as the snapshot has it, null when it is gone
   * @param changed owners that this round changes
   * @return null when nothing comes of it: the zone is changed as if it had not been built
   */
  @Nullable Zone takeRebuilt(
      @Nullable StoredZone now, Set<DomainName> changed, StoreSnapshot snapshot)
      throws StoreException, ZoneImages.Unbuildable {
    Rebuilt next = finished.poll();
    if (next == null) {
      return null;
    }
    Edited zone = edited.get(next.key());
    Set<DomainName> since = next.of().changedSince;
    next.of().changedSince = null;
    Zone base = next.zone();
    ZoneEditor editor = next.editor();
    if (zone == null
        || zone != next.of()
        || now == null
        || now.id().value() != zone.zoneId
        || since == null
        || base == null
        || editor == null) {
      return null;
    }
    rebuilds.getAndIncrement();
    since.addAll(changed);
    if (since.isEmpty()) {
      edited.remove(next.key());
      return base;
    }
    zone.editor = editor;
    Zone patched = patched(editor, since, now, snapshot);
    if (patched == null) {
      edited.remove(next.key());
    }
    return patched;
  }

  /** Settles zones that were edited and are no longer, when edited ones take too much memory. */
  void settle() {
    long bytes = 0;
    for (Edited zone : edited.values()) {
      bytes += zone.bytes;
      if (zone.changedSince != null) {
        return; // one at a time
      }
    }
    if (edited.size() < 2 || (bytes <= maxEditedBytes && edited.size() <= MAX_EDITED)) {
      return;
    }
    Map.Entry<ZoneKey, Edited> eldest = edited.entrySet().iterator().next();
    if (nanoTime.getAsLong() - eldest.getValue().editedNanos >= QUIET_NANOS) {
      rebuild(eldest.getKey(), eldest.getValue());
    }
  }

  /** Forgets a zone that is built anew or gone. */
  void forget(ZoneKey key) {
    edited.remove(key);
  }

  /** Forgets all of them. */
  void forgetAll() {
    for (Iterator<Edited> all = edited.values().iterator(); all.hasNext(); ) {
      all.next().changedSince = null;
      all.remove();
    }
  }

  /** How many zones have been built anew in the background. */
  long rebuilds() {
    return rebuilds.get();
  }
}
