package io.flashdns.core.zone;

import static io.flashdns.core.zone.ImageLayout.*;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.NameKey;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One zone at one version: an immutable image, read where it lies.
 *
 * <p>Safe for all threads; nothing here allocates unless it says so. A lookup reads one slot of the
 * index and one node, which lies beside its RRsets: two or three cache lines. Nodes and RRsets are
 * {@code int} handles; 0 is never one of them.
 *
 * <p>Handles from another zone, or after a reload from the zone's older version, give nonsense or
 * an {@link IndexOutOfBoundsException}.
 */
public final class Zone implements CatalogEntry {
  /** Node flag: owns NS records and is not the apex: authority ends here (RFC 1034 §4.2.1). */
  public static final int CUT = 1;

  /** Node flag: lies below a zone cut; {@link #link} is the cut. */
  public static final int BELOW_CUT = 2;

  /** Node flag: owns a DNAME record (RFC 6672). */
  public static final int HAS_DNAME = 4;

  /** Node flag: lies below a DNAME; {@link #link} is its owner. */
  public static final int BELOW_DNAME = 8;

  /** Node flag: has a wildcard child (RFC 4592 §2.1.1); {@link #link} is that child. */
  public static final int HAS_WILDCARD = 16;

  /** Node flag: owns a CNAME record. */
  public static final int HAS_CNAME = 32;

  /** Version of the layout of images: one of another version cannot be read. */
  public static final int LAYOUT_VERSION = ImageLayout.VERSION;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final byte[] image;
  private final int slots;
  private final int slotsAt;
  private final int apexNode;
  private final int negativeSoa;
  private final int number;
  private final int view;
  private final int tenant;
  private final long location;
  private final short apexLength;
  private final byte apexLabels;
  private final byte maxLabels;
  private final byte nameAt;
  private final byte flags;
  private final byte standing;

  /** What this version has beyond its image; null for a zone that was built whole. */
  private final @Nullable Overlay overlay;

  /** Takes over an image that a builder made; it must not be changed any more. */
  Zone(byte[] image) {
    this(image, null, 0, Views.PUBLIC, 0, 0, NOWHERE);
  }

  private Zone(
      byte[] image,
      @Nullable Overlay overlay,
      int number,
      int view,
      int tenant,
      int standing,
      long location) {
    this.overlay = overlay;
    this.number = number;
    this.view = view;
    this.tenant = tenant;
    this.standing = (byte) standing;
    this.location = location;
    this.image = image;
    this.slots = Wire.s32(image, H_SLOTS);
    this.slotsAt = Wire.s32(image, H_SLOTS_AT);
    this.apexNode = overlay == null ? Wire.s32(image, H_APEX_NODE) : overlay.apexNode;
    this.apexLength = (short) Wire.u8(image, H_APEX_LENGTH);
    this.apexLabels = image[H_APEX_LABELS];
    this.maxLabels = overlay == null ? image[H_MAX_LABELS] : (byte) overlay.maxLabels;
    this.negativeSoa = overlay == null ? Wire.s32(image, H_NEGATIVE_SOA) : overlay.negativeSoa;
    this.flags = (byte) Wire.u16(image, H_FLAGS);
    this.nameAt = (byte) ((flags & ZONE_NSEC3) != 0 ? N_NAME_NSEC3 : N_NAME);
  }

  /**
   * A zone from an image that was kept in a file, in the place that the catalog has for it.
   *
   * @param image octets that {@link #data} gave, the unused ones at the end included; they must not
   *     be changed any more
   * @throws IllegalArgumentException when it is no image of this version, or not of this zone
   */
  public static Zone of(byte[] image, ColdZone place) {
    if (image.length <= H_APEX
        || Wire.s32(image, H_MAGIC) != MAGIC
        || Wire.u16(image, H_VERSION) != VERSION
        || Wire.s32(image, H_IMAGE_BYTES) != image.length) {
      throw new IllegalArgumentException("no zone image of version " + VERSION);
    }
    Zone zone =
        new Zone(
            image,
            null,
            place.number(),
            place.view(),
            place.tenant(),
            place.standing(),
            place.location());
    int end = H_APEX + zone.apexLength;
    int nameAt = place.nameAt();
    if (zone.revision() != place.revision()
        || !Arrays.equals(image, H_APEX, end, place.names(), nameAt, nameAt + zone.apexLength)) {
      throw new IllegalArgumentException(
          "the image is of " + zone.apex() + " at revision " + zone.revision());
    }
    return zone;
  }

