package io.flashdns.management.identity;

import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;

/**
 * Recognises callers by all that is configured: tokens of issuers, API tokens, client certificates.
 * Every door asks this one. Safe for all threads; may block, see {@link Authenticator}.
 *
 * <p>A header {@code authorization} decides alone when there is one: a caller who shows a token
 * that is not valid is refused, whatever its certificate says. There must be one header with one
 * bearer token (RFC 6750 §2.1), for of two, two readers may each choose another.
 *
 * <p>What is wrong is told in one sentence, as far as the caller knows it anyway. Nothing of a
 * token is told but its issuer. Refused calls are counted, not logged.
 */
public final class Authenticators implements Authenticator, AutoCloseable {
  private static final int MAX_HEADER = 8 * 1_024;
  private static final String SCHEME = "Bearer ";

  private final Refusals refusals = new Refusals();
  private final IssuerTokens issuers;
  private final ApiTokens tokens;
  private final ClientCertificates certificates;

  /**
   * All three.
   *
   * @param configs issuers; may be none
   * @param lookup where API tokens are
   * @throws IOException when a file that the configuration names cannot be read
   * @throws IllegalArgumentException when an issuer is configured twice
   */
  public Authenticators(List<IssuerConfig> configs, TokenLookup lookup, InstantSource clock)
      throws IOException {
    this.issuers = new IssuerTokens(configs, clock, refusals);
    this.tokens = new ApiTokens(lookup, clock, refusals);
    this.certificates = new ClientCertificates(clock, refusals);
  }

  /**
   * Reads the files that the configuration of issuers names, and asks nobody.
   *
   * @throws IOException when one cannot be read; names the issuer, the file and a remedy
   */
  public static void check(List<IssuerConfig> configs) throws IOException {
    for (IssuerConfig config : configs) {
      if (config.authorities().isPresent()) {
        try {
          var _ = PemFiles.certificates(config.authorities().get());
        } catch (IOException e) {
          throw new IOException("the authorities of " + config.issuer() + ": " + e.getMessage(), e);
        }
      }
    }
  }

  @Override
  public Principal authenticate(Credentials credentials) throws UnauthenticatedException {
    List<String> headers = credentials.authorization();
    if (headers.size() > 1) {
      throw refusals.refuse(
          Refusal.BAD_HEADER, "there are several headers 'authorization': send one");
    }
    if (headers.size() == 1) {
      String token = bearer(headers.getFirst());
      return token.startsWith(TokenSecrets.PREFIX)
          ? tokens.authenticate(token, credentials.source())
          : issuers.authenticate(token);
    }
    if (!credentials.certificates().isEmpty()) {
      return certificates.authenticate(credentials.certificates());
    }
    throw refusals.refuse(
        Refusal.NO_CREDENTIALS,
        "no credentials came with the call: send a header 'authorization: Bearer TOKEN', or connect"
            + " with a client certificate");
  }

  /** Callers that were not recognised. */
  public Refusals refusals() {
    return refusals;
  }

  /** The issuers that are configured. */
  public Set<String> issuers() {
    return issuers.issuers();
  }

  /** Fetches of an issuer's keys since the start; 0 for one that is not configured. */
  public long keyFetches(String issuer) {
    IssuerKeys keys = issuers.keys(issuer);
    return keys == null ? 0 : keys.fetches();
  }

  /** Those of them that brought nothing; 0 for an issuer that is not configured. */
  public long keyFetchFailures(String issuer) {
    IssuerKeys keys = issuers.keys(issuer);
    return keys == null ? 0 : keys.failures();
  }

  /** Has the keys of all issuers fetched, so that no caller waits for them. Returns at once. */
  public void warmUp() {
    issuers.warmUp();
  }

  /** Ends fetches that are under way; from now on tokens of issuers may be refused. */
  @Override
  public void close() {
    issuers.close();
  }

  private String bearer(String header) throws UnauthenticatedException {
    if (header.length() > MAX_HEADER) {
      throw refusals.refuse(
          Refusal.BAD_HEADER,
          "the header 'authorization' has more than 8 KiB: have a token made with fewer claims");
    }
    if (!header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      throw refusals.refuse(
          Refusal.BAD_HEADER, "the header 'authorization' must be of the form 'Bearer TOKEN'");
    }
    for (int i = SCHEME.length(); i < header.length(); i++) {
      char c = header.charAt(i);
      if (c <= ' ' || c >= 0x7f || c == ',' || c == '"') {
        throw refusals.refuse(
            Refusal.BAD_HEADER,
            "the header 'authorization' must have one token after 'Bearer', without blanks and"
                + " commas");
      }
    }
    if (header.length() == SCHEME.length()) {
      throw refusals.refuse(Refusal.BAD_HEADER, "there is no token after 'Bearer': send one");
    }
    return header.substring(SCHEME.length());
  }
}
