package io.flashdns.differential;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/**
 * A record of a reply in a form that can be compared: octets as ISO 8859-1 text.
 *
 * @param owner wire form without pointers, lower case
 * @param data without pointers; names of types that may be compressed are in lower case, all others
 *     as they came
 */
record ResourceRecord(String owner, int type, int recordClass, long ttl, String data)
    implements Comparable<ResourceRecord> {
  private static final int RRSIG_SIGNER = 18;

  /** A record of a zone, in the form that it has in a reply. */
  static ResourceRecord of(Record rr) throws IOException {
    Message message = new Message();
    message.addRecord(rr, Section.ANSWER);
    try {
      return Reply.read(message.toWire()).answer().getFirst();
    } catch (Reply.BadReplyException e) {
      throw new IOException("dnsjava wrote " + rr + " in a way that cannot be read", e);
    }
  }

  /** The type that an RRSIG covers; 0 for other records. */
  int covered() {
    return type == Type.RRSIG ? data.charAt(0) << 8 | data.charAt(1) : 0;
  }

  /** Octets of the signer's name of an RRSIG. */
  String signer() {
    int end = RRSIG_SIGNER;
    while (data.charAt(end) != 0) {
      end += 1 + data.charAt(end);
    }
    return data.substring(RRSIG_SIGNER, end + 1);
  }

  /**
   * The record with the names in its data in lower case, for types that RFC 4034 §6.2 puts into
   * lower case so.
   */
  ResourceRecord withFoldedNames() {
    int from =
        switch (type) {
          case Type.DNAME, Type.RP, Type.NSEC -> 0;
          case Type.AFSDB, Type.RT, Type.PX, Type.KX, Type.SVCB, Type.HTTPS -> 2;
          case Type.SRV -> 6;
          case Type.NAPTR -> afterStrings(4, 3);
          case Type.RRSIG -> RRSIG_SIGNER;
          default -> data.length();
        };
    if (from >= data.length()) {
      return this;
    }
    int names = type == Type.RP || type == Type.PX ? 2 : 1;
    StringBuilder folded = new StringBuilder(data);
    int at = from;
    for (int i = 0; i < names; i++) {
      while (folded.charAt(at) != 0) {
        int end = at + folded.charAt(at);
        while (at++ < end) {
          folded.setCharAt(at, Reply.fold(folded.charAt(at)));
        }
      }
      at++;
    }
    return new ResourceRecord(owner, type, recordClass, ttl, folded.toString());
  }

  private int afterStrings(int start, int count) {
    int at = start;
    for (int i = 0; i < count; i++) {
      at += 1 + data.charAt(at);
    }
    return at;
  }

  @Override
  public int compareTo(ResourceRecord other) {
    int order = owner.compareTo(other.owner);
    order = order != 0 ? order : Integer.compare(type, other.type);
    order = order != 0 ? order : data.compareTo(other.data);
    order = order != 0 ? order : Long.compare(ttl, other.ttl);
    return order != 0 ? order : Integer.compare(recordClass, other.recordClass);
  }

  @Override
  public String toString() {
    String shown = data.length() > 60 ? data.substring(0, 60) : data;
    return nameText(owner)
        + " "
        + ttl
        + " "
        + DClass.string(recordClass)
        + " "
        + Type.string(type)
        + (type == Type.RRSIG ? "(" + Type.string(covered()) + ")" : "")
        + " "
        + dataText(shown)
        + (shown.length() < data.length() ? "… (" + data.length() + " octets)" : "");
  }

  private String dataText(String shown) {
    try {
      return switch (type) {
        case Type.NS, Type.CNAME, Type.DNAME, Type.PTR -> nameText(data);
        case Type.RRSIG -> "by " + nameText(signer());
        default -> HexFormat.of().formatHex(shown.getBytes(StandardCharsets.ISO_8859_1));
      };
    } catch (IndexOutOfBoundsException _) {
      return HexFormat.of().formatHex(shown.getBytes(StandardCharsets.ISO_8859_1));
    }
  }

  /** A name in wire form as presentation text. */
  static String nameText(String wire) {
    StringBuilder text = new StringBuilder();
    for (int at = 0; wire.charAt(at) != 0; at += 1 + wire.charAt(at)) {
      for (int i = at + 1; i <= at + wire.charAt(at); i++) {
        char octet = wire.charAt(i);
        if (octet == '.' || octet == '\\') {
          text.append('\\').append(octet);
        } else if (octet > ' ' && octet < 127) {
          text.append(octet);
        } else {
          text.append('\\').append(String.format("%03d", (int) octet));
        }
      }
      text.append('.');
    }
    return text.isEmpty() ? "." : text.toString();
  }
}
