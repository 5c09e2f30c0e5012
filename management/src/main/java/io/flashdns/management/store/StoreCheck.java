package io.flashdns.management.store;

import io.flashdns.core.store.ContentTally;
import io.flashdns.core.store.OwnerKey;
import io.flashdns.core.store.RRsetBlock;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneEvent;
import io.flashdns.management.store.KeyRanges.Table;
import io.flashdns.management.store.Rows.Commit;
import io.flashdns.management.store.Rows.LogEntry;
import io.flashdns.management.store.Rows.Page;
import io.flashdns.management.store.Rows.ZoneRow;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a whole store and says what does not fit: the file's own structure, the checksum of every
 * row, counters and digests of every zone counted anew, pages in order, indexes that fit the zones,
 * documents, journal and history without a gap. One thread; in one transaction, so also while a
 * server uses the store.
 */
final class StoreCheck {
  /** More are not told one by one. */
  private static final int MAX_PROBLEMS = 100;

  private static final int ZONES_A_READ = 1_000;

  private final Reads reads;
  private final Consumer<String> problems;
  private final Consumer<String> progress;
  private int found;

  StoreCheck(Reads reads, Consumer<String> problems, Consumer<String> progress) {
    this.reads = reads;
    this.problems = problems;
    this.progress = progress;
  }

  private void problem(String text) {
    if (found++ < MAX_PROBLEMS) {
      problems.accept(text);
    } else if (found == MAX_PROBLEMS + 1) {
      problems.accept("more than " + MAX_PROBLEMS + " problems: the rest is not told");
    }
  }

  private interface Part {
    void run() throws SQLException, StoreException;
  }

  private void part(String name, Part part) {
    progress.accept(name);
    try {
      part.run();
    } catch (SQLException e) {
      problem(String.valueOf(SqlFaults.ofRead(e, name).getMessage()));
    } catch (StoreException e) {
      problem(String.valueOf(e.getMessage()));
    } catch (IllegalArgumentException e) {
      problem(name + " gave what cannot be read: " + e.getMessage());
    }
  }

  /** Checks everything; the number of problems. */
  int run() {
    part("checking the structure of the file", this::structure);
    Ledger[] ledger = {null};
    part("checking where the store stands", () -> ledger[0] = reads.ledger());
    Ledger now = ledger[0];
    if (now != null) {
      part("checking " + now.zones() + " zones", () -> zones(now));
      part("checking the names of zones", () -> names(now));
      part("checking the owners of zones", () -> owners(now));
      part("checking " + now.documents() + " documents", () -> documents(now));
      part("checking the journal", () -> progress.accept(Journal.verify(reads) + " entries"));
      part("checking the history", () -> history(now));
      part("checking deleted zones", this::graves);
      part("checking requests", this::requests);
    }
    return found;
  }

  private void structure() throws SQLException {
    PreparedStatement check = reads.statement("PRAGMA integrity_check(" + MAX_PROBLEMS + ")");
    try (ResultSet rows = check.executeQuery()) {
      while (rows.next()) {
        String line = String.valueOf(rows.getString(1));
        if (!line.equals("ok")) {
          problem("the file's structure is damaged: " + line);
        }
      }
    }
  }

  private void zones(Ledger ledger) throws SQLException, StoreException {
    long count = 0;
    long digest = 0;
    long pages = 0;
    long after = 0;
    while (true) {
      List<ZoneRow> rows = reads.zones(after, ZONES_A_READ);
      for (ZoneRow row : rows) {
        long id = row.zone().id().value();
        count++;
        digest ^= RowSum.digest(id, row.meta());
        try {
          pages += content(row);
          byte[] name = ZoneCodec.name(row.zone().settings().key());
          if (KeyRanges.find(reads, Table.NAMES, name) != id) {
            problem(zone(row) + " is not found by its name");
          }
          if (row.zone().revision() > ledger.revision()) {
            problem(zone(row) + " is of revision " + row.zone().revision() + ", which is not yet");
          }
        } catch (StoreException e) {
          problem(String.valueOf(e.getMessage()));
        }
        after = id;
      }
      if (rows.size() < ZONES_A_READ) {
        break;
      }
      progress.accept("checked " + count + " zones");
    }
    if (count != ledger.zones()) {
      problem("there are " + count + " zones, the store counted " + ledger.zones());
    }
    if (digest != ledger.digest()) {
      problem("the digest over all zones is not the one that was kept");
    }
    long stored = reads.number("SELECT count(*) FROM content");
    if (stored != pages) {
      problem("table content has " + stored + " pages, zones have " + pages);
    }
  }

  private static String zone(ZoneRow row) {
    return "zone " + row.zone().id() + " (" + row.zone().settings().key().apex() + ")";
  }

  /** Reads all pages of a zone; their number. */
  private long content(ZoneRow row) throws SQLException, StoreException {
    ContentTally tally = new ContentTally();
    long id = row.zone().id().value();
    int apexLength = row.zone().settings().key().apex().length();
    byte[] first = new byte[0];
    byte @Nullable [] last = null;
    long pages = 0;
    try (PageCursor cursor = new PageCursor(reads, id, first)) {
      while (true) {
        Page page = cursor.next(first);
        pages++;
        for (RRsetBlock.Cursor each = page.block().cursor(); each.next(); ) {
          byte[] key = OwnerKey.of(each.ownerBytes(), each.ownerLength(), apexLength);
          byte[] until = page.until();
          if (Arrays.compareUnsigned(key, page.first()) < 0
              || (until != null && Arrays.compareUnsigned(key, until) >= 0)
              || (last != null && Arrays.compareUnsigned(key, last) < 0)) {
            problem(zone(row) + ": " + each.owner() + " is not where it belongs");
          }
          if (each.revision() > row.zone().contentRevision()) {
            problem(zone(row) + ": " + each.owner() + " is newer than its zone");
          }
          last = key;
        }
        tally.add(page.block());
        byte[] until = page.until();
        if (until == null) {
          break;
        }
        first = until;
      }
    }
    String difference = tally.difference(row.zone());
    if (!difference.isEmpty()) {
      problem(difference);
    }
    return pages;
  }

