package io.flashdns.management.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** What a refused call is told. */
final class Told {
  private Told() {}

  /** The refusal of an action that must be refused. */
  static CallException by(ThrowingCallable action, Code code) {
    CallException refused = catchThrowableOfType(CallException.class, action);
    assertThat(refused).as("refused").isNotNull();
    assertThat(refused.status().getCode()).isEqualTo(code.getNumber());
    assertThat(refused.status().getMessage()).hasSizeBetween(10, 2_000);
    return refused;
  }

  /** A detail that it must have. */
  static <T extends Message> T detail(CallException refused, Class<T> kind) {
    for (Any detail : refused.status().getDetailsList()) {
      if (detail.is(kind)) {
        try {
          return detail.unpack(kind);
        } catch (InvalidProtocolBufferException e) {
          throw new AssertionError(e);
        }
      }
    }
    throw new AssertionError("no " + kind.getSimpleName() + " in " + refused.status());
  }

  /** The paths of the fields that are wrong. */
  static List<String> paths(Violations violations) {
    if (violations.isEmpty()) {
      return List.of();
    }
    CallException refused = by(violations::throwIfAny, Code.INVALID_ARGUMENT);
    return detail(refused, BadRequest.class).getFieldViolationsList().stream()
        .map(BadRequest.FieldViolation::getField)
        .toList();
  }
}
