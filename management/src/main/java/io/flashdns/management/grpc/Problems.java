package io.flashdns.management.grpc;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.flashdns.core.store.StoreException;
import io.flashdns.management.message.CallException;
import io.flashdns.management.message.StoreProblems;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What went wrong, in the words that a caller gets. What nobody foresaw is INTERNAL: the caller
 * gets a number, the log has the rest under it.
 *
 * <p>Safe for all threads.
 */
final class Problems {
  private static final Logger log = LoggerFactory.getLogger(Problems.class);

  private static final int MAX_CAUSES = 8;
  private static final int LOGGED_PER_SECOND = 5;
  private static final int LOGGED_AT_ONCE = 50;

  /**
   * Clients take 8 KiB of headers where they were not told otherwise, and details are written in
   * base64 beside a message that is written twice.
   */
  private static final int MAX_DETAIL_BYTES = 4_096;

  private static final int MAX_MESSAGE_CHARS = 512;

  private static final Metadata.Key<byte[]> DETAILS =
      Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);

  private final Bucket logged = new Bucket(LOGGED_PER_SECOND, LOGGED_AT_ONCE, System.nanoTime());
  private final ApiCounters counters;
  private final boolean shortened;

  /**
   * How problems are told.
   *
   * @param shortened whether details have to fit into the trailers of HTTP/2
   */
  Problems(ApiCounters counters, boolean shortened) {
    this.counters = counters;
    this.shortened = shortened;
  }

  /**
   * The end of a call.
   *
   * @param trailers with the details
   */
  record End(Status status, Metadata trailers) {}

  /** As a service has told it, which may have told of a fault instead. */
  End of(Status status, Metadata trailers, String path) {
    Throwable cause = status.getCause();
    if (status.isOk()) {
      return new End(status, trailers);
    }
    if (cause != null && status.getCode() == Status.Code.UNKNOWN) {
      return of(cause, path);
    }
    byte[] details = trailers.get(DETAILS);
    if (details != null) {
      try {
        return of(com.google.rpc.Status.parseFrom(details));
      } catch (InvalidProtocolBufferException _) {
        trailers.discardAll(DETAILS);
      }
    }
    return new End(status.withCause(null), trailers);
  }

  /** A fault. */
  End of(Throwable fault, String path) {
    Throwable cause = fault;
    for (int i = 0; i < MAX_CAUSES && cause != null; i++) {
      switch (cause) {
        case CallException told -> {
          return of(told.status());
        }
        case StoreException store -> {
          return of(StoreProblems.of(store).status());
        }
        case StatusRuntimeException told -> {
          return of(told.getStatus().withCause(null), trailers(told.getTrailers()), path);
        }
        case StatusException told -> {
          return of(told.getStatus().withCause(null), trailers(told.getTrailers()), path);
        }
        case InterruptedException _ -> {
          return of(Code.CANCELLED, "the call was broken off");
        }
        default -> cause = cause.getCause();
      }
    }
    return internal(fault, path);
  }

  private static Metadata trailers(@Nullable Metadata trailers) {
    return trailers == null ? new Metadata() : trailers;
  }

  private End internal(Throwable fault, String path) {
    counters.failed.increment();
    String id = Long.toUnsignedString(ThreadLocalRandom.current().nextLong(), Character.MAX_RADIX);
    if (logged.isTaken(System.nanoTime())) {
      log.error("{} failed, its caller was told the number {}", path, id, fault);
    }
    return of(
        com.google.rpc.Status.newBuilder()
            .setCode(Code.INTERNAL_VALUE)
            .setMessage("the server failed at this call: its log has more under the number " + id)
            .addDetails(
                Any.pack(
                    CallException.reason("INTERNAL").toBuilder().putMetadata("id", id).build()))
            .build());
  }

  /** One sentence. */
  End of(Code code, String message, com.google.protobuf.Message... details) {
    return of(CallException.of(code, message, details).status());
  }

  /** Beyond a bound that time will widen again. */
  End exhausted(String message, long waitNanos) {
    return of(Code.RESOURCE_EXHAUSTED, message, retry(waitNanos));
  }

  /** How long to wait. */
  static RetryInfo retry(long nanos) {
    long perSecond = TimeUnit.SECONDS.toNanos(1);
    return RetryInfo.newBuilder()
        .setRetryDelay(
            Duration.newBuilder().setSeconds(nanos / perSecond).setNanos((int) (nanos % perSecond)))
        .build();
  }

  /** A permission that the caller has nowhere. */
  End denied(String permission) {
    return of(
        Code.PERMISSION_DENIED,
        "this takes the permission " + permission + ", which no role of yours gives you",
        ErrorInfo.newBuilder()
            .setDomain(CallException.DOMAIN)
            .setReason("PERMISSION_MISSING")
            .putMetadata("permission", permission)
            .build());
  }

  /** Any. */
  End of(com.google.rpc.Status told) {
    com.google.rpc.Status status = shortened ? shortened(told) : told;
    StatusRuntimeException e = StatusProto.toStatusRuntimeException(status);
    return new End(e.getStatus(), trailers(e.getTrailers()));
  }

  private static com.google.rpc.Status shortened(com.google.rpc.Status told) {
    if (told.getSerializedSize() <= MAX_DETAIL_BYTES
        && told.getMessage().length() <= MAX_MESSAGE_CHARS) {
      return told;
    }
    com.google.rpc.Status.Builder fits = told.toBuilder().clearDetails();
    if (told.getMessage().length() > MAX_MESSAGE_CHARS) {
      fits.setMessage(told.getMessage().substring(0, MAX_MESSAGE_CHARS) + "…");
    }
    int left = MAX_DETAIL_BYTES - fits.build().getSerializedSize();
    for (Any detail : told.getDetailsList()) {
      Any part = detail.getSerializedSize() <= left ? detail : part(detail, left);
      if (part != null) {
        fits.addDetails(part);
        left -= part.getSerializedSize();
      }
    }
    return fits.build();
  }

  /** As many violations as fit, and how many do not. */
  private static @Nullable Any part(Any detail, int maxBytes) {
    if (!detail.is(BadRequest.class)) {
      return null;
    }
    try {
      BadRequest whole = detail.unpack(BadRequest.class);
      BadRequest.Builder part = BadRequest.newBuilder();
      int left = maxBytes - 256;
      for (BadRequest.FieldViolation violation : whole.getFieldViolationsList()) {
        left -= violation.getSerializedSize() + Integer.BYTES;
        if (left < 0) {
          int more = whole.getFieldViolationsCount() - part.getFieldViolationsCount();
          part.addFieldViolations(
              BadRequest.FieldViolation.newBuilder()
                  .setDescription(
                      "and " + more + " more, which do not fit here: mend these, then ask again"));
          break;
        }
        part.addFieldViolations(violation);
      }
      return left < -maxBytes ? null : Any.pack(part.build());
    } catch (InvalidProtocolBufferException _) {
      return null;
    }
  }
}
