package io.flashdns.core.engine;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.dns.NameKey;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.plugin.Protocol;
import io.flashdns.core.plugin.Query;
import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.Zone;
import org.jspecify.annotations.Nullable;

/**
 * The query of a worker: a view over its packet array, filled in two steps, header first.
 *
 * <p>Everything is checked before it is believed: one question (RFC 9619), a name without pointers,
 * no answer or authority records, at most {@value #MAX_ADDITIONAL} additional records, each inside
 * the message, one OPT at most and owned by the root (RFC 6891 §6.1.1), TSIG last (RFC 8945 §5.1),
 * no octet left over.
 */
final class PacketQuery implements Query {
  /** A query has OPT, and TSIG or SIG(0); one more is tolerated. */
  private static final int MAX_ADDITIONAL = 3;

  private static final int DO_BIT = 0x8000;
  private static final int PLAIN_UDP_BYTES = 512;

  private final byte[] message;
  private final NameKey name;
  private final NameKey otherName;
  private final Catalog emptyCatalog;

  private int length;
  private int flags;
  private int questionEnd;
  private int type;
  private int recordClass;
  private boolean edns;
  private int ednsVersion;
  private int ednsFlags;
  private int udpPayload;
  private int optionsAt;
  private int optionsEnd;
  private int tsigAt;
  private Protocol protocol = Protocol.UDP;
  private int listener;
  private long sourceHi;
  private long sourceLo;
  private int sourcePort;
  private long receivedNanos;
  private int view;
  private boolean parsed;
  private boolean wellFormed;
  private boolean proven;
  private long epochSeconds;
  private Catalog catalog;
  private @Nullable Zone zone;

  /** A query whose messages are of at most {@code maxBytes} octets. */
  PacketQuery(int maxBytes, NameHash hash) {
    this.message = new byte[maxBytes + EngineConfig.SLACK_BYTES];
    this.name = new NameKey(hash);
    this.otherName = new NameKey(hash);
    this.emptyCatalog = Catalog.empty(hash);
    this.catalog = emptyCatalog;
  }

  /** Starts a new query; its header is known, its question not yet. */
  void begin(
      int messageLength,
      Protocol from,
      int listenerIndex,
      long addressHi,
      long addressLo,
      int port,
      long nanos,
      long seconds,
      Catalog snapshot) {
    length = messageLength;
    flags = Wire.u16(message, Wire.FLAGS);
    questionEnd = Wire.HEADER_BYTES;
    edns = false;
    ednsVersion = 0;
    ednsFlags = 0;
    udpPayload = PLAIN_UDP_BYTES;
    optionsAt = 0;
    optionsEnd = 0;
    tsigAt = 0;
    protocol = from;
    listener = listenerIndex;
    sourceHi = addressHi;
    sourceLo = addressLo;
    sourcePort = port;
    receivedNanos = nanos;
    epochSeconds = seconds;
    proven = from != Protocol.UDP;
    view = 0;
    parsed = false;
    wellFormed = false;
    catalog = snapshot;
    zone = null;
  }

  /**
   * Reads question and additional records, once; false for a message that is to be answered with
   * FORMERR.
   */
  boolean parse() {
    if (!parsed) {
      parsed = true;
      wellFormed = read();
      if (!wellFormed) {
        forgetQuestion();
      }
    }
    return wellFormed;
  }

  /** Hooks of a message that cannot be read see no question, and never that of an older message. */
  private void forgetQuestion() {
    name.clear();
    type = 0;
    recordClass = 0;
    edns = false;
    ednsVersion = 0;
    ednsFlags = 0;
    udpPayload = PLAIN_UDP_BYTES;
    optionsAt = 0;
    optionsEnd = 0;
    tsigAt = 0;
  }

  private boolean read() {
    if (Wire.u16(message, Wire.QDCOUNT) != 1) {
      return false;
    }
    int at = name.readUncompressed(message, Wire.HEADER_BYTES, length);
    if (at == NameKey.MALFORMED || at + 4 > length) {
      return false;
    }
    type = Wire.u16(message, at);
    recordClass = Wire.u16(message, at + 2);
    at += 4;
    questionEnd = at;
    // Answer, authority and additional counts in one look: the plain query has none of them.
    int counts = Wire.s32(message, Wire.ANCOUNT);
    int additional = Wire.u16(message, Wire.ARCOUNT);
    if ((counts | additional) == 0) {
      return at == length;
    }
    if (counts != 0) {
      if (counts != 1 || type != RecordType.IXFR) {
        return false;
      }
      at = skipRecord(at);
      if (at < 0) {
        return false;
      }
    }
    return parseAdditional(at, additional);
  }

