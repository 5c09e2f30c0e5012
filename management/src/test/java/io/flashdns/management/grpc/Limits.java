package io.flashdns.management.grpc;

import java.time.Duration;

/** Limits of which one is another than usual, and no rate of writes. */
final class Limits {
  private Limits() {}

  private static ApiLimits of(
      int calls,
      int connections,
      int perIdentity,
      int callsPerIdentity,
      Duration handshake,
      Duration deadline,
      Duration watch,
      int writes) {
    ApiLimits usual = ApiLimits.defaults();
    return new ApiLimits(
        usual.maxMessageBytes(),
        usual.maxHeaderBytes(),
        calls,
        connections,
        perIdentity,
        callsPerIdentity,
        handshake,
        usual.idleTimeout(),
        usual.maxAge(),
        usual.ageGrace(),
        usual.minPingInterval(),
        usual.maxResets(),
        usual.resetWindow(),
        deadline,
        usual.streamDeadline(),
        watch,
        writes);
  }

  private static final Duration HANDSHAKE = Duration.ofSeconds(5);
  private static final Duration DEADLINE = Duration.ofSeconds(10);
  private static final Duration WATCH = Duration.ofMinutes(30);

  static ApiLimits deadline(Duration deadline) {
    return of(100, 200, 20, 200, HANDSHAKE, deadline, WATCH, 0);
  }

  static ApiLimits watchDeadline(Duration watch) {
    return of(100, 200, 20, 200, HANDSHAKE, DEADLINE, watch, 0);
  }

  static ApiLimits writesPerSecond(int writes) {
    return of(100, 200, 20, 200, HANDSHAKE, DEADLINE, WATCH, writes);
  }

  static ApiLimits callsPerIdentity(int calls) {
    return of(100, 200, 20, calls, HANDSHAKE, DEADLINE, WATCH, 0);
  }

  static ApiLimits callsPerConnection(int calls) {
    return of(calls, 200, 20, 200, HANDSHAKE, DEADLINE, WATCH, 0);
  }

  static ApiLimits connections(int all, int perIdentity) {
    return of(100, all, perIdentity, 200, HANDSHAKE, DEADLINE, WATCH, 0);
  }

  static ApiLimits handshake(Duration handshake) {
    return of(100, 200, 20, 200, handshake, DEADLINE, WATCH, 0);
  }
}
