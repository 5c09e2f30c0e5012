package io.flashdns.management.grpc;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import com.google.rpc.Code;
import com.google.rpc.Status;
import io.flashdns.management.identity.Credentials;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCalls;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection of the door for JSON. It has one request at a time; the next is not read before
 * this one has its answer: {@link RequestGate} keeps it. What needs no thread is answered at once,
 * by the event loop; a call has a virtual thread.
 */
final class ConnectHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
  private static final Logger log = LoggerFactory.getLogger(ConnectHandler.class);

  /** The event that asks a connection to end when it has nothing to do. */
  static final Object DRAIN = new Object();

  static final String JSON = "application/json";
  private static final String PROTO = "application/proto";
  static final String DESCRIPTION = "/openapi.json";
  private static final String PREFLIGHT_SECONDS = "7200";
  private static final String TAKEN_HEADERS =
      "Authorization, Content-Type, Connect-Protocol-Version, Connect-Timeout-Ms";
  private static final int MAX_TIMEOUT_DIGITS = 10;

  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer().omittingInsignificantWhitespace();

  private final JsonDoor door;
  private final HttpPace pace;
  private final long sinceNanos = System.nanoTime();
  private boolean busy;
  private boolean ended;
  private volatile @Nullable ClientCall<byte[], Message> current;

  ConnectHandler(JsonDoor door, HttpPace pace) {
    this.door = door;
    this.pace = pace;
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    ended = true;
    ClientCall<byte[], Message> call = current;
    if (call != null) {
      call.cancel("the client is gone", null);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event == DRAIN && !busy) {
      var _ = context.close();
    }
  }

  /** Broken TLS, broken pipes, clients that do not read: nothing that the log has to know. */
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    log.debug("a connection has ended", cause);
    var _ = context.close();
  }

  /**
   * What is left of a request when it goes to a thread.
   *
   * @param origin of a web page that may call; empty for none
   */
  private record Asked(boolean keepAlive, String origin) {}

  @Override
  protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
    if (ended) {
      return;
    }
    begin(context);
    Asked asked = asked(request);
    FullHttpResponse at = atOnce(request, asked);
    if (at != null) {
      // One after the other, not one inside the other, when there are many.
      context.executor().execute(() -> send(context, asked, at));
      return;
    }
    String path = request.uri();
    if (path.equals(DESCRIPTION)) {
      later(context, asked, () -> response(HttpResponseStatus.OK, JSON, OpenApi.json()));
      return;
    }
    JsonDoor.Callable method = Objects.requireNonNull(door.method(path));
    boolean json = isJson(request);
    byte[] body = tagged(request, json);
    CallOptions options = options(request);
    Caller caller = caller(context, request);
    later(context, asked, () -> called(method, json, body, options, caller));
  }

  /** Refuses a request whose body nobody reads. */
  void refuse(
      ChannelHandlerContext context, HttpRequest request, boolean whole, FullHttpResponse answer) {
    if (ended) {
      answer.release();
      return;
    }
    begin(context);
    Asked asked = asked(request);
    send(context, whole ? asked : new Asked(false, asked.origin()), answer);
  }

  private void begin(ChannelHandlerContext context) {
    busy = true;
    context.channel().config().setAutoRead(false);
    pace.received();
  }

  private Asked asked(HttpRequest request) {
    String origin = request.headers().get("Origin", "");
    return new Asked(
        HttpUtil.isKeepAlive(request) && request.decoderResult().isSuccess(),
        door.isAllowed(origin) ? origin : "");
  }

  /** What a request says of who sends it. */
  Caller caller(ChannelHandlerContext context, HttpRequest request) {
    InetSocketAddress remote = (InetSocketAddress) context.channel().remoteAddress();
    return new Caller(
        new Credentials(request.headers().getAll("Authorization"), certificates(context), remote),
        door.connection(remote));
  }

  private static List<X509Certificate> certificates(ChannelHandlerContext context) {
    SslHandler tls = context.pipeline().get(SslHandler.class);
    return tls == null ? List.of() : ApiServer.certificates(tls.engine().getSession());
  }

  private static byte[] tagged(FullHttpRequest request, boolean json) {
    int length = request.content().readableBytes();
    byte[] body = new byte[1 + length];
    body[0] = json ? RequestReader.AS_JSON : RequestReader.AS_PROTO;
    request.content().readBytes(body, 1, length);
    return body;
  }

  /** The answer of a request that is none, or is not for a method; null for one that is. */
  @Nullable FullHttpResponse atOnce(HttpRequest request) {
    return atOnce(request, asked(request));
  }

  private @Nullable FullHttpResponse atOnce(HttpRequest request, Asked asked) {
    FullHttpResponse at = answerAtOnce(request, asked);
    if (at != null) {
      door.answeredAtOnce(at.status());
    }
    return at;
  }

  private @Nullable FullHttpResponse answerAtOnce(HttpRequest request, Asked asked) {
    if (!request.decoderResult().isSuccess()) {
      return undecoded(request.decoderResult().cause());
    }
    // Two of them are two servers, and of two readers each may choose another (RFC 9112 §3.2).
    int hosts = request.headers().getAll("Host").size();
    if (hosts > 1 || (hosts == 0 && request.protocolVersion().equals(HttpVersion.HTTP_1_1))) {
      return refused(
          HttpResponseStatus.BAD_REQUEST, Code.INVALID_ARGUMENT, "send the header Host, once");
    }
    if (request.uri().equals(DESCRIPTION)) {
      return request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD)
          ? null
          : notAllowed("GET, HEAD");
    }
    JsonDoor.Callable method = door.method(request.uri());
    if (method == null) {
      return refused(
          HttpResponseStatus.NOT_FOUND,
          Code.UNIMPLEMENTED,
          "there is no such method: " + DESCRIPTION + " lists those that there are");
    }
    if (request.method().equals(HttpMethod.OPTIONS)) {
      return preflight(asked);
    }
    if (!request.method().equals(HttpMethod.POST)) {
      return notAllowed("POST");
    }
    if (!isJson(request) && !contentType(request).equals(PROTO)) {
      FullHttpResponse response =
          refused(
              HttpResponseStatus.UNSUPPORTED_MEDIA_TYPE,
              Code.INVALID_ARGUMENT,
              "send the header Content-Type: " + JSON);
      response.headers().set("Accept-Post", JSON + ", " + PROTO);
      return response;
    }
    if (!method.rule().isUnary()) {
      return refused(
          HttpResponseStatus.NOT_IMPLEMENTED,
          Code.UNIMPLEMENTED,
          "this method streams, which JSON over HTTP does not: call it by gRPC");
    }
    String encoding = request.headers().get("Content-Encoding", "identity");
    if (!encoding.equalsIgnoreCase("identity")) {
      return refused(
          HttpResponseStatus.NOT_IMPLEMENTED,
          Code.UNIMPLEMENTED,
          "compressed requests are not understood: send it as it is");
    }
    String version = request.headers().get("Connect-Protocol-Version", "1");
    if (!version.equals("1")) {
      return refused(
          HttpResponseStatus.BAD_REQUEST,
          Code.INVALID_ARGUMENT,
          "Connect-Protocol-Version must be 1, or absent");
    }
    String timeout = request.headers().get("Connect-Timeout-Ms", "0");
    if (timeout.isEmpty()
        || timeout.length() > MAX_TIMEOUT_DIGITS
        || !timeout.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return refused(
          HttpResponseStatus.BAD_REQUEST,
          Code.INVALID_ARGUMENT,
          "Connect-Timeout-Ms must be milliseconds, at most 10 digits");
    }
    return null;
  }

  private static FullHttpResponse undecoded(Throwable why) {
    HttpResponseStatus status =
        why instanceof TooLongHttpHeaderException
            ? HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            : why instanceof TooLongHttpLineException
                ? HttpResponseStatus.REQUEST_URI_TOO_LONG
                : HttpResponseStatus.BAD_REQUEST;
    return refused(
        status,
        status.equals(HttpResponseStatus.BAD_REQUEST)
            ? Code.INVALID_ARGUMENT
            : Code.RESOURCE_EXHAUSTED,
        status.equals(HttpResponseStatus.BAD_REQUEST)
            ? "this is no request of HTTP/1.1"
            : "the header of the request is too long: shorten it");
  }

  private static FullHttpResponse notAllowed(String methods) {
    FullHttpResponse response =
        refused(
            HttpResponseStatus.METHOD_NOT_ALLOWED, Code.UNIMPLEMENTED, "the method is " + methods);
    response.headers().set("Allow", methods);
    return response;
  }

  private static FullHttpResponse preflight(Asked asked) {
    if (asked.origin().isEmpty()) {
      return refused(
          HttpResponseStatus.FORBIDDEN,
          Code.PERMISSION_DENIED,
          "web pages of this origin may not call: the operator can allow them by api.origins");
    }
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.NO_CONTENT, Unpooled.EMPTY_BUFFER);
    response
        .headers()
        .set("Access-Control-Allow-Methods", "POST")
        .set("Access-Control-Allow-Headers", TAKEN_HEADERS)
        .set("Access-Control-Max-Age", PREFLIGHT_SECONDS);
    return response;
  }

  private static boolean isJson(HttpRequest request) {
    return contentType(request).equals(JSON);
  }

  /** The type alone; a character set other than UTF-8 is another type. */
  private static String contentType(HttpRequest request) {
    String type = request.headers().get("Content-Type", "").toLowerCase(Locale.ROOT);
    int end = type.indexOf(';');
    if (end < 0) {
      return type.strip();
    }
    String charset = type.substring(end + 1).strip().replace("\"", "");
    return charset.equals("charset=utf-8") ? type.substring(0, end).strip() : type;
  }

  private static CallOptions options(FullHttpRequest request) {
    String timeout = request.headers().get("Connect-Timeout-Ms");
    return timeout == null
        ? CallOptions.DEFAULT
        : CallOptions.DEFAULT.withDeadlineAfter(Long.parseLong(timeout), TimeUnit.MILLISECONDS);
  }

  private void later(
      ChannelHandlerContext context, Asked asked, Supplier<FullHttpResponse> answer) {
    door.work(
        () -> {
          FullHttpResponse response;
          try {
            response = answer.get();
          } catch (RuntimeException e) {
            log.error("a call by JSON has failed", e);
            response =
                refused(
                    HttpResponseStatus.INTERNAL_SERVER_ERROR,
                    Code.INTERNAL,
                    "the server failed at this call: its log has more");
          }
          FullHttpResponse ready = response;
          context.executor().execute(() -> send(context, asked, ready));
        });
  }

  private FullHttpResponse called(
      JsonDoor.Callable method, boolean json, byte[] body, CallOptions options, Caller caller) {
    Metadata headers = door.announce(caller);
    try {
      ClientCall<byte[], Message> call =
          new SimpleForwardingClientCall<>(door.channel().newCall(method.byOctets(), options)) {
            @Override
            public void start(Listener<Message> listener, Metadata own) {
              own.merge(headers);
              super.start(listener, own);
            }
          };
      current = call;
      Message answer = ClientCalls.blockingUnaryCall(call, body);
      return json
          ? response(HttpResponseStatus.OK, JSON, PRINTER.print(answer))
          : response(HttpResponseStatus.OK, PROTO, answer.toByteArray());
    } catch (StatusRuntimeException e) {
      Status status = StatusProto.fromThrowable(e);
      if (status == null || isOverHere(status)) {
        return refused(
            HttpResponseStatus.GATEWAY_TIMEOUT,
            Code.DEADLINE_EXCEEDED,
            "the call took longer than Connect-Timeout-Ms allows: ask for less at once, or give it"
                + " more time");
      }
      return failed(status);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("an answer cannot be written as JSON", e);
    } finally {
      current = null;
      door.forget(headers);
    }
  }

  /**
   * Whether the time of a call ended before it could be served: the library would say so in words
   * of its own.
   */
  private static boolean isOverHere(Status status) {
    return status.getCode() == Code.DEADLINE_EXCEEDED_VALUE
        && status.getMessage().contains("CallOptions");
  }

  static FullHttpResponse failed(Status status) {
    FullHttpResponse response =
        response(
            HttpResponseStatus.valueOf(ConnectCodes.http(status.getCode())),
            JSON,
            ConnectCodes.body(status));
    if (status.getCode() == Code.UNAUTHENTICATED_VALUE) {
      response.headers().set("WWW-Authenticate", "Bearer");
    }
    long seconds = ConnectCodes.retrySeconds(status);
    if (seconds > 0) {
      response.headers().set("Retry-After", Long.toString(seconds));
    }
    return response;
  }

  private static FullHttpResponse refused(HttpResponseStatus http, Code code, String message) {
    return response(
        http,
        JSON,
        ConnectCodes.body(
            Status.newBuilder().setCode(code.getNumber()).setMessage(message).build()));
  }

  static FullHttpResponse response(HttpResponseStatus status, String type, String body) {
    return response(status, type, body.getBytes(StandardCharsets.UTF_8));
  }

  private static FullHttpResponse response(HttpResponseStatus status, String type, byte[] body) {
    FullHttpResponse response =
        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.wrappedBuffer(body));
    response
        .headers()
        .set("Content-Type", type)
        .set("Cache-Control", "no-store")
        .set("X-Content-Type-Options", "nosniff")
        .set("Content-Length", Integer.toString(body.length));
    return response;
  }

  private void send(ChannelHandlerContext context, Asked asked, FullHttpResponse response) {
    if (!asked.origin().isEmpty()) {
      response.headers().set("Access-Control-Allow-Origin", asked.origin());
    }
    response.headers().set("Vary", "Origin");
    boolean keep =
        asked.keepAlive()
            && !door.isDraining()
            && System.nanoTime() - sinceNanos < door.limits().maxAge().toNanos();
    HttpUtil.setKeepAlive(response, keep);
    var _ =
        context
            .writeAndFlush(response)
            .addListener(
                written -> {
                  busy = false;
                  pace.answered();
                  if (keep && written.isSuccess()) {
                    RequestGate gate = context.pipeline().get(RequestGate.class);
                    if (gate != null) {
                      gate.next();
                    }
                  } else {
                    ended = true;
                    WholeRequests.linger(context);
                  }
                });
  }
}