  /**
   * The same zone as a catalog has it without its image; of a patched zone, the version that its
   * image has: {@link #baseRevision}. Allocates.
   */
  public ColdZone cold() {
    return new ColdZone(
        Arrays.copyOfRange(image, H_APEX, H_APEX + apexLength),
        0,
        number,
        view,
        tenant,
        standing,
        baseRevision(),
        location,
        Wire.s32(image, H_IMAGE_BYTES));
  }

  /**
   * What stands for a zone whose image cannot be read: nothing but {@link #isUnavailable} is of
   * use.
   */
  public static Zone unavailable(ColdZone cold) {
    return new Zone(
        UNAVAILABLE, null, cold.number(), cold.view(), cold.tenant(), cold.standing(), NOWHERE);
  }

  /** True when the zone exists and nothing is known of its content: SERVFAIL is the answer. */
  @SuppressWarnings("ReferenceEquality") // there is one such image
  public boolean isUnavailable() {
    return image == UNAVAILABLE;
  }

  /**
   * The smallest image in which nothing is out of bounds: one node, the apex, which is the root.
   */
  private static final byte[] UNAVAILABLE = unavailableImage();

  private static byte[] unavailableImage() {
    byte[] image = new byte[H_APEX + 1 + SLOT_BYTES + N_NAME + 16 + SLACK_BYTES];
    int slotsAt = H_APEX + 1;
    int node = slotsAt + SLOT_BYTES;
    Wire.put32(image, H_MAGIC, MAGIC);
    Wire.put16(image, H_VERSION, VERSION);
    Wire.put32(image, H_SLOTS, 1);
    Wire.put32(image, H_SLOTS_AT, slotsAt);
    Wire.put32(image, H_APEX_NODE, node);
    Wire.put32(image, H_NEGATIVE_SOA, node + N_NAME);
    Wire.put32(image, H_IMAGE_BYTES, image.length);
    image[H_APEX_LENGTH] = 1;
    return image;
  }

  /**
   * The same zone in its place: what the catalog knows of it and its image does not. The image is
   * shared, not copied.
   *
   * @param number for counters: from 1, of this zone of this tenant alone, the same as long as the
   *     process runs; 0 for a zone that is not counted
   * @param view the view that it stands in, {@link Views#PUBLIC} or a number of {@link Views}
   * @param owner who it belongs to
   * @param suspended true to answer nothing from it
   */
  public Zone placed(int number, int view, Tenant owner, boolean suspended) {
    if (number < 0 || view < 0) {
      throw new IllegalArgumentException(
          "the number " + number + " or view " + view + " is negative");
    }
    int place = (suspended ? ZONE_SUSPENDED : 0) | (owner.suspended() ? OWNER_SUSPENDED : 0);
    return new Zone(image, overlay, number, view, owner.number(), place, location);
  }

  @Override
  public int standing() {
    return standing;
  }

  @Override
  public int writeApex(byte[] target, int at) {
    System.arraycopy(image, H_APEX, target, at, apexLength);
    return at + apexLength;
  }

  /** The same zone with its image in a file. */
  public Zone located(long location) {
    return new Zone(image, overlay, number, view, tenant, standing, location);
  }

  /**
   * Another version of the zone, in the same place.
   *
   * @param room the image with what was written behind it
   */
  Zone version(byte[] room, Overlay version) {
    return new Zone(room, version, number, view, tenant, standing, location);
  }

  /** The revision of the store that its content is of; 0 when it came from no store. */
  @Override
  public long revision() {
    return overlay == null ? baseRevision() : overlay.revision;
  }

  /**
   * True when it is a version that a {@link ZoneEditor} made: its content is that of its image with
   * what was changed since, and an image of it in a file is older.
   */
  public boolean isPatched() {
    return overlay != null;
  }

  /** The revision of its image: {@link #revision}, unless the zone is patched. */
  public long baseRevision() {
    return Wire.s64(image, H_REVISION);
  }

  @Override
  public long location() {
    return location;
  }

  /** Number for counters, 0 when it has none: see {@link #placed}. */
  @Override
  public int number() {
    return number;
  }

  /** The view that it stands in. */
  @Override
  public int view() {
    return view;
  }

  /** Number of the tenant that it belongs to, 0 for nobody: see {@link Catalog#tenant}. */
  @Override
  public int tenant() {
    return tenant;
  }

  /** The zone's name. Allocates. */
  @Override
  public DomainName apex() {
    return DomainName.ofWire(image, H_APEX);
  }

