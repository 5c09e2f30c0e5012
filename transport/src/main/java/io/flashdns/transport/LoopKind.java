package io.flashdns.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.ServerChannelRecvByteBufAllocator;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringDatagramChannel;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.spi.SelectorProvider;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The kinds of Netty event loop, and the channels that run on each. */
enum LoopKind {
  EPOLL,
  IO_URING,
  NIO;

  /**
   * Octets that a TCP socket may hold unsent before it counts as full: keeps a client that does not
   * read from filling kernel memory as well as ours.
   */
  private static final int TCP_NOTSENT_LOWAT_BYTES = 64 * 1024;

  /** Connections that a listener takes before others get their turn. */
  private static final int MAX_ACCEPTS = 64;

  static {
    // Before Netty's class is loaded. Its multishot accept starts anew after an error even when
    // told to rest: without file
    // descriptors the loop would spin.
    String multishotAccept = "io.netty.iouring.acceptMultiShotEnabled";
    if (System.getProperty(multishotAccept) == null) {
      System.setProperty(multishotAccept, "false");
    }
  }

  private static final ChannelOption<Integer> IPV6_V6ONLY =
      new IntegerUnixChannelOption("IPV6_V6ONLY", Libc.IPPROTO_IPV6, Libc.IPV6_V6ONLY);
  private static final ChannelOption<Integer> TCP_NOTSENT_LOWAT =
      new IntegerUnixChannelOption("TCP_NOTSENT_LOWAT", Libc.IPPROTO_TCP, Libc.TCP_NOTSENT_LOWAT);
  private static final ChannelOption<Integer> IPV4_MTU_DISCOVER =
      new IntegerUnixChannelOption("IP_MTU_DISCOVER", Libc.IPPROTO_IP, Libc.IP_MTU_DISCOVER);
  private static final ChannelOption<Integer> IPV6_MTU_DISCOVER =
      new IntegerUnixChannelOption("IPV6_MTU_DISCOVER", Libc.IPPROTO_IPV6, Libc.IPV6_MTU_DISCOVER);

  /** Why loops of this kind cannot run here, or null when they can. */
  @Nullable String unavailable() {
    Throwable cause =
        switch (this) {
          case EPOLL -> Epoll.unavailabilityCause();
          case IO_URING -> IoUring.unavailabilityCause();
          case NIO -> null;
        };
    if (cause == null) {
      return null;
    }
    // The outer exceptions say that something failed to load; the innermost says why.
    Throwable innermost = cause;
    while (innermost.getCause() != null) {
      innermost = innermost.getCause();
    }
    String text = innermost.getMessage();
    return text == null ? innermost.getClass().getName() : text.lines().findFirst().orElse(text);
  }

  IoHandlerFactory handlerFactory() {
    return switch (this) {
      case EPOLL -> EpollIoHandler.newFactory();
      case IO_URING -> IoUringIoHandler.newFactory();
      case NIO -> NioIoHandler.newFactory();
    };
  }

  /** Whether several loops can share an address, the kernel spreading what comes (socket(7)). */
  boolean canReusePort() {
    return this != NIO || System.getProperty("os.name", "").equals("Linux");
  }

  /**
   * Whether one TCP listener can be bound to the wildcard of one address family alone. The JDK's
   * cannot be kept from serving IPv4 on {@code [::]}, and io_uring's takes {@code 0.0.0.0} for both
   * as well.
   */
  boolean canBindTcpWildcard(boolean ipv6) {
    return switch (this) {
      case EPOLL -> true;
      case IO_URING -> ipv6 || !Socket.isIPv6Preferred();
      case NIO -> !ipv6;
    };
  }

  ServerChannel serverChannel(boolean ipv6) {
    return switch (this) {
      case EPOLL -> new EpollServerSocketChannel(family(ipv6));
      // Takes no family: its socket is of IPv6 where the machine has that, and IPv4 addresses are
      // mapped.
      case IO_URING -> new IoUringServerSocketChannel();
      case NIO -> new NioServerSocketChannel(SelectorProvider.provider(), family(ipv6));
    };
  }

