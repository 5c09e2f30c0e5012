package io.flashdns.core.engine;

import io.flashdns.core.dns.EdnsOption;
import io.flashdns.core.dns.ExtendedError;
import io.flashdns.core.dns.NameKey;
import io.flashdns.core.dns.Rcode;
import io.flashdns.core.dns.RecordClass;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.plugin.Protocol;
import io.flashdns.core.plugin.Response;
import io.flashdns.core.plugin.Section;
import io.flashdns.core.zone.Zone;
import org.jspecify.annotations.Nullable;

/**
 * The response of a worker: writes into its reply array, header and OPT last.
 *
 * <p>The question is copied as it came, in the asker's case, so that a resolver's 0x20 check holds.
 * A record is written whole or not at all; room for the OPT record is kept free from the start.
 */
final class ResponseWriter implements Response {
  private static final int PLAIN_UDP_BYTES = 512;
  private static final int OPT_BYTES = 11;
  private static final int OPTION_HEADER_BYTES = 4;
  private static final int EXTENDED_ERROR_BYTES = OPTION_HEADER_BYTES + 2;
  private static final int MAX_OPTIONS_BYTES = 1_024;
  private static final int MAX_EXTENDED_TEXT_BYTES = 200;
  private static final byte[] NO_TEXT = {};
  private static final int TSIG_BADKEY = 17;
  private static final int MAX_RCODE = 0xfff;

  private final byte[] reply;
  private final int maxUdpBytes;
  private final NameKey tsigName;

  /** Options of the OPT record, as they go on the wire. */
  private final byte[] options = new byte[MAX_OPTIONS_BYTES];

  private int optionsLength;

  private int at;
  private int limit;
  private int hardLimit;
  private int flags;
  private int rcode;
  private int extendedError;
  private byte[] extendedText = NO_TEXT;
  private boolean edns;
  private boolean dnssecOk;
  private boolean truncated;
  private boolean withheld;
  private int answers;
  private int authorities;
  private int additionals;
  private int questions;
  private int questionEnd;
  private int recordClass;
  private int lastRrset;
  private int lastData;
  private @Nullable Zone zone;
  private int apexOffset;

  ResponseWriter(byte[] reply, EngineConfig config) {
    this.reply = reply;
    this.maxUdpBytes = config.maxUdpReplyBytes();
    this.tsigName = new NameKey(config.hash());
  }

  /**
   * Starts a reply that has a header alone, for messages whose question cannot be or was not read.
   */
  void begin(PacketQuery query) {
    // CD is cleared: an authoritative server does not check signatures (RFC 4035 §3.1.6).
    flags = Wire.QR | (query.flags() & (Wire.OPCODE_MASK | Wire.RD));
    rcode = Rcode.NOERROR;
    extendedError = ExtendedError.NONE;
    extendedText = NO_TEXT;
    edns = false;
    dnssecOk = false;
    optionsLength = 0;
    truncated = false;
    withheld = false;
    answers = 0;
    authorities = 0;
    additionals = 0;
    questions = 0;
    questionEnd = Wire.HEADER_BYTES;
    lastRrset = 0;
    lastData = 0;
    zone = null;
    apexOffset = 0;
    at = Wire.HEADER_BYTES;
    hardLimit = query.protocol() == Protocol.UDP ? PLAIN_UDP_BYTES : Wire.MAX_MESSAGE_BYTES;
    limit = hardLimit;
    Wire.put16(reply, Wire.ID, Wire.u16(query.message(), Wire.ID));
  }

  /** Adds the question and takes over what the query's OPT record says. */
  void question(PacketQuery query) {
    int length = query.questionEnd() - Wire.HEADER_BYTES;
    System.arraycopy(query.message(), Wire.HEADER_BYTES, reply, Wire.HEADER_BYTES, length);
    at = Wire.HEADER_BYTES + length;
    questionEnd = at;
    questions = 1;
    recordClass = query.recordClass();
    edns = query.hasEdns();
    if (!edns) {
      return;
    }
    dnssecOk = query.dnssecOk();
    if (query.protocol() == Protocol.UDP) {
      hardLimit = Math.min(query.udpPayloadBytes(), maxUdpBytes);
    }
    limit = hardLimit - OPT_BYTES;
  }

  /**
   * Says which zone the question's name lies in, so that names can be compressed against its apex.
   */
  void zone(Zone found, NameKey name) {
    zone = found;
    apexOffset = Wire.HEADER_BYTES + name.length() - found.apexLength();
  }

  /** Throws away all records, the flags and codes: what a failed hook has written. */
  void clear() {
    clearRecords();
    truncated = false;
    withheld = false;
    flags &= ~Wire.AA;
    extendedError = ExtendedError.NONE;
    extendedText = NO_TEXT;
  }

  private void clearRecords() {
    at = questionEnd;
    answers = 0;
    authorities = 0;
    additionals = 0;
  }

