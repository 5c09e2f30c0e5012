package io.flashdns.plugins.querylog;

import java.nio.charset.StandardCharsets;

/**
 * Octets of lines that are being written. Nothing here allocates but {@link #escaped}. The caller
 * sees to it that there is room.
 */
final class TextBuffer {
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final String ESCAPED = ".\\\"();@$";

  final byte[] bytes;
  int length;

  TextBuffer(int capacity) {
    bytes = new byte[capacity];
  }

  void octet(int octet) {
    bytes[length++] = (byte) octet;
  }

  /** ASCII text of ours, as it is. */
  void ascii(String text) {
    for (int i = 0; i < text.length(); i++) {
      bytes[length++] = (byte) text.charAt(i);
    }
  }

  void octets(byte[] source) {
    System.arraycopy(source, 0, bytes, length, source.length);
    length += source.length;
  }

  /** A number that is 0 or more. */
  void decimal(long number) {
    int digits = 1;
    for (long rest = number / 10; rest > 0; rest /= 10) {
      digits++;
    }
    padded(number, digits);
  }

  /** A number with so many digits. */
  void padded(long number, int digits) {
    long rest = number;
    for (int i = length + digits - 1; i >= length; i--) {
      bytes[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    length += digits;
  }

  /**
   * A name of wire form in presentation form (RFC 1035 §5.1): what is not a printable ASCII
   * character is {@code \DDD}, so that no octet of a name can end a field or a line.
   *
   * @param backslash what stands for one: two of them in JSON
   */
  void name(byte[] wire, int offset, byte[] backslash) {
    if (wire[offset] == 0) {
      octet('.');
      return;
    }
    for (int at = offset; wire[at] != 0; at += 1 + wire[at]) {
      for (int i = at + 1; i <= at + wire[at]; i++) {
        labelOctet(wire[i] & 0xff, backslash);
      }
      octet('.');
    }
  }

  private void labelOctet(int octet, byte[] backslash) {
    if (octet > ' ' && octet < 0x7f && ESCAPED.indexOf(octet) < 0) {
      octet(octet);
    } else if (octet <= ' ' || octet >= 0x7f || octet == '"' || octet == '\\') {
      // The quotation mark and the backslash as numbers too: nothing that JSON knows is left.
      octets(backslash);
      padded(octet, 3);
    } else {
      octets(backslash);
      octet(octet);
    }
  }

  /**
   * Text of an operator, as the name of a view: what is not printable ASCII, and what could end a
   * string, is written as octets of UTF-8 {@code \DDD}. Allocates.
   */
  void escaped(String text, byte[] backslash) {
    for (byte signed : text.getBytes(StandardCharsets.UTF_8)) {
      int octet = signed & 0xff;
      if (octet > ' ' && octet < 0x7f && octet != '"' && octet != '\\') {
        octet(octet);
      } else {
        octets(backslash);
        padded(octet, 3);
      }
    }
  }

  /** An address; IPv6 in the form of RFC 5952. */
  void address(long hi, long lo) {
    if (hi == 0 && lo >>> 32 == 0xffff) {
      for (int shift = 24; shift >= 0; shift -= 8) {
        decimal((lo >>> shift) & 0xff);
        if (shift != 0) {
          octet('.');
        }
      }
      return;
    }
    int runStart = -1;
    int runLength = 1;
    for (int i = 0; i < 8; i++) {
      int end = i;
      while (end < 8 && group(hi, lo, end) == 0) {
        end++;
      }
      if (end - i > runLength) {
        runStart = i;
        runLength = end - i;
      }
      i = Math.max(i, end);
    }
    for (int i = 0; i < 8; i++) {
      if (i == runStart) {
        octet(':');
        octet(':');
        i += runLength - 1;
      } else {
        if (i != 0 && bytes[length - 1] != ':') {
          octet(':');
        }
        hexadecimal(group(hi, lo, i));
      }
    }
  }

  private static int group(long hi, long lo, int index) {
    return (int) ((index < 4 ? hi : lo) >>> (48 - 16 * (index & 3))) & 0xffff;
  }

  private void hexadecimal(int number) {
    boolean started = false;
    for (int shift = 12; shift >= 0; shift -= 4) {
      int digit = (number >>> shift) & 0xf;
      if (started || digit != 0 || shift == 0) {
        octet(HEX[digit]);
        started = true;
      }
    }
  }
}
