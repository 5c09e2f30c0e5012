package io.flashdns.core.zone;

import static io.flashdns.core.zone.ImageLayout.*;

import io.flashdns.core.dns.NameKey;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes nodes and their RRsets (see {@link ImageLayout}) for owners in canonical order: all of a
 * zone ({@link ImageWriter}), or those that a change touches ({@link ZoneEditor}), which then stand
 * in an order that has all their ancestors. Used once, by one thread.
 *
 * <p>Two passes: the first writes nodes and RRsets and notes, where an offset is not known yet, the
 * number of the node it belongs to; the second fills the offsets in.
 */
final class NodeWriter {
  private static final int MAX_TYPES = 255;
  private static final int PAIRWISE_RECORDS = 32;

  final RecordTable table;
  final int apexOwner;
  final int apexLabels;
  final int apexLength;
  final byte[] apex;

  /** Owners in canonical order. What follows has an entry for each of them. */
  final int[] order;

  final int[] indexOf;
  final byte[] flags;

  /** Number, from 1, of the node that a node's link says; 0 for none. */
  final int[] link;

  /** Where a node stands; for one that is not written, set by the one who knows. */
  final int[] offset;

  /**
   * What others say to mean this node: see {@link Overlay}. The same as where it stands at first.
   */
  final int[] home;

  final @Nullable Nsec3Chain nsec3;

  private final NameKey key;
  private final ZoneChecks checks;
  private final RrsetEncoder encoder;
  private final @Nullable Zone before;

  byte[] image = new byte[0];
  int at;
  int negativeSoa;
  int recordCount;
  int maxLabels;

  private boolean repeated;
  private int[] lists = new int[16];
  private int listCount;
  private int[] types = new int[MAX_TYPES];
  private int[] members = new int[64];

  /** A writer of a whole zone. */
  NodeWriter(RecordTable table, NameKey key, int apexOwner, int[] order, ZoneChecks checks) {
    this(table, key, apexOwner, order, checks, null, Nsec3Chain.of(table, apexOwner, order));
  }

  /**
   * A writer of some nodes of a zone's next version.
   *
   * @param before the version before: RRsets that did not change are not written again. {@link
   *     #offset} and {@link #home} have to be set to what they are there, 0 for a new name, {@link
   *     #image} to the array to write into, which does not grow, and {@link #at}
   */
  NodeWriter(
      RecordTable table, NameKey key, int apexOwner, int[] order, ZoneChecks checks, Zone before) {
    this(table, key, apexOwner, order, checks, before, null);
  }

  private NodeWriter(
      RecordTable table,
      NameKey key,
      int apexOwner,
      int[] order,
      ZoneChecks checks,
      @Nullable Zone before,
      @Nullable Nsec3Chain nsec3) {
    this.table = table;
    this.key = key;
    this.checks = checks;
    this.before = before;
    this.nsec3 = nsec3;
    this.apexOwner = apexOwner;
    this.apexLabels = table.labels(apexOwner);
    this.apexLength = table.nameLength(apexOwner);
    int apexAt = table.nameOffset(apexOwner);
    this.apex = Arrays.copyOfRange(table.nameBytes(apexOwner), apexAt, apexAt + apexLength);
    this.order = order;
    this.indexOf = new int[table.ownerCount()];
    Arrays.fill(indexOf, -1);
    for (int i = 0; i < order.length; i++) {
      indexOf[order[i]] = i;
    }
    this.flags = new byte[order.length];
    this.link = new int[order.length];
    this.offset = new int[order.length];
    this.home = before == null ? offset : new int[order.length];
    this.encoder = new RrsetEncoder(apex);
  }

  /** One walk in canonical order, in which a name's ancestors come before it. */
  void flagNodes() {
    int[] ancestors = new int[Wire.MAX_LABELS + 1];
    for (int i = 0; i < order.length; i++) {
      int owner = order[i];
      int below = table.labels(owner) - apexLabels;
      ancestors[below] = i;
      int own = ownFlags(owner, below);
      if (below > 0 && isIndexed(i)) {
        int parent = ancestors[below - 1];
        int hidden = hiddenBy(parent);
        if (hidden != 0) {
          own = (own & ~Zone.CUT & ~Zone.HAS_DNAME) | hidden;
          link[i] = (flags[parent] & (Zone.CUT | Zone.HAS_DNAME)) != 0 ? parent + 1 : link[parent];
        } else if (isWildcard(owner)) {
          flags[parent] |= Zone.HAS_WILDCARD;
          link[parent] = i + 1;
        }
      }
      flags[i] = (byte) own;
      maxLabels = isIndexed(i) ? Math.max(maxLabels, below) : maxLabels;
    }
  }

