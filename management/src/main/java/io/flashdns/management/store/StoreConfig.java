package io.flashdns.management.store;

import java.time.Duration;

/**
 * How the embedded store keeps what it keeps.
 *
 * @param historyMaxBytes octets that the kept events may take; the oldest go first; 1 MiB to 1 PiB
 * @param historyMaxAge how long events are kept; 1 h to 100 years
 * @param journalMaxAge how long entries of the journal are kept; 1 day to 100 years
 * @param minFreeBytes when the file system has less, no changes are taken; 0 to 1 TiB
 */
public record StoreConfig(
    long historyMaxBytes, Duration historyMaxAge, Duration journalMaxAge, long minFreeBytes) {
  private static final long MIB = 1 << 20;

  public StoreConfig {
    if (historyMaxBytes < MIB || historyMaxBytes > 1L << 50) {
      throw new IllegalArgumentException("historyMaxBytes must be 1MiB to 1PiB");
    }
    if (historyMaxAge.compareTo(Duration.ofHours(1)) < 0
        || historyMaxAge.compareTo(Duration.ofDays(36_500)) > 0) {
      throw new IllegalArgumentException("historyMaxAge must be 1h to 36500d");
    }
    if (journalMaxAge.compareTo(Duration.ofDays(1)) < 0
        || journalMaxAge.compareTo(Duration.ofDays(36_500)) > 0) {
      throw new IllegalArgumentException("journalMaxAge must be 1d to 36500d");
    }
    if (minFreeBytes < 0 || minFreeBytes > 1L << 40) {
      throw new IllegalArgumentException("minFreeBytes must be 0 to 1TiB");
    }
  }

  /** A gibibyte of history, ninety days, 400 days of journal, and 256 MiB of free space. */
  public static StoreConfig defaults() {
    return new StoreConfig(1L << 30, Duration.ofDays(90), Duration.ofDays(400), 256 * MIB);
  }
}
