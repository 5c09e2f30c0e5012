package io.flashdns.core.zone;

import static io.flashdns.core.zone.ImageLayout.*;

import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;

/**
 * Reads the records of an RRset out of an image, names in their data whole, in the order in which
 * they were given. One thread; reusable.
 */
final class RrsetReader {
  /** Any owner will do: it is left out again. */
  private static final int OWNER_OFFSET = Wire.HEADER_BYTES;

  private final byte[] bytes = new byte[1 << 16];
  private int end;
  private int record;
  private int next;

  /** Begins to read an RRset of a node. */
  RrsetReader open(Zone zone, int node, int rrset) {
    end = zone.writeWhole(node, rrset, bytes, 0, bytes.length, OWNER_OFFSET);
    next = 0;
    return this;
  }

  /** Goes to the next record; false when there is none. */
  boolean next() {
    record = next;
    if (record >= end) {
      return false;
    }
    next = record + RECORD_HEADER_BYTES + dataLength();
    return true;
  }

  int ttl() {
    return Wire.s32(bytes, record + 6);
  }

  /** The array in which the data of the record stands, until the next RRset is opened. */
  byte[] bytes() {
    return bytes;
  }

  int dataOffset() {
    return record + RECORD_HEADER_BYTES;
  }

  int dataLength() {
    return Wire.u16(bytes, record + RECORD_RDLENGTH);
  }

  /**
   * True for the types whose answers bring records of other owners with them: NS, SVCB and HTTPS.
   */
  static boolean hasTarget(int type) {
    return type == RecordType.NS || type == RecordType.SVCB || type == RecordType.HTTPS;
  }

  /**
   * Where the name of the target stands in the data of such a record that starts at {@code data};
   * -1 when it is the owner itself.
   */
  static int targetAt(int type, byte[] bytes, int data) {
    if (type == RecordType.NS) {
      return data;
    }
    return bytes[data + 2] == 0 ? -1 : data + 2;
  }
}