  /** True when the suffix of {@code name} that starts at {@code label} is this zone's apex. */
  boolean isApex(NameKey name, int label) {
    int from = name.labelOffset(label);
    return name.length() - from == apexLength
        && sameOctets(name.folded(), from, image, H_APEX, apexLength);
  }

  /** Labels of the apex, the root's not counted. */
  @Override
  public int apexLabels() {
    return apexLabels;
  }

  /** Octets of the apex in wire form. */
  public int apexLength() {
    return apexLength;
  }

  /** Seed of the hash that the image's index was built with. */
  public long hashSeed() {
    return Wire.s64(image, H_SEED);
  }

  /** The SOA serial (RFC 1982). */
  public long serial() {
    return overlay == null ? Wire.u32(image, H_SERIAL) : overlay.serial & 0xffff_ffffL;
  }

  /** Records in the zone. */
  public int recordCount() {
    return overlay == null ? Wire.s32(image, H_RECORDS) : overlay.recordCount;
  }

  /** Owner names in the zone, empty non-terminals included. */
  public int nodeCount() {
    return overlay == null ? Wire.s32(image, H_NODES) : overlay.nodeCount;
  }

  /** Octets of memory that the image takes, with the room behind it when the zone is patched. */
  @Override
  public long imageBytes() {
    return image.length;
  }

  /** True when the zone's denial of existence is signed, by NSEC or NSEC3. */
  public boolean isSigned() {
    return (flags & (ZONE_NSEC | ZONE_NSEC3)) != 0;
  }

  /** True when the zone's denial of existence is NSEC3 (RFC 5155). */
  public boolean usesNsec3() {
    return (flags & ZONE_NSEC3) != 0;
  }

  /** The node of the apex. */
  public int apexNode() {
    return apexNode;
  }

  /**
   * Finds the node of a name at or below the apex.
   *
   * @return the node, or, where the name does not exist, minus the node of its closest encloser
   *     (RFC 4592 §3.3.1)
   */
  public int find(NameKey name) {
    int below = name.labels() - apexLabels;
    if (below <= 0) {
      return apexNode;
    }
    int first = Math.max(0, below - maxLabels);
    for (int label = first; label < below; label++) {
      int node = probe(name, label);
      if (node != 0) {
        return label == 0 ? node : -node;
      }
    }
    return -apexNode;
  }

  /**
   * The node whose owner is the suffix of {@code name} that starts at {@code label}, or 0 where no
   * such name exists.
   *
   * @param label so that the suffix is at or below the apex
   */
  public int nodeOf(NameKey name, int label) {
    return name.labels() - label == apexLabels ? apexNode : probe(name, label);
  }

  private int probe(NameKey name, int label) {
    int node = indexed(name, label);
    return overlay == null ? node : patched(overlay, node, name, label);
  }

  /** The node of a name in a version, when the image's index says {@code home} or nothing, 0. */
  private int patched(Overlay version, int home, NameKey name, int label) {
    return version.current(home == 0 ? added(version, name, label) : home);
  }

  private int added(Overlay version, NameKey name, int label) {
    int tag = (int) name.suffixHash(label);
    int from = name.labelOffset(label);
    int length = name.length() - apexLength - from;
    int home;
    for (int skip = 0; (home = version.added.nth(tag, skip)) != 0; skip++) {
      if (Wire.u8(image, home + N_NAME_LENGTH) == length
          && sameOctets(name.folded(), from, image, home + nameAt, length)) {
        return home;
      }
    }
    return 0;
  }

  /**
   * The first node that a name ever had in this image and the versions made from it, also when the
   * name is gone; 0 for a name that never was (see {@link Overlay}).
   */
  int home(NameKey name, int label) {
    if (name.labels() - label == apexLabels) {
      return Wire.s32(image, H_APEX_NODE);
    }
    int home = indexed(name, label);
    return home != 0 || overlay == null ? home : added(overlay, name, label);
  }

  /** The node of a home in this version, 0 when the name is gone. */
  int current(int home) {
    return overlay == null ? home : overlay.current(home);
  }

  /** What this version has beyond its image. */
  @Nullable Overlay overlay() {
    return overlay;
  }

