package io.flashdns.management.operations;

import io.flashdns.core.engine.Metric;
import java.util.List;

/** Metrics of one sample without labels, which most outside of the engine are. */
public final class Samples {
  private Samples() {}

  /** A value that goes up and down. */
  public static Metric gauge(String name, String help, double value) {
    return single(name, help, Metric.Kind.GAUGE, value);
  }

  /**
   * A value that only rises.
   *
   * @param name without {@code _total}
   */
  public static Metric counter(String name, String help, double value) {
    return single(name, help, Metric.Kind.COUNTER, value);
  }

  private static Metric single(String name, String help, Metric.Kind kind, double value) {
    return new Metric(
        name, help, kind, List.of(), List.of(new Metric.Sample(List.of(), value, List.of())));
  }
}
