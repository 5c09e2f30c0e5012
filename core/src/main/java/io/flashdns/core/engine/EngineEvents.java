package io.flashdns.core.engine;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Hears what an operator must know of: plugins that fail or block. Called by the thread that calls
 * {@link Engine#housekeep}, at most once for each plugin and call; never by a worker.
 */
public interface EngineEvents {
  /** Nobody listens. */
  EngineEvents NONE = new EngineEvents() {};

  /**
   * Hooks of a plugin have failed since the last call.
   *
   * @param faults how many
   * @param last what the last one threw
   */
  default void pluginFailed(String plugin, long faults, Throwable last) {}

  /**
   * The breaker has taken a plugin out.
   *
   * @param failsClosed true when all queries are REFUSED meanwhile, false when the server goes on
   *     without the plugin
   */
  default void pluginTakenOut(String plugin, boolean failsClosed, Duration outFor) {}

  /** The plugin takes part again. */
  default void pluginBack(String plugin) {}

  /**
   * A worker has been with one query for too long.
   *
   * @param plugin whose hook it is in; null when in none
   * @param stack where it is, the innermost frame first
   */
  default void workerBlocked(
      int worker, @Nullable String plugin, Duration since, List<StackTraceElement> stack) {}

  /** That worker goes on. */
  default void workerResumed(int worker, @Nullable String plugin, Duration after) {}

  /** A plugin's own periodic work has failed, or its closing. */
  default void pluginTaskFailed(String plugin, Throwable fault) {}
}
