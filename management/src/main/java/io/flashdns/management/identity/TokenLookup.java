package io.flashdns.management.identity;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Finds API tokens where they are kept. Safe for all threads; may block for a read of the store.
 */
@FunctionalInterface
public interface TokenLookup {
  /**
   * The token with this secret, whether or not it may be used now and from there: that is checked
   * by whoever asks.
   *
   * @param sha256 digest of the whole secret, 32 octets, see {@link TokenSecrets#hash}; not to be
   *     changed or kept
   * @param source where the call comes from
   * @return null when there is none, or when it ended by a rule of its own
   */
  @Nullable KnownToken byHash(byte[] sha256, InetSocketAddress source);

  /** The token was taken for a call just now, in case that is noted. Must not block for long. */
  default void accepted(KnownToken token) {}
}
