package io.flashdns.core.engine;

import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import java.util.Arrays;

/**
 * Turns the addresses of an answer round, in place.
 *
 * <p>Only the data of A and AAAA records moves: they are of one length and hold no names, and
 * owner, class and TTL are the same in all records of an RRset (RFC 2181 §5), so that no pointer of
 * the message is touched.
 */
final class AddressRotation {
  private static final int TYPE = 0;
  private static final int LENGTH = 8;

  private AddressRotation() {}

  /**
   * Rotates each run of two or more addresses of one type.
   *
   * @param at where the answer section starts
   * @param records in the answer section
   * @param steps the record with this number, modulo the run's length, becomes the first
   */
  static void rotate(byte[] reply, int at, int records, int steps) {
    int runOwner = 0;
    int runStart = 0;
    int runType = 0;
    int runLength = 0;
    int stride = 0;
    int next = at;
    for (int i = 0; i < records; i++) {
      int fixed = afterName(reply, next);
      int type = Wire.u16(reply, fixed + TYPE);
      int length = Wire.u16(reply, fixed + LENGTH);
      int data = fixed + Wire.RECORD_FIXED_BYTES;
      boolean address = type == RecordType.A || type == RecordType.AAAA;
      // In a run all owners but the first are of one length, so its records are equally far apart.
      boolean continues =
          address
              && type == runType
              && isSameOwner(reply, runOwner, next, fixed)
              && (runLength == 1 || data + length - next == stride);
      if (continues) {
        stride = data + length - next;
        runLength++;
      } else {
        turn(reply, runStart, runLength, stride, runType, steps);
        runType = address ? type : 0;
        runOwner = next;
        runStart = data;
        runLength = address ? 1 : 0;
        stride = 0;
      }
      next = data + length;
    }
    turn(reply, runStart, runLength, stride, runType, steps);
  }

  /** True when the owner at {@code at} is that of the run: the same octets, or a pointer to it. */
  private static boolean isSameOwner(byte[] reply, int runOwner, int at, int end) {
    return Wire.u16(reply, at) == (Wire.POINTER | runOwner)
        || Arrays.equals(reply, runOwner, afterName(reply, runOwner), reply, at, end);
  }

  private static void turn(byte[] reply, int start, int records, int stride, int type, int steps) {
    if (records < 2) {
      return;
    }
    int octets = type == RecordType.A ? 4 : 16;
    int by = Math.floorMod(steps, records);
    reverse(reply, start, stride, octets, 0, by - 1);
    reverse(reply, start, stride, octets, by, records - 1);
    reverse(reply, start, stride, octets, 0, records - 1);
  }

  /** Three reversals make a rotation (Bentley, Programming Pearls, column 2). */
  private static void reverse(byte[] reply, int start, int stride, int octets, int from, int to) {
    for (int low = from, high = to; low < high; low++, high--) {
      int one = start + low * stride;
      int other = start + high * stride;
      for (int i = 0; i < octets; i++) {
        byte octet = reply[one + i];
        reply[one + i] = reply[other + i];
        reply[other + i] = octet;
      }
    }
  }

  private static int afterName(byte[] reply, int at) {
    int octet = at;
    while (reply[octet] > 0) {
      octet += 1 + reply[octet];
    }
    return octet + (reply[octet] == 0 ? 1 : 2);
  }
}
