package io.flashdns.management.identity;

import io.flashdns.proto.v1.IdentityGrant;
import java.time.Instant;
import java.util.List;

/**
 * An API token that is on record. Immutable.
 *
 * @param id which, as in {@code token:ID}; not secret
 * @param displayName for people; may be empty
 * @param grant all that it may do
 * @param sourceNetworks networks that it may be used from, {@code 192.0.2.0/24} or {@code
 *     2001:db8::/32}; empty: any. One that cannot be read lets nobody in
 * @param expires when it ends
 */
public record KnownToken(
    String id,
    String displayName,
    IdentityGrant grant,
    List<String> sourceNetworks,
    Instant expires) {
  public KnownToken {
    sourceNetworks = List.copyOf(sourceNetworks);
  }
}
