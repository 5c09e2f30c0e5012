package io.flashdns.core.zone;

import io.flashdns.core.dns.NameKey;
import io.flashdns.core.dns.Wire;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The records of a zone while its image is being built: owners in a hash table, each with a chain
 * of its records.
 *
 * <p>Everything lies in byte segments of 1 MiB that are never copied, so a zone of a million names
 * costs about its own size and no object per record. An address is {@code segment * 2^20 + offset};
 * 0 is none. One thread.
 *
 * <pre>
 * owner   hash 64 | first record 32 | last record 32 | labels 8 | octets 8 | name, lower case
 * record  next 32 | type 16 | TTL 32 | position 64 | octets of data 16 | data
 * </pre>
 */
final class RecordTable {
  private static final int SEGMENT_BITS = 20;
  private static final int SEGMENT_BYTES = 1 << SEGMENT_BITS;
  private static final int FIRST_SEGMENT_BYTES = 4_096;
  private static final int NO_ADDRESS_BYTES = 8;
  private static final int OFFSET_MASK = SEGMENT_BYTES - 1;

  private static final int O_HASH = 0;
  private static final int O_FIRST = 8;
  private static final int O_LAST = 12;
  private static final int O_LABELS = 16;
  private static final int O_LENGTH = 17;
  private static final int O_NAME = 18;

  private static final int R_NEXT = 0;
  private static final int R_TYPE = 4;
  private static final int R_TTL = 6;
  private static final int R_POSITION = 10;
  private static final int R_LENGTH = 18;
  private static final int R_DATA = 20;

  private final List<byte[]> segments = new ArrayList<>();
  private int used = SEGMENT_BYTES;
  private int[] owners = new int[64];
  private int ownerCount;
  private int[] slots = new int[128];
  private int recordCount;
  private long dataBytes;
  private long nameBytes;

  /**
   * The owner whose name is the suffix of {@code key} that starts at {@code label}; -1 when there
   * is none.
   */
  int find(NameKey key, int label) {
    long hash = key.suffixHash(label);
    int slot = (int) hash & (slots.length - 1);
    while (slots[slot] != 0) {
      int owner = slots[slot] - 1;
      if (isNamed(owner, hash, key, label)) {
        return owner;
      }
      slot = (slot + 1) & (slots.length - 1);
    }
    return -1;
  }

  /** As {@link #find}, and adds the owner when there is none. */
  int findOrAdd(NameKey key, int label) {
    int found = find(key, label);
    if (found >= 0) {
      return found;
    }
    if (2 * (ownerCount + 1) > slots.length) {
      growSlots();
    }
    int from = key.labelOffset(label);
    int length = key.length() - from;
    int address = allocate(O_NAME + length);
    byte[] segment = segment(address);
    int at = address & OFFSET_MASK;
    long hash = key.suffixHash(label);
    Wire.put64(segment, at + O_HASH, hash);
    segment[at + O_LABELS] = (byte) (key.labels() - label);
    segment[at + O_LENGTH] = (byte) length;
    System.arraycopy(key.folded(), from, segment, at + O_NAME, length);
    if (ownerCount == owners.length) {
      owners = Arrays.copyOf(owners, ownerCount + (ownerCount >> 1));
    }
    owners[ownerCount] = address;
    insertSlot(hash, ownerCount);
    nameBytes += length;
    return ownerCount++;
  }

  /** Adds a record at the end of an owner's chain. */
  void add(int owner, int type, int ttl, byte[] rdata, int offset, int length, long position) {
    int address = allocate(R_DATA + length);
    byte[] segment = segment(address);
    int at = address & OFFSET_MASK;
    Wire.put32(segment, at + R_NEXT, 0);
    Wire.put16(segment, at + R_TYPE, type);
    Wire.put32(segment, at + R_TTL, ttl);
    Wire.put64(segment, at + R_POSITION, position);
    Wire.put16(segment, at + R_LENGTH, length);
    System.arraycopy(rdata, offset, segment, at + R_DATA, length);
    byte[] owning = segment(owners[owner]);
    int ownerAt = owners[owner] & OFFSET_MASK;
    int last = Wire.s32(owning, ownerAt + O_LAST);
    if (last == 0) {
      Wire.put32(owning, ownerAt + O_FIRST, address);
    } else {
      Wire.put32(segment(last), (last & OFFSET_MASK) + R_NEXT, address);
    }
    Wire.put32(owning, ownerAt + O_LAST, address);
    recordCount++;
    dataBytes += length;
  }

  int ownerCount() {
    return ownerCount;
  }

  int recordCount() {
    return recordCount;
  }

