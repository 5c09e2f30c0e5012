package io.flashdns.management.store;

import io.flashdns.core.store.DocumentEvent;
import io.flashdns.core.store.RRsetBlock;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneEvent;
import io.flashdns.management.store.Rows.Commit;
import io.flashdns.management.store.Rows.Grave;
import io.flashdns.management.store.Rows.LogEntry;
import io.flashdns.management.store.Rows.Page;
import io.flashdns.management.store.Rows.Request;
import io.flashdns.management.store.Rows.ZoneRow;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is read from the database, each row with its checksum verified. One thread at a
 * time; statements are kept for the life of the connection.
 */
final class Reads implements AutoCloseable {
  private static final int MAX_PIECES = 1 << 20;

  private final Connection connection;
  private final RowSum sum = new RowSum();
  private final Map<String, PreparedStatement> statements = new HashMap<>();

  Reads(Connection connection) {
    this.connection = connection;
  }

  /** The statement for {@code sql}, made once. */
  PreparedStatement statement(String sql) throws SQLException {
    PreparedStatement made = statements.get(sql);
    if (made == null) {
      made = connection.prepareStatement(sql);
      statements.put(sql, made);
    }
    return made;
  }

  /** Drops all statements: after an error the driver has ended the one that failed. */
  void forgetStatements() {
    for (PreparedStatement statement : statements.values()) {
      try {
        statement.close();
      } catch (SQLException _) {
        // It is of no more use.
      }
    }
    statements.clear();
  }

  /** A statement of one's own, to be closed. */
  PreparedStatement prepared(String sql) throws SQLException {
    return connection.prepareStatement(sql);
  }

  /** Runs a statement without parameters. */
  void run(String sql) throws SQLException {
    statement(sql).execute();
  }

  /** The number that a statement gives; 0 for none. */
  long number(String sql) throws SQLException {
    try (ResultSet result = statement(sql).executeQuery()) {
      return result.next() ? result.getLong(1) : 0;
    }
  }

  /** Of which shared store this is a copy, and how far. */
  Position position() throws SQLException, StoreException {
    PreparedStatement query = statement("SELECT store, sequence, sum FROM position WHERE id = 1");
    try (ResultSet row = query.executeQuery()) {
      if (!row.next()) {
        return Position.NONE;
      }
      Position position = new Position(String.valueOf(row.getString(1)), row.getLong(2));
      verify(position.sum(sum), row.getLong(3), "position", "the only row");
      return position;
    }
  }

  Ledger ledger() throws SQLException, StoreException {
    PreparedStatement query =
        statement(
            "SELECT revision, compacted, last_zone, zones, digest, first_log, next_log,"
                + " history_bytes, graves, documents, document_digest, first_journal,"
                + " next_journal, sum FROM meta WHERE id = 1");
    try (ResultSet row = query.executeQuery()) {
      if (!row.next()) {
        throw Rows.damaged("meta", "the only row is missing");
      }
      Ledger ledger =
          new Ledger(
              row.getLong(1),
              row.getLong(2),
              row.getLong(3),
              row.getLong(4),
              row.getLong(5),
              row.getLong(6),
              row.getLong(7),
              row.getLong(8),
              row.getLong(9),
              row.getLong(10),
              row.getLong(11),
              row.getLong(12),
              row.getLong(13));
      verify(ledger.sum(sum), row.getLong(14), "meta", "the only row");
      return ledger;
    }
  }

  /** The row of a living zone, or null. */
  @Nullable ZoneRow zone(long id) throws SQLException, StoreException {
    PreparedStatement query = statement("SELECT meta, last_log, sum FROM zones WHERE id = ?");
    query.setLong(1, id);
    try (ResultSet row = query.executeQuery()) {
      if (row.next()) {
        return zoneRow(id, row.getBytes(1), row.getLong(2), row.getLong(3));
      }
    }
    if (isLiving(id)) {
      throw Rows.damaged("zones", "the row of zone " + id + " is missing");
    }
    return null;
  }

  private ZoneRow zoneRow(long id, byte @Nullable [] meta, long lastLog, long stored)
      throws StoreException {
    if (meta == null) {
      throw Rows.damaged("zones", "zone " + id);
    }
    verify(ZoneRow.sum(sum, id, meta, lastLog), stored, "zones", "zone " + id);
    try {
      StoredZone zone = ZoneCodec.decode(meta);
      if (zone.id().value() == id) {
        return new ZoneRow(zone, meta, lastLog);
      }
    } catch (IllegalArgumentException _) {
      // Said below.
    }
    throw Rows.damaged("zones", "zone " + id);
  }

