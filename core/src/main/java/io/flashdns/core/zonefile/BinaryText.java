package io.flashdns.core.zonefile;

import java.util.Arrays;

/** Hexadecimal, base 64 and base 32 in a master file (RFC 4648). */
final class BinaryText {
  private static final byte[] BASE64 = new byte[256];
  private static final byte PAD = 64;

  static {
    Arrays.fill(BASE64, (byte) -1);
    String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (int i = 0; i < alphabet.length(); i++) {
      BASE64[alphabet.charAt(i)] = (byte) i;
    }
    BASE64['='] = PAD;
  }

  private BinaryText() {}

  /**
   * Reads all tokens from {@code first} on as one run of hexadecimal digits.
   *
   * @param most offset in {@code out} that must not be passed
   * @return octets written at {@code offset}
   */
  static int hex(Entry entry, int first, byte[] out, int offset, int most) throws BadEntry {
    int to = offset;
    int high = -1;
    for (int token = first; token < entry.count; token++) {
      for (int i = entry.start[token]; i < entry.end[token]; i++) {
        int digit = TextValues.hexDigit(entry.text[i]);
        if (digit < 0) {
          throw entry.bad(
              token,
              entry.show(token) + " is not hexadecimal: digits 0 to 9 and A to F are wanted");
        }
        if (high < 0) {
          high = digit;
          continue;
        }
        if (to >= most) {
          throw entry.bad(token, "the data is longer than 65,535 octets: a record cannot hold it");
        }
        out[to++] = (byte) (high << 4 | digit);
        high = -1;
      }
    }
    if (high >= 0) {
      throw entry.bad(entry.count - 1, "the number of hexadecimal digits is odd: one is missing");
    }
    return to - offset;
  }

  /**
   * Reads one token of hexadecimal digits, at most {@code mostOctets}, and returns the octets
   * written.
   */
  static int hexToken(Entry entry, int token, byte[] out, int offset, int mostOctets)
      throws BadEntry {
    byte[] text = entry.text;
    int from = entry.start[token];
    int octets = entry.length(token) / 2;
    boolean valid = entry.length(token) % 2 == 0 && octets > 0 && octets <= mostOctets;
    for (int i = 0; i < octets && valid; i++, from += 2) {
      int high = TextValues.hexDigit(text[from]);
      int low = TextValues.hexDigit(text[from + 1]);
      valid = (high | low) >= 0;
      out[offset + i] = (byte) (high << 4 | low);
    }
    if (!valid) {
      throw entry.bad(
          token,
          entry.show(token)
              + " is wrong: write 1 to "
              + mostOctets
              + " pairs of hexadecimal digits, or -");
    }
    return octets;
  }

  /**
   * Reads the tokens from {@code first} to before {@code end} as one run of base 64 with padding.
   *
   * @param most offset in {@code out} that the data must not pass; two octets behind it may be
   *     overwritten
   * @return octets written at {@code offset}
   */
  static int base64(Entry entry, int first, int end, byte[] out, int offset, int most)
      throws BadEntry {
    int to = offset;
    int bits = 0;
    int digits = 0;
    int pads = 0;
    for (int token = first; token < end; token++) {
      byte[] text = entry.text;
      int tokenEnd = entry.end[token];
      for (int i = entry.start[token]; i < tokenEnd; i++) {
        int value = BASE64[text[i] & 0xff];
        if (value == PAD) {
          pads++;
          value = 0;
        } else if (value < 0 || pads > 0) {
          throw entry.bad(
              token, entry.show(token) + " is not base64: check that the text was copied whole");
        }
        bits = bits << 6 | value;
        if ((++digits & 3) != 0) {
          continue;
        }
        if (to + 3 - pads > most) {
          throw entry.bad(token, "the data is longer than 65,535 octets: a record cannot hold it");
        }
        out[to++] = (byte) (bits >> 16);
        out[to++] = (byte) (bits >> 8);
        out[to++] = (byte) bits;
      }
    }
    int unused = pads == 1 ? 0xff : pads == 2 ? 0xffff : 0;
    if ((digits & 3) != 0 || pads > 2 || (bits & unused) != 0) {
      throw entry.bad(end - 1, "the base64 text is not whole: check that its end was copied");
    }
    return to - pads - offset;
  }

  /** Reads one token of base 32 with the extended hex alphabet, without padding (RFC 5155 §3.3). */
  static int base32Hex(Entry entry, int token, byte[] out, int offset) throws BadEntry {
    byte[] text = entry.text;
    int octets = entry.length(token) * 5 / 8;
    int spare = entry.length(token) * 5 % 8;
    boolean valid = !entry.quoted(token) && octets > 0 && octets <= 255 && spare < 5;
    int to = offset;
    int bits = 0;
    int count = 0;
    for (int i = entry.start[token]; i < entry.end[token] && valid; i++) {
      int octet = text[i];
      int letter = octet | 0x20;
      int value =
          octet >= '0' && octet <= '9'
              ? octet - '0'
              : letter >= 'a' && letter <= 'v' ? letter - 'a' + 10 : -1;
      valid = value >= 0;
      bits = (bits << 5 | value) & 0xfff;
      count += 5;
      if (count >= 8) {
        count -= 8;
        out[to++] = (byte) (bits >> count);
      }
    }
    if (!valid || (bits & (1 << spare) - 1) != 0) {
      throw entry.bad(
          token,
          entry.show(token) + " is no hash: write it in base32 with digits 0 to 9 and A to V");
    }
    return octets;
  }
}