  /** Completes the reply with OPT, flags and counts. Returns its length in octets. */
  int finish(PacketQuery query) {
    if (withheld && !query.isSourceProven()) {
      // Options, extended error and TSIG too must not make it longer than what may be forged.
      hardLimit = Math.min(hardLimit, query.messageLength());
    }
    if (edns) {
      writeOpt();
    } else if (rcode > Wire.RCODE_MASK) {
      // Its upper bits would stand in OPT: without it the code would read as another one.
      rcode = Rcode.SERVFAIL;
    }
    if (rcode == Rcode.NOTAUTH && query.tsigAt() != 0) {
      refuseTsig(query);
    }
    Wire.put16(reply, Wire.FLAGS, flags | (truncated ? Wire.TC : 0) | (rcode & Wire.RCODE_MASK));
    Wire.put16(reply, Wire.QDCOUNT, questions);
    Wire.put16(reply, Wire.ANCOUNT, answers);
    Wire.put16(reply, Wire.NSCOUNT, authorities);
    Wire.put16(reply, Wire.ARCOUNT, additionals);
    limit = 0; // whatever an observer tries to add is refused
    return at;
  }

  /** Writes the OPT record (RFC 6891 §6.1.2); extended flags but DO are zero (§6.1.4). */
  private void writeOpt() {
    int start = at;
    reply[at] = 0;
    Wire.put16(reply, at + 1, RecordType.OPT);
    Wire.put16(reply, at + 3, maxUdpBytes);
    reply[at + 5] = (byte) (rcode >>> 4);
    reply[at + 6] = 0;
    Wire.put16(reply, at + 7, dnssecOk ? 0x8000 : 0);
    at += OPT_BYTES;
    if (optionsLength > 0 && at + optionsLength <= hardLimit) {
      System.arraycopy(options, 0, reply, at, optionsLength);
      at += optionsLength;
    }
    if (extendedError != ExtendedError.NONE && at + EXTENDED_ERROR_BYTES <= hardLimit) {
      writeExtendedError();
    }
    Wire.put16(reply, start + 9, at - start - OPT_BYTES);
    additionals++;
  }

  private void writeExtendedError() {
    int text =
        at + EXTENDED_ERROR_BYTES + extendedText.length <= hardLimit ? extendedText.length : 0;
    Wire.put16(reply, at, EdnsOption.EXTENDED_ERROR);
    Wire.put16(reply, at + 2, 2 + text);
    Wire.put16(reply, at + OPTION_HEADER_BYTES, extendedError);
    System.arraycopy(extendedText, 0, reply, at + EXTENDED_ERROR_BYTES, text);
    at += EXTENDED_ERROR_BYTES + text;
  }

  /**
   * Answers a TSIG whose key is not known here: the record comes back unsigned with BADKEY (RFC
   * 8945 §5.2.1).
   */
  private void refuseTsig(PacketQuery query) {
    byte[] message = query.message();
    int fixed = tsigName.readCompressed(message, query.tsigAt(), query.messageLength());
    int rdata = fixed + Wire.RECORD_FIXED_BYTES;
    int end = rdata + Wire.u16(message, fixed + 8);
    int start = at;
    System.arraycopy(tsigName.folded(), 0, reply, at, tsigName.length());
    at += tsigName.length();
    int afterAlgorithm = tsigName.readUncompressed(message, rdata, end);
    if (afterAlgorithm == NameKey.MALFORMED || afterAlgorithm + 8 > end || at + 300 > hardLimit) {
      at = start;
      return;
    }
    Wire.put16(reply, at, RecordType.TSIG);
    Wire.put16(reply, at + 2, RecordClass.ANY);
    Wire.put32(reply, at + 4, 0);
    int algorithmLength = afterAlgorithm - rdata;
    Wire.put16(reply, at + 8, algorithmLength + 16);
    at += Wire.RECORD_FIXED_BYTES;
    // Algorithm, time signed and fudge as they came; no MAC; the query's id; the error; no other
    // data.
    System.arraycopy(message, rdata, reply, at, algorithmLength + 8);
    at += algorithmLength + 8;
    Wire.put16(reply, at, 0);
    Wire.put16(reply, at + 2, Wire.u16(message, Wire.ID));
    Wire.put16(reply, at + 4, TSIG_BADKEY);
    Wire.put16(reply, at + 6, 0);
    at += 8;
    additionals++;
  }

  @Override
  public int rcode() {
    return rcode;
  }

  @Override
  public void rcode(int code) {
    if ((code & ~MAX_RCODE) != 0) {
      throw new IllegalArgumentException("response code " + code + ", 0 to 4095 are allowed");
    }
    rcode = code;
  }

  @Override
  public void authoritative(boolean authoritative) {
    flags = authoritative ? flags | Wire.AA : flags & ~Wire.AA;
  }

  @Override
  public void extendedError(int infoCode) {
    extendedError(infoCode, NO_TEXT);
  }