  /** Living zones with ids above {@code after}. */
  List<ZoneRow> zones(long after, int limit) throws SQLException, StoreException {
    List<ZoneRow> found = new ArrayList<>(Math.min(limit, 1_024));
    PreparedStatement query =
        statement("SELECT id, meta, last_log, sum FROM zones WHERE id > ? ORDER BY id LIMIT ?");
    query.setLong(1, after);
    query.setLong(2, limit);
    long last = after;
    List<Long> ids = new ArrayList<>(Math.min(limit, 1_024));
    try (ResultSet rows = query.executeQuery()) {
      while (rows.next()) {
        last = rows.getLong(1);
        ids.add(last);
        found.add(zoneRow(last, rows.getBytes(2), rows.getLong(3), rows.getLong(4)));
      }
    }
    long to = found.size() < limit ? ledger().lastZone() : last;
    int index = 0;
    byte[] bits = null;
    for (long id = after + 1; id <= to; id++) {
      if (bits == null || id % Rows.IDS_A_PART == 0) {
        bits = livingPart(id / Rows.IDS_A_PART);
      }
      if (isSet(bits, id)) {
        if (index == ids.size() || ids.get(index) != id) {
          throw Rows.damaged("zones", "the row of zone " + id + " is missing");
        }
        index++;
      }
    }
    if (index != ids.size()) {
      throw Rows.damaged(
          "zones", "there is a row of zone " + ids.get(index) + ", which is no more");
    }
    return found;
  }

  /** True when the id is one of a living zone, whatever table zones says. */
  boolean isLiving(long id) throws SQLException, StoreException {
    return id >= 1 && id <= ledger().lastZone() && isSet(livingPart(id / Rows.IDS_A_PART), id);
  }

  static boolean isSet(byte[] bits, long id) {
    int bit = (int) (id % Rows.IDS_A_PART);
    return (bits[bit >> 3] >> (bit & 7) & 1) != 0;
  }

  byte[] livingPart(long part) throws SQLException, StoreException {
    byte[] bits = livingPartOrNull(part);
    if (bits == null) {
      throw Rows.damaged("living", "the row of part " + part + " is missing");
    }
    return bits;
  }

  byte @Nullable [] livingPartOrNull(long part) throws SQLException, StoreException {
    PreparedStatement query = statement("SELECT bits, sum FROM living WHERE part = ?");
    query.setLong(1, part);
    try (ResultSet row = query.executeQuery()) {
      if (!row.next()) {
        return null;
      }
      byte[] bits = row.getBytes(1);
      verify(sum.of('v').add(part).add(bits).value(), row.getLong(2), "living", "part " + part);
      if (bits == null || bits.length != Rows.IDS_A_PART / 8) {
        throw Rows.damaged("living", "part " + part);
      }
      return bits;
    }
  }

  /** The page of a living zone in whose range {@code key} is. */
  Page page(long zone, byte[] key) throws SQLException, StoreException {
    Page page =
        page(
            "SELECT first, until, block, sum FROM content WHERE zone = ? AND first <= ? ORDER BY"
                + " first DESC LIMIT 1",
            zone,
            key);
    if (page == null || isBeyond(key, page.until())) {
      throw Rows.damaged("content", "zone " + zone + ", the page for " + hex(key) + " is missing");
    }
    return page;
  }

  /** The page that begins at {@code first}, where the one before it ends. */
  Page pageAt(long zone, byte[] first) throws SQLException, StoreException {
    Page page =
        page(
            "SELECT first, until, block, sum FROM content WHERE zone = ? AND first = ?",
            zone,
            first);
    if (page == null) {
      throw Rows.damaged("content", "zone " + zone + ", the page " + hex(first) + " is missing");
    }
    return page;
  }

  /** The page that ends where {@code first} begins. */
  Page pageBefore(long zone, byte[] first) throws SQLException, StoreException {
    Page page =
        page(
            "SELECT first, until, block, sum FROM content WHERE zone = ? AND first < ? ORDER BY"
                + " first DESC LIMIT 1",
            zone,
            first);
    if (page == null || !Arrays.equals(page.until(), first)) {
      throw Rows.damaged(
          "content", "zone " + zone + ", the page before " + hex(first) + " is missing");
    }
    return page;
  }

  private @Nullable Page page(String sql, long zone, byte[] key)
      throws SQLException, StoreException {
    PreparedStatement query = statement(sql);
    query.setLong(1, zone);
    query.setBytes(2, key);
    try (ResultSet row = query.executeQuery()) {
      return row.next() ? page(row, zone) : null;
    }
  }

