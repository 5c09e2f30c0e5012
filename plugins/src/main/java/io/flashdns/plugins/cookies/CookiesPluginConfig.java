package io.flashdns.plugins.cookies;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Configuration of the cookies plugin.
 *
 * @param secretFile file of secrets that several servers share: one a line, 32 hexadecimal digits,
 *     1 to 8 of them; the first one signs, all are accepted. Its owner alone may use it, and it is
 *     read again when it changes. Without it, which is the default, the server makes secrets
 *     itself, or has those of all nodes of its store
 * @param rotate how long a secret of the server's own signs, 1 h to 365 d, by default 1 d; of no
 *     effect with a secret file, or with a store that nodes share
 * @param badcookie whether a query over UDP that has a client cookie without a valid server cookie
 *     is answered with BADCOOKIE and a fresh cookie, instead of what it asks for; by default not
 */
public record CookiesPluginConfig(Optional<Path> secretFile, Duration rotate, boolean badcookie) {
  private static final Duration MIN_ROTATE = Duration.ofHours(1);
  private static final Duration MAX_ROTATE = Duration.ofDays(365);

  /** Refuses times out of bounds. */
  public CookiesPluginConfig {
    if (rotate.compareTo(MIN_ROTATE) < 0 || rotate.compareTo(MAX_ROTATE) > 0) {
      throw new IllegalArgumentException(
          "rotate must be 1h to 365d, not " + rotate.toSeconds() + "s");
    }
  }

  /** Secrets of the server's own, a new one each day; everybody is answered. */
  public static CookiesPluginConfig defaults() {
    return new CookiesPluginConfig(Optional.empty(), Duration.ofDays(1), false);
  }
}