  private boolean parseAdditional(int start, int count) {
    if (count > MAX_ADDITIONAL) {
      return false;
    }
    int at = start;
    for (int i = 0; i < count; i++) {
      int record = at;
      at = skipRecord(at);
      if (at < 0 || tsigAt != 0) {
        return false;
      }
      if (message[record] == 0 && Wire.u16(message, record + 1) == RecordType.OPT) {
        if (edns || !readOpt(record, at)) {
          return false;
        }
      } else if (typeAfterName(record) == RecordType.TSIG) {
        if (!isWholeTsig(record, at)) {
          return false;
        }
        tsigAt = record;
      } else if (typeAfterName(record) == RecordType.OPT) {
        return false;
      }
    }
    return at == length;
  }

  private boolean readOpt(int record, int end) {
    edns = true;
    udpPayload = Math.max(PLAIN_UDP_BYTES, Wire.u16(message, record + 3));
    ednsVersion = Wire.u8(message, record + 6);
    ednsFlags = Wire.u16(message, record + 7);
    optionsAt = record + 11;
    optionsEnd = end;
    int at = optionsAt;
    while (at < end) {
      if (at + 4 > end) {
        return false;
      }
      at += 4 + Wire.u16(message, at + 2);
    }
    return at == end;
  }

  /**
   * True when TSIG data is whole: algorithm, time and fudge, MAC, id, error, other data (RFC 8945
   * §4.2).
   */
  private boolean isWholeTsig(int record, int end) {
    int data = otherName.readCompressed(message, record, length) + Wire.RECORD_FIXED_BYTES;
    int at = otherName.readUncompressed(message, data, end);
    if (at == NameKey.MALFORMED || at + 10 > end) {
      return false;
    }
    at += 10 + Wire.u16(message, at + 8);
    return at + 6 <= end && at + 6 + Wire.u16(message, at + 4) == end;
  }

  private int typeAfterName(int record) {
    return Wire.u16(message, otherName.readCompressed(message, record, length));
  }

  /** Offset after the record at {@code at}, or -1 when it is not whole. */
  private int skipRecord(int at) {
    if (at >= length) {
      return -1;
    }
    int fixed = message[at] == 0 ? at + 1 : otherName.readCompressed(message, at, length);
    if (fixed == NameKey.MALFORMED || fixed + Wire.RECORD_FIXED_BYTES > length) {
      return -1;
    }
    int end = fixed + Wire.RECORD_FIXED_BYTES + Wire.u16(message, fixed + 8);
    return end <= length ? end : -1;
  }

  /** Offset after the question. */
  int questionEnd() {
    return questionEnd;
  }

  /** The EDNS version asked for. */
  int ednsVersion() {
    return ednsVersion;
  }

  /** Offset of the TSIG record, or 0. */
  int tsigAt() {
    return tsigAt;
  }

  /** What a proxy says of the source. */
  void sourceProven(boolean isProven) {
    proven = isProven;
  }

  void zone(@Nullable Zone found) {
    zone = found;
  }

  /** Lets go of the snapshot, so that an idle worker does not keep an old catalog in memory. */
  void release() {
    catalog = emptyCatalog;
    zone = null;
  }

  @Override
  public byte[] message() {
    return message;
  }

  @Override
  public int messageLength() {
    return length;
  }

  @Override
  public int flags() {
    return flags;
  }

  @Override
  public int opcode() {
    return (flags & Wire.OPCODE_MASK) >>> Wire.OPCODE_SHIFT;
  }

  @Override
  public boolean isWellFormed() {
    return wellFormed;
  }

  @Override
  public NameKey name() {
    return name;
  }

  @Override
  public int type() {
    return type;
  }

  @Override
  public int recordClass() {
    return recordClass;
  }

  @Override
  public boolean hasEdns() {
    return edns;
  }

  @Override
  public boolean dnssecOk() {
    return (ednsFlags & DO_BIT) != 0;
  }

  @Override
  public int udpPayloadBytes() {
    return udpPayload;
  }

  @Override
  public int optionOffset(int code) {
    for (int at = optionsAt; at < optionsEnd; at += 4 + Wire.u16(message, at + 2)) {
      if (Wire.u16(message, at) == code) {
        return at + 4;
      }
    }
    return -1;
  }

  @Override
  public int optionLength(int offset) {
    return Wire.u16(message, offset - 2);
  }

  @Override
  public Protocol protocol() {
    return protocol;
  }

  @Override
  public int listener() {
    return listener;
  }

  @Override
  public long sourceHi() {
    return sourceHi;
  }

  @Override
  public long sourceLo() {
    return sourceLo;
  }

  @Override
  public int sourcePort() {
    return sourcePort;
  }

  @Override
  public long receivedNanos() {
    return receivedNanos;
  }

  @Override
  public long epochSeconds() {
    return epochSeconds;
  }

  @Override
  public boolean isSourceProven() {
    return proven;
  }

  @Override
  public void proveSource() {
    proven = true;
  }

  @Override
  public int view() {
    return view;
  }

  @Override
  public void view(int chosen) {
    view = chosen;
  }

  @Override
  public Catalog catalog() {
    return catalog;
  }

  @Override
  public @Nullable Zone zone() {
    return zone;
  }
}
