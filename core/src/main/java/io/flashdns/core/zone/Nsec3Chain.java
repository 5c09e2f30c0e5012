package io.flashdns.core.zone;

import static io.flashdns.core.zone.ImageLayout.NSEC3_ENTRY_BYTES;
import static io.flashdns.core.zone.ImageLayout.NSEC3_HASH_BYTES;

import io.flashdns.core.dns.NameKey;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The NSEC3 chain of a signed zone while its image is built: which NSEC3 owner matches or covers a
 * name (RFC 5155 §7.1).
 *
 * <p>The chain is that of the first NSEC3PARAM at the apex with SHA-1, the only hash there is;
 * NSEC3 records of other parameters are data without a part in denial. Base32hex keeps the order of
 * hashes, so owners in canonical order are the chain in its own order. One thread.
 */
final class Nsec3Chain {
  private final RecordTable table;
  private final Nsec3Hash hash;
  private final int[] owners;
  private final byte[][] hashes;
  private final byte[] scratch = new byte[Wire.MAX_NAME_BYTES + 2];
  private final byte[] digest = new byte[NSEC3_HASH_BYTES];

  private Nsec3Chain(RecordTable table, Nsec3Hash hash, int[] owners, byte[][] hashes) {
    this.table = table;
    this.hash = hash;
    this.owners = owners;
    this.hashes = hashes;
  }

  /** The chain, or null when the zone has none. */
  static @Nullable Nsec3Chain of(RecordTable table, int apexOwner, int[] order) {
    for (int rr = table.firstRecord(apexOwner); rr != 0; rr = table.next(rr)) {
      if (table.type(rr) != RecordType.NSEC3PARAM) {
        continue;
      }
      Nsec3Hash hash =
          Nsec3Hash.ofParameters(table.dataBytes(rr), table.dataOffset(rr), table.dataLength(rr));
      Nsec3Chain chain = hash == null ? null : collect(table, hash, table.labels(apexOwner), order);
      if (chain != null) {
        return chain;
      }
    }
    return null;
  }

  private static @Nullable Nsec3Chain collect(
      RecordTable table, Nsec3Hash hash, int apexLabels, int[] order) {
    int[] owners = new int[order.length];
    byte[][] hashes = new byte[order.length][];
    int count = 0;
    for (int owner : order) {
      int rr = table.firstOfType(owner, RecordType.NSEC3);
      if (rr == 0
          || table.labels(owner) != apexLabels + 1
          || !hash.hasParametersOf(table.dataBytes(rr), table.dataOffset(rr))) {
        continue;
      }
      byte[] decoded = decodeBase32Hex(table.nameBytes(owner), table.nameOffset(owner));
      if (decoded != null) {
        owners[count] = owner;
        hashes[count++] = decoded;
      }
    }
    return count == 0
        ? null
        : new Nsec3Chain(table, hash, Arrays.copyOf(owners, count), Arrays.copyOf(hashes, count));
  }

  int size() {
    return owners.length;
  }

  /** The owner of a number of this chain. */
  int owner(int number) {
    return owners[number];
  }

  boolean ownsNothingElse(int owner) {
    boolean any = false;
    for (int rr = table.firstRecord(owner); rr != 0; rr = table.next(rr)) {
      switch (table.type(rr)) {
        case RecordType.NSEC3 -> any = true;
        case RecordType.RRSIG -> {}
        default -> {
          return false;
        }
      }
    }
    return any;
  }

  /** The number that matches a name, or -1. */
  int matching(NameKey name) {
    hash.hash(name.folded(), 0, name.length(), digest);
    return Math.max(-1, search(digest));
  }

  /** The number that matches or covers the wildcard child of a name. */
  int forWildcardOf(NameKey name) {
    if (name.length() + 2 > Wire.MAX_NAME_BYTES) {
      return -1;
    }
    scratch[0] = 1;
    scratch[1] = '*';
    System.arraycopy(name.folded(), 0, scratch, 2, name.length());
    hash.hash(scratch, 0, name.length() + 2, digest);
    int found = search(digest);
    if (found >= 0) {
      return found;
    }
    int before = -found - 2;
    return before < 0 ? owners.length - 1 : before;
  }

  private int search(byte[] wanted) {
    return Arrays.binarySearch(hashes, wanted, Arrays::compareUnsigned);
  }

  /** Writes hash and node offset of each of the chain. */
  void write(byte[] image, int at, int[] offset, int[] indexOf) {
    for (int i = 0; i < owners.length; i++) {
      System.arraycopy(hashes[i], 0, image, at + i * NSEC3_ENTRY_BYTES, NSEC3_HASH_BYTES);
      Wire.put32(image, at + i * NSEC3_ENTRY_BYTES + NSEC3_HASH_BYTES, offset[indexOf[owners[i]]]);
    }
  }

  /** The 20 octets that a label of 32 base32hex digits says (RFC 4648 §7), or null. */
  private static byte @Nullable [] decodeBase32Hex(byte[] name, int labelAt) {
    if (name[labelAt] != 32) {
      return null;
    }
    byte[] out = new byte[NSEC3_HASH_BYTES];
    for (int i = 0; i < 32; i++) {
      int digit = Character.digit(name[labelAt + 1 + i], 32);
      if (digit < 0) {
        return null;
      }
      int bit = i * 5;
      int word = digit << (11 - bit % 8);
      out[bit / 8] |= (byte) (word >>> 8);
      if (bit / 8 + 1 < NSEC3_HASH_BYTES) {
        out[bit / 8 + 1] |= (byte) word;
      }
    }
    return out;
  }
}
