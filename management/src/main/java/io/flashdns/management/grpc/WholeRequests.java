package io.flashdns.management.grpc;

import com.google.rpc.Code;
import com.google.rpc.Status;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.ssl.SslHandler;
import java.util.concurrent.TimeUnit;

/** Requests with their bodies, up to a bound; a longer one is told so, and its client sent away. */
final class WholeRequests extends HttpObjectAggregator {
  private static final int LINGER_MILLIS = 500;

  private final int maxBytes;
  private final JsonDoor door;

  WholeRequests(int maxBytes, JsonDoor door) {
    super(maxBytes, true);
    this.maxBytes = maxBytes;
    this.door = door;
  }

  @Override
  protected void handleOversizedMessage(ChannelHandlerContext context, HttpMessage oversized) {
    Status status =
        Status.newBuilder()
            .setCode(Code.RESOURCE_EXHAUSTED_VALUE)
            .setMessage(
                "a request has at most "
                    + maxBytes
                    + " octets: send less at once, or import by gRPC, which streams")
            .build();
    var response =
        ConnectHandler.response(
            HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE,
            ConnectHandler.JSON,
            ConnectCodes.body(status));
    response.headers().set("Connection", "close");
    door.answeredAtOnce(response.status());
    var _ = context.writeAndFlush(response);
    linger(context);
  }

  /**
   * Ends a connection after what was written. What still comes is read and thrown away for a
   * moment: closing at once would throw away the answer instead.
   */
  static void linger(ChannelHandlerContext context) {
    if (context.pipeline().get(SslHandler.class) == null
        && context.channel() instanceof DuplexChannel channel
        && channel.isActive()) {
      var _ = channel.shutdownOutput();
    }
    context.channel().config().setAutoRead(true);
    context
        .executor()
        .schedule(
            () -> {
              var _ = context.close();
            },
            LINGER_MILLIS,
            TimeUnit.MILLISECONDS);
  }
}
