package io.flashdns.management.grpc;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The connections to one port, and how many there may be: in all, of one identity, and of one
 * source that has not shown yet who it is. When all are used up, the one that has been idle longest
 * has to go, one without a recognised caller first.
 *
 * <p>Safe for all threads.
 */
final class Connections {
  /** Connections of one source without a recognised caller. */
  static final int MAX_UNKNOWN_PER_SOURCE = 50;

  /** A connection with a recognised caller is idle, and may be ended for a new one, after this. */
  private static final long IDLE_NANOS = 30_000_000_000L;

  private static final int PREFIX_BYTES = 8;

  private final int max;
  private final int maxPerIdentity;
  private final ApiCounters counters;
  private final Map<SocketAddress, Connection> open = new HashMap<>();
  private final Map<String, Integer> unknownBySource = new HashMap<>();
  private final Map<String, Integer> byIdentity = new HashMap<>();

  Connections(int max, int maxPerIdentity, ApiCounters counters) {
    this.max = max;
    this.maxPerIdentity = maxPerIdentity;
    this.counters = counters;
  }

  /** One connection. Its fields belong to the lock of {@link Connections}. */
  static final class Connection {
    private final Channel channel;
    private final InetSocketAddress remote;
    private final String source;
    private final Set<String> identities = new HashSet<>();
    private int calls;
    private long idleSinceNanos = System.nanoTime();

    private Connection(Channel channel, InetSocketAddress remote, String source) {
      this.channel = channel;
      this.remote = remote;
      this.source = source;
    }
  }

  /** Where a connection comes from, as far as one client can have many addresses: IPv6 /64. */
  static String source(InetSocketAddress address) {
    byte[] octets = address.getAddress().getAddress();
    if (octets.length == Integer.BYTES) {
      return address.getAddress().getHostAddress();
    }
    Arrays.fill(octets, PREFIX_BYTES, octets.length, (byte) 0);
    try {
      return InetAddress.getByAddress(octets).getHostAddress() + "/64";
    } catch (java.net.UnknownHostException e) {
      throw new IllegalStateException("an address of 16 octets is one", e);
    }
  }

  /** Takes a connection in; false when there is no place for it. */
  boolean isAdmitted(Channel channel) {
    if (!(channel.remoteAddress() instanceof InetSocketAddress remote)) {
      return false;
    }
    Channel ended = null;
    synchronized (this) {
      String source = source(remote);
      if (unknownBySource.getOrDefault(source, 0) >= MAX_UNKNOWN_PER_SOURCE) {
        counters.connectionsRefused.increment();
        return false;
      }
      if (open.size() >= max) {
        Connection oldest = oldestIdle();
        if (oldest == null) {
          counters.connectionsRefused.increment();
          return false;
        }
        ended = oldest.channel;
        forget(oldest);
        counters.connectionsEvicted.increment();
      }
      Connection connection = new Connection(channel, remote, source);
      open.put(remote, connection);
      unknownBySource.merge(source, 1, Integer::sum);
      counters.connections.increment();
      var _ = channel.closeFuture().addListener(_ -> closed(connection));
    }
    if (ended != null) {
      end(ended);
    }
    return true;
  }

  /** Ends a connection from its socket: its protocol would take leave of the client for long. */
  private static void end(Channel channel) {
    ChannelHandlerContext first = channel.pipeline().firstContext();
    var _ = first == null ? channel.close() : first.close();
  }

  private @Nullable Connection oldestIdle() {
    Connection oldest = null;
    long now = System.nanoTime();
    for (Connection candidate : open.values()) {
      boolean known = !candidate.identities.isEmpty();
      if (candidate.calls > 0 || (known && now - candidate.idleSinceNanos < IDLE_NANOS)) {
        continue;
      }
      if (oldest == null
          || (oldest.identities.isEmpty() == known
              ? !known
              : candidate.idleSinceNanos - oldest.idleSinceNanos < 0)) {
        oldest = candidate;
      }
    }
    return oldest;
  }

  private synchronized void closed(Connection connection) {
    if (isOpen(connection)) {
      forget(connection);
    }
  }

  private void forget(Connection connection) {
    open.remove(connection.remote);
    if (connection.identities.isEmpty()) {
      less(unknownBySource, connection.source);
    }
    connection.identities.forEach(identity -> less(byIdentity, identity));
  }

  private static void less(Map<String, Integer> counts, String key) {
    counts.computeIfPresent(key, (_, n) -> n == 1 ? null : n - 1);
  }

  /** The connection from an address; null when it has ended. */
  synchronized @Nullable Connection of(SocketAddress remote) {
    return open.get(remote);
  }

  /** Notes whose calls a connection carries; false when that caller has too many connections. */
  synchronized boolean isGranted(Connection connection, String identity) {
    if (connection.identities.contains(identity) || !isOpen(connection)) {
      return true;
    }
    if (byIdentity.getOrDefault(identity, 0) >= maxPerIdentity) {
      return false;
    }
    if (connection.identities.isEmpty()) {
      less(unknownBySource, connection.source);
    }
    connection.identities.add(identity);
    byIdentity.merge(identity, 1, Integer::sum);
    return true;
  }

  private boolean isOpen(Connection connection) {
    return open.get(connection.remote) == connection;
  }

  /** Notes that a call begins. */
  synchronized void began(Connection connection) {
    connection.calls++;
  }

  /** Notes that a call has ended. */
  synchronized void ended(Connection connection) {
    connection.calls--;
    connection.idleSinceNanos = System.nanoTime();
  }

  /** How many are open. */
  synchronized int count() {
    return open.size();
  }

  /** Stands before the acceptor of a listening socket. */
  @Sharable
  static final class Gate extends ChannelInboundHandlerAdapter {
    private final Connections connections;
    private final long handshakeNanos;

    Gate(Connections connections, long handshakeNanos) {
      this.connections = connections;
      this.handshakeNanos = handshakeNanos;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      Channel channel = (Channel) message;
      if (!connections.isAdmitted(channel)) {
        channel.unsafe().closeForcibly();
        return;
      }
      channel.pipeline().addLast(new FirstOctets(handshakeNanos, connections.counters));
      context.fireChannelRead(channel);
    }
  }
}
