package io.flashdns.management.etcd;

import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/** etcd did not do what it was asked; the message is for people. */
final class EtcdFault extends Exception {
  private static final long serialVersionUID = 1L;
  private final Status.Code code;
  private final boolean isUnsent;

  private EtcdFault(String message, Status.Code code, Throwable cause) {
    super(message, cause);
    this.code = code;
    isUnsent = wasNotConnected(cause);
  }

  static EtcdFault of(Throwable thrown) {
    Throwable cause = thrown instanceof ExecutionException ? thrown.getCause() : thrown;
    if (cause instanceof TimeoutException) {
      return new EtcdFault("it did not answer in time", Status.Code.DEADLINE_EXCEEDED, thrown);
    }
    for (Throwable t = cause; t != null; t = t.getCause()) {
      Status status =
          switch (t) {
            case StatusRuntimeException e -> e.getStatus();
            case StatusException e -> e.getStatus();
            default -> null;
          };
      if (status != null) {
        return new EtcdFault(said(status), status.getCode(), thrown);
      }
    }
    return new EtcdFault(String.valueOf(cause), Status.Code.UNKNOWN, thrown);
  }

  /** No member took the connection: what was asked was not sent to any. */
  private static boolean wasNotConnected(Throwable thrown) {
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      if (t instanceof ConnectException || t instanceof NoRouteToHostException) {
        return true;
      }
    }
    return false;
  }

  private static String said(Status status) {
    String text = status.getDescription() == null ? "" : status.getDescription();
    return switch (status.getCode()) {
      case DEADLINE_EXCEEDED -> "it did not answer in time";
      case UNAVAILABLE ->
          text.isEmpty() || text.equals("io exception")
              ? "it cannot be reached"
              : text.lines().findFirst().orElse("");
      case PERMISSION_DENIED ->
          "its user may not read and write the prefix: grant that (" + text + ")";
      case UNAUTHENTICATED -> "it does not take the user and password: correct them";
      default -> status.getCode() + " " + text;
    };
  }

  /**
   * True when what was asked was certainly not done; after {@link #isExhaustion} that is to be
   * found out.
   */
  boolean isRefusal() {
    return switch (code) {
      case PERMISSION_DENIED,
          UNAUTHENTICATED,
          INVALID_ARGUMENT,
          RESOURCE_EXHAUSTED,
          FAILED_PRECONDITION,
          OUT_OF_RANGE,
          UNIMPLEMENTED,
          NOT_FOUND ->
          true;
      default -> false;
    };
  }

  /** True when what was asked never left this node, so that it was not done. */
  boolean isUnsent() {
    return isUnsent;
  }

  /** True when etcd has no space left, or is asked too much. */
  boolean isExhaustion() {
    return code == Status.Code.RESOURCE_EXHAUSTED;
  }

  /** True when a lease that was named is gone. */
  boolean isNotFound() {
    return code == Status.Code.NOT_FOUND;
  }
}
