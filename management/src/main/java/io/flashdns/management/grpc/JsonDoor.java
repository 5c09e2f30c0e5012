package io.flashdns.management.grpc;

import com.google.protobuf.Message;
import com.google.rpc.Status;
import io.flashdns.management.identity.ServerTls;
import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.inprocess.AnonymousInProcessSocketAddress;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.WriteTimeoutHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The calls of the API as JSON over HTTP/1.1: the unary form of the Connect protocol. A request
 * goes the way of gRPC from there on, through a server inside the process that asks the same of it
 * as the one on the network does.
 *
 * <p>Who calls is handed over beside the call: the server inside the process knows no caller but
 * those whom this class has announced to it, and no client can reach it in another way.
 */
final class JsonDoor implements AutoCloseable {
  private static final Metadata.Key<String> TICKET =
      Metadata.Key.of("flashdns-ticket", Metadata.ASCII_STRING_MARSHALLER);

  private static final int MAX_LINE_BYTES = 4_096;
  private static final int CHUNK_BYTES = 16 << 10;
  private static final long WAIT_MILLIS = 20;

  /** The port could not be opened; the message is for the operator. */
  static final class UnopenedException extends IOException {
    private static final long serialVersionUID = 1L;

    UnopenedException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * A method that may be called.
   *
   * @param rule what is asked of a call
   * @param byOctets how it is called
   */
  record Callable(MethodRule rule, MethodDescriptor<byte[], Message> byOctets) {}

  private final ApiLimits limits;
  private final Set<String> origins;
  private final Executor threads;
  private final ApiCounters counters;
  private final CallCounts calls;
  private final Connections connections;
  private final Map<String, Callable> methods = new HashMap<>();
  private final Map<String, Caller> announced = new ConcurrentHashMap<>();
  private final AtomicLong tickets = new AtomicLong();
  private final AtomicInteger underWay = new AtomicInteger();
  private final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private final CallGate gate;
  private final Server inside;
  private final ManagedChannel channel;
  private final @Nullable SslContext tls;
  private final Channel listening;
  private volatile boolean draining;

  private JsonDoor(
      ApiConfig config,
      @Nullable ServerTls tls,
      List<? extends BindableService> services,
      CallGate.Shared shared,
      EventLoops loops)
      throws IOException {
    this.limits = config.limits();
    this.origins = Set.copyOf(config.origins());
    this.threads = shared.threads();
    this.counters = shared.counters();
    this.calls = shared.calls();
    this.connections =
        new Connections(
            limits.maxConnections(), limits.maxConnectionsPerIdentity(), shared.counters());
    this.tls = tls == null ? null : TlsContexts.http1(tls);
    List<ServerServiceDefinition> bound = Services.bound(services, RequestReader.Form.TAGGED);
    for (ServerServiceDefinition service : bound) {
      service
          .getMethods()
          .forEach(
              method -> {
                var grpc = method.getMethodDescriptor();
                MethodRule rule = shared.rules().of(grpc.getFullMethodName());
                if (rule != null) {
                  methods.put("/" + rule.path(), new Callable(rule, Services.fromOctets(grpc)));
                }
              });
    }
    Problems problems = new Problems(shared.counters(), false);
    gate = new CallGate(shared, this::announced, connections, problems);
    var address = new AnonymousInProcessSocketAddress();
    inside =
        InProcessServerBuilder.forAddress(address)
            .executor(threads)
            .addServices(bound)
            .intercept(gate)
            .build()
            .start();
    channel = InProcessChannelBuilder.forAddress(address).executor(threads).build();
    try {
      listening = bind(config.jsonListen(), loops);
    } catch (IOException e) {
      inside.shutdownNow();
      channel.shutdownNow();
      throw e;
    }
  }

  /** Opens the port. */
  static JsonDoor open(
      ApiConfig config,
      @Nullable ServerTls tls,
      List<? extends BindableService> services,
      CallGate.Shared shared,
      EventLoops loops)
      throws IOException {
    return new JsonDoor(config, tls, services, shared, loops);
  }

