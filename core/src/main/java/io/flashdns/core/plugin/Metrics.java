package io.flashdns.core.plugin;

import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * Where a plugin says what it counts. Implemented by the engine alone.
 *
 * <p>Registered in {@link PluginFactory#create} or {@link Plugin#start}, before the first {@link
 * Plugin#hooks}; counted by each worker in its own {@link Counts}; summed when somebody asks. A
 * counter {@code limited} of the plugin {@code ratelimit} is exported as {@code
 * flashdns_ratelimit_limited_total}.
 *
 * <p>Names have lower-case letters, digits and underscores; two of one name are refused with an
 * {@link IllegalArgumentException}, a late registration with an {@link IllegalStateException}.
 */
public interface Metrics {
  /**
   * A counter, or with labels a family of them.
   *
   * @param help one sentence without a full stop
   * @param labels each with its closed set of values
   * @return the handle for {@link Counts#increment}; in a family that of its first member, the
   *     member for the value numbers {@code i, j} being {@code handle + i * n + j} with n the
   *     number of values of the second label, and so on
   */
  int counter(String name, String help, Label... labels);

  /**
   * A histogram of times.
   *
   * @return the handle for {@link Counts#record}
   */
  int histogram(String name, String help);

  /** A counter that the plugin keeps itself; asked at each scrape, from any thread. */
  void counter(String name, String help, LongSupplier value);

  /** A value that goes up and down; asked at each scrape, from any thread. */
  void gauge(String name, String help, DoubleSupplier value);

  /** Samples whose labels are not known beforehand; asked at each scrape, from any thread. */
  void source(MetricSource source);

  /**
   * Samples that are too many for each scrape: exported under {@code /metrics/NAME} alone.
   *
   * @param name of the set, as {@code tenants}
   */
  void onDemand(String name, MetricSource source);

  /**
   * Returns a name, or throws an {@link IllegalArgumentException} that says what is wrong with it.
   */
  static String requireName(String name) {
    boolean good = !name.isEmpty() && name.length() <= 63 && name.charAt(0) >= 'a';
    for (int i = 0; i < name.length() && good; i++) {
      char c = name.charAt(i);
      good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    }
    if (!good) {
      throw new IllegalArgumentException(
          "'" + name + "' is no name of a metric: lower-case letters, digits and underscores");
    }
    return name;
  }
}
