package io.flashdns.management.identity;

import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Credentials that nobody may take: what a stranger, a thief of a token or a user of another
 * service can send. Each differs in one thing from what is good, so that it is refused for that
 * alone.
 *
 * <p>They are for a server that takes tokens of two issuers: one with RSA, and one with elliptic
 * curves whose tokens must be access tokens for one client, see {@link #configs()}. They may be
 * sent through any door.
 */
public final class ForgedTokens {
  /** The audience that the server must have. */
  public static final String AUDIENCE = "flashdns";

  /** The party that the second issuer's tokens must be for. */
  static final String PARTY = "console";

  private final RealIssuer rsa;
  private final RealIssuer ec;
  private final Instant now;
  private final List<Forged> forged = new ArrayList<>();

  /**
   * One case.
   *
   * @param name says what is wrong; unique
   * @param authorization the values of the header {@code authorization}
   * @param expected for which reason it must be refused
   */
  public record Forged(String name, List<String> authorization, Refusal expected) {
    @Override
    public String toString() {
      return name;
    }
  }

  /** Forges for two issuers that run, at this time. */
  public ForgedTokens(RealIssuer rsa, RealIssuer ec, Instant now) throws GeneralSecurityException {
    this.rsa = rsa;
    this.ec = ec;
    this.now = now;
    new ForgedAlgorithms(this).forge();
    new ForgedKeys(this).forge();
    new ForgedClaims(this).forge();
    new ForgedForms(this).forge();
  }

  /** The configuration of the server. */
  public List<IssuerConfig> configs() {
    return configs(rsa, ec);
  }

  static List<IssuerConfig> configs(RealIssuer rsa, RealIssuer ec) {
    return List.of(
        IssuerConfig.of(rsa.url(), AUDIENCE),
        IssuerConfig.of(ec.url(), AUDIENCE)
            .withTokens(
                new TokenRules(
                    List.of(TokenAlgorithm.ES256),
                    List.of("at+jwt"),
                    List.of(PARTY),
                    java.time.Duration.ofHours(1))));
  }

  /** All. */
  public List<Forged> all() {
    return List.copyOf(forged);
  }

  /**
   * What all of them are made of: these the server must take, or refusing the others says nothing.
   */
  public List<String> honest() {
    return List.of(
        "Bearer " + rsa.sign(header().json(), claims().json()),
        "Bearer " + ec.sign(ecHeader().json(), ecClaims().json()));
  }

  RealIssuer rsa() {
    return rsa;
  }

  RealIssuer ec() {
    return ec;
  }

  Instant now() {
    return now;
  }

  Members header() {
    return rsa.header();
  }

  Members claims() {
    return rsa.claims(AUDIENCE, now);
  }

  Members ecHeader() {
    return ec.header().with("typ", "\"at+jwt\"");
  }

  Members ecClaims() {
    return ec.claims(AUDIENCE, now).with("azp", Members.quoted(PARTY));
  }

  /** Adds a token. */
  void token(String name, Refusal expected, String token) {
    values(name, expected, "Bearer " + token);
  }

  /** Adds a token that the first issuer has signed. */
  void signed(String name, Refusal expected, Members header, Members claims) {
    token(name, expected, rsa.sign(header.json(), claims.json()));
  }

  /** Adds a token that the second issuer has signed. */
  void ecSigned(String name, Refusal expected, Members header, Members claims) {
    token(name, expected, ec.sign(header.json(), claims.json()));
  }

  /** Adds headers. */
  void values(String name, Refusal expected, String... values) {
    if (forged.stream().anyMatch(f -> f.name.equals(name))) {
      throw new IllegalStateException("two cases are named " + name);
    }
    forged.add(new Forged(name, List.of(values), expected));
  }
}
