package io.flashdns.transport;

import io.flashdns.core.plugin.NetworkTable;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Opens the sockets of the listen addresses on the loops.
 *
 * <p>Where the kernel spreads load over sockets that share an address, each loop gets its own UDP
 * socket and its own TCP listener. Else the first loop gets the only ones, and hands connections to
 * all.
 *
 * <p>A wildcard address is a single UDP socket for the native backend, which learns for each
 * datagram which address was asked. Netty's channels do not: they get one socket for each address
 * of the machine.
 */
final class ListenerBinder {
  private static final int FREE_PORT_TRIES = 32;

  private final BackendChoice choice;
  private final LoopKind kind;
  private final List<IoLoop> loops;
  private final boolean reusePort;
  private final int receiveBufferBytes;
  private final boolean overloadShield;
  private final ProxyProtocol proxyProtocol;
  private final NetworkTable proxies;
  private int grantedReceiveBufferBytes = Integer.MAX_VALUE;

  ListenerBinder(BackendChoice choice, List<IoLoop> loops, TransportConfig config) {
    this.choice = choice;
    this.kind = choice.loops();
    this.loops = loops;
    this.reusePort = loops.size() > 1 && kind.canReusePort();
    this.receiveBufferBytes = config.receiveBufferBytes();
    this.overloadShield = config.overloadShield();
    this.proxyProtocol = config.proxyProtocol();
    this.proxies = NetworkTable.of(proxyProtocol.proxies());
  }

  /** Whether each loop has its own sockets. */
  boolean socketsOnEachLoop() {
    return reusePort || loops.size() == 1;
  }

  /** The smallest receive buffer that a UDP socket got; known when all are open. */
  int grantedReceiveBufferBytes() {
    return grantedReceiveBufferBytes;
  }

  /**
   * Opens UDP and TCP of one listen address.
   *
   * @param listener its index in the configuration
   * @return the address with the real port
   */
  InetSocketAddress bind(int listener, InetSocketAddress wanted) throws TransportException {
    for (int attempt = 1; ; attempt++) {
      Sockets sockets = new Sockets();
      try {
        InetSocketAddress bound = bindAll(listener, wanted, sockets);
        sockets.keep();
        return bound;
      } catch (BindFailure e) {
        sockets.close();
        // A port that is free for TCP may be taken for UDP: another one may do.
        if (wanted.getPort() != 0 || attempt == FREE_PORT_TRIES || !e.isAddressInUse()) {
          throw e.explained();
        }
      } catch (InterruptedException e) {
        sockets.close();
        Thread.currentThread().interrupt();
        throw new TransportException(
            "Interrupted while opening " + Addresses.text(wanted) + ".", e);
      }
    }
  }

  private InetSocketAddress bindAll(int listener, InetSocketAddress wanted, Sockets sockets)
      throws BindFailure, InterruptedException {
    boolean wildcard = Addresses.isWildcard(wanted);
    boolean eachTcp = wildcard && !kind.canBindTcpWildcard(Addresses.isIpv6(wanted));
    boolean eachUdp = wildcard && choice.io() != IoBackend.FFM;
    int port = wanted.getPort();
    if (eachTcp) {
      for (InetSocketAddress address : local("TCP", wanted)) {
        port = bindTcp(listener, Addresses.withPort(address, port), sockets);
      }
    } else {
      port = bindTcp(listener, wanted, sockets);
    }
    InetSocketAddress bound = Addresses.withPort(wanted, port);
    for (InetSocketAddress address : eachUdp ? local("UDP", bound) : List.of(bound)) {
      bindUdp(listener, address, sockets);
    }
    return bound;
  }

  /** The proxies that a listener serves, and nobody else; null when it serves everybody. */
  private @Nullable NetworkTable proxies(int listener) {
    return proxyProtocol.listeners().contains(listener) ? proxies : null;
  }

  private List<IoLoop> boundLoops() {
    return reusePort ? loops : loops.subList(0, 1);
  }

  private static List<InetSocketAddress> local(String transport, InetSocketAddress wildcard)
      throws BindFailure {
    try {
      List<InetSocketAddress> found = Addresses.local(wildcard);
      if (found.isEmpty()) {
        throw new SocketException("no interface has an address of this family");
      }
      return found;
    } catch (SocketException e) {
      throw new BindFailure(transport, wildcard, e);
    }
  }

  /** One listener, or one on each loop. Returns the port. */
  private int bindTcp(int listener, InetSocketAddress wanted, Sockets sockets)
      throws BindFailure, InterruptedException {
    int port = wanted.getPort();
    for (IoLoop loop : boundLoops()) {
      port = bindTcp(loop, listener, Addresses.withPort(wanted, port), sockets);
    }
    return port;
  }

