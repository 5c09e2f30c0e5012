package io.flashdns.core.plugin;

import java.util.List;

/**
 * A configured plugin, one for the process. It hands each worker hooks of its own.
 *
 * <p>Guarantees: {@link #hooks} is called once for each worker, before that worker's first packet,
 * never at the same time for two workers; {@link #close} is called once, after the last hook has
 * returned. To show the pipeline the host calls {@link #hooks} with {@link WorkerContext#DESCRIBE}
 * as the index; those hooks get no packets.
 */
@FunctionalInterface
public interface Plugin extends AutoCloseable {
  /**
   * The hooks for one worker, in the order in which they take part within a phase. May be empty,
   * never null.
   */
  List<? extends Hook> hooks(WorkerContext worker);

  /** Gives back what the plugin holds. */
  @Override
  default void close() {}
}
