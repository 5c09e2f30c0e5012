package io.flashdns.management.server;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.engine.EngineConfig;
import io.flashdns.core.engine.FaultPolicy;
import io.flashdns.management.etcd.EtcdConfig;
import io.flashdns.management.grpc.ApiConfig;
import io.flashdns.management.identity.IssuerConfig;
import io.flashdns.management.operations.Health;
import io.flashdns.management.operations.OperationsConfig;
import io.flashdns.management.store.StoreConfig;
import io.flashdns.transport.IoBackend;
import io.flashdns.transport.TcpLimits;
import io.flashdns.transport.TransportConfig;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The whole configuration of a server: what {@code conf/flashdns.yaml} holds.
 *
 * @param listen addresses and ports, UDP and TCP on each; 1 to 64, none twice
 * @param workers event loops; 0 to 1,024, 0 means one for each processor
 * @param io how packets are read and written
 * @param data folder of the server's own files; absent means {@code data} in the distribution
 * @param rehearsal longest time that a start answers queries of its own before it opens its ports;
 *     0 s to 1 min, 0 s means not at all
 * @param drainTimeout longest wait at SIGTERM for replies under way; 0 s to 10 min
 * @param store how zones and their history are kept
 * @param etcd the store that many nodes share, when there is one; {@code store} is then of the copy
 * @param index which images of zones are in memory
 * @param zones where zone files are and how they are read
 * @param udp UDP
 * @param tcp TCP
 * @param proxyProtocol which listeners stand behind proxies
 * @param operations metrics and health for those who run the server
 * @param api the doors of the API
 * @param tenancy what holds for all tenants
 * @param issuers whose signed tokens are taken at these doors; no issuer twice
 * @param pluginFolder the plugins of others, a folder for each; absent means {@code plugins} in the
 *     distribution
 * @param pluginPins when there are any, the plugins of that folder and the jars that may be loaded;
 *     no plugin twice
 * @param pluginFaults what is done about plugins that fail or block
 * @param plugins who answers
 */
record ServerConfig(
    List<InetSocketAddress> listen,
    int workers,
    IoBackend io,
    Optional<Path> data,
    Duration rehearsal,
    Duration drainTimeout,
    StoreConfig store,
    EtcdConfig etcd,
    IndexConfig index,
    ZonesConfig zones,
    UdpConfig udp,
    TcpLimits tcp,
    ProxyConfig proxyProtocol,
    OperationsConfig operations,
    ApiConfig api,
    TenancySettings tenancy,
    List<IssuerConfig> issuers,
    Optional<Path> pluginFolder,
    List<PluginPin> pluginPins,
    FaultPolicy pluginFaults,
    Pipeline plugins) {

  private static final int MAX_ADDRESSES = 64;
  private static final int MAX_WORKERS = 1_024;
  private static final Duration MAX_REHEARSAL = Duration.ofMinutes(1);
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
    if (rehearsal.isNegative() || rehearsal.compareTo(MAX_REHEARSAL) > 0) {
      throw new IllegalArgumentException(
          "rehearsal must be 0s to 1min, not " + ConfigText.print(rehearsal));
    }
    if (drainTimeout.isNegative() || drainTimeout.compareTo(MAX_DRAIN) > 0) {
      throw new IllegalArgumentException(
          "drainTimeout must be 0s to 10min, not " + ConfigText.print(drainTimeout));
    }
    for (InetSocketAddress listener : proxyProtocol.listeners()) {
      if (!listen.contains(listener)) {
        throw new IllegalArgumentException(
            "proxyProtocol names the listener "
                + ListenAddress.text(listener)
                + ", which listen does not: add it there");
      }
    }
    issuers = List.copyOf(issuers);
    Set<String> known = new HashSet<>();
    for (IssuerConfig issuer : issuers) {
      if (!known.add(issuer.issuer())) {
        throw new IllegalArgumentException(
            "issuers names " + issuer.issuer() + " twice: put both into one");
      }
    }
    String open =
        api.refusal(
            !issuers.isEmpty()
                || api.tls().map(tls -> tls.clientAuthorities().isPresent()).orElse(false));
    if (open != null) {
      throw new IllegalArgumentException("api " + open);
    }
    pluginPins = List.copyOf(pluginPins);
    Set<String> pinned = new HashSet<>();
    for (PluginPin pin : pluginPins) {
      if (!pinned.add(pin.plugin())) {
        throw new IllegalArgumentException(
            "pluginPins names the plugin " + pin.plugin() + " twice: put all its digests into one");
      }
    }
  }

  /** Heard by this machine alone, with the default plugins. */
  static ServerConfig defaults() {
    return new ServerConfig(
        List.of(ListenAddress.parse("127.0.0.1:5353")),
        0,
        IoBackend.AUTO,
        Optional.empty(),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        StoreConfig.defaults(),
        EtcdConfig.defaults(),
        IndexConfig.defaults(),
        ZonesConfig.defaults(),
        UdpConfig.defaults(),
        TcpLimits.defaults(),
        ProxyConfig.defaults(),
        OperationsConfig.defaults(),
        ApiConfig.defaults(),
        TenancySettings.defaults(),
        List.of(),
        Optional.empty(),
        List.of(),
        FaultPolicy.defaults(),
        Pipeline.defaults());
  }

  /** This configuration with what takes effect without a restart from another one. */
  ServerConfig reloaded(ServerConfig now) {
    return new ServerConfig(
        listen,
        workers,
        io,
        data,
        rehearsal,
        drainTimeout,
        store,
        etcd,
        index,
        now.zones,
        udp,
        tcp,
        proxyProtocol,
        operations,
        api,
        tenancy,
        issuers,
        now.pluginFolder,
        now.pluginPins,
        pluginFaults,
        now.plugins);
  }

  /** True for the key of something that takes effect without a restart. */
  static boolean isReloadable(String key) {
    return key.startsWith("zones.")
        || key.equals("plugins")
        || key.equals("plugin-folder")
        || key.equals("plugin-pins");
  }

  /** What the engine needs of it. */
  EngineConfig engine(NameHash hash) {
    return EngineConfig.of(hash)
        .withMaxUdpReplyBytes(udp.maxReplyBytes())
        .withListeners(listen)
        .withFaults(pluginFaults);
  }

  /** How the server does, before it does anything. */
  Health health() {
    return new Health(loops(), operations.readyWithBrokenZones(), System::nanoTime);
  }

  private int loops() {
    return workers == 0 ? Runtime.getRuntime().availableProcessors() : workers;
  }

  /** What the transport needs of it. */
  TransportConfig transport() {
    return new TransportConfig(
        listen,
        io,
        loops(),
        tcp,
        udp.receiveBufferBytes(),
        proxyProtocol.in(listen),
        udp.overloadShield());
  }
}
