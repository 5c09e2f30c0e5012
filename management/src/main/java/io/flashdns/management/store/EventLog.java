package io.flashdns.management.store;

import io.flashdns.core.store.DocumentEvent;
import io.flashdns.core.store.StoreEvent;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneEvent;
import io.flashdns.management.store.Rows.Commit;
import io.flashdns.management.store.Rows.Grave;
import io.flashdns.management.store.Rows.LogEntry;
import io.flashdns.management.store.Rows.ZoneRow;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads events out of the tables {@code commits} and {@code log}. */
final class EventLog {
  private static final int COMMITS_A_READ = 256;

  private EventLog() {}

  /**
   * The events after a revision, in order: one at least when there is one, and no more when they
   * take {@code maxBytes}.
   */
  static List<StoreEvent> after(Reads reads, long revision, long maxBytes)
      throws SQLException, StoreException {
    Ledger ledger = reads.ledger();
    if (revision < ledger.compacted()) {
      throw new StoreException.Compacted(revision + 1, ledger.compacted());
    }
    List<StoreEvent> events = new ArrayList<>();
    long octets = 0;
    List<Commit> commits = reads.commits(revision, COMMITS_A_READ);
    if (commits.isEmpty() && revision < ledger.revision()) {
      throw Rows.damaged("commits", "the row of revision " + (revision + 1) + " is missing");
    }
    for (Commit commit : commits) {
      octets += commit.bytes();
      if (!events.isEmpty() && octets > maxBytes) {
        break;
      }
      events.add(whole(reads, commit));
    }
    return events;
  }

  /** All that a commit did. */
  static StoreEvent whole(Reads reads, Commit commit) throws SQLException, StoreException {
    List<ZoneEvent> zones = new ArrayList<>();
    List<DocumentEvent> documents = new ArrayList<>(0);
    long end = commit.firstLog() + commit.logRows();
    for (long seq = commit.firstLog(); seq < end; ) {
      LogEntry entry = reads.entry(seq);
      if (entry.revision() != commit.revision()) {
        throw Rows.damaged("log", "row " + seq + " is of revision " + entry.revision());
      }
      if (entry.zone() == Writes.NO_ZONE) {
        documents.addAll(Reads.documents(entry));
      } else {
        zones.add(Reads.event(entry));
      }
      seq += entry.pieces();
    }
    return of(commit, zones, documents);
  }

  private static StoreEvent of(
      Commit commit, List<ZoneEvent> zones, List<DocumentEvent> documents) {
    return new StoreEvent(
        commit.revision(),
        commit.at(),
        commit.who(),
        commit.origin(),
        commit.request(),
        commit.forced(),
        zones,
        documents);
  }

  /** The events of one zone below a revision, the newest first. */
  static List<StoreEvent> history(Reads reads, long zone, long before, int limit)
      throws SQLException, StoreException {
    long firstLog = reads.ledger().firstLog();
    List<StoreEvent> events = new ArrayList<>();
    for (long seq = newest(reads, zone); seq >= firstLog && events.size() < limit; ) {
      LogEntry entry = reads.entry(seq);
      if (entry.zone() != zone) {
        throw Rows.damaged("log", "row " + seq + " is of zone " + entry.zone());
      }
      if (entry.revision() < before) {
        events.add(of(reads.commit(entry.revision()), List.of(Reads.event(entry)), List.of()));
      }
      seq = entry.previous();
    }
    return events;
  }

  private static long newest(Reads reads, long zone) throws SQLException, StoreException {
    ZoneRow row = reads.zone(zone);
    if (row != null) {
      return row.lastLog();
    }
    Grave grave = reads.grave(zone);
    return grave == null ? 0 : grave.lastLog();
  }

  /** The last zone of a name that was deleted, as it was; null when its history is gone. */
  static @Nullable StoredZone lastDeleted(Reads reads, byte[] name)
      throws SQLException, StoreException {
    Grave grave = reads.newestGrave(name);
    if (grave == null || grave.lastLog() < reads.ledger().firstLog()) {
      return null;
    }
    return Reads.event(reads.entry(grave.lastLog())).zoneBefore();
  }
}
