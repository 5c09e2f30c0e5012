package io.flashdns.management.etcd;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.HandlerRegistry;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Stands between a node and one member of etcd, and does to what they say what networks, proxies
 * and members in trouble do. Calls pass as octets; only watches and transactions are looked into.
 *
 * <p>Clients meet {@link Wire}, which does the same to their connections. Safe for all threads; the
 * rules are called on the relay's threads and must not wait.
 */
final class EtcdRelay implements AutoCloseable {
  private static final String WATCH = "etcdserverpb.Watch/Watch";
  private static final String TRANSACTION = "etcdserverpb.KV/Txn";
  private static final Set<String> STREAMS =
      Set.of(WATCH, "etcdserverpb.Lease/LeaseKeepAlive", "etcdserverpb.Maintenance/Snapshot");

  /** What becomes of a call that has one reply. */
  sealed interface Fate {
    Fate PASS = new Pass();

    record Pass() implements Fate {}

    /** etcd never hears of it, who calls hears nothing. */
    record LostRequest() implements Fate {}

    /** etcd does it, who calls hears nothing. */
    record LostReply() implements Fate {}

    /** etcd never hears of it, who calls hears of an error. */
    record Refused(Status status) implements Fate {}

    /** etcd never hears of it, who calls hears this. */
    record Instead(Message reply) implements Fate {}

    /** etcd does it, who calls hears of an error. */
    record BrokenReply(Status status) implements Fate {}

    /** etcd hears of it then, whether somebody still waits or not. */
    record Late(CompletableFuture<?> then) implements Fate {}
  }

  /** Decides on calls. */
  @FunctionalInterface
  interface Calls {
    Fate of(String method, byte[] request);
  }

  /** Decides what passes in the place of one event of a watch; in the order of the events. */
  @FunctionalInterface
  interface Events {
    List<WatchResponse> of(WatchResponse one);
  }

  /** All events pass, in the messages in which they came. */
  static final Events ALL = List::of;

  /** What the server under it says of connections that are reset, as they are meant to be. */
  private static final Logger STREAMS_LOG = Logger.getLogger("io.grpc.netty.NettyServerHandler");

  static {
    STREAMS_LOG.setLevel(Level.SEVERE);
  }

  private final ManagedChannel member;
  private final Server server;
  private final Wire wire;
  private final Set<Stream> watches = ConcurrentHashMap.newKeySet();
  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicInteger created = new AtomicInteger();
  private final AtomicReference<@Nullable Status> afterCreated = new AtomicReference<>();
  private volatile Calls calls = (_, _) -> Fate.PASS;
  private volatile Events events = ALL;
  private volatile CompletableFuture<?> mayWatch = CompletableFuture.completedFuture(null);

  private EtcdRelay(String endpoint) throws IOException {
    member =
        NettyChannelBuilder.forTarget(endpoint)
            .usePlaintext()
            .directExecutor()
            .maxInboundMessageSize(Integer.MAX_VALUE)
            .build();
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .fallbackHandlerRegistry(new AllMethods())
            .directExecutor()
            .maxInboundMessageSize(Integer.MAX_VALUE)
            .build()
            .start();
    wire = new Wire(server.getPort());
  }

  /** A relay in front of a member. */
  static EtcdRelay to(EtcdCluster.Member member) throws IOException {
    return new EtcdRelay(member.endpoint());
  }

  /** The same, as nodes reach it through this relay. */
  EtcdConfig config(EtcdConfig direct) {
    return direct.at("etcd://" + wire.endpoint() + direct.prefix());
  }

  /** The connections to this relay. */
  Wire wire() {
    return wire;
  }

  /** Has calls treated so from now on. */
  void calls(Calls rule) {
    calls = rule;
  }

  /** Has events of watches treated so from now on. */
  void events(Events rule) {
    events = rule;
  }

  /** Has watches that are asked for from now on wait for this before etcd hears of them. */
  void holdWatchesUntil(CompletableFuture<?> then) {
    mayWatch = then;
  }

  /** Has the next watch end so when etcd has said that it is there, before any event. */
  void breakAfterCreated(Status status) {
    afterCreated.set(status);
  }

  /** Ends all watches from the side of etcd: completed when the status is OK. */
  void breakWatches(Status status) {
    watches.forEach(watch -> watch.end(status));
  }

  /** Watches that were asked for. */
  int watchesAsked() {
    return asked.get();
  }

  /** Watches of which etcd said that they are there. */
  int watchesCreated() {
    return created.get();
  }

  /** Watches that neither side has ended. */
  int watchesOpen() {
    return watches.size();
  }

