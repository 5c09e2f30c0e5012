package io.flashdns.core.store;

import org.jspecify.annotations.Nullable;

/**
 * What one change set did to one zone.
 *
 * @param zoneBefore the zone before, null when it was created
 * @param zoneAfter the zone after, null when it was deleted
 * @param before the RRsets that were changed or removed, as they were; the apex's SOA among them
 *     when its serial moved
 * @param after the RRsets that were changed or added, as they are
 */
public record ZoneEvent(
    @Nullable StoredZone zoneBefore,
    @Nullable StoredZone zoneAfter,
    RRsetBlock before,
    RRsetBlock after) {

  public ZoneEvent {
    if (zoneBefore == null && zoneAfter == null) {
      throw new IllegalArgumentException("an event is of a zone");
    }
  }

  /** The zone, as it is or, when it was deleted, as it was. */
  public StoredZone zone() {
    StoredZone after = zoneAfter;
    if (after != null) {
      return after;
    }
    StoredZone before = zoneBefore;
    if (before != null) {
      return before;
    }
    throw new AssertionError();
  }
}
