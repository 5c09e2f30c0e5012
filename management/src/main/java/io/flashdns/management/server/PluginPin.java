package io.flashdns.management.server;

import java.util.List;

/**
 * The jars that a plugin from a folder may consist of.
 *
 * @param plugin the plugin's name
 * @param sha256 SHA-256 of each jar in its folder, 64 hexadecimal digits in lower case, as {@code
 *     sha256sum} prints them; one or more
 */
record PluginPin(String plugin, List<String> sha256) {
  PluginPin {
    sha256 = List.copyOf(sha256);
    if (plugin.isBlank()) {
      throw new IllegalArgumentException("plugin must name a plugin");
    }
    if (sha256.isEmpty()) {
      throw new IllegalArgumentException("sha256 must hold the digest of one jar or more");
    }
    for (String digest : sha256) {
      if (!digest.matches("[0-9a-f]{64}")) {
        throw new IllegalArgumentException(
            "sha256 must have 64 hexadecimal digits in lower case: '" + digest + "'");
      }
    }
  }
}
