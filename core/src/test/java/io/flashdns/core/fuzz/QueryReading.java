package io.flashdns.core.fuzz;

/**
 * A message as the rules for queries want it read, written down a second time: the opinion that the
 * server's own is held against.
 *
 * <p>Slow and simple on purpose: octet by octet, names as they are, no hashing. Reused from message
 * to message; one thread.
 */
final class QueryReading {
  /** What has to become of a message. */
  enum Kind {
    /** No reply: too short, or a response itself. */
    SILENCE,
    /** Another opcode than QUERY: a response code, and the question when there is one. */
    OTHER_OPCODE,
    /** Not a query: a header with FORMERR. */
    MALFORMED,
    /** EDNS of a version that does not exist. */
    BAD_VERSION,
    /** Signed by a key that nobody knows. */
    SIGNED,
    /** A question. */
    QUESTION
  }

  private static final int MAX_ADDITIONAL = 3;
  private static final int MAX_HOPS = 127;
  private static final int IXFR = 251;

  Kind kind = Kind.SILENCE;
  int opcode;

  /** True when the message has one question and what belongs to it, whatever its opcode. */
  boolean wellFormed;

  int questionEnd;
  int type;
  int recordClass;
  boolean edns;
  int version;
  int payload;
  boolean dnssecOk;
  boolean wantsNsid;

  private byte[] message = new byte[0];
  private int length;
  private boolean signed;
  private int nameType;
  private int dataLength;

  Kind read(byte[] octets, int octetCount) {
    message = octets;
    length = octetCount;
    edns = false;
    version = 0;
    payload = 512;
    dnssecOk = false;
    wantsNsid = false;
    signed = false;
    questionEnd = 12;
    kind = kind();
    return kind;
  }

  private Kind kind() {
    if (length < 12 || (message[2] & 0x80) != 0) {
      return Kind.SILENCE;
    }
    opcode = message[2] >> 3 & 15;
    wellFormed = isWellFormed();
    if (opcode != 0) {
      return Kind.OTHER_OPCODE;
    }
    if (!wellFormed) {
      return Kind.MALFORMED;
    }
    if (version != 0) {
      return Kind.BAD_VERSION;
    }
    return signed ? Kind.SIGNED : Kind.QUESTION;
  }

  private boolean isWellFormed() {
    if (u16(4) != 1 || u16(6) != 0) {
      return false;
    }
    int at = questionName();
    if (at < 0 || at + 4 > length) {
      return false;
    }
    type = u16(at);
    recordClass = u16(at + 2);
    at += 4;
    questionEnd = at;
    int authority = u16(8);
    if (authority > 1 || (authority == 1 && type != IXFR) || u16(10) > MAX_ADDITIONAL) {
      return false;
    }
    for (int i = 0; i < authority && at >= 0; i++) {
      at = record(at);
    }
    for (int i = u16(10); i > 0 && at >= 0; i--) {
      at = signed ? -1 : additional(at);
    }
    return at == length;
  }

  /** Offset after the question's name, or -1: no pointers, at most 255 octets. */
  private int questionName() {
    return plainName(12);
  }

  private int plainName(int start) {
    int at = start;
    while (at < length && message[at] != 0) {
      if (message[at] < 0 || message[at] > 63) {
        return -1;
      }
      at += 1 + message[at];
    }
    return at < length && at + 1 - start <= 255 ? at + 1 : -1;
  }

  /** Where the data of a TSIG ends by what it says itself (RFC 8945 §4.2), or -1. */
  private int endOfTsig(int data) {
    int algorithmEnd = plainName(data);
    int macLengthAt = algorithmEnd + 8;
    if (algorithmEnd < 0 || macLengthAt + 2 > length) {
      return -1;
    }
    int otherLengthAt = macLengthAt + 2 + u16(macLengthAt) + 4;
    return otherLengthAt + 2 > length ? -1 : otherLengthAt + 2 + u16(otherLengthAt);
  }

  /** Offset after an additional record, or -1. Takes over what OPT says. */
  private int additional(int at) {
    int end = record(at);
    if (end < 0) {
      return -1;
    }
    signed = nameType == ReplyReading.TSIG;
    if (signed) {
      return endOfTsig(end - dataLength) == end ? end : -1;
    }
    if (nameType != ReplyReading.OPT) {
      return end;
    }
    if (edns || message[at] != 0) {
      return -1;
    }
    edns = true;
    payload = Math.max(512, u16(at + 3));
    version = message[at + 6] & 0xff;
    dnssecOk = message[at + 7] < 0;
    int option = at + 11;
    while (option < end) {
      if (option + 4 > end) {
        return -1;
      }
      wantsNsid |= u16(option) == 3;
      option += 4 + u16(option + 2);
    }
    return option == end ? end : -1;
  }

  /** Offset after a record, or -1; {@link #nameType} and {@link #dataLength} are its own then. */
  private int record(int at) {
    int fixed = name(at, 0, 0);
    if (fixed < 0 || fixed + 10 > length) {
      return -1;
    }
    nameType = u16(fixed);
    dataLength = u16(fixed + 8);
    int end = fixed + 10 + u16(fixed + 8);
    return end <= length ? end : -1;
  }

  /**
   * Offset after a name in place, or -1. Each pointer must go before the labels that were read
   * last.
   */
  private int name(int start, int hops, int octetsBefore) {
    int at = start;
    int octets = octetsBefore;
    while (at < length && message[at] != 0) {
      if ((message[at] & 0xc0) == 0xc0) {
        if (at + 1 >= length) {
          return -1;
        }
        int target = u16(at) & 0x3fff;
        boolean follow = target >= 12 && target < start && hops < MAX_HOPS;
        return follow && name(target, hops + 1, octets) >= 0 ? at + 2 : -1;
      }
      if (message[at] < 0 || message[at] > 63) {
        return -1;
      }
      octets += 1 + message[at];
      at += 1 + message[at];
    }
    return at < length && octets + 1 <= 255 ? at + 1 : -1;
  }

  private int u16(int at) {
    return (message[at] & 0xff) << 8 | message[at + 1] & 0xff;
  }
}
