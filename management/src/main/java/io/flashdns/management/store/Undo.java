package io.flashdns.management.store;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.store.OwnerKey;
import io.flashdns.core.store.RRset;
import io.flashdns.core.store.RRsetBlock;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoredRRset;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneEvent;
import io.flashdns.management.store.Rows.Grave;
import io.flashdns.management.store.Rows.LogEntry;
import io.flashdns.management.store.Rows.ZoneRow;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A zone at a revision, and what brings the present content back to it.
 *
 * @param zone at that revision
 * @param lives whether it still has pages
 * @param going RRsets that are now and are to go or to be others
 * @param coming RRsets that are to come instead
 */
record Undo(StoredZone zone, boolean lives, RRsetBlock going, RRsetBlock coming) {
  @SuppressWarnings("ArrayRecordComponent") // it compares the octets itself
  private record Place(byte[] key, int type) implements Comparable<Place> {
    @Override
    public int compareTo(Place other) {
      int order = Arrays.compareUnsigned(key, other.key);
      return order != 0 ? order : Integer.compare(type, other.type);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Place place && compareTo(place) == 0;
    }

    @Override
    public int hashCode() {
      return 31 * Arrays.hashCode(key) + type;
    }
  }

  /** True when the present content is the content at that revision. */
  boolean isNothing() {
    return going.isEmpty() && coming.isEmpty();
  }

  /** The zone as it was at {@code revision}; null when there was none. */
  static @Nullable Undo of(Reads reads, long id, long revision)
      throws SQLException, StoreException {
    ZoneRow row = reads.zone(id);
    if (row != null && row.zone().revision() <= revision) {
      RRsetBlock nothing = RRsetBlock.empty(row.zone().settings().key().apex());
      return new Undo(row.zone(), true, nothing, nothing);
    }
    long seq;
    if (row != null) {
      seq = row.lastLog();
    } else if (reads.ledger().revision() == revision) {
      return null;
    } else {
      Grave grave = reads.grave(id);
      if (grave == null || grave.revision() <= revision) {
        return null;
      }
      seq = grave.lastLog();
    }
    return walk(reads, seq, revision, row != null);
  }

  private static @Nullable Undo walk(Reads reads, long newest, long revision, boolean lives)
      throws SQLException, StoreException {
    long firstLog = reads.ledger().firstLog();
    TreeMap<Place, Optional<StoredRRset>> places = new TreeMap<>();
    StoredZone zone = null;
    // From the newest to the oldest: what an older one says holds.
    for (long seq = newest; seq >= firstLog; ) {
      LogEntry entry = reads.entry(seq);
      if (entry.revision() <= revision) {
        break;
      }
      ZoneEvent event = Reads.event(entry);
      zone = event.zoneBefore();
      for (StoredRRset now : event.after().rrsets()) {
        places.put(place(now, event.after().origin()), Optional.empty());
      }
      for (StoredRRset then : event.before().rrsets()) {
        places.put(place(then, event.before().origin()), Optional.of(then));
      }
      seq = entry.previous();
    }
    if (zone == null) {
      return null;
    }
    DomainName apex = zone.settings().key().apex();
    RRsetBlock.Builder going = new RRsetBlock.Builder(apex);
    RRsetBlock.Builder coming = new RRsetBlock.Builder(apex);
    for (Map.Entry<Place, Optional<StoredRRset>> each : places.entrySet()) {
      Optional<StoredRRset> then = each.getValue();
      if (then.isPresent()) {
        coming.add(then.get().rrset(), then.get().revision());
      } else {
        Place place = each.getKey();
        byte[] owner = OwnerKey.owner(place.key(), apex).wire();
        going.begin(owner, 0, owner.length, place.type(), 0, 0, 0);
      }
    }
    return new Undo(zone, lives, going.build(), coming.build());
  }

  private static Place place(StoredRRset stored, DomainName apex) {
    RRset rrset = stored.rrset();
    return new Place(OwnerKey.of(rrset.owner(), apex), rrset.type());
  }
}
