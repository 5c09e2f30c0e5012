package io.flashdns.management.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Ends a connection that has not begun to speak in time: neither TLS nor HTTP/2 gives a bound for
 * that by itself when nothing comes at all.
 */
final class FirstOctets extends ChannelInboundHandlerAdapter {
  /** No less than the preface of HTTP/2 with an empty SETTINGS (RFC 9113 §3.4). */
  private static final int ENOUGH = 33;

  private final long nanos;
  private final ApiCounters counters;
  private @Nullable Future<?> end;
  private int seen;

  FirstOctets(long nanos, ApiCounters counters) {
    this.nanos = nanos;
    this.counters = counters;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    end =
        context
            .executor()
            .schedule(
                () -> {
                  counters.handshakesTimedOut.increment();
                  var _ = context.close();
                },
                nanos,
                TimeUnit.NANOSECONDS);
    context.fireChannelActive();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof ByteBuf octets) {
      seen += octets.readableBytes();
    }
    if (seen >= ENOUGH) {
      cancel();
      context.pipeline().remove(this);
    }
    context.fireChannelRead(message);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    cancel();
    context.fireChannelInactive();
  }

  private void cancel() {
    if (end != null) {
      end.cancel(false);
    }
  }
}
