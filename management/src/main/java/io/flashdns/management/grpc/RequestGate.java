package io.flashdns.management.grpc;

import com.google.rpc.Status;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Lets the body of a request in when its header is in order and its caller is recognised. Somebody
 * who is not known has no more kept for him than came with one reading of the socket, at most 64
 * KiB; what he sends after that is thrown away, and his connection ends.
 *
 * <p>A request that is whole after one reading is not asked twice: the call itself asks who it is.
 *
 * <p>One request is let through at a time. What a client sends before it has its answer waits here,
 * and meanwhile the socket is not read.
 *
 * <p>One for each connection, on its event loop.
 */
final class RequestGate extends ChannelInboundHandlerAdapter {
  /** Requests that a client may send before the first one has its answer. */
  private static final int MAX_WAITING = 16;

  /** What becomes of what comes next. */
  private enum State {
    /** It is the header of a request. */
    OPEN,
    /** It waits: whose request this is, is being asked. */
    ASKING,
    /** It is of the body of a request that was let in. */
    LETTING_IN,
    /** It waits: the request before it has no answer yet. */
    ANSWERING,
    /** It is thrown away. */
    SHUT
  }

  private final JsonDoor door;
  private final ConnectHandler requests;
  private final Deque<HttpObject> waiting = new ArrayDeque<>();
  private @Nullable ChannelHandlerContext context;
  private State state = State.OPEN;
  private int waitingRequests;

  RequestGate(JsonDoor door, ConnectHandler requests) {
    this.door = door;
    this.requests = requests;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
  }

  @Override
  public void channelRead(ChannelHandlerContext from, Object message) {
    if (!(message instanceof HttpObject part)) {
      from.fireChannelRead(message);
      return;
    }
    switch (state) {
      case OPEN, LETTING_IN -> pass(from, part);
      case ASKING, ANSWERING -> {
        waiting.add(part);
        if (part instanceof HttpRequest && ++waitingRequests > MAX_WAITING) {
          shut();
          var _ = from.close();
        }
      }
      case SHUT -> ReferenceCountUtil.release(part);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext inactive) {
    shut();
    inactive.fireChannelInactive();
  }

  /** The last request has its answer. */
  void next() {
    ChannelHandlerContext of = context;
    if (of == null || state == State.SHUT) {
      return;
    }
    state = State.OPEN;
    letThrough(of);
    if (state == State.OPEN || state == State.LETTING_IN) {
      of.channel().config().setAutoRead(true);
    }
  }

  private void letThrough(ChannelHandlerContext of) {
    while (state == State.OPEN || state == State.LETTING_IN) {
      HttpObject part = waiting.poll();
      if (part == null) {
        return;
      }
      if (part instanceof HttpRequest) {
        waitingRequests--;
      }
      pass(of, part);
    }
  }

  private void pass(ChannelHandlerContext from, HttpObject part) {
    if (state == State.OPEN && part instanceof HttpRequest request) {
      state = State.ASKING;
      from.channel().config().setAutoRead(false);
      waiting.addFirst(part);
      waitingRequests++;
      // What came with the same reading is here by then.
      from.executor().execute(() -> begun(from, request));
      return;
    }
    if (part instanceof LastHttpContent) {
      state = State.ANSWERING;
    }
    from.fireChannelRead(part);
  }

  private void begun(ChannelHandlerContext from, HttpRequest request) {
    if (state != State.ASKING) {
      return;
    }
    FullHttpResponse wrong = requests.atOnce(request);
    if (wrong != null) {
      refuse(from, request, wrong);
      return;
    }
    JsonDoor.Callable method = door.method(request.uri());
    if (isWhole()) {
      letIn(from);
      return;
    }
    if (method == null) {
      // The description: whatever stands in the body, it is the same.
      refuse(
          from,
          request,
          ConnectHandler.response(HttpResponseStatus.OK, ConnectHandler.JSON, OpenApi.json()));
      return;
    }
    Caller caller = requests.caller(from, request);
    door.work(
        () -> {
          Status objection = door.objection(method.rule(), caller);
          from.executor()
              .execute(
                  () -> {
                    if (state != State.ASKING) {
                      return;
                    }
                    if (objection == null) {
                      letIn(from);
                    } else {
                      refuse(from, request, ConnectHandler.failed(objection));
                    }
                  });
        });
  }

  /** Whether the first request that waits has come to its end. */
  private boolean isWhole() {
    for (HttpObject part : waiting) {
      if (part instanceof LastHttpContent) {
        return true;
      }
    }
    return false;
  }

  private void letIn(ChannelHandlerContext from) {
    state = State.LETTING_IN;
    letThrough(from);
    if (state == State.LETTING_IN) {
      from.channel().config().setAutoRead(true);
    }
  }

  private void refuse(ChannelHandlerContext from, HttpRequest request, FullHttpResponse answer) {
    boolean whole = isWhole();
    if (whole) {
      HttpObject part;
      do {
        part = waiting.remove();
        ReferenceCountUtil.release(part);
      } while (!(part instanceof LastHttpContent));
      waitingRequests--;
      state = State.ANSWERING;
    } else {
      shut();
    }
    requests.refuse(from, request, whole, answer);
  }

  private void shut() {
    state = State.SHUT;
    waiting.forEach(ReferenceCountUtil::release);
    waiting.clear();
  }
}
