package io.flashdns.management.escape;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import com.google.rpc.Code;
import com.google.rpc.Status;
import io.flashdns.management.server.Plane;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Makes any call through any door, and keeps all that is told. */
final class Doors {
  private static final long PATIENCE_SECONDS = 30;

  /** Where a call goes in. */
  enum Door {
    GRPC,
    JSON
  }

  private final Plane plane;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  Doors(Plane plane) {
    this.plane = plane;
  }

  /**
   * Makes a call.
   *
   * @param secret of who calls; empty for nobody
   * @param requests more than one for a stream alone
   */
  Answer call(
      Door door,
      MethodDescriptor<Message, Message> method,
      String secret,
      List<? extends Message> requests)
      throws Exception {
    return door == Door.GRPC
        ? grpc(method, secret, requests, Integer.MAX_VALUE)
        : json(method, secret, requests.getFirst());
  }

  /** A call by gRPC, broken off when it has told so many messages. */
  Answer grpc(
      MethodDescriptor<Message, Message> method,
      String secret,
      List<? extends Message> requests,
      int most)
      throws Exception {
    CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (!secret.isEmpty()) {
      options = options.withCallCredentials(Plane.bearer(secret));
    }
    ClientCall<Message, Message> call = plane.channel().newCall(method, options);
    Listener listener = new Listener(call, most);
    call.start(listener, new Metadata());
    call.request(Integer.MAX_VALUE);
    for (Message request : requests) {
      call.sendMessage(request);
    }
    call.halfClose();
    if (!listener.ended.await(PATIENCE_SECONDS + 5, TimeUnit.SECONDS)) {
      throw new IllegalStateException(method.getFullMethodName() + " does not end");
    }
    return listener.answer();
  }

  private static final class Listener extends ClientCall.Listener<Message> {
    private final ClientCall<Message, Message> call;
    private final int most;
    private final List<Message> messages = new ArrayList<>();
    private final StringBuilder aside = new StringBuilder();
    final CountDownLatch ended = new CountDownLatch(1);
    private Status status = Status.getDefaultInstance();

    Listener(ClientCall<Message, Message> call, int most) {
      this.call = call;
      this.most = most;
    }

    Answer answer() {
      return new Answer(status, List.copyOf(messages), aside.toString());
    }

    @Override
    public void onHeaders(Metadata headers) {
      aside.append(text(headers));
    }

    @Override
    public void onMessage(Message message) {
      messages.add(message);
      if (messages.size() == most) {
        call.cancel("that is enough", null);
      }
    }

    @Override
    public void onClose(io.grpc.Status end, Metadata trailers) {
      aside.append(text(trailers));
      if (messages.size() < most) {
        Status told = StatusProto.fromStatusAndTrailers(end, trailers);
        status = told == null ? Status.getDefaultInstance() : told;
      }
      ended.countDown();
    }

    private static String text(Metadata metadata) {
      StringBuilder text = new StringBuilder();
      for (String key : metadata.keys()) {
        if (key.endsWith(Metadata.BINARY_HEADER_SUFFIX)) {
          byte @Nullable [] value =
              metadata.get(Metadata.Key.of(key, Metadata.BINARY_BYTE_MARSHALLER));
          text.append(key)
              .append(": ")
              .append(
                  value == null
                      ? ""
                      : new String(value, java.nio.charset.StandardCharsets.ISO_8859_1));
        } else {
          text.append(key)
              .append(": ")
              .append(metadata.get(Metadata.Key.of(key, Metadata.ASCII_STRING_MARSHALLER)));
        }
        text.append('\n');
      }
      return text.toString();
    }
  }

  private Answer json(MethodDescriptor<Message, Message> method, String secret, Message request)
      throws Exception {
    HttpRequest.Builder asked =
        HttpRequest.newBuilder(plane.json().resolve("/" + method.getFullMethodName()))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(JsonFormat.printer().print(request)));
    if (!secret.isEmpty()) {
      asked.header("Authorization", "Bearer " + secret);
    }
    return answer(
        http.send(asked.build(), HttpResponse.BodyHandlers.ofString()),
        prototype(method.getResponseMarshaller()));
  }

  /** What an answer by HTTP says. */
  static Answer answer(HttpResponse<String> told, Message prototype) throws IOException {
    String aside = told.headers().map() + "\n" + told.body();
    if (told.statusCode() == 200) {
      Message.Builder message = prototype.newBuilderForType();
      JsonFormat.parser().merge(told.body(), message);
      return new Answer(Status.getDefaultInstance(), List.of(message.build()), aside);
    }
    JsonObject body = JsonParser.parseString(told.body()).getAsJsonObject();
    String code = body.get("code").getAsString();
    Status.Builder status =
        Status.newBuilder()
            .setCode(
                Code.valueOf(code.equals("canceled") ? "CANCELLED" : code.toUpperCase(Locale.ROOT))
                    .getNumber())
            .setMessage(body.get("message").getAsString());
    JsonArray details = body.getAsJsonArray("details");
    if (details != null) {
      for (JsonElement detail : details) {
        JsonObject one = detail.getAsJsonObject();
        status.addDetails(
            Any.newBuilder()
                .setTypeUrl("type.googleapis.com/" + one.get("type").getAsString())
                .setValue(
                    ByteString.copyFrom(
                        Base64.getDecoder().decode(one.get("value").getAsString()))));
      }
    }
    return new Answer(status.build(), List.of(), aside);
  }

  /** An empty message of a method. */
  static Message prototype(MethodDescriptor.Marshaller<Message> marshaller) {
    Object prototype =
        ((MethodDescriptor.PrototypeMarshaller<Message>) marshaller).getMessagePrototype();
    if (prototype == null) {
      throw new IllegalStateException("a method without messages");
    }
    return (Message) prototype;
  }
}
