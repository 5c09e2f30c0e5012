package io.flashdns.management.etcd;

import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** etcd did not do what it was asked; the message is for people. */
final class EtcdFault extends Exception {
  private static final long serialVersionUID = 1L;
  private static final String NO_SPACE = "space exceeded";

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
    if (status.getCode() == Status.Code.RESOURCE_EXHAUSTED && text.contains(NO_SPACE)) {
      return "it has no space left ("
          + text
          + "): have it compacted and defragmented, or raise its quota, and then 'etcdctl alarm"
          + " disarm'";
    }
    if (status.getCode() == Status.Code.INVALID_ARGUMENT && text.contains("user name is empty")) {
      return "it asks for a user: give etcd.user and etcd.password-file";
    }
    if (status.getCode() == Status.Code.INTERNAL && text.contains("http2 exception")) {
      return "what answers there is no etcd, or speaks TLS and etcd.tls does not say so: name its"
          + " port for clients";
    }
    return switch (status.getCode()) {
      case DEADLINE_EXCEEDED -> "it did not answer in time";
      case UNAVAILABLE -> unavailable(text, status.getCause());
      case PERMISSION_DENIED ->
          "its user may not read and write the prefix: grant that (" + text + ")";
      case UNAUTHENTICATED ->
          "it does not take the user and password"
              + (text.isEmpty() ? "" : " (" + text + ")")
              + ": correct them, or see that it asks for any";
      default -> status.getCode() + " " + text;
    };
  }

  private static String unavailable(String text, @Nullable Throwable thrown) {
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      switch (t) {
        case SSLException e -> {
          return "TLS with it does not come about ("
              + e.getMessage()
              + "): see that etcd.tls names the authorities that signed its certificate, and a"
              + " certificate and key that it takes";
        }
        case UnknownHostException _ -> {
          return "the name of its host is not known: correct it, or name its address";
        }
        default -> {}
      }
    }
    String first = text.lines().findFirst().orElse("");
    return switch (first) {
      case "", "io exception" -> "it cannot be reached";
      case "Network closed for unknown reason" ->
          "it closes the connection: see whether it speaks TLS, or asks for a certificate, and"
              + " etcd.tls does not say so";
      case "Connection closed while performing TLS negotiation" ->
          "it closes the connection: see whether it speaks TLS at all, and takes the certificate of"
              + " etcd.tls";
      default -> first;
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

  /** True when etcd answers and takes no change, until somebody does something about it. */
  boolean isStanding() {
    return code == Status.Code.PERMISSION_DENIED
        || (isExhaustion() && String.valueOf(getMessage()).contains(NO_SPACE));
  }

  /** True when a lease that was named is gone. */
  boolean isNotFound() {
    return code == Status.Code.NOT_FOUND;
  }
}
