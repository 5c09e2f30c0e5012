package io.flashdns.core.store;

import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.zone.CanonicalData;
import io.flashdns.core.zone.Zone;
import java.util.Arrays;

/** Reads the content of a zone out of its image. One thread, used once. */
final class ImageContents {
  /** Any pointer: the records are read, not sent. */
  private static final int OWNER_POINTER = 12;

  private static final int RECORD_TTL = 6;
  private static final int RECORD_LENGTH = 10;
  private static final int RECORD_DATA = 12;

  private final Zone zone;
  private final RRsetBlock.Builder block;
  private final byte[] owner = new byte[Wire.MAX_NAME_BYTES];
  private int ownerLength;

  /** The records of one RRset: data, and where each begins and how long it is. */
  private byte[] data = new byte[2_048];

  private int used;
  private int[] at = new int[16];
  private int[] length = new int[16];
  private int count;
  private int ttl;

  ImageContents(Zone zone) {
    this.zone = zone;
    this.block = new RRsetBlock.Builder(zone.apex());
  }

  RRsetBlock block() {
    int nodes = zone.nodeCount();
    for (int i = 0; i < nodes; i++) {
      int node = zone.nodeInOrder(i);
      int types = zone.typeCount(node);
      if (types > 0) {
        ownerLength = zone.writeOwner(node, owner, 0);
        node(node, types);
      }
    }
    return block.build();
  }

  private void node(int node, int types) {
    boolean signed = false;
    for (int i = 0; i < types; i++) {
      signed |= zone.signatures(zone.rrsetAt(node, i)) != 0;
    }
    for (int i = 0; i < types; i++) {
      int type = zone.typeAt(node, i);
      if (signed && type > RecordType.RRSIG) {
        signatures(node, types);
        signed = false;
      }
      clear();
      read(node, zone.rrsetAt(node, i), type);
      write(type);
    }
    if (signed) {
      signatures(node, types);
    }
  }

  private void signatures(int node, int types) {
    clear();
    for (int i = 0; i < types; i++) {
      int rrset = zone.signatures(zone.rrsetAt(node, i));
      if (rrset != 0) {
        read(node, rrset, RecordType.RRSIG);
      }
    }
    write(RecordType.RRSIG);
  }

  private void clear() {
    used = 0;
    count = 0;
    ttl = Integer.MAX_VALUE;
  }

  private void read(int node, int rrset, int type) {
    int end = zone.writeWhole(node, rrset, data, used, data.length, OWNER_POINTER);
    while (end < 0) {
      data = Arrays.copyOf(data, 4 * data.length);
      end = zone.writeWhole(node, rrset, data, used, data.length, OWNER_POINTER);
    }
    while (used < end) {
      if (count == at.length) {
        at = Arrays.copyOf(at, 2 * count);
        length = Arrays.copyOf(length, 2 * count);
      }
      ttl = Math.min(ttl, Wire.s32(data, used + RECORD_TTL));
      int octets = Wire.u16(data, used + RECORD_LENGTH);
      used += RECORD_DATA;
      CanonicalData.fold(type, data, used, used + octets);
      insert(used, octets);
      used += octets;
    }
  }

  /** Puts a record at its place in canonical order; RRsets are short or come in order. */
  private void insert(int from, int octets) {
    int place = count;
    while (place > 0) {
      int order =
          Arrays.compareUnsigned(
              data, at[place - 1], at[place - 1] + length[place - 1], data, from, from + octets);
      if (order == 0) {
        return;
      }
      if (order < 0) {
        break;
      }
      place--;
    }
    System.arraycopy(at, place, at, place + 1, count - place);
    System.arraycopy(length, place, length, place + 1, count - place);
    at[place] = from;
    length[place] = octets;
    count++;
  }

  private void write(int type) {
    block.begin(owner, 0, ownerLength, type, ttl, 0, count);
    for (int i = 0; i < count; i++) {
      block.record(data, at[i], length[i]);
    }
  }
}
