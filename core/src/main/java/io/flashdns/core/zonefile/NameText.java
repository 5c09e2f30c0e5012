package io.flashdns.core.zonefile;

import io.flashdns.core.dns.Wire;
import org.jspecify.annotations.Nullable;

/**
 * Names in a master file (RFC 1035 §5.1, RFC 2181 §11): from a token to wire form, in the case in
 * which they are written.
 */
final class NameText {
  private static final byte[] SPECIAL = new byte[256];

  static {
    SPECIAL['.'] = 1;
    SPECIAL['\\'] = 1;
    for (int octet = 0x80; octet < 0x100; octet++) {
      SPECIAL[octet] = 1;
    }
  }

  private NameText() {}

  /**
   * Writes the name in {@code token} at {@code offset} of {@code out}, which has room for 256
   * octets there.
   *
   * @param origin completes a name without a final dot; null where none is known yet
   * @return the offset after the name
   */
  static int parse(Entry entry, int token, byte[] out, int offset, byte @Nullable [] origin)
      throws BadEntry {
    byte[] text = entry.text;
    int at = entry.start[token];
    int end = entry.end[token];
    if (entry.quoted(token)) {
      throw entry.bad(
          token, "a name stands in quotes: write " + entry.show(token) + " without them");
    }
    if (end - at == 1 && text[at] == '@') {
      return appendOrigin(entry, token, out, offset, offset, origin);
    }
    if (end - at == 1 && text[at] == '.') {
      out[offset] = 0;
      return offset + 1;
    }
    int last = offset + Wire.MAX_NAME_BYTES;
    int label = offset;
    int to = offset + 1;
    while (at < end) {
      int octet = text[at++] & 0xff;
      if (SPECIAL[octet] != 0) {
        if (octet == '.') {
          closeLabel(entry, token, out, label, to);
          if (to >= last) {
            throw tooLong(entry, token);
          }
          label = to++;
          continue;
        }
        if (octet != '\\') {
          throw entry.bad(
              token,
              "the name "
                  + entry.show(token)
                  + " has a character outside ASCII: write the xn-- form (IDNA)");
        }
        octet = escaped(entry, token, at);
        at += TextValues.isDigit(text[at]) ? 3 : 1;
      }
      if (to >= last) {
        throw tooLong(entry, token);
      }
      out[to++] = (byte) octet;
    }
    if (to == label + 1 && label > offset) {
      out[label] = 0;
      return to;
    }
    closeLabel(entry, token, out, label, to);
    return appendOrigin(entry, token, out, offset, to, origin);
  }

  private static void closeLabel(Entry entry, int token, byte[] out, int label, int to)
      throws BadEntry {
    int octets = to - label - 1;
    if (octets == 0) {
      throw entry.bad(
          token,
          "the name " + entry.show(token) + " has an empty label: remove the dot that is too much");
    }
    if (octets > Wire.MAX_LABEL_BYTES) {
      throw entry.bad(
          token,
          "the name "
              + entry.show(token)
              + " has a label of "
              + octets
              + " octets: at most 63 are allowed");
    }
    out[label] = (byte) octets;
  }

  private static int appendOrigin(
      Entry entry, int token, byte[] out, int offset, int to, byte @Nullable [] origin)
      throws BadEntry {
    if (origin == null) {
      throw entry.bad(
          token,
          "the name "
              + entry.show(token)
              + " is relative, but no origin is known: put $ORIGIN before it, or name the file after the zone");
    }
    if (to - offset + origin.length > Wire.MAX_NAME_BYTES) {
      throw tooLong(entry, token);
    }
    System.arraycopy(origin, 0, out, to, origin.length);
    return to + origin.length;
  }

  /**
   * The octet that the escape stands for whose first character after the backslash is at {@code
   * at}.
   */
  static int escaped(Entry entry, int token, int at) throws BadEntry {
    byte[] text = entry.text;
    if (!TextValues.isDigit(text[at])) {
      return text[at] & 0xff;
    }
    int value = 0;
    for (int i = 0; i < 3; i++) {
      if (at + i >= entry.end[token] || !TextValues.isDigit(text[at + i])) {
        throw entry.bad(
            token,
            "the escape in "
                + entry.show(token)
                + " is wrong: write a backslash and three digits, as \\046");
      }
      value = value * 10 + text[at + i] - '0';
    }
    if (value > 255) {
      throw entry.bad(
          token,
          "the escape \\" + value + " in " + entry.show(token) + " is wrong: octets end at \\255");
    }
    return value;
  }

  private static BadEntry tooLong(Entry entry, int token) {
    return entry.bad(
        token,
        "the name " + entry.show(token) + " is longer than 255 octets with its origin: shorten it");
  }
}
