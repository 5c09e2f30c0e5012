package io.flashdns.differential;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Type;

/**
 * A reply, read octet by octet, its records sorted within each section and OPT apart.
 *
 * <p>Reads strictly: pointers go backwards, data ends where its length says, no octet is left over.
 */
final class Reply {
  static final int QR = 0x8000;
  static final int AA = 0x400;
  static final int TC = 0x200;
  static final int RD = 0x100;
  static final int RA = 0x80;
  static final int AD = 0x20;
  static final int CD = 0x10;

  /** What the OPT record says. */
  record Opt(int payloadBytes, int extendedRcode, int version, int flags, List<String> options) {}

  /** The reply breaks the message format. */
  static final class BadReplyException extends Exception {
    private static final long serialVersionUID = 1L;

    BadReplyException(String message) {
      super(message);
    }
  }

  private final byte[] message;
  private final int flags;
  private final String question;
  private final List<ResourceRecord> answer = new ArrayList<>();
  private final List<ResourceRecord> authority = new ArrayList<>();
  private final List<ResourceRecord> additional = new ArrayList<>();
  private final List<Opt> opts = new ArrayList<>();
  private int at;

  private Reply(byte[] message) throws BadReplyException {
    this.message = message;
    need(12, "header");
    this.flags = u16(2);
    at = 12;
    for (int i = u16(4); i > 0; i--) {
      name(false);
      need(4, "question");
      at += 4;
    }
    this.question = text(12, at);
    read(answer, u16(6));
    read(authority, u16(8));
    read(additional, u16(10));
    if (at != message.length) {
      throw new BadReplyException((message.length - at) + " octets after the last record");
    }
  }

  static Reply read(byte[] message) throws BadReplyException {
    return new Reply(message);
  }

  private void read(List<ResourceRecord> section, int count) throws BadReplyException {
    for (int i = 0; i < count; i++) {
      String owner = name(true);
      need(10, "record");
      int type = u16(at);
      int recordClass = u16(at + 2);
      long ttl = (long) u16(at + 4) << 16 | u16(at + 6);
      int length = u16(at + 8);
      at += 10;
      need(length, "data");
      int end = at + length;
      if (type == Type.OPT) {
        readOpt(recordClass, ttl, end);
      } else {
        section.add(new ResourceRecord(owner, type, recordClass, ttl, data(type, end)));
      }
      if (at != end) {
        throw new BadReplyException(
            "data of type " + type + " ends " + (at - end) + " octets off its length");
      }
    }
    Collections.sort(section);
  }

  private void readOpt(int payload, long ttl, int end) throws BadReplyException {
    List<String> options = new ArrayList<>();
    while (at < end) {
      need(4, "option");
      int next = at + 4 + u16(at + 2);
      if (next > end) {
        throw new BadReplyException("an EDNS option is longer than its OPT record");
      }
      options.add(text(at, next));
      at = next;
    }
    Collections.sort(options);
    opts.add(
        new Opt(
            payload, (int) (ttl >>> 24), (int) (ttl >>> 16) & 0xff, (int) ttl & 0xffff, options));
  }

  private String data(int type, int end) throws BadReplyException {
    int names =
        switch (type) {
          case Type.NS, Type.MD, Type.MF, Type.CNAME, Type.MB, Type.MG, Type.MR, Type.PTR -> 1;
          case Type.SOA, Type.MINFO -> 2;
          case Type.MX -> 1;
          default -> 0;
        };
    StringBuilder data = new StringBuilder();
    if (type == Type.MX) {
      data.append(text(at, at + 2));
      at += 2;
    }
    for (int i = 0; i < names; i++) {
      data.append(name(true));
    }
    if (at <= end) {
      data.append(text(at, end));
      at = end;
    }
    return data.toString();
  }

