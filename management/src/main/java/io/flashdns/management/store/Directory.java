package io.flashdns.management.store;

import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.core.store.ZoneSettings;
import io.flashdns.management.store.KeyRanges.Table;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/**
 * Which zones live, what they are called and whose they are: tables {@code living}, {@code names}
 * and {@code owners}. Changes are gathered and written by {@link #flush}, so that an import of many
 * zones writes a row once. The writer's thread alone.
 */
final class Directory {
  private final Reads reads;
  private final KeyRanges names;
  private final KeyRanges owners;
  private final Map<Long, byte[]> living = new HashMap<>();

  Directory(Reads reads) {
    this.reads = reads;
    this.names = new KeyRanges(reads, Table.NAMES);
    this.owners = new KeyRanges(reads, Table.OWNERS);
  }

  /** Makes the rows that cover everything in a database that has none. */
  void begin() {
    names.begin();
    owners.begin();
  }

  /** The id of the zone with this name, changes included; or 0. */
  long find(byte[] name) throws SQLException, StoreException {
    return names.find(name);
  }

  void add(byte[] name, StoredZone zone) throws SQLException, StoreException {
    long id = zone.id().value();
    index(name, zone);
    setLiving(id, true);
  }

  /** Adds a zone that is among the living already. */
  void index(byte[] name, StoredZone zone) throws SQLException, StoreException {
    long id = zone.id().value();
    names.add(name, id);
    owners.add(ZoneCodec.ownerKey(zone.settings().owner(), id), id);
  }

  void remove(byte[] name, StoredZone zone) throws SQLException, StoreException {
    long id = zone.id().value();
    names.remove(name, id);
    owners.remove(ZoneCodec.ownerKey(zone.settings().owner(), id), id);
    setLiving(id, false);
  }

  /** Takes notice of another owner. */
  void change(long id, ZoneSettings before, ZoneSettings after)
      throws SQLException, StoreException {
    ZoneOwner was = before.owner();
    if (!was.equals(after.owner())) {
      owners.remove(ZoneCodec.ownerKey(was, id), id);
      owners.add(ZoneCodec.ownerKey(after.owner(), id), id);
    }
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
    names.flush();
    owners.flush();
    RowSum sum = reads.sum();
    for (Map.Entry<Long, byte[]> part : living.entrySet()) {
      PreparedStatement put =
          reads.statement("INSERT OR REPLACE INTO living(part, bits, sum) VALUES(?,?,?)");
      put.setLong(1, part.getKey());
      put.setBytes(2, part.getValue());
      put.setLong(3, sum.of('v').add(part.getKey()).add(part.getValue()).value());
      put.executeUpdate();
    }
    living.clear();
  }

  /** Drops what was gathered. */
  void forget() {
    names.forget();
    owners.forget();
    living.clear();
  }
}
