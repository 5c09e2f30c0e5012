package io.flashdns.core.plugin;

import io.flashdns.core.dns.NameHash;

/**
 * What a plugin learns of the worker that its hooks will run on.
 *
 * @param index number of the worker, from 0, or {@link #DESCRIBE}
 * @param hash the hash that all names, zones and the catalog of this process share
 */
public record WorkerContext(int index, NameHash hash) {
  /** The index when hooks are asked for only to show the pipeline. */
  public static final int DESCRIBE = -1;
}
