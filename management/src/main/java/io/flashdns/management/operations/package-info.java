/**
 * What is told to those who run the server: metrics, and whether it lives and is ready. HTTP on
 * loopback.
 *
 * <p>{@code OperationsServer} answers; {@code Exposition} writes metrics in the formats of
 * Prometheus; {@code ProcessMetrics} says what the JVM is doing; {@link
 * io.flashdns.management.operations.Health} is told by the server how it does and judges that.
 *
 * <p>Nothing here is on the way of a query: the counters are there anyway, and are summed when
 * somebody asks. One scrape is made at a time, so that any number of clients takes no more than one
 * processor from the workers.
 *
 * <p>The package knows the engine, and neither the transport nor the configuration file: what it
 * says of those it is given.
 */
@NullMarked
package io.flashdns.management.operations;

import org.jspecify.annotations.NullMarked;
