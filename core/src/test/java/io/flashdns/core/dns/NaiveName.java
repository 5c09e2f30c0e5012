package io.flashdns.core.dns;

import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads a name as the standard tells it, without any cleverness: the opposite number of {@link
 * NameKey}.
 *
 * @param folded the whole name in lower case
 * @param after offset after the name in place
 */
record NaiveName(byte[] folded, int after) {
  static @Nullable NaiveName read(byte[] message, int start, int end, boolean pointers) {
    ByteArrayOutputStream name = new ByteArrayOutputStream();
    int at = start;
    int after = -1;
    int hops = 0;
    int partStart = start;
    while (true) {
      if (at >= end) {
        return null;
      }
      int length = message[at] & 0xff;
      if (length == 0) {
        name.write(0);
        at++;
        break;
      }
      if (length < 64) {
        if (at + 1 + length > end) {
          return null;
        }
        name.write(length);
        for (int i = 1; i <= length; i++) {
          int octet = message[at + i] & 0xff;
          name.write(octet >= 65 && octet <= 90 ? octet + 32 : octet);
        }
        at += 1 + length;
        continue;
      }
      if (length < 0xc0 || !pointers || at + 2 > end) {
        return null;
      }
      int target = (length & 0x3f) << 8 | (message[at + 1] & 0xff);
      if (target < 12 || target >= partStart || ++hops > 127) {
        return null;
      }
      after = after < 0 ? at + 2 : after;
      partStart = target;
      at = target;
    }
    return name.size() > 255 ? null : new NaiveName(name.toByteArray(), after < 0 ? at : after);
  }
}