  private int indexed(NameKey name, int label) {
    long hash = name.suffixHash(label);
    int tag = (int) hash;
    int slot = slotOf(hash, slots);
    byte[] bytes = image;
    while (true) {
      long entry = Wire.s64(bytes, slotsAt + slot * SLOT_BYTES);
      if (entry == 0) {
        return 0;
      }
      if ((int) (entry >>> 32) == tag) {
        int node = (int) entry;
        int from = name.labelOffset(label);
        int length = name.length() - apexLength - from;
        if (Wire.u8(bytes, node + N_NAME_LENGTH) == length
            && sameOctets(name.folded(), from, bytes, node + nameAt, length)) {
          return node;
        }
      }
      if (++slot == slots) {
        slot = 0;
      }
    }
  }

  /**
   * The node that a name most likely has, from one look at the index: a hint for what to read next;
   * 0 when there is none. For a name outside the zone the answer means nothing.
   */
  public int likelyNode(NameKey name) {
    int slot = slotOf(name.suffixHash(0), slots);
    return (int) Wire.s64(image, slotsAt + slot * SLOT_BYTES);
  }

  /**
   * Reads a little of what an answer from a node will read: the apex, the node's flags and types,
   * and its first RRset, or what a negative answer needs when {@code node} is 0. Only the reading
   * matters; any number comes back.
   */
  public int touch(int node) {
    int seen = image[H_APEX];
    if (node == 0) {
      return seen + image[apexNode] + image[negativeSoa];
    }
    int types = typesAt(node);
    return seen
        + image[node]
        + image[Math.min(image.length - 1, Wire.s32(image, types + 2) & 0x7fff_ffff)];
  }

  /**
   * Slot by the hash's upper half, without division (Lemire, "Fast random integer generation in an
   * interval", 2019).
   */
  static int slotOf(long hash, int slots) {
    return (int) (((hash >>> 32) * slots) >>> 32);
  }

  /** Compares octets eight at a time; both arrays are readable eight octets beyond the range. */
  private static boolean sameOctets(byte[] a, int aAt, byte[] b, int bAt, int length) {
    int i = 0;
    for (; i + 8 <= length; i += 8) {
      if ((long) LONG.get(a, aAt + i) != (long) LONG.get(b, bAt + i)) {
        return false;
      }
    }
    int rest = length - i;
    return rest == 0
        || ((((long) LONG.get(a, aAt + i)) ^ ((long) LONG.get(b, bAt + i))) << (64 - 8 * rest))
            == 0;
  }

  /** The flags of a node. */
  public int flags(int node) {
    return Wire.u8(image, node + N_FLAGS);
  }

  /** Labels of a node's owner below the apex; 0 for the apex. */
  public int labelsBelowApex(int node) {
    return Wire.u8(image, node + N_LABELS);
  }

  /** What the node's flags say: the cut or DNAME node above it, or its wildcard child. */
  public int link(int node) {
    int link = Wire.s32(image, node + N_LINK);
    return overlay == null ? link : overlay.current(link);
  }

  /** Labels below the apex that the longest name has, or more. */
  int maxLabels() {
    return maxLabels;
  }

  /** What {@link #link} says, by its home. */
  int linkHome(int node) {
    return Wire.s32(image, node + N_LINK);
  }

  /** Number of types at a node. */
  public int typeCount(int node) {
    return Wire.u8(image, node + N_TYPES);
  }

  /** The type at {@code index} of a node, in rising order. */
  public int typeAt(int node, int index) {
    return Wire.u16(image, typesAt(node) + index * TYPE_ENTRY_BYTES);
  }

  /** The RRset at {@code index} of a node. */
  public int rrsetAt(int node, int index) {
    return Wire.s32(image, typesAt(node) + index * TYPE_ENTRY_BYTES + 2);
  }

  /** The RRset of a type at a node, or 0. */
  public int rrset(int node, int type) {
    int at = typesAt(node);
    int end = at + typeCount(node) * TYPE_ENTRY_BYTES;
    for (; at < end; at += TYPE_ENTRY_BYTES) {
      if (Wire.u16(image, at) == type) {
        return Wire.s32(image, at + 2);
      }
    }
    return 0;
  }

  private int typesAt(int node) {
    return node + nameAt + Wire.u8(image, node + N_NAME_LENGTH);
  }

  /** The RRset of the RRSIG records that cover an RRset, or 0. */
  public int signatures(int rrset) {
    return (Wire.u16(image, rrset + R_COUNT) & SIGNED) != 0
        ? Wire.s32(image, rrset + R_HEADER_BYTES)
        : 0;
  }

