package io.flashdns.core.plugin;

import io.flashdns.core.dns.NameHash;

/**
 * What a plugin learns of the worker that its hooks will run on. Implemented by the engine alone.
 */
public interface WorkerContext {
  /** The index when hooks are asked for only to show the pipeline. */
  int DESCRIBE = -1;

  /** Number of the worker, from 0, or {@link #DESCRIBE}. */
  int index();

  /** The hash that all names, zones and the catalog of this process share. */
  NameHash hash();

  /** This worker's slots of what the plugin registered with {@link Metrics}. */
  Counts counts();
}
