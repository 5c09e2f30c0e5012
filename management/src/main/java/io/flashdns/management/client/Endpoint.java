package io.flashdns.management.client;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where the API of a server is.
 *
 * @param host name or address
 * @param port TCP port
 * @param tls false: plain text, to this machine alone
 * @param ca certificates that the server's is checked by; null: the system's
 * @param certificate what is shown to the server; null: nothing
 * @param key of the certificate
 */
record Endpoint(
    String host,
    int port,
    boolean tls,
    @Nullable Path ca,
    @Nullable Path certificate,
    @Nullable Path key) {
  /** The port of the API when none is named. */
  static final int DEFAULT_PORT = 8053;

  /** The server when none is named. */
  static final String DEFAULT = "127.0.0.1:" + DEFAULT_PORT;

  /** Letters of any script, and of an IPv6 address colons, and the name of an interface. */
  private static final Pattern HOST =
      Pattern.compile("[\\p{L}\\p{M}\\p{N}._-]+|[0-9A-Fa-f:.]+(%[A-Za-z0-9._-]+)?");

  private static final String HTTP = "http://";
  private static final String HTTPS = "https://";

  /**
   * Reads {@code HOST}, {@code HOST:PORT}, {@code [IPV6]:PORT}, or one of them after {@code
   * http://} or {@code https://}. Without these, loopback addresses are spoken to in plain text
   * unless certificates are named, all others by TLS.
   *
   * @throws ClientException when it cannot be read, or asks for plain text off this machine
   */
  static Endpoint parse(
      String text, @Nullable Path ca, @Nullable Path certificate, @Nullable Path key)
      throws ClientException {
    boolean plain = text.startsWith(HTTP);
    boolean secure = text.startsWith(HTTPS);
    String address = text.substring(plain ? HTTP.length() : secure ? HTTPS.length() : 0);
    address = address.endsWith("/") ? address.substring(0, address.length() - 1) : address;
    int colon = address.lastIndexOf(':');
    boolean hasPort =
        colon > 0 && (address.indexOf(':') == colon || address.charAt(colon - 1) == ']');
    String host = hasPort ? address.substring(0, colon) : address;
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    int port = DEFAULT_PORT;
    try {
      port = hasPort ? Integer.parseInt(address.substring(colon + 1)) : DEFAULT_PORT;
    } catch (NumberFormatException _) {
      port = -1;
    }
    if (host.isEmpty() || port < 1 || port > 65535 || !isHost(host)) {
      throw ClientException.usage(
          "the server must be HOST:PORT, such as dns.example.org:8053, not '" + text + "'");
    }
    boolean loopback = isLoopback(host);
    if (plain && !loopback) {
      throw ClientException.usage(
          text
              + ": plain text is spoken to loopback addresses alone, or the token could be read on"
              + " the way; use https://");
    }
    if ((certificate == null) != (key == null)) {
      throw ClientException.usage("a certificate and its key go together: give --cert and --key");
    }
    boolean tls = secure || (!plain && (!loopback || ca != null || certificate != null));
    return new Endpoint(host, port, tls, ca, certificate, key);
  }

  /** A name or an address; whether it is one that is there, the connection tells. */
  private static boolean isHost(String text) {
    return HOST.matcher(text).matches();
  }

  /** Whether what is sent stays on this machine. A name is not looked up, but for localhost. */
  static boolean isLoopback(String host) {
    if (host.equals("localhost")) {
      return true;
    }
    if (!host.matches("127\\.\\d+\\.\\d+\\.\\d+") && host.indexOf(':') < 0) {
      return false;
    }
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException _) {
      return false;
    }
  }

  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
