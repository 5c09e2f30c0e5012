package io.flashdns.management.grpc;

import io.flashdns.core.store.Octets;
import io.flashdns.core.store.StoreException;
import io.flashdns.management.identity.Authenticator;
import io.flashdns.management.identity.Credentials;
import io.flashdns.management.identity.Principal;
import io.flashdns.management.identity.ServerTls;
import io.flashdns.management.tenancy.Rights;
import io.grpc.BindableService;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.netty.channel.ChannelOption;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.logging.Level;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The doors of the API, open: gRPC and, beside it, JSON over HTTP. Both ask the same of a call
 * ({@link CallGate}) and serve it by the same services.
 *
 * <p>One thread reads and writes for both; each call has a virtual thread of its own, on which its
 * caller is recognised and its service works, and may block. Nothing of this shares a thread with
 * the DNS.
 *
 * <p>Safe for all threads.
 */
public final class ApiServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ApiServer.class);

  /** What a connection may have on its way before its service has read it. */
  private static final int WINDOW_BYTES = 256 << 10;

  private static final int KEEP_ALIVE_SECONDS = 120;
  private static final int KEEP_ALIVE_TIMEOUT_SECONDS = 20;

  /** Connections that wait to be taken in. */
  static final int BACKLOG = 256;

  private static final int CLOSE_SECONDS = 2;

  /**
   * What clients do wrong is counted; the library would log each time. Kept, or it is forgotten.
   */
  private static final java.util.logging.Logger LIBRARY =
      java.util.logging.Logger.getLogger("io.grpc.netty");

  static {
    LIBRARY.setLevel(Level.SEVERE);
  }

  /** Takes entries of the audit log that come without a change, all of them; blocks. */
  @FunctionalInterface
  public interface Journal {
    /** Writes them; returns when they will survive a power cut. */
    void write(List<Octets> bodies) throws StoreException, InterruptedException;
  }

  private final EventLoops loops;
  private final @Nullable ServerTls tls;
  private final ExecutorService threads;
  private final ScheduledThreadPoolExecutor timer;
  private final ApiCounters counters;
  private final AuditTrail audit;
  private final CallGate.Shared shared;
  private final Problems problems;
  private final HealthStatusManager health;
  private final Connections connections;
  private final Server grpc;
  private final @Nullable JsonDoor json;
  private boolean draining;
  private boolean closed;

  private ApiServer(
      ApiConfig config,
      @Nullable ServerTls tls,
      List<? extends BindableService> services,
      Authenticator authenticator,
      Function<Principal, Rights> rights,
      Journal journal,
      InstantSource clock)
      throws IOException {
    this.tls = tls;
    ApiLimits limits = config.limits();
    health = new HealthStatusManager();
    List<BindableService> all = new ArrayList<>(services);
    all.add(health.getHealthService());
    if (config.reflection()) {
      all.add(ProtoReflectionServiceV1.newInstance());
    }
    var bound = Services.bound(all, RequestReader.Form.PROTO);
    MethodRules rules = MethodRules.of(bound, limits);
    counters = new ApiCounters();
    threads = Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("api-", 0).factory());
    timer =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("api-timer").factory());
    timer.setRemoveOnCancelPolicy(true);
    audit = new AuditTrail(journal, counters, clock);
    shared =
        CallGate.Shared.of(
            rules, authenticator, rights, limits, audit, counters, clock, threads, timer);
    problems = new Problems(counters, true);
    connections =
        new Connections(limits.maxConnections(), limits.maxConnectionsPerIdentity(), counters);
    loops = new EventLoops();
    Server started = null;
    try {
      started = grpc(config, bound).build().start();
      grpc = started;
      json = config.jsonEnabled() ? JsonDoor.open(config, tls, services, shared, loops) : null;
    } catch (IOException | RuntimeException e) {
      if (started != null) {
        started.shutdownNow();
      }
      release();
      if (e instanceof IOException io) {
        throw unopened(config, io);
      }
      throw e;
    }
    serving(true);
  }

  /**
   * Opens the doors.
   *
   * @param services what is served; every method of theirs declares its permission
   * @param rights what a caller may do now; may block
   * @param journal where entries of the audit log go that come without a change
   * @param clock the time of calls
   * @throws IOException when a port cannot be opened, or a certificate cannot be read; the message
   *     is a sentence for the operator
   * @throws IllegalArgumentException when a method declares no permission
   */
  public static ApiServer start(
      ApiConfig config,
      List<? extends BindableService> services,
      Authenticator authenticator,
      Function<Principal, Rights> rights,
      Journal journal,
      InstantSource clock)
      throws IOException {
    ServerTls tls = config.tls().isPresent() ? ServerTls.open(config.tls().get()) : null;
    try {
      return new ApiServer(config, tls, services, authenticator, rights, journal, clock);
    } catch (IOException | RuntimeException e) {
      if (tls != null) {
        tls.close();
      }
      throw e;
    }
  }

  private static IOException unopened(ApiConfig config, IOException why) {
    String message = String.valueOf(why.getMessage());
    return why instanceof JsonDoor.UnopenedException
        ? why
        : new IOException(
            "api.listen: "
                + config.listen()
                + " cannot be opened ("
                + message
                + "): another program may have the port, 'ss -lntp sport = :"
                + config.listen().getPort()
                + "' shows it; give another port in the configuration",
            why);
  }

  private NettyServerBuilder grpc(ApiConfig config, List<io.grpc.ServerServiceDefinition> services)
      throws IOException {
    ApiLimits limits = config.limits();
    CallGate gate = new CallGate(shared, this::caller, connections, problems);
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(config.listen())
            .bossEventLoopGroup(loops.group())
            .workerEventLoopGroup(loops.group())
            .channelFactory(
                () ->
                    loops.server(
                        new Connections.Gate(connections, limits.handshakeTimeout().toNanos())))
            .withOption(ChannelOption.SO_BACKLOG, BACKLOG)
            .executor(threads)
            .addServices(services)
            .fallbackHandlerRegistry(new UnknownMethods(shared.calls()))
            .intercept(gate)
            .maxInboundMessageSize(limits.maxMessageBytes())
            .maxInboundMetadataSize(limits.maxHeaderBytes())
            .maxConcurrentCallsPerConnection(limits.maxCallsPerConnection())
            .maxRstFramesPerWindow(limits.maxResets(), (int) limits.resetWindow().toSeconds())
            .handshakeTimeout(limits.handshakeTimeout().toMillis(), TimeUnit.MILLISECONDS)
            .maxConnectionIdle(limits.idleTimeout().toMillis(), TimeUnit.MILLISECONDS)
            .maxConnectionAge(limits.maxAge().toMillis(), TimeUnit.MILLISECONDS)
            .maxConnectionAgeGrace(limits.ageGrace().toMillis(), TimeUnit.MILLISECONDS)
            .permitKeepAliveTime(limits.minPingInterval().toMillis(), TimeUnit.MILLISECONDS)
            .permitKeepAliveWithoutCalls(true)
            .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
            .keepAliveTimeout(KEEP_ALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
            .initialFlowControlWindow(WINDOW_BYTES)
            .flowControlWindow(WINDOW_BYTES);
    return tls == null ? builder : builder.sslContext(TlsContexts.http2(tls));
  }

  /** Who is behind a call from the network. */
  private @Nullable Caller caller(ServerCall<?, ?> call, Metadata headers) {
    var attributes = call.getAttributes();
    if (!(attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR) instanceof InetSocketAddress remote)) {
      return null;
    }
    List<String> authorization = new ArrayList<>();
    Iterable<String> values = headers.getAll(CallGate.AUTHORIZATION);
    if (values != null) {
      values.forEach(authorization::add);
    }
    return new Caller(
        new Credentials(
            authorization, certificates(attributes.get(Grpc.TRANSPORT_ATTR_SSL_SESSION)), remote),
        connections.of(remote));
  }

  /** What a client has shown in the handshake, which has checked it. */
  static List<X509Certificate> certificates(@Nullable SSLSession session) {
    if (session == null) {
      return List.of();
    }
    List<X509Certificate> certificates = new ArrayList<>();
    try {
      for (Certificate certificate : session.getPeerCertificates()) {
        if (certificate instanceof X509Certificate x509) {
          certificates.add(x509);
        }
      }
    } catch (SSLPeerUnverifiedException _) {
      return List.of();
    }
    return certificates;
  }

  /** The address of gRPC, with the real port where 0 was asked. */
  public InetSocketAddress address() {
    return (InetSocketAddress) grpc.getListenSockets().getFirst();
  }

  /** The address of JSON over HTTP, with the real port; null when that is off. */
  public @Nullable InetSocketAddress jsonAddress() {
    return json == null ? null : json.address();
  }

  /** What questions for the health are answered. */
  public void serving(boolean good) {
    health.setStatus(
        HealthStatusManager.SERVICE_NAME_ALL_SERVICES,
        good ? ServingStatus.SERVING : ServingStatus.NOT_SERVING);
  }

  /** What was counted. */
  public ApiCounters.Counts counts() {
    return counters.now();
  }

  /** How calls ended. */
  public CallCounts.Now calls() {
    return shared.calls().now();
  }

  /** Connections that are open at both ports. */
  public int connections() {
    return connections.count() + (json == null ? 0 : json.connections());
  }

  /** True while changing calls are taken; false while the audit log cannot keep up. */
  public boolean isKeepingUp() {
    return audit.hasRoom();
  }

  /**
   * Takes no new calls, and waits for those under way; what is left then is broken off. Writes what
   * the audit log has to get. To be called while the store still works.
   */
  public void drain(Duration longest) {
    synchronized (this) {
      if (draining) {
        return;
      }
      draining = true;
    }
    health.enterTerminalState();
    long end = System.nanoTime() + longest.toNanos();
    grpc.shutdown();
    if (json != null) {
      json.shutdown();
    }
    CallGate.endAll(shared, problems);
    try {
      if (json != null) {
        json.await(end);
      }
      if (!grpc.awaitTermination(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS)
          && longest.isPositive()) {
        log.info("calls were still under way at the end and are broken off");
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    grpc.shutdownNow();
    if (json != null) {
      json.close();
    }
    try {
      var _ = grpc.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
      // Calls that change something end by themselves; what came of them has to be written.
      threads.shutdown();
      var _ = threads.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    audit.close();
  }

  /** Closes the doors at once. */
  @Override
  public void close() {
    drain(Duration.ZERO);
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    release();
    if (tls != null) {
      tls.close();
    }
  }

  private void release() {
    audit.close();
    timer.shutdownNow();
    threads.shutdown();
    loops.close();
  }
}
