package io.flashdns.core.plugin;

import io.flashdns.core.zone.Zone;

/**
 * The reply being written, append-only: sections in order, records whole, never above the size
 * limit. Implemented by the engine alone.
 *
 * <p>Owned by one worker and filled again for the next packet. The question is already in it,
 * unless it could not be read; id, flags and the OPT record are added by the engine when the answer
 * is done. Records have the class of the question. No method allocates.
 */
public interface Response {
  /** The response code so far. */
  int rcode();

  /** Sets the response code; above 15 only when the query had EDNS. */
  void rcode(int rcode);

  /** Sets or clears the AA bit (RFC 1035 §4.1.1). */
  void authoritative(boolean authoritative);

  /**
   * Adds an extended error to the reply's OPT record when the query had EDNS (RFC 8914). Later
   * calls replace earlier ones.
   */
  void extendedError(int infoCode);

  /**
   * The same with a text for people (RFC 8914 §2), which is left out when it does not fit.
   *
   * @param text in UTF-8, at most 200 octets; not copied, must not change any more
   */
  void extendedError(int infoCode, byte[] text);

  /**
   * Adds an option to the reply's OPT record (RFC 6891 §6.1.2). Before the answer phase it takes
   * its room from the answer, after it only what the answer has left.
   *
   * @return false, with nothing added, when the query had no EDNS or the option does not fit
   */
  boolean addOption(int code, byte[] data, int dataOffset, int dataLength);

  /**
   * Writes an RRset of a zone and, when the query takes DNSSEC records, its signatures.
   *
   * @param section not before a section that was already written to
   * @param zone the zone that {@code node} and {@code rrset} are handles of
   * @param node the RRset's node
   * @param rrset handle from {@link Zone#rrset}
   * @param ownerOffset where in this reply the owner name stands: {@link #QUESTION_NAME}, an offset
   *     that {@link #lastDataOffset} gave, or {@link #OWN_NAME} to write the RRset's own owner
   * @return true when all its records were written; false, with nothing written, when they do not
   *     fit
   */
  boolean addRrset(Section section, Zone zone, int node, int rrset, int ownerOffset);

  /**
   * Writes one record with uncompressed names in its data.
   *
   * @param ownerOffset {@link #QUESTION_NAME} or where the owner stands in this reply
   * @param ttl seconds
   * @return true when it was written; false, with nothing written, when it does not fit
   */
  boolean addRecord(
      Section section,
      int ownerOffset,
      int type,
      int ttl,
      byte[] rdata,
      int rdataOffset,
      int rdataLength);

  /** The owner is the name of the question, which stands behind the header. */
  int QUESTION_NAME = 12;

  /** The owner is the RRset's own, to be written out. */
  int OWN_NAME = 0;

  /** Where the last written RRset starts in the reply. */
  int lastRrsetOffset();

  /** Where the data of the first record of the last written RRset starts in the reply. */
  int lastDataOffset();

  /**
   * Where the apex of the query's zone stands in the reply, inside the question; 0 before the zone
   * is known.
   */
  int apexOffset();

  /** Gives up what does not fit: sets TC, and later records are refused (RFC 2181 §9). */
  void truncate();

  /** True when TC is set. */
  boolean truncated();

  /**
   * Takes all records out of the reply and sets TC, so that an honest asker comes again over TCP
   * and a forged one gets no more octets than it sent: options and extended error are left out when
   * they would make the reply to an unproven source longer than the query.
   */
  void withhold();

  /**
   * Rotates the addresses within each RRset of type A or AAAA of the answer: the record at {@code
   * steps}, modulo their number, comes first. The order of records means nothing (RFC 1034 §3.6).
   */
  void rotateAddresses(int steps);

  /**
   * Octets written so far, header and question included; for an {@link Observer} those of the whole
   * reply.
   */
  int length();

  /** Octets that the reply may have, room for its OPT record already taken off. */
  int limit();

  /** Records in a section so far. */
  int count(Section section);

  /** The reply's octets, valid up to {@link #length}. To be read, not written. */
  byte[] bytes();
}