  private Channel bind(InetSocketAddress address, EventLoops loops) throws IOException {
    Connections.Gate gate = new Connections.Gate(connections, limits.handshakeTimeout().toNanos());
    var bound =
        new ServerBootstrap()
            .group(loops.group())
            .channelFactory(() -> loops.server(gate))
            .option(ChannelOption.SO_BACKLOG, ApiServer.BACKLOG)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel client) {
                    JsonDoor.this.init(client);
                  }
                })
            .bind(address)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new UnopenedException(
          "api.json-listen: "
              + address
              + " cannot be opened ("
              + bound.cause().getMessage()
              + "): another program may have the port, 'ss -lntp sport = :"
              + address.getPort()
              + "' shows it; give another port in the configuration",
          bound.cause());
    }
    return bound.channel();
  }

  private void init(Channel client) {
    open.add(client);
    ChannelPipeline pipeline = client.pipeline();
    if (tls != null) {
      SslHandler handler = tls.newHandler(client.alloc());
      handler.setHandshakeTimeoutMillis(limits.handshakeTimeout().toMillis());
      pipeline.addLast(handler);
    }
    long requestNanos = limits.deadline().toNanos();
    HttpPace pace = new HttpPace(requestNanos, limits.idleTimeout().toNanos());
    pipeline.addLast(new WriteTimeoutHandler(requestNanos, TimeUnit.NANOSECONDS));
    pipeline.addLast(pace);
    pipeline.addLast(
        new HttpServerCodec(
            new HttpDecoderConfig()
                .setMaxInitialLineLength(Math.min(MAX_LINE_BYTES, limits.maxHeaderBytes()))
                .setMaxHeaderSize(limits.maxHeaderBytes())
                .setMaxChunkSize(CHUNK_BYTES)));
    ConnectHandler requests = new ConnectHandler(this, pace);
    pipeline.addLast(new RequestGate(this, requests));
    pipeline.addLast(new WholeRequests(limits.maxMessageBytes(), this));
    pipeline.addLast(requests);
  }

  /** Who is behind a call inside the process. */
  private @Nullable Caller announced(ServerCall<?, ?> call, Metadata headers) {
    String ticket = headers.get(TICKET);
    headers.discardAll(TICKET);
    return ticket == null ? null : announced.remove(ticket);
  }

  /** Announces a caller; the headers are those of its call. */
  Metadata announce(Caller caller) {
    String ticket = Long.toString(tickets.incrementAndGet());
    announced.put(ticket, caller);
    Metadata headers = new Metadata();
    headers.put(TICKET, ticket);
    return headers;
  }

  /** Forgets a caller whose call has ended, if it never came in. */
  void forget(Metadata headers) {
    String ticket = headers.get(TICKET);
    if (ticket != null) {
      announced.remove(ticket);
    }
  }

  /** Why a call goes no further; null when its caller is recognised. May block. */
  @Nullable Status objection(MethodRule rule, Caller caller) {
    return gate.objection(rule, caller);
  }

  @Nullable Callable method(String path) {
    return methods.get(path);
  }

  ManagedChannel channel() {
    return channel;
  }

  ApiLimits limits() {
    return limits;
  }

  boolean isAllowed(String origin) {
    return origins.contains(origin);
  }

  boolean isDraining() {
    return draining;
  }

  Connections.@Nullable Connection connection(InetSocketAddress remote) {
    return connections.of(remote);
  }

  /** Counts a request that became no call; what is answered well is none of them. */
  void answeredAtOnce(HttpResponseStatus status) {
    if (status.equals(HttpResponseStatus.NOT_FOUND)) {
      calls.unknown();
    } else if (status.code() >= HttpResponseStatus.BAD_REQUEST.code()) {
      counters.malformed.increment();
    }
  }

  /** Has a request worked on. */
  void work(Runnable request) {
    underWay.incrementAndGet();
    threads.execute(
        () -> {
          try {
            request.run();
          } finally {
            underWay.decrementAndGet();
          }
        });
  }

  InetSocketAddress address() {
    return (InetSocketAddress) listening.localAddress();
  }

  int connections() {
    return connections.count();
  }

  /** Takes no new connections and requests. */
  void shutdown() {
    draining = true;
    var _ = listening.close();
    open.forEach(client -> client.pipeline().fireUserEventTriggered(ConnectHandler.DRAIN));
  }

  /** Waits for requests under way. */
  void await(long endNanos) throws InterruptedException {
    while (underWay.get() > 0 && System.nanoTime() - endNanos < 0) {
      TimeUnit.MILLISECONDS.sleep(WAIT_MILLIS);
    }
  }

  @Override
  public void close() {
    draining = true;
    var _ = listening.close();
    channel.shutdownNow();
    inside.shutdownNow();
    var _ = open.close();
  }
}
