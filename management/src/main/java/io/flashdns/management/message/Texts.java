package io.flashdns.management.message;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Text of others in messages to people. */
final class Texts {
  private static final int SHOWN_CHARS = 60;

  private Texts() {}

  /** One line, printable, cut. */
  static String shown(String text) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      if (out.length() >= SHOWN_CHARS) {
        return out.append('…').toString();
      }
      if ((c >= ' ' && c <= '~') || (c > '~' && Character.isLetterOrDigit(c))) {
        out.appendCodePoint(c);
      } else {
        out.append(String.format(Locale.ROOT, "\\u%04x", c));
      }
    }
    return out.toString();
  }

  /** At most so many octets of UTF-8, cut between characters. */
  static String cut(String text, int maxBytes) {
    if (text.getBytes(StandardCharsets.UTF_8).length <= maxBytes) {
      return text;
    }
    int octets = 0;
    int i = 0;
    while (i < text.length()) {
      int c = text.codePointAt(i);
      octets += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
      if (octets > maxBytes) {
        break;
      }
      i += Character.charCount(c);
    }
    return text.substring(0, i);
  }
}
