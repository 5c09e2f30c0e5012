package io.flashdns.management.store;

import io.flashdns.core.store.StoreEvent;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneEvent;
import io.flashdns.management.store.Rows.Commit;
import io.flashdns.management.store.Rows.Grave;
import io.flashdns.management.store.Rows.LogEntry;
import io.flashdns.management.store.Rows.Request;
import io.flashdns.management.store.Rows.ZoneRow;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Everything that is written to the database. The writer's thread alone. */
final class Writes {
  /** Octets of an event that one row of the log holds. */
  private static final int PIECE_BYTES = 1 << 20;

  /** What log entries about documents have for a zone. */
  static final long NO_ZONE = 0;

  private final Reads reads;
  private final Directory directory;
  private final Documents documents;
  private final ContentPages pages;
  private final RowSum sum = new RowSum();

  /** Rows of zones that the change at hand has read or written. */
  private final Map<Long, ZoneRow> rows = new HashMap<>();

  Writes(Reads reads) {
    this.reads = reads;
    this.directory = new Directory(reads);
    this.documents = new Documents(reads);
    this.pages = new ContentPages(reads);
  }

  /** Makes the rows that every store has. */
  void begin() throws SQLException {
    write(Ledger.EMPTY);
    directory.begin();
    directory.flush();
    documents.begin();
    PreparedStatement put = reads.statement("INSERT INTO living(part, bits, sum) VALUES(0,?,?)");
    byte[] bits = new byte[Rows.IDS_A_PART / 8];
    put.setBytes(1, bits);
    put.setLong(2, sum.of('v').add(0).add(bits).value());
    put.executeUpdate();
  }

  Directory directory() {
    return directory;
  }

  Documents documents() {
    return documents;
  }

  @Nullable ZoneRow zone(long id) throws SQLException, StoreException {
    ZoneRow row = rows.get(id);
    if (row == null) {
      row = reads.zone(id);
      if (row != null) {
        rows.put(id, row);
      }
    }
    return row;
  }

  /** Drops what is known of rows: before each change and after a rollback. */
  void forget() {
    rows.clear();
    directory.forget();
    documents.forget();
  }

  /** Writes all that an event says; the result is where the store stands then. */
  Ledger apply(StoreEvent event, Ledger before) throws SQLException, StoreException {
    long firstLog = before.nextLog();
    long lastZone = before.lastZone();
    long zones = before.zones();
    long graves = before.graves();
    long digest = before.digest();
    long nextLog = firstLog;
    long bytes = 0;
    for (ZoneEvent zone : event.zones()) {
      StoredZone was = zone.zoneBefore();
      StoredZone is = zone.zoneAfter();
      long id = zone.zone().id().value();
      byte[] name = ZoneCodec.name(zone.zone().settings().key());
      ZoneRow row = was == null ? null : zone(id);
      if (was != null && row == null) {
        throw Rows.damaged("zones", "zone " + id + " is missing");
      }
      long seq = nextLog;
      byte[][] parts = ZoneCodec.encode(zone);
      long octets = octets(parts);
      nextLog += log(seq, event.revision(), id, row == null ? 0 : row.lastLog(), parts, octets);
      bytes += octets;
      if (row != null) {
        digest ^= RowSum.digest(id, row.meta());
      }
      if (is != null) {
        byte[] meta = parts[2];
        digest ^= RowSum.digest(id, meta);
        put(is, meta, seq, row == null);
      }
      if (was == null) {
        zones++;
        lastZone = Math.max(lastZone, id);
        directory.add(name, zone.zone());
        pages.create(id, zone.after());
      } else if (is == null) {
        zones--;
        graves++;
        directory.remove(name, was);
        pages.delete(id);
        bury(new Grave(id, name, event.revision(), seq));
      } else {
        pages.change(id, zone.before(), zone.after());
        directory.change(id, was.settings(), is.settings());
      }
    }
    directory.flush();
    Documents.Tally tally = new Documents.Tally(before.documents(), before.documentDigest());
    if (!event.documents().isEmpty()) {
      tally = documents.apply(event.documents(), event.revision(), tally);
      byte[][] parts = Documents.encode(event.documents());
      long octets = octets(parts);
      nextLog += log(nextLog, event.revision(), NO_ZONE, 0, parts, octets);
      bytes += octets;
    }
    // Rows and their headers take space too.
    long kept = bytes + 64 * (nextLog - firstLog) + 128;
    write(
        new Commit(
            event.revision(),
            event.epochMillis(),
            event.who(),
            event.where(),
            event.requestId(),
            event.forced(),
            firstLog,
            nextLog - firstLog,
            kept));
    return new Ledger(
        event.revision(),
        before.compacted(),
        lastZone,
        zones,
        digest,
        before.firstLog(),
        nextLog,
        before.historyBytes() + kept,
        graves,
        tally.count(),
        tally.digest(),
        before.firstJournal(),
        before.nextJournal());
  }