  /** True for a transaction that would write. */
  static boolean isWrite(String method, byte[] request) {
    if (!method.equals(TRANSACTION)) {
      return false;
    }
    try {
      return TxnRequest.parseFrom(request).getSuccessList().stream()
          .anyMatch(RequestOp::hasRequestPut);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    wire.close();
    server.shutdownNow();
    member.shutdownNow();
  }

  /** Octets as they are. */
  private enum AsTheyAre implements MethodDescriptor.Marshaller<byte[]> {
    OCTETS;

    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static MethodDescriptor<byte[], byte[]> method(String name) {
    return MethodDescriptor.newBuilder(AsTheyAre.OCTETS, AsTheyAre.OCTETS)
        .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
        .setFullMethodName(name)
        .build();
  }

  private final class AllMethods extends HandlerRegistry {
    @Override
    public ServerMethodDefinition<?, ?> lookupMethod(String name, @Nullable String authority) {
      return ServerMethodDefinition.create(
          method(name),
          (ServerCall<byte[], byte[]> from, Metadata headers) -> {
            from.request(Integer.MAX_VALUE);
            return STREAMS.contains(name)
                ? new Stream(name, from, headers)
                : new Call(name, from, headers);
          });
    }
  }

  /** What both kinds of calls do: tell who called, in order and no more after the end. */
  private abstract static class Relayed extends ServerCall.Listener<byte[]> {
    private final ServerCall<byte[], byte[]> from;
    private final Metadata headers;
    private boolean hasHeaders;
    private boolean hasEnded;

    Relayed(ServerCall<byte[], byte[]> from, Metadata headers) {
      this.from = from;
      this.headers = headers;
    }

    Metadata headers() {
      Metadata copy = new Metadata();
      copy.merge(headers);
      return copy;
    }

    synchronized void tellHeaders(Metadata of) {
      if (!hasEnded && !hasHeaders) {
        hasHeaders = true;
        from.sendHeaders(of);
      }
    }

    synchronized void tell(byte[] message) {
      if (!hasEnded) {
        tellHeaders(new Metadata());
        from.sendMessage(message);
      }
    }

    synchronized void tellEnd(Status status, Metadata trailers) {
      if (!hasEnded) {
        hasEnded = true;
        from.close(status, trailers);
      }
    }

    @Override
    public void onCancel() {
      synchronized (this) {
        hasEnded = true;
      }
    }
  }

  /** One request, one reply. */
  private final class Call extends Relayed {
    private final String name;

    Call(String name, ServerCall<byte[], byte[]> from, Metadata headers) {
      super(from, headers);
      this.name = name;
    }

    @Override
    public void onMessage(byte[] request) {
      switch (calls.of(name, request)) {
        case Fate.Pass _ -> forward(request, new Reply(null, true));
        case Fate.LostRequest _ -> {}
        case Fate.LostReply _ -> forward(request, new Reply(null, false));
        case Fate.Refused(Status status) -> tellEnd(status, new Metadata());
        case Fate.Instead(Message reply) -> {
          tell(reply.toByteArray());
          tellEnd(Status.OK, new Metadata());
        }
        case Fate.BrokenReply(Status status) -> forward(request, new Reply(status, false));
        case Fate.Late(CompletableFuture<?> then) -> {
          var _ = then.thenRun(() -> forward(request, new Reply(null, true)));
        }
      }
    }

    private void forward(byte[] request, Reply reply) {
      ClientCall<byte[], byte[]> to = member.newCall(method(name), CallOptions.DEFAULT);
      to.start(reply, headers());
      to.request(2);
      to.sendMessage(request);
      to.halfClose();
    }

    private final class Reply extends ClientCall.Listener<byte[]> {
      private final @Nullable Status instead;
      private final boolean passes;

      Reply(@Nullable Status instead, boolean passes) {
        this.instead = instead;
        this.passes = passes;
      }

      @Override
      public void onHeaders(Metadata headers) {
        if (passes) {
          tellHeaders(headers);
        }
      }

      @Override
      public void onMessage(byte[] message) {
        if (passes) {
          tell(message);
        }
      }

      @Override
      public void onClose(Status status, Metadata trailers) {
        if (instead != null) {
          tellEnd(instead, new Metadata());
        } else if (passes) {
          tellEnd(status, trailers);
        }
      }
    }
  }

  /** Many requests, many replies. */
  private final class Stream extends Relayed {
    private final boolean isWatch;
    private final ClientCall<byte[], byte[]> to;

    Stream(String name, ServerCall<byte[], byte[]> from, Metadata headers) {
      super(from, headers);
      isWatch = name.equals(WATCH);
      to = member.newCall(method(name), CallOptions.DEFAULT);
      to.start(new Replies(), headers());
      to.request(Integer.MAX_VALUE);
      if (isWatch) {
        watches.add(this);
      }
    }

    /** From the side of etcd. */
    void end(Status status) {
      watches.remove(this);
      tellEnd(status, new Metadata());
      to.cancel("broken by the relay", null);
    }

    @Override
    public void onMessage(byte[] request) {
      if (isWatch && isCreate(request)) {
        asked.incrementAndGet();
        var _ = mayWatch.thenRun(() -> to.sendMessage(request));
      } else {
        to.sendMessage(request);
      }
    }

    private static boolean isCreate(byte[] request) {
      try {
        return WatchRequest.parseFrom(request).hasCreateRequest();
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void onHalfClose() {
      to.halfClose();
    }

    @Override
    public void onCancel() {
      super.onCancel();
      watches.remove(this);
      to.cancel("its caller went", null);
    }

    private void pass(byte[] message) throws InvalidProtocolBufferException {
      WatchResponse response = WatchResponse.parseFrom(message);
      if (response.getEventsCount() == 0) {
        tell(message);
        if (response.getCreated() && !response.getCanceled()) {
          created.incrementAndGet();
          Status broken = afterCreated.getAndSet(null);
          if (broken != null) {
            end(broken);
          }
        }
        return;
      }
      Events rule = events;
      if (rule == ALL) {
        tell(message);
        return;
      }
      for (var event : response.getEventsList()) {
        WatchResponse one = response.toBuilder().clearEvents().addEvents(event).build();
        rule.of(one).forEach(passes -> tell(passes.toByteArray()));
      }
    }

    private final class Replies extends ClientCall.Listener<byte[]> {
      @Override
      public void onHeaders(Metadata headers) {
        tellHeaders(headers);
      }

      @Override
      public void onMessage(byte[] message) {
        if (!isWatch) {
          tell(message);
          return;
        }
        try {
          pass(message);
        } catch (InvalidProtocolBufferException e) {
          end(Status.INTERNAL.withDescription(e.getMessage()));
        }
      }

      @Override
      public void onClose(Status status, Metadata trailers) {
        watches.remove(Stream.this);
        tellEnd(status, trailers);
      }
    }
  }
}
