package io.flashdns.core.store;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.zone.CanonicalData;
import io.flashdns.core.zonefile.RdataCheck;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What records must be to be the content of a zone: all that keeps a zone from being served is
 * refused before it is stored. One thread, one zone.
 *
 * <p>Checked of each RRset: owner at or below the apex, type, TTL, size, and the form of its data
 * where the type is known ({@link RdataCheck}). Of each owner: CNAME and DNAME, number of types,
 * SOA at the apex alone. Of the zone: SOA and NS at the apex, nothing below a DNAME. Not checked:
 * whether name servers have addresses, and signatures.
 */
final class ContentCheck {
  /** Validators treat zones with more as unsigned; the same bound holds where zones are served. */
  private static final int MAX_NSEC3_ITERATIONS = 150;

  /** Octets of a record in a message besides its data: owner pointer and fixed part. */
  private static final int RECORD_BYTES = 12;

  private final DomainName apex;
  private final int apexLength;
  private final ContentLimits limits;
  private final Refusals refusals;
  private byte[] scratch = new byte[512];

  // The owner at hand.
  private int types;
  private boolean aliased;
  private boolean hasOther;

  ContentCheck(DomainName apex, ContentLimits limits, Refusals refusals) {
    this.apex = apex;
    this.apexLength = apex.length();
    this.limits = limits;
    this.refusals = refusals;
  }

  void invalid(String message) {
    refusals.add(Refusal.Kind.INVALID, message);
  }

  /** The whole content of a zone, checked and counted. */
  static final class Whole {
    /** In canonical form. */
    RRsetBlock block;

    int names;
    int rrsets;
    int records;

    /** Of all RRsets but the apex's SOA. */
    long digestWithoutSoa;

    /** Where in the block the SOA's data begins; 0 while there is none. */
    int soaAt;

    int soaLength;
    int soaTtl;
    boolean hasNs;

    private Whole(RRsetBlock block) {
      this.block = block;
    }

    long serial() {
      return Wire.u32(block.encoded(), serialAt());
    }

    /** Where in the block the serial stands. */
    int serialAt() {
      return soaAt + soaLength - Serials.BYTES_FROM_SERIAL;
    }

    /** The digest of all content when the SOA says {@code serial}. */
    long digest(DomainName apex, long serial) {
      byte[] data = Arrays.copyOfRange(block.encoded(), soaAt, soaAt + soaLength);
      Wire.put32(data, soaLength - Serials.BYTES_FROM_SERIAL, (int) serial);
      byte[] owner = apex.wire();
      long state = ContentDigest.begin(owner, owner.length, RecordType.SOA, soaTtl, 1);
      state = ContentDigest.part(state, data, 0, soaLength);
      return digestWithoutSoa + ContentDigest.end(state);
    }
  }