  /** Reads the name here, in lower case, and moves behind it. */
  private String name(boolean pointersAllowed) throws BadReplyException {
    StringBuilder name = new StringBuilder();
    int from = at;
    int lowest = at;
    boolean jumped = false;
    while (true) {
      if (from >= message.length) {
        throw new BadReplyException("a name ends outside the message");
      }
      int octets = message[from] & 0xff;
      if (octets >= 0xc0) {
        if (from + 1 >= message.length) {
          throw new BadReplyException("a pointer ends outside the message");
        }
        int to = u16(from) & 0x3fff;
        if (!pointersAllowed || to >= lowest || to < 12) {
          throw new BadReplyException("a pointer at " + from + " leads to " + to);
        }
        at = jumped ? at : from + 2;
        jumped = true;
        from = to;
        lowest = to;
      } else if (octets > 63) {
        throw new BadReplyException("label type " + octets);
      } else {
        if (from + 1 + octets > message.length) {
          throw new BadReplyException("a label ends outside the message");
        }
        name.append((char) octets);
        for (int i = from + 1; i <= from + octets; i++) {
          name.append(fold((char) (message[i] & 0xff)));
        }
        from += 1 + octets;
        if (octets == 0) {
          at = jumped ? at : from;
          if (name.length() > 255) {
            throw new BadReplyException("a name of " + name.length() + " octets");
          }
          return name.toString();
        }
      }
    }
  }

  static char fold(char octet) {
    return octet >= 'A' && octet <= 'Z' ? (char) (octet + 32) : octet;
  }

  private void need(int octets, String what) throws BadReplyException {
    if (at + octets > message.length) {
      throw new BadReplyException("the " + what + " ends outside the message");
    }
  }

  private int u16(int offset) {
    return (message[offset] & 0xff) << 8 | (message[offset + 1] & 0xff);
  }

  private String text(int from, int to) {
    return new String(message, from, to - from, StandardCharsets.ISO_8859_1);
  }

  byte[] message() {
    return message;
  }

  int id() {
    return u16(0);
  }

  /** The header's flags; the response code in its lowest four bits. */
  int flags() {
    return flags;
  }

  boolean has(int flag) {
    return (flags & flag) != 0;
  }

  /** The whole response code, with what the OPT record adds to it (RFC 6891 §6.1.3). */
  int rcode() {
    return (flags & 0xf) | (opts.isEmpty() ? 0 : opts.getFirst().extendedRcode() << 4);
  }

  /** Octets of the question section as they came. */
  String question() {
    return question;
  }

  List<ResourceRecord> answer() {
    return answer;
  }

  List<ResourceRecord> authority() {
    return authority;
  }

  List<ResourceRecord> additional() {
    return additional;
  }

  /** All OPT records, of which there may be one. */
  List<Opt> opts() {
    return opts;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(Rcode.string(rcode()));
    text.append(has(AA) ? " aa" : "")
        .append(has(TC) ? " tc" : "")
        .append(has(RD) ? " rd" : "")
        .append(has(RA) ? " ra" : "");
    text.append(has(AD) ? " ad" : "")
        .append(has(CD) ? " cd" : "")
        .append(", ")
        .append(message.length)
        .append(" octets");
    append(text, "answer", answer);
    append(text, "authority", authority);
    append(text, "additional", additional);
    opts.forEach(
        opt ->
            text.append("\n    ")
                .append(opt.payloadBytes())
                .append(" v")
                .append(opt.version())
                .append(' ')
                .append(Integer.toHexString(opt.flags()))
                .append(' ')
                .append(
                    HexFormat.of()
                        .formatHex(
                            String.join("", opt.options()).getBytes(StandardCharsets.ISO_8859_1))));
    return text.toString();
  }

  private static void append(StringBuilder text, String name, List<ResourceRecord> section) {
    for (int i = 0; i < section.size(); i++) {
      if (i == 12) {
        text.append("\n    … ").append(section.size()).append(" records");
        return;
      }
      text.append("\n    ").append(name).append(": ").append(section.get(i));
    }
  }
}