  /** Reads columns first, until, block, sum. */
  Page page(ResultSet row, long zone) throws SQLException, StoreException {
    byte[] first = bytes(row, 1);
    byte[] until = row.getBytes(2);
    byte[] block = bytes(row, 3);
    String key = "zone " + zone + ", page " + hex(first);
    verify(Page.sum(sum, zone, first, until, block), row.getLong(4), "content", key);
    try {
      return new Page(first, until, RRsetBlock.ofEncoded(block));
    } catch (IllegalArgumentException _) {
      throw Rows.damaged("content", key);
    }
  }

  /** The commit of a revision above what was compacted and not above the latest. */
  Commit commit(long revision) throws SQLException, StoreException {
    List<Commit> found = commits(revision - 1, 1);
    if (found.isEmpty() || found.getFirst().revision() != revision) {
      throw Rows.damaged("commits", "the row of revision " + revision + " is missing");
    }
    return found.getFirst();
  }

  /** Commits in order, from the one after {@code after}; without a gap. */
  List<Commit> commits(long after, int limit) throws SQLException, StoreException {
    PreparedStatement query =
        statement(
            "SELECT revision, at, who, origin, request, forced, first_log, log_rows, bytes, sum"
                + " FROM commits WHERE revision > ? ORDER BY revision LIMIT ?");
    query.setLong(1, after);
    query.setLong(2, limit);
    List<Commit> found = new ArrayList<>();
    long expected = after + 1;
    try (ResultSet row = query.executeQuery()) {
      while (row.next()) {
        Commit commit =
            new Commit(
                row.getLong(1),
                row.getLong(2),
                text(row, 3),
                text(row, 4),
                text(row, 5),
                row.getLong(6) != 0,
                row.getLong(7),
                row.getLong(8),
                row.getLong(9));
        verify(commit.sum(sum), row.getLong(10), "commits", "revision " + row.getLong(1));
        if (commit.revision() != expected) {
          throw Rows.damaged("commits", "the row of revision " + expected + " is missing");
        }
        expected++;
        found.add(commit);
      }
    }
    return found;
  }

  /** The entry of the log that begins at {@code seq}. */
  LogEntry entry(long seq) throws SQLException, StoreException {
    PreparedStatement query =
        statement(
            "SELECT seq, revision, zone, previous, piece, pieces, body, sum FROM log WHERE seq >= ?"
                + " ORDER BY seq");
    query.setLong(1, seq);
    List<byte[]> bodies = new ArrayList<>(1);
    long length = 0;
    try (ResultSet row = query.executeQuery()) {
      while (row.next()) {
        long at = row.getLong(1);
        long revision = row.getLong(2);
        long zone = row.getLong(3);
        long previous = row.getLong(4);
        long piece = row.getLong(5);
        long pieces = row.getLong(6);
        byte[] body = bytes(row, 7);
        verify(
            LogEntry.sum(sum, at, revision, zone, previous, piece, pieces, body),
            row.getLong(8),
            "log",
            "row " + at);
        if (at != seq + bodies.size() || piece != bodies.size() || pieces > MAX_PIECES) {
          break;
        }
        bodies.add(body);
        length += body.length;
        if (bodies.size() == pieces) {
          return new LogEntry(seq, revision, zone, previous, pieces, joined(bodies, length));
        }
      }
    }
    throw Rows.damaged("log", "row " + (seq + bodies.size()) + " is missing");
  }

  private static byte[] joined(List<byte[]> bodies, long length) {
    if (bodies.size() == 1) {
      return bodies.getFirst();
    }
    byte[] whole = new byte[Math.toIntExact(length)];
    int at = 0;
    for (byte[] body : bodies) {
      System.arraycopy(body, 0, whole, at, body.length);
      at += body.length;
    }
    return whole;
  }

  /** What an entry of the log says of documents. */
  static List<DocumentEvent> documents(LogEntry entry) throws StoreException {
    try {
      return Documents.decode(entry.body());
    } catch (IllegalArgumentException _) {
      throw Rows.damaged("log", "row " + entry.seq());
    }
  }

  /** What an entry of the log says of its zone. */
  static ZoneEvent event(LogEntry entry) throws StoreException {
    try {
      if (entry.zone() == Writes.NO_ZONE) {
        throw Rows.damaged("log", "row " + entry.seq() + " is of no zone");
      }
      return ZoneCodec.decodeEvent(entry.body());
    } catch (IllegalArgumentException _) {
      throw Rows.damaged("log", "row " + entry.seq());
    }
  }

