package io.flashdns.plugins.ratelimit;

import io.flashdns.core.plugin.Network;
import java.util.List;
import java.util.Optional;

/**
 * Configuration of the ratelimit plugin. Wider prefixes have multiples of what is said here for one
 * address: see {@link Prefix}.
 *
 * @param rate answers a second that one address gets for long, 0 to {@value #MAX_RATE}; 0 turns the
 *     plugin off; 50
 * @param burst answers that an address gets at once after silence, 2 to {@value #MAX_BURST}, and at
 *     least a twentieth of the rate; absent: two and a half times the rate
 * @param nxdomainRate the rate of replies with NXDOMAIN, which have a budget of their own; 0: they
 *     are not limited; absent: as {@code rate}
 * @param errorRate the rate of replies with any other error, which have a budget of their own; 0:
 *     they are not limited; absent: as {@code rate}
 * @param slip 1: each reply that is held back goes out empty and truncated; n: each n-th, the
 *     others are dropped; 0: all are dropped; 0 to {@value #MAX_SLIP}; 1
 * @param whitelist who is never limited; 127.0.0.0/8 and ::1
 * @param tableBytes octets of the table of counters, 64 KiB to 1 GiB, rounded up to a power of two;
 *     8 MiB
 * @param dryRun true: what would be limited is counted and answered all the same; false
 */
public record RateLimitPluginConfig(
    int rate,
    Optional<Integer> burst,
    Optional<Integer> nxdomainRate,
    Optional<Integer> errorRate,
    int slip,
    List<Network> whitelist,
    long tableBytes,
    boolean dryRun) {
  /** Highest rate: above it the counters of the widest prefixes would be inexact. */
  public static final int MAX_RATE = 5_000;

  /** Largest burst, for the same reason. */
  public static final int MAX_BURST = 12_500;

  /** Largest slip. */
  public static final int MAX_SLIP = 100;

  private static final long MIN_TABLE_BYTES = 64L << 10;
  private static final long MAX_TABLE_BYTES = 1L << 30;
  private static final int BURSTS_PER_SECOND = 20;

  /** Refuses what the counters cannot keep exactly. */
  public RateLimitPluginConfig {
    whitelist = List.copyOf(whitelist);
    requireRate("rate", rate);
    nxdomainRate.ifPresent(value -> requireRate("nxdomainRate", value));
    errorRate.ifPresent(value -> requireRate("errorRate", value));
    if (slip < 0 || slip > MAX_SLIP) {
      throw new IllegalArgumentException("slip must be 0 to " + MAX_SLIP + ", not " + slip);
    }
    if (tableBytes < MIN_TABLE_BYTES || tableBytes > MAX_TABLE_BYTES) {
      throw new IllegalArgumentException("tableBytes must be 64KiB to 1GiB, not " + tableBytes);
    }
    int whole = burst.orElse(usualBurst(rate));
    if (burst.isPresent() && (whole < 2 || whole > MAX_BURST)) {
      throw new IllegalArgumentException("burst must be 2 to " + MAX_BURST + ", not " + whole);
    }
    if (whole * BURSTS_PER_SECOND < rate) {
      throw new IllegalArgumentException(
          "burst must be at least a twentieth of the rate, "
              + Math.ceilDiv(rate, BURSTS_PER_SECOND)
              + ", not "
              + whole);
    }
    if (rate > 0) {
      requireProportion("nxdomainRate", nxdomainRate, rate, whole);
      requireProportion("errorRate", errorRate, rate, whole);
    }
  }

  /** What is taken when nothing is said: Knot's figures, loopback is free. */
  public static RateLimitPluginConfig defaults() {
    return new RateLimitPluginConfig(
        50,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        1,
        List.of(Network.parse("127.0.0.0/8"), Network.parse("::1")),
        8L << 20,
        false);
  }

  /** The burst that is meant, in answers. */
  int wholeBurst() {
    return burst.orElse(usualBurst(rate));
  }

  /** The rate of a category, in replies a second; 0 for no limit. */
  int rate(Category category) {
    return switch (category) {
      case ANSWER -> rate;
      case NXDOMAIN -> nxdomainRate.orElse(rate);
      case ERROR -> errorRate.orElse(rate);
    };
  }

  private static int usualBurst(int rate) {
    return Math.max(2, Math.ceilDiv(rate * 5, 2));
  }

  private static void requireRate(String component, int value) {
    if (value < 0 || value > MAX_RATE) {
      throw new IllegalArgumentException(
          component + " must be 0 to " + MAX_RATE + ", not " + value);
    }
  }

  /** The burst of a category is in proportion to its rate, and has bounds too. */
  private static void requireProportion(
      String component, Optional<Integer> own, int rate, int burst) {
    int value = own.orElse(rate);
    long least = Math.ceilDiv(2L * rate, burst);
    long most = (long) MAX_BURST * rate / burst;
    if (value != 0 && (value < least || value > most)) {
      throw new IllegalArgumentException(
          component
              + " must be 0 or "
              + least
              + " to "
              + most
              + " with this rate and burst, not "
              + value);
    }
  }
}
