package io.flashdns.management.grpc;

import io.grpc.HandlerRegistry;
import io.grpc.ServerMethodDefinition;
import org.jspecify.annotations.Nullable;

/** Counts calls by gRPC of what is not served: the library refuses them before any interceptor. */
final class UnknownMethods extends HandlerRegistry {
  private final CallCounts calls;

  UnknownMethods(CallCounts calls) {
    this.calls = calls;
  }

  @Override
  public @Nullable ServerMethodDefinition<?, ?> lookupMethod(
      String methodName, @Nullable String authority) {
    calls.unknown();
    return null;
  }
}
