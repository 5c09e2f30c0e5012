package io.flashdns.management.server;

import io.flashdns.core.plugin.Network;
import io.flashdns.transport.ProxyProtocol;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Listeners behind proxies that speak the PROXY protocol, version 2.
 *
 * @param listeners which of the listen addresses; each serves the proxies and nobody else
 * @param from the networks of the proxies
 */
record ProxyConfig(List<InetSocketAddress> listeners, List<Network> from) {
  ProxyConfig {
    listeners = List.copyOf(listeners);
    from = List.copyOf(from);
    if (!listeners.isEmpty() && from.isEmpty()) {
      throw new IllegalArgumentException(
          "listeners must go with 'from', the networks of the proxies, such as [10.0.0.0/8]");
    }
    if (listeners.isEmpty() && !from.isEmpty()) {
      throw new IllegalArgumentException(
          "from must go with 'listeners', those of the listen addresses that the proxies ask");
    }
  }

  static ProxyConfig defaults() {
    return new ProxyConfig(List.of(), List.of());
  }

  /** What the transport needs of it, which counts listen addresses instead of naming them. */
  ProxyProtocol in(List<InetSocketAddress> listen) {
    Set<Integer> indices = new HashSet<>();
    for (InetSocketAddress listener : listeners) {
      indices.add(listen.indexOf(listener));
    }
    return new ProxyProtocol(indices, from);
  }
}
