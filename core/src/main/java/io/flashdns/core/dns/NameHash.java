package io.flashdns.core.dns;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The keyed hash of a name, built label by label from the root, so that one pass over a name yields
 * the hash of each of its suffixes.
 *
 * <p>Immutable; safe for all threads. Names must be folded to lower case before they are hashed.
 * Cost: one 64 by 64 bit multiplication for each eight octets of a label, no allocation.
 *
 * <p>The mixing step is that of wyhash (Wang Yi, final version 4): multiply to 128 bits and fold.
 * Zone names and owner names are chosen by tenants, hence both operands carry secret bits: whoever
 * does not know the seed can neither aim at a slot of the catalog nor at one of a zone, and no
 * octets exist that make an operand zero for every seed.
 */
public final class NameHash {
  private static final VarHandle CHUNK =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final long seed;
  private final long labelSecret;
  private final long chainSecret;
  private final long root;

  /** A hash for {@code seed}: equal seeds give equal hashes, also in another process. */
  public NameHash(long seed) {
    this.seed = seed;
    this.labelSecret = spread(seed ^ 0x9e37_79b9_7f4a_7c15L) | 1;
    this.chainSecret = spread(labelSecret ^ 0xd1b5_4a32_d192_ed03L);
    this.root = spread(chainSecret);
  }

  /** The seed that this hash was made from. */
  public long seed() {
    return seed;
  }

  /** The hash of the root name. */
  public long root() {
    return root;
  }

  /**
   * The hash of the name that has the label at {@code labelOffset} before the name whose hash is
   * {@code parent}.
   *
   * @param parent hash of the name without this label
   * @param folded lower-case wire name; when eight octets can be read from each label's start, the
   *     fast path is taken
   * @param labelOffset offset of the label's length octet
   */
  public long prepend(long parent, byte[] folded, int labelOffset) {
    long hash = parent;
    int offset = labelOffset;
    int remaining = (folded[labelOffset] & 0xff) + 1;
    while (remaining > 8) {
      hash = fold((long) CHUNK.get(folded, offset) ^ labelSecret, hash ^ chainSecret);
      offset += 8;
      remaining -= 8;
    }
    long last =
        offset + 8 <= folded.length
            ? (long) CHUNK.get(folded, offset) & (-1L >>> (64 - 8 * remaining))
            : tail(folded, offset, remaining);
    return fold(last ^ labelSecret, hash ^ chainSecret);
  }

  /** The hash of {@code view} and the name whose hash is {@code name}: the catalog's key. */
  public long inView(long name, int view) {
    return view == 0 ? name : fold(name ^ labelSecret, view ^ chainSecret);
  }

  private static long tail(byte[] bytes, int offset, int count) {
    long chunk = 0;
    for (int i = 0; i < count; i++) {
      chunk |= (bytes[offset + i] & 0xffL) << (8 * i);
    }
    return chunk;
  }

  private static long fold(long a, long b) {
    return Math.unsignedMultiplyHigh(a, b) ^ (a * b);
  }

  /**
   * The finalizer of SplitMix64 (Steele, Lea, Flood 2014): every bit of the seed reaches every bit
   * of the secret.
   */
  private static long spread(long z) {
    z = (z ^ (z >>> 30)) * 0xbf58_476d_1ce4_e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d0_49bb_1331_11ebL;
    return z ^ (z >>> 31);
  }
}
