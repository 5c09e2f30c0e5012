package io.flashdns.management.identity;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.nimbusds.jose.util.Base64URL;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Recognises signed tokens (JWT, RFC 7519) of the issuers that are configured, by the rules of RFC
 * 8725: the issuer's configuration says which algorithm, type and key may be, never the token. What
 * a header says of keys ({@code jku}, {@code jwk}, {@code x5u}, {@code x5c}) is not read. Safe for
 * all threads; blocks while keys are fetched, see {@link IssuerKeys}.
 *
 * <p>A token that was verified is remembered by its digest for a minute, or until it ends.
 */
final class IssuerTokens implements AutoCloseable {
  private static final int MAX_TOKENS = 10_000;
  private static final Duration REMEMBERED = Duration.ofSeconds(60);
  private static final Duration SKEW = Duration.ofSeconds(30);
  private static final int MAX_KEY_ID = 256;
  private static final int MAX_ISSUER_TOLD = 200;
  private static final int JWS_PARTS = 3;
  private static final int JWE_PARTS = 5;

  /** 9999-12-31: what ends later never ends. */
  private static final double MAX_SECONDS = 253_402_300_799.0;

  /** What only ID tokens and logout tokens have (OpenID Connect Core 1.0 §3.3.2.11). */
  private static final List<String> OTHER_CLAIMS = List.of("at_hash", "c_hash", "s_hash", "events");

  /** What some issuers say in a claim {@code typ} of tokens that are no access tokens. */
  private static final Set<String> OTHER_TYPES = Set.of("id", "refresh", "offline", "logout");

  private final Map<String, Issuer> issuers = new HashMap<>();
  private final InstantSource clock;
  private final Refusals refusals;
  private final Cache<ByteBuffer, Verified> verified =
      Caffeine.newBuilder().maximumSize(MAX_TOKENS).expireAfterWrite(REMEMBERED).build();

  /** An issuer: what was configured, its keys, its claims. */
  private record Issuer(IssuerConfig config, IssuerKeys keys, ClaimMapping mapping) {}

  /** Whose token it is, and until when that needs no other look. */
  private record Verified(Principal principal, Instant until) {}

  /**
   * Tokens of these issuers.
   *
   * @throws IOException when the authorities of one cannot be read
   * @throws IllegalArgumentException when one is configured twice
   */
  IssuerTokens(List<IssuerConfig> configs, InstantSource clock, Refusals refusals)
      throws IOException {
    this.clock = clock;
    this.refusals = refusals;
    for (IssuerConfig config : configs) {
      if (issuers.containsKey(config.issuer())) {
        close();
        throw new IllegalArgumentException(
            "issuers names " + config.issuer() + " twice: put both into one");
      }
      IssuerKeys keys = new IssuerKeys(config.issuer(), new KeyFetch(config), clock);
      issuers.put(config.issuer(), new Issuer(config, keys, new ClaimMapping(config)));
    }
  }

  /** Has the keys of all issuers fetched, without waiting for them. */
  void warmUp() {
    issuers.values().forEach(issuer -> issuer.keys.warmUp());
  }

  /** Keys of an issuer that is configured. */
  @Nullable IssuerKeys keys(String issuer) {
    Issuer known = issuers.get(issuer);
    return known == null ? null : known.keys;
  }

  /** The issuers that are configured. */
  Set<String> issuers() {
    return Set.copyOf(issuers.keySet());
  }

  @Override
  public void close() {
    issuers.values().forEach(issuer -> issuer.keys.close());
  }

  /**
   * Whose token it is.
   *
   * @param token at most 8 KiB
   */
  Principal authenticate(String token) throws UnauthenticatedException {
    ByteBuffer digest = ByteBuffer.wrap(TokenSecrets.hash(token));
    Instant now = clock.instant();
    Verified known = verified.getIfPresent(digest);
    if (known != null && now.isBefore(known.until)) {
      return known.principal;
    }
    Principal principal = verify(token, now);
    Instant until = now.plus(REMEMBERED);
    Instant end = principal.expires() == null ? until : principal.expires();
    verified.put(digest, new Verified(principal, end.isBefore(until) ? end : until));
    return principal;
  }

