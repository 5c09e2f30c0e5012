package io.flashdns.core.engine;

import org.jspecify.annotations.Nullable;

/**
 * How a plugin does.
 *
 * @param faults of its hooks since it was made
 * @param blocked how often a hook of it was seen to block its worker
 * @param out true while its breaker has taken it out
 * @param failsClosed true when queries are REFUSED meanwhile
 * @param lastFault what its hooks threw last; null when they never did
 */
public record PluginStatus(
    String name,
    long faults,
    long blocked,
    boolean out,
    boolean failsClosed,
    @Nullable Throwable lastFault) {}
