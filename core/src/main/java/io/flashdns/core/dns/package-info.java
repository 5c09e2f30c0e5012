/**
 * The DNS vocabulary and the wire format: names, types, codes, offsets.
 *
 * <p>Nothing in this package knows zones, plugins or sockets. Octets of a name are never turned
 * into a {@code String} on the way of a query: {@link io.flashdns.core.dns.NameKey} reads a name
 * from a packet, folds its case and hashes each of its suffixes; {@link
 * io.flashdns.core.dns.DomainName} is the immutable form for everything that is not a query.
 *
 * <p>Numbers that the protocol registers (types, rcodes, opcodes, classes) are {@code int}
 * constants and not enums: every one of the 65,536 types is legal (RFC 3597), and a query must not
 * allocate to say which one it asks for.
 */
@NullMarked
package io.flashdns.core.dns;

import org.jspecify.annotations.NullMarked;
