package io.flashdns.core.plugin;

import java.util.List;

/**
 * A label of a family of counters and the closed set of its values.
 *
 * @param name lower-case letters, digits and underscores, as {@code type}
 * @param values in the order of their numbers
 */
public record Label(String name, List<String> values) {
  /** Refuses names that no monitoring system takes. */
  public Label {
    Metrics.requireName(name);
    values = List.copyOf(values);
    if (values.isEmpty()) {
      throw new IllegalArgumentException("the label " + name + " has no values");
    }
  }

  /** A label of these values. */
  public static Label of(String name, String... values) {
    return new Label(name, List.of(values));
  }
}
