package io.flashdns.management.store;

import io.flashdns.core.store.Document;
import io.flashdns.core.store.DocumentEvent;
import io.flashdns.core.store.Octets;
import io.flashdns.core.store.StoreException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Table {@code documents}: key → value, one a row. Every row says which key comes next, so that
 * what is not found is proved not to be there; the row of the empty key, which is no document,
 * stands before all others. Number and digest of all documents are kept in the {@link Ledger}.
 *
 * <p>What is read for a change set is kept until {@link #forget}, so that it is written without
 * being read again. The writer's thread alone; what is static also serves readers.
 */
final class Documents {
  private static final String TABLE = "documents";
  private static final String COLUMNS = "SELECT key, until, revision, value, sum FROM documents ";
  private static final String FLOOR = COLUMNS + "WHERE key <= ? ORDER BY key DESC LIMIT 1";
  private static final String BEFORE = COLUMNS + "WHERE key < ? ORDER BY key DESC LIMIT 1";
  private static final String FROM = COLUMNS + "WHERE key >= ? ORDER BY key LIMIT ?";

  private static final byte[] FIRST = new byte[0];

  private final Reads reads;
  private final TreeMap<byte[], Row> known = new TreeMap<>(Arrays::compareUnsigned);

  Documents(Reads reads) {
    this.reads = reads;
  }

  /** A row; the key is empty in the first, the next is null in the last. */
  @SuppressWarnings("ArrayRecordComponent") // read and written, never compared
  private record Row(byte[] key, byte @Nullable [] until, long revision, byte[] value) {
    boolean isAt(byte[] wanted) {
      return Arrays.equals(key, wanted);
    }

    Document document() {
      String text = new String(key, StandardCharsets.UTF_8);
      return new Document(text, Octets.of(value), revision);
    }

    long sum(RowSum sum) {
      return sum.of('d').add(key).add(until).add(revision).add(value).value();
    }

    /** 64 bits of the document, wherever it stands. */
    long digest() {
      return RowSum.digest(RowSum.digest(revision, key), value);
    }
  }

  /** How many documents there are, and the exclusive or of their digests. */
  record Tally(long count, long digest) {}

  private static byte[] bytes(String key) {
    return key.getBytes(StandardCharsets.UTF_8);
  }

  // ---- reading the database --------------------------------------------------------------------

  /** A document as the database has it, or null. */
  static @Nullable Document find(Reads reads, String key) throws SQLException, StoreException {
    byte[] wanted = bytes(key);
    Row row = floor(reads, wanted);
    return wanted.length > 0 && row.isAt(wanted) ? row.document() : null;
  }

  /** Documents in order as the database has them. */
  static List<Document> list(Reads reads, String prefix, String after, int limit)
      throws SQLException, StoreException {
    List<Document> found = new ArrayList<>(Math.clamp(limit, 0, 1_024));
    if (limit <= 0) {
      return found;
    }
    byte[] begin = bytes(prefix);
    byte[] behind = bytes(after);
    // Keys have no octet 0: nothing lies between a key and the same with a 0 behind it.
    byte[] from = Arrays.copyOf(behind, behind.length + 1);
    if (Arrays.compareUnsigned(begin, from) > 0) {
      from = begin;
    }
    Row floor = floor(reads, from);
    byte[] expected = floor.isAt(from) ? from : floor.until();
    if (expected == null || !startsWith(expected, begin)) {
      return found;
    }
    PreparedStatement query = reads.statement(FROM);
    query.setBytes(1, from);
    query.setInt(2, limit);
    try (ResultSet rows = query.executeQuery()) {
      while (expected != null && startsWith(expected, begin) && found.size() < limit) {
        Row row = rows.next() ? row(reads, rows) : null;
        if (row == null || !row.isAt(expected)) {
          throw missing(expected);
        }
        found.add(row.document());
        expected = row.until();
      }
    }
    return found;
  }

  private static boolean startsWith(byte[] key, byte[] prefix) {
    return key.length >= prefix.length
        && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
  }

  /** Reads all rows; what is not in order is damage. */
  static Tally tally(Reads reads) throws SQLException, StoreException {
    long count = -1; // the first row is no document
    long digest = 0;
    byte[] expected = FIRST;
    try (PreparedStatement query = reads.prepared(COLUMNS + "ORDER BY key");
        ResultSet rows = query.executeQuery()) {
      while (rows.next()) {
        Row row = row(reads, rows);
        if (expected == null || !row.isAt(expected)) {
          throw missing(expected == null ? row.key() : expected);
        }
        if (count >= 0) {
          digest ^= row.digest();
        }
        count++;
        expected = row.until();
      }
    }
    if (expected != null) {
      throw missing(expected);
    }
    return new Tally(count, digest);
  }

  /** The row at or below a key. */
  private static Row floor(Reads reads, byte[] key) throws SQLException, StoreException {
    Row row = row(reads, FLOOR, key);
    if (row == null || Reads.isBeyond(key, row.until())) {
      throw missing(key);
    }
    return row;
  }

  private static @Nullable Row row(Reads reads, String sql, byte[] key)
      throws SQLException, StoreException {
    PreparedStatement query = reads.statement(sql);
    query.setBytes(1, key);
    try (ResultSet row = query.executeQuery()) {
      return row.next() ? row(reads, row) : null;
    }
  }

  private static Row row(Reads reads, ResultSet columns) throws SQLException, StoreException {
    Row row =
        new Row(
            Reads.bytes(columns, 1),
            columns.getBytes(2),
            columns.getLong(3),
            Reads.bytes(columns, 4));
    Reads.verify(row.sum(reads.sum()), columns.getLong(5), TABLE, shown(row.key()));
    return row;
  }

  private static StoreException.Damaged missing(byte[] key) {
    return Rows.damaged(TABLE, "the row for " + shown(key) + " is missing");
  }

  private static String shown(byte[] key) {
    return key.length == 0 ? "(first)" : new String(key, StandardCharsets.UTF_8);
  }

  // ---- the writer's ----------------------------------------------------------------------------

  /** Makes the row that stands before all others. */
  void begin() throws SQLException {
    insert(new Row(FIRST, null, 0, FIRST));
  }

  /** A document, or null. */
  @Nullable Document find(String key) throws SQLException, StoreException {
    byte[] wanted = bytes(key);
    Row row = floor(wanted);
    return wanted.length > 0 && row.isAt(wanted) ? row.document() : null;
  }

  private Row floor(byte[] key) throws SQLException, StoreException {
    Map.Entry<byte[], Row> near = known.floorEntry(key);
    if (near != null && !Reads.isBeyond(key, near.getValue().until())) {
      return near.getValue();
    }
    return keep(floor(reads, key));
  }

  private Row before(byte[] key) throws SQLException, StoreException {
    Map.Entry<byte[], Row> near = known.lowerEntry(key);
    Row row = near == null ? null : near.getValue();
    if (row == null || !Arrays.equals(row.until(), key)) {
      row = row(reads, BEFORE, key);
    }
    if (row == null || !Arrays.equals(row.until(), key)) {
      throw missing(key);
    }
    return row;
  }

  private Row keep(Row row) {
    known.put(row.key(), row);
    return row;
  }

  /** Writes what an event says of documents. */
  Tally apply(List<DocumentEvent> events, long revision, Tally before)
      throws SQLException, StoreException {
    long count = before.count();
    long digest = before.digest();
    for (DocumentEvent event : events) {
      byte[] key = bytes(event.key());
      Row row = floor(key);
      Octets after = event.after();
      boolean isThere = row.isAt(key);
      if (isThere != (event.before() != null)) {
        throw Rows.damaged(TABLE, event.key() + " is not what it was");
      }
      if (isThere) {
        digest ^= row.digest();
      }
      if (after == null) {
        remove(row);
        count--;
        continue;
      }
      Row next = new Row(key, row.until(), revision, after.array());
      digest ^= next.digest();
      if (isThere) {
        update(next);
      } else {
        insert(next);
        update(new Row(row.key(), key, row.revision(), row.value()));
        count++;
      }
    }
    return new Tally(count, digest);
  }

  private void remove(Row row) throws SQLException, StoreException {
    Row before = before(row.key());
    PreparedStatement delete = reads.statement("DELETE FROM documents WHERE key = ?");
    delete.setBytes(1, row.key());
    delete.executeUpdate();
    known.remove(row.key());
    update(new Row(before.key(), row.until(), before.revision(), before.value()));
  }

  private void insert(Row row) throws SQLException {
    write("INSERT INTO documents(until, revision, value, sum, key) VALUES(?,?,?,?,?)", row);
  }

  private void update(Row row) throws SQLException {
    write("UPDATE documents SET until = ?, revision = ?, value = ?, sum = ? WHERE key = ?", row);
  }

  private void write(String sql, Row row) throws SQLException {
    PreparedStatement put = reads.statement(sql);
    put.setBytes(1, row.until());
    put.setLong(2, row.revision());
    put.setBytes(3, row.value());
    put.setLong(4, row.sum(reads.sum()));
    put.setBytes(5, row.key());
    put.executeUpdate();
    known.put(row.key(), row);
  }

  /** Drops what is known of rows. */
  void forget() {
    known.clear();
  }

  // ---- events as octets ------------------------------------------------------------------------

  private static final byte VERSION = 1;

  /**
   * Events as octets: version 8, then of each the key, the value before and the value after: octets
   * 32 (−1: there is none), octets.
   */
  static byte[][] encode(List<DocumentEvent> events) {
    long length = 1;
    for (DocumentEvent event : events) {
      length += 12L + event.key().length() + octets(event.before()) + octets(event.after());
    }
    ByteBuffer out = ByteBuffer.allocate(Math.toIntExact(length)).put(VERSION);
    for (DocumentEvent event : events) {
      byte[] key = bytes(event.key());
      out.putInt(key.length).put(key);
      put(out, event.before());
      put(out, event.after());
    }
    return new byte[][] {out.array()};
  }

  /** Octets of a value; 0 for none. */
  static int octets(@Nullable Octets value) {
    return value == null ? 0 : value.length();
  }

  private static void put(ByteBuffer out, @Nullable Octets value) {
    if (value == null) {
      out.putInt(-1);
    } else {
      out.putInt(value.length()).put(value.array());
    }
  }

  /**
   * The same back.
   *
   * @throws IllegalArgumentException when the octets are something else
   */
  static List<DocumentEvent> decode(byte[] octets) {
    ByteBuffer in = ByteBuffer.wrap(octets);
    if (in.remaining() < 1 || in.get() != VERSION) {
      throw new IllegalArgumentException("no documents of version " + VERSION);
    }
    List<DocumentEvent> events = new ArrayList<>();
    while (in.hasRemaining()) {
      Octets key = next(in);
      if (key == null) {
        throw new IllegalArgumentException("a document without a key");
      }
      Octets before = next(in);
      Octets after = next(in);
      events.add(new DocumentEvent(key.text(), before, after));
    }
    return events;
  }

  private static @Nullable Octets next(ByteBuffer in) {
    if (in.remaining() < 4) {
      throw new IllegalArgumentException("documents end in the middle");
    }
    int length = in.getInt();
    if (length == -1) {
      return null;
    }
    if (length < 0 || length > in.remaining()) {
      throw new IllegalArgumentException("documents end in the middle");
    }
    byte[] value = new byte[length];
    in.get(value);
    return Octets.of(value);
  }
}
