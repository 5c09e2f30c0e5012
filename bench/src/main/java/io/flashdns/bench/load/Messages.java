package io.flashdns.bench.load;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * {@link Queries} as whole messages, one behind the other, outside the heap. What of a message is
 * written when it is sent: its id, and the first label of a new name.
 *
 * <p><b>Thread</b>: any, until it is closed. <b>Cost</b>: nothing but the constructor allocates.
 */
final class Messages implements AutoCloseable {
  /** Header, longest name, type and class, OPT: room for any query. */
  static final int MAX_QUERY_BYTES =
      Wire.HEADER_BYTES + Wire.MAX_NAME_BYTES + Queries.FIXED_BYTES + Messages.OPT_BYTES;

  private static final int OPT_BYTES = 11;
  private static final int DO = 0x8000;

  /** Where the digits of a new label begin: after header, length octet and {@code x}. */
  private static final int DIGITS = Wire.HEADER_BYTES + 2;

  private static final int DIGIT_PAIRS = (Queries.NEW_LABEL_BYTES - 1) / 2;

  private static final ValueLayout.OfShort BIG_SHORT =
      JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt BIG_INT =
      JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  /** Both hexadecimal digits of an octet, as they lie in memory. */
  private static final short[] HEX = hex();

  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory;
  private final long[] offsets;
  private final int tailBytes;
  private final boolean newNames;

  /** The messages of a list. */
  Messages(Queries queries, Edns edns) {
    int count = queries.size();
    newNames = queries.hasNewNames();
    tailBytes = edns.present() ? OPT_BYTES : 0;
    // Some octets more: what is compared or copied by eights may read beyond the end.
    memory =
        arena.allocate(
            queries.bytes() + (long) count * (Wire.HEADER_BYTES + tailBytes) + Long.BYTES, 64);
    offsets = new long[count + 1];
    long at = 0;
    for (int i = 0; i < count; i++) {
      offsets[i] = at;
      memory.set(BIG_SHORT, at + Wire.QDCOUNT, (short) 1);
      memory.set(BIG_SHORT, at + Wire.ARCOUNT, (short) (edns.present() ? 1 : 0));
      at += Wire.HEADER_BYTES;
      int bytes = queries.bytes(i);
      MemorySegment.copy(queries.octets(), queries.offset(i), memory, JAVA_BYTE, at, bytes);
      at += bytes;
      if (edns.present()) {
        // Root, type, payload size, extended rcode and version, flags, no options.
        memory.set(BIG_SHORT, at + 1, (short) RecordType.OPT);
        memory.set(BIG_SHORT, at + 3, (short) edns.payloadBytes());
        memory.set(BIG_INT, at + 5, edns.dnssecOk() ? DO : 0);
        at += OPT_BYTES;
      }
    }
    offsets[count] = at;
  }

  private static short[] hex() {
    short[] pairs = new short[256];
    for (int i = 0; i < pairs.length; i++) {
      byte[] digits = "%02x".formatted(i).getBytes(StandardCharsets.US_ASCII);
      pairs[i] = MemorySegment.ofArray(digits).get(JAVA_SHORT_UNALIGNED, 0);
    }
    return pairs;
  }

  boolean hasNewNames() {
    return newNames;
  }

  /** Octets of message {@code query}. */
  int length(int query) {
    return (int) (offsets[query + 1] - offsets[query]);
  }

  /** Octets of its question. */
  int questionBytes(int query) {
    return length(query) - Wire.HEADER_BYTES - tailBytes;
  }

  /**
   * Writes message {@code query}.
   *
   * @param number what a new name is made of; 48 bits of it
   * @return its octets
   */
  int write(int query, int id, long number, MemorySegment to, long at) {
    int length = length(query);
    MemorySegment.copy(memory, offsets[query], to, at, length);
    to.set(BIG_SHORT, at, (short) id);
    if (newNames) {
      long rest = number;
      for (int i = 0; i < DIGIT_PAIRS; i++) {
        to.set(JAVA_SHORT_UNALIGNED, at + DIGITS + 2L * i, HEX[(int) rest & 0xff]);
        rest >>>= 8;
      }
    }
    return length;
  }

  /**
   * True when the message at {@code at}, which has so many octets, has the question of {@code
   * query} and no other.
   */
  boolean isEchoed(int query, long number, MemorySegment from, long at, int length) {
    int bytes = questionBytes(query);
    if (length < Wire.HEADER_BYTES + bytes || from.get(BIG_SHORT, at + Wire.QDCOUNT) != 1) {
      return false;
    }
    long there = at + Wire.HEADER_BYTES;
    long ours = offsets[query] + Wire.HEADER_BYTES;
    if (newNames) {
      if (from.get(JAVA_SHORT_UNALIGNED, there) != memory.get(JAVA_SHORT_UNALIGNED, ours)) {
        return false;
      }
      long rest = number;
      for (int i = 0; i < DIGIT_PAIRS; i++) {
        if (from.get(JAVA_SHORT_UNALIGNED, at + DIGITS + 2L * i) != HEX[(int) rest & 0xff]) {
          return false;
        }
        rest >>>= 8;
      }
      there += 1 + Queries.NEW_LABEL_BYTES;
      ours += 1 + Queries.NEW_LABEL_BYTES;
      bytes -= 1 + Queries.NEW_LABEL_BYTES;
    }
    int i = 0;
    for (; i + Long.BYTES <= bytes; i += Long.BYTES) {
      if (from.get(LONG, there + i) != memory.get(LONG, ours + i)) {
        return false;
      }
    }
    for (; i < bytes; i++) {
      if (from.get(JAVA_BYTE, there + i) != memory.get(JAVA_BYTE, ours + i)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void close() {
    arena.close();
  }
}
