package io.flashdns.management.server;

import io.flashdns.core.index.ImageFiles;
import io.flashdns.core.store.RRsetBlock;
import io.flashdns.core.store.StoreEvent;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneEvent;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.store.ZoneStore;
import io.flashdns.core.zone.ColdZone;
import io.flashdns.core.zone.Views;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * What is to be done at a start because the image files do not hold all that the saved catalog
 * names: zones that were edited after their image was written get their edits from the history,
 * zones whose image is in no file are built anew.
 */
final class ImageRepairs {
  private static final int EVENTS_A_PAGE = 1_000;

  /** From so many zones without image on all zones are looked at, and not these alone. */
  private static final int MANY_MISSING = 10_000;

  private final ImageFiles.Loaded saved;
  private final ZoneStore store;
  private final Views views;

  ImageRepairs(ImageFiles.Loaded saved, ZoneStore store, Views views) {
    this.saved = saved;
    this.store = store;
    this.views = views;
  }

  /** True when all zones are to be compared with the store instead. */
  boolean areMany() {
    return saved.missing().size() > MANY_MISSING;
  }

  /** Numbers of all zones concerned. */
  BitSet numbers() {
    BitSet numbers = new BitSet();
    saved.missing().forEach(cold -> numbers.set(cold.number()));
    saved.behind().forEach(cold -> numbers.set(cold.number()));
    return numbers;
  }

  /** What is to be done for them. */
  ZoneWork work() throws StoreException {
    ZoneWork work = new ZoneWork();
    long compacted = store.state().compactedRevision();
    for (ColdZone cold : saved.behind()) {
      ZoneWork.Item item = work.item(key(cold));
      item.mustAsk = true;
      item.contentChanged = true;
      if (cold.revision() < compacted) {
        item.changed = null;
      } else {
        addHistory(item, cold.revision());
      }
    }
    saved.missing().forEach(cold -> work.buildAnew(key(cold)));
    return work;
  }

  private ZoneKey key(ColdZone cold) {
    return new ZoneKey(views.name(cold.view()), cold.apex());
  }

  private void addHistory(ZoneWork.Item item, long after) throws StoreException {
    StoredZone zone;
    try (StoreSnapshot snapshot = store.snapshot()) {
      zone = snapshot.zone(item.key);
    }
    long before = Long.MAX_VALUE;
    List<RRsetBlock> changed = new ArrayList<>();
    while (zone != null) {
      List<StoreEvent> page = store.history(zone.id(), before, EVENTS_A_PAGE);
      for (StoreEvent event : page) {
        before = event.revision();
        if (before <= after) {
          item.changed = changed;
          return;
        }
        for (ZoneEvent of : event.zones()) {
          changed.add(of.before());
          changed.add(of.after());
        }
      }
      if (page.size() < EVENTS_A_PAGE) {
        item.changed = changed;
        return;
      }
    }
    item.changed = null;
  }
}
