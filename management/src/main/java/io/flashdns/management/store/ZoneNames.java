package io.flashdns.management.store;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.management.store.KeyRanges.Table;
import io.flashdns.management.store.Rows.ZoneRow;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Zones that stand beside each other in an index.
 *
 * @param table the index
 * @param from the first key that is of interest, there or not
 * @param until the first that is not; null for all
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record ZoneNames(Table table, byte[] from, byte @Nullable [] until) {
  /** A zone and its key. */
  record Entry(byte[] key, long id) {}

  /** Those of a view at or below a name, behind another one. */
  static ZoneNames below(String view, DomainName top, @Nullable DomainName after) {
    byte[] first = ZoneCodec.name(view, top);
    byte[] until = behindAll(first);
    byte[] from = first;
    if (after != null) {
      byte[] behind = next(ZoneCodec.name(view, after));
      if (Arrays.compareUnsigned(behind, from) > 0) {
        from = behind;
      }
    }
    return new ZoneNames(Table.NAMES, from, until);
  }

  /** Those of all views behind a name. */
  static ZoneNames behind(@Nullable ZoneKey after) {
    byte[] from = after == null ? new byte[0] : next(ZoneCodec.name(after));
    return new ZoneNames(Table.NAMES, from, null);
  }

  /** Those of an owner with ids above one. */
  static ZoneNames of(ZoneOwner owner, long after) {
    byte[] from = ZoneCodec.ownerKey(owner, Math.max(after, 0) + 1);
    return new ZoneNames(Table.OWNERS, from, next(ZoneCodec.ownerKey(owner, Long.MAX_VALUE)));
  }

  /** The key that follows immediately. */
  private static byte[] next(byte[] key) {
    return Arrays.copyOf(key, key.length + 1);
  }

  /** The first key that is behind all that begin with a key of a name, which ends in 0. */
  private static byte[] behindAll(byte[] key) {
    byte[] behind = key.clone();
    behind[behind.length - 1] = 1;
    return behind;
  }

  /** True when a key lies in the range. */
  boolean has(byte[] key) {
    return Arrays.compareUnsigned(key, from) >= 0 && !Reads.isBeyond(key, until);
  }

  /** The same behind a key of it. */
  ZoneNames behind(byte[] key) {
    return new ZoneNames(table, next(key), until);
  }

  /** Reads the first of them as they are now. */
  List<Entry> read(Reads reads, int limit) throws SQLException, StoreException {
    List<Entry> found = new ArrayList<>(Math.clamp(limit, 0, 1_024));
    if (limit <= 0 || (until != null && Arrays.compareUnsigned(from, until) >= 0)) {
      return found;
    }
    KeyRanges.scan(
        reads,
        table,
        from,
        until,
        (key, id) -> {
          found.add(new Entry(key, id));
          return found.size() < limit;
        });
    return found;
  }

  /** The zone of an entry of names, whose row must be there and of that name. */
  static StoredZone named(@Nullable ZoneRow row, Entry entry) throws StoreException {
    if (row == null || !Arrays.equals(ZoneCodec.name(row.zone().settings().key()), entry.key())) {
      throw Rows.damaged("names", "zone " + entry.id() + " is not where its name says");
    }
    return row.zone();
  }
}
