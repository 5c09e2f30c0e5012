package io.flashdns.core.fuzz;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Type;

/**
 * Every record, owner and apex of a catalog, to ask whether what stands in a reply is among them: a
 * reply may hold nothing else.
 *
 * <p>Kept as hashes of 64 bits over octets in lower case. Safe for all threads once filled.
 */
final class KnownRecords {
  /**
   * Added to the TTL of a SOA record, and of its signatures, where it stands in a negative answer
   * (RFC 2308 §5).
   */
  static final int NEGATIVE = 1 << 31;

  private final Hashes records = new Hashes();
  private final Hashes owners = new Hashes();
  private final List<byte[]> apexes = new ArrayList<>();

  /** Adds the records of a zone; the names above them, up to the apex, become known as owners. */
  void addZone(Name apex, List<Record> zone) {
    apexes.add(folded(apex.toWire()));
    long negativeTtl = 0;
    // Owners of NSEC3 records do not exist for queries (RFC 5155 §7.2.8).
    Set<Name> hashed = new HashSet<>();
    for (Record rr : zone) {
      if (rr.getType() == Type.NSEC3) {
        hashed.add(rr.getName());
      }
      if (rr instanceof SOARecord soa) {
        negativeTtl = Math.min(soa.getTTL(), soa.getMinimum());
      }
    }
    for (Record rr : zone) {
      byte[] owner = folded(rr.getName().toWire());
      byte[] rdata = folded(FuzzZones.rdata(rr));
      add(owner, rr.getType(), (int) rr.getTTL(), rdata);
      if (isOfSoa(rr.getType(), rdata, 0)) {
        add(owner, rr.getType(), NEGATIVE | (int) negativeTtl, rdata);
      }
      if (!hashed.contains(rr.getName())) {
        addOwners(owner, apex.length());
      }
    }
  }

  private void addOwners(byte[] owner, int apexLength) {
    for (int at = 0; owner.length - at >= apexLength; at += 1 + owner[at]) {
      owners.add(hash(0, owner, at, owner.length - at));
      if (owner[at] == 0) {
        break;
      }
    }
  }

  /** True for SOA and for RRSIG that covers it. */
  static boolean isOfSoa(int type, byte[] bytes, int dataAt) {
    return type == Type.SOA
        || (type == Type.RRSIG && bytes[dataAt] == 0 && bytes[dataAt + 1] == Type.SOA);
  }

  private void add(byte[] owner, int type, int ttl, byte[] rdata) {
    records.add(key(hash(0, owner, 0, owner.length), type, ttl, hash(1, rdata, 0, rdata.length)));
  }

  /** The hash of a name in lower case, for {@link #isRecord} and {@link #isOwner}. */
  static long hashOfName(byte[] folded, int at, int length) {
    return hash(0, folded, at, length);
  }

  /** The hash of record data in lower case, for {@link #isRecord}. */
  static long hashOfData(byte[] folded, int at, int length) {
    return hash(1, folded, at, length);
  }

  boolean isRecord(long nameHash, int type, int ttl, long dataHash) {
    return records.contains(key(nameHash, type, ttl, dataHash));
  }

  /** True for a name that owns records in some zone of the catalog, or lies above one that does. */
  boolean isOwner(long nameHash) {
    return owners.contains(nameHash);
  }

  /** True when a name in lower case is at or below an apex. */
  boolean isServed(byte[] bytes, int at, int length) {
    for (byte[] apex : apexes) {
      int from = at;
      while (length - (from - at) > apex.length) {
        from += 1 + bytes[from];
      }
      if (length - (from - at) == apex.length
          && Arrays.equals(bytes, from, from + apex.length, apex, 0, apex.length)) {
        return true;
      }
    }
    return false;
  }

  /** A copy with A to Z in lower case, whatever the octets mean. */
  static byte[] folded(byte[] octets) {
    byte[] copy = octets.clone();
    for (int i = 0; i < copy.length; i++) {
      copy[i] = fold(copy[i]);
    }
    return copy;
  }

  static byte fold(byte octet) {
    return octet >= 'A' && octet <= 'Z' ? (byte) (octet + 'a' - 'A') : octet;
  }

  private static long key(long nameHash, int type, int ttl, long dataHash) {
    return mix(mix(nameHash, dataHash), (long) ttl << 16 | type);
  }

  private static long hash(long seed, byte[] octets, int at, int length) {
    long hash = seed;
    for (int i = at; i < at + length; i++) {
      hash = (hash ^ (octets[i] & 0xff)) * 0x0000_0100_0000_01b3L;
      hash ^= hash >>> 29;
    }
    return mix(hash, length);
  }

  private static long mix(long a, long b) {
    long z = (a ^ Long.rotateLeft(b, 23)) * 0xbf58_476d_1ce4_e5b9L + b;
    return z ^ (z >>> 32);
  }

  /** A set of longs that are not zero: open addressing, at most half full. */
  private static final class Hashes {
    private long[] slots = new long[1 << 10];
    private int size;

    void add(long hash) {
      if (contains(hash)) {
        return;
      }
      if (2 * ++size > slots.length) {
        long[] old = slots;
        slots = new long[2 * old.length];
        for (long each : old) {
          if (each != 0) {
            insert(each);
          }
        }
      }
      insert(hash);
    }

    boolean contains(long hash) {
      int slot = (int) hash & (slots.length - 1);
      while (slots[slot] != 0) {
        if (slots[slot] == hash) {
          return true;
        }
        slot = (slot + 1) & (slots.length - 1);
      }
      return false;
    }

    private void insert(long hash) {
      int slot = (int) hash & (slots.length - 1);
      while (slots[slot] != 0) {
        slot = (slot + 1) & (slots.length - 1);
      }
      slots[slot] = hash;
    }
  }
}
