package io.flashdns.core.dns;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A domain name, immutable, for everything but the path of a query: configuration, zone files,
 * messages to people.
 *
 * <p>Keeps the case of its letters and compares without it (RFC 4343). Any octet may stand in a
 * label (RFC 2181 §11); the presentation form escapes what is not printable as {@code \DDD} (RFC
 * 1035 §5.1). Natural order is the canonical order of RFC 4034 §6.1. Safe for all threads.
 */
public final class DomainName implements Comparable<DomainName> {
  /** The root name. */
  public static final DomainName ROOT = new DomainName(new byte[1]);

  private final byte[] wire;

  private DomainName(byte[] wire) {
    this.wire = wire;
  }

  /**
   * Reads presentation form; a name without a final dot is taken as if it had one.
   *
   * @throws IllegalArgumentException when the text is no name; the message says why
   */
  public static DomainName parse(String text) {
    return parse(text, ROOT);
  }

  /**
   * Reads presentation form; {@code origin} completes a name without a final dot, and {@code @}
   * alone is the origin.
   *
   * @throws IllegalArgumentException when the text is no name; the message says why
   */
  public static DomainName parse(String text, DomainName origin) {
    if (text.equals("@")) {
      return origin;
    }
    if (text.equals(".")) {
      return ROOT;
    }
    if (text.isEmpty()) {
      throw new IllegalArgumentException("a name is missing");
    }
    byte[] out = new byte[Wire.MAX_NAME_BYTES + 1];
    int labelStart = 0;
    int at = 1;
    boolean absolute = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      int octet;
      if (c == '.') {
        closeLabel(out, labelStart, at, text);
        absolute = i == text.length() - 1;
        labelStart = at++;
        if (at > Wire.MAX_NAME_BYTES) {
          throw tooLong(text);
        }
        continue;
      } else if (c == '\\') {
        octet = escaped(text, i);
        i += isDigit(text, i + 1) ? 3 : 1;
      } else if (c > 0x7e) {
        throw new IllegalArgumentException(
            "name '"
                + text
                + "' has a character outside ASCII: write \\DDD for an octet, or the xn-- form");
      } else {
        octet = c;
      }
      if (at >= Wire.MAX_NAME_BYTES) {
        throw tooLong(text);
      }
      out[at++] = (byte) octet;
    }
    if (absolute) {
      return new DomainName(Arrays.copyOf(out, at));
    }
    closeLabel(out, labelStart, at, text);
    if (at + origin.wire.length > Wire.MAX_NAME_BYTES) {
      throw tooLong(text + "." + origin);
    }
    System.arraycopy(origin.wire, 0, out, at, origin.wire.length);
    return new DomainName(Arrays.copyOf(out, at + origin.wire.length));
  }

  /**
   * Takes a name without pointers out of {@code bytes}.
   *
   * @throws IllegalArgumentException when no whole name stands there
   */
  public static DomainName ofWire(byte[] bytes, int offset) {
    int at = offset;
    while (at < bytes.length && bytes[at] != 0) {
      if ((bytes[at] & 0xff) > Wire.MAX_LABEL_BYTES) {
        throw new IllegalArgumentException("label of an unknown type at offset " + at);
      }
      at += 1 + bytes[at];
    }
    if (at >= bytes.length || at + 1 - offset > Wire.MAX_NAME_BYTES) {
      throw new IllegalArgumentException("no name of at most 255 octets at offset " + offset);
    }
    return at == offset ? ROOT : new DomainName(Arrays.copyOfRange(bytes, offset, at + 1));
  }

  /** A copy of the wire form, uncompressed, in the case it was given in. */
  public byte[] wire() {
    return wire.clone();
  }

  /** Writes the wire form at {@code offset} and returns the offset after it. */
  public int writeTo(byte[] target, int offset) {
    System.arraycopy(wire, 0, target, offset, wire.length);
    return offset + wire.length;
  }

  /** Octets of the wire form: 1 to 255. */
  public int length() {
    return wire.length;
  }

  /** Number of labels, the root's not counted: 0 to 127. */
  public int labels() {
    int count = 0;
    for (int at = 0; wire[at] != 0; at += 1 + wire[at]) {
      count++;
    }
    return count;
  }

  /** The name without its first label, or null for the root. */
  public @Nullable DomainName parent() {
    return wire[0] == 0 ? null : ofWire(wire, 1 + wire[0]);
  }

  /** True when this name is {@code ancestor} or lies below it. */
  public boolean isAtOrBelow(DomainName ancestor) {
    int skip = wire.length - ancestor.wire.length;
    if (skip < 0) {
      return false;
    }
    int at = 0;
    while (at < skip) {
      at += 1 + wire[at];
    }
    return at == skip && equalFolded(wire, skip, ancestor.wire);
  }

  /** This name with its letters in lower case. */
  public DomainName folded() {
    byte[] lower = wire.clone();
    for (int i = 0; i < lower.length; i++) {
      lower[i] = (byte) NameKey.foldOctet(lower[i]);
    }
    return new DomainName(lower);
  }

  /**
   * Canonical order (RFC 4034 §6.1): label by label from the root, letters in lower case, octets
   * unsigned.
   */
  @Override
  public int compareTo(DomainName other) {
    int mine = labels();
    int theirs = other.labels();
    for (int i = 1; i <= Math.min(mine, theirs); i++) {
      int order = compareLabels(wire, offsetOf(mine - i), other.wire, other.offsetOf(theirs - i));
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(mine, theirs);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof DomainName name
        && name.wire.length == wire.length
        && equalFolded(wire, 0, name.wire);
  }

  @Override
  public int hashCode() {
    int hash = 1;
    for (byte octet : wire) {
      hash = 31 * hash + NameKey.foldOctet(octet);
    }
    return hash;
  }

  /** Presentation form with the final dot, in the case it was given in. */
  @Override
  public String toString() {
    if (wire[0] == 0) {
      return ".";
    }
    StringBuilder text = new StringBuilder(wire.length + 8);
    for (int at = 0; wire[at] != 0; at += 1 + wire[at]) {
      for (int i = at + 1; i <= at + wire[at]; i++) {
        appendOctet(text, wire[i] & 0xff);
      }
      text.append('.');
    }
    return text.toString();
  }

  private static void appendOctet(StringBuilder text, int octet) {
    if (octet <= ' ' || octet >= 0x7f) {
      text.append('\\').append((char) ('0' + octet / 100));
      text.append((char) ('0' + octet / 10 % 10)).append((char) ('0' + octet % 10));
    } else {
      if (".\\\"();@$".indexOf(octet) >= 0) {
        text.append('\\');
      }
      text.append((char) octet);
    }
  }

  /** Order of two labels, each given by the offset of its length octet (RFC 4034 §6.1). */
  public static int compareLabels(byte[] a, int aOffset, byte[] b, int bOffset) {
    int aLength = a[aOffset];
    int bLength = b[bOffset];
    int common = Math.min(aLength, bLength);
    for (int i = 1; i <= common; i++) {
      int order =
          (NameKey.foldOctet(a[aOffset + i]) & 0xff) - (NameKey.foldOctet(b[bOffset + i]) & 0xff);
      if (order != 0) {
        return order;
      }
    }
    return aLength - bLength;
  }

  private int offsetOf(int label) {
    int at = 0;
    for (int i = 0; i < label; i++) {
      at += 1 + wire[at];
    }
    return at;
  }

  private static boolean equalFolded(byte[] a, int aOffset, byte[] b) {
    for (int i = 0; i < b.length; i++) {
      if (NameKey.foldOctet(a[aOffset + i]) != NameKey.foldOctet(b[i])) {
        return false;
      }
    }
    return true;
  }

  private static void closeLabel(byte[] out, int labelStart, int at, String text) {
    int octets = at - labelStart - 1;
    if (octets == 0) {
      throw new IllegalArgumentException("name '" + text + "' has an empty label");
    }
    if (octets > Wire.MAX_LABEL_BYTES) {
      throw new IllegalArgumentException(
          "name '" + text + "' has a label of " + octets + " octets, at most 63 are allowed");
    }
    out[labelStart] = (byte) octets;
  }

  private static int escaped(String text, int backslash) {
    if (backslash + 1 >= text.length()) {
      throw new IllegalArgumentException("name '" + text + "' ends in a backslash");
    }
    if (!isDigit(text, backslash + 1)) {
      char c = text.charAt(backslash + 1);
      if (c > 0x7e) {
        throw new IllegalArgumentException("name '" + text + "' escapes a character outside ASCII");
      }
      return c;
    }
    if (!isDigit(text, backslash + 2) || !isDigit(text, backslash + 3)) {
      throw new IllegalArgumentException("name '" + text + "' has an escape that is not \\DDD");
    }
    int octet = Integer.parseInt(text, backslash + 1, backslash + 4, 10);
    if (octet > 255) {
      throw new IllegalArgumentException(
          "name '" + text + "' has the escape \\" + octet + ", above \\255");
    }
    return octet;
  }

  private static boolean isDigit(String text, int index) {
    return index < text.length() && text.charAt(index) >= '0' && text.charAt(index) <= '9';
  }

  private static IllegalArgumentException tooLong(String text) {
    return new IllegalArgumentException("name '" + text + "' is longer than 255 octets");
  }
}
