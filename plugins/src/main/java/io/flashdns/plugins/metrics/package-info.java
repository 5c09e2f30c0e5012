/**
 * The metrics plugin: counts queries by protocol, address family, type and zone, and how long they
 * take. It takes part in the observe phase and changes nothing; see this folder's README.md.
 *
 * <p>{@code QueryObserver} runs on the workers and does the least that can be done there: one
 * counter for each query, and for one in so many a look at the clock and a note of the zone's
 * number. {@code BusiestZones} makes of these notes which zones are worth a series of their own, on
 * the thread that calls {@link io.flashdns.core.plugin.Plugin#tick}.
 */
@NullMarked
package io.flashdns.plugins.metrics;

import org.jspecify.annotations.NullMarked;
