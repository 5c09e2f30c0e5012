/**
 * The API seen from outside, against what the DNS says at the same time: clients that are not ours
 * (Python with what {@code protoc} generates from the contract, curl), changes of ten thousand
 * records that nobody sees a part of, and a server that is killed in the middle of them.
 *
 * <p>Servers are processes with the flags of the distribution, or {@link
 * io.flashdns.management.server.Plane} where a test needs no process. The sources of the Python
 * client are in {@code src/test/python}. What is measured is printed.
 */
@NullMarked
package io.flashdns.management.wire;

import org.jspecify.annotations.NullMarked;
