package io.flashdns.core.store;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.NameKey;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.zone.CanonicalData;
import io.flashdns.core.zone.NumberOrder;
import io.flashdns.core.zone.RecordSink;
import io.flashdns.core.zone.Zone;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Makes a block of RRsets of records that come in any order: owners in canonical order, each RRset
 * with its smallest TTL (RFC 2181 §5.2), no record twice, names in lower case where RFC 4034 §6.2
 * says so.
 *
 * <p>Used once, by one thread. Records lie in one array and are sorted by their places in it, so
 * that a million of them are not a million objects; those that come in order cost one comparison
 * each. What a zone may hold is not checked here: {@link ChangeRules} does.
 *
 * <pre>
 * owner    octets of the key 16 | octets of the name 8 | key ({@link OwnerKey} below the root) | name in lower case
 * record   owner 32 | type 16 | TTL 32 | octets of data 32 | data
 * </pre>
 */
public final class ZoneContents implements RecordSink {
  private static final int MAX_BYTES = Integer.MAX_VALUE - 16;
  private static final int ROOT_BYTES = 1;
  private static final int O_KEY_LENGTH = 0;
  private static final int O_LENGTH = 2;
  private static final int O_KEY = 3;
  private static final int R_OWNER = 0;
  private static final int R_TYPE = 4;
  private static final int R_TTL = 6;
  private static final int R_LENGTH = 10;
  private static final int R_DATA = 14;

  private @Nullable DomainName apex;
  private byte[] bytes = new byte[1_024];
  private int used;
  private int[] places = new int[32];
  private int count;
  private int lastOwner = -1;
  private boolean inOrder = true;

  /** For a zone whose apex is that of the first SOA to come. */
  public ZoneContents() {}

  /** For a zone whose apex is known. */
  public ZoneContents(DomainName apex) {
    this.apex = apex.folded();
  }

  /** Records taken so far. */
  public int recordCount() {
    return count;
  }

  @Override
  public void add(
      byte[] owner,
      int ownerOffset,
      int ownerLength,
      int type,
      int ttl,
      byte[] rdata,
      int rdataOffset,
      int rdataLength,
      long position) {
    if (lastOwner < 0 || !isLastOwner(owner, ownerOffset, ownerLength)) {
      addOwner(owner, ownerOffset, ownerLength);
    }
    if (type == RecordType.SOA && apex == null) {
      apex = DomainName.ofWire(bytes, lastOwner + O_KEY + Wire.u16(bytes, lastOwner));
    }
    reserve(R_DATA + rdataLength);
    int place = used;
    Wire.put32(bytes, place + R_OWNER, lastOwner);
    Wire.put16(bytes, place + R_TYPE, type);
    Wire.put32(bytes, place + R_TTL, ttl);
    Wire.put32(bytes, place + R_LENGTH, rdataLength);
    System.arraycopy(rdata, rdataOffset, bytes, place + R_DATA, rdataLength);
    CanonicalData.fold(type, bytes, place + R_DATA, place + R_DATA + rdataLength);
    used = place + R_DATA + rdataLength;
    if (count == places.length) {
      places = Arrays.copyOf(places, count + (count >> 1));
    }
    inOrder = inOrder && (count == 0 || compare(places[count - 1], place) <= 0);
    places[count++] = place;
  }

  /** Adds an RRset. */
  public ZoneContents add(RRset rrset) {
    byte[] owner = rrset.owner().wire();
    for (RecordData data : rrset.data()) {
      add(owner, 0, owner.length, rrset.type(), rrset.ttl(), data.octets(), 0, data.length(), 0);
    }
    return this;
  }

  /**
   * The block.
   *
   * @throws IllegalArgumentException when there was neither an apex nor an SOA, or an owner is
   *     outside of the zone; the message is one sentence with the remedy
   */
  public RRsetBlock block() {
    DomainName origin = apex;
    if (origin == null) {
      throw new IllegalArgumentException(
          "the records have no SOA among them, so the zone's apex is unknown: add one");
    }
    if (!inOrder) {
      NumberOrder order = this::compare;
      order.sort(places, count);
      inOrder = true;
    }
    byte[] apexWire = origin.wire();
    RRsetBlock.Builder block = new RRsetBlock.Builder(origin);
    int checkedOwner = -1;
    for (int i = 0; i < count; ) {
      int first = places[i];
      int owner = Wire.s32(bytes, first + R_OWNER);
      int type = Wire.u16(bytes, first + R_TYPE);
      int end = i + 1;
      int different = 1;
      int ttl = Wire.s32(bytes, first + R_TTL);
      while (end < count && isSameRRset(owner, type, places[end])) {
        ttl = Math.min(ttl, Wire.s32(bytes, places[end] + R_TTL));
        different += compareData(places[end - 1], places[end]) == 0 ? 0 : 1;
        end++;
      }
      int name = owner + O_KEY + Wire.u16(bytes, owner + O_KEY_LENGTH);
      int length = Wire.u8(bytes, owner + O_LENGTH);
      if (owner != checkedOwner) {
        inside(name, length, apexWire, origin);
        checkedOwner = owner;
      }
      block.begin(bytes, name, length, type, ttl, 0, different);
      for (int j = i; j < end; j++) {
        if (j == i || compareData(places[j - 1], places[j]) != 0) {
          block.record(bytes, places[j] + R_DATA, Wire.s32(bytes, places[j] + R_LENGTH));
        }
      }
      i = end;
    }
    return block.build();
  }