  private void names(Ledger ledger) throws SQLException, StoreException {
    index(Table.NAMES, ledger, (zone, _) -> ZoneCodec.name(zone.settings().key()));
  }

  private void owners(Ledger ledger) throws SQLException, StoreException {
    index(Table.OWNERS, ledger, (zone, id) -> ZoneCodec.ownerKey(zone.settings().owner(), id));
  }

  private interface KeyOf {
    byte[] key(StoredZone zone, long id);
  }

  /** Every key must be that of a zone; as many as there are zones, so every zone has its own. */
  private void index(Table table, Ledger ledger, KeyOf keys) throws SQLException, StoreException {
    long[] count = {0};
    KeyRanges.verify(
        reads,
        table,
        (key, id) -> {
          count[0]++;
          ZoneRow row = reads.zone(id);
          if (row == null) {
            problem("table " + table.label() + " has zone " + id + ", which is no more");
          } else if (!Arrays.equals(keys.key(row.zone(), id), key)) {
            problem("table " + table.label() + " has " + zone(row) + " where it does not belong");
          }
          return true;
        });
    if (count[0] != ledger.zones()) {
      problem(
          "table "
              + table.label()
              + " has "
              + count[0]
              + " zones, the store counted "
              + ledger.zones());
    }
  }

  private void documents(Ledger ledger) throws SQLException, StoreException {
    Documents.Tally tally = Documents.tally(reads);
    if (tally.count() != ledger.documents()) {
      problem("there are " + tally.count() + " documents, the store counted " + ledger.documents());
    }
    if (tally.digest() != ledger.documentDigest()) {
      problem("the digest over all documents is not the one that was kept");
    }
  }

  private void history(Ledger ledger) throws SQLException, StoreException {
    long nextLog = ledger.firstLog();
    long revision = ledger.compacted();
    long bytes = 0;
    while (revision < ledger.revision()) {
      List<Commit> commits = reads.commits(revision, ZONES_A_READ);
      if (commits.isEmpty()) {
        break;
      }
      for (Commit commit : commits) {
        if (commit.firstLog() != nextLog) {
          problem("revision " + commit.revision() + " does not follow the one before in the log");
        }
        try {
          entries(commit);
        } catch (StoreException e) {
          problem(String.valueOf(e.getMessage()));
        }
        nextLog = commit.firstLog() + commit.logRows();
        bytes += commit.bytes();
        revision = commit.revision();
      }
      progress.accept("checked history up to revision " + revision);
    }
    if (revision != ledger.revision()) {
      problem("history ends at revision " + revision + ", the store is at " + ledger.revision());
    }
    if (nextLog != ledger.nextLog()) {
      problem("the log ends at row " + nextLog + ", it should at " + ledger.nextLog());
    }
    if (bytes != ledger.historyBytes()) {
      problem("history takes " + bytes + " octets, the store counted " + ledger.historyBytes());
    }
    long stored = reads.number("SELECT count(*) FROM log");
    if (stored != ledger.nextLog() - ledger.firstLog()) {
      problem(
          "table log has "
              + stored
              + " rows, it should have "
              + (ledger.nextLog() - ledger.firstLog()));
    }
  }

  private void entries(Commit commit) throws SQLException, StoreException {
    for (long seq = commit.firstLog(); seq < commit.firstLog() + commit.logRows(); ) {
      LogEntry entry = reads.entry(seq);
      if (entry.zone() == Writes.NO_ZONE) {
        if (entry.revision() != commit.revision() || Reads.documents(entry).isEmpty()) {
          problem("row " + seq + " of the log does not belong where it is");
        }
        seq += entry.pieces();
        continue;
      }
      ZoneEvent event = Reads.event(entry);
      if (entry.revision() != commit.revision()
          || entry.zone() != event.zone().id().value()
          || entry.previous() >= seq) {
        problem("row " + seq + " of the log does not belong where it is");
      }
      // Walked to its end: so it can be read.
      new ContentTally().add(event.before()).add(event.after());
      seq += entry.pieces();
    }
  }

  private void graves() throws SQLException, StoreException {
    List<Rows.Grave> graves = reads.gravesAfter(-1);
    for (Rows.Grave grave : graves) {
      if (reads.entry(grave.lastLog()).zone() != grave.zone()) {
        problem("the grave of zone " + grave.zone() + " does not lead to its history");
      }
    }
  }

  private void requests() throws SQLException, StoreException {
    try (PreparedStatement query = reads.prepared("SELECT who, id FROM requests");
        ResultSet rows = query.executeQuery()) {
      while (rows.next()) {
        String id = String.valueOf(rows.getString(2));
        if (reads.request(String.valueOf(rows.getString(1)), id) == null) {
          problem("request " + id + " is not found by its id");
        }
      }
    }
  }
}
