package io.flashdns.core.embedded;

import io.flashdns.core.dns.Wire;
import io.flashdns.core.plugin.Protocol;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Message;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

/**
 * A reply that keeps the rules that hold for every reply, whatever was asked; reading it fails
 * where one does not.
 *
 * <p>Counts are true and no octet is left over; names end, are no longer than 255 octets, and point
 * backwards and not into the header; the length is within what the asker takes; id, opcode and RD
 * are the query's; RA, AD, CD (RFC 4035 §3.1.6) and the bit that must be zero are clear; the
 * question, where there is one, is the query's octet for octet. The records are then read by a
 * library that is not this server's.
 */
public final class StrictReply {
  private static final int HEADER_BYTES = 12;

  private final byte[] octets;
  private final Message message;

  private StrictReply(byte[] octets, Message message) {
    this.octets = octets;
    this.message = message;
  }

  /** Reads the reply to a query that came over UDP or TCP. */
  public static StrictReply of(byte[] query, byte[] reply, Protocol protocol) {
    require(reply.length >= HEADER_BYTES, "the reply has a header");
    int asked = Wire.u16(query, Wire.FLAGS);
    int flags = Wire.u16(reply, Wire.FLAGS);
    int copied = Wire.OPCODE_MASK | Wire.RD;
    require(Wire.u16(reply, Wire.ID) == Wire.u16(query, Wire.ID), "the id is the query's");
    require((flags & Wire.QR) != 0, "QR is set");
    require((flags & copied) == (asked & copied), "opcode and RD are the query's");
    require(
        (flags & (Wire.RA | Wire.AD | Wire.CD | 0x40)) == 0,
        "RA, AD, CD and the bit that must be zero are clear");
    int questions = Wire.u16(reply, Wire.QDCOUNT);
    require(questions <= 1, "one question at most");
    int at = HEADER_BYTES;
    if (questions == 1) {
      at = skipName(reply, at, reply.length) + 4;
      require(at <= reply.length && at <= query.length, "the question is whole");
      require(
          Arrays.equals(query, HEADER_BYTES, at, reply, HEADER_BYTES, at),
          "the question is the query's, in its case");
    }
    int records =
        Wire.u16(reply, Wire.ANCOUNT)
            + Wire.u16(reply, Wire.NSCOUNT)
            + Wire.u16(reply, Wire.ARCOUNT);
    for (int i = 0; i < records; i++) {
      at = skipRecord(reply, at);
    }
    require(
        at == reply.length,
        "no octet is left over behind the last record, at " + at + " of " + reply.length);
    StrictReply strict = new StrictReply(reply, parse(reply));
    if (protocol == Protocol.UDP) {
      require(
          reply.length <= Math.max(512, Math.min(1_232, payloadOf(query))),
          "a reply over UDP is no longer than it may be");
    }
    return strict;
  }

  /** What the query's OPT record offers; 512 where it has none or cannot be read. */
  private static int payloadOf(byte[] query) {
    try {
      OPTRecord opt = new Message(query).getOPT();
      return opt == null ? 512 : opt.getPayloadSize();
    } catch (IOException | RuntimeException _) {
      return 512;
    }
  }

  private static Message parse(byte[] reply) {
    try {
      return new Message(reply);
    } catch (IOException e) {
      throw new AssertionError("a library cannot read the reply", e);
    }
  }

  private static int skipRecord(byte[] reply, int start) {
    int at = skipName(reply, start, reply.length);
    require(at + 10 <= reply.length, "a record has its fixed part");
    int type = Wire.u16(reply, at);
    int data = at + 10;
    int end = data + Wire.u16(reply, at + 8);
    require(end <= reply.length, "a record's data ends inside the reply");
    switch (type) {
      case 2, 3, 4, 5, 7, 8, 9, 12 ->
          require(skipName(reply, data, end) == end, "one name fills the data");
      case 15 ->
          require(skipName(reply, data + 2, end) == end, "preference and one name fill the data");
      case 14 ->
          require(
              skipName(reply, skipName(reply, data, end), end) == end, "two names fill the data");
      case 6 ->
          require(
              skipName(reply, skipName(reply, data, end), end) == end - 20,
              "the data is that of a SOA");
      case 39 ->
          require(
              skipPlainName(reply, data, end) == end, "the target of a DNAME is not compressed");
      case 33 ->
          require(
              skipPlainName(reply, data + 6, end) == end, "the target of an SRV is not compressed");
      case 64, 65 -> skipPlainName(reply, data + 2, end);
      default -> {}
    }
    return end;
  }

  private static int skipPlainName(byte[] reply, int start, int end) {
    int after = skipName(reply, start, end);
    int at = start;
    while (reply[at] != 0) {
      require(reply[at] > 0, "a name that may not be compressed has no pointer");
      at += 1 + reply[at];
    }
    return after;
  }

  /** Offset after the name in place. */
  private static int skipName(byte[] reply, int start, int end) {
    int at = start;
    int after = -1;
    int octets = 0;
    int partStart = start;
    while (true) {
      require(at < (after < 0 ? end : reply.length), "a name ends where it must");
      int length = reply[at] & 0xff;
      if (length >= 0xc0) {
        require(at + 2 <= reply.length, "a pointer has two octets");
        int target = Wire.u16(reply, at) & 0x3fff;
        require(target >= HEADER_BYTES, "no pointer leads into the header");
        require(target < partStart, "pointers lead backwards");
        after = after < 0 ? at + 2 : after;
        partStart = target;
        at = target;
        continue;
      }
      require(length < 64, "a label has at most 63 octets");
      octets += 1 + length;
      require(octets <= 255, "a name has at most 255 octets");
      at += 1 + length;
      if (length == 0) {
        return after < 0 ? at : after;
      }
    }
  }

  private static void require(boolean holds, String rule) {
    if (!holds) {
      throw new AssertionError("rule broken: " + rule);
    }
  }

  /** Octets of the reply. */
  public int length() {
    return octets.length;
  }

  /** The response code, its upper eight bits from the OPT record. */
  public int rcode() {
    return message.getRcode();
  }

  /** True when a flag of {@link Wire} is set. */
  public boolean has(int flag) {
    return (Wire.u16(octets, Wire.FLAGS) & flag) != 0;
  }

  /** The number of questions: 0 or 1. */
  public int questions() {
    return Wire.u16(octets, Wire.QDCOUNT);
  }

  /** Records of a section but OPT, in their order. */
  public List<Record> section(int section) {
    return message.getSection(section).stream()
        .filter(record -> !(record instanceof OPTRecord))
        .toList();
  }

  public List<Record> answer() {
    return section(Section.ANSWER);
  }

  public List<Record> authority() {
    return section(Section.AUTHORITY);
  }

  public List<Record> additional() {
    return section(Section.ADDITIONAL);
  }

  /** The OPT record, or null. */
  public @Nullable OPTRecord opt() {
    return message.getOPT();
  }

  /** Info codes of the extended errors (RFC 8914). */
  public List<Integer> extendedErrors() {
    OPTRecord opt = message.getOPT();
    return opt == null
        ? List.of()
        : opt.getOptions(15).stream()
            .map(option -> ((org.xbill.DNS.ExtendedErrorCodeOption) option).getErrorCode())
            .toList();
  }

  @Override
  public String toString() {
    return message.toString();
  }
}