  /**
   * The SOA for negative answers: its TTL, and that of its signatures, is the negative TTL (RFC
   * 2308 §3).
   */
  public int negativeSoa() {
    return negativeSoa;
  }

  /** Number of records of an RRset. */
  public int recordCount(int rrset) {
    return Wire.u16(image, rrset + R_COUNT) & COUNT_MASK;
  }

  /** Octets that an RRset takes in a reply whose owner pointers are two octets each. */
  public int wireLength(int rrset) {
    return Wire.u16(image, rrset + R_DATA_LENGTH);
  }

  /** Where an RRset's list of pointer positions starts, or its data when it has none. */
  private static int pointersAt(int rrset, int word) {
    return rrset
        + R_HEADER_BYTES
        + ((word & SIGNED) != 0 ? 4 : 0)
        + ((word & ADDITIONAL) != 0 ? 4 : 0);
  }

  private int dataAt(int rrset) {
    int word = Wire.u16(image, rrset + R_COUNT);
    int at = pointersAt(rrset, word);
    return (word & POINTERS) != 0 ? at + 2 + 2 * Wire.u16(image, at) : at;
  }

  /** The TTL of an RRset, in seconds. */
  public int ttl(int rrset) {
    return Wire.s32(image, dataAt(rrset) + 6);
  }

  /** The array that data offsets of this zone refer to: to be read, never written. */
  public byte[] data() {
    return image;
  }

  /**
   * Offset in {@link #data} of the data of an RRset's first record. Names in it may end in a marker
   * for a pointer: only for types whose names are never compressed ({@link RecordType#mayCompress})
   * is it the record's wire form.
   */
  public int firstRecordData(int rrset) {
    return dataAt(rrset) + RECORD_HEADER_BYTES;
  }

  /** Octets of the data of an RRset's first record, as {@link #firstRecordData} shows it. */
  public int firstRecordDataLength(int rrset) {
    return Wire.u16(image, dataAt(rrset) + RECORD_RDLENGTH);
  }

  /**
   * Writes into {@code target} the whole name that stands first in an RRset's first record: the
   * target of a CNAME or DNAME.
   *
   * @param node the RRset's node
   * @param target at least 255 octets from {@code at}
   * @return offset after the name
   */
  public int writeTarget(int node, int rrset, byte[] target, int at) {
    int data = dataAt(rrset);
    return expandName(node, data, data + RECORD_HEADER_BYTES, target, at, at + Wire.MAX_NAME_BYTES);
  }

  /**
   * Number of additional RRsets that belong to an RRset: glue of a delegation, addresses of SVCB
   * targets.
   */
  public int additionalCount(int rrset) {
    int list = additionalList(rrset);
    return list == 0 ? 0 : Wire.u16(image, list);
  }

  private int additionalList(int rrset) {
    int word = Wire.u16(image, rrset + R_COUNT);
    return (word & ADDITIONAL) == 0
        ? 0
        : Wire.s32(image, rrset + R_HEADER_BYTES + ((word & SIGNED) != 0 ? 4 : 0));
  }

  private int additionalEntry(int rrset, int index) {
    return additionalList(rrset) + 2 + index * ADDITIONAL_ENTRY_BYTES;
  }

  /**
   * True when the reply must say TC if this additional RRset does not fit: in-domain glue (RFC 9471
   * §3.1).
   */
  public boolean additionalIsRequired(int rrset, int index) {
    return (Wire.s32(image, additionalEntry(rrset, index)) & REQUIRED) != 0;
  }

  /** The node of an additional RRset. */
  public int additionalNode(int rrset, int index) {
    int node = Wire.s32(image, additionalEntry(rrset, index) + 4);
    return overlay == null ? node : overlay.current(node);
  }

  /** An additional RRset. */
  public int additionalRrset(int rrset, int index) {
    int additional = Wire.s32(image, additionalEntry(rrset, index) + 8);
    return overlay == null ? additional : rrset(additionalNode(rrset, index), type(additional));
  }

  /** The type of an RRset. */
  int type(int rrset) {
    return Wire.u16(image, dataAt(rrset) + 2);
  }

