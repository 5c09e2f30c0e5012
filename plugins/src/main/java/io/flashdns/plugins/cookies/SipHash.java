package io.flashdns.plugins.cookies;

import io.flashdns.core.dns.Wire;

/**
 * SipHash-2-4 with a result of 64 bits (Aumasson, Bernstein: SipHash, a fast short-input PRF, 2012)
 * under one key.
 *
 * <p>Immutable; safe for all threads. Works on longs: octets of the message eight to a word, the
 * first one lowest. Allocates nothing; some 15 ns for 20 octets.
 */
final class SipHash {
  /** Octets of a key. */
  static final int KEY_BYTES = 16;

  private static final int ROUNDS_BY_WORD = 2;

  /** The four rounds at the end are those of two words more that are zero. */
  private static final int FINAL_WORDS = 2;

  private final long key0;
  private final long key1;

  /**
   * @param key {@value #KEY_BYTES} octets, not kept
   */
  SipHash(byte[] key) {
    key0 = Long.reverseBytes(Wire.s64(key, 0));
    key1 = Long.reverseBytes(Wire.s64(key, 8));
  }

  /**
   * The last word of a message: the octets that fill no word, and the length.
   *
   * @param rest up to seven octets, the first one lowest
   * @param messageBytes octets of the whole message
   */
  static long lastWord(long rest, int messageBytes) {
    return rest | (long) messageBytes << 56;
  }

  /**
   * The hash of a message.
   *
   * @param words the message, with its {@link #lastWord}
   * @param count how many words
   */
  long hash(long[] words, int count) {
    long v0 = key0 ^ 0x736f_6d65_7073_6575L;
    long v1 = key1 ^ 0x646f_7261_6e64_6f6dL;
    long v2 = key0 ^ 0x6c79_6765_6e65_7261L;
    long v3 = key1 ^ 0x7465_6462_7974_6573L;
    for (int i = 0; i < count + FINAL_WORDS; i++) {
      long word = i < count ? words[i] : 0;
      if (i == count) {
        v2 ^= 0xff;
      }
      v3 ^= word;
      for (int round = 0; round < ROUNDS_BY_WORD; round++) {
        v0 += v1;
        v2 += v3;
        v1 = Long.rotateLeft(v1, 13) ^ v0;
        v3 = Long.rotateLeft(v3, 16) ^ v2;
        v0 = Long.rotateLeft(v0, 32);
        v2 += v1;
        v0 += v3;
        v1 = Long.rotateLeft(v1, 17) ^ v2;
        v3 = Long.rotateLeft(v3, 21) ^ v0;
        v2 = Long.rotateLeft(v2, 32);
      }
      v0 ^= word;
    }
    return v0 ^ v1 ^ v2 ^ v3;
  }
}