  /**
   * Checks what is to be the whole content of the zone.
   *
   * @return null when something was refused
   */
  @Nullable Whole whole(RRsetBlock given) {
    int before = refusals.count();
    try {
      if (!given.origin().equals(apex) || given.originLength() != apexLength) {
        invalid(
            "the content of zone "
                + apex
                + " is given relative to "
                + given.origin()
                + ": give it relative to the zone's apex");
        return null;
      }
      Whole whole = walk(given);
      if (whole == null) {
        refusals.truncate(before);
        ZoneContents contents = new ZoneContents(apex);
        given.writeRaw(contents);
        whole = walk(contents.block());
      }
      if (whole == null) {
        invalid(
            "the content of zone " + apex + " cannot be put into canonical form: build it anew");
        return null;
      }
      checkApex(whole);
      return refusals.count() == before ? whole : null;
    } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
      refusals.truncate(before);
      invalid("the content of zone " + apex + " cannot be read: " + e.getMessage());
      return null;
    }
  }

  private void checkApex(Whole whole) {
    if (whole.soaAt == 0) {
      noSoa();
    }
    if (!whole.hasNs) {
      noNs();
    }
    recordCount(whole.records);
  }

  void noSoa() {
    invalid("the zone " + apex + " would have no SOA at its apex: give one");
  }

  void noNs() {
    invalid("the zone " + apex + " would have no NS at its apex: give its name servers");
  }

  void recordCount(long records) {
    if (records > limits.recordsPerZone()) {
      invalid(
          "the zone "
              + apex
              + " would have "
              + records
              + " records, at most "
              + limits.recordsPerZone()
              + " are allowed: split it by delegation");
    }
  }

  /** Null when the block is not in canonical form: then what was refused does not count. */
  private @Nullable Whole walk(RRsetBlock block) {
    Whole whole = new Whole(block);
    RRsetBlock.Cursor cursor = block.cursor();
    byte[] last = new byte[Wire.MAX_NAME_BYTES];
    int lastLength = 0;
    int lastType = 0;
    Hider hider = new Hider(apexLength);
    while (cursor.next()) {
      byte[] owner = cursor.ownerBytes();
      int length = cursor.ownerLength();
      if (cursor.ownerChanged() || whole.rrsets == 0) {
        if (whole.rrsets > 0) {
          endOwner(last);
          hider.end(last, lastLength);
        }
        if (!isName(owner, length)) {
          invalid("an owner in the content of zone " + apex + " is no name below its apex");
          return whole;
        }
        if (!isFolded(owner, length)
            || (whole.rrsets > 0
                && OwnerOrder.compare(last, lastLength, owner, length, apexLength) >= 0)) {
          return null;
        }
        whole.names++;
        beginOwner();
        hider.begin(owner, length);
        System.arraycopy(owner, 0, last, 0, length);
        lastLength = length;
      } else if (cursor.type() <= lastType) {
        return null;
      }
      lastType = cursor.type();
      if (cursor.revision() != block.baseRevision()) {
        return null;
      }
      if (!rrset(cursor, whole)) {
        return null;
      }
      hider.type(cursor.type());
      if (hider.isBelowDname() && countsBelowDname(cursor.type())) {
        belowDname(DomainName.ofWire(owner, 0));
      }
      whole.rrsets++;
      whole.records += cursor.recordCount();
    }
    if (whole.rrsets > 0) {
      endOwner(last);
    }
    if (whole.records != block.recordCount()) {
      throw new IllegalArgumentException("its number of records is wrong");
    }
    return whole;
  }

  /** False when the data is not in canonical form. */
  private boolean rrset(RRsetBlock.Cursor cursor, Whole whole) {
    byte[] owner = cursor.ownerBytes();
    int type = cursor.type();
    header(owner, type, cursor.ttl(), cursor.recordCount());
    long state =
        ContentDigest.begin(owner, cursor.ownerLength(), type, cursor.ttl(), cursor.recordCount());
    int bytes = 0;
    int lastAt = -1;
    int lastLength = 0;
    byte[] data = cursor.dataBytes();
    while (cursor.nextRecord()) {
      int at = cursor.dataOffset();
      int length = cursor.dataLength();
      if (lastAt >= 0
          && Arrays.compareUnsigned(data, lastAt, lastAt + lastLength, data, at, at + length)
              >= 0) {
        return false;
      }
      if (record(owner, type, data, at, length)) {
        return false;
      }
      state = ContentDigest.part(state, data, at, length);
      bytes += RECORD_BYTES + length;
      lastAt = at;
      lastLength = length;
    }
    size(owner, type, bytes);
    boolean atApex = cursor.ownerLength() == apexLength;
    if (type == RecordType.SOA && atApex) {
      whole.soaAt = lastAt;
      whole.soaLength = lastLength;
      whole.soaTtl = cursor.ttl();
    } else {
      whole.digestWithoutSoa += ContentDigest.end(state);
    }
    whole.hasNs |= type == RecordType.NS && atApex;
    type(owner, cursor.ownerLength(), type, cursor.recordCount());
    return true;
  }

  /** Checks an RRset whose data is in canonical form. */
  void rrset(RRset rrset) {
    byte[] owner = rrset.owner().wire();
    int bytes = 0;
    header(owner, rrset.type(), rrset.ttl(), rrset.data().size());
    for (RecordData data : rrset.data()) {
      record(owner, rrset.type(), data.octets(), 0, data.length());
      bytes += RECORD_BYTES + data.length();
    }
    size(owner, rrset.type(), bytes);
  }

  private void header(byte[] owner, int type, int ttl, int records) {
    if (type < 1 || type > RecordType.MAX || RecordType.isMeta(type)) {
      invalid(
          place(owner, type)
              + " is of a type that exists in messages only: no zone can have such a record");
    }
    if (ttl < 0) {
      invalid(place(owner, type) + " has a TTL above 2147483647 seconds: give a smaller one");
    }
    if (records < 1) {
      invalid(place(owner, type) + " has no record: delete the RRset instead");
    }
    if (records > limits.recordsPerRRset()) {
      invalid(
          place(owner, type)
              + " has "
              + records
              + " records, at most "
              + limits.recordsPerRRset()
              + " are allowed: spread them over several names");
    }
  }

  private void size(byte[] owner, int type, int bytes) {
    if (bytes > limits.rrsetBytes()) {
      invalid(
          place(owner, type)
              + " takes "
              + bytes
              + " octets in a message, at most "
              + limits.rrsetBytes()
              + " are allowed: spread it over several names");
    }
  }

  /** Checks one record's data; true when names in it are not in lower case. */
  private boolean record(byte[] owner, int type, byte[] data, int offset, int length) {
    if (scratch.length < length + 8) {
      scratch = new byte[length + 8];
    }
    System.arraycopy(data, offset, scratch, 0, length);
    if (CanonicalData.fold(type, scratch, 0, length)) {
      return true;
    }
    String wrong;
    try {
      wrong = RdataCheck.whatIsWrong(type, scratch, length);
    } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException _) {
      wrong = "it cannot be read";
    }
    if (wrong != null) {
      invalid("the data of " + place(owner, type) + " is not right: " + wrong);
    } else if (type == RecordType.NSEC3PARAM && Wire.u16(scratch, 2) > MAX_NSEC3_ITERATIONS) {
      invalid(
          place(owner, type)
              + " asks for "
              + Wire.u16(scratch, 2)
              + " iterations, at most "
              + MAX_NSEC3_ITERATIONS
              + " are served: sign with 0 (RFC 9276)");
    }
    return false;
  }

  void beginOwner() {
    types = 0;
    aliased = false;
    hasOther = false;
  }

  /** Notes a type of the owner that was begun. */
  void type(byte[] owner, int length, int type, int records) {
    types++;
    switch (type) {
      case RecordType.CNAME -> {
        aliased = true;
        if (records > 1) {
          invalid(name(owner) + " has several CNAME records: a name is an alias of one other name");
        }
      }
      case RecordType.RRSIG, RecordType.NSEC -> {}
      case RecordType.DNAME -> {
        hasOther = true;
        if (records > 1) {
          invalid(name(owner) + " has several DNAME records: keep one");
        }
      }
      case RecordType.SOA -> {
        hasOther = true;
        if (length != apexLength) {
          invalid(
              name(owner) + " has an SOA: a zone has one SOA, at its apex " + apex + ", remove it");
        } else if (records > 1) {
          invalid("the zone " + apex + " has several SOA records: keep one");
        }
      }
      default -> hasOther = true;
    }
  }

  void endOwner(byte[] owner) {
    if (aliased && hasOther) {
      invalid(
          name(owner)
              + " has a CNAME and other data: a name that is an alias has nothing else, remove the"
              + " one or the other");
    }
    if (types > limits.typesPerName()) {
      invalid(
          name(owner)
              + " has "
              + types
              + " types, at most "
              + limits.typesPerName()
              + " are allowed: spread them over several names");
    }
  }

  void belowDname(DomainName owner) {
    invalid(owner + " lies below a DNAME and can never be answered: remove it or the DNAME");
  }

  /** False for what may stand below a DNAME since nobody asks for it by name. */
  static boolean countsBelowDname(int type) {
    return type != RecordType.NSEC && type != RecordType.RRSIG && type != RecordType.NSEC3;
  }

  private boolean isName(byte[] owner, int length) {
    int below = length - apexLength;
    int at = 0;
    while (at < below) {
      if (owner[at] <= 0 || owner[at] > Wire.MAX_LABEL_BYTES) {
        return false;
      }
      at += 1 + owner[at];
    }
    return at == below;
  }

  private static boolean isFolded(byte[] owner, int length) {
    for (int i = 0; i < length; i++) {
      if (owner[i] >= 'A' && owner[i] <= 'Z') {
        return false;
      }
    }
    return true;
  }

  private static String name(byte[] owner) {
    return DomainName.ofWire(owner, 0).toString();
  }

  private static String place(byte[] owner, int type) {
    return name(owner) + " " + RecordType.text(type);
  }

  /**
   * What hides names, on a walk in canonical order: the highest zone cut or DNAME above the name at
   * hand. Authority ends at a cut, so a DNAME beside or below one has no say.
   */
  static final class Hider {
    private final int apexLength;
    private final byte[] name = new byte[Wire.MAX_NAME_BYTES];
    private int length;
    private boolean isDname;
    private boolean below;
    private boolean cut;
    private boolean dname;

    Hider(int apexLength) {
      this.apexLength = apexLength;
    }

    /** Comes to the next owner. */
    void begin(byte[] owner, int ownerLength) {
      cut = false;
      dname = false;
      below = length > 0 && isBelow(owner, ownerLength);
      if (!below) {
        length = 0;
      }
    }

    /** The owner at hand has this type. */
    void type(int type) {
      cut |= type == RecordType.NS;
      dname |= type == RecordType.DNAME;
    }

    boolean isBelowDname() {
      return below && isDname;
    }

    /** Leaves the owner at hand. */
    void end(byte[] owner, int ownerLength) {
      boolean isCut = cut && ownerLength != apexLength;
      if (!below && (isCut || dname)) {
        System.arraycopy(owner, 0, name, 0, ownerLength);
        length = ownerLength;
        isDname = !isCut;
      }
    }

    private boolean isBelow(byte[] owner, int ownerLength) {
      int skip = ownerLength - length;
      return skip > 0
          && Arrays.equals(owner, skip, ownerLength, name, 0, length)
          && OwnerOrder.labels(owner, skip) > 0;
    }
  }
}