  @Override
  public void extendedError(int infoCode, byte[] text) {
    if (text.length > MAX_EXTENDED_TEXT_BYTES) {
      throw new IllegalArgumentException(
          "a text of " + text.length + " octets, 200 are allowed: shorten it");
    }
    extendedError = infoCode;
    extendedText = text;
  }

  @Override
  public boolean addOption(int code, byte[] data, int dataOffset, int dataLength) {
    int length = OPTION_HEADER_BYTES + dataLength;
    if (!edns || optionsLength + length > MAX_OPTIONS_BYTES || at + length > limit) {
      return false;
    }
    Wire.put16(options, optionsLength, code);
    Wire.put16(options, optionsLength + 2, dataLength);
    System.arraycopy(data, dataOffset, options, optionsLength + OPTION_HEADER_BYTES, dataLength);
    optionsLength += length;
    limit -= length;
    return true;
  }

  @Override
  public boolean addRrset(Section section, Zone from, int node, int rrset, int ownerOffset) {
    if (truncated) {
      return false;
    }
    int end = write(from, node, rrset, at, ownerOffset);
    if (end < 0) {
      return false;
    }
    int start = at;
    int records = from.recordCount(rrset);
    int data = lastDataOf(ownerOffset, start);
    if (dnssecOk) {
      int signatures = from.signatures(rrset);
      if (signatures != 0) {
        end = write(from, node, signatures, end, ownerOf(ownerOffset, start));
        if (end < 0) {
          return false;
        }
        records += from.recordCount(signatures);
      }
    }
    at = end;
    lastRrset = start;
    lastData = data;
    count(section, records);
    return true;
  }

  /** Where the owner of an RRset just written stands: no pointer to a pointer is made. */
  private int ownerOf(int ownerOffset, int start) {
    if (ownerOffset != OWN_NAME) {
      return ownerOffset;
    }
    int word = Wire.u16(reply, start);
    return word >= Wire.POINTER ? word & Wire.MAX_POINTER : start;
  }

  private int write(Zone from, int node, int rrset, int position, int ownerOffset) {
    int apex = from == zone ? apexOffset : 0;
    if (ownerOffset == OWN_NAME || ownerOffset > Wire.MAX_POINTER) {
      return from.writeWithOwner(node, rrset, reply, position, limit, apex);
    }
    return from.canCompress(rrset, position, apex)
        ? from.write(rrset, reply, position, limit, ownerOffset, apex)
        : from.writeWhole(node, rrset, reply, position, limit, ownerOffset);
  }

  /**
   * Where the first record's data starts in a just written RRset: behind its owner, which is a
   * pointer unless written out.
   */
  private int lastDataOf(int ownerOffset, int start) {
    int owner = start;
    if (ownerOffset == OWN_NAME || ownerOffset > Wire.MAX_POINTER) {
      while (reply[owner] > 0) {
        owner += 1 + reply[owner];
      }
      owner += reply[owner] == 0 ? 1 : 2;
    } else {
      owner += 2;
    }
    return owner + Wire.RECORD_FIXED_BYTES;
  }

  @Override
  public boolean addRecord(
      Section section,
      int ownerOffset,
      int type,
      int ttl,
      byte[] rdata,
      int rdataOffset,
      int rdataLength) {
    int length = 2 + Wire.RECORD_FIXED_BYTES + rdataLength;
    if (truncated || at + length > limit) {
      return false;
    }
    Wire.put16(reply, at, Wire.POINTER | ownerOffset);
    Wire.put16(reply, at + 2, type);
    Wire.put16(reply, at + 4, recordClass);
    Wire.put32(reply, at + 6, ttl);
    Wire.put16(reply, at + 10, rdataLength);
    System.arraycopy(rdata, rdataOffset, reply, at + 12, rdataLength);
    lastRrset = at;
    lastData = at + 12;
    at += length;
    count(section, 1);
    return true;
  }

  private void count(Section section, int records) {
    switch (section) {
      case ANSWER -> answers += records;
      case AUTHORITY -> authorities += records;
      case ADDITIONAL -> additionals += records;
    }
  }

  @Override
  public int lastRrsetOffset() {
    return lastRrset;
  }

  @Override
  public int lastDataOffset() {
    return lastData;
  }

  @Override
  public int apexOffset() {
    return apexOffset;
  }

  @Override
  public void truncate() {
    truncated = true;
  }

  @Override
  public boolean truncated() {
    return truncated;
  }

  @Override
  public void withhold() {
    clearRecords();
    truncated = true;
    withheld = true;
  }

  @Override
  public void rotateAddresses(int steps) {
    if (answers > 1) {
      AddressRotation.rotate(reply, questionEnd, answers, steps);
    }
  }

  @Override
  public int length() {
    return at;
  }

  @Override
  public int limit() {
    return limit;
  }

  @Override
  public int count(Section section) {
    return switch (section) {
      case ANSWER -> answers;
      case AUTHORITY -> authorities;
      case ADDITIONAL -> additionals;
    };
  }

  @Override
  public byte[] bytes() {
    return reply;
  }
}
