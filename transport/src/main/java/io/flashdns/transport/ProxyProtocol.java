package io.flashdns.transport;

import io.flashdns.core.plugin.Network;
import java.util.List;
import java.util.Set;

/**
 * Which listeners stand behind proxies that speak the PROXY protocol, version 2, and which proxies
 * those are.
 *
 * <p>Such a listener serves these proxies and nobody else, by UDP and by TCP. Each datagram, and
 * each connection before its first message, has to begin with a header that names the client; that
 * client then is the source of the query. Anything else is dropped or closed, and counted. On all
 * other listeners no header is ever looked for. So no client can choose its own source by writing a
 * header: not where it is expected, since it is not in the list, and not elsewhere.
 *
 * <p>The header may be that of a client of UDP or of TCP, by whichever of them the proxy asks; a
 * query's {@link io.flashdns.core.plugin.Protocol} is how the proxy asks. So a query by TCP from
 * behind a proxy does not prove the client's address, unless the proxy asks by TCP for clients of
 * TCP alone.
 *
 * <p>By UDP the proxy's own address is as easy to forge as any other: let nobody but the proxies
 * reach the listener.
 *
 * @param listeners indices into {@link TransportConfig#listen}
 * @param proxies the addresses from which proxies ask; of an IPv4 proxy its IPv4 address
 */
public record ProxyProtocol(Set<Integer> listeners, List<Network> proxies) {
  private static final ProxyProtocol NONE = new ProxyProtocol(Set.of(), List.of());

  /** Refuses listeners that nobody could ask, and proxies that could ask nowhere. */
  public ProxyProtocol {
    listeners = Set.copyOf(listeners);
    proxies = List.copyOf(proxies);
    if (!listeners.isEmpty() && proxies.isEmpty()) {
      throw new IllegalArgumentException(
          "PROXY protocol without a proxy, nobody could ask: name their networks, as 10.0.0.0/8");
    }
    if (listeners.isEmpty() && !proxies.isEmpty()) {
      throw new IllegalArgumentException(
          "PROXY protocol without a listener: name the listen addresses that "
              + proxies.getFirst()
              + " and other proxies ask");
    }
  }

  /** No listener stands behind a proxy. */
  public static ProxyProtocol none() {
    return NONE;
  }
}
