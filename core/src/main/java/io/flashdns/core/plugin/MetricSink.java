package io.flashdns.core.plugin;

/**
 * Takes the samples of a {@link MetricSource}. Implemented by the host alone.
 *
 * <p>Samples of one name have the same help and label names.
 */
public interface MetricSink {
  /**
   * A value that only rises.
   *
   * @param labels names and values in turn: {@code "zone", "example.com."}
   */
  void counter(String name, String help, long value, String... labels);

  /**
   * A value that goes up and down.
   *
   * @param labels names and values in turn
   */
  void gauge(String name, String help, double value, String... labels);
}
