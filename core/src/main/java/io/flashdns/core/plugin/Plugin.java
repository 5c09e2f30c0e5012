package io.flashdns.core.plugin;

import io.flashdns.core.zone.Catalog;
import java.util.List;

/**
 * A configured plugin, one for the process. It hands each worker hooks of its own.
 *
 * <p>Its life: {@link PluginFactory#create}, {@link #start}, {@link #hooks} for each worker, {@link
 * #close}. Guarantees:
 *
 * <ol>
 *   <li>None of these methods is called on a worker's thread, nor two of them at the same time.
 *   <li>{@link #hooks} is called once for each worker, before its first packet.
 *   <li>{@link #close} is called once, after the last hook has returned; also when {@link #start}
 *       threw.
 *   <li>When the configuration is read again and neither the plugin's configuration nor its jar has
 *       changed, the plugin and its hooks go on as they are.
 *   <li>To show the pipeline ({@code flashdns check}) the host calls {@link #hooks} with {@link
 *       WorkerContext#DESCRIBE} as the index, maybe without {@link #start}; those hooks get no
 *       packets.
 * </ol>
 */
@FunctionalInterface
public interface Plugin extends AutoCloseable {
  /**
   * The hooks for one worker, in the order in which they take part within a phase. May be empty,
   * never null.
   */
  List<? extends Hook> hooks(WorkerContext worker);

  /**
   * Opens what the plugin needs while it serves: files, sockets, threads. May block for a moment.
   *
   * @throws RuntimeException when it cannot; the start, or the change of the configuration, stops
   *     and the message is shown
   */
  default void start() {}

  /**
   * Tells of a change of the zones, in the order of the changes, after it became visible. May take
   * its time: the next change waits for it, queries do not.
   */
  default void catalogChanged(Catalog before, Catalog after) {}

  /**
   * Called about ten times a second while the plugin serves, for what is to be done from time to
   * time. Must return within some milliseconds.
   *
   * @param nowNanos {@link System#nanoTime}
   */
  default void tick(long nowNanos) {}

  /** Gives back what the plugin holds. */
  @Override
  default void close() {}
}
