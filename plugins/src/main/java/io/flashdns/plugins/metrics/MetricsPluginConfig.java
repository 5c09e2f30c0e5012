package io.flashdns.plugins.metrics;

/**
 * Configuration of the metrics plugin.
 *
 * @param sampleEvery of how many queries one is timed and counted for its zone, on average; 1 to
 *     1,000,000, and 0 for none: then there are neither times nor zones
 * @param zones how many zones, the busiest ones, have a counter of their own; 0 to 1,000
 */
public record MetricsPluginConfig(int sampleEvery, int zones) {
  private static final int MAX_SAMPLE_EVERY = 1_000_000;
  private static final int MAX_ZONES = 1_000;

  /** Refuses values out of bounds. */
  public MetricsPluginConfig {
    if (sampleEvery < 0 || sampleEvery > MAX_SAMPLE_EVERY) {
      throw new IllegalArgumentException(
          "sampleEvery must be 0 to " + MAX_SAMPLE_EVERY + ", not " + sampleEvery);
    }
    if (zones < 0 || zones > MAX_ZONES) {
      throw new IllegalArgumentException("zones must be 0 to " + MAX_ZONES + ", not " + zones);
    }
  }

  /** One query in 64, 50 zones. */
  public static MetricsPluginConfig defaults() {
    return new MetricsPluginConfig(64, 50);
  }

  /** True when zones are counted. */
  boolean hasZones() {
    return sampleEvery > 0 && zones > 0;
  }
}