  private void inside(int name, int length, byte[] apexWire, DomainName origin) {
    int skip = length - apexWire.length;
    int at = name;
    while (at < name + skip) {
      at += 1 + bytes[at];
    }
    if (skip < 0
        || at != name + skip
        || !Arrays.equals(bytes, at, name + length, apexWire, 0, apexWire.length)) {
      throw new IllegalArgumentException(
          DomainName.ofWire(bytes, name) + " is outside of the zone " + origin + ": remove it");
    }
  }

  private boolean isSameRRset(int owner, int type, int place) {
    return Wire.u16(bytes, place + R_TYPE) == type
        && compareOwners(owner, Wire.s32(bytes, place + R_OWNER)) == 0;
  }

  private boolean isLastOwner(byte[] owner, int offset, int length) {
    if (length != Wire.u8(bytes, lastOwner + O_LENGTH)) {
      return false;
    }
    int name = lastOwner + O_KEY + Wire.u16(bytes, lastOwner + O_KEY_LENGTH);
    for (int i = 0; i < length; i++) {
      if (NameKey.foldOctet(owner[offset + i]) != bytes[name + i]) {
        return false;
      }
    }
    return true;
  }

  private void addOwner(byte[] owner, int offset, int length) {
    byte[] name = DomainName.ofWire(owner, offset).folded().wire();
    if (name.length != length) {
      throw new IllegalArgumentException("the owner is not a name in wire form");
    }
    byte[] key = OwnerKey.of(name, length, ROOT_BYTES);
    reserve(O_KEY + key.length + length);
    lastOwner = used;
    Wire.put16(bytes, used + O_KEY_LENGTH, key.length);
    bytes[used + O_LENGTH] = (byte) length;
    System.arraycopy(key, 0, bytes, used + O_KEY, key.length);
    System.arraycopy(name, 0, bytes, used + O_KEY + key.length, length);
    used += O_KEY + key.length + length;
  }

  private void reserve(int more) {
    if (more > bytes.length - used) {
      long wanted = Math.max((long) used + more, bytes.length * 2L);
      if ((long) used + more > MAX_BYTES) {
        throw new IllegalArgumentException(
            "the zone has more than 2 GiB of records: split it by delegation");
      }
      bytes = Arrays.copyOf(bytes, (int) Math.min(wanted, MAX_BYTES));
    }
  }

  private int compareOwners(int a, int b) {
    if (a == b) {
      return 0;
    }
    int aKey = a + O_KEY;
    int bKey = b + O_KEY;
    return Arrays.compareUnsigned(
        bytes,
        aKey,
        aKey + Wire.u16(bytes, a + O_KEY_LENGTH),
        bytes,
        bKey,
        bKey + Wire.u16(bytes, b + O_KEY_LENGTH));
  }

  private int compareData(int a, int b) {
    int aAt = a + R_DATA;
    int bAt = b + R_DATA;
    return Arrays.compareUnsigned(
        bytes,
        aAt,
        aAt + Wire.s32(bytes, a + R_LENGTH),
        bytes,
        bAt,
        bAt + Wire.s32(bytes, b + R_LENGTH));
  }

  private int compare(int a, int b) {
    int order = compareOwners(Wire.s32(bytes, a + R_OWNER), Wire.s32(bytes, b + R_OWNER));
    if (order == 0) {
      order = Wire.u16(bytes, a + R_TYPE) - Wire.u16(bytes, b + R_TYPE);
    }
    return order != 0 ? order : compareData(a, b);
  }

  /**
   * The content of a zone image. Signatures of types that a name does not have are not in an image.
   *
   * @throws IllegalArgumentException when the image could not be read
   */
  public static RRsetBlock of(Zone zone) {
    if (zone.isUnavailable()) {
      throw new IllegalArgumentException("the image of zone " + zone.apex() + " cannot be read");
    }
    return new ImageContents(zone).block();
  }
}