  private int hiddenBy(int parent) {
    if ((flags[parent] & (Zone.CUT | Zone.BELOW_CUT)) != 0) {
      return Zone.BELOW_CUT;
    }
    return (flags[parent] & (Zone.HAS_DNAME | Zone.BELOW_DNAME)) != 0 ? Zone.BELOW_DNAME : 0;
  }

  private int ownFlags(int owner, int below) {
    int own = 0;
    for (int rr = table.firstRecord(owner); rr != 0; rr = table.next(rr)) {
      own |=
          switch (table.type(rr)) {
            case RecordType.NS -> below > 0 ? Zone.CUT : 0;
            case RecordType.DNAME -> Zone.HAS_DNAME;
            case RecordType.CNAME -> Zone.HAS_CNAME;
            default -> 0;
          };
    }
    // Authority ends at a cut, so a DNAME beside it has no say (RFC 6672 §2.4 leaves it to the
    // child).
    return (own & Zone.CUT) != 0 ? own & ~Zone.HAS_DNAME : own;
  }

  private boolean isWildcard(int owner) {
    byte[] name = table.nameBytes(owner);
    int start = table.nameOffset(owner);
    return name[start] == 1 && name[start + 1] == '*';
  }

  boolean isBelowCut(int index) {
    return (flags[index] & Zone.BELOW_CUT) != 0;
  }

  /** Owners of nothing but NSEC3 do not exist for queries (RFC 5155 §7.2.8). */
  boolean isIndexed(int index) {
    return nsec3 == null || !nsec3.ownsNothingElse(order[index]);
  }

  void writeNode(int index) {
    int owner = order[index];
    int node = at;
    int old = offset[index];
    offset[index] = node;
    home[index] = home[index] == 0 ? node : home[index];
    int nameAt = nsec3 != null ? N_NAME_NSEC3 : N_NAME;
    int nameLength = table.nameLength(owner) - apexLength;
    int typeCount = collectTypes(owner);
    reserve(nameAt + nameLength + typeCount * TYPE_ENTRY_BYTES);
    image[node + N_FLAGS] = flags[index];
    image[node + N_LABELS] = (byte) (table.labels(owner) - apexLabels);
    image[node + N_NAME_LENGTH] = (byte) nameLength;
    image[node + N_TYPES] = (byte) typeCount;
    Wire.put32(image, node + N_LINK, 0);
    System.arraycopy(
        table.nameBytes(owner), table.nameOffset(owner), image, node + nameAt, nameLength);
    at = node + nameAt + nameLength + typeCount * TYPE_ENTRY_BYTES;
    int entry = node + nameAt + nameLength;
    for (int i = 0; i < typeCount; i++, entry += TYPE_ENTRY_BYTES) {
      int rrset = writeRrset(index, types[i], 0, Integer.MAX_VALUE, rrsetBefore(old, types[i]));
      Wire.put16(image, entry, types[i]);
      Wire.put32(image, entry + 2, rrset);
    }
    if (owner == apexOwner) {
      int soa = table.firstOfType(owner, RecordType.SOA);
      int minimum =
          Wire.s32(table.dataBytes(soa), table.dataOffset(soa) + table.dataLength(soa) - 4);
      int counted = recordCount;
      repeated = true;
      negativeSoa =
          writeRrset(
              index,
              RecordType.SOA,
              0,
              minimum < 0 ? Integer.MAX_VALUE : minimum,
              before == null ? 0 : before.negativeSoa());
      repeated = false;
      recordCount = counted;
    }
    if (nsec3 != null && isIndexed(index) && !isBelowCut(index)) {
      // Numbers now, offsets once all nodes are written.
      key.set(table.nameBytes(owner), table.nameOffset(owner));
      Wire.put32(image, node + N_NSEC3_MATCH, nsec3.matching(key) + 1);
      Wire.put32(image, node + N_NSEC3_WILDCARD, nsec3.forWildcardOf(key) + 1);
    }
  }

