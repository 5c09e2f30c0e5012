/**
 * A whole server without sockets, for tests and benchmarks of plugins: bytes in, bytes out.
 *
 * <p>{@link io.flashdns.core.embedded.EmbeddedServer} is the same engine that serves packets, with
 * zones given as text. It tells what a query allocated, so that a plugin author can assert that it
 * is nothing.
 */
@NullMarked
package io.flashdns.core.embedded;

import org.jspecify.annotations.NullMarked;
