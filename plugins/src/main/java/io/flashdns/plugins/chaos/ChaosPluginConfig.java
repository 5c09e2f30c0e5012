package io.flashdns.plugins.chaos;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Configuration of the chaos plugin. What is not set is refused.
 *
 * @param version what {@code version.bind.} and {@code version.server.} tell: text of 1 to 255
 *     octets in UTF-8; not set by default
 * @param id what {@code id.server.} and {@code hostname.bind.} tell: text of 1 to 255 octets in
 *     UTF-8; not set by default
 */
public record ChaosPluginConfig(Optional<String> version, Optional<String> id) {
  /** Most octets of a character string (RFC 1035 §3.3). */
  static final int MAX_BYTES = 255;

  /** Refuses texts that are empty or do not fit into one character string. */
  public ChaosPluginConfig {
    check("version", version);
    check("id", id);
  }

  /** Nothing is told. */
  public static ChaosPluginConfig defaults() {
    return new ChaosPluginConfig(Optional.empty(), Optional.empty());
  }

  private static void check(String key, Optional<String> text) {
    int length = text.isEmpty() ? 1 : text.get().getBytes(StandardCharsets.UTF_8).length;
    if (length < 1 || length > MAX_BYTES) {
      throw new IllegalArgumentException(
          key + " must have 1 to " + MAX_BYTES + " octets, not " + length);
    }
  }
}
