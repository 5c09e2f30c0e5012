package io.flashdns.management.server;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.index.RecordIndex;
import io.flashdns.core.store.RRsetBlock;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.CatalogEntry;
import io.flashdns.core.zone.ColdZone;
import io.flashdns.core.zone.Tenant;
import io.flashdns.core.zone.Views;
import io.flashdns.core.zone.Zone;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the next catalog out of what is to be done for zones.
 *
 * <p>A zone whose content cannot be read or built keeps the version that is served. One that never
 * had a version is put in without an image: it exists and cannot be answered from (SERVFAIL), which
 * is not the same as absent. Both are told once, and named until they are right.
 *
 * <p>Used in the turn of the {@link ZoneApplier}, but for {@link #faults}.
 */
final class NextCatalog {
  private static final Logger log = LoggerFactory.getLogger(NextCatalog.class);
  private static final int ZONES_A_PAGE = 1_000;
  private static final int MAX_FAULTS_NAMED = 100;

  private final RecordIndex index;
  private final Views views;
  private final ZoneImages images;
  private final LargeZones large;
  private final ZonePlaces places;
  private final boolean keepsImages;
  private final Map<ZoneKey, String> faults = new ConcurrentHashMap<>();
  private Consumer<Catalog> publish = _ -> {};

  /**
   * @param keepsImages false when nobody asks this process: images are written and let go
   */
  NextCatalog(
      RecordIndex index, Views views, ZoneImages images, LargeZones large, boolean keepsImages) {
    this.keepsImages = keepsImages;
    this.index = index;
    this.views = views;
    this.images = images;
    this.large = large;
    this.places = new ZonePlaces(views);
  }

  /** Who hears of every catalog from here on. */
  void publishTo(Consumer<Catalog> hearer) {
    publish = hearer;
  }

  /** Who hears of every catalog. */
  Consumer<Catalog> publisher() {
    return publish;
  }

  /** Places of zones and numbers of tenants. */
  ZonePlaces places() {
    return places;
  }

  /** Zones that cannot be brought up to date. Any thread. */
  int faults() {
    return faults.size();
  }

  /** The first of these, by apex and view, with the reason. Any thread. */
  Map<String, String> namedFaults() {
    Map<String, String> named = new TreeMap<>();
    faults.forEach(
        (key, fault) -> {
          if (named.size() < MAX_FAULTS_NAMED) {
            named.put(key.apex() + " in the view " + key.view(), fault);
          }
        });
    return named;
  }

  // ---- what events say -----------------------------------------------------------------------

  /**
   * Finds out what becomes of each zone and builds its image.
   *
   * @param snapshot null when {@link ZoneWork#needsStore} says that none is needed
   * @param rebuilt a large zone that has been built anew in the background
   */
  void prepare(ZoneWork work, @Nullable StoreSnapshot snapshot, @Nullable ZoneKey rebuilt)
      throws StoreException {
    for (ZoneWork.Item item : work.items()) {
      if (item.mustAsk && snapshot != null) {
        item.now = snapshot.zone(item.key);
      }
      StoredZone now = item.now;
      CatalogEntry before = index.catalog().entry(views.number(item.key.view()), item.key.apex());
      Zone finished = null;
      if (item.key.equals(rebuilt) && snapshot != null) {
        finished = takeRebuilt(item, now, snapshot);
      }
      if (now == null) {
        item.removed = before != null;
        large.forget(item.key);
        faults.remove(item.key);
        continue;
      }
      item.place = places.place(now, before, item.isNew);
      if (finished != null) {
        item.result = item.place.put(finished);
      } else if (item.contentChanged) {
        item.result = built(item, now, item.place, before, snapshot);
      }
    }
  }

  private @Nullable Zone takeRebuilt(
      ZoneWork.Item item, @Nullable StoredZone now, StoreSnapshot snapshot) throws StoreException {
    Set<DomainName> changed = new HashSet<>();
    if (item.contentChanged) {
      changed = item.changed == null ? null : LargeZones.owners(item.changed);
    }
    if (changed == null) {
      large.forget(item.key);
    }
    try {
      return large.takeRebuilt(now, changed == null ? Set.of() : changed, snapshot);
    } catch (ZoneImages.Unbuildable e) {
      large.forget(item.key);
      fault(item.key, e.reason());
      return null;
    }
  }

  /** The zone's next version; null to keep what is served now. */
  private @Nullable CatalogEntry built(
      ZoneWork.Item item,
      StoredZone now,
      ZonePlaces.Place place,
      @Nullable CatalogEntry before,
      @Nullable StoreSnapshot snapshot) {
    try {
      Zone zone = edited(item, now, before, snapshot);
      if (zone == null) {
        large.forget(item.key);
        RRsetBlock whole = item.whole;
        if (whole != null) {
          zone = images.build(now, whole);
        } else if (snapshot != null) {
          zone = images.build(now, snapshot);
        } else {
          throw new IllegalStateException("no snapshot was opened for " + item.key);
        }
      }
      if (faults.remove(item.key) != null) {
        log.info("the zone {} is served in its present version again", item.key.apex());
      }
      CatalogEntry entry = place.put(zone);
      return keepsImages ? entry : letGo(entry);
    } catch (ZoneImages.Unbuildable e) {
      fault(item.key, e.reason());
      return before == null || item.isNew ? unavailable(now, place) : null;
    }
  }

  /** A large zone with its changes; null when it is to be built anew. */
  private @Nullable Zone edited(
      ZoneWork.Item item,
      StoredZone now,
      @Nullable CatalogEntry before,
      @Nullable StoreSnapshot snapshot)
      throws ZoneImages.Unbuildable {
    List<RRsetBlock> changed = item.changed;
    if (before == null
        || item.isNew
        || changed == null
        || snapshot == null
        || !LargeZones.isLarge(before.imageBytes())) {
      return null;
    }
    try {
      Set<DomainName> owners = LargeZones.owners(changed);
      Zone base =
          switch (before) {
            case Zone zone -> zone;
            case ColdZone cold -> index.load(cold);
          };
      if (owners == null || base.isUnavailable()) {
        return null;
      }
      Zone next = large.edit(base, owners, now, snapshot);
      // The editor does not hear of it when the image of its base is moved within the files.
      return next != null
              && next.isPatched()
              && next.baseRevision() == base.baseRevision()
              && next.location() != base.location()
          ? next.located(base.location())
          : next;
    } catch (StoreException | RuntimeException e) {
      large.forget(item.key);
      throw new ZoneImages.Unbuildable("it cannot be edited: " + e.getMessage(), e);
    }
  }

  /** Without its image, when that can be read again. */
  private static CatalogEntry letGo(CatalogEntry entry) {
    return entry instanceof Zone zone
            && !zone.isPatched()
            && zone.location() != CatalogEntry.NOWHERE
        ? zone.cold()
        : entry;
  }

  private static ColdZone unavailable(StoredZone zone, ZonePlaces.Place place) {
    DomainName apex = zone.settings().key().apex();
    return place.cold(apex, zone.contentRevision(), CatalogEntry.NOWHERE, 0);
  }

  private void fault(ZoneKey key, String reason) {
    if (!reason.equals(faults.put(key, reason))) {
      log.error("the zone {} in the view {} stays as it was: {}", key.apex(), key.view(), reason);
    }
  }

  /** Publishes what was prepared, all of it at once. */
  void publish(ZoneWork work) {
    if (places.hasNewsOfTenants() || work.items().stream().anyMatch(this::isVisible)) {
      publish(
          edit -> {
            for (ZoneWork.Item item : work.items()) {
              apply(item, edit);
            }
          });
    }
  }

  /** False when the catalog says the same before and after, such as for a new serial policy. */
  private boolean isVisible(ZoneWork.Item item) {
    if (item.removed || item.result != null) {
      return true;
    }
    ZonePlaces.Place place = item.place;
    CatalogEntry before = index.catalog().entry(views.number(item.key.view()), item.key.apex());
    return place != null && before != null && place.put(before) != before;
  }

  private void apply(ZoneWork.Item item, Catalog.Edit edit) {
    int view = views.number(item.key.view());
    CatalogEntry before = index.catalog().entry(view, item.key.apex());
    ZonePlaces.Place place = item.place;
    CatalogEntry result = item.result;
    if (item.removed) {
      if (before != null) {
        places.remember(before);
        Catalog.Edit _ = edit.remove(view, item.key.apex());
      }
      return;
    }
    if (place == null) {
      return; // was created and deleted between two rounds
    }
    if (before != null && before.number() != place.number()) {
      places.remember(before);
    }
    if (result != null) {
      Catalog.Edit _ = edit.put(result);
    } else if (before != null) {
      CatalogEntry placed = place.put(before);
      if (placed != before) {
        Catalog.Edit _ = edit.put(placed);
      }
    }
  }

  private void publish(Consumer<Catalog.Edit> change) {
    index.publish(
        edit -> {
          change.accept(edit);
          List<Tenant> tenants = places.newsOfTenants();
          if (tenants != null) {
            Catalog.Edit _ = edit.tenants(tenants);
          }
        },
        publish);
  }

  // ---- tenants -------------------------------------------------------------------------------

  /**
   * Publishes what is news of tenants.
   *
   * @param changed numbers of those whose zones are to be placed anew
   * @return false when there is no news
   */
  boolean publishTenants(BitSet changed) {
    if (!places.hasNewsOfTenants()) {
      return false;
    }
    publish(edit -> placeAnew(changed, edit));
    return true;
  }

  private void placeAnew(BitSet tenants, Catalog.Edit edit) {
    if (tenants.isEmpty()) {
      return;
    }
    index
        .catalog()
        .forEach(
            entry -> {
              if (tenants.get(entry.tenant())) {
                Catalog.Edit _ = edit.put(placedAnew(entry));
              }
            });
  }

  private CatalogEntry placedAnew(CatalogEntry entry) {
    Tenant owner = places.tenant(entry.tenant());
    return new ZonePlaces.Place(entry.number(), entry.view(), owner, entry.isZoneSuspended())
        .put(entry);
  }

  // ---- everything ----------------------------------------------------------------------------

  /**
   * Makes every zone what a snapshot has, and publishes that.
   *
   * @param doubtful numbers of zones whose image is to be built anew whatever it is of
   * @return how many zones were changed
   */
  int compare(StoreSnapshot snapshot, BitSet doubtful) throws StoreException {
    BitSet kept = new BitSet();
    List<CatalogEntry> next = new ArrayList<>();
    List<StoredZone> page = snapshot.zones(0, ZONES_A_PAGE);
    while (!page.isEmpty()) {
      for (StoredZone zone : page) {
        CatalogEntry entry = compared(zone, snapshot, doubtful, kept);
        if (entry != null) {
          next.add(entry);
        }
      }
      page = snapshot.zones(page.getLast().id().value(), ZONES_A_PAGE);
    }
    List<CatalogEntry> gone = new ArrayList<>();
    index
        .catalog()
        .forEach(
            entry -> {
              if (!kept.get(entry.number())) {
                gone.add(entry);
              }
            });
    publish(
        edit -> {
          gone.forEach(entry -> edit.remove(entry.view(), entry.apex()));
          next.forEach(edit::put);
        });
    gone.forEach(places::remember);
    return next.size() + gone.size();
  }

  /** What is to be put into the catalog for a zone; null when what stands there is right. */
  private @Nullable CatalogEntry compared(
      StoredZone zone, StoreSnapshot snapshot, BitSet doubtful, BitSet kept) {
    ZoneKey key = zone.settings().key();
    CatalogEntry before = index.catalog().entry(places.view(zone), key.apex());
    boolean isNew = before != null && before.revision() < zone.createdRevision();
    ZonePlaces.Place place = places.place(zone, before, isNew);
    kept.set(place.number());
    if (before != null && isCurrent(before, zone) && !doubtful.get(before.number())) {
      CatalogEntry placed = place.put(before);
      return placed == before ? null : placed;
    }
    try {
      Zone built = images.build(zone, snapshot);
      faults.remove(key);
      // Of a million zones only their places are to be in memory at once.
      return letGo(place.put(built));
    } catch (ZoneImages.Unbuildable e) {
      fault(key, e.reason());
      return before == null || isNew ? unavailable(zone, place) : place.put(before);
    }
  }

  private static boolean isCurrent(CatalogEntry entry, StoredZone zone) {
    return entry.revision() == zone.contentRevision()
        && (entry instanceof Zone || entry.location() != CatalogEntry.NOWHERE);
  }
}
