package io.flashdns.management.identity;

import io.flashdns.proto.v1.AuthenticationMethod;
import io.flashdns.proto.v1.IdentityGrant;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who calls, as verified credentials say. Immutable.
 *
 * @param name in the form of {@code Policy.principal}: {@code oidc:ISSUER#SUBJECT}, {@code
 *     mtls:SAN}, {@code token:ID}
 * @param method how it was recognised
 * @param displayName what it is called where it comes from; may be empty
 * @param groups its groups, in the form {@code group:ISSUER#GROUP}; policies may name them
 * @param grants what the credentials themselves say that it may do: claims of a token that are
 *     mapped to tenants and roles, or scope, role and rules of an API token. Policies may add to
 *     them, except for API tokens
 * @param expires when the credentials end; null when that is not known
 */
public record Principal(
    String name,
    AuthenticationMethod method,
    String displayName,
    List<String> groups,
    List<IdentityGrant> grants,
    @Nullable Instant expires) {
  public Principal {
    groups = List.copyOf(groups);
    grants = List.copyOf(grants);
  }
}
