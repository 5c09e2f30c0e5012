package io.flashdns.plugins.nsid;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * Configuration of the nsid plugin. There are no defaults: a server has no name until somebody
 * gives it one.
 *
 * @param id the server's name, 1 to 128 octets: text in UTF-8, or octets in pairs of hexadecimal
 *     digits after {@code 0x}; required
 */
public record NsidPluginConfig(String id) {
  /** Most octets of a name: what every reply over UDP has room for. */
  static final int MAX_BYTES = 128;

  private static final String HEXADECIMAL = "0x";

  /** Refuses names of no octets or too many, and digits that are none. */
  public NsidPluginConfig {
    int length = octets(id).length;
    if (length < 1 || length > MAX_BYTES) {
      throw new IllegalArgumentException(
          "id must have 1 to " + MAX_BYTES + " octets, not " + length);
    }
  }

  /** The name as it goes on the wire. */
  byte[] octets() {
    return octets(id);
  }

  private static byte[] octets(String id) {
    if (!id.startsWith(HEXADECIMAL)) {
      return id.getBytes(StandardCharsets.UTF_8);
    }
    try {
      return HexFormat.of().parseHex(id, HEXADECIMAL.length(), id.length());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "id must have pairs of hexadecimal digits after 0x: '" + id + "'", e);
    }
  }
}