  /** Fills {@link #types} with the types of an owner in rising order, RRSIG left out. */
  private int collectTypes(int owner) {
    int count = 0;
    for (int rr = table.firstRecord(owner); rr != 0; rr = table.next(rr)) {
      int type = table.type(rr);
      if (type == RecordType.RRSIG) {
        if (table.firstOfType(owner, Wire.u16(table.dataBytes(rr), table.dataOffset(rr))) == 0) {
          checks.warning(
              rr, "this RRSIG covers a type that its name does not have: it is not served");
        }
        continue;
      }
      int i = Arrays.binarySearch(types, 0, count, type);
      if (i >= 0) {
        continue;
      }
      if (count == MAX_TYPES) {
        checks.error(
            rr, "more than " + MAX_TYPES + " types at one name: spread them over several names");
        break;
      }
      System.arraycopy(types, -i - 1, types, -i, count + i + 1);
      types[-i - 1] = type;
      count++;
    }
    return count;
  }

  /**
   * Writes an RRset and, before it, that of its signatures.
   *
   * @param covered 0, or the covered type when {@code type} is RRSIG
   * @param maxTtl no TTL above it is written
   * @param old the RRset in the version before, or 0: when it is the same, nothing is written
   * @return its offset
   */
  private int writeRrset(int index, int type, int covered, int maxTtl, int old) {
    int owner = order[index];
    int signatures =
        covered == 0 && hasSignatures(owner, type)
            ? writeRrset(index, RecordType.RRSIG, type, maxTtl, signaturesBefore(old))
            : 0;
    int count = collectMembers(owner, type, covered);
    int ttl = Math.min(smallestTtl(count), maxTtl);
    encoder.begin(table.nameBytes(owner), table.nameOffset(owner), table.nameLength(owner));
    for (int i = 0; i < count; i++) {
      int rr = members[i];
      if (!encoder.add(
          type, ttl, table.dataBytes(rr), table.dataOffset(rr), table.dataLength(rr))) {
        checks.error(
            rr,
            "the RRset is larger than "
                + MAX_RRSET_BYTES
                + " octets, more than a message can carry: split it over several names");
        break;
      }
    }
    boolean additional = hasAdditional(index, type, count);
    int word =
        count
            | (signatures != 0 ? SIGNED : 0)
            | (additional ? ADDITIONAL : 0)
            | (encoder.pointerCount() > 0 ? POINTERS : 0);
    reserve(R_HEADER_BYTES + 8 + 2 + 2 * encoder.pointerCount() + encoder.length());
    int rrset = at;
    Wire.put16(image, at + R_DATA_LENGTH, encoder.length());
    Wire.put16(image, at + R_COUNT, word);
    at += R_HEADER_BYTES;
    if (signatures != 0) {
      Wire.put32(image, at, signatures);
      at += 4;
    }
    int additionalAt = at;
    at += additional ? 4 : 0;
    if (encoder.pointerCount() > 0) {
      Wire.put16(image, at, encoder.pointerCount());
      for (int i = 0; i < encoder.pointerCount(); i++) {
        Wire.put16(image, at + 2 + 2 * i, encoder.pointer(i));
      }
      at += 2 + 2 * encoder.pointerCount();
    }
    System.arraycopy(encoder.data(), 0, image, at, encoder.length());
    at += encoder.length();
    recordCount += count;
    if (additional) {
      int list = writeAdditional(owner, type, count);
      Wire.put32(image, additionalAt, list);
    } else if (old != 0 && isSame(old, rrset)) {
      at = rrset;
      return old;
    }
    if (type == RecordType.NS && !isBelowCut(index)) {
      for (int i = 0; i < count; i++) {
        checks.checkNameServer(owner, members[i], (flags[index] & Zone.CUT) != 0);
      }
    }
    return rrset;
  }

  private int rrsetBefore(int node, int type) {
    return before == null || node == 0 ? 0 : before.rrset(node, type);
  }

  private int signaturesBefore(int rrset) {
    return before == null || rrset == 0 ? 0 : before.signatures(rrset);
  }

  /** An RRset's first octets say how long it is: what is the same for that length is the same. */
  private boolean isSame(int old, int rrset) {
    return Arrays.equals(
        image, rrset, at, image, old, (int) Math.min(image.length, old + (long) at - rrset));
  }

