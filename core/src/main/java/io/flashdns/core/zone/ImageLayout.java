package io.flashdns.core.zone;

/**
 * The layout of a zone image, version 2. All numbers are big-endian and unsigned; every offset
 * counts from the image's start.
 *
 * <pre>
 * header    magic, version, name hash seed, counts, where each part starts, revision of the store, the apex
 * slots     hash index of owner names: open addressing, linear probing, 8 octets a slot
 *             32 bits  lower half of the owner's hash (the upper half chose the slot)
 *             32 bits  offset of the node, 0 = empty
 * order     offset of every node in canonical order (RFC 4034 §6.1), 4 octets each
 * nsec      offset of every node that owns an NSEC record, in canonical order, 4 octets each
 * nsec3     hash (20 octets) and node offset of every NSEC3 record of the chain, in order of the hash
 * nodes     in canonical order, each followed by its RRsets
 * slack     8 octets, so that eight octets can be read from any octet of the image
 *
 * node      flags 8 | labels below the apex 8 | octets of the owner's part below the apex 8 | number of types 8
 *           link 32: the zone cut or DNAME node that hides this one, else its wildcard child, else 0
 *           (only in an NSEC3 zone) 32: NSEC3 node that matches this owner | 32: that matches or covers its wildcard child
 *           owner below the apex, lower case, wire form without the part that is the apex
 *           for each type: type 16 | RRset offset 32
 *
 * RRset     octets of data 16 | flags 4, number of records 12
 *           (SIGNED) offset of the RRset of its RRSIG records 32
 *           (ADDITIONAL) offset of its list of additional RRsets 32
 *           (POINTERS) how many 16 | position in the data of each compression pointer 16
 *           data: the records as they go on the wire; owners and pointers are filled in when they are copied
 *
 * additional list   how many 16, then for each: where its owner stands 32 | node 32 | RRset 32
 * </pre>
 *
 * <p><b>Why records and not data alone.</b> An RRset is copied into a reply by one array copy; what
 * remains is to write each record's owner pointer and the pointers inside the data. Those stand in
 * the data as a kind and a distance, because what they point to is known only when the reply is
 * written:
 *
 * <ul>
 *   <li>APEX: the apex inside the question's name, plus a distance for the names above it;
 *   <li>OWNER: the RRset's owner, wherever it stands in the reply;
 *   <li>BLOCK: an earlier name in the same RRset.
 * </ul>
 *
 * <p>So names are compressed once, when the image is built, and never looked for in a reply. Where
 * this cannot work (a reply longer than a pointer can reach, a zone that the question's name does
 * not lie in), the RRset is written with whole names.
 */
final class ImageLayout {
  static final int MAGIC = 0x4644_5a49; // "FDZI"
  static final int VERSION = 2;

  static final int H_MAGIC = 0;
  static final int H_VERSION = 4;
  static final int H_FLAGS = 6;
  static final int H_SEED = 8;
  static final int H_SERIAL = 16;
  static final int H_NODES = 20;
  static final int H_RECORDS = 24;
  static final int H_SLOTS = 28;
  static final int H_SLOTS_AT = 32;
  static final int H_ORDER_AT = 36;
  static final int H_NSEC = 40;
  static final int H_NSEC_AT = 44;
  static final int H_NSEC3 = 48;
  static final int H_NSEC3_AT = 52;
  static final int H_APEX_NODE = 56;
  static final int H_NEGATIVE_SOA = 60;
  static final int H_IMAGE_BYTES = 64;
  static final int H_APEX_LABELS = 68;
  static final int H_MAX_LABELS = 69;
  static final int H_APEX_LENGTH = 70;
  static final int H_REVISION = 72;
  static final int H_APEX = 80;

  /** Header flag: the zone's denial of existence is NSEC3 (RFC 5155). */
  static final int ZONE_NSEC3 = 1;

  /** Header flag: the zone's denial of existence is NSEC (RFC 4034 §4). */
  static final int ZONE_NSEC = 2;

  static final int SLOT_BYTES = 8;
  static final int SLACK_BYTES = 8;
  static final int NSEC3_HASH_BYTES = 20;
  static final int NSEC3_ENTRY_BYTES = NSEC3_HASH_BYTES + 4;

  static final int N_FLAGS = 0;
  static final int N_LABELS = 1;
  static final int N_NAME_LENGTH = 2;
  static final int N_TYPES = 3;
  static final int N_LINK = 4;
  static final int N_NAME = 8;
  static final int N_NSEC3_MATCH = 8;
  static final int N_NSEC3_WILDCARD = 12;
  static final int N_NAME_NSEC3 = 16;
  static final int TYPE_ENTRY_BYTES = 6;

  static final int R_DATA_LENGTH = 0;
  static final int R_COUNT = 2;
  static final int R_HEADER_BYTES = 4;
  static final int COUNT_MASK = 0x0fff;
  static final int POINTERS = 0x8000;
  static final int SIGNED = 0x4000;
  static final int ADDITIONAL = 0x2000;

  /** Octets of a record before its data: owner pointer, type, class, TTL, data length. */
  static final int RECORD_HEADER_BYTES = 12;

  /** Where the data length stands in a record that starts with an owner pointer. */
  static final int RECORD_RDLENGTH = 10;

  static final int KIND_MASK = 0xc000;
  static final int KIND_APEX = 0x4000;
  static final int KIND_BLOCK = 0x8000;
  static final int KIND_OWNER = 0xc000;
  static final int DISTANCE_MASK = 0x3fff;

  static final int ADDITIONAL_ENTRY_BYTES = 12;

  /**
   * Additional entry: the reply must say TC when this RRset does not fit (in-domain glue, RFC 9471
   * §3.1).
   */
  static final int REQUIRED = 0x0001_0000;

  /**
   * Largest RRset that is served, in octets: a message must hold it with header, question and OPT.
   */
  static final int MAX_RRSET_BYTES = 61_440;

  /** Most records of one RRset that the image can say. */
  static final int MAX_RRSET_RECORDS = COUNT_MASK;

  private ImageLayout() {}
}
