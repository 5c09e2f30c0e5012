/**
 * The life of a query on the host's side: {@link io.flashdns.core.engine.Engine} holds the catalog
 * and the pipeline, {@link io.flashdns.core.engine.Worker} answers one message after the other.
 * Plugins do not see this package.
 *
 * <p>No sockets and no Netty: a transport copies a message into the worker's array, calls {@link
 * io.flashdns.core.engine.Worker#onPacket} and sends what stands in the worker's reply array.
 */
@NullMarked
package io.flashdns.core.engine;

import org.jspecify.annotations.NullMarked;
