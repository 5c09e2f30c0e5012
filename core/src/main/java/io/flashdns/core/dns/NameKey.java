package io.flashdns.core.dns;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * A name made ready for lookups: its wire form in lower case, where each label starts, and the hash
 * of every suffix.
 *
 * <p>Reusable and mutable: one per use and worker, filled again for each packet; owned by one
 * thread; never kept by a plugin beyond its hook. All arrays are handed out as they are, to be read
 * and not written. Filling it costs one pass over the octets and one multiplication for every eight
 * octets of a label; nothing is allocated.
 */
public final class NameKey {
  /**
   * What {@link #readUncompressed} says of octets that are no name: too long, cut short, or a label
   * type of no use.
   */
  public static final int MALFORMED = -1;

  private static final VarHandle CHUNK =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int SLACK_BYTES = 8;

  private final NameHash hash;
  private final byte[] folded = new byte[Wire.MAX_NAME_BYTES + 2 * SLACK_BYTES];
  private final short[] labelOffset = new short[Wire.MAX_LABELS + 1];
  private final long[] suffixHash = new long[Wire.MAX_LABELS + 1];
  private int length;
  private int labels;

  /** An empty key (the root name) whose hashes are those of {@code hash}. */
  public NameKey(NameHash hash) {
    this.hash = hash;
    this.length = 1;
    this.suffixHash[0] = hash.root();
  }

  /**
   * Reads the name at {@code offset} of a message; compression pointers are refused, as they can
   * only point into the header there (the name of a question, RFC 1035 §4.1.2).
   *
   * @param end first offset that does not belong to the message
   * @return the offset after the name, or {@link #MALFORMED}
   */
  public int readUncompressed(byte[] message, int offset, int end) {
    int at = offset;
    int count = 0;
    while (true) {
      if (at >= end) {
        return MALFORMED;
      }
      int octets = message[at] & 0xff;
      if (octets == 0) {
        break;
      }
      // One comparison refuses pointers and the label types 01 and 10; the other keeps the name
      // within 255 octets.
      if (octets > Wire.MAX_LABEL_BYTES || at + octets + 1 - offset >= Wire.MAX_NAME_BYTES) {
        return MALFORMED;
      }
      labelOffset[count++] = (short) (at - offset);
      at += octets + 1;
    }
    labels = count;
    length = at + 1 - offset;
    labelOffset[count] = (short) (at - offset);
    fold(message, offset, length);
    hashSuffixes();
    return at + 1;
  }

  /** Makes this the root name. */
  public void clear() {
    folded[0] = 0;
    labelOffset[0] = 0;
    suffixHash[0] = hash.root();
    labels = 0;
    length = 1;
  }

  /**
   * Takes over a name in wire form without pointers that is known to be whole, as one that this
   * server wrote itself.
   */
  public void set(byte[] wire, int offset) {
    if (readUncompressed(wire, offset, wire.length) == MALFORMED) {
      throw new IllegalArgumentException("not a name in wire form at offset " + offset);
    }
  }

  /**
   * Reads a possibly compressed name of a message, also behind pointers. Pointers must point
   * backwards and are followed at most 127 times, so no message can make this loop (RFC 1035
   * §4.1.4).
   *
   * @return the offset after the name in place (after its first pointer, if it has one), or {@link
   *     #MALFORMED}
   */
  public int readCompressed(byte[] message, int offset, int end) {
    int at = offset;
    int written = 0;
    int count = 0;
    int after = -1;
    int lowest = offset;
    int hops = 0;
    while (true) {
      if (at >= end) {
        return MALFORMED;
      }
      int octets = message[at] & 0xff;
      if (octets >= 0xc0) {
        if (at + 1 >= end) {
          return MALFORMED;
        }
        int target = Wire.u16(message, at) & Wire.MAX_POINTER;
        // Strictly falling targets: each hop is below every octet that was read so far.
        if (target >= lowest || target < Wire.HEADER_BYTES || ++hops > Wire.MAX_LABELS) {
          return MALFORMED;
        }
        if (after < 0) {
          after = at + 2;
        }
        lowest = target;
        at = target;
        continue;
      }
      if (octets > Wire.MAX_LABEL_BYTES
          || written + octets + 1 > Wire.MAX_NAME_BYTES
          || (octets != 0
              && (at + octets + 1 > end || written + octets + 2 > Wire.MAX_NAME_BYTES))) {
        return MALFORMED;
      }
      labelOffset[count] = (short) written;
      System.arraycopy(message, at, folded, written, octets + 1);
      written += octets + 1;
      at += octets + 1;
      if (octets == 0) {
        break;
      }
      count++;
    }
    labels = count;
    length = written;
    fold(folded, 0, written);
    hashSuffixes();
    return after < 0 ? at : after;
  }

  /** The hash that this key's suffix hashes come from. */
  public NameHash hash() {
    return hash;
  }

  /**
   * The name in lower case and wire form, {@link #length} octets, with readable slack behind it.
   */
  public byte[] folded() {
    return folded;
  }

  /** Octets of the wire form, the root's zero octet included: 1 to 255. */
  public int length() {
    return length;
  }

  /** Number of labels, the root's not counted: 0 to 127. */
  public int labels() {
    return labels;
  }

  /** Offset of label {@code index} in the wire form; index {@link #labels} is the root's. */
  public int labelOffset(int index) {
    return labelOffset[index];
  }

  /** Hash of the name that starts at label {@code index}; index {@link #labels} is the root's. */
  public long suffixHash(int index) {
    return suffixHash[index];
  }

  /** The name in presentation form, with its final dot. Allocates: for messages to people. */
  @Override
  public String toString() {
    return DomainName.ofWire(folded, 0).toString();
  }

  private void hashSuffixes() {
    long suffix = hash.root();
    suffixHash[labels] = suffix;
    for (int i = labels - 1; i >= 0; i--) {
      suffix = hash.prepend(suffix, folded, labelOffset[i]);
      suffixHash[i] = suffix;
    }
  }

  /**
   * Copies with A to Z made lower case, eight octets a step. Length octets are at most 63 and so
   * below 'A' (65): they need no care (RFC 4343).
   */
  private void fold(byte[] source, int offset, int count) {
    int i = 0;
    if (offset + count + SLACK_BYTES <= source.length) {
      for (; i < count; i += 8) {
        CHUNK.set(folded, i, foldChunk((long) CHUNK.get(source, offset + i)));
      }
    } else {
      for (; i < count; i++) {
        folded[i] = (byte) foldOctet(source[offset + i]);
      }
    }
  }

  /** Lower case of one octet as an int, ASCII letters only. */
  public static int foldOctet(int octet) {
    return octet >= 'A' && octet <= 'Z' ? octet + 32 : octet;
  }

  /**
   * Lower case of eight octets at once: bit 5 is set where the octet without its top bit lies in
   * A..Z and that bit is clear.
   */
  private static long foldChunk(long chunk) {
    long heptets = chunk & 0x7f7f_7f7f_7f7f_7f7fL;
    long aboveZ = heptets + 0x2525_2525_2525_2525L; // 0x7f - 'Z'
    long atLeastA = heptets + 0x3f3f_3f3f_3f3f_3f3fL; // 0x80 - 'A'
    long upper = (atLeastA ^ aboveZ) & ~chunk & 0x8080_8080_8080_8080L;
    return chunk | (upper >>> 2);
  }
}
