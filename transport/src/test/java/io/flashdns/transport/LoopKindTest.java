package io.flashdns.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.junit.jupiter.params.provider.EnumSource.Mode.EXCLUDE;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.uring.IoUringChannelOption;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What connections have without being told. */
class LoopKindTest {
  private static final int UNSENT_BYTES = 64 * 1024;

  @ParameterizedTest
  @EnumSource(mode = EXCLUDE, names = "NIO")
  void connectionsHaveTheirListenersOptions(LoopKind kind) throws Exception {
    assumeThat(kind.unavailable()).isNull();
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    Map<ChannelOption<?>, Object> options = new HashMap<>();
    kind.addServerOptions(options, any, false);
    CompletableFuture<Channel> accepted = new CompletableFuture<>();
    MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, kind.handlerFactory());
    try {
      Channel listener = kind.serverChannel(false);
      for (Map.Entry<ChannelOption<?>, Object> option : options.entrySet()) {
        ChannelOptions.set(listener, option.getKey(), option.getValue());
      }
      listener
          .pipeline()
          .addLast(
              new ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(ChannelHandlerContext context, Object child) {
                  accepted.complete((Channel) child);
                }
              });
      group.register(listener).sync();
      listener.bind(any).sync();
      InetSocketAddress bound = (InetSocketAddress) listener.localAddress();
      try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), bound.getPort())) {
        Channel connection = accepted.get(10, TimeUnit.SECONDS);

        assertThat(connection.config().getOption(ChannelOption.TCP_NODELAY)).isTrue();
        assertThat(unsentBytes(kind, connection)).isEqualTo(UNSENT_BYTES);
        connection.unsafe().closeForcibly();
      }
      listener.close().sync();
    } finally {
      group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    }
  }

  private static long unsentBytes(LoopKind kind, Channel connection) {
    return Objects.requireNonNull(
        connection
            .config()
            .getOption(
                kind == LoopKind.EPOLL
                    ? EpollChannelOption.TCP_NOTSENT_LOWAT
                    : IoUringChannelOption.TCP_NOTSENT_LOWAT));
  }
}
