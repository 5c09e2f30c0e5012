package io.flashdns.management.grpc;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Ends connections that keep the server waiting: a request has to be whole a while after its first
 * octet, and between two requests there is no more than the time that a connection may be idle.
 */
final class HttpPace extends ChannelInboundHandlerAdapter {
  private final long requestNanos;
  private final long idleNanos;
  private @Nullable ChannelHandlerContext context;
  private @Nullable Future<?> end;
  private boolean reading;
  private boolean serving;

  HttpPace(long requestNanos, long idleNanos) {
    this.requestNanos = requestNanos;
    this.idleNanos = idleNanos;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
  }

  @Override
  public void channelActive(ChannelHandlerContext active) {
    arm(idleNanos);
    active.fireChannelActive();
  }

  @Override
  public void channelRead(ChannelHandlerContext from, Object message) {
    if (!reading && !serving) {
      reading = true;
      arm(requestNanos);
    }
    from.fireChannelRead(message);
  }

  @Override
  public void channelInactive(ChannelHandlerContext inactive) {
    disarm();
    inactive.fireChannelInactive();
  }

  /** A request is whole. */
  void received() {
    reading = false;
    serving = true;
    disarm();
  }

  /** It has its answer. */
  void answered() {
    serving = false;
    arm(idleNanos);
  }

  private void arm(long nanos) {
    disarm();
    ChannelHandlerContext of = context;
    if (of != null) {
      end =
          of.executor()
              .schedule(
                  () -> {
                    var _ = of.close();
                  },
                  nanos,
                  TimeUnit.NANOSECONDS);
    }
  }

  private void disarm() {
    if (end != null) {
      end.cancel(false);
      end = null;
    }
  }
}
