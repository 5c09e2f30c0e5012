package io.flashdns.management.message;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.PreconditionFailure;
import com.google.rpc.ResourceInfo;
import com.google.rpc.Status;
import io.flashdns.proto.v1.Permission;

/**
 * A call is refused: what its caller gets instead of an answer. Thrown anywhere in a call, also in
 * the middle of a transaction, which then does nothing.
 */
public final class CallException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The domain of {@link ErrorInfo}. */
  public static final String DOMAIN = "flashdns";

  private final transient Status status;

  private CallException(Status status) {
    super(status.getMessage(), null, false, false);
    this.status = status;
  }

  /** What is told. */
  public Status status() {
    return status;
  }

  /** Any code with any details. */
  public static CallException of(Code code, String message, Message... details) {
    Status.Builder status = Status.newBuilder().setCode(code.getNumber()).setMessage(message);
    for (Message detail : details) {
      status.addDetails(Any.pack(detail));
    }
    return new CallException(status.build());
  }

  /** A field is wrong. */
  public static CallException invalid(String field, String message) {
    return of(
        Code.INVALID_ARGUMENT,
        field + ": " + message,
        BadRequest.newBuilder()
            .addFieldViolations(
                BadRequest.FieldViolation.newBuilder().setField(field).setDescription(message))
            .build());
  }

  /**
   * There is no such thing, or none that the caller may see: the two are told alike.
   *
   * @param kind of the thing in lower case: {@code zone}
   * @param name as the caller named it
   */
  public static CallException notFound(String kind, String name) {
    return of(
        Code.NOT_FOUND,
        "there is no " + kind + " " + name + ", or you may not see it",
        ResourceInfo.newBuilder().setResourceType(kind).setResourceName(name).build());
  }

  /** There is such a thing already. */
  public static CallException alreadyExists(String kind, String name, String message) {
    return of(
        Code.ALREADY_EXISTS,
        message,
        ResourceInfo.newBuilder().setResourceType(kind).setResourceName(name).build());
  }

  /** The etag does not hold. */
  public static CallException aborted(String kind, String name) {
    return of(
        Code.ABORTED,
        kind
            + " "
            + name
            + " was changed by somebody else meanwhile: read it again and decide anew",
        ResourceInfo.newBuilder().setResourceType(kind).setResourceName(name).build());
  }

  /**
   * A rule stands against it.
   *
   * @param reason names the rule for programs, in capitals: {@code READ_ONLY}
   */
  public static CallException precondition(String reason, String subject, String message) {
    return of(
        Code.FAILED_PRECONDITION,
        message,
        reason(reason),
        PreconditionFailure.newBuilder()
            .addViolations(
                PreconditionFailure.Violation.newBuilder()
                    .setType(reason)
                    .setSubject(subject)
                    .setDescription(message))
            .build());
  }

  /**
   * The thing may be seen, but not this be done to it.
   *
   * @param permission that is missing
   */
  public static CallException denied(Permission permission) {
    return of(
        Code.PERMISSION_DENIED,
        "this takes "
            + permission.name()
            + ", which you do not have here: ask who administers it for a role that has it",
        ErrorInfo.newBuilder()
            .setDomain(DOMAIN)
            .setReason("PERMISSION_MISSING")
            .putMetadata("permission", permission.name())
            .build());
  }

  /** The reason of an error, for programs. */
  public static ErrorInfo reason(String reason) {
    return ErrorInfo.newBuilder().setDomain(DOMAIN).setReason(reason).build();
  }
}
