package io.flashdns.management.server;

import io.flashdns.management.grpc.ApiConfig;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Locale;

/**
 * Refuses an address that another server has already.
 *
 * <p>The event loops share a port by SO_REUSEPORT, and the kernel would as gladly share it with a
 * second server of the same user: each would get a part of the queries, and a forgotten one would
 * answer from old zones. So before the real sockets are opened, one that shares nothing is opened
 * in their place and closed again. Whatever else may be wrong with the address, the real sockets
 * tell.
 */
final class PortProbe {
  private PortProbe() {}

  /** Throws when one of the addresses is in use, by UDP or by TCP. */
  static void refuseTaken(List<InetSocketAddress> addresses) throws StartException {
    for (InetSocketAddress address : addresses) {
      String by = takenBy(address);
      if (!by.isEmpty() && !isOnlyIpv4Side(address)) {
        throw new StartException(
            "%s is in use by another server (%s): stop it ('ss -lnp sport = :%d' shows it), or choose another address by --listen"
                .formatted(ListenAddress.text(address), by, address.getPort()));
      }
    }
  }

  /** Throws when a door of the API cannot be opened where it is to be. */
  static void refuseTaken(ApiConfig api) throws StartException {
    if (api.enabled()) {
      refuseTaken(api.listen(), "--api, or api.listen of the configuration");
      if (api.jsonEnabled()) {
        refuseTaken(api.jsonListen(), "--api-json, or api.json-listen of the configuration");
      }
    }
  }

  private static void refuseTaken(InetSocketAddress address, String setting) throws StartException {
    if (address.getPort() == 0) {
      return;
    }
    try (ServerSocket tcp = new ServerSocket()) {
      tcp.setReuseAddress(true);
      tcp.bind(address);
    } catch (IOException e) {
      if (!isTaken(e)) {
        throw new StartException(
            "the API cannot listen on %s (%s): it must be an address of this machine and a port that the server may open; choose another by %s"
                .formatted(ListenAddress.text(address), e.getMessage(), setting));
      }
      throw new StartException(
          "the API cannot listen on %s (%s): stop what is there ('ss -lntp sport = :%d' shows it), or choose another address by %s"
              .formatted(ListenAddress.text(address), e.getMessage(), address.getPort(), setting));
    }
  }

  /** Java's {@code [::]} is IPv4 too; ours is not. */
  private static boolean isOnlyIpv4Side(InetSocketAddress address) {
    return address.getAddress() instanceof Inet6Address six
        && six.isAnyLocalAddress()
        && !takenBy(ListenAddress.parse("0.0.0.0:" + address.getPort())).isEmpty();
  }

  private static String takenBy(InetSocketAddress address) {
    if (address.getPort() == 0) {
      return "";
    }
    try (DatagramSocket udp = new DatagramSocket(null)) {
      udp.bind(address);
    } catch (IOException e) {
      return isTaken(e) ? "UDP" : "";
    }
    try (ServerSocket tcp = new ServerSocket()) {
      tcp.bind(address);
    } catch (IOException e) {
      return isTaken(e) ? "TCP" : "";
    }
    return "";
  }

  private static boolean isTaken(IOException e) {
    return e instanceof BindException
        && String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT).contains("in use");
  }
}
