package io.flashdns.transport;

import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;

/** IP addresses as numbers, as text, and as the machine has them. */
final class Addresses {
  private Addresses() {}

  /** The upper 64 bits; 0 for IPv4, which counts as {@code ::ffff:a.b.c.d}. */
  static long high(InetAddress address) {
    return address instanceof Inet6Address v6 ? number(v6.getAddress(), 0, 8) : 0;
  }

  /** The lower 64 bits. */
  static long low(InetAddress address) {
    return address instanceof Inet6Address v6
        ? number(v6.getAddress(), 8, 8)
        : mapped((int) number(address.getAddress(), 0, 4));
  }

  /** The lower 64 bits of the IPv4 address whose 32 bits are given. */
  static long mapped(int ipv4) {
    return 0xffff_0000_0000L | (ipv4 & 0xffff_ffffL);
  }

  private static long number(byte[] bytes, int from, int count) {
    long number = 0;
    for (int i = from; i < from + count; i++) {
      number = number << 8 | (bytes[i] & 0xff);
    }
    return number;
  }

  /** {@code 127.0.0.1:53} or {@code [::1]:53}. */
  static String text(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return (isIpv6(address) ? "[" + host + "]" : host) + ":" + address.getPort();
  }

  static boolean isIpv6(InetSocketAddress address) {
    return address.getAddress() instanceof Inet6Address;
  }

  static boolean isWildcard(InetSocketAddress address) {
    return address.getAddress().isAnyLocalAddress();
  }

  static InetSocketAddress withPort(InetSocketAddress address, int port) {
    return new InetSocketAddress(address.getAddress(), port);
  }

  /**
   * Every address of the same family that an interface of this machine carries and lets us use now,
   * with the wildcard's port. Of 127.0.0.0/8 that is 127.0.0.1 alone, unless more were added to the
   * interface.
   */
  static List<InetSocketAddress> local(InetSocketAddress wildcard) throws SocketException {
    Class<? extends InetAddress> family =
        isIpv6(wildcard) ? Inet6Address.class : Inet4Address.class;
    List<InetSocketAddress> found = new ArrayList<>();
    for (NetworkInterface device : NetworkInterface.networkInterfaces().toList()) {
      if (device.isUp()) {
        device
            .inetAddresses()
            .filter(family::isInstance)
            .filter(Addresses::isUsable)
            .map(address -> new InetSocketAddress(address, wildcard.getPort()))
            .forEach(found::add);
      }
    }
    return found;
  }

  /**
   * An IPv6 address that is new, or found to be somebody else's, is listed but cannot be bound (RFC
   * 4862 §5.4).
   */
  private static boolean isUsable(InetAddress address) {
    try (DatagramSocket _ = new DatagramSocket(0, address)) {
      return true;
    } catch (SocketException _) {
      return false;
    }
  }
}
