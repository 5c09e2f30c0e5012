package io.flashdns.management.identity;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An OpenID Connect issuer whose tokens are taken.
 *
 * @param issuer the claim {@code iss} of its tokens, to the letter: an https URL; http is taken for
 *     loopback alone
 * @param audiences the claim {@code aud} must have one of them; at least one
 * @param jwks where its keys are, an https URL; absent, its metadata says that, at {@code
 *     /.well-known/openid-configuration} below the issuer
 * @param authorities PEM file with the authorities of its https certificate; absent, those that the
 *     JDK knows
 * @param tokens which of its tokens are taken
 * @param claims which claims say what its callers may do
 * @param roles which values of the roles claim give which role in the tenant that the token names
 * @param platformRoles which of them give a role in the whole platform
 */
public record IssuerConfig(
    String issuer,
    List<String> audiences,
    Optional<String> jwks,
    Optional<Path> authorities,
    TokenRules tokens,
    ClaimNames claims,
    RoleNames roles,
    PlatformRoles platformRoles) {
  private static final int MAX_URL = 512;

  /** Refuses URLs that anybody on the way could answer for, and tokens that are for everybody. */
  public IssuerConfig {
    audiences = List.copyOf(audiences);
    check("issuer", issuer);
    if (URI.create(issuer).getRawQuery() != null) {
      throw new IllegalArgumentException(
          "issuer must have no query, and '" + issuer + "' has: write what the claim iss says");
    }
    if (audiences.isEmpty() || audiences.stream().anyMatch(String::isBlank)) {
      throw new IllegalArgumentException(
          "audiences must name at least one, none of them empty: without, tokens for any other"
              + " service would be good here; write the claim aud of tokens for this one");
    }
    jwks.ifPresent(url -> check("jwks", url));
  }

  /** An issuer with all defaults. */
  public static IssuerConfig of(String issuer, String... audiences) {
    return new IssuerConfig(
        issuer,
        List.of(audiences),
        Optional.empty(),
        Optional.empty(),
        TokenRules.defaults(),
        ClaimNames.defaults(),
        RoleNames.defaults(),
        PlatformRoles.defaults());
  }

  /** The same with its keys at a URL. */
  public IssuerConfig withJwks(String url) {
    return new IssuerConfig(
        issuer, audiences, Optional.of(url), authorities, tokens, claims, roles, platformRoles);
  }

  /** The same, its https certificate by the authorities of a PEM file. */
  public IssuerConfig withAuthorities(Path file) {
    return new IssuerConfig(
        issuer, audiences, jwks, Optional.of(file), tokens, claims, roles, platformRoles);
  }

  /** The same with other rules for tokens. */
  public IssuerConfig withTokens(TokenRules rules) {
    return new IssuerConfig(
        issuer, audiences, jwks, authorities, rules, claims, roles, platformRoles);
  }

  /** The same with other claims, and with values of them that give roles. */
  public IssuerConfig withClaims(ClaimNames names, RoleNames inTenants, PlatformRoles inPlatform) {
    return new IssuerConfig(
        issuer, audiences, jwks, authorities, tokens, names, inTenants, inPlatform);
  }

  private static void check(String key, String url) {
    URI uri = safe(url);
    if (uri == null) {
      throw new IllegalArgumentException(
          key
              + " must be an https URL of at most "
              + MAX_URL
              + " characters without user and fragment, not '"
              + url
              + "': write https://login.example.org/; http is taken for loopback alone");
    }
  }

  /** The URL, when keys may be fetched from there; else null. */
  static @Nullable URI safe(String url) {
    if (url.length() > MAX_URL) {
      return null;
    }
    try {
      URI uri = new URI(url);
      String host = uri.getHost();
      boolean allowed =
          host != null
              && uri.getRawUserInfo() == null
              && uri.getRawFragment() == null
              && ("https".equals(uri.getScheme())
                  || ("http".equals(uri.getScheme()) && isLoopback(host)));
      return allowed ? uri : null;
    } catch (URISyntaxException _) {
      return null;
    }
  }

  /** By what is written: nothing asks a resolver. */
  static boolean isLoopback(String host) {
    return host.equals("localhost") || host.equals("[::1]") || host.matches("127(\\.\\d{1,3}){3}");
  }
}
