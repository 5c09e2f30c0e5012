/**
 * {@code flashdns bench}: what is measured from the command line. {@link io.flashdns.bench.Bench}
 * is the program, {@link io.flashdns.bench.Origin} says where numbers come from.
 */
@NullMarked
package io.flashdns.bench;

import org.jspecify.annotations.NullMarked;
