package io.flashdns.plugins.tenancy;

import java.time.Duration;
import java.util.List;

/**
 * Configuration of the tenancy plugin.
 *
 * @param views who sees which view; default none: everybody sees the public one alone
 * @param defaultQueriesPerSecond the budget of tenants that have none of their own, 0 to
 *     10,000,000; default 0: as many as come
 * @param burst how long a budget is saved up while it is not used, 10 ms to 1 min; default 1 s
 * @param overBudget what is done over UDP with queries above the budget; default {@code drop}
 */
public record TenancyPluginConfig(
    List<ViewRule> views, int defaultQueriesPerSecond, Duration burst, OverBudget overBudget) {
  private static final int MAX_QUERIES_PER_SECOND = 10_000_000;
  private static final Duration MIN_BURST = Duration.ofMillis(10);
  private static final Duration MAX_BURST = Duration.ofMinutes(1);
  private static final int MAX_VIEW_NAME = 200;

  /** Refuses values out of bounds. */
  public TenancyPluginConfig {
    views = List.copyOf(views);
    for (int i = 0; i < views.size(); i++) {
      String name = views.get(i).view();
      if (name.isEmpty()) {
        throw new IllegalArgumentException("views[" + i + "] names no view: give it a key 'view'");
      }
      if (name.length() > MAX_VIEW_NAME) {
        throw new IllegalArgumentException(
            "views[" + i + "] has a name of more than " + MAX_VIEW_NAME + " characters");
      }
    }
    if (defaultQueriesPerSecond < 0 || defaultQueriesPerSecond > MAX_QUERIES_PER_SECOND) {
      throw new IllegalArgumentException(
          "defaultQueriesPerSecond must be 0 to "
              + MAX_QUERIES_PER_SECOND
              + ", not "
              + defaultQueriesPerSecond);
    }
    if (burst.compareTo(MIN_BURST) < 0 || burst.compareTo(MAX_BURST) > 0) {
      throw new IllegalArgumentException(
          "burst must be 10ms to 1min, not " + burst.toMillis() + "ms");
    }
  }

  /** No views, no budgets. */
  public static TenancyPluginConfig defaults() {
    return new TenancyPluginConfig(List.of(), 0, Duration.ofSeconds(1), OverBudget.DROP);
  }
}