  Channel datagramChannel(boolean ipv6) {
    return switch (this) {
      case EPOLL -> new EpollDatagramChannel(family(ipv6));
      case IO_URING -> new IoUringDatagramChannel(family(ipv6));
      case NIO -> new NioDatagramChannel(family(ipv6));
    };
  }

  private static SocketProtocolFamily family(boolean ipv6) {
    return ipv6 ? SocketProtocolFamily.INET6 : SocketProtocolFamily.INET;
  }

  void addServerOptions(
      Map<ChannelOption<?>, Object> options, InetSocketAddress address, boolean reusePort) {
    options.put(ChannelOption.SO_REUSEADDR, true);
    options.put(ChannelOption.SO_BACKLOG, 4096);
    // Takes all that wait, up to a bound: epoll's own way is one connection for each round of the
    // loop.
    options.put(
        ChannelOption.RECVBUF_ALLOCATOR,
        new ServerChannelRecvByteBufAllocator()
            .respectMaybeMoreData(false)
            .maxMessagesPerRead(MAX_ACCEPTS));
    if (reusePort) {
      addReusePort(options);
    }
    if (Addresses.isIpv6(address) && this != NIO) {
      options.put(IPV6_V6ONLY, 1);
    }
    if (this != NIO) {
      // A connection has it from its listener (tcp(7)): one call less for each.
      options.put(TCP_NOTSENT_LOWAT, TCP_NOTSENT_LOWAT_BYTES);
    }
  }

  void addDatagramOptions(
      Map<ChannelOption<?>, Object> options,
      InetSocketAddress address,
      boolean reusePort,
      int bufferBytes,
      int datagramBytes) {
    if (reusePort) {
      addReusePort(options);
    }
    if (bufferBytes > 0) {
      options.put(ChannelOption.SO_RCVBUF, bufferBytes);
      options.put(ChannelOption.SO_SNDBUF, bufferBytes);
    }
    switch (this) {
      case EPOLL -> {
        options.put(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, datagramBytes);
        addPathMtu(options, address);
      }
      case IO_URING -> {
        options.put(IoUringChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, datagramBytes);
        addPathMtu(options, address);
      }
      case NIO -> {}
    }
  }

  private static void addPathMtu(Map<ChannelOption<?>, Object> options, InetSocketAddress address) {
    options.put(
        Addresses.isIpv6(address) ? IPV6_MTU_DISCOVER : IPV4_MTU_DISCOVER, Libc.PMTUDISC_PROBE);
  }

  private void addReusePort(Map<ChannelOption<?>, Object> options) {
    switch (this) {
      case EPOLL, IO_URING -> options.put(UnixChannelOption.SO_REUSEPORT, true);
      case NIO -> options.put(NioChannelOption.of(StandardSocketOptions.SO_REUSEPORT), true);
    }
  }

  /**
   * Has a connection that is not registered yet begin to read when it is. Each call of the system
   * counts where a connection carries one query.
   */
  void readFromStart(Channel connection) {
    if (this == EPOLL) {
      // Else it is first registered for nothing, and then for reading.
      connection.unsafe().beginRead();
    }
  }

  /** The size of a UDP channel's receive buffer, without what the kernel adds for itself. */
  int grantedReceiveBufferBytes(Channel channel) {
    Integer bytes = channel.config().getOption(ChannelOption.SO_RCVBUF);
    if (bytes == null) {
      return 0;
    }
    return switch (this) {
      // Linux reports twice what it grants (socket(7)); the JDK corrects that itself.
      case EPOLL, IO_URING -> bytes / 2;
      case NIO -> bytes;
    };
  }

  /** The receive buffer that suits a UDP channel of this kind. */
  ReusedReceiveBuffer datagramBuffer(int datagramBytes) {
    return switch (this) {
      // As many as one read takes: a second read of the same wake-up would most often find nothing.
      case EPOLL -> new ReusedReceiveBuffer(Limits.BATCH, datagramBytes, 1);
      // Each datagram of a batch costs a submission, filled or not.
      case IO_URING -> new ReusedReceiveBuffer(Limits.BATCH, datagramBytes, Limits.BATCH);
      case NIO -> new ReusedReceiveBuffer(1, datagramBytes, Limits.BATCH);
    };
  }
}
