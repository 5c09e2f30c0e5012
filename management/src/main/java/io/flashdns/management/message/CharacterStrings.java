package io.flashdns.management.message;

import io.flashdns.core.dns.Wire;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Character strings in messages (RFC 1035 §3.3): printable ASCII for itself, {@code \DDD} for any
 * octet, a backslash before any other character for that; characters outside ASCII are their UTF-8
 * octets.
 */
final class CharacterStrings {
  private CharacterStrings() {}

  /** The octets of a text; null when an escape is wrong. */
  static byte @Nullable [] octets(String text) {
    byte[] given = text.getBytes(StandardCharsets.UTF_8);
    int to = 0;
    for (int i = 0; i < given.length; i++) {
      byte octet = given[i];
      if (octet == '\\') {
        if (++i == given.length) {
          return null;
        }
        octet = given[i];
        if (isDigit(octet)) {
          if (i + 2 >= given.length || !isDigit(given[i + 1]) || !isDigit(given[i + 2])) {
            return null;
          }
          int value = (octet - '0') * 100 + (given[i + 1] - '0') * 10 + given[i + 2] - '0';
          if (value > 255) {
            return null;
          }
          octet = (byte) value;
          i += 2;
        } else if (octet < ' ' || octet > '~') {
          return null;
        }
      }
      given[to++] = octet;
    }
    return Arrays.copyOf(given, to);
  }

  /** The text of octets. */
  static String text(byte[] octets, int from, int to) {
    StringBuilder text = new StringBuilder(to - from);
    for (int i = from; i < to; i++) {
      int value = Wire.u8(octets, i);
      if (value < ' ' || value > '~') {
        text.append('\\').append((char) ('0' + value / 100));
        text.append((char) ('0' + value / 10 % 10)).append((char) ('0' + value % 10));
      } else {
        if (value == '\\') {
          text.append('\\');
        }
        text.append((char) value);
      }
    }
    return text.toString();
  }

  private static boolean isDigit(byte octet) {
    return octet >= '0' && octet <= '9';
  }
}
