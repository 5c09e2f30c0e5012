package io.flashdns.core.store;

/**
 * A value that a store keeps beside the zones, under a key: tenants, policies, tokens and whatever
 * else the management plane knows. Documents have no content that is served, and no history: a
 * store has what they are now.
 *
 * @param key 1 to {@value #MAX_KEY_CHARS} characters of printable ASCII; parts of it are set apart
 *     by {@code /}. Keys are ordered by their octets
 * @param value at most {@value #MAX_VALUE_BYTES} octets
 * @param revision when it was written last
 */
public record Document(String key, Octets value, long revision) {
  /** Longest key. */
  public static final int MAX_KEY_CHARS = 1_200;

  /** Longest value. */
  public static final int MAX_VALUE_BYTES = 1 << 20;
}
