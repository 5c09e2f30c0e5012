package io.flashdns.core.fuzz;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A name of a message, read in the most obvious way: labels into a list. What {@link
 * io.flashdns.core.dns.NameKey} is held against.
 *
 * @param labels without length octets, in the case they came in
 * @param end offset after the name in place
 */
record NameReading(List<byte[]> labels, int end) {
  /**
   * The name without following pointers, or null when no whole name of at most 255 octets stands
   * there.
   */
  static NameReading uncompressed(byte[] message, int offset, int end) {
    List<byte[]> labels = new ArrayList<>();
    int at = offset;
    while (at < end) {
      int octets = message[at] & 0xff;
      if (octets > 63) {
        return null;
      }
      if (octets == 0) {
        NameReading name = new NameReading(labels, at + 1);
        return name.wire().length <= 255 ? name : null;
      }
      if (at + 1 + octets > end) {
        return null;
      }
      labels.add(Arrays.copyOfRange(message, at + 1, at + 1 + octets));
      at += 1 + octets;
    }
    return null;
  }

  /**
   * The name behind its pointers, or null. A pointer must go behind the header and before the
   * labels that were read since the last pointer, or since the start; 127 of them are followed.
   */
  static NameReading compressed(byte[] message, int offset, int end) {
    return compressed(message, offset, end, 127);
  }

  private static NameReading compressed(byte[] message, int offset, int end, int hops) {
    List<byte[]> labels = new ArrayList<>();
    int at = offset;
    while (at < end) {
      int octets = message[at] & 0xff;
      if (octets == 0) {
        NameReading name = new NameReading(labels, at + 1);
        return name.wire().length <= 255 ? name : null;
      }
      if (octets >= 0xc0) {
        if (at + 1 >= end) {
          return null;
        }
        int target = (octets & 0x3f) << 8 | message[at + 1] & 0xff;
        NameReading rest =
            target < 12 || target >= offset || hops == 0
                ? null
                : compressed(message, target, end, hops - 1);
        if (rest == null) {
          return null;
        }
        labels.addAll(rest.labels);
        NameReading name = new NameReading(labels, at + 2);
        return name.wire().length <= 255 ? name : null;
      }
      if (octets > 63 || at + 1 + octets > end) {
        return null;
      }
      labels.add(Arrays.copyOfRange(message, at + 1, at + 1 + octets));
      at += 1 + octets;
    }
    return null;
  }

  /** Wire form of the whole name, letters in lower case. */
  byte[] wire() {
    return wireFrom(0);
  }

  /** Wire form of the name from a label on, letters in lower case. */
  byte[] wireFrom(int label) {
    int length = 1;
    for (byte[] each : labels.subList(label, labels.size())) {
      length += 1 + each.length;
    }
    byte[] wire = new byte[length];
    int at = 0;
    for (byte[] each : labels.subList(label, labels.size())) {
      wire[at++] = (byte) each.length;
      for (byte octet : each) {
        wire[at++] = octet >= 'A' && octet <= 'Z' ? (byte) (octet + 32) : octet;
      }
    }
    return wire;
  }
}