  private void put(StoredZone zone, byte[] meta, long lastLog, boolean isNew) throws SQLException {
    long id = zone.id().value();
    PreparedStatement put =
        reads.statement(
            isNew
                ? "INSERT INTO zones(meta, last_log, sum, id) VALUES(?,?,?,?)"
                : "UPDATE zones SET meta = ?, last_log = ?, sum = ? WHERE id = ?");
    put.setBytes(1, meta);
    put.setLong(2, lastLog);
    put.setLong(3, ZoneRow.sum(sum, id, meta, lastLog));
    put.setLong(4, id);
    put.executeUpdate();
    rows.put(id, new ZoneRow(zone, meta, lastLog));
  }

  private void bury(Grave grave) throws SQLException {
    PreparedStatement delete = reads.statement("DELETE FROM zones WHERE id = ?");
    delete.setLong(1, grave.zone());
    delete.executeUpdate();
    rows.remove(grave.zone());
    PreparedStatement put =
        reads.statement(
            "INSERT INTO graves(zone, name, revision, last_log, sum) VALUES(?,?,?,?,?)");
    put.setLong(1, grave.zone());
    put.setBytes(2, grave.name());
    put.setLong(3, grave.revision());
    put.setLong(4, grave.lastLog());
    put.setLong(5, grave.sum(sum));
    put.executeUpdate();
  }

  private static long octets(byte[][] parts) {
    long octets = 0;
    for (byte[] part : parts) {
      octets += part.length;
    }
    return octets;
  }

  /** Writes one entry of the log; the result is the number of its rows. */
  private long log(long seq, long revision, long zone, long previous, byte[][] parts, long octets)
      throws SQLException {
    long pieces = (octets + PIECE_BYTES - 1) / PIECE_BYTES;
    PreparedStatement put =
        reads.statement(
            "INSERT INTO log(seq, revision, zone, previous, piece, pieces, body, sum)"
                + " VALUES(?,?,?,?,?,?,?,?)");
    int part = 0;
    int at = 0;
    for (long piece = 0; piece < pieces; piece++) {
      byte[] body = new byte[(int) Math.min(PIECE_BYTES, octets - piece * PIECE_BYTES)];
      for (int filled = 0; filled < body.length; ) {
        int length = Math.min(body.length - filled, parts[part].length - at);
        System.arraycopy(parts[part], at, body, filled, length);
        filled += length;
        at += length;
        if (at == parts[part].length) {
          part++;
          at = 0;
        }
      }
      put.setLong(1, seq + piece);
      put.setLong(2, revision);
      put.setLong(3, zone);
      put.setLong(4, previous);
      put.setLong(5, piece);
      put.setLong(6, pieces);
      put.setBytes(7, body);
      put.setLong(8, LogEntry.sum(sum, seq + piece, revision, zone, previous, piece, pieces, body));
      put.executeUpdate();
    }
    return pieces;
  }

  private void write(Commit commit) throws SQLException {
    PreparedStatement put =
        reads.statement(
            "INSERT INTO commits(revision, at, who, origin, request, forced, first_log, log_rows,"
                + " bytes, sum) VALUES(?,?,?,?,?,?,?,?,?,?)");
    put.setLong(1, commit.revision());
    put.setLong(2, commit.at());
    put.setString(3, commit.who());
    put.setString(4, commit.origin());
    put.setString(5, commit.request());
    put.setLong(6, commit.forced() ? 1 : 0);
    put.setLong(7, commit.firstLog());
    put.setLong(8, commit.logRows());
    put.setLong(9, commit.bytes());
    put.setLong(10, commit.sum(sum));
    put.executeUpdate();
  }

