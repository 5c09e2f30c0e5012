package io.flashdns.core.plugin;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.Views;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a plugin learns of the process that it runs in. Implemented by the engine alone.
 *
 * <p>Safe for all threads; may be kept as long as the plugin lives.
 */
public interface PluginContext {
  /** The plugin's name in the configuration. */
  String name();

  /** The hash that all names, zones and the catalog of this process share. */
  NameHash hash();

  /** Where the plugin says what it counts. */
  Metrics metrics();

  /**
   * The folder of the server's own files, mode 0700; a plugin's files there begin with its name.
   * Null when the host has none, as in most tests.
   */
  @Nullable Path dataFolder();

  /** The addresses of the configuration's listeners; the index is {@link Query#listener}. */
  List<InetSocketAddress> listeners();

  /** Names and numbers of the views of this process. */
  Views views();

  /** The zones that are served now. */
  Catalog catalog();

  /** Seconds since 1970-01-01 UTC: the wall clock that {@link Query#epochSeconds} follows. */
  long epochSeconds();

  /**
   * The wall clock at a moment by {@link Query#receivedNanos}, exact to a millisecond or so.
   *
   * @param nanos a moment of the last seconds
   * @return nanoseconds since 1970-01-01 UTC
   */
  long epochNanos(long nanos);
}
