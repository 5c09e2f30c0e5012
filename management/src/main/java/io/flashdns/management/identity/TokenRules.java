package io.flashdns.management.identity;

import java.time.Duration;
import java.util.List;

/**
 * Which tokens of an issuer are taken, beyond those with a right signature.
 *
 * @param algorithms how they may be signed: rs256, es256, eddsa; at least one
 * @param types values of the header {@code typ} that are taken, case does not count; {@code at+jwt}
 *     alone keeps ID tokens out for certain (RFC 9068); {@code none} takes tokens without the
 *     header too, as Kubernetes makes them
 * @param authorizedParties when there are any, the claim {@code azp} must be one of them
 * @param maxLifetime longest time from {@code iat} to {@code exp}; 1 min to 24 h
 */
public record TokenRules(
    List<TokenAlgorithm> algorithms,
    List<String> types,
    List<String> authorizedParties,
    Duration maxLifetime) {
  /** The type of a token without one, in the configuration. */
  static final String NO_TYPE = "none";

  private static final Duration MIN_LIFETIME = Duration.ofMinutes(1);
  private static final Duration MAX_LIFETIME = Duration.ofHours(24);

  /** Refuses rules that no token can keep, and those that are none. */
  public TokenRules {
    algorithms = List.copyOf(algorithms);
    types = List.copyOf(types);
    authorizedParties = List.copyOf(authorizedParties);
    if (algorithms.isEmpty()) {
      throw new IllegalArgumentException(
          "algorithms must name at least one: write [rs256, es256], or what the issuer signs with");
    }
    if (types.isEmpty() || types.stream().anyMatch(String::isBlank)) {
      throw new IllegalArgumentException(
          "types must name at least one, none of them empty: write [at+jwt, JWT]");
    }
    if (authorizedParties.stream().anyMatch(String::isBlank)) {
      throw new IllegalArgumentException(
          "authorizedParties must not have an empty one: write client ids, or remove the key");
    }
    if (maxLifetime.compareTo(MIN_LIFETIME) < 0 || maxLifetime.compareTo(MAX_LIFETIME) > 0) {
      throw new IllegalArgumentException(
          "maxLifetime must be 1min to 24h, not " + maxLifetime.toSeconds() + "s");
    }
  }

  /** RS256 and ES256; access tokens and plain JWTs; an hour. */
  public static TokenRules defaults() {
    return new TokenRules(
        List.of(TokenAlgorithm.RS256, TokenAlgorithm.ES256),
        List.of("at+jwt", "JWT"),
        List.of(),
        Duration.ofHours(1));
  }
}
