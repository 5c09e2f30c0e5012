package io.flashdns.core.zonefile;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Octets of a file as text for people and logs: one line, no control characters, nothing that turns
 * the reading direction.
 */
final class Printable {
  private Printable() {}

  /**
   * Reads octets as UTF-8, escapes what is not printable, and cuts after {@code maxChars} with an
   * ellipsis.
   */
  static String of(byte[] bytes, int offset, int length, int maxChars) {
    // No character takes more than four octets: what lies behind can never be shown.
    int taken = Math.min(length, maxChars * 4 + 4);
    String decoded = new String(bytes, offset, taken, StandardCharsets.UTF_8);
    StringBuilder out = new StringBuilder(Math.min(decoded.length(), maxChars) + 8);
    for (int i = 0; i < decoded.length(); ) {
      int c = decoded.codePointAt(i);
      i += Character.charCount(c);
      if (out.length() >= maxChars) {
        return out.append('…').toString();
      }
      if (c == '\t') {
        out.append(' ');
      } else if ((c >= ' ' && c < 0x7f) || (c > 0x7f && Character.isLetterOrDigit(c))) {
        out.appendCodePoint(c);
      } else {
        out.append(String.format(Locale.ROOT, c < 0x80 ? "\\%03d" : "\\u%04x", c));
      }
    }
    return taken < length ? out.append('…').toString() : out.toString();
  }
}
