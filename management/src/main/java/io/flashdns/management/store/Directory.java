package io.flashdns.management.store;

import io.flashdns.core.store.StoreException;
import io.flashdns.management.store.Rows.NamesRow;
import java.nio.ByteBuffer;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which zones live: tables {@code names} and {@code living}. Changes are gathered and written by
 * {@link #flush}, so that an import of many zones writes a row once. The writer's thread alone;
 * {@link #find} also serves readers.
 */
final class Directory {
  /** Octets of a row of names, so that four of them lie in a page of the database. */
  private static final int TARGET_BYTES = 800;

  private final Reads reads;
  private final TreeMap<byte[], Range> ranges = new TreeMap<>(Arrays::compareUnsigned);
  private final List<byte[]> gone = new ArrayList<>();
  private final Map<Long, byte[]> living = new HashMap<>();

  Directory(Reads reads) {
    this.reads = reads;
  }

  /** A row of names that was read or changed. */
  private static final class Range {
    final byte[] first;
    byte @Nullable [] until;
    final List<byte[]> names;
    final List<Long> ids;
    int octets;
    boolean isChanged;

    Range(byte[] first, byte @Nullable [] until, List<byte[]> names, List<Long> ids) {
      this.first = first;
      this.until = until;
      this.names = names;
      this.ids = ids;
      for (byte[] name : names) {
        octets += entryBytes(name);
      }
    }

    int indexOf(byte[] name) {
      int low = 0;
      int high = names.size() - 1;
      while (low <= high) {
        int middle = (low + high) >>> 1;
        int order = Arrays.compareUnsigned(names.get(middle), name);
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

  private static int entryBytes(byte[] name) {
    return 2 + name.length + 8;
  }

  /** Makes the row that covers everything in a database that has none. */
  void begin() {
    byte[] first = new byte[0];
    Range all = new Range(first, null, new ArrayList<>(), new ArrayList<>());
    all.isChanged = true;
    ranges.put(first, all);
  }

  /** The id of the zone with this name as the database has it, or 0. */
  static long find(Reads reads, byte[] name) throws SQLException, StoreException {
    NamesRow row = reads.names(name);
    ByteBuffer in = ByteBuffer.wrap(row.entries());
    while (in.hasRemaining()) {
      int length = in.getShort() & 0xffff;
      int at = in.position();
      if (Arrays.equals(row.entries(), at, at + length, name, 0, name.length)) {
        return in.getLong(at + length);
      }
      in.position(at + length + 8);
    }
    return 0;
  }

  /** The id of the zone with this name, changes included; or 0. */
  long find(byte[] name) throws SQLException, StoreException {
    Range range = range(name);
    int index = range.indexOf(name);
    return index < 0 ? 0 : range.ids.get(index);
  }

  void add(byte[] name, long id) throws SQLException, StoreException {
    Range range = range(name);
    int index = range.indexOf(name);
    if (index >= 0) {
      throw Rows.damaged("names", "zone " + id + " has the name of zone " + range.ids.get(index));
    }
    range.names.add(-index - 1, name);
    range.ids.add(-index - 1, id);
    range.octets += entryBytes(name);
    range.isChanged = true;
    setLiving(id, true);
    if (range.octets > TARGET_BYTES && range.names.size() > 1) {
      splitAt(range, -index - 1 == range.names.size() - 1 ? range.names.size() - 1 : -1);
    }
  }

  /** In an import in order the new name is the last: then the old row stays full. */
  private void splitAt(Range range, int wanted) {
    int at = wanted < 0 ? range.names.size() / 2 : wanted;
    byte[] middle = range.names.get(at);
    List<byte[]> names = range.names.subList(at, range.names.size());
    List<Long> ids = range.ids.subList(at, range.ids.size());
    Range right = new Range(middle, range.until, new ArrayList<>(names), new ArrayList<>(ids));
    names.clear();
    ids.clear();
    range.octets -= right.octets;
    range.until = middle;
    right.isChanged = true;
    ranges.put(middle, right);
  }

  void remove(byte[] name, long id) throws SQLException, StoreException {
    Range range = range(name);
    int index = range.indexOf(name);
    if (index < 0 || range.ids.get(index) != id) {
      throw Rows.damaged("names", "zone " + id + " is not at its name");
    }
    range.octets -= entryBytes(range.names.remove(index));
    range.ids.remove(index);
    range.isChanged = true;
    setLiving(id, false);
    if (range.names.isEmpty() && range.first.length > 0) {
      Range before = rangeBefore(range.first);
      before.until = range.until;
      before.isChanged = true;
      ranges.remove(range.first);
      gone.add(range.first);
    }
  }

  private Range range(byte[] name) throws SQLException, StoreException {
    Map.Entry<byte[], Range> near = ranges.floorEntry(name);
    if (near != null) {
      byte[] until = near.getValue().until;
      if (until == null || Arrays.compareUnsigned(name, until) < 0) {
        return near.getValue();
      }
    }
    return load(reads.names(name));
  }

  private Range rangeBefore(byte[] first) throws SQLException, StoreException {
    Map.Entry<byte[], Range> near = ranges.lowerEntry(first);
    if (near != null && Arrays.equals(near.getValue().until, first)) {
      return near.getValue();
    }
    return load(reads.namesBefore(first));
  }

  private Range load(NamesRow row) {
    List<byte[]> names = new ArrayList<>();
    List<Long> ids = new ArrayList<>();
    ByteBuffer in = ByteBuffer.wrap(row.entries());
    while (in.hasRemaining()) {
      byte[] name = new byte[in.getShort() & 0xffff];
      in.get(name);
      names.add(name);
      ids.add(in.getLong());
    }
    Range range = new Range(row.first(), row.until(), names, ids);
    ranges.put(row.first(), range);
    return range;
  }

  private void setLiving(long id, boolean lives) throws SQLException, StoreException {
    long part = id / Rows.IDS_A_PART;
    byte[] bits = living.get(part);
    if (bits == null) {
      bits = reads.livingPartOrNull(part);
      if (bits == null) {
        if (reads.ledger().lastZone() >= part * Rows.IDS_A_PART) {
          throw Rows.damaged("living", "the row of part " + part + " is missing");
        }
        bits = new byte[Rows.IDS_A_PART / 8];
      }
      living.put(part, bits);
    }
    int bit = (int) (id % Rows.IDS_A_PART);
    int mask = 1 << (bit & 7);
    bits[bit >> 3] = (byte) (lives ? bits[bit >> 3] | mask : bits[bit >> 3] & ~mask);
  }

  /** Writes what was gathered. */
  void flush() throws SQLException {
    RowSum sum = reads.sum();
    for (byte[] first : gone) {
      if (!ranges.containsKey(first)) {
        PreparedStatement delete = reads.statement("DELETE FROM names WHERE first = ?");
        delete.setBytes(1, first);
        delete.executeUpdate();
      }
    }
    for (Range range : ranges.values()) {
      if (!range.isChanged) {
        continue;
      }
      ByteBuffer entries = ByteBuffer.allocate(range.octets);
      for (int i = 0; i < range.names.size(); i++) {
        byte[] name = range.names.get(i);
        entries.putShort((short) name.length).put(name).putLong(range.ids.get(i));
      }
      PreparedStatement put =
          reads.statement(
              "INSERT OR REPLACE INTO names(first, until, entries, sum) VALUES(?,?,?,?)");
      put.setBytes(1, range.first);
      put.setBytes(2, range.until);
      put.setBytes(3, entries.array());
      put.setLong(4, NamesRow.sum(sum, range.first, range.until, entries.array()));
      put.executeUpdate();
    }
    for (Map.Entry<Long, byte[]> part : living.entrySet()) {
      PreparedStatement put =
          reads.statement("INSERT OR REPLACE INTO living(part, bits, sum) VALUES(?,?,?)");
      put.setLong(1, part.getKey());
      put.setBytes(2, part.getValue());
      put.setLong(3, sum.of('v').add(part.getKey()).add(part.getValue()).value());
      put.executeUpdate();
    }
    forget();
  }

  /** Drops what was gathered. */
  void forget() {
    ranges.clear();
    gone.clear();
    living.clear();
  }
}
