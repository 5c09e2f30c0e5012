package io.flashdns.management.store;

import io.flashdns.core.store.StoreException;
import java.nio.ByteBuffer;
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
 * A table of keys in order, each with the id of a zone, some thirty keys a row. Every row says
 * where the next one begins, so that what is not found is proved not to be there, for one key as
 * for a range of them.
 *
 * <p>Changes are gathered and written by {@link #flush}, so that an import of many zones writes a
 * row once. The writer's thread alone; what is static also serves readers.
 */
final class KeyRanges {
  /** Octets of a row, so that four of them lie in a page of the database. */
  private static final int TARGET_BYTES = 800;

  private static final byte[] FIRST = new byte[0];

  /** Which table. */
  enum Table {
    /** {@link ZoneCodec#name} of every living zone. */
    NAMES("names", 'n'),
    /** {@link ZoneCodec#ownerKey} of every living zone. */
    OWNERS("owners", 'o');

    private final String label;
    private final char mark;
    private final String floor;
    private final String before;
    private final String at;
    private final String put;
    private final String delete;

    Table(String label, char mark) {
      this.label = label;
      this.mark = mark;
      String select = "SELECT first, until, entries, sum FROM " + label + " WHERE first ";
      this.floor = select + "<= ? ORDER BY first DESC LIMIT 1";
      this.before = select + "< ? ORDER BY first DESC LIMIT 1";
      this.at = select + "= ?";
      this.put = "INSERT OR REPLACE INTO " + label + "(first, until, entries, sum) VALUES(?,?,?,?)";
      this.delete = "DELETE FROM " + label + " WHERE first = ?";
    }

    String label() {
      return label;
    }
  }

  /** Takes keys in order. */
  interface Sink {
    /** The next one; false to have no more. */
    boolean take(byte[] key, long id) throws SQLException, StoreException;
  }

  private final Reads reads;
  private final Table table;
  private final TreeMap<byte[], Range> ranges = new TreeMap<>(Arrays::compareUnsigned);
  private final List<byte[]> gone = new ArrayList<>();

  KeyRanges(Reads reads, Table table) {
    this.reads = reads;
    this.table = table;
  }

  /** A row as it is in the database. */
  @SuppressWarnings("ArrayRecordComponent") // read and written, never compared
  private record Row(byte[] first, byte @Nullable [] until, byte[] entries) {
    static long sum(
        RowSum sum, Table table, byte[] first, byte @Nullable [] until, byte[] entries) {
      return sum.of(table.mark).add(first).add(until).add(entries).value();
    }
  }

  /** A row that was read or changed. */
  private static final class Range {
    final byte[] first;
    byte @Nullable [] until;
    final List<byte[]> keys;
    final List<Long> ids;
    int octets;
    boolean isChanged;

    Range(byte[] first, byte @Nullable [] until, List<byte[]> keys, List<Long> ids) {
      this.first = first;
      this.until = until;
      this.keys = keys;
      this.ids = ids;
      for (byte[] key : keys) {
        octets += entryBytes(key);
      }
    }

    int indexOf(byte[] key) {
      int low = 0;
      int high = keys.size() - 1;
      while (low <= high) {
        int middle = (low + high) >>> 1;
        int order = Arrays.compareUnsigned(keys.get(middle), key);
        if (order == 0) {
          return middle;
        } else if (order < 0) {
          low = middle + 1;
        } else {
          high = middle - 1;
        }
      }
      return -low - 1;
    }
  }

  private static int entryBytes(byte[] key) {
    return 2 + key.length + 8;
  }

  // ---- reading the database --------------------------------------------------------------------

  /** The id at a key as the database has it, or 0. */
  static long find(Reads reads, Table table, byte[] key) throws SQLException, StoreException {
    byte[] entries = covering(reads, table, key).entries();
    ByteBuffer in = ByteBuffer.wrap(entries);
    while (in.hasRemaining()) {
      int length = in.getShort() & 0xffff;
      int at = in.position();
      if (Arrays.equals(entries, at, at + length, key, 0, key.length)) {
        return in.getLong(at + length);
      }
      in.position(at + length + 8);
    }
    return 0;
  }

  /**
   * Gives the keys of a range in order, as the database has them. Reads the rows that hold them and
   * no others.
   *
   * @param from the first key that is of interest, there or not
   * @param until the first that is not; null for all
   */
  static void scan(Reads reads, Table table, byte[] from, byte @Nullable [] until, Sink sink)
      throws SQLException, StoreException {
    Row row = covering(reads, table, from);
    while (true) {
      ByteBuffer in = ByteBuffer.wrap(row.entries());
      while (in.hasRemaining()) {
        byte[] key = new byte[in.getShort() & 0xffff];
        in.get(key);
        long id = in.getLong();
        if (Arrays.compareUnsigned(key, from) < 0) {
          continue;
        }
        if ((until != null && Arrays.compareUnsigned(key, until) >= 0) || !sink.take(key, id)) {
          return;
        }
      }
      byte[] next = row.until();
      if (next == null || (until != null && Arrays.compareUnsigned(next, until) >= 0)) {
        return;
      }
      row = at(reads, table, next);
    }
  }

  /** Reads all rows; what is not in order is damage. */
  static void verify(Reads reads, Table table, Sink sink) throws SQLException, StoreException {
    Row row = at(reads, table, FIRST);
    byte[] last = null;
    long rows = 0;
    while (true) {
      rows++;
      byte[] next = row.until();
      ByteBuffer in = ByteBuffer.wrap(row.entries());
      while (in.hasRemaining()) {
        if (in.remaining() < 10 || (in.getShort(in.position()) & 0xffff) + 10 > in.remaining()) {
          throw Rows.damaged(table.label, Reads.hex(row.first()));
        }
        byte[] key = new byte[in.getShort() & 0xffff];
        in.get(key);
        if (Arrays.compareUnsigned(key, row.first()) < 0
            || Reads.isBeyond(key, next)
            || (last != null && Arrays.compareUnsigned(key, last) <= 0)) {
          throw Rows.damaged(table.label, Reads.hex(key) + " is not where it belongs");
        }
        last = key;
        boolean _ = sink.take(key, in.getLong());
      }
      if (next == null) {
        break;
      }
      row = at(reads, table, next);
    }
    long stored = reads.number("SELECT count(*) FROM " + table.label);
    if (stored != rows) {
      throw Rows.damaged(table.label, "there are " + stored + " rows, " + rows + " belong to it");
    }
  }

  /** The row in whose range {@code key} is. */
  private static Row covering(Reads reads, Table table, byte[] key)
      throws SQLException, StoreException {
    Row row = row(reads, table, table.floor, key);
    if (row == null || Reads.isBeyond(key, row.until())) {
      throw Rows.damaged(table.label, "the row for " + Reads.hex(key) + " is missing");
    }
    return row;
  }

  /** The row that begins at {@code first}, where another ends. */
  private static Row at(Reads reads, Table table, byte[] first)
      throws SQLException, StoreException {
    Row row = row(reads, table, table.at, first);
    if (row == null) {
      throw Rows.damaged(table.label, "the row " + Reads.hex(first) + " is missing");
    }
    return row;
  }

  /** The row whose range ends at {@code first}. */
  private static Row before(Reads reads, Table table, byte[] first)
      throws SQLException, StoreException {
    Row row = row(reads, table, table.before, first);
    if (row == null || !Arrays.equals(row.until(), first)) {
      throw Rows.damaged(table.label, "the row before " + Reads.hex(first) + " is missing");
    }
    return row;
  }

  private static @Nullable Row row(Reads reads, Table table, String sql, byte[] key)
      throws SQLException, StoreException {
    PreparedStatement query = reads.statement(sql);
    query.setBytes(1, key);
    try (ResultSet row = query.executeQuery()) {
      if (!row.next()) {
        return null;
      }
      byte[] first = Reads.bytes(row, 1);
      byte[] until = row.getBytes(2);
      byte[] entries = Reads.bytes(row, 3);
      Reads.verify(
          Row.sum(reads.sum(), table, first, until, entries),
          row.getLong(4),
          table.label,
          Reads.hex(first));
      return new Row(first, until, entries);
    }
  }

  // ---- the writer's ----------------------------------------------------------------------------

  /** Makes the row that covers everything in a table that has none. */
  void begin() {
    Range all = new Range(FIRST, null, new ArrayList<>(), new ArrayList<>());
    all.isChanged = true;
    ranges.put(FIRST, all);
  }

  /** The id at a key, changes included; or 0. */
  long find(byte[] key) throws SQLException, StoreException {
    Range range = range(key);
    int index = range.indexOf(key);
    return index < 0 ? 0 : range.ids.get(index);
  }

  void add(byte[] key, long id) throws SQLException, StoreException {
    Range range = range(key);
    int index = range.indexOf(key);
    if (index >= 0) {
      throw Rows.damaged(
          table.label, "zone " + id + " has the key of zone " + range.ids.get(index));
    }
    range.keys.add(-index - 1, key);
    range.ids.add(-index - 1, id);
    range.octets += entryBytes(key);
    range.isChanged = true;
    if (range.octets > TARGET_BYTES && range.keys.size() > 1) {
      splitAt(range, -index - 1 == range.keys.size() - 1 ? range.keys.size() - 1 : -1);
    }
  }

  /** In an import in order the new key is the last: then the old row stays full. */
  private void splitAt(Range range, int wanted) {
    int at = wanted < 0 ? range.keys.size() / 2 : wanted;
    byte[] middle = range.keys.get(at);
    List<byte[]> keys = range.keys.subList(at, range.keys.size());
    List<Long> ids = range.ids.subList(at, range.ids.size());
    Range right = new Range(middle, range.until, new ArrayList<>(keys), new ArrayList<>(ids));
    keys.clear();
    ids.clear();
    range.octets -= right.octets;
    range.until = middle;
    right.isChanged = true;
    ranges.put(middle, right);
  }

  void remove(byte[] key, long id) throws SQLException, StoreException {
    Range range = range(key);
    int index = range.indexOf(key);
    if (index < 0 || range.ids.get(index) != id) {
      throw Rows.damaged(table.label, "zone " + id + " is not at its key");
    }
    range.octets -= entryBytes(range.keys.remove(index));
    range.ids.remove(index);
    range.isChanged = true;
    if (range.keys.isEmpty() && range.first.length > 0) {
      Range before = rangeBefore(range.first);
      before.until = range.until;
      before.isChanged = true;
      ranges.remove(range.first);
      gone.add(range.first);
    }
  }

  private Range range(byte[] key) throws SQLException, StoreException {
    Map.Entry<byte[], Range> near = ranges.floorEntry(key);
    if (near != null && !Reads.isBeyond(key, near.getValue().until)) {
      return near.getValue();
    }
    return load(covering(reads, table, key));
  }

  private Range rangeBefore(byte[] first) throws SQLException, StoreException {
    Map.Entry<byte[], Range> near = ranges.lowerEntry(first);
    if (near != null && Arrays.equals(near.getValue().until, first)) {
      return near.getValue();
    }
    return load(before(reads, table, first));
  }

  private Range load(Row row) {
    List<byte[]> keys = new ArrayList<>();
    List<Long> ids = new ArrayList<>();
    ByteBuffer in = ByteBuffer.wrap(row.entries());
    while (in.hasRemaining()) {
      byte[] key = new byte[in.getShort() & 0xffff];
      in.get(key);
      keys.add(key);
      ids.add(in.getLong());
    }
    Range range = new Range(row.first(), row.until(), keys, ids);
    ranges.put(row.first(), range);
    return range;
  }

  /** Writes what was gathered. */
  void flush() throws SQLException {
    for (byte[] first : gone) {
      if (!ranges.containsKey(first)) {
        PreparedStatement delete = reads.statement(table.delete);
        delete.setBytes(1, first);
        delete.executeUpdate();
      }
    }
    for (Range range : ranges.values()) {
      if (range.isChanged) {
        write(range);
      }
    }
    forget();
  }

  private void write(Range range) throws SQLException {
    ByteBuffer entries = ByteBuffer.allocate(range.octets);
    for (int i = 0; i < range.keys.size(); i++) {
      byte[] key = range.keys.get(i);
      entries.putShort((short) key.length).put(key).putLong(range.ids.get(i));
    }
    PreparedStatement put = reads.statement(table.put);
    put.setBytes(1, range.first);
    put.setBytes(2, range.until);
    put.setBytes(3, entries.array());
    put.setLong(4, Row.sum(reads.sum(), table, range.first, range.until, entries.array()));
    put.executeUpdate();
  }

  /** Drops what was gathered. */
  void forget() {
    ranges.clear();
    gone.clear();
  }
}