  private boolean hasSignatures(int owner, int type) {
    for (int rr = table.firstRecord(owner); rr != 0; rr = table.next(rr)) {
      if (table.type(rr) == RecordType.RRSIG
          && Wire.u16(table.dataBytes(rr), table.dataOffset(rr)) == type) {
        return true;
      }
    }
    return false;
  }

  /**
   * Fills {@link #members} with the different records of an RRset, in the order in which they were
   * given.
   */
  private int collectMembers(int owner, int type, int covered) {
    int count = 0;
    Set<ByteBuffer> seen = Set.of();
    for (int rr = table.firstRecord(owner); rr != 0; rr = table.next(rr)) {
      if (table.type(rr) != type
          || (covered != 0 && Wire.u16(table.dataBytes(rr), table.dataOffset(rr)) != covered)) {
        continue;
      }
      if (count == PAIRWISE_RECORDS && seen.isEmpty()) {
        seen = new HashSet<>();
        for (int i = 0; i < count; i++) {
          seen.add(data(type, members[i]));
        }
      }
      if (count < PAIRWISE_RECORDS ? isMember(type, rr, count) : !seen.add(data(type, rr))) {
        warning(rr, "this record is given twice: it is served once");
        continue;
      }
      if (count == MAX_RRSET_RECORDS) {
        checks.error(
            rr,
            "more than "
                + MAX_RRSET_RECORDS
                + " records in one RRset: split it over several names");
        return count;
      }
      if (count == members.length) {
        members = Arrays.copyOf(members, 2 * count);
      }
      members[count++] = rr;
    }
    return count;
  }

  /** Warns of a record, but not again where its RRset is written a second time. */
  private void warning(int rr, String message) {
    if (!repeated) {
      checks.warning(rr, message);
    }
  }

  private ByteBuffer data(int type, int rr) {
    return ByteBuffer.wrap(CanonicalData.of(table, type, rr));
  }

  private boolean isMember(int type, int rr, int count) {
    for (int i = 0; i < count; i++) {
      if (CanonicalData.same(table, type, members[i], rr)) {
        return true;
      }
    }
    return false;
  }

  private int smallestTtl(int count) {
    int smallest = table.ttl(members[0]);
    for (int i = 1; i < count; i++) {
      int ttl = table.ttl(members[i]);
      if (ttl != smallest && table.type(members[i]) != RecordType.RRSIG) {
        warning(
            members[i],
            "TTL "
                + ttl
                + " differs from TTL "
                + smallest
                + " of the same RRset (RFC 2181 §5.2): the smaller one is served");
      }
      smallest = Math.min(smallest, ttl);
    }
    return smallest;
  }

  private boolean hasAdditional(int index, int type, int count) {
    if (type == RecordType.NS) {
      boolean atCut = (flags[index] & Zone.CUT) != 0;
      boolean any = false;
      for (int i = 0; i < count && atCut; i++) {
        any |= addressOwner(members[i], 0) >= 0;
      }
      return any;
    }
    if ((type == RecordType.SVCB || type == RecordType.HTTPS) && !isBelowCut(index)) {
      for (int i = 0; i < count; i++) {
        if (serviceTarget(order[index], members[i]) >= 0) {
          return true;
        }
      }
    }
    return false;
  }

  /** The owner in this zone that the name at {@code skip} of a record's data is, or -1. */
  private int addressOwner(int rr, int skip) {
    key.set(table.dataBytes(rr), table.dataOffset(rr) + skip);
    int owner = table.find(key, 0);
    return owner >= 0 && indexOf[owner] >= 0 && isIndexed(indexOf[owner]) ? owner : -1;
  }

  /** The owner in this zone whose records belong beside an SVCB record (RFC 9460 §4.1), or -1. */
  private int serviceTarget(int owner, int rr) {
    byte[] data = table.dataBytes(rr);
    int start = table.dataOffset(rr);
    if (data[start + 2] == 0) {
      // "." is the owner itself in service mode, and no service at all in alias mode (§2.5).
      return Wire.u16(data, start) == 0 ? -1 : owner;
    }
    int target = addressOwner(rr, 2);
    return target >= 0
            && (flags[indexOf[target]] & (Zone.CUT | Zone.BELOW_CUT | Zone.BELOW_DNAME)) == 0
        ? target
        : -1;
  }

