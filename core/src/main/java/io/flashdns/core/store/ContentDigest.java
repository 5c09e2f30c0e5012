package io.flashdns.core.store;

import io.flashdns.core.dns.Wire;

/**
 * A digest of 64 bits of a zone's content, to see whether two nodes, or a store and what was made
 * of it, say the same. It guards against accidents, not against forgers.
 *
 * <p>The digest of a zone is the sum, modulo 2<sup>64</sup>, of the digests of its RRsets: so it
 * does not depend on their order, and a change of one RRset is one subtraction and one addition.
 * That of an RRset is taken over owner, type, TTL, number of records, and each record's data in
 * canonical order, each with its length; the SOA with its serial is one of them. Revisions are not
 * part of it.
 *
 * <p>For each eight octets {@code state = mix(state ^ word)}, where {@code mix} multiplies by an
 * odd constant and folds the upper half onto the lower: a bijection of the state, so that a
 * difference in one word alone never gets lost. The last octets of a part are padded, their number
 * in the top octet. The numbers are fixed: a digest is the same on every machine and in every
 * version.
 */
public final class ContentDigest {
  private static final long SEED = 0x466c_6173_6844_4e53L;
  private static final long ODD = 0x9e37_79b9_7f4a_7c15L;

  private ContentDigest() {}

  /** The sum over all RRsets of a block. */
  public static long of(RRsetBlock block) {
    long sum = 0;
    for (RRsetBlock.Cursor cursor = block.cursor(); cursor.next(); ) {
      sum += of(cursor);
    }
    return sum;
  }

  /** The digest of the RRset at which a cursor stands and of which no record was read yet. */
  public static long of(RRsetBlock.Cursor cursor) {
    long state =
        begin(
            cursor.ownerBytes(),
            cursor.ownerLength(),
            cursor.type(),
            cursor.ttl(),
            cursor.recordCount());
    while (cursor.nextRecord()) {
      state = part(state, cursor.dataBytes(), cursor.dataOffset(), cursor.dataLength());
    }
    return end(state);
  }

  /** The digest of an RRset. */
  public static long of(RRset rrset) {
    byte[] owner = rrset.owner().wire();
    long state = begin(owner, owner.length, rrset.type(), rrset.ttl(), rrset.data().size());
    for (RecordData data : rrset.data()) {
      state = part(state, data.octets(), 0, data.length());
    }
    return end(state);
  }

  static long begin(byte[] owner, int ownerLength, int type, int ttl, int records) {
    long state = part(SEED, owner, 0, ownerLength);
    return mix(mix(state ^ ((long) type << 32 | ttl)) ^ records);
  }

  static long part(long state, byte[] bytes, int offset, int length) {
    long now = mix(state ^ length);
    int at = offset;
    int end = offset + length;
    for (; at + 8 <= end; at += 8) {
      now = mix(now ^ Wire.s64(bytes, at));
    }
    if (at < end) {
      long last = (long) end - at;
      for (; at < end; at++) {
        last = last << 8 | (bytes[at] & 0xff);
      }
      now = mix(now ^ last);
    }
    return now;
  }

  static long end(long state) {
    return mix(mix(state ^ ODD));
  }

  private static long mix(long word) {
    long product = word * ODD;
    product ^= product >>> 32;
    product *= ODD;
    return product ^ (product >>> 29);
  }
}
