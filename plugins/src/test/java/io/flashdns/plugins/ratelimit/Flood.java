package io.flashdns.plugins.ratelimit;

import io.flashdns.core.dns.Wire;
import io.flashdns.core.embedded.EmbeddedServer;
import java.time.Duration;

/** Asks a server at an even rate from addresses in turn, and counts what comes back. */
final class Flood {
  /** Where the next message comes from. */
  @FunctionalInterface
  interface Source {
    void set(EmbeddedServer server, int index);
  }

  private static final Duration STEP = Duration.ofMillis(1);
  private static final int STEPS = 1_000;

  private final EmbeddedServer server;
  private final byte[] message;
  private final Source source;
  private final int perSecond;
  private int asked;
  private int due;

  int full;
  int truncated;
  int dropped;
  long octetsIn;
  long octetsOut;

  /** Octets out for each octet in, in the worst whole second since the last {@link #reset}. */
  double worstRatio;

  Flood(EmbeddedServer server, byte[] message, Source source, int perSecond) {
    this.server = server;
    this.message = message;
    this.source = source;
    this.perSecond = perSecond;
  }

  /** From one IPv4 address. */
  static Source from(int address) {
    return (server, _) -> server.from(address, 5_353);
  }

  /** From {@code count} IPv4 addresses in turn. */
  static Source from(int address, int count) {
    return (server, index) -> server.from(address + index % count, 5_353);
  }

  /** Forgets what was counted. */
  Flood reset() {
    full = 0;
    truncated = 0;
    dropped = 0;
    octetsIn = 0;
    octetsOut = 0;
    worstRatio = 0;
    return this;
  }

  Flood runSeconds(int seconds) {
    for (int i = 0; i < seconds; i++) {
      long in = octetsIn;
      long out = octetsOut;
      for (int step = 0; step < STEPS; step++) {
        step();
        server.advance(STEP);
      }
      worstRatio = Math.max(worstRatio, (double) (octetsOut - out) / (octetsIn - in));
    }
    return this;
  }

  /** Sends what is due in a millisecond; the clock is moved by who calls. */
  void step() {
    for (due += perSecond; due >= STEPS; due -= STEPS) {
      ask();
    }
  }

  /** Sends so many at once. */
  Flood burst(int count) {
    for (int i = 0; i < count; i++) {
      ask();
    }
    return this;
  }

  private void ask() {
    source.set(server, asked++);
    int length = server.exchange(message, message.length);
    octetsIn += message.length;
    octetsOut += length;
    if (length == 0) {
      dropped++;
    } else if ((Wire.u16(server.reply(), Wire.FLAGS) & Wire.TC) != 0) {
      truncated++;
    } else {
      full++;
    }
  }

  int asked() {
    return full + truncated + dropped;
  }
}