  /** Octets of all record data. */
  long dataBytes() {
    return dataBytes;
  }

  /** Octets of all owner names. */
  long nameBytes() {
    return nameBytes;
  }

  long hash(int owner) {
    return Wire.s64(segment(owners[owner]), (owners[owner] & OFFSET_MASK) + O_HASH);
  }

  int labels(int owner) {
    return Wire.u8(segment(owners[owner]), (owners[owner] & OFFSET_MASK) + O_LABELS);
  }

  int nameLength(int owner) {
    return Wire.u8(segment(owners[owner]), (owners[owner] & OFFSET_MASK) + O_LENGTH);
  }

  /** The array in which an owner's name stands, at {@link #nameOffset}. */
  byte[] nameBytes(int owner) {
    return segment(owners[owner]);
  }

  int nameOffset(int owner) {
    return (owners[owner] & OFFSET_MASK) + O_NAME;
  }

  /** First record of an owner, 0 for an empty non-terminal. */
  int firstRecord(int owner) {
    return Wire.s32(segment(owners[owner]), (owners[owner] & OFFSET_MASK) + O_FIRST);
  }

  int next(int rr) {
    return Wire.s32(segment(rr), (rr & OFFSET_MASK) + R_NEXT);
  }

  int type(int rr) {
    return Wire.u16(segment(rr), (rr & OFFSET_MASK) + R_TYPE);
  }

  int ttl(int rr) {
    return Wire.s32(segment(rr), (rr & OFFSET_MASK) + R_TTL);
  }

  long position(int rr) {
    return Wire.s64(segment(rr), (rr & OFFSET_MASK) + R_POSITION);
  }

  int dataLength(int rr) {
    return Wire.u16(segment(rr), (rr & OFFSET_MASK) + R_LENGTH);
  }

  /** The array in which a record's data stands, at {@link #dataOffset}. */
  byte[] dataBytes(int rr) {
    return segment(rr);
  }

  int dataOffset(int rr) {
    return (rr & OFFSET_MASK) + R_DATA;
  }

  /** First record of a type at an owner, or 0. */
  int firstOfType(int owner, int type) {
    int rr = firstRecord(owner);
    while (rr != 0 && type(rr) != type) {
      rr = next(rr);
    }
    return rr;
  }

  private byte[] segment(int address) {
    return segments.get(address >>> SEGMENT_BITS);
  }

  private int allocate(int bytes) {
    if (used + bytes > SEGMENT_BYTES) {
      if (segments.size() == 1 << (31 - SEGMENT_BITS)) {
        throw new ZoneTooLargeException();
      }
      segments.add(newSegment(segments.isEmpty() ? FIRST_SEGMENT_BYTES : SEGMENT_BYTES));
      used = segments.size() == 1 ? NO_ADDRESS_BYTES : 0;
    }
    if (segments.size() == 1
        && used + bytes + ImageLayout.SLACK_BYTES > segments.getFirst().length) {
      // Most zones are small: the first segment grows to its size by doubling.
      byte[] small = segments.getFirst();
      byte[] larger =
          newSegment(Math.min(SEGMENT_BYTES, Math.max(2 * small.length, used + 2 * bytes)));
      System.arraycopy(small, 0, larger, 0, used);
      segments.set(0, larger);
    }
    int address = (segments.size() - 1) << SEGMENT_BITS | used;
    used += bytes;
    return address;
  }

  /** The last octets stay unused, so that eight octets can be read from any octet of a name. */
  private static byte[] newSegment(int bytes) {
    return new byte[bytes + ImageLayout.SLACK_BYTES];
  }

  private boolean isNamed(int owner, long hash, NameKey key, int label) {
    byte[] segment = segment(owners[owner]);
    int at = owners[owner] & OFFSET_MASK;
    int from = key.labelOffset(label);
    int length = key.length() - from;
    return Wire.s64(segment, at + O_HASH) == hash
        && Wire.u8(segment, at + O_LENGTH) == length
        && Arrays.equals(
            segment, at + O_NAME, at + O_NAME + length, key.folded(), from, from + length);
  }

  private void growSlots() {
    slots = new int[slots.length * 2];
    for (int owner = 0; owner < ownerCount; owner++) {
      insertSlot(hash(owner), owner);
    }
  }

  private void insertSlot(long hash, int owner) {
    int slot = (int) hash & (slots.length - 1);
    while (slots[slot] != 0) {
      slot = (slot + 1) & (slots.length - 1);
    }
    slots[slot] = owner + 1;
  }

  /** The zone has more records than an image can hold. */
  static final class ZoneTooLargeException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }
}
