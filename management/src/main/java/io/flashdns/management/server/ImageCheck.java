package io.flashdns.management.server;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.index.ImageFiles;
import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.RRsetBlock;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.core.store.ZoneStore;
import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.CatalogEntry;
import io.flashdns.core.zone.ColdZone;
import io.flashdns.core.zone.Tenant;
import io.flashdns.core.zone.Views;
import io.flashdns.core.zone.Zone;
import io.flashdns.core.zone.ZoneImageBuilder;
import io.flashdns.core.zone.ZoneSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Holds what is served from against the store: the saved catalog against the zones, and each image,
 * octet by octet, against one that is built anew. Changes nothing. Used once, by one thread.
 */
final class ImageCheck {
  private static final int PAGE = 1_000;

  private final ZoneStore store;
  private final Path folder;
  private final NameHash hash;
  private final Views views = new Views();
  private final Consumer<String> images;
  private final Consumer<String> zones;
  private final BiConsumer<Integer, Integer> progress;
  private final Set<CatalogEntry> behind = new HashSet<>();
  private int checked;
  private int compared;
  private boolean hasCatalog;

  /**
   * @param folder of the image files
   * @param zones is told which zones of the store cannot be read, one sentence each
   * @param images is told what is wrong with images and catalog
   */
  ImageCheck(
      ZoneStore store,
      Path folder,
      NameHash hash,
      Consumer<String> zones,
      Consumer<String> images,
      BiConsumer<Integer, Integer> progress) {
    this.store = store;
    this.folder = folder;
    this.hash = hash;
    this.zones = zones;
    this.images = images;
    this.progress = progress;
  }

  /** Images that were built anew and compared. */
  int compared() {
    return compared;
  }

  /** True when a catalog is saved that the next start can begin with. */
  boolean hasCatalog() {
    return hasCatalog;
  }

  /** Looks at all of it. */
  void run() throws StoreException, IOException {
    try (ImageFiles files = ImageFiles.open(folder, hash, images)) {
      ImageFiles.Loaded loaded = files.load(views, tenant -> tenant, ZoneSource.NONE);
      if (loaded != null && loaded.revision() > store.state().revision()) {
        images.accept(
            "the images are of revision %,d and the store has come to %,d only: they belong to another store"
                .formatted(loaded.revision(), store.state().revision()));
        loaded = null;
      }
      hasCatalog = loaded != null;
      if (loaded != null) {
        behind.addAll(loaded.behind());
      }
      try (StoreSnapshot snapshot = loaded == null ? store.snapshot() : at(loaded.revision())) {
        all(snapshot, files, loaded);
      }
    }
  }

  /** The state that the catalog is of, or the present one when that is no longer kept. */
  private StoreSnapshot at(long revision) throws StoreException {
    try {
      return store.snapshot(revision);
    } catch (StoreException.Compacted _) {
      return store.snapshot();
    }
  }

  private void all(StoreSnapshot snapshot, ImageFiles files, ImageFiles.@Nullable Loaded loaded)
      throws StoreException {
    int count = (int) Math.min(store.state().zones(), Integer.MAX_VALUE);
    int inCatalog = 0;
    long after = 0;
    List<StoredZone> page;
    do {
      page = snapshot.zones(after, PAGE);
      for (StoredZone zone : page) {
        after = zone.id().value();
        progress.accept(++checked, count);
        inCatalog += one(snapshot, zone, files, loaded) ? 1 : 0;
      }
    } while (page.size() == PAGE);
    if (loaded != null && loaded.catalog().size() > inCatalog) {
      sayStrangers(snapshot, loaded.catalog());
    }
  }