  /**
   * Writes the list of additional RRsets of the members, required ones first; offsets are filled in
   * later.
   */
  private int writeAdditional(int owner, int type, int count) {
    reserve(2 + (count * 3) * ADDITIONAL_ENTRY_BYTES);
    int list = at;
    at += 2;
    if (listCount == lists.length) {
      lists = Arrays.copyOf(lists, 2 * listCount);
    }
    lists[listCount++] = list;
    if (type == RecordType.NS) {
      for (int required = 1; required >= 0; required--) {
        for (int i = 0; i < count; i++) {
          int target = addressOwner(members[i], 0);
          if (target >= 0 && isAtOrBelow(target, owner) == (required == 1)) {
            int marker =
                encoder.referenceTo(
                    table.dataBytes(members[i]), table.dataOffset(members[i]), key.length(), -1);
            addEntry(target, RecordType.A, marker | (required == 1 ? REQUIRED : 0));
            addEntry(target, RecordType.AAAA, marker | (required == 1 ? REQUIRED : 0));
          }
        }
      }
    } else {
      int position = 0;
      for (int i = 0; i < count; i++) {
        int target = serviceTarget(owner, members[i]);
        int nameAt = position + RECORD_HEADER_BYTES + 2;
        position += RECORD_HEADER_BYTES + table.dataLength(members[i]);
        if (target < 0) {
          continue;
        }
        int marker =
            target == owner
                ? KIND_OWNER
                : encoder.referenceTo(
                    table.nameBytes(target),
                    table.nameOffset(target),
                    table.nameLength(target),
                    nameAt);
        addEntry(target, RecordType.A, marker);
        addEntry(target, RecordType.AAAA, marker);
        if (target != owner
            && Wire.u16(table.dataBytes(members[i]), table.dataOffset(members[i])) == 0) {
          addEntry(target, type, marker);
        }
      }
    }
    Wire.put16(image, list, (at - list - 2) / ADDITIONAL_ENTRY_BYTES);
    return list;
  }

  private void addEntry(int target, int type, int reference) {
    if (table.firstOfType(target, type) == 0 || isListed(target, type)) {
      return;
    }
    Wire.put32(image, at, reference);
    Wire.put32(image, at + 4, indexOf[target]);
    Wire.put32(image, at + 8, type);
    at += ADDITIONAL_ENTRY_BYTES;
  }

  private boolean isListed(int target, int type) {
    for (int entry = lists[listCount - 1] + 2; entry < at; entry += ADDITIONAL_ENTRY_BYTES) {
      if (Wire.s32(image, entry + 4) == indexOf[target] && Wire.s32(image, entry + 8) == type) {
        return true;
      }
    }
    return false;
  }

  private boolean isAtOrBelow(int owner, int ancestor) {
    return ZoneImageBuilder.nameOf(table, owner)
        .isAtOrBelow(ZoneImageBuilder.nameOf(table, ancestor));
  }

  /** Fills in what a node that was written is linked to, when all are written. */
  void fillLink(int index) {
    if (link[index] != 0) {
      Wire.put32(image, offset[index] + N_LINK, home[link[index] - 1]);
    }
  }

  /** Fills in the lists of additional RRsets, when all nodes are written. */
  void fillAdditional() {
    int nameAt = nsec3 != null ? N_NAME_NSEC3 : N_NAME;
    for (int i = 0; i < listCount; i++) {
      int entry = lists[i] + 2;
      for (int n = Wire.u16(image, lists[i]); n > 0; n--, entry += ADDITIONAL_ENTRY_BYTES) {
        int index = Wire.s32(image, entry + 4);
        int node = offset[index];
        int type = Wire.s32(image, entry + 8);
        int typeEntry = node + nameAt + Wire.u8(image, node + N_NAME_LENGTH);
        while (Wire.u16(image, typeEntry) != type) {
          typeEntry += TYPE_ENTRY_BYTES;
        }
        Wire.put32(image, entry + 4, home[index]);
        Wire.put32(image, entry + 8, Wire.s32(image, typeEntry + 2));
      }
    }
  }

  void reserve(int bytes) {
    long needed = (long) at + bytes + SLACK_BYTES;
    if (needed > image.length) {
      if (before != null) {
        throw new PatchRefusedException();
      }
      if (needed > Integer.MAX_VALUE - 16) {
        throw new RecordTable.ZoneTooLargeException();
      }
      image = Arrays.copyOf(image, (int) Math.min(Integer.MAX_VALUE - 16, needed + (needed >>> 3)));
    }
  }
}
