package io.flashdns.management.message;

import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import com.google.rpc.Code;
import com.google.rpc.PreconditionFailure;
import com.google.rpc.ResourceInfo;
import com.google.rpc.RetryInfo;
import io.flashdns.core.store.Refusal;
import io.flashdns.core.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** What a store has not done, as its caller is told. */
public final class StoreProblems {
  private static final Duration RETRY_AFTER = Duration.newBuilder().setSeconds(1).build();

  private StoreProblems() {}

  /** As {@link #of(StoreException, IntFunction)} where a request has no list of changes. */
  public static CallException of(StoreException e) {
    return of(e, _ -> "");
  }

  /**
   * What is told.
   *
   * @param pathOfChange the path in the request of the change with an index in its change set
   */
  public static CallException of(StoreException e, IntFunction<String> pathOfChange) {
    String message = String.valueOf(e.getMessage());
    return switch (e) {
      case StoreException.Refused refused -> refused(refused, pathOfChange);
      case StoreException.Compacted compacted ->
          CallException.of(
              Code.OUT_OF_RANGE,
              message,
              CallException.reason("COMPACTED").toBuilder()
                  .putMetadata("oldest_revision", Long.toString(compacted.compactedRevision() + 1))
                  .build());
      case StoreException.Unavailable unavailable ->
          CallException.of(
              Code.UNAVAILABLE,
              message,
              CallException.reason(
                  unavailable.outcomeIsUnknown() ? "OUTCOME_UNKNOWN" : "UNAVAILABLE"),
              RetryInfo.newBuilder().setRetryDelay(RETRY_AFTER).build());
      case StoreException.Damaged _ ->
          CallException.of(Code.DATA_LOSS, message, CallException.reason("DAMAGED"));
    };
  }

  /** The kind of the first refusal decides, as no status says more than one. */
  private static CallException refused(
      StoreException.Refused refused, IntFunction<String> pathOfChange) {
    Refusal.Kind kind = refused.refusals().getFirst().kind();
    List<Refusal> alike =
        refused.refusals().stream().filter(refusal -> refusal.kind() == kind).toList();
    String message = String.valueOf(refused.getMessage());
    return switch (kind) {
      case INVALID -> {
        Violations violations = new Violations();
        for (Refusal refusal : alike) {
          violations.add(pathOfChange.apply(refusal.change()), refusal.message());
        }
        yield thrown(violations);
      }
      case CONFLICT -> CallException.of(Code.ABORTED, message, resources(alike, pathOfChange));
      case NOT_FOUND -> CallException.of(Code.NOT_FOUND, message, resources(alike, pathOfChange));
      case EXISTS -> CallException.of(Code.ALREADY_EXISTS, message, resources(alike, pathOfChange));
      case GUARD, READ_ONLY, DECIDED -> precondition(kind.name(), message, alike, pathOfChange);
    };
  }

  private static CallException thrown(Violations violations) {
    try {
      violations.throwIfAny();
    } catch (CallException e) {
      return e;
    }
    throw new AssertionError("there is a refusal at least");
  }

  private static Message[] resources(List<Refusal> refusals, IntFunction<String> pathOfChange) {
    List<Message> details = new ArrayList<>();
    for (Refusal refusal : refusals.subList(0, Math.min(refusals.size(), Violations.MAX_TOLD))) {
      details.add(
          ResourceInfo.newBuilder()
              .setResourceName(pathOfChange.apply(refusal.change()))
              .setDescription(refusal.message())
              .build());
    }
    return details.toArray(Message[]::new);
  }

  private static CallException precondition(
      String reason, String message, List<Refusal> refusals, IntFunction<String> pathOfChange) {
    PreconditionFailure.Builder failure = PreconditionFailure.newBuilder();
    for (Refusal refusal : refusals.subList(0, Math.min(refusals.size(), Violations.MAX_TOLD))) {
      failure.addViolations(
          PreconditionFailure.Violation.newBuilder()
              .setType(reason)
              .setSubject(pathOfChange.apply(refusal.change()))
              .setDescription(refusal.message()));
    }
    return CallException.of(
        Code.FAILED_PRECONDITION, message, CallException.reason(reason), failure.build());
  }
}