  /** The grave of a zone, or null. */
  @Nullable Grave grave(long zone) throws SQLException, StoreException {
    PreparedStatement query =
        statement("SELECT zone, name, revision, last_log, sum FROM graves WHERE zone = ?");
    query.setLong(1, zone);
    List<Grave> found = graves(query);
    if (found.isEmpty() && zone <= ledger().lastZone()) {
      // Forgotten, or lost: then the rows are not as many as were counted.
      var _ = gravesAfter(Long.MAX_VALUE);
    }
    return found.isEmpty() ? null : found.getFirst();
  }

  /** The newest grave with a name, or null. */
  @Nullable Grave newestGrave(byte[] name) throws SQLException, StoreException {
    PreparedStatement query =
        statement(
            "SELECT zone, name, revision, last_log, sum FROM graves WHERE name = ? ORDER BY"
                + " revision DESC LIMIT 1");
    query.setBytes(1, name);
    List<Grave> found = graves(query);
    if (!found.isEmpty()) {
      return found.getFirst();
    }
    // The index may have lost it.
    Grave newest = null;
    for (Grave grave : gravesAfter(-1)) {
      if (Arrays.equals(grave.name(), name)
          && (newest == null || newest.revision() < grave.revision())) {
        newest = grave;
      }
    }
    return newest;
  }

  /**
   * Graves that were dug after a revision, in the order of their zones' ids. Reads all of them, and
   * counts.
   */
  List<Grave> gravesAfter(long revision) throws SQLException, StoreException {
    long expected = ledger().graves();
    long count = 0;
    List<Grave> found = new ArrayList<>();
    PreparedStatement query =
        statement(
            "SELECT zone, name, revision, last_log, sum FROM graves NOT INDEXED ORDER BY zone");
    for (Grave grave : graves(query)) {
      count++;
      if (grave.revision() > revision) {
        found.add(grave);
      }
    }
    if (count != expected) {
      throw Rows.damaged("graves", count + " of " + expected + " rows are there");
    }
    return found;
  }

  private List<Grave> graves(PreparedStatement query) throws SQLException, StoreException {
    List<Grave> found = new ArrayList<>();
    try (ResultSet row = query.executeQuery()) {
      while (row.next()) {
        Grave grave = new Grave(row.getLong(1), bytes(row, 2), row.getLong(3), row.getLong(4));
        verify(grave.sum(sum), row.getLong(5), "graves", "zone " + grave.zone());
        found.add(grave);
      }
    }
    return found;
  }

  /** What became of a request, or null. */
  @Nullable Request request(String who, String id) throws SQLException, StoreException {
    PreparedStatement query =
        statement(
            "SELECT who, id, revision, at, zones, answer, sum FROM requests WHERE who = ? AND id ="
                + " ?");
    query.setString(1, who);
    query.setString(2, id);
    try (ResultSet row = query.executeQuery()) {
      if (!row.next()) {
        return null;
      }
      Request request =
          new Request(
              text(row, 1),
              text(row, 2),
              row.getLong(3),
              row.getLong(4),
              bytes(row, 5),
              bytes(row, 6));
      verify(request.sum(sum), row.getLong(7), "requests", "request " + id);
      return request;
    }
  }

  /** The checksum that is being made: for who writes on the same thread. */
  RowSum sum() {
    return sum;
  }

  /** A column of octets; null as none. */
  static byte[] bytes(ResultSet row, int column) throws SQLException {
    byte[] value = row.getBytes(column);
    return value == null ? new byte[0] : value;
  }

  private static String text(ResultSet row, int column) throws SQLException {
    String value = row.getString(column);
    return value == null ? "" : value;
  }

  /** True when a key lies behind the range that ends at {@code until}. */
  static boolean isBeyond(byte[] key, byte @Nullable [] until) {
    return until != null && Arrays.compareUnsigned(key, until) >= 0;
  }

  /** Holds a checksum against the one that was stored. */
  static void verify(long computed, long stored, String table, String key) throws StoreException {
    if (computed != stored) {
      throw Rows.damaged(table, key + " does not have the checksum that it was written with");
    }
  }

  static String hex(byte[] key) {
    return key.length == 0 ? "(first)" : "0x" + HexFormat.of().formatHex(key);
  }

  @Override
  public void close() throws SQLException {
    forgetStatements();
    connection.close();
  }
}
