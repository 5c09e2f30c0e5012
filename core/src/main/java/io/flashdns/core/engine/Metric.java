package io.flashdns.core.engine;

import java.util.List;

/**
 * A metric with its samples at one moment.
 *
 * @param name without the suffix {@code _total} of counters and {@code _seconds} of histograms
 * @param help one sentence
 * @param labelNames the same for all samples
 */
public record Metric(
    String name, String help, Kind kind, List<String> labelNames, List<Sample> samples) {
  /** What a value may do. */
  public enum Kind {
    /** Only rises. */
    COUNTER,
    /** Goes up and down. */
    GAUGE,
    /** Counts of times in buckets, by {@link io.flashdns.core.plugin.Counts#FIRST_BOUND_NANOS}. */
    HISTOGRAM
  }

  /**
   * One value.
   *
   * @param labelValues in the order of the label names
   * @param value of a counter or gauge; the sum in nanoseconds of a histogram
   * @param buckets of a histogram, not cumulative; empty for others
   */
  public record Sample(List<String> labelValues, double value, List<Long> buckets) {}
}
