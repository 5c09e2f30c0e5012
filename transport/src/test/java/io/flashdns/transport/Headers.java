package io.flashdns.transport;

import io.flashdns.core.dns.Wire;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** PROXY headers as proxies write them, and such as none should. */
final class Headers {
  static final int STREAM = 1;
  static final int DATAGRAM = 2;

  private static final int LOCAL = 0x20;
  private static final int PROXY = 0x21;
  private static final byte[] SIGNATURE = {
    0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a
  };

  private Headers() {}

  /** A header that names a client. */
  static byte[] of(int transport, String client, int port, byte[]... tlvs) {
    return header(PROXY, family(client) << 4 | transport, addresses(client, port), joined(tlvs));
  }

  /** What a proxy writes before its own questions. */
  static byte[] local() {
    return header(LOCAL, 0);
  }

  /** LOCAL with a rest that is to be skipped. */
  static byte[] local(int family, byte[] rest) {
    return header(LOCAL, family, rest);
  }

  /** The client is known to the proxy, but of a kind that has no place in the header. */
  static byte[] unspecified(byte[]... rest) {
    return header(PROXY, 0, rest);
  }

  static byte[] header(int command, int family, byte[]... rest) {
    byte[] all = joined(rest);
    byte[] fixed = new byte[4];
    fixed[0] = (byte) command;
    fixed[1] = (byte) family;
    Wire.put16(fixed, 2, all.length);
    return joined(SIGNATURE, fixed, all);
  }

  /** A TLV of the type for own use (0xe0) that takes so many octets in all. */
  static byte[] tlv(int octets) {
    byte[] tlv = new byte[octets];
    tlv[0] = (byte) 0xe0;
    Wire.put16(tlv, 1, octets - 3);
    return tlv;
  }

  /** IPv6 client, and TLVs until no octet more would be taken. */
  static byte[] longest(int transport, String ipv6, int port) {
    byte[] header = of(transport, ipv6, port, tlv(ProxyHeader.MAX_REST_BYTES - 36));
    if (header.length != ProxyHeader.MAX_BYTES) {
      throw new AssertionError(header.length);
    }
    return header;
  }

  /** What must not be taken for a header, whatever follows, with its description. */
  static Map<String, byte[]> refused() {
    byte[] ipv4 = addresses("192.0.2.1", 4711);
    byte[] ipv6 = addresses("2001:db8::1", 4711);
    byte[] signature = header(PROXY, 0x11, ipv4);
    signature[11] = 0x0d;
    Map<String, byte[]> refused = new LinkedHashMap<>();
    refused.put("version 1", ascii("PROXY TCP4 192.0.2.1 198.51.100.1 4711 53\r\n"));
    refused.put("version 1, unknown", ascii("PROXY UNKNOWN\r\n"));
    refused.put("wrong signature", signature);
    refused.put("version 1 in binary", header(0x11, 0x11, ipv4));
    refused.put("version 3", header(0x31, 0x11, ipv4));
    refused.put("command 2", header(0x22, 0x11, ipv4));
    refused.put("UNIX stream", header(PROXY, 0x31, new byte[216]));
    refused.put("UNIX datagram", header(PROXY, 0x32, new byte[216]));
    refused.put("unspecified family, stream", header(PROXY, 0x01));
    refused.put("IPv4, unspecified transport", header(PROXY, 0x10, ipv4));
    refused.put("IPv4, transport 3", header(PROXY, 0x13, ipv4));
    refused.put("IPv6, unspecified transport", header(PROXY, 0x20, ipv6));
    refused.put("family 4", header(PROXY, 0x41, ipv6));
    refused.put("IPv4 without addresses", header(PROXY, 0x11));
    refused.put("IPv4, addresses cut", header(PROXY, 0x11, new byte[11]));
    refused.put("IPv6 with addresses of IPv4", header(PROXY, 0x21, ipv4));
    refused.put("IPv6, addresses cut", header(PROXY, 0x22, new byte[35]));
    refused.put("IPv4 port 0", of(STREAM, "192.0.2.1", 0));
    refused.put("IPv6 port 0", of(DATAGRAM, "2001:db8::1", 0));
    int tooMany = ProxyHeader.MAX_REST_BYTES + 1;
    refused.put("too long", of(STREAM, "192.0.2.1", 4711, tlv(tooMany - 12)));
    refused.put("too long, LOCAL", local(0, tlv(tooMany)));
    refused.put("as long as can be said", header(PROXY, 0x11, ipv4, tlv(65_535 - 12)));
    return refused;
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      joined.writeBytes(part);
    }
    return joined.toByteArray();
  }

  private static int family(String client) {
    return client.indexOf(':') >= 0 ? 2 : 1;
  }

  /** Source, destination, and their ports. */
  private static byte[] addresses(String client, int port) {
    try {
      boolean ipv6 = family(client) == 2;
      byte[] ports = new byte[4];
      Wire.put16(ports, 0, port);
      Wire.put16(ports, 2, 53);
      byte[] source =
          ipv6 && client.startsWith("::ffff:")
              ? mapped(client)
              : InetAddress.getByName(client).getAddress();
      byte[] destination =
          InetAddress.getByName(ipv6 ? "2001:db8::53" : "198.51.100.53").getAddress();
      return joined(source, destination, ports);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  /** The 16 octets, which Java takes for the IPv4 address that they mean. */
  private static byte[] mapped(String client) throws UnknownHostException {
    byte[] mapped = new byte[16];
    mapped[10] = (byte) 0xff;
    mapped[11] = (byte) 0xff;
    System.arraycopy(InetAddress.getByName(client).getAddress(), 0, mapped, 12, 4);
    return mapped;
  }
}
