package io.flashdns.plugins;

import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.embedded.EmbeddedServer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Questions with EDNS options, and the options of replies. */
public final class EdnsMessages {
  private static final int OPT_BYTES = 11;

  private EdnsMessages() {}

  /** A question with one EDNS option. */
  public static byte[] question(String name, int type, int payloadBytes, int code, byte[] data) {
    return with(EmbeddedServer.question(name, type, payloadBytes, false), code, data);
  }

  /** A message that ends with its OPT record, with one option more. */
  public static byte[] with(byte[] message, int code, byte[] data) {
    int length = message.length;
    byte[] longer = Arrays.copyOf(message, length + 4 + data.length);
    int optionsLength = optionsEnd(message) - optionsStart(message);
    Wire.put16(longer, optionsStart(message) - 2, optionsLength + 4 + data.length);
    Wire.put16(longer, length, code);
    Wire.put16(longer, length + 2, data.length);
    System.arraycopy(data, 0, longer, length + 4, data.length);
    return longer;
  }

  /** The data of a message's first option with this code; null when it has none. */
  public static byte @Nullable [] option(byte[] message, int code) {
    if (Wire.u16(message, Wire.ARCOUNT) == 0) {
      return null;
    }
    int end = optionsEnd(message);
    for (int at = optionsStart(message); at < end; at += 4 + Wire.u16(message, at + 2)) {
      if (Wire.u16(message, at) == code) {
        return Arrays.copyOfRange(message, at + 4, at + 4 + Wire.u16(message, at + 2));
      }
    }
    return null;
  }

  /** The response code of a reply, the bits of its OPT record included (RFC 6891 §6.1.3). */
  public static int rcode(byte[] reply) {
    int low = reply[Wire.FLAGS + 1] & Wire.RCODE_MASK;
    return Wire.u16(reply, Wire.ARCOUNT) == 0
        ? low
        : low | Wire.u8(reply, optionsStart(reply) - 6) << 4;
  }

  private static int optionsEnd(byte[] message) {
    return optionsStart(message) + Wire.u16(message, optionsStart(message) - 2);
  }

  /** Where the data of the OPT record begins. */
  private static int optionsStart(byte[] message) {
    int at = Wire.HEADER_BYTES;
    for (int i = Wire.u16(message, Wire.QDCOUNT); i > 0; i--) {
      at = afterName(message, at) + 4;
    }
    int records =
        Wire.u16(message, Wire.ANCOUNT)
            + Wire.u16(message, Wire.NSCOUNT)
            + Wire.u16(message, Wire.ARCOUNT);
    for (int i = records; i > 0; i--) {
      int fixed = afterName(message, at);
      if (Wire.u16(message, fixed) == RecordType.OPT) {
        return at + OPT_BYTES;
      }
      at = fixed + Wire.RECORD_FIXED_BYTES + Wire.u16(message, fixed + 8);
    }
    throw new AssertionError("the message has no OPT record");
  }

  private static int afterName(byte[] message, int offset) {
    int at = offset;
    while (message[at] > 0) {
      at += 1 + message[at];
    }
    return at + (message[at] == 0 ? 1 : 2);
  }
}
