package io.flashdns.core.plugin;

/**
 * Makes a plugin from its configuration. Found by {@link java.util.ServiceLoader}; started only
 * when the configuration names it.
 *
 * @param <C> a record whose components are the configuration keys, in kebab case; its compact
 *     constructor refuses bad values with an {@link IllegalArgumentException} whose message is
 *     shown to the operator. A static method {@code defaults()} of the record gives the value of
 *     each absent key.
 */
public interface PluginFactory<C extends Record> {
  /** Version of this SPI: a plugin that was built against another one is refused at start. */
  int SPI_VERSION = 1;

  /** Name in the configuration: lower-case letters, digits and hyphens. */
  String name();

  /**
   * The SPI version that the plugin was built against: return {@link #SPI_VERSION}, the compiler
   * writes its value in.
   */
  int spiVersion();

  /** The configuration record's class. */
  Class<C> configType();

  /**
   * Makes the plugin: checks the configuration and registers counters, but opens nothing yet
   * ({@link Plugin#start} does). Called at start, before each change of the pipeline, and by {@code
   * flashdns check}, on a thread that may block.
   *
   * @throws RuntimeException when the plugin cannot work with this configuration; the start stops,
   *     the message is shown
   */
  Plugin create(C config, PluginContext context);

  /**
   * What happens while the breaker has taken the plugin out after repeated faults.
   *
   * @return true: every query is REFUSED, for what guards must not be left away; false: the server
   *     goes on without the plugin
   */
  default boolean failsClosed() {
    return false;
  }
}
