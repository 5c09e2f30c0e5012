package io.flashdns.core.store;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.zone.RecordSink;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * RRsets of one zone, one after the other in one array: what stores keep, events carry, and images
 * are built from.
 *
 * <p>In canonical order of the owners (RFC 4034 §6.1), at one owner in the order of the types, no
 * RRset twice. Immutable. A record takes some twelve octets more than its data. All numbers are
 * big-endian; a varint has seven bits an octet, the lowest first.
 *
 * <pre>
 * block   version 8 | base revision 64 | RRsets 32 | records 32 | origin: octets 8, name in lower case
 * RRset   owner: octets of the part below the origin 8, that part; or {@value #SAME_OWNER}: the one before
 *         type 16 | TTL varint | revision minus base revision, zigzag varint | records varint
 *         for each record: octets of data varint, data
 * </pre>
 *
 * <p>RRSIG records of one owner stand in one RRset, whatever they cover; {@link #writeTo} gives
 * each the TTL of what it covers (RFC 4034 §3).
 */
public final class RRsetBlock {
  private static final int VERSION = 1;
  private static final int B_REVISION = 1;
  private static final int B_RRSETS = 9;
  private static final int B_RECORDS = 13;
  private static final int B_ORIGIN = 17;
  private static final int SAME_OWNER = 255;
  private static final int MAX_BYTES = Integer.MAX_VALUE - 16;

  private final byte[] bytes;

  private RRsetBlock(byte[] bytes) {
    this.bytes = bytes;
  }

  /** A block without RRsets. */
  public static RRsetBlock empty(DomainName origin) {
    return new Builder(origin).build();
  }

  /**
   * Takes over what {@link #encoded} gave.
   *
   * @throws IllegalArgumentException when it is no block; what is inside is looked at when it is
   *     read
   */
  public static RRsetBlock ofEncoded(byte[] encoded) {
    if (encoded.length <= B_ORIGIN
        || encoded[0] != VERSION
        || encoded.length < B_ORIGIN + 1 + Wire.u8(encoded, B_ORIGIN)) {
      throw new IllegalArgumentException(
          "these " + encoded.length + " octets are no block of RRsets");
    }
    return new RRsetBlock(encoded);
  }

  /** The block as octets: to be kept, never to be written. */
  public byte[] encoded() {
    return bytes;
  }

  /** The name that all owners are at or below: the apex of their zone. */
  public DomainName origin() {
    return DomainName.ofWire(bytes, B_ORIGIN + 1);
  }

  /** Number of RRsets. */
  public int rrsetCount() {
    return Wire.s32(bytes, B_RRSETS);
  }

  /** Number of records. */
  public int recordCount() {
    return Wire.s32(bytes, B_RECORDS);
  }

  /** True when it holds nothing. */
  public boolean isEmpty() {
    return rrsetCount() == 0;
  }

  /** The same with all revisions moved so that those built with revision 0 have this one. */
  public RRsetBlock stamped(long revision) {
    byte[] copy = bytes.clone();
    Wire.put64(copy, B_REVISION, revision);
    return new RRsetBlock(copy);
  }

  /** The revision that most RRsets have, or one near it. */
  long baseRevision() {
    return Wire.s64(bytes, B_REVISION);
  }

  /** Octets of the apex. */
  int originLength() {
    return Wire.u8(bytes, B_ORIGIN);
  }

  /** A cursor before the first RRset. */
  public Cursor cursor() {
    return new Cursor(bytes);
  }

  /** All RRsets, as objects: for blocks of which one knows that they are small. */
  public List<StoredRRset> rrsets() {
    List<StoredRRset> all = new ArrayList<>(rrsetCount());
    for (Cursor cursor = cursor(); cursor.next(); ) {
      all.add(new StoredRRset(cursor.rrset(), cursor.revision()));
    }
    return all;
  }

  /** Gives every record to {@code sink}; positions count from 0. */
  public void writeTo(RecordSink sink) {
    int position = 0;
    Cursor cursor = cursor();
    int[] types = new int[16];
    int[] ttls = new int[16];
    int atOwner = 0;
    while (cursor.next()) {
      if (cursor.ownerChanged()) {
        atOwner = 0;
      }
      if (atOwner == types.length) {
        types = Arrays.copyOf(types, 2 * atOwner);
        ttls = Arrays.copyOf(ttls, 2 * atOwner);
      }
      types[atOwner] = cursor.type();
      ttls[atOwner++] = cursor.ttl();
      while (cursor.nextRecord()) {
        int ttl = cursor.ttl();
        if (cursor.type() == RecordType.RRSIG && cursor.dataLength() >= 2) {
          ttl = coveredTtl(cursor, types, ttls, atOwner);
        }
        sink.add(
            cursor.ownerBytes(),
            0,
            cursor.ownerLength(),
            cursor.type(),
            ttl,
            bytes,
            cursor.dataOffset(),
            cursor.dataLength(),
            position++);
      }
    }
  }

  /** As {@link #writeTo}, but each record with the TTL of its RRset. */
  void writeRaw(RecordSink sink) {
    for (Cursor cursor = cursor(); cursor.next(); ) {
      while (cursor.nextRecord()) {
        sink.add(
            cursor.ownerBytes(),
            0,
            cursor.ownerLength(),
            cursor.type(),
            cursor.ttl(),
            bytes,
            cursor.dataOffset(),
            cursor.dataLength(),
            0);
      }
    }
  }

  /** The TTL of the RRset that an RRSIG covers: before it at this owner, or after it. */
  private int coveredTtl(Cursor signature, int[] types, int[] ttls, int count) {
    int covered = Wire.u16(bytes, signature.dataOffset());
    for (int i = 0; i < count; i++) {
      if (types[i] == covered && covered != RecordType.RRSIG) {
        return ttls[i];
      }
    }
    Cursor ahead = new Cursor(signature);
    while (ahead.next() && !ahead.ownerChanged()) {
      if (ahead.type() == covered) {
        return ahead.ttl();
      }
    }
    return signature.ttl();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof RRsetBlock block && Arrays.equals(bytes, block.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return rrsetCount() + " RRsets of " + origin();
  }

  /**
   * Walks over a block without an object for each RRset. One thread. Throws {@link
   * IllegalArgumentException} where the block is malformed.
   */
  public static final class Cursor {
    private final byte[] bytes;
    private final byte[] owner = new byte[Wire.MAX_NAME_BYTES + 8];
    private final int originAt;
    private final int originLength;
    private final long base;
    private final int count;
    private int index;
    private int at;
    private int ownerLength;
    private boolean ownerChanged;
    private int type;
    private int ttl;
    private long revision;
    private int records;
    private int recordsSeen;
    private int dataAt;
    private int dataLength;

    private Cursor(byte[] bytes) {
      this.bytes = bytes;
      this.originAt = B_ORIGIN + 1;
      this.originLength = Wire.u8(bytes, B_ORIGIN);
      this.base = Wire.s64(bytes, B_REVISION);
      this.count = Wire.s32(bytes, B_RRSETS);
      this.at = originAt + originLength;
    }

    private Cursor(Cursor other) {
      this(other.bytes);
      index = other.index;
      at = other.at;
      ownerLength = other.ownerLength;
      System.arraycopy(other.owner, 0, owner, 0, owner.length);
      records = other.records;
      recordsSeen = other.recordsSeen;
      type = other.type;
      ttl = other.ttl;
    }

    /** Goes to the next RRset; false at the end. Its records need not have been read. */
    public boolean next() {
      try {
        skipRecords();
        if (index == count) {
          return false;
        }
        index++;
        int relative = Wire.u8(bytes, at++);
        ownerChanged = relative != SAME_OWNER;
        if (ownerChanged) {
          if (relative + originLength > Wire.MAX_NAME_BYTES) {
            throw malformed();
          }
          System.arraycopy(bytes, at, owner, 0, relative);
          System.arraycopy(bytes, originAt, owner, relative, originLength);
          ownerLength = relative + originLength;
          at += relative;
        }
        type = Wire.u16(bytes, at);
        at += 2;
        ttl = (int) varint();
        long delta = varint();
        revision = base + ((delta >>> 1) ^ -(delta & 1));
        records = (int) varint();
        recordsSeen = 0;
        return true;
      } catch (ArrayIndexOutOfBoundsException _) {
        throw malformed();
      }
    }

    /** Passes the remaining records of the RRset. */
    void skipRecords() {
      while (recordsSeen < records) {
        nextRecord();
      }
    }

    /** Goes to the next record of the RRset; false at its end. */
    public boolean nextRecord() {
      if (recordsSeen == records) {
        return false;
      }
      recordsSeen++;
      dataLength = (int) varint();
      dataAt = at;
      at += dataLength;
      if (dataLength < 0 || dataLength > 0xffff || at > bytes.length) {
        throw malformed();
      }
      return true;
    }

    private long varint() {
      long value = 0;
      for (int shift = 0; shift < 64; shift += 7) {
        if (at >= bytes.length) {
          throw malformed();
        }
        int octet = bytes[at++];
        value |= (long) (octet & 0x7f) << shift;
        if (octet >= 0) {
          return value;
        }
      }
      throw malformed();
    }

    private static IllegalArgumentException malformed() {
      return new IllegalArgumentException("a block of RRsets is malformed");
    }

    /** True when the owner is another one than that of the RRset before. */
    public boolean ownerChanged() {
      return ownerChanged;
    }

    /**
     * The array in which the owner stands from the first octet, in wire form; filled anew by {@link
     * #next}.
     */
    public byte[] ownerBytes() {
      return owner;
    }

    /** Octets of the owner. */
    public int ownerLength() {
      return ownerLength;
    }

    /** True when the RRset at which another cursor stands says the same, owner and type aside. */
    boolean sameRecords(Cursor other) {
      if (ttl != other.ttl || records != other.records) {
        return false;
      }
      int from = at;
      int otherFrom = other.at;
      skipRecords();
      other.skipRecords();
      boolean same = Arrays.equals(bytes, from, at, other.bytes, otherFrom, other.at);
      rewind(from);
      other.rewind(otherFrom);
      return same;
    }

    private void rewind(int to) {
      at = to;
      recordsSeen = 0;
    }

    /** Octets of the zone's apex, which the owner ends with. */
    int originLength() {
      return originLength;
    }

    /** The owner. Allocates. */
    public DomainName owner() {
      return DomainName.ofWire(owner, 0);
    }

    /** The type. */
    public int type() {
      return type;
    }

    /** The TTL in seconds. */
    public int ttl() {
      return ttl;
    }

    /** When the RRset was changed last. */
    public long revision() {
      return revision;
    }

    /** Records of the RRset. */
    public int recordCount() {
      return records;
    }

    /** The array in which the data of records stands: to be read, never written. */
    public byte[] dataBytes() {
      return bytes;
    }

    /** Where the data of the record begins, after {@link #nextRecord}. */
    public int dataOffset() {
      return dataAt;
    }

    /** Octets of the record's data. */
    public int dataLength() {
      return dataLength;
    }

    /**
     * The RRset as an object; reads its remaining records, so all of them when none was read
     * before.
     */
    public RRset rrset() {
      List<RecordData> data = new ArrayList<>(records);
      while (nextRecord()) {
        data.add(RecordData.of(bytes, dataAt, dataLength));
      }
      return new RRset(owner(), type, ttl, data);
    }
  }

  /** Makes a block. One thread, used once. */
  public static final class Builder {
    private final byte[] origin;
    private final long base;
    private byte[] bytes;
    private int at;
    private int rrsets;
    private int records;
    private final byte[] lastOwner = new byte[Wire.MAX_NAME_BYTES];
    private int lastOwnerLength;

    /** For RRsets at or below {@code origin}. */
    public Builder(DomainName origin) {
      this(origin, 0);
    }

    /**
     * For RRsets at or below {@code origin}.
     *
     * @param baseRevision a revision near those of most RRsets: they then take little room
     */
    public Builder(DomainName origin, long baseRevision) {
      this.base = baseRevision;
      this.origin = origin.folded().wire();
      this.bytes = new byte[256 + this.origin.length];
      bytes[0] = VERSION;
      bytes[B_ORIGIN] = (byte) this.origin.length;
      System.arraycopy(this.origin, 0, bytes, B_ORIGIN + 1, this.origin.length);
      at = B_ORIGIN + 1 + this.origin.length;
    }

    /** Octets so far. */
    public int length() {
      return at;
    }

    /** RRsets so far. */
    public int rrsetCount() {
      return rrsets;
    }

    /** Adds an RRset that was never stored; the caller keeps to the order. */
    public Builder add(RRset rrset) {
      return add(rrset, 0);
    }

    /** Adds an RRset; the caller keeps to the order. */
    public Builder add(RRset rrset, long revision) {
      byte[] owner = rrset.owner().wire();
      begin(owner, 0, owner.length, rrset.type(), rrset.ttl(), revision, rrset.data().size());
      for (RecordData data : rrset.data()) {
        record(data.octets(), 0, data.length());
      }
      return this;
    }

    /** Adds the RRset at which a cursor stands and of which no record was read yet. */
    public Builder add(Cursor cursor) {
      return add(cursor, cursor.revision());
    }

    /** As {@link #add(Cursor)}, with another revision. */
    Builder add(Cursor cursor, long revision) {
      begin(
          cursor.ownerBytes(),
          0,
          cursor.ownerLength(),
          cursor.type(),
          cursor.ttl(),
          revision,
          cursor.recordCount());
      int from = cursor.at;
      cursor.skipRecords();
      int octets = cursor.at - from;
      reserve(octets);
      System.arraycopy(cursor.bytes, from, bytes, at, octets);
      at += octets;
      return this;
    }

    /**
     * Begins an RRset; {@code recordCount} calls of {@link #record} follow, in canonical order,
     * none twice.
     *
     * @param owner in lower case, at or below the origin
     */
    public void begin(
        byte[] owner, int offset, int length, int type, int ttl, long revision, int recordCount) {
      int relative = length - origin.length;
      if (relative < 0
          || !Arrays.equals(owner, offset + relative, offset + length, origin, 0, origin.length)) {
        throw new IllegalArgumentException(
            "the owner "
                + DomainName.ofWire(owner, offset)
                + " is not at or below the zone's apex");
      }
      reserve(1 + relative + 2 + 30);
      if (rrsets > 0
          && length == lastOwnerLength
          && Arrays.equals(owner, offset, offset + length, lastOwner, 0, length)) {
        bytes[at++] = (byte) SAME_OWNER;
      } else {
        bytes[at++] = (byte) relative;
        System.arraycopy(owner, offset, bytes, at, relative);
        at += relative;
        System.arraycopy(owner, offset, lastOwner, 0, length);
        lastOwnerLength = length;
      }
      Wire.put16(bytes, at, type);
      at += 2;
      varint(ttl);
      long delta = revision - base;
      varint((delta << 1) ^ (delta >> 63));
      varint(recordCount);
      rrsets++;
      records += recordCount;
    }

    /** One record of the RRset that was begun. */
    public void record(byte[] data, int offset, int length) {
      reserve(length + 5);
      varint(length);
      System.arraycopy(data, offset, bytes, at, length);
      at += length;
    }

    private void varint(long value) {
      long left = value;
      while ((left & ~0x7fL) != 0) {
        bytes[at++] = (byte) (left | 0x80);
        left >>>= 7;
      }
      bytes[at++] = (byte) left;
    }

    private void reserve(int more) {
      if (more > bytes.length - at) {
        long wanted = Math.max((long) at + more, bytes.length + (bytes.length >> 1));
        if ((long) at + more > MAX_BYTES) {
          throw new IllegalArgumentException(
              "the RRsets take more than 2 GiB: split the zone by delegation");
        }
        bytes = Arrays.copyOf(bytes, (int) Math.min(wanted, MAX_BYTES));
      }
    }

    /** Writes 32 bits over what was added. */
    void patch32(int offset, int value) {
      Wire.put32(bytes, offset, value);
    }

    /** The block; the builder is of no more use. */
    public RRsetBlock build() {
      byte[] whole = Arrays.copyOf(bytes, at);
      Wire.put64(whole, B_REVISION, base);
      Wire.put32(whole, B_RRSETS, rrsets);
      Wire.put32(whole, B_RECORDS, records);
      return new RRsetBlock(whole);
    }
  }
}
