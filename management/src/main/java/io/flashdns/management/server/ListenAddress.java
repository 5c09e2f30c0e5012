package io.flashdns.management.server;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where to listen, as written: {@code 127.0.0.1:5353}, {@code [::1]:53}, or the address alone for
 * port 53.
 *
 * <p>Names are refused, and nothing here ever asks a resolver: the server may be the one to ask.
 */
final class ListenAddress {
  /** The port of DNS (RFC 1035 §4.2). */
  static final int DNS_PORT = 53;

  private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(?:\\.\\d{1,3}){3}");
  private static final Pattern IN_BRACKETS = Pattern.compile("\\[([^\\[\\]]*)](?::(.*))?");
  private static final Pattern PLAIN = Pattern.compile("([^:\\[\\]]*)(?::([^:]*))?");

  private ListenAddress() {}

  /**
   * Reads an address with its port.
   *
   * @throws IllegalArgumentException when it is none; the message says what to write
   */
  static InetSocketAddress parse(String text) {
    Matcher matcher = IN_BRACKETS.matcher(text);
    if (matcher.matches()) {
      return new InetSocketAddress(ipv6(matcher.group(1)), port(matcher.group(2), text));
    }
    matcher = PLAIN.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' must be ADDRESS:PORT; an IPv6 address stands in brackets: [::1]:53");
    }
    String host = matcher.group(1);
    if (host.isEmpty() || host.equals("*")) {
      throw new IllegalArgumentException(
          "'"
              + text
              + "' names no address: write 127.0.0.1:5353 to be heard by this machine alone,"
              + " or 0.0.0.0:53 and [::]:53 to be heard by all");
    }
    return new InetSocketAddress(ipv4(host, text), port(matcher.group(2), text));
  }

  /** The text that reads back to {@code address}. */
  static String text(InetSocketAddress address) {
    InetAddress host = address.getAddress();
    return host instanceof Inet6Address six
        ? "[" + text(six) + "]:" + address.getPort()
        : host.getHostAddress() + ":" + address.getPort();
  }

  /** The address alone, as a client takes it: an IPv6 address in the form of RFC 5952 §4. */
  static String text(InetAddress address) {
    if (address instanceof Inet4Address) {
      return address.getHostAddress();
    }
    String full = address.getHostAddress();
    int scope = full.indexOf('%');
    String[] groups = (scope < 0 ? full : full.substring(0, scope)).split(":");
    int best = 0;
    int bestLength = 1; // one group alone is not shortened
    for (int i = 0; i < groups.length; i++) {
      int end = i;
      while (end < groups.length && groups[end].equals("0")) {
        end++;
      }
      if (end - i > bestLength) {
        best = i;
        bestLength = end - i;
      }
    }
    String suffix = scope < 0 ? "" : full.substring(scope);
    if (bestLength == 1) {
      return String.join(":", groups) + suffix;
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < best; i++) {
      text.append(i == 0 ? "" : ":").append(groups[i]);
    }
    text.append("::");
    for (int i = best + bestLength; i < groups.length; i++) {
      text.append(i == best + bestLength ? "" : ":").append(groups[i]);
    }
    return text + suffix;
  }

  private static InetAddress ipv4(String host, String text) {
    if (!IPV4.matcher(host).matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' must begin with an address, names are not looked up: 127.0.0.1:5353");
    }
    try {
      return Inet4Address.ofLiteral(host);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("'" + host + "' is no IPv4 address", e);
    }
  }

  private static InetAddress ipv6(String host) {
    try {
      return Inet6Address.ofLiteral(host);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("'" + host + "' is no IPv6 address", e);
    }
  }

  private static int port(String digits, String text) {
    if (digits == null) {
      return DNS_PORT;
    }
    if (!digits.matches("\\d{1,5}") || Integer.parseInt(digits) > 65_535) {
      throw new IllegalArgumentException("the port of '" + text + "' must be 0 to 65535");
    }
    return Integer.parseInt(digits);
  }
}
