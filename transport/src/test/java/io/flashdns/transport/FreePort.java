package io.flashdns.transport;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Ports that nobody uses, from below the range in which the system picks ports for clients. */
final class FreePort {
  private static final int LOWEST = 10_000;
  private static final int HIGHEST = 30_000;
  private static final int TRIES = 1_000;

  private FreePort() {}

  /** A port that was free for UDP and TCP on all addresses just now. */
  static int find() {
    for (int i = 0; i < TRIES; i++) {
      int port = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST);
      try (DatagramSocket _ = new DatagramSocket(port);
          ServerSocket _ = new ServerSocket(port)) {
        return port;
      } catch (IOException _) {
        // Taken: try another.
      }
    }
    throw new IllegalStateException("no free port");
  }
}