  /**
   * Where the owner of an additional RRset stands in a reply into which the RRset itself was
   * written compressed.
   *
   * @param rrsetOffset where in the reply the RRset was written
   * @param ownerOffset where its owner stands
   * @param apexOffset where the apex stands, or 0 when it does not
   * @return an offset, or 0 when the owner has to be written out
   */
  public int additionalOwner(
      int rrset, int index, int rrsetOffset, int ownerOffset, int apexOffset) {
    int reference = Wire.s32(image, additionalEntry(rrset, index)) & 0xffff;
    int distance = reference & DISTANCE_MASK;
    int offset =
        switch (reference & KIND_MASK) {
          case KIND_APEX -> apexOffset == 0 ? 0 : apexOffset + distance;
          case KIND_BLOCK -> rrsetOffset + distance;
          case KIND_OWNER -> ownerOffset;
          default -> 0;
        };
    return offset <= Wire.MAX_POINTER ? offset : 0;
  }

  /**
   * True when an RRset written at {@code at} can have compressed names: all pointers reach, and the
   * apex is in the reply.
   */
  public boolean canCompress(int rrset, int at, int apexOffset) {
    return (Wire.u16(image, rrset + R_COUNT) & POINTERS) == 0
        || (apexOffset > 0 && at + wireLength(rrset) + Wire.MAX_NAME_BYTES <= Wire.MAX_POINTER);
  }

  /**
   * Writes an RRset, its names compressed, its owner somewhere in the reply.
   *
   * @param at where to write; {@link #canCompress} has said yes to it
   * @param limit first offset that may not be written
   * @param ownerOffset where the owner stands in {@code reply}
   * @param apexOffset where the apex stands in {@code reply}
   * @return offset after the RRset, or -1, with nothing of worth written, when it does not fit
   */
  public int write(int rrset, byte[] reply, int at, int limit, int ownerOffset, int apexOffset) {
    int length = wireLength(rrset);
    if (at + length > limit) {
      return -1;
    }
    int word = Wire.u16(image, rrset + R_COUNT);
    int owner = Wire.POINTER | ownerOffset;
    if ((word & ~SIGNED) == 1) {
      // The plain case: one record, no pointer in its data.
      int data = rrset + R_HEADER_BYTES + ((word & SIGNED) != 0 ? 4 : 0);
      System.arraycopy(image, data, reply, at, length);
      Wire.put16(reply, at, owner);
      return at + length;
    }
    int pointers = pointersAt(rrset, word);
    int pointerCount = (word & POINTERS) != 0 ? Wire.u16(image, pointers) : 0;
    int data = (word & POINTERS) != 0 ? pointers + 2 + 2 * pointerCount : pointers;
    System.arraycopy(image, data, reply, at, length);
    int record = at;
    for (int i = word & COUNT_MASK; i > 0; i--) {
      Wire.put16(reply, record, owner);
      record += RECORD_HEADER_BYTES + Wire.u16(reply, record + RECORD_RDLENGTH);
    }
    for (int i = 1; i <= pointerCount; i++) {
      int position = at + Wire.u16(image, pointers + 2 * i);
      int marker = Wire.u16(reply, position);
      int offset =
          switch (marker & KIND_MASK) {
            case KIND_APEX -> apexOffset + (marker & DISTANCE_MASK);
            case KIND_BLOCK -> at + (marker & DISTANCE_MASK);
            default -> ownerOffset;
          };
      Wire.put16(reply, position, Wire.POINTER | offset);
    }
    return at + length;
  }

  /**
   * Writes an RRset whose owner stands nowhere in the reply yet: the first record carries it, the
   * others point there.
   *
   * @param apexOffset where the apex stands in {@code reply}, or 0 when it does not: then all names
   *     are written whole
   * @return offset after the RRset, or -1, with nothing of worth written, when it does not fit
   */
  public int writeWithOwner(int node, int rrset, byte[] reply, int at, int limit, int apexOffset) {
    int relative = Wire.u8(image, node + N_NAME_LENGTH);
    int ownerLength = apexOffset > 0 && relative > 0 ? relative + 2 : relative + apexLength;
    // The records behind the first point at its owner: no pointer reaches beyond 16 KiB, and the
    // root is shorter than a pointer.
    boolean canPoint = ownerLength > 1 && (at <= Wire.MAX_POINTER || recordCount(rrset) == 1);
    if (!canCompress(rrset, at, apexOffset) || !(canPoint || (relative == 0 && apexOffset > 0))) {
      return writeWhole(node, rrset, reply, at, limit, 0);
    }
    if (relative == 0 && apexOffset > 0) {
      return write(rrset, reply, at, limit, apexOffset, apexOffset);
    }
    // Written as if the owner were two octets, then moved: the data of the first record starts
    // after the owner.
    int base = at + ownerLength - 2;
    int end = write(rrset, reply, base, limit, at, apexOffset);
    if (end < 0) {
      return -1;
    }
    System.arraycopy(image, node + nameAt, reply, at, relative);
    if (apexOffset > 0) {
      Wire.put16(reply, at + relative, Wire.POINTER | apexOffset);
    } else {
      System.arraycopy(image, H_APEX, reply, at + relative, apexLength);
    }
    return end;
  }

