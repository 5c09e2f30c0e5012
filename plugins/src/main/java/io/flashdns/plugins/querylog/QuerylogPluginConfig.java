package io.flashdns.plugins.querylog;

import io.flashdns.core.dns.Rcode;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Configuration of the querylog plugin.
 *
 * @param file where lines go; a relative path in a configuration file is taken in that file's
 *     folder; default {@code querylog.log}
 * @param format {@code text}, fields with tabs between them, or {@code json}, an object on each
 *     line; default {@code text}
 * @param sample one of so many queries is logged, 1 to 1,000,000; default 1, all of them
 * @param rcodes only queries with these response codes, as {@code NXDOMAIN}; {@code DROPPED} stands
 *     for those that got no reply; default none, which means all
 * @param maskIpv4 bits of an IPv4 address that are logged, 0 to 32, the others are zero; default 32
 * @param maskIpv6 bits of an IPv6 address that are logged, 0 to 128; default 128
 * @param maxFileBytes the file is renamed before it is longer, 64 KiB to 1 TiB; default 100 MiB
 * @param maxFiles how many files are kept, the one that is written included, 1 to 1,000; default 10
 * @param bufferBytes octets of each worker's buffer, 16 KiB to 256 MiB, rounded up to a power of
 *     two; default 1 MiB
 */
public record QuerylogPluginConfig(
    Path file,
    Format format,
    int sample,
    List<String> rcodes,
    int maskIpv4,
    int maskIpv6,
    long maxFileBytes,
    int maxFiles,
    long bufferBytes) {
  /** What a line looks like. */
  public enum Format {
    /** Fields with tabs between them. */
    TEXT,
    /** A JSON object. */
    JSON
  }

  /** In {@link #rcodes}: no reply was sent. */
  static final String DROPPED = "DROPPED";

  /** The bit of {@link #rcodeBits} for queries without a reply. */
  static final int DROPPED_BIT = 63;

  /** Refuses values out of bounds. */
  public QuerylogPluginConfig {
    rcodes = List.copyOf(rcodes);
    long _ = bits(rcodes);
    bounded("sample", sample, 1, 1_000_000);
    bounded("maskIpv4", maskIpv4, 0, 32);
    bounded("maskIpv6", maskIpv6, 0, 128);
    bounded("maxFileBytes", maxFileBytes, 1 << 16, 1L << 40);
    bounded("maxFiles", maxFiles, 1, 1_000);
    bounded("bufferBytes", bufferBytes, 1 << 14, 1 << 28);
    if (file.getFileName() == null) {
      throw new IllegalArgumentException("file must name a file: '" + file + "'");
    }
  }

  /** All queries, as text, in {@code querylog.log} of the data folder. */
  public static QuerylogPluginConfig defaults() {
    return new QuerylogPluginConfig(
        Path.of("querylog.log"), Format.TEXT, 1, List.of(), 32, 128, 100L << 20, 10, 1L << 20);
  }

  /** A bit for each response code that is logged. */
  long rcodeBits() {
    return bits(rcodes);
  }

  private static long bits(List<String> rcodes) {
    if (rcodes.isEmpty()) {
      return -1L;
    }
    long bits = 0;
    for (String rcode : rcodes) {
      bits |= 1L << number(rcode);
    }
    return bits;
  }

  private static int number(String rcode) {
    String word = rcode.toUpperCase(Locale.ROOT);
    if (word.equals(DROPPED)) {
      return DROPPED_BIT;
    }
    for (int i = 0; i < Rcode.COUNT; i++) {
      if (Rcode.text(i).equals(word)) {
        return i;
      }
    }
    throw new IllegalArgumentException(
        "rcodes has '"
            + rcode
            + "', which is no response code: write one as NXDOMAIN or SERVFAIL, or DROPPED");
  }

  private static void bounded(String name, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          name + " must be " + min + " to " + max + ", not " + value);
    }
  }
}
