package io.flashdns.management.operations;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * The endpoint for those who run the server.
 *
 * @param enabled whether there is one
 * @param listen address and TCP port, of loopback alone: nothing is encrypted and nobody is asked
 *     for a password. Port 0 takes a free one
 * @param readyWithBrokenZones whether the server is ready although a zone file was never read
 *     without errors
 */
public record OperationsConfig(
    boolean enabled, InetSocketAddress listen, boolean readyWithBrokenZones) {
  /** No DNS server beside this one has it: 9153 is CoreDNS's, 8953 Unbound's, 8081 PowerDNS's. */
  static final int PORT = 9_533;

  private static final int DNS_PORT = 53;

  /** Refuses addresses that others can reach, and the port of DNS. */
  public OperationsConfig {
    if (!listen.getAddress().isLoopbackAddress()) {
      throw new IllegalArgumentException(
          "listen must be a loopback address, such as 127.0.0.1:"
              + PORT
              + ", for nothing there is encrypted and nobody is asked for a password: let a proxy"
              + " on this machine pass it on");
    }
    if (listen.getPort() == DNS_PORT) {
      throw new IllegalArgumentException(
          "listen must not have port 53, which is that of DNS: write 127.0.0.1:" + PORT);
    }
  }

  /** On loopback, port 9533; ready only with all zones. */
  public static OperationsConfig defaults() {
    return new OperationsConfig(
        true, new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), PORT), false);
  }

  /** The same at another address. */
  public OperationsConfig withListen(InetSocketAddress address) {
    return new OperationsConfig(enabled, address, readyWithBrokenZones);
  }
}
