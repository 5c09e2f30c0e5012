package io.flashdns.management.server;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.NameHash;
import io.flashdns.core.engine.Engine;
import io.flashdns.core.store.ZoneStore;
import io.flashdns.core.zone.Views;
import io.flashdns.management.grpc.ApiConfig;
import io.flashdns.management.grpc.ApiLimits;
import io.flashdns.management.identity.IssuerConfig;
import io.flashdns.management.tenancy.FirstAdmin;
import io.flashdns.transport.Transport;
import io.grpc.CallCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/**
 * A whole server in the process of a test: a store in a folder, DNS by UDP and TCP, and the API by
 * gRPC and JSON, all on free ports of loopback.
 */
public final class Plane implements AutoCloseable {
  private static final Duration LONGEST_DRAIN = Duration.ofSeconds(2);
  private static final Duration LONGEST_CALL = Duration.ofMinutes(2);

  private final Path data;
  private final ZoneService zones;
  private final Engine engine;
  private final Transport transport;
  private final ManagementPlane plane;
  private final ManagedChannel channel;
  private final String adminToken;
  private final ConfigInForce inForce;

  private Plane(Path data, ServerConfig config) throws Exception {
    this.data = data;
    NameHash hash = new NameHash(42);
    Views views = new Views();
    zones = ZoneService.open(data, config, hash, views, true);
    plane = new ManagementPlane(config, zones, hash, Optional.of(data));
    engine =
        new Engine(
            config.engine(hash).withDataFolder(data).withViews(views),
            config.plugins().bindings(),
            new EngineLog(System::nanoTime));
    plane.beforeServing();
    zones.start(engine::publish);
    plane.join();
    engine.start();
    inForce = plane.layOver(engine);
    transport = Transport.start(config.transport(), engine::newWorker);
    plane.open();
    channel =
        NettyChannelBuilder.forAddress(grpc())
            .usePlaintext()
            .maxInboundMessageSize(64 << 20)
            .build();
    adminToken = Files.readString(data.resolve(FirstAdmin.FILE)).strip();
  }

  /** Starts one with its files below a folder, without a bound on changes in a second. */
  public static Plane start(Path folder) throws Exception {
    return start(folder, UnaryOperator.identity(), List.of());
  }

  /**
   * The same.
   *
   * @param api makes another configuration of the API of the one that it is given
   * @param issuers whose tokens are taken
   */
  public static Plane start(Path folder, UnaryOperator<ApiConfig> api, List<IssuerConfig> issuers)
      throws Exception {
    return start(folder, api, issuers, TenancySettings.defaults());
  }

  /** One with names that tenants cannot have, besides those that nobody ever can. */
  public static Plane start(
      Path folder,
      List<String> nameServers,
      List<String> reservedNames,
      List<String> publicSuffixes)
      throws Exception {
    TenancySettings known = TenancySettings.defaults();
    List<DomainName> suffixes = new ArrayList<>(known.publicSuffixes());
    publicSuffixes.forEach(name -> suffixes.add(DomainName.parse(name)));
    return start(
        folder,
        UnaryOperator.identity(),
        List.of(),
        new TenancySettings(
            nameServers.stream().map(DomainName::parse).toList(),
            known.hostmaster(),
            reservedNames.stream().map(DomainName::parse).toList(),
            suffixes,
            known.nameHold(),
            known.quotas()));
  }

  private static Plane start(
      Path folder,
      UnaryOperator<ApiConfig> api,
      List<IssuerConfig> issuers,
      TenancySettings tenancy)
      throws Exception {
    Path data = Files.createDirectories(folder.resolve("data"));
    ServerConfig known = ServerConfig.defaults();
    ApiConfig open =
        ApiConfig.defaults()
            .withListen(ListenAddress.parse("127.0.0.1:0"), ListenAddress.parse("127.0.0.1:0"))
            .withLimits(unhurried(ApiLimits.defaults()));
    return new Plane(
        data,
        new ServerConfig(
            List.of(ListenAddress.parse("127.0.0.1:0")),
            2,
            known.io(),
            Optional.of(data),
            known.rehearsal(),
            known.drainTimeout(),
            known.store(),
            known.etcd(),
            known.index(),
            known.zones(),
            known.udp(),
            known.tcp(),
            known.proxyProtocol(),
            known.operations(),
            api.apply(open),
            tenancy,
            issuers,
            known.pluginFolder(),
            known.pluginPins(),
            known.pluginFaults(),
            known.plugins()));
  }

  /**
   * The same without what depends on how fast a machine is: the rate of writes, short deadlines.
   */
  private static ApiLimits unhurried(ApiLimits limits) {
    return new ApiLimits(
        limits.maxMessageBytes(),
        limits.maxHeaderBytes(),
        limits.maxCallsPerConnection(),
        limits.maxConnections(),
        limits.maxConnectionsPerIdentity(),
        limits.maxCallsPerIdentity(),
        limits.handshakeTimeout(),
        limits.idleTimeout(),
        limits.maxAge(),
        limits.ageGrace(),
        limits.minPingInterval(),
        limits.maxResets(),
        limits.resetWindow(),
        LONGEST_CALL,
        limits.streamDeadline(),
        limits.watchDeadline(),
        0);
  }

  /** The folder of the server's own files. */
  public Path data() {
    return data;
  }

  /** Where DNS is spoken, by UDP and TCP. */
  public InetSocketAddress dns() {
    return transport.addresses().getFirst();
  }

  /** Where gRPC is spoken. */
  public InetSocketAddress grpc() {
    return plane.server().address();
  }

  /** Where JSON is spoken. */
  public URI json() {
    InetSocketAddress at = plane.server().jsonAddress();
    if (at == null) {
      throw new IllegalStateException("the JSON door is closed");
    }
    return URI.create("http://" + ListenAddress.text(at));
  }

  /** A channel without credentials. */
  public ManagedChannel channel() {
    return channel;
  }

  /** The secret of the first admin. */
  public String adminToken() {
    return adminToken;
  }

  /** Credentials of the first admin. */
  public CallCredentials admin() {
    return bearer(adminToken);
  }

  /** Credentials of who has a token. */
  public static CallCredentials bearer(String token) {
    return new CallCredentials() {
      @Override
      public void applyRequestMetadata(RequestInfo info, Executor executor, MetadataApplier to) {
        Metadata headers = new Metadata();
        headers.put(
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
        to.apply(headers);
      }
    };
  }

  /** The store behind it. */
  public ZoneStore store() {
    return zones.store();
  }

  /** Waits until all that was committed is served. */
  public void awaitServed() throws Exception {
    zones.catchUp(zones.store().state().revision());
  }

  @Override
  public void close() throws IOException {
    channel.shutdownNow();
    try {
      var _ = channel.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    plane.drain(LONGEST_DRAIN);
    plane.close();
    transport.drain(LONGEST_DRAIN);
    transport.close();
    engine.close();
    zones.close();
  }
}