  /**
   * Writes an RRset with whole names in its data.
   *
   * @param ownerOffset where the owner stands in {@code reply}, or 0 to write it whole with each
   *     record
   * @return offset after the RRset, or -1, with nothing of worth written, when it does not fit
   */
  public int writeWhole(int node, int rrset, byte[] reply, int at, int limit, int ownerOffset) {
    int word = Wire.u16(image, rrset + R_COUNT);
    int pointers = pointersAt(rrset, word);
    int pointersLeft = (word & POINTERS) != 0 ? Wire.u16(image, pointers) : 0;
    int base = (word & POINTERS) != 0 ? pointers + 2 + 2 * pointersLeft : pointers;
    int out = at;
    int record = base;
    for (int i = word & COUNT_MASK; i > 0; i--) {
      int end = record + RECORD_HEADER_BYTES + Wire.u16(image, record + RECORD_RDLENGTH);
      if (ownerOffset == 0) {
        if (out + Wire.u8(image, node + N_NAME_LENGTH) + apexLength > limit) {
          return -1;
        }
        out = writeOwner(node, reply, out);
      } else if (out + 2 <= limit) {
        Wire.put16(reply, out, Wire.POINTER | ownerOffset);
        out += 2;
      } else {
        return -1;
      }
      int rdata = out + RECORD_HEADER_BYTES - 2;
      int from = record + 2;
      while (pointersLeft > 0 && base + Wire.u16(image, pointers + 2) < end) {
        int pointer = base + Wire.u16(image, pointers + 2);
        out = copy(from, pointer, reply, out, limit);
        out = out < 0 ? -1 : expandName(node, base, pointer, reply, out, limit);
        if (out < 0) {
          return -1;
        }
        from = pointer + 2;
        pointers += 2;
        pointersLeft--;
      }
      out = copy(from, end, reply, out, limit);
      if (out < 0) {
        return -1;
      }
      Wire.put16(reply, rdata - 2, out - rdata);
      record = end;
    }
    return out;
  }

  private int copy(int from, int to, byte[] reply, int at, int limit) {
    int length = to - from;
    if (at + length > limit) {
      return -1;
    }
    System.arraycopy(image, from, reply, at, length);
    return at + length;
  }

  /**
   * Writes the name at {@code from} of RRset data that starts at {@code base}, following its
   * pointer marker.
   */
  private int expandName(int node, int base, int from, byte[] target, int at, int limit) {
    int in = from;
    int out = at;
    while (true) {
      int octets = Wire.u8(image, in);
      if (octets <= Wire.MAX_LABEL_BYTES) {
        if (out + octets + 1 > limit) {
          return -1;
        }
        System.arraycopy(image, in, target, out, octets + 1);
        out += octets + 1;
        in += octets + 1;
        if (octets == 0) {
          return out;
        }
        continue;
      }
      int marker = Wire.u16(image, in);
      int distance = marker & DISTANCE_MASK;
      switch (marker & KIND_MASK) {
        case KIND_APEX -> in = H_APEX + distance;
        case KIND_BLOCK -> in = base + distance;
        default -> {
          if (out + Wire.u8(image, node + N_NAME_LENGTH) + apexLength > limit) {
            return -1;
          }
          return writeOwner(node, target, out);
        }
      }
    }
  }

  /**
   * Writes the whole owner name of a node in wire form, without pointers.
   *
   * @param target at least 255 octets from {@code at}
   * @return offset after the name
   */
  public int writeOwner(int node, byte[] target, int at) {
    int relative = Wire.u8(image, node + N_NAME_LENGTH);
    System.arraycopy(image, node + nameAt, target, at, relative);
    System.arraycopy(image, H_APEX, target, at + relative, apexLength);
    return at + relative + apexLength;
  }

  /** Octets of a node's owner name below the apex. */
  public int ownerLengthBelowApex(int node) {
    return Wire.u8(image, node + N_NAME_LENGTH);
  }

  /** The owner name of a node, letters in lower case. Allocates. */
  public DomainName owner(int node) {
    byte[] name = new byte[Wire.MAX_NAME_BYTES];
    writeOwner(node, name, 0);
    return DomainName.ofWire(name, 0);
  }

