package io.flashdns.core.store;

import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;

/**
 * Counts the content of a zone anew, to be held against what its {@link StoredZone} says. One
 * thread.
 */
public final class ContentTally {
  private int names;
  private int rrsets;
  private int records;
  private long digest;
  private long serial = -1;

  /** Adds a block; all RRsets of an owner stand in one. */
  public ContentTally add(RRsetBlock block) {
    for (RRsetBlock.Cursor cursor = block.cursor(); cursor.next(); ) {
      if (cursor.ownerChanged()) {
        names++;
      }
      rrsets++;
      records += cursor.recordCount();
      digest += ContentDigest.of(cursor);
      if (cursor.type() == RecordType.SOA
          && cursor.dataLength() >= Serials.BYTES_FROM_SERIAL
          && cursor.ownerLength() == cursor.originLength()) {
        serial =
            Wire.u32(
                cursor.dataBytes(),
                cursor.dataOffset() + cursor.dataLength() - Serials.BYTES_FROM_SERIAL);
      }
    }
    return this;
  }

  /** Adds what a reader has left, and closes it. */
  public ContentTally add(ContentView.ContentReader reader) throws StoreException {
    try (reader) {
      for (RRsetBlock block = reader.next(); block != null; block = reader.next()) {
        add(block);
      }
    }
    return this;
  }

  /** What differs from what a zone says of itself: a sentence, or empty when nothing does. */
  public String difference(StoredZone zone) {
    String name = "zone " + zone.settings().key().apex();
    if (zone.nameCount() != names) {
      return name + " says it has " + zone.nameCount() + " names, it has " + names;
    }
    if (zone.rrsetCount() != rrsets) {
      return name + " says it has " + zone.rrsetCount() + " RRsets, it has " + rrsets;
    }
    if (zone.recordCount() != records) {
      return name + " says it has " + zone.recordCount() + " records, it has " + records;
    }
    if (zone.serial() != serial) {
      return name + " says its serial is " + zone.serial() + ", it is " + serial;
    }
    if (zone.digest() != digest) {
      return name
          + " says its digest is "
          + Long.toHexString(zone.digest())
          + ", it is "
          + Long.toHexString(digest);
    }
    return "";
  }

  /** Owners with records. */
  public int names() {
    return names;
  }

  /** RRsets. */
  public int rrsets() {
    return rrsets;
  }

  /** Records. */
  public int records() {
    return records;
  }

  /** See {@link ContentDigest}. */
  public long digest() {
    return digest;
  }

  /** The SOA's serial, −1 when no SOA was seen. */
  public long serial() {
    return serial;
  }
}
