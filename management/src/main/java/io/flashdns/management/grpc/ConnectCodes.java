package io.flashdns.management.grpc;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.TypeRegistry;
import com.google.protobuf.util.JsonFormat;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.PreconditionFailure;
import com.google.rpc.QuotaFailure;
import com.google.rpc.ResourceInfo;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import java.util.Base64;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Errors in the words of the Connect protocol: a code, a status of HTTP, a body of JSON. */
final class ConnectCodes {
  private static final int CLIENT_CLOSED = 499;

  private static final TypeRegistry DETAILS =
      TypeRegistry.newBuilder()
          .add(BadRequest.getDescriptor())
          .add(ErrorInfo.getDescriptor())
          .add(PreconditionFailure.getDescriptor())
          .add(QuotaFailure.getDescriptor())
          .add(ResourceInfo.getDescriptor())
          .add(RetryInfo.getDescriptor())
          .build();

  private static final JsonFormat.Printer DEBUG =
      JsonFormat.printer().usingTypeRegistry(DETAILS).omittingInsignificantWhitespace();

  private ConnectCodes() {}

  /** The status of HTTP for a code. */
  static int http(int code) {
    Code known = Code.forNumber(code);
    return known == null
        ? 500
        : switch (known) {
          case OK -> 200;
          case CANCELLED -> CLIENT_CLOSED;
          case INVALID_ARGUMENT, FAILED_PRECONDITION, OUT_OF_RANGE -> 400;
          case DEADLINE_EXCEEDED -> 504;
          case NOT_FOUND -> 404;
          case ALREADY_EXISTS, ABORTED -> 409;
          case PERMISSION_DENIED -> 403;
          case UNAUTHENTICATED -> 401;
          case RESOURCE_EXHAUSTED -> 429;
          case UNIMPLEMENTED -> 501;
          case UNAVAILABLE -> 503;
          case UNKNOWN, INTERNAL, DATA_LOSS, UNRECOGNIZED -> 500;
        };
  }

  /** The name of a code. */
  static String name(int code) {
    Code known = Code.forNumber(code);
    return known == null
        ? "unknown"
        : known == Code.CANCELLED ? "canceled" : known.name().toLowerCase(Locale.ROOT);
  }

  /** The body. */
  static String body(Status status) {
    JsonObject body = new JsonObject();
    body.addProperty("code", name(status.getCode()));
    body.addProperty("message", status.getMessage());
    if (status.getDetailsCount() > 0) {
      JsonArray details = new JsonArray();
      for (Any detail : status.getDetailsList()) {
        JsonObject one = new JsonObject();
        one.addProperty("type", type(detail));
        one.addProperty(
            "value",
            Base64.getEncoder().withoutPadding().encodeToString(detail.getValue().toByteArray()));
        JsonObject debug = debug(detail);
        if (debug != null) {
          one.add("debug", debug);
        }
        details.add(one);
      }
      body.add("details", details);
    }
    return body.toString();
  }

  private static String type(Any detail) {
    return detail.getTypeUrl().substring(detail.getTypeUrl().lastIndexOf('/') + 1);
  }

  private static @Nullable JsonObject debug(Any detail) {
    try {
      JsonObject debug = JsonParser.parseString(DEBUG.print(detail)).getAsJsonObject();
      debug.remove("@type");
      return debug;
    } catch (InvalidProtocolBufferException _) {
      return null;
    }
  }

  /** How many whole seconds to wait; 0 when nothing is said of it. */
  static long retrySeconds(Status status) {
    for (Any detail : status.getDetailsList()) {
      if (detail.is(RetryInfo.class)) {
        try {
          var delay = detail.unpack(RetryInfo.class).getRetryDelay();
          return delay.getSeconds() + (delay.getNanos() > 0 ? 1 : 0);
        } catch (InvalidProtocolBufferException _) {
          return 0;
        }
      }
    }
    return 0;
  }
}
