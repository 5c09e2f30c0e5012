package io.flashdns.core.zonefile;

import io.flashdns.core.dns.Wire;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Addresses as text, as records have them, and back. */
public final class AddressText {
  private static final int GROUPS = 8;

  private AddressText() {}

  /** The four octets of a dotted quad, without leading zeros; null when the text is none. */
  public static byte @Nullable [] parseIpv4(String text) {
    byte[] octets = text.getBytes(StandardCharsets.ISO_8859_1);
    byte[] address = new byte[4];
    return TextValues.ipv4(octets, 0, octets.length, address, 0) ? address : null;
  }

  /** The sixteen octets of any text form of RFC 4291 §2.2; null when the text is none. */
  public static byte @Nullable [] parseIpv6(String text) {
    byte[] octets = text.getBytes(StandardCharsets.ISO_8859_1);
    byte[] address = new byte[16];
    return TextValues.ipv6(octets, 0, octets.length, address, 0) ? address : null;
  }

  /** Four octets as a dotted quad. */
  public static String ipv4(byte[] data, int at) {
    return Wire.u8(data, at)
        + "."
        + Wire.u8(data, at + 1)
        + "."
        + Wire.u8(data, at + 2)
        + "."
        + Wire.u8(data, at + 3);
  }

  /** Sixteen octets in the form of RFC 5952; those of a mapped IPv4 address end in it (§5). */
  public static String ipv6(byte[] data, int at) {
    int gap = -1;
    int gapGroups = 1;
    for (int i = 0; i < GROUPS; i++) {
      int end = i;
      while (end < GROUPS && Wire.u16(data, at + 2 * end) == 0) {
        end++;
      }
      if (end - i > gapGroups) {
        gap = i;
        gapGroups = end - i;
      }
      i = Math.max(i, end - 1);
    }
    if (gap == 0 && gapGroups == 5 && Wire.u16(data, at + 10) == 0xffff) {
      return "::ffff:" + ipv4(data, at + 12);
    }
    StringBuilder text = new StringBuilder(39);
    for (int i = 0; i < GROUPS; i++) {
      if (i == gap) {
        text.append("::");
        i += gapGroups - 1;
        continue;
      }
      if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
        text.append(':');
      }
      text.append(Integer.toHexString(Wire.u16(data, at + 2 * i)));
    }
    return text.toString();
  }
}
