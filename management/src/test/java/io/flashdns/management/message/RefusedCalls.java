package io.flashdns.management.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.rpc.Code;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** For tests: calls that are not to be done. */
public final class RefusedCalls {
  private RefusedCalls() {}

  /** Makes a call, and says how it was refused. */
  public static CallException refused(ThrowingCallable call, Code code) {
    CallException thrown = catchThrowableOfType(CallException.class, call);
    assertThat(thrown).isNotNull();
    assertThat(Code.forNumber(thrown.status().getCode())).as(thrown.getMessage()).isEqualTo(code);
    return thrown;
  }
}
