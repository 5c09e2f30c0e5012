package io.flashdns.management.server;

import io.flashdns.core.store.DocumentEvent;
import io.flashdns.core.store.RRsetBlock;
import io.flashdns.core.store.StoreEvent;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneEvent;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.zone.CatalogEntry;
import io.flashdns.management.tenancy.Keys;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the events between two revisions amount to: for each zone that they name, what it is in the
 * end. One round of the {@link ZoneApplier}, used by its thread.
 */
final class ZoneWork {
  /** When the blocks of events take so many octets they are let go, and zones are read instead. */
  private static final long MAX_HELD_BYTES = 64 << 20;

  private final Map<ZoneKey, Item> items = new LinkedHashMap<>();
  private long[] epochMillis = new long[16];
  private int events;
  private long heldBytes;
  private boolean holdsNothing;
  private boolean changesSettings;
  private long revision;
  private int zoneEvents;

  /** One zone. */
  static final class Item {
    final ZoneKey key;

    /** As it is in the end; null when it is gone, or {@link #mustAsk}. */
    @Nullable StoredZone now;

    /** What it is must be asked of the store: no event says it. */
    boolean mustAsk;

    /** It is another zone than the one of this name in the catalog. */
    boolean isNew;

    /** Its image must be another one. */
    boolean contentChanged;

    /** All of its content, when an event has it. */
    @Nullable RRsetBlock whole;

    /** All that was changed in its content, before and after; null when not known in parts. */
    @Nullable List<RRsetBlock> changed = new ArrayList<>();

    /** What comes into the catalog; null for nothing. */
    @Nullable CatalogEntry result;

    /** True when the zone leaves the catalog. */
    boolean removed;

    /** Where it stands in the end. */
    ZonePlaces.@Nullable Place place;

    Item(ZoneKey key) {
      this.key = key;
    }

    /** Its content must be read from the store. */
    boolean needsStore() {
      return mustAsk || (now != null && contentChanged && whole == null);
    }

    private void add(ZoneEvent event) {
      StoredZone before = event.zoneBefore();
      StoredZone after = event.zoneAfter();
      now = after;
      whole = null;
      if (after == null) {
        isNew = true;
        contentChanged = false;
        changed = null;
      } else if (before == null) {
        isNew = true;
        contentChanged = true;
        changed = null;
        whole = event.after();
      } else if (before.contentRevision() != after.contentRevision()) {
        contentChanged = true;
        if (changed != null) {
          changed.add(event.before());
          changed.add(event.after());
        }
      }
    }

    private void letGo() {
      whole = null;
      changed = null;
    }
  }

  /** Takes the next event. */
  void add(StoreEvent event) {
    revision = event.revision();
    for (ZoneEvent zone : event.zones()) {
      zoneEvents++;
      Item item = item(zone.zone().settings().key());
      item.add(zone);
      if (holdsNothing) {
        item.letGo();
      }
      heldBytes += zone.before().encoded().length + zone.after().encoded().length;
    }
    for (DocumentEvent document : event.documents()) {
      changesSettings |= document.key().startsWith(Keys.SETTINGS);
    }
    if (heldBytes > MAX_HELD_BYTES && !holdsNothing) {
      holdsNothing = true;
      items.values().forEach(Item::letGo);
    }
    if (events == epochMillis.length) {
      epochMillis = Arrays.copyOf(epochMillis, 2 * events);
    }
    epochMillis[events++] = event.epochMillis();
  }

  /** The zone with this key, to be worked on. */
  Item item(ZoneKey key) {
    return items.computeIfAbsent(key, Item::new);
  }

  /** A zone is to be built anew from the store, whatever events say of it. */
  void buildAnew(ZoneKey key) {
    Item item = item(key);
    item.mustAsk = true;
    item.contentChanged = true;
    item.letGo();
  }

  /** Zones in the order in which they were named first. */
  Collection<Item> items() {
    return items.values();
  }

  /** The last event's revision; 0 without events. */
  long revision() {
    return revision;
  }

  /** How many changes of single zones were taken. */
  int zoneEvents() {
    return zoneEvents;
  }

  /** Octets of all blocks that were taken. */
  long heldBytes() {
    return heldBytes;
  }

  /** True when a section of the configuration changes that nodes share. */
  boolean changesSettings() {
    return changesSettings;
  }

  /** True when the events alone do not say what is to be served. */
  boolean needsStore() {
    if (changesSettings) {
      return true;
    }
    for (Item item : items.values()) {
      if (item.needsStore()) {
        return true;
      }
    }
    return false;
  }

  /** When the change sets were made, in milliseconds since 1970. */
  long[] epochMillis() {
    return Arrays.copyOf(epochMillis, events);
  }
}
