package io.flashdns.plugins.cookies;

import java.util.List;

/**
 * The secrets of a moment: the first one signs, all of them are accepted (RFC 9018 §5).
 *
 * <p>Immutable; safe for all threads. Allocates nothing when used.
 */
final class Secrets {
  /** Most secrets at a time: each one costs a false cookie a hash. */
  static final int MAX = 8;

  /** What {@link #signerOf} says of a hash that no secret made. */
  static final int NOBODY = -1;

  private final SipHash[] hashes;

  /**
   * @param keys 1 to {@value #MAX}, each of {@link SipHash#KEY_BYTES} octets
   */
  Secrets(List<byte[]> keys) {
    if (keys.isEmpty() || keys.size() > MAX) {
      throw new IllegalArgumentException(keys.size() + " secrets, 1 to " + MAX + " are allowed");
    }
    hashes = keys.stream().map(SipHash::new).toArray(SipHash[]::new);
  }

  /** How many there are. */
  int size() {
    return hashes.length;
  }

  /** The hash under the secret that signs. */
  long sign(long[] words, int count) {
    return hashes[0].hash(words, count);
  }

  /**
   * The number of the secret under which the words have this hash, 0 for the one that signs; or
   * {@link #NOBODY}. The hash is compared as one number: how long it takes says nothing of how many
   * octets are right.
   */
  int signerOf(long hash, long[] words, int count) {
    for (int i = 0; i < hashes.length; i++) {
      if (hashes[i].hash(words, count) == hash) {
        return i;
      }
    }
    return NOBODY;
  }
}
