package io.flashdns.management.client;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.QuotaFailure;
import com.google.rpc.RetryInfo;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/** What a failed call means for who typed the command: a sentence, its remedy, an exit status. */
final class Failures {
  private static final Pattern INDEX = Pattern.compile("\\[(\\d+)]");

  private Failures() {}

  /** Carries a sentence through code that may not throw it. */
  static final class Carrier extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Carrier(ClientException cause) {
      super(cause);
    }
  }

  /** Whether the failure is one that trying again does not mend. */
  static boolean isUnreachable(StatusRuntimeException e) {
    for (Throwable t = e.getCause(); t != null; t = t.getCause()) {
      if (t instanceof ConnectException
          || t instanceof UnknownHostException
          || t instanceof SSLException) {
        return true;
      }
    }
    return false;
  }

  /** Whether nothing of this name is there. */
  static boolean isNotFound(StatusRuntimeException e) {
    return e.getStatus().getCode() == Status.Code.NOT_FOUND;
  }

  /** Whether somebody else was faster. */
  static boolean isAborted(RuntimeException e) {
    return e instanceof StatusRuntimeException status
        && status.getStatus().getCode() == Status.Code.ABORTED;
  }

  /**
   * Whether a stream that broke off may be taken up again.
   *
   * @param wasConnected whether it ever told anything
   */
  static boolean isResumable(RuntimeException e, boolean wasConnected) {
    return e instanceof StatusRuntimeException status
        && status.getStatus().getCode() == Status.Code.UNAVAILABLE
        && (wasConnected || !isUnreachable(status));
  }

  /**
   * Translates.
   *
   * @param server for the sentence
   * @param argumentOf what a field of the request is called on the command line; empty: not known
   */
  static ClientException translate(Exception e, String server, UnaryOperator<String> argumentOf) {
    return switch (e) {
      case Carrier carrier when carrier.getCause() instanceof ClientException told -> told;
      case StatusRuntimeException failed ->
          translate(failed.getStatus(), failed, server, argumentOf);
      case StatusException failed -> translate(failed.getStatus(), failed, server, argumentOf);
      default -> ClientException.failed("failed by a fault of its own: " + e);
    };
  }

  private static ClientException translate(
      Status status, Throwable thrown, String server, UnaryOperator<String> argumentOf) {
    com.google.rpc.Status told = StatusProto.fromThrowable(thrown);
    List<String> details = new ArrayList<>();
    String reason = told == null ? "" : details(told, details, argumentOf);
    String said = status.getDescription() == null ? "" : status.getDescription();
    return switch (status.getCode()) {
      case INVALID_ARGUMENT ->
          new ClientException(
              ExitStatus.USAGE,
              details.isEmpty() ? said : "the server does not take this:",
              details);
      case NOT_FOUND, OUT_OF_RANGE -> new ClientException(ExitStatus.NOT_FOUND, said, details);
      case UNAUTHENTICATED ->
          new ClientException(
              ExitStatus.DENIED,
              server
                  + " does not know who you are"
                  + (said.isEmpty() ? "" : " (" + said + ")")
                  + ": log in by 'flashdns login', or name a token by --token-file or "
                  + Destination.TOKEN,
              details);
      case PERMISSION_DENIED -> new ClientException(ExitStatus.DENIED, said, details);
      case ABORTED, ALREADY_EXISTS, FAILED_PRECONDITION ->
          new ClientException(
              ExitStatus.CONFLICT,
              reason.equals("GUARD") ? said + "; --force passes the guard" : said,
              details);
      case RESOURCE_EXHAUSTED -> new ClientException(ExitStatus.FAILED, said, details);
      case UNAVAILABLE -> unavailable(status, thrown, server, said, reason, details);
      case DEADLINE_EXCEEDED ->
          new ClientException(
              ExitStatus.UNAVAILABLE,
              server + " did not answer in time; --timeout TIME waits longer",
              details);
      case UNIMPLEMENTED ->
          ClientException.failed(
              server + " does not know this call: its version is older, or it is no FlashDNS API");
      case CANCELLED -> ClientException.failed("was broken off" + clause(said));
      case OK, UNKNOWN, INTERNAL, DATA_LOSS ->
          isOfAnother(said, thrown)
              ? foreign(server)
              : new ClientException(
                  ExitStatus.FAILED,
                  said.isEmpty() ? "the server failed: " + status : said,
                  details);
    };
  }

  private static ClientException unavailable(
      Status status,
      Throwable thrown,
      String server,
      String said,
      String reason,
      List<String> details) {
    for (Throwable t = thrown.getCause(); t != null; t = t.getCause()) {
      switch (t) {
        case UnknownHostException _ -> {
          return away(server, "there is no such host; --server or a context names another");
        }
        case SSLException tls -> {
          if (isOfAnother(said, thrown)) {
            return foreign(server); // the message has all octets of the answer
          }
          return away(
              server,
              "TLS failed: " + tls.getMessage() + "; --ca FILE names who signs its certificate");
        }
        case ConnectException _ -> {
          return away(
              server, "connection refused; is the server running? --server names another one");
        }
        default -> {}
      }
    }
    if (reason.equals("OUTCOME_UNKNOWN")) {
      return new ClientException(
          ExitStatus.UNAVAILABLE,
          said + "; the change may have been made: look before asking again",
          details);
    }
    Throwable cause = status.getCause();
    if (isOfAnother(said, thrown)) {
      return foreign(server);
    }
    return cause instanceof IOException
        ? away(server, String.valueOf(cause.getMessage()))
        : new ClientException(ExitStatus.UNAVAILABLE, said.isEmpty() ? server : said, details);
  }

  /** Whether what was reached does not speak gRPC: another port, or another program. */
  private static boolean isOfAnother(String said, Throwable thrown) {
    return said.startsWith("http2 exception")
        || said.startsWith("Network closed for unknown reason")
        || said.contains("First received frame was not SETTINGS")
        || (thrown.getCause() != null
            && String.valueOf(thrown.getCause().getMessage()).contains("not an SSL/TLS record"));
  }

  private static ClientException foreign(String server) {
    return away(
        server,
        "what listens there does not speak as the API does: give its port for gRPC, "
            + Endpoint.DEFAULT_PORT
            + " unless it was changed, with https:// where it has TLS");
  }

  private static ClientException away(String server, String why) {
    return new ClientException(ExitStatus.UNAVAILABLE, "cannot reach " + server + ": " + why);
  }

  private static String clause(String text) {
    return text.isEmpty() ? "" : ": " + text;
  }

  /** Adds lines, and returns the reason for programs. */
  private static String details(
      com.google.rpc.Status told, List<String> lines, UnaryOperator<String> argumentOf) {
    String reason = "";
    Set<String> unique = new LinkedHashSet<>();
    try {
      for (Any detail : told.getDetailsList()) {
        if (detail.is(BadRequest.class)) {
          for (BadRequest.FieldViolation violation :
              detail.unpack(BadRequest.class).getFieldViolationsList()) {
            unique.add(
                argument(violation.getField(), argumentOf) + ": " + violation.getDescription());
          }
        } else if (detail.is(QuotaFailure.class)) {
          for (QuotaFailure.Violation violation :
              detail.unpack(QuotaFailure.class).getViolationsList()) {
            unique.add(violation.getSubject() + ": " + violation.getDescription());
          }
        } else if (detail.is(RetryInfo.class)) {
          com.google.protobuf.Duration wait = detail.unpack(RetryInfo.class).getRetryDelay();
          unique.add(
              "try again in "
                  + TimeText.format(Duration.ofSeconds(wait.getSeconds(), wait.getNanos())));
        } else if (detail.is(ErrorInfo.class)) {
          reason = detail.unpack(ErrorInfo.class).getReason();
        }
      }
    } catch (InvalidProtocolBufferException _) {
      // The message says enough.
    }
    lines.addAll(unique);
    return reason;
  }

  private static String argument(String path, UnaryOperator<String> argumentOf) {
    String own = argumentOf.apply(path);
    if (!own.isEmpty()) {
      return own;
    }
    String plain = INDEX.matcher(path).replaceAll("");
    String last = plain.substring(plain.lastIndexOf('.') + 1);
    return switch (last) {
      case "seconds" -> plain.endsWith("ttl.seconds") ? "--ttl" : path;
      case "ttl" -> "--ttl";
      case "labels" -> "--label";
      case "comment" -> "--comment";
      case "filter" -> "--filter";
      case "page_size", "page_token" -> path;
      case "project", "organisation" -> "--project";
      case "apex" -> "ZONE";
      case "view" -> "--view";
      case "serial_policy" -> "--serial-policy";
      case "reason" -> "--reason";
      case "request_id" -> "--request-id";
      case "etag" -> "--etag";
      case "expire_time" -> "--expires";
      case "at_revision" -> "--at";
      case "source_networks" -> "--network";
      case "max_unused" -> "--max-unused";
      case "role" -> "--role";
      default -> path.isEmpty() ? "the request" : path;
    };
  }
}
