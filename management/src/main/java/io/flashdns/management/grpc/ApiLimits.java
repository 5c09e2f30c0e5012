package io.flashdns.management.grpc;

import java.time.Duration;

/**
 * What a client of the API may take. Everything that a client can make grow has a bound here or is
 * a constant beside what it bounds.
 *
 * @param maxMessageBytes longest request, 64 KiB to 16 MiB; imports are streamed
 * @param maxHeaderBytes longest header of a call, 4 KiB to 64 KiB: names, values and, over HTTP/2,
 *     32 octets for each (RFC 9113 §6.5.2)
 * @param maxCallsPerConnection calls under way on one connection, 1 to 1,000
 * @param maxConnections connections to each of the two ports, 1 to 10,000; when they are used up,
 *     the longest idle one has to go
 * @param maxConnectionsPerIdentity connections to each port with calls of one identity
 * @param maxCallsPerIdentity calls of one identity under way
 * @param handshakeTimeout longest time until a new connection has begun to speak, TLS included; 100
 *     ms to 1 min
 * @param idleTimeout how long a connection may have no call, 1 s to 1 d
 * @param maxAge how long a connection may live, 1 s to 1 d
 * @param ageGrace how long calls under way may go on beyond that
 * @param minPingInterval clients that ping more often are sent away
 * @param maxResets calls that a client may break off on one connection within {@code resetWindow}
 * @param resetWindow whole seconds
 * @param deadline longest time of a call, when the client allows more, 100 ms to 10 min
 * @param streamDeadline the same for import, export and waiting for a change
 * @param watchDeadline the same for watching changes
 * @param writesPerSecond changing calls of one identity, twice as many at once; 0 for no bound
 */
public record ApiLimits(
    int maxMessageBytes,
    int maxHeaderBytes,
    int maxCallsPerConnection,
    int maxConnections,
    int maxConnectionsPerIdentity,
    int maxCallsPerIdentity,
    Duration handshakeTimeout,
    Duration idleTimeout,
    Duration maxAge,
    Duration ageGrace,
    Duration minPingInterval,
    int maxResets,
    Duration resetWindow,
    Duration deadline,
    Duration streamDeadline,
    Duration watchDeadline,
    int writesPerSecond) {
  private static final int KIB = 1 << 10;
  private static final int MIB = 1 << 20;
  private static final Duration DAY = Duration.ofDays(1);

  /** Refuses what would bound nothing, or everything. */
  public ApiLimits {
    within("maxMessageBytes", maxMessageBytes, 64 * KIB, 16 * MIB);
    within("maxHeaderBytes", maxHeaderBytes, 4 * KIB, 64 * KIB);
    within("maxCallsPerConnection", maxCallsPerConnection, 1, 1_000);
    within("maxConnections", maxConnections, 1, 10_000);
    within("maxConnectionsPerIdentity", maxConnectionsPerIdentity, 1, 10_000);
    within("maxCallsPerIdentity", maxCallsPerIdentity, 1, 10_000);
    within("handshakeTimeout", handshakeTimeout, Duration.ofMillis(100), Duration.ofMinutes(1));
    within("idleTimeout", idleTimeout, Duration.ofSeconds(1), DAY);
    within("maxAge", maxAge, Duration.ofSeconds(1), DAY);
    within("ageGrace", ageGrace, Duration.ZERO, DAY);
    within("minPingInterval", minPingInterval, Duration.ofSeconds(1), Duration.ofHours(1));
    within("maxResets", maxResets, 1, 1_000_000);
    within("resetWindow", resetWindow, Duration.ofSeconds(1), Duration.ofHours(1));
    within("deadline", deadline, Duration.ofMillis(100), Duration.ofMinutes(10));
    within("streamDeadline", streamDeadline, Duration.ofMillis(100), Duration.ofHours(1));
    within("watchDeadline", watchDeadline, Duration.ofMillis(100), DAY);
    within("writesPerSecond", writesPerSecond, 0, 1_000_000);
  }

  private static void within(String what, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          what + " must be " + least + " to " + most + ", not " + value);
    }
  }

  private static void within(String what, Duration value, Duration least, Duration most) {
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw new IllegalArgumentException(
          what + " must be " + text(least) + " to " + text(most) + ", not " + text(value));
    }
  }

  private static String text(Duration time) {
    return time.toMillis() % 1_000 == 0 ? time.toSeconds() + "s" : time.toMillis() + "ms";
  }

  /** For a server that strangers can reach. */
  public static ApiLimits defaults() {
    return new ApiLimits(
        MIB,
        8 * KIB,
        100,
        200,
        20,
        200,
        Duration.ofSeconds(5),
        Duration.ofMinutes(5),
        Duration.ofMinutes(30),
        Duration.ofSeconds(30),
        Duration.ofSeconds(30),
        200,
        Duration.ofSeconds(30),
        Duration.ofSeconds(10),
        Duration.ofMinutes(5),
        Duration.ofMinutes(30),
        50);
  }
}
