package io.flashdns.transport;

import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Where to listen, and how.
 *
 * @param listen addresses for UDP and TCP alike, resolved, none twice. Port 0 asks for a free port,
 *     the same for both. {@code 0.0.0.0} means IPv4 only and {@code [::]} IPv6 only: name both for
 *     both
 * @param io the backend
 * @param workers event loops, each a thread with its own worker and its own sockets; 1 to 1,024
 * @param tcp limits of TCP
 * @param receiveBufferBytes wanted size of each UDP socket's receive buffer in octets; 0 leaves the
 *     system's default
 * @param proxyProtocol the listeners that serve proxies alone
 * @param overloadShield whether the kernel drops what heavy sources send beyond their fair share
 *     while a UDP socket overflows; on {@link IoBackend#FFM}, but not for listeners of proxies
 */
public record TransportConfig(
    List<InetSocketAddress> listen,
    IoBackend io,
    int workers,
    TcpLimits tcp,
    int receiveBufferBytes,
    ProxyProtocol proxyProtocol,
    boolean overloadShield) {

  static final int MAX_WORKERS = 1024;

  public TransportConfig {
    listen = List.copyOf(listen);
    if (listen.isEmpty()) {
      throw new IllegalArgumentException("no listen address: name at least one, as 127.0.0.1:53");
    }
    Set<InetSocketAddress> seen = new HashSet<>();
    for (InetSocketAddress address : listen) {
      if (address.isUnresolved()) {
        throw new IllegalArgumentException(
            "listen address " + address.getHostString() + " is a name: use an IP address");
      }
      if (address.getPort() != 0 && !seen.add(address)) {
        throw new IllegalArgumentException(
            "listen address " + Addresses.text(address) + " is named twice");
      }
    }
    if (workers < 1 || workers > MAX_WORKERS) {
      throw new IllegalArgumentException(
          workers + " workers: use 1 to " + MAX_WORKERS + ", at most one per core");
    }
    if (receiveBufferBytes < 0) {
      throw new IllegalArgumentException("receive buffer of " + receiveBufferBytes + " octets");
    }
    for (int listener : proxyProtocol.listeners()) {
      if (listener < 0 || listener >= listen.size()) {
        throw new IllegalArgumentException(
            "PROXY protocol on listen address number "
                + listener
                + ", counted from 0: there are "
                + listen.size());
      }
    }
  }

  /** With the overload shield. */
  public TransportConfig(
      List<InetSocketAddress> listen,
      IoBackend io,
      int workers,
      TcpLimits tcp,
      int receiveBufferBytes,
      ProxyProtocol proxyProtocol) {
    this(listen, io, workers, tcp, receiveBufferBytes, proxyProtocol, true);
  }

  /** With the overload shield, and without a proxy before any listener. */
  public TransportConfig(
      List<InetSocketAddress> listen,
      IoBackend io,
      int workers,
      TcpLimits tcp,
      int receiveBufferBytes) {
    this(listen, io, workers, tcp, receiveBufferBytes, ProxyProtocol.none());
  }
}
