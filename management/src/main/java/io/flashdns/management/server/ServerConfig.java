package io.flashdns.management.server;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.engine.EngineConfig;
import io.flashdns.transport.IoBackend;
import io.flashdns.transport.TcpLimits;
import io.flashdns.transport.TransportConfig;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The whole configuration of a server: what {@code conf/flashdns.yaml} holds.
 *
 * @param listen addresses and ports, UDP and TCP on each; 1 to 64, none twice
 * @param workers event loops; 0 to 1,024, 0 means one for each processor
 * @param io how packets are read and written
 * @param data folder of the server's own files; absent means {@code data} in the distribution
 * @param nsid name of this server, told to who asks for it (RFC 5001); 1 to 128 octets as text, or
 *     in hexadecimal after {@code 0x}; absent means that nothing is told
 * @param drainTimeout longest wait at SIGTERM for replies under way; 0 s to 10 min
 * @param zones where zone files are and how they are read
 * @param udp UDP
 * @param tcp TCP
 * @param plugins who answers
 */
record ServerConfig(
    List<InetSocketAddress> listen,
    int workers,
    IoBackend io,
    Optional<Path> data,
    Optional<String> nsid,
    Duration drainTimeout,
    ZonesConfig zones,
    UdpConfig udp,
    TcpLimits tcp,
    Pipeline plugins) {

  private static final int MAX_ADDRESSES = 64;
  private static final int MAX_WORKERS = 1_024;
  private static final int MAX_NSID_BYTES = 128;
  private static final Duration MAX_DRAIN = Duration.ofMinutes(10);

  ServerConfig {
    listen = List.copyOf(listen);
    if (listen.isEmpty() || listen.size() > MAX_ADDRESSES) {
      throw new IllegalArgumentException(
          "listen must name 1 to " + MAX_ADDRESSES + " addresses, not " + listen.size());
    }
    Set<InetSocketAddress> seen = new HashSet<>();
    for (InetSocketAddress address : listen) {
      if (address.getPort() != 0 && !seen.add(address)) {
        throw new IllegalArgumentException(
            "listen names " + ListenAddress.text(address) + " twice");
      }
    }
    if (workers < 0 || workers > MAX_WORKERS) {
      throw new IllegalArgumentException(
          "workers must be 0 to " + MAX_WORKERS + ", not " + workers);
    }
    if (drainTimeout.isNegative() || drainTimeout.compareTo(MAX_DRAIN) > 0) {
      throw new IllegalArgumentException(
          "drainTimeout must be 0s to 10min, not " + ConfigText.print(drainTimeout));
    }
    if (nsid.isPresent()) {
      int octets = octets(nsid.get()).length;
      if (octets < 1 || octets > MAX_NSID_BYTES) {
        throw new IllegalArgumentException(
            "nsid must have 1 to " + MAX_NSID_BYTES + " octets, not " + octets);
      }
    }
  }

  /** Heard by this machine alone, the zone lookup as the only plugin. */
  static ServerConfig defaults() {
    return new ServerConfig(
        List.of(ListenAddress.parse("127.0.0.1:5353")),
        0,
        IoBackend.AUTO,
        Optional.empty(),
        Optional.empty(),
        Duration.ofSeconds(5),
        ZonesConfig.defaults(),
        UdpConfig.defaults(),
        TcpLimits.defaults(),
        Pipeline.defaults());
  }

  /** This configuration with other zones. */
  ServerConfig withZones(ZonesConfig other) {
    return new ServerConfig(
        listen, workers, io, data, nsid, drainTimeout, other, udp, tcp, plugins);
  }

  /** What the engine needs of it. */
  @SuppressWarnings("NullAway") // javac leaves @Nullable out of a compact constructor's class file
  EngineConfig engine(NameHash hash) {
    byte @Nullable [] id = nsid.isPresent() ? octets(nsid.get()) : null;
    return new EngineConfig(hash, id, udp.maxReplyBytes());
  }

  /** What the transport needs of it. */
  TransportConfig transport() {
    int loops = workers == 0 ? Runtime.getRuntime().availableProcessors() : workers;
    return new TransportConfig(listen, io, loops, tcp, udp.receiveBufferBytes());
  }

  private static byte[] octets(String nsid) {
    if (!nsid.startsWith("0x")) {
      return nsid.getBytes(StandardCharsets.UTF_8);
    }
    try {
      return HexFormat.of().parseHex(nsid, 2, nsid.length());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "nsid must have pairs of hexadecimal digits after 0x: '" + nsid + "'", e);
    }
  }
}
