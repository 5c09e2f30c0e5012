package io.flashdns.transport;

import io.flashdns.core.plugin.NetworkTable;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Takes the connections of one TCP listener and hands them to the loops.
 *
 * <p>When the process has no file descriptor left, a listener stays ready and would be asked again
 * and again. So a failed accept closes a few idle connections and then rests for a moment; UDP goes
 * on.
 *
 * <p><b>Thread</b>: the listener's loop.
 */
final class TcpAcceptor extends ChannelInboundHandlerAdapter {
  private static final int EVICTED_PER_FAILURE = 8;

  /** After an eviction there is room again; without one the cause lies elsewhere, and may last. */
  private static final long REST_AFTER_EVICTION_MILLIS = 20;

  private static final long REST_MILLIS = 100;

  private final IoLoop loop;
  private final List<IoLoop> targets;
  private final int listener;
  private final @Nullable NetworkTable proxies;
  private final LoopKind kind;
  private int next;

  /**
   * @param targets the loops that serve the connections, in turn: the listener's own where each
   *     loop has a listener
   * @param proxies who may connect, and has to begin with a PROXY header; null when everybody may,
   *     without one
   */
  TcpAcceptor(
      IoLoop loop,
      List<IoLoop> targets,
      int listener,
      @Nullable NetworkTable proxies,
      LoopKind kind) {
    this.loop = loop;
    this.targets = targets;
    this.listener = listener;
    this.proxies = proxies;
    this.kind = kind;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    Channel child = (Channel) message;
    try {
      InetSocketAddress source = (InetSocketAddress) child.remoteAddress();
      if (source == null) {
        // Gone before we came to it.
        child.unsafe().closeForcibly();
        return;
      }
      accept(child, source);
    } catch (RuntimeException e) {
      child.unsafe().closeForcibly();
      loop.failures().report("accepting a TCP connection", e);
    }
  }

  private void accept(Channel child, InetSocketAddress source) {
    long high = Addresses.high(source.getAddress());
    long low = Addresses.low(source.getAddress());
    ConnectionQuota.Client client = null;
    if (proxies == null) {
      client = ConnectionQuota.Client.of(high, low);
      if (!loop.connectionQuota().enter(client)) {
        refuse(child, LoopCounters.TCP_REFUSED);
        return;
      }
    } else if (proxies.contains(high, low)) {
      loop.connectionQuota().enterUnclaimed();
    } else {
      refuse(child, LoopCounters.TCP_PROXY_REFUSED_SOURCE);
      return;
    }
    loop.counters().add(LoopCounters.TCP_ACCEPTED, 1);
    IoLoop target = targets.get(next);
    next = (next + 1) % targets.size();
    TcpConnection connection =
        new TcpConnection(target, listener, high, low, source.getPort(), client, proxies != null);
    try {
      // Netty itself sets TCP_NODELAY on each.
      child.config().setRecvByteBufAllocator(IoLoop.STREAM_BUFFERS);
      kind.readFromStart(child);
    } catch (ChannelException _) {
      // Some systems refuse options on a connection that its client has reset meanwhile.
      abandon(child, connection);
      return;
    }
    ChannelOptions.setAllocator(child);
    child.pipeline().addLast(connection);
    EventLoop eventLoop = target.eventLoop();
    eventLoop
        .register(child)
        .addListener(
            future -> {
              if (!future.isSuccess()) {
                abandon(child, connection);
              }
            });
  }

  private void refuse(Channel child, int counter) {
    loop.counters().add(counter, 1);
    child.unsafe().closeForcibly();
  }

  private void abandon(Channel child, TcpConnection connection) {
    child.unsafe().closeForcibly();
    if (connection.abandon()) {
      loop.counters().add(LoopCounters.TCP_CLOSED, 1);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (!(cause instanceof IOException)) {
      loop.failures().report("a TCP listener", cause);
    }
    loop.counters().add(LoopCounters.TCP_ACCEPT_ERRORS, 1);
    boolean evicted = loop.connections().evictIdle(EVICTED_PER_FAILURE) != 0;
    Channel channel = context.channel();
    channel.config().setAutoRead(false);
    loop.eventLoop()
        .schedule(
            () -> channel.config().setAutoRead(true),
            evicted ? REST_AFTER_EVICTION_MILLIS : REST_MILLIS,
            TimeUnit.MILLISECONDS);
  }
}