  private Principal verify(String token, Instant now) throws UnauthenticatedException {
    String[] parts = token.split("\\.", JWE_PARTS + 1);
    if (parts.length == JWE_PARTS) {
      throw refusals.refuse(
          Refusal.ENCRYPTED, "the token is encrypted: only signed ones are taken here");
    }
    if (parts.length != JWS_PARTS) {
      throw malformed("it does not have three parts");
    }
    for (String part : parts) {
      if (!isBase64Url(part)) {
        throw malformed("its parts are not base64url without padding");
      }
    }
    Map<String, @Nullable Object> header = object(parts[0], "header");
    Map<String, @Nullable Object> claims = object(parts[1], "payload");
    if (header.containsKey("enc")) {
      throw refusals.refuse(
          Refusal.ENCRYPTED, "the token is encrypted: only signed ones are taken here");
    }
    if (header.containsKey("crit")) {
      throw malformed("its header has critical parameters, of which none is known here");
    }
    Issuer issuer = issuer(claims.get("iss"));
    IssuerKey key = key(issuer, header);
    byte[] signed = (parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII);
    if (!key.signed(signed, new Base64URL(parts[2]))) {
      throw refusals.refuse(
          Refusal.SIGNATURE, "the signature of the token is not right: get a new one");
    }
    return accept(issuer, claims, now);
  }

  private Issuer issuer(@Nullable Object name) throws UnauthenticatedException {
    Issuer issuer = name instanceof String text ? issuers.get(text) : null;
    if (issuer != null) {
      return issuer;
    }
    boolean told =
        name instanceof String text
            && text.length() <= MAX_ISSUER_TOLD
            && text.chars().allMatch(c -> c > ' ' && c < 0x7f);
    throw refusals.refuse(
        Refusal.UNKNOWN_ISSUER,
        told
            ? "no issuer " + name + " is configured here: get a token of one that is"
            : "the token names no issuer that is configured here: get one of one that is");
  }

  private IssuerKey key(Issuer issuer, Map<String, @Nullable Object> header)
      throws UnauthenticatedException {
    TokenRules rules = issuer.config.tokens();
    TokenAlgorithm algorithm = null;
    for (TokenAlgorithm allowed : rules.algorithms()) {
      if (allowed.header().equals(header.get("alg"))) {
        algorithm = allowed;
      }
    }
    if (algorithm == null) {
      throw refusals.refuse(
          Refusal.ALGORITHM,
          "the token is not signed by an algorithm that is allowed for its issuer here");
    }
    if (!isTaken(rules.types(), header)) {
      throw refusals.refuse(
          Refusal.TYPE,
          "tokens of this type are not taken here: send an access token, not an ID token");
    }
    Object id = header.get("kid");
    if (header.containsKey("kid")
        && !(id instanceof String text && !text.isEmpty() && text.length() <= MAX_KEY_ID)) {
      throw malformed("its key id is no text of 1 to " + MAX_KEY_ID + " characters");
    }
    IssuerKey key;
    try {
      key = issuer.keys.find((String) id, algorithm);
    } catch (IssuerKeys.UnavailableException _) {
      throw refusals.refuse(
          Refusal.KEYS_UNAVAILABLE,
          "the keys of issuer "
              + issuer.config.issuer()
              + " cannot be had at the moment: try again in some seconds");
    }
    if (key == null) {
      throw refusals.refuse(
          Refusal.UNKNOWN_KEY,
          "the token is signed by a key that its issuer does not have: get a new one");
    }
    return key;
  }

  private static boolean isTaken(List<String> types, Map<String, @Nullable Object> header) {
    Object type = header.containsKey("typ") ? header.get("typ") : TokenRules.NO_TYPE;
    if (!(type instanceof String text)
        || (header.containsKey("typ") && text.equalsIgnoreCase(TokenRules.NO_TYPE))) {
      return false;
    }
    // RFC 7515 §4.1.9: a type without a slash is a subtype of application.
    String prefix = "application/";
    String name =
        text.regionMatches(true, 0, prefix, 0, prefix.length())
            ? text.substring(prefix.length())
            : text;
    return types.stream().anyMatch(name::equalsIgnoreCase);
  }

