package io.flashdns.management.message;

import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.QuotaFailure;
import java.util.ArrayList;
import java.util.List;

/**
 * Gathers what is wrong with a request, so that its sender learns all of it at once. One thread.
 */
public final class Violations {
  /** Most violations that are told. */
  public static final int MAX_TOLD = 1_000;

  private final List<BadRequest.FieldViolation> told = new ArrayList<>();
  private final List<QuotaFailure.Violation> exhausted = new ArrayList<>();
  private int count;

  /**
   * Notes a field that is wrong.
   *
   * @param path of the field in the request: {@code record.data[2].mx.preference}
   * @param message one sentence with the remedy
   */
  public void add(String path, String message) {
    count++;
    if (told.size() < MAX_TOLD) {
      told.add(
          BadRequest.FieldViolation.newBuilder().setField(path).setDescription(message).build());
    }
  }

  /**
   * Notes that something is beyond a bound that a quota sets; told when no field is wrong.
   *
   * @param subject the path of what is too large
   */
  public void exhausted(String subject, String message) {
    if (exhausted.size() < MAX_TOLD) {
      exhausted.add(
          QuotaFailure.Violation.newBuilder().setSubject(subject).setDescription(message).build());
    }
  }

  /** True when nothing is wrong. */
  public boolean isEmpty() {
    return count == 0 && exhausted.isEmpty();
  }

  /** How many fields are wrong, those that are not told included. */
  public int count() {
    return count;
  }

  /**
   * Ends the call when anything is wrong.
   *
   * @throws CallException INVALID_ARGUMENT with the fields, or RESOURCE_EXHAUSTED
   */
  public void throwIfAny() {
    if (count > 0) {
      BadRequest.FieldViolation first = told.getFirst();
      throw CallException.of(
          Code.INVALID_ARGUMENT,
          sentence(first.getField(), first.getDescription(), count),
          BadRequest.newBuilder().addAllFieldViolations(told).build());
    }
    if (!exhausted.isEmpty()) {
      QuotaFailure.Violation first = exhausted.getFirst();
      throw CallException.of(
          Code.RESOURCE_EXHAUSTED,
          sentence(first.getSubject(), first.getDescription(), exhausted.size()),
          CallException.reason("QUOTA"),
          QuotaFailure.newBuilder().addAllViolations(exhausted).build());
    }
  }

  private static String sentence(String path, String message, int count) {
    String sentence = path.isEmpty() ? message : path + ": " + message;
    return count == 1 ? sentence : sentence + " (and " + (count - 1) + " more)";
  }
}
