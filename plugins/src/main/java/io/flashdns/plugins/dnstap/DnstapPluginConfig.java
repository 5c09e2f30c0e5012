package io.flashdns.plugins.dnstap;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Configuration of the dnstap plugin. One of {@code socket}, {@code address} and {@code file} is
 * required.
 *
 * @param socket the reader's Unix socket; at most 107 octets
 * @param address the reader's TCP address
 * @param file a file to write; a relative path in a configuration file is taken in that file's
 *     folder
 * @param queries whether queries are sent, as AUTH_QUERY; default true
 * @param responses whether replies are sent, as AUTH_RESPONSE; default true
 * @param identity name of this server in each message, at most 255 octets; default none
 * @param version version of this server in each message, at most 255 octets; default none
 * @param maxFileBytes the file is renamed before it is longer, 1 MiB to 1 TiB; default 1 GiB
 * @param maxFiles how many files are kept, the one that is written included, 1 to 1,000; default 10
 * @param bufferBytes octets of each worker's buffer, 256 KiB to 256 MiB, rounded up to a power of
 *     two; default 4 MiB
 */
public record DnstapPluginConfig(
    Optional<Path> socket,
    Optional<InetSocketAddress> address,
    Optional<Path> file,
    boolean queries,
    boolean responses,
    Optional<String> identity,
    Optional<String> version,
    long maxFileBytes,
    int maxFiles,
    long bufferBytes) {
  private static final int MAX_TEXT_BYTES = 255;

  /** What the system has room for in the address of a Unix socket. */
  private static final int MAX_SOCKET_PATH_BYTES = 107;

  /** Refuses values out of bounds, and more than one reader. */
  public DnstapPluginConfig {
    requireAlone("socket", socket, address, file);
    requireAlone("address", address, socket, file);
    requireAlone("file", file, socket, address);
    if (socket.isPresent()) {
      int length = socket.get().toString().getBytes(StandardCharsets.UTF_8).length;
      if (length > MAX_SOCKET_PATH_BYTES) {
        throw new IllegalArgumentException(
            "socket must have a path of at most "
                + MAX_SOCKET_PATH_BYTES
                + " octets, not "
                + length);
      }
    }
    if (file.isPresent() && file.get().getFileName() == null) {
      throw new IllegalArgumentException("file must name a file: '" + file.get() + "'");
    }
    if (!queries && !responses) {
      throw new IllegalArgumentException(
          "queries must be true when responses are not: nothing would be sent");
    }
    requireShort("identity", identity);
    requireShort("version", version);
    bounded("maxFileBytes", maxFileBytes, 1 << 20, 1L << 40);
    bounded("maxFiles", maxFiles, 1, 1_000);
    bounded("bufferBytes", bufferBytes, 1 << 18, 1 << 28);
  }

  /** Queries and replies; where to is to be said. */
  public static DnstapPluginConfig defaults() {
    return new DnstapPluginConfig(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        true,
        true,
        Optional.empty(),
        Optional.empty(),
        1L << 30,
        10,
        4L << 20);
  }

  private static void requireAlone(String name, Optional<?> one, Optional<?> a, Optional<?> b) {
    if (one.isPresent() && (a.isPresent() || b.isPresent())) {
      throw new IllegalArgumentException(
          name + " must stand alone: keep one of socket, address and file");
    }
  }

  private static void requireShort(String name, Optional<String> text) {
    if (text.isPresent() && text.get().getBytes(StandardCharsets.UTF_8).length > MAX_TEXT_BYTES) {
      throw new IllegalArgumentException(
          name + " must be at most " + MAX_TEXT_BYTES + " octets of UTF-8");
    }
  }

  private static void bounded(String name, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          name + " must be " + min + " to " + max + ", not " + value);
    }
  }
}
