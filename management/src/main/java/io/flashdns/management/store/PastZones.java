package io.flashdns.management.store;

import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneEvent;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.management.store.Rows.Commit;
import io.flashdns.management.store.Rows.Grave;
import io.flashdns.management.store.Rows.LogEntry;
import io.flashdns.management.store.Rows.ZoneRow;
import io.flashdns.management.store.ZoneNames.Entry;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Zones as they were at one revision: what the tables have, those that were deleted since, and less
 * what was done since. One thread at a time, under the lock of its connection.
 */
final class PastZones {
  private static final int COMMITS_A_READ = 256;

  private final Reads reads;
  private final long revision;

  /** Others write through the same connection: nothing that was read stays true. */
  private final boolean isShared;

  private long undoZone;
  private @Nullable Undo undo;
  private @Nullable List<Grave> buried;
  private @Nullable SortedSet<Long> moved;

  PastZones(Reads reads, long revision, boolean isShared) {
    this.reads = reads;
    this.revision = revision;
    this.isShared = isShared;
  }

  private boolean isPresent() throws SQLException, StoreException {
    return reads.ledger().revision() == revision;
  }

  /** Zones that were deleted after the revision, in the order of their ids. */
  List<Grave> buried() throws SQLException, StoreException {
    if (isPresent()) {
      return List.of();
    }
    List<Grave> known = buried;
    if (known == null || isShared) {
      known = reads.gravesAfter(revision);
      buried = known;
    }
    return known;
  }

  /** A zone, or null. */
  @Nullable StoredZone at(long id) throws SQLException, StoreException {
    Undo found = undo(id);
    return found == null ? null : found.zone();
  }

  /** A zone and what brings its content back, or null. */
  @Nullable Undo undo(long id) throws SQLException, StoreException {
    if (isShared || undoZone != id) {
      undo = Undo.of(reads, id, revision);
      undoZone = id;
    }
    return undo;
  }

  /** Zones in the order of their ids. */
  List<StoredZone> byId(long after, int limit) throws SQLException, StoreException {
    List<StoredZone> found = new ArrayList<>();
    long from = after;
    while (found.size() < limit) {
      int wanted = limit - found.size();
      List<ZoneRow> rows = reads.zones(from, wanted);
      boolean isLast = rows.size() < wanted;
      long to = isLast ? Long.MAX_VALUE : rows.getLast().zone().id().value();
      int next = 0;
      for (Grave grave : buried()) {
        if (grave.zone() <= from || grave.zone() > to) {
          continue;
        }
        while (next < rows.size() && rows.get(next).zone().id().value() < grave.zone()) {
          addAt(found, rows.get(next++));
        }
        addAt(found, grave.zone());
      }
      while (next < rows.size()) {
        addAt(found, rows.get(next++));
      }
      if (isLast) {
        break;
      }
      from = to;
    }
    return first(found, limit);
  }

  private static List<StoredZone> first(List<StoredZone> found, int limit) {
    return found.size() > limit ? List.copyOf(found.subList(0, limit)) : found;
  }

  private void addAt(List<StoredZone> found, ZoneRow row) throws SQLException, StoreException {
    if (row.zone().revision() <= revision) {
      found.add(row.zone());
    } else if (row.zone().createdRevision() <= revision) {
      addAt(found, row.zone().id().value());
    }
  }

  private void addAt(List<StoredZone> found, long id) throws SQLException, StoreException {
    StoredZone zone = at(id);
    if (zone != null) {
      found.add(zone);
    }
  }

  /** Zones in the order of their names, a range of them. */
  List<StoredZone> inOrder(ZoneNames range, int limit) throws SQLException, StoreException {
    List<StoredZone> found = new ArrayList<>();
    ZoneNames rest = range;
    while (found.size() < limit) {
      int wanted = limit - found.size();
      List<Entry> entries = rest.read(reads, wanted);
      byte[] last = entries.size() < wanted ? null : entries.getLast().key();
      List<Entry> all = new ArrayList<>(entries);
      for (Grave grave : buried()) {
        if (rest.has(grave.name())
            && (last == null || Arrays.compareUnsigned(grave.name(), last) <= 0)) {
          all.add(new Entry(grave.name(), grave.zone()));
        }
      }
      if (all.size() > entries.size()) {
        all.sort((a, b) -> Arrays.compareUnsigned(a.key(), b.key()));
      }
      for (Entry entry : all) {
        addNamed(found, entry);
      }
      if (last == null) {
        break;
      }
      rest = rest.behind(last);
    }
    return first(found, limit);
  }

  private void addNamed(List<StoredZone> found, Entry entry) throws SQLException, StoreException {
    StoredZone zone = at(entry.id());
    if (zone == null) {
      if (isPresent()) {
        throw Rows.damaged("names", "zone " + entry.id() + " is not there");
      }
    } else if (Arrays.equals(ZoneCodec.name(zone.settings().key()), entry.key())) {
      found.add(zone);
    } else {
      throw Rows.damaged("names", "zone " + entry.id() + " is not where its name says");
    }
  }

  /** Zones of an owner in the order of their ids. */
  List<StoredZone> of(ZoneOwner owner, long after, int limit) throws SQLException, StoreException {
    List<StoredZone> found = new ArrayList<>();
    SortedSet<Long> others = isPresent() ? new TreeSet<>() : moved();
    long from = after;
    while (found.size() < limit) {
      int wanted = limit - found.size();
      List<Entry> entries = ZoneNames.of(owner, from).read(reads, wanted);
      long to = entries.size() < wanted ? Long.MAX_VALUE : entries.getLast().id();
      SortedSet<Long> ids = new TreeSet<>();
      entries.forEach(entry -> ids.add(entry.id()));
      for (long other : others.tailSet(from + 1)) {
        if (other <= to) {
          ids.add(other);
        }
      }
      for (long id : ids) {
        addOwned(found, id, owner);
      }
      if (to == Long.MAX_VALUE) {
        break;
      }
      from = to;
    }
    return first(found, limit);
  }

  private void addOwned(List<StoredZone> found, long id, ZoneOwner owner)
      throws SQLException, StoreException {
    StoredZone zone = at(id);
    if (zone != null && zone.settings().owner().equals(owner)) {
      found.add(zone);
    } else if (isPresent()) {
      throw Rows.damaged("owners", "zone " + id + " is not the owner's that the row says");
    }
  }

  /** Zones that were deleted or changed their owner after the revision. */
  private SortedSet<Long> moved() throws SQLException, StoreException {
    SortedSet<Long> known = moved;
    if (known != null && !isShared) {
      return known;
    }
    SortedSet<Long> ids = new TreeSet<>();
    buried().forEach(grave -> ids.add(grave.zone()));
    long last = reads.ledger().revision();
    for (long at = revision; at < last; ) {
      for (Commit commit : reads.commits(at, COMMITS_A_READ)) {
        addMoved(ids, commit);
        at = commit.revision();
      }
    }
    moved = ids;
    return ids;
  }

  private void addMoved(SortedSet<Long> ids, Commit commit) throws SQLException, StoreException {
    for (long seq = commit.firstLog(); seq < commit.firstLog() + commit.logRows(); ) {
      LogEntry entry = reads.entry(seq);
      if (entry.zone() != Writes.NO_ZONE) {
        ZoneEvent event = Reads.event(entry);
        StoredZone was = event.zoneBefore();
        StoredZone is = event.zoneAfter();
        if (was != null && is != null && !was.settings().owner().equals(is.settings().owner())) {
          ids.add(entry.zone());
        }
      }
      seq += entry.pieces();
    }
  }
}