  private int bindTcp(IoLoop loop, int listener, InetSocketAddress address, Sockets sockets)
      throws BindFailure, InterruptedException {
    Map<ChannelOption<?>, Object> options = new HashMap<>();
    kind.addServerOptions(options, address, reusePort);
    List<IoLoop> targets = reusePort ? List.of(loop) : loops;
    TcpAcceptor acceptor = new TcpAcceptor(loop, targets, listener, proxies(listener), kind);
    Channel channel =
        open(
            "TCP", loop, kind.serverChannel(Addresses.isIpv6(address)), options, acceptor, address);
    sockets.listeners.add(Map.entry(loop, channel));
    return ((InetSocketAddress) channel.localAddress()).getPort();
  }

  private void bindUdp(int listener, InetSocketAddress address, Sockets sockets)
      throws BindFailure, InterruptedException {
    for (IoLoop loop : boundLoops()) {
      bindUdp(loop, listener, address, sockets);
    }
  }

  private void bindUdp(IoLoop loop, int listener, InetSocketAddress address, Sockets sockets)
      throws BindFailure, InterruptedException {
    UdpEndpoint endpoint;
    if (choice.io() == IoBackend.FFM) {
      endpoint = openNative(loop, listener, address);
    } else {
      Map<ChannelOption<?>, Object> options = new HashMap<>();
      NetworkTable known = proxies(listener);
      int datagramBytes = Limits.datagramBytes(known != null);
      kind.addDatagramOptions(options, address, reusePort, receiveBufferBytes, datagramBytes);
      ReusedReceiveBuffer buffer = kind.datagramBuffer(datagramBytes);
      options.put(ChannelOption.RECVBUF_ALLOCATOR, buffer);
      ChannelUdpSocket socket = new ChannelUdpSocket(loop, listener, known, buffer);
      Channel channel =
          open(
              "UDP",
              loop,
              kind.datagramChannel(Addresses.isIpv6(address)),
              options,
              socket,
              address);
      socket.bound(channel);
      granted(kind.grantedReceiveBufferBytes(channel));
      endpoint = socket;
    }
    sockets.udp.add(Map.entry(loop, endpoint));
  }

  private NativeUdpSocket openNative(IoLoop loop, int listener, InetSocketAddress address)
      throws BindFailure, InterruptedException {
    try {
      NativeUdpSocket socket =
          loop.eventLoop()
              .submit(
                  () ->
                      NativeUdpSocket.open(
                          loop,
                          listener,
                          address,
                          proxies(listener),
                          reusePort,
                          receiveBufferBytes,
                          overloadShield))
              .get();
      granted(socket.receiveBufferBytes());
      return socket;
    } catch (ExecutionException e) {
      throw new BindFailure("UDP", address, e.getCause() == null ? e : e.getCause());
    }
  }

  private void granted(int bytes) {
    grantedReceiveBufferBytes = Math.min(grantedReceiveBufferBytes, bytes);
  }

  private static Channel open(
      String transport,
      IoLoop loop,
      Channel channel,
      Map<ChannelOption<?>, Object> options,
      ChannelHandler handler,
      InetSocketAddress address)
      throws BindFailure, InterruptedException {
    boolean bound = false;
    try {
      for (Map.Entry<ChannelOption<?>, Object> option : options.entrySet()) {
        ChannelOptions.set(channel, option.getKey(), option.getValue());
      }
      ChannelOptions.setAllocator(channel);
      channel.pipeline().addLast(handler);
      EventLoop eventLoop = loop.eventLoop();
      done(transport, address, eventLoop.register(channel));
      done(transport, address, channel.bind(address));
      bound = true;
      return channel;
    } catch (RuntimeException e) {
      throw new BindFailure(transport, address, e);
    } finally {
      if (!bound) {
        close(channel);
      }
    }
  }

  /** Waits, for the port may be wanted again at once. */
  private static void close(Channel channel) {
    if (channel.isRegistered()) {
      channel.close().awaitUninterruptibly();
    } else {
      channel.unsafe().closeForcibly();
    }
  }

  private static void done(String transport, InetSocketAddress address, ChannelFuture future)
      throws BindFailure, InterruptedException {
    future.await();
    if (!future.isSuccess()) {
      throw new BindFailure(transport, address, future.cause());
    }
  }

  /** Sockets of one listen address, until it is sure that all of them could be had. */
  private static final class Sockets {
    private final List<Map.Entry<IoLoop, Channel>> listeners = new ArrayList<>();
    private final List<Map.Entry<IoLoop, UdpEndpoint>> udp = new ArrayList<>();

    void keep() throws InterruptedException {
      for (Map.Entry<IoLoop, Channel> each : listeners) {
        each.getKey().eventLoop().submit(() -> each.getKey().add(each.getValue())).sync();
      }
      for (Map.Entry<IoLoop, UdpEndpoint> each : udp) {
        each.getKey().eventLoop().submit(() -> each.getKey().add(each.getValue())).sync();
      }
    }

    void close() {
      for (Map.Entry<IoLoop, Channel> each : listeners) {
        ListenerBinder.close(each.getValue());
      }
      for (Map.Entry<IoLoop, UdpEndpoint> each : udp) {
        each.getKey().eventLoop().submit(each.getValue()::close).awaitUninterruptibly();
      }
    }
  }
}