  private Principal accept(Issuer issuer, Map<String, @Nullable Object> claims, Instant now)
      throws UnauthenticatedException {
    for (String claim : OTHER_CLAIMS) {
      if (claims.containsKey(claim)) {
        throw refusals.refuse(
            Refusal.TYPE, "this is not an access token: send that, not an ID token");
      }
    }
    if (claims.get("typ") instanceof String type
        && OTHER_TYPES.contains(type.toLowerCase(Locale.ROOT))) {
      throw refusals.refuse(
          Refusal.TYPE, "this is not an access token: send that, not an ID or refresh token");
    }
    if (claims.containsKey("cnf")) {
      throw refusals.refuse(
          Refusal.TYPE,
          "the token is bound to a key of its client (cnf), which is not supported: get a bearer"
              + " token");
    }
    if (!isFor(claims.get("aud"), issuer.config.audiences())) {
      throw refusals.refuse(
          Refusal.AUDIENCE,
          "the token is not for this audience: get one whose aud is this service");
    }
    List<String> parties = issuer.config.tokens().authorizedParties();
    if (!parties.isEmpty()
        && !(claims.get("azp") instanceof String party && parties.contains(party))) {
      throw refusals.refuse(
          Refusal.PARTY, "the token was not issued to a client (azp) that is allowed here");
    }
    Instant expires = expires(claims, issuer.config.tokens().maxLifetime(), now);
    if (claims.get("sub") instanceof String subject && ClaimMapping.isName(subject)) {
      return issuer.mapping.principal(claims, subject, expires);
    }
    throw refusals.refuse(
        Refusal.CLAIMS, "the token does not say who it is of: its sub must be a text");
  }

  private Instant expires(Map<String, @Nullable Object> claims, Duration maxLifetime, Instant now)
      throws UnauthenticatedException {
    Instant issued = time(claims, "iat");
    Instant expires = time(claims, "exp");
    if (expires.isBefore(issued)) {
      throw refusals.refuse(Refusal.CLAIMS, "the token ends before it was issued: get a new one");
    }
    if (!now.isBefore(expires.plus(SKEW))) {
      throw refusals.refuse(Refusal.EXPIRED, "the token has expired: get a new one");
    }
    Instant from = claims.containsKey("nbf") ? time(claims, "nbf") : issued;
    if (now.plus(SKEW).isBefore(from) || now.plus(SKEW).isBefore(issued)) {
      throw refusals.refuse(
          Refusal.NOT_YET, "the token does not hold yet: compare the clocks, or wait");
    }
    if (Duration.between(issued, expires).compareTo(maxLifetime) > 0) {
      throw refusals.refuse(
          Refusal.LIFETIME,
          "the token lives longer than "
              + maxLifetime.toMinutes()
              + " min, which is not allowed: have its issuer make shorter ones");
    }
    return expires;
  }

  private Instant time(Map<String, @Nullable Object> claims, String claim)
      throws UnauthenticatedException {
    if (claims.get(claim) instanceof Double seconds && seconds >= 0 && seconds <= MAX_SECONDS) {
      return Instant.ofEpochSecond(seconds.longValue());
    }
    throw refusals.refuse(
        Refusal.CLAIMS, "the token has no " + claim + " that is a number of seconds since 1970");
  }

  private static boolean isFor(@Nullable Object audience, List<String> audiences) {
    return switch (audience) {
      case String one -> audiences.contains(one);
      case List<?> many ->
          many.stream().allMatch(String.class::isInstance)
              && many.stream().anyMatch(audiences::contains);
      case null, default -> false;
    };
  }

  private Map<String, @Nullable Object> object(String part, String what)
      throws UnauthenticatedException {
    try {
      return StrictJson.object(Base64.getUrlDecoder().decode(part));
    } catch (IOException | IllegalArgumentException _) {
      throw malformed("its " + what + " is no JSON object with each name once, or is too deep");
    }
  }

  private UnauthenticatedException malformed(String how) {
    return refusals.refuse(
        Refusal.MALFORMED, "this is no token (JWT) that can be read: " + how + "; get a new one");
  }

  private static boolean isBase64Url(String part) {
    for (int i = 0; i < part.length(); i++) {
      char c = part.charAt(i);
      boolean fine =
          (c >= 'A' && c <= 'Z')
              || (c >= 'a' && c <= 'z')
              || (c >= '0' && c <= '9')
              || c == '-'
              || c == '_';
      if (!fine) {
        return false;
      }
    }
    return true;
  }
}