  /** True when the catalog has the zone. */
  private boolean one(
      StoreSnapshot snapshot, StoredZone zone, ImageFiles files, ImageFiles.@Nullable Loaded loaded)
      throws StoreException {
    ZoneImageBuilder builder = new ZoneImageBuilder(hash).revision(zone.contentRevision());
    try (ContentView.ContentReader reader = snapshot.content(zone.id(), null)) {
      for (RRsetBlock block = reader.next(); block != null; block = reader.next()) {
        block.writeTo(builder);
      }
    } catch (StoreException.Damaged | IllegalArgumentException e) {
      zones.accept("zone %s cannot be read: %s".formatted(name(zone), e.getMessage()));
      return loaded != null && entry(loaded.catalog(), zone) != null;
    }
    if (loaded == null) {
      return false;
    }
    CatalogEntry entry = entry(loaded.catalog(), zone);
    if (entry == null) {
      if (zone.revision() <= loaded.revision()) {
        images.accept("zone " + name(zone) + " is not in the catalog");
      }
      return false;
    }
    compare(zone, entry, builder, files, loaded);
    return true;
  }

  private void compare(
      StoredZone zone,
      CatalogEntry entry,
      ZoneImageBuilder builder,
      ImageFiles files,
      ImageFiles.Loaded loaded)
      throws StoreException {
    String wrong = standing(zone, entry, loaded.catalog());
    if (!wrong.isEmpty() && zone.revision() <= loaded.revision()) {
      images.accept("zone " + name(zone) + " " + wrong);
    }
    if (!(entry instanceof ColdZone cold) || zone.contentRevision() > loaded.revision()) {
      return; // changed since the catalog was saved: the next start brings it up to date
    }
    Zone expected;
    if (entry.revision() == zone.contentRevision()) {
      expected = builder.build(_ -> {});
    } else if (behind.contains(entry)) {
      expected = older(zone, entry.revision());
      if (expected == null) {
        return;
      }
    } else {
      images.accept(
          "the image of zone %s is of revision %,d, the zone of %,d"
              .formatted(name(zone), entry.revision(), zone.contentRevision()));
      return;
    }
    try {
      Zone found = files.read(cold);
      compared++;
      if (expected == null) {
        zones.accept("zone " + name(zone) + " is in the store and cannot be built");
      } else if (!Arrays.equals(expected.data(), found.data())) {
        images.accept("the image of zone " + name(zone) + " is not what the store says");
      }
    } catch (IOException e) {
      images.accept(String.valueOf(e.getMessage()));
    }
  }

  /** A large zone that was edited since its image was written. */
  private @Nullable Zone older(StoredZone zone, long revision) throws StoreException {
    try (StoreSnapshot then = store.snapshot(revision);
        ContentView.ContentReader reader = then.content(zone.id(), null)) {
      ZoneImageBuilder builder = new ZoneImageBuilder(hash).revision(revision);
      for (RRsetBlock block = reader.next(); block != null; block = reader.next()) {
        block.writeTo(builder);
      }
      return builder.build(_ -> {});
    } catch (StoreException.Compacted _) {
      return null;
    }
  }

  private static String standing(StoredZone zone, CatalogEntry entry, Catalog catalog) {
    if (entry.isZoneSuspended() != zone.settings().suspended()) {
      return zone.settings().suspended()
          ? "is suspended, and not so in the catalog"
          : "is not suspended, but is so in the catalog";
    }
    ZoneOwner owner = zone.settings().owner();
    Tenant tenant = catalog.tenant(entry.tenant());
    boolean isOwners =
        tenant.organisation().equals(owner.organisation())
            && tenant.project().equals(owner.project());
    return isOwners ? "" : "belongs to " + tenant + " in the catalog, and not in the store";
  }

  private void sayStrangers(StoreSnapshot snapshot, Catalog catalog) throws StoreException {
    List<CatalogEntry> entries = new ArrayList<>(catalog.size());
    catalog.forEach(entries::add);
    for (CatalogEntry entry : entries) {
      if (snapshot.zone(new ZoneKey(views.name(entry.view()), entry.apex())) == null) {
        images.accept("the catalog has a zone " + entry.apex() + " that the store does not have");
      }
    }
  }

  private @Nullable CatalogEntry entry(Catalog catalog, StoredZone zone) {
    ZoneKey key = zone.settings().key();
    return catalog.entry(views.number(key.view()), key.apex());
  }

  private static String name(StoredZone zone) {
    ZoneKey key = zone.settings().key();
    return key.view().equals(Views.PUBLIC_NAME)
        ? key.apex().toString()
        : key.apex() + " in the view " + key.view();
  }
}
