package io.flashdns.core.zone;

import static io.flashdns.core.zone.ImageLayout.*;

import io.flashdns.core.dns.NameKey;
import io.flashdns.core.dns.RecordClass;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import java.util.Arrays;

/**
 * Writes the data of one RRset as it stands in an image: records in wire form, names compressed
 * where the type allows it, with markers instead of pointers. One thread; reusable.
 *
 * <p>A name is replaced from its first label on whose rest stands somewhere a pointer can reach:
 * the apex, the owner, or one of the first {@value #MAX_REMEMBERED} name endings of the same RRset.
 * The bound keeps an RRset of thousands of names from costing the square of its size.
 */
final class RrsetEncoder {
  private static final int MAX_REMEMBERED = 96;

  private final byte[] apex;
  private byte[] data = new byte[1_024];
  private int length;
  private int wholeLength;
  private int[] pointers = new int[64];
  private int pointerCount;

  private final int[] rememberedAt = new int[MAX_REMEMBERED];
  private final int[] rememberedLength = new int[MAX_REMEMBERED];
  private final byte[][] rememberedBytes = new byte[MAX_REMEMBERED][];
  private final int[] rememberedOffset = new int[MAX_REMEMBERED];
  private int remembered;

  private byte[] owner = new byte[0];
  private int ownerOffset;
  private int ownerLength;
  private boolean ownerIsWildcard;

  RrsetEncoder(byte[] apex) {
    this.apex = apex;
  }

  /** Begins an RRset of the owner whose folded name stands at {@code offset}. */
  void begin(byte[] ownerBytes, int offset, int octets) {
    owner = ownerBytes;
    ownerOffset = offset;
    ownerLength = octets;
    ownerIsWildcard = ownerBytes[offset] == 1 && ownerBytes[offset + 1] == '*';
    length = 0;
    wholeLength = 0;
    pointerCount = 0;
    remembered = 0;
  }

  /** Adds a record; false when the RRset became larger than can be served. */
  boolean add(int type, int ttl, byte[] rdata, int offset, int octets) {
    // Whole names count: beyond 16 KiB no pointer reaches, and the RRset must still fit into a
    // message.
    wholeLength += RECORD_HEADER_BYTES + octets;
    if (wholeLength > MAX_RRSET_BYTES) {
      return false;
    }
    if (length + RECORD_HEADER_BYTES + octets > data.length) {
      data = Arrays.copyOf(data, 2 * (length + RECORD_HEADER_BYTES + octets));
    }
    int record = length;
    Wire.put16(data, record, Wire.POINTER);
    Wire.put16(data, record + 2, type);
    Wire.put16(data, record + 4, RecordClass.IN);
    Wire.put32(data, record + 6, ttl);
    length += RECORD_HEADER_BYTES;
    if (RecordType.mayCompress(type)) {
      int from = offset;
      int end = offset + octets;
      if (type == RecordType.MX) {
        copy(rdata, from, 2);
        from += 2;
      }
      from = addName(rdata, from);
      if (type == RecordType.SOA || type == RecordType.MINFO) {
        from = addName(rdata, from);
      }
      copy(rdata, from, end - from);
    } else {
      copy(rdata, offset, octets);
    }
    Wire.put16(data, record + RECORD_RDLENGTH, length - record - RECORD_HEADER_BYTES);
    return true;
  }

  private void copy(byte[] from, int offset, int octets) {
    System.arraycopy(from, offset, data, length, octets);
    length += octets;
  }

  private int addName(byte[] bytes, int offset) {
    int end = offset;
    while (bytes[end] != 0) {
      end += 1 + bytes[end];
    }
    end++;
    for (int at = offset; bytes[at] != 0; at += 1 + bytes[at]) {
      int marker = reference(bytes, at, end - at);
      if (marker != 0) {
        if (pointerCount == pointers.length) {
          pointers = Arrays.copyOf(pointers, 2 * pointerCount);
        }
        pointers[pointerCount++] = length;
        Wire.put16(data, length, marker);
        length += 2;
        return end;
      }
      if (remembered < MAX_REMEMBERED && length <= DISTANCE_MASK) {
        rememberedAt[remembered] = length;
        rememberedLength[remembered] = end - at;
        rememberedBytes[remembered] = bytes;
        rememberedOffset[remembered++] = at;
      }
      copy(bytes, at, 1 + bytes[at]);
    }
    data[length++] = 0;
    return end;
  }

  /** The marker for a name ending that a pointer can stand for, or 0. */
  private int reference(byte[] bytes, int at, int octets) {
    int above = apex.length - octets;
    if (above >= 0 && isLabelStart(above) && same(bytes, at, apex, above, octets)) {
      return KIND_APEX | above;
    }
    if (!ownerIsWildcard && octets == ownerLength && same(bytes, at, owner, ownerOffset, octets)) {
      return KIND_OWNER;
    }
    for (int i = 0; i < remembered; i++) {
      if (rememberedLength[i] == octets
          && same(bytes, at, rememberedBytes[i], rememberedOffset[i], octets)) {
        return KIND_BLOCK | rememberedAt[i];
      }
    }
    return 0;
  }

  /**
   * Where a whole name can be pointed at once this RRset is in a reply, as kind and distance, or 0.
   * Also for names of types that are not compressed: they stand in the data as they are, at {@code
   * position}.
   */
  int referenceTo(byte[] name, int at, int octets, int position) {
    int marker = octets > 1 ? reference(name, at, octets) : 0;
    return marker != 0 || position > DISTANCE_MASK || position < 0 ? marker : KIND_BLOCK | position;
  }

  private boolean isLabelStart(int offset) {
    int at = 0;
    while (at < offset) {
      at += 1 + apex[at];
    }
    return at == offset;
  }

  private static boolean same(byte[] a, int aAt, byte[] b, int bAt, int octets) {
    for (int i = 0; i < octets; i++) {
      if (NameKey.foldOctet(a[aAt + i]) != NameKey.foldOctet(b[bAt + i])) {
        return false;
      }
    }
    return true;
  }

  byte[] data() {
    return data;
  }

  int length() {
    return length;
  }

  int pointerCount() {
    return pointerCount;
  }

  int pointer(int index) {
    return pointers[index];
  }
}