  /** Remembers what became of a request. */
  void remember(Request request) throws SQLException {
    PreparedStatement put =
        reads.statement(
            "INSERT OR REPLACE INTO requests(who, id, revision, at, zones, answer, sum)"
                + " VALUES(?,?,?,?,?,?,?)");
    put.setString(1, request.who());
    put.setString(2, request.id());
    put.setLong(3, request.revision());
    put.setLong(4, request.at());
    put.setBytes(5, request.zones());
    put.setBytes(6, request.answer());
    put.setLong(7, request.sum(sum));
    put.executeUpdate();
  }

  /** Forgets requests before a time, some of them; true when there may be more. */
  boolean forgetRequests(long before, int limit) throws SQLException {
    PreparedStatement delete =
        reads.statement(
            "DELETE FROM requests WHERE seq IN (SELECT seq FROM requests ORDER BY seq LIMIT ?) AND"
                + " at < ?");
    delete.setInt(1, limit);
    delete.setLong(2, before);
    return delete.executeUpdate() == limit;
  }

  /** Writes where the store stands. */
  void write(Ledger ledger) throws SQLException {
    PreparedStatement put =
        reads.statement(
            "INSERT OR REPLACE INTO meta(id, revision, compacted, last_zone, zones, digest,"
                + " first_log, next_log, history_bytes, graves, documents, document_digest,"
                + " first_journal, next_journal, sum) VALUES(1,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    put.setLong(1, ledger.revision());
    put.setLong(2, ledger.compacted());
    put.setLong(3, ledger.lastZone());
    put.setLong(4, ledger.zones());
    put.setLong(5, ledger.digest());
    put.setLong(6, ledger.firstLog());
    put.setLong(7, ledger.nextLog());
    put.setLong(8, ledger.historyBytes());
    put.setLong(9, ledger.graves());
    put.setLong(10, ledger.documents());
    put.setLong(11, ledger.documentDigest());
    put.setLong(12, ledger.firstJournal());
    put.setLong(13, ledger.nextJournal());
    put.setLong(14, ledger.sum(sum));
    put.executeUpdate();
  }

  /** Writes how far this copy of a shared store is. */
  void write(Position position) throws SQLException {
    if (position.equals(Position.NONE)) {
      reads.run("DELETE FROM position");
      return;
    }
    PreparedStatement put =
        reads.statement(
            "INSERT OR REPLACE INTO position(id, store, sequence, sum) VALUES(1,?,?,?)");
    put.setString(1, position.store());
    put.setLong(2, position.sequence());
    put.setLong(3, position.sum(sum));
    put.executeUpdate();
  }

  /**
   * Forgets the oldest commits.
   *
   * @param through not beyond this revision
   * @param beforeMillis only those made before
   * @param maxBytes a commit is forgotten when less than this was forgotten before it
   */
  Ledger compact(Ledger ledger, long through, long beforeMillis, long maxBytes, int maxCommits)
      throws SQLException, StoreException {
    long compacted = ledger.compacted();
    long firstLog = ledger.firstLog();
    long bytes = 0;
    for (Commit commit : reads.commits(compacted, maxCommits)) {
      if (commit.revision() > through || commit.at() >= beforeMillis || bytes >= maxBytes) {
        break;
      }
      compacted = commit.revision();
      firstLog = commit.firstLog() + commit.logRows();
      bytes += commit.bytes();
    }
    if (compacted == ledger.compacted()) {
      return ledger;
    }
    delete("DELETE FROM log WHERE seq < ?", firstLog);
    delete("DELETE FROM commits WHERE revision <= ?", compacted);
    int graves = delete("DELETE FROM graves WHERE revision <= ?", compacted);
    return new Ledger(
        ledger.revision(),
        compacted,
        ledger.lastZone(),
        ledger.zones(),
        ledger.digest(),
        firstLog,
        ledger.nextLog(),
        ledger.historyBytes() - bytes,
        ledger.graves() - graves,
        ledger.documents(),
        ledger.documentDigest(),
        ledger.firstJournal(),
        ledger.nextJournal());
  }

  private int delete(String sql, long key) throws SQLException {
    PreparedStatement delete = reads.statement(sql);
    delete.setLong(1, key);
    return delete.executeUpdate();
  }
}
