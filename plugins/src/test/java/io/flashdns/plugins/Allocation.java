package io.flashdns.plugins;

import io.flashdns.core.embedded.EmbeddedServer;

/** What a query in steady state allocates. */
public final class Allocation {
  private static final int ROUNDS = 5_000;
  private static final int SERIES = 5;

  private Allocation() {}

  /**
   * Octets that {@value #ROUNDS} exchanges of a message allocate: the least of several series. What
   * the runtime allocates once, for a class it loads or code it compiles anew, falls into one of
   * them; what a query allocates falls into all.
   */
  public static long steadyBytes(EmbeddedServer server, byte[] message) {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < SERIES && least > 0; i++) {
      least = Math.min(least, server.allocatedBytes(message, ROUNDS));
    }
    return least;
  }
}
