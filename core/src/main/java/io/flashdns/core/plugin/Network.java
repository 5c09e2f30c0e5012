package io.flashdns.core.plugin;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;

/**
 * The addresses that share a prefix, as {@code 192.0.2.0/24}, {@code 2001:db8::/32}, or one address
 * alone.
 *
 * <p>Addresses are two longs, as in {@link Query#sourceHi}: an IPv4 address is {@code
 * ::ffff:a.b.c.d} with an upper half of zero (RFC 4291 §2.5.5.2). Bits after the prefix are zero.
 *
 * @param hi upper half of the first address
 * @param lo lower half of the first address
 * @param prefixBits 0 to 128 in terms of IPv6: 96 more than written for IPv4
 */
public record Network(long hi, long lo, int prefixBits) {
  private static final int IPV4_BITS = 96;
  private static final long IPV4_LO = 0xffff_0000_0000L;

  /** Refuses bits behind the prefix and prefixes that there are not. */
  public Network {
    if (prefixBits < 0 || prefixBits > 128) {
      throw new IllegalArgumentException("a prefix of " + prefixBits + " bits: 0 to 128 there are");
    }
    if ((hi & ~maskHi(prefixBits)) != 0 || (lo & ~maskLo(prefixBits)) != 0) {
      throw new IllegalArgumentException("the address has bits set behind its prefix");
    }
  }

  /**
   * Reads the text form. Names are refused; nothing asks a resolver.
   *
   * @throws IllegalArgumentException when it is none, or has bits set behind the prefix; the
   *     message quotes it and says what to write
   */
  public static Network parse(String text) {
    int slash = text.indexOf('/');
    InetAddress address = address(slash < 0 ? text : text.substring(0, slash), text);
    int width = address instanceof Inet4Address ? 32 : 128;
    int bits = slash < 0 ? width : bits(text.substring(slash + 1), width, text);
    byte[] octets = address.getAddress();
    int prefix = width == 32 ? bits + IPV4_BITS : bits;
    long hi = width == 32 ? 0 : number(octets, 0, 8);
    long lo = width == 32 ? IPV4_LO | number(octets, 0, 4) : number(octets, 8, 8);
    if ((hi & ~maskHi(prefix)) != 0 || (lo & ~maskLo(prefix)) != 0) {
      throw new IllegalArgumentException(
          "'"
              + text
              + "' has bits set behind its prefix: write '"
              + new Network(hi & maskHi(prefix), lo & maskLo(prefix), prefix)
              + "', or a longer prefix");
    }
    return new Network(hi, lo, prefix);
  }

  /**
   * True when an address lies in this network. An IPv6 network, {@code ::/0} too, holds no IPv4.
   */
  public boolean contains(long addressHi, long addressLo) {
    return (addressHi & maskHi(prefixBits)) == hi
        && (addressLo & maskLo(prefixBits)) == lo
        && isIpv4(addressHi, addressLo) == isIpv4();
  }

  /** True when it holds IPv4 addresses. */
  public boolean isIpv4() {
    return prefixBits >= IPV4_BITS && isIpv4(hi, lo);
  }

  /** True for an IPv4 address. */
  static boolean isIpv4(long addressHi, long addressLo) {
    return addressHi == 0 && addressLo >>> 32 == 0xffff;
  }

  static long maskHi(int prefixBits) {
    return prefixBits == 0 ? 0 : prefixBits >= 64 ? -1L : -1L << (64 - prefixBits);
  }

  static long maskLo(int prefixBits) {
    return prefixBits <= 64 ? 0 : -1L << (128 - prefixBits);
  }

  private static InetAddress address(String literal, String text) {
    try {
      if (literal.indexOf(':') >= 0) {
        return Inet6Address.ofLiteral(literal);
      }
      // The class reads "10" too, as 0.0.0.10: who writes that means 10.0.0.0/8.
      if (literal.matches("\\d{1,3}(\\.\\d{1,3}){3}")) {
        return Inet4Address.ofLiteral(literal);
      }
    } catch (IllegalArgumentException _) {
      // Said below, with what to write.
    }
    throw new IllegalArgumentException(
        "'" + text + "' is no network: write 192.0.2.0/24, 2001:db8::/32 or one address");
  }

  private static int bits(String digits, int width, String text) {
    if (digits.matches("\\d{1,3}") && Integer.parseInt(digits) <= width) {
      return Integer.parseInt(digits);
    }
    throw new IllegalArgumentException("the prefix of '" + text + "' must be 0 to " + width);
  }

  private static long number(byte[] octets, int from, int count) {
    long number = 0;
    for (int i = from; i < from + count; i++) {
      number = (number << 8) | (octets[i] & 0xff);
    }
    return number;
  }

  /** The text form: {@code 192.0.2.0/24}; the prefix is left out of a single address. */
  @Override
  public String toString() {
    if (isIpv4()) {
      String address =
          (lo >>> 24 & 0xff)
              + "."
              + (lo >>> 16 & 0xff)
              + "."
              + (lo >>> 8 & 0xff)
              + "."
              + (lo & 0xff);
      return prefixBits == 128 ? address : address + "/" + (prefixBits - IPV4_BITS);
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      long half = i < 4 ? hi : lo;
      text.append(i == 0 ? "" : ":")
          .append(Long.toHexString((half >>> (48 - 16 * (i & 3))) & 0xffff));
    }
    return prefixBits == 128 ? text.toString() : text.append('/').append(prefixBits).toString();
  }
}