  /**
   * The node at {@code index} in canonical order, of {@link #nodeCount} (RFC 4034 §6.1). The first
   * call for a patched zone brings the order of its names together: 4 octets and some 20 ns for
   * each of them, kept as long as this version.
   */
  public int nodeInOrder(int index) {
    return overlay != null
        ? overlay.order(image)[index]
        : Wire.s32(image, Wire.s32(image, H_ORDER_AT) + 4 * index);
  }

  /** Gives every node to {@code reader}, in canonical order, as {@link #nodeInOrder} does. */
  public void forEachNode(IntConsumer reader) {
    for (int i = 0, count = nodeCount(); i < count; i++) {
      reader.accept(nodeInOrder(i));
    }
  }

  /**
   * The node whose NSEC record covers a name that does not exist, or is at it: the last NSEC owner
   * that is not after the name in canonical order (RFC 4035 §3.1.3).
   *
   * @param name at or below the apex
   * @param wildcard true to look for the wildcard child of the name that starts at {@code label},
   *     false for that name itself
   * @return the node, or 0 in a zone without NSEC
   */
  public int coveringNsec(NameKey name, int label, boolean wildcard) {
    int count = Wire.s32(image, H_NSEC);
    int list = Wire.s32(image, H_NSEC_AT);
    if (count == 0) {
      return 0;
    }
    int low = 0;
    int high = count - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (compareOwner(Wire.s32(image, list + 4 * middle), name, label, wildcard) <= 0) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return Wire.s32(image, list + 4 * low);
  }

  /**
   * Canonical order of a node's owner against a suffix of a name, or against that suffix's wildcard
   * child.
   */
  private int compareOwner(int node, NameKey name, int label, boolean wildcard) {
    int nodeLabels = labelsBelowApex(node);
    int suffixLabels = name.labels() - apexLabels - label;
    int common = Math.min(nodeLabels, suffixLabels);
    int relative = node + nameAt;
    for (int i = 1; i <= common; i++) {
      int mine = relative;
      for (int skip = nodeLabels - i; skip > 0; skip--) {
        mine += 1 + image[mine];
      }
      int order =
          DomainName.compareLabels(
              image, mine, name.folded(), name.labelOffset(label + suffixLabels - i));
      if (order != 0) {
        return order;
      }
    }
    if (!wildcard || nodeLabels <= suffixLabels) {
      return wildcard ? -1 : Integer.compare(nodeLabels, suffixLabels);
    }
    // The node lies below the suffix: hold its next label against "*", one octet of value 42.
    int next = relative;
    for (int skip = nodeLabels - suffixLabels - 1; skip > 0; skip--) {
      next += 1 + image[next];
    }
    int order = image[next] == 0 ? -1 : (image[next + 1] & 0xff) - '*';
    if (order != 0) {
      return order;
    }
    return image[next] > 1 ? 1 : Integer.compare(nodeLabels, suffixLabels + 1);
  }

  /** The node of the NSEC3 record that matches a node's owner, or 0 (RFC 5155 §7.2.1). */
  public int nsec3Match(int node) {
    return Wire.s32(image, node + N_NSEC3_MATCH);
  }

  /**
   * The node of the NSEC3 record that matches or covers the wildcard child of a node, or 0 (RFC
   * 5155 §7.2.3).
   */
  public int nsec3ForWildcard(int node) {
    return Wire.s32(image, node + N_NSEC3_WILDCARD);
  }

  /**
   * The node of the NSEC3 record that matches or covers a hashed name: the last one whose hash is
   * not greater, or the last of all, as the chain is a ring (RFC 5155 §3.1.7).
   *
   * @param hash 20 octets
   */
  public int coveringNsec3(byte[] hash) {
    int count = Wire.s32(image, H_NSEC3);
    int list = Wire.s32(image, H_NSEC3_AT);
    if (count == 0) {
      return 0;
    }
    int low = -1;
    int high = count - 1;
    while (low < high) {
      int middle = (low + high + 1) >> 1;
      int entry = list + middle * NSEC3_ENTRY_BYTES;
      if (Arrays.compareUnsigned(image, entry, entry + NSEC3_HASH_BYTES, hash, 0, NSEC3_HASH_BYTES)
          <= 0) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    int index = low < 0 ? count - 1 : low;
    return Wire.s32(image, list + index * NSEC3_ENTRY_BYTES + NSEC3_HASH_BYTES);
  }
}
