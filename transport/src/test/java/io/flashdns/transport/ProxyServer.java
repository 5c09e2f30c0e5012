package io.flashdns.transport;

import io.flashdns.core.plugin.Network;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;

/**
 * A server whose listener {@link #PROXIED} serves the proxies {@link #PROXY} and {@link
 * #OTHER_PROXY} alone, and whose listener {@link #PLAIN} serves everybody.
 */
final class ProxyServer {
  static final int PROXIED = 0;
  static final int PLAIN = 1;
  static final String PROXY = "127.0.0.2";
  static final String OTHER_PROXY = "127.0.4.9";
  static final String STRANGER = "127.0.0.3";

  private ProxyServer() {}

  static TestServer start(IoBackend io) throws TransportException {
    return start(io, TcpLimits.defaults());
  }

  static TestServer start(IoBackend io, TcpLimits limits) throws TransportException {
    return start(io, limits, PROXY, "127.0.4.0/24");
  }

  static TestServer start(IoBackend io, TcpLimits limits, String... proxies)
      throws TransportException {
    TestServer.assumeAvailable(io);
    return TestServer.start(
        new TransportConfig(
            List.of(new InetSocketAddress("127.0.0.1", 0), new InetSocketAddress("127.0.0.1", 0)),
            io,
            1,
            limits,
            1 << 20,
            new ProxyProtocol(
                Set.of(PROXIED), List.of(proxies).stream().map(Network::parse).toList())));
  }
}
