package io.flashdns.management.identity;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import no.nav.security.mock.oauth2.MockOAuth2Server;
import no.nav.security.mock.oauth2.OAuth2Config;
import no.nav.security.mock.oauth2.token.DefaultOAuth2TokenCallback;
import no.nav.security.mock.oauth2.token.KeyProvider;
import no.nav.security.mock.oauth2.token.OAuth2TokenProvider;

/**
 * An OpenID Connect issuer on loopback, which is somebody else's program: metadata, keys and tokens
 * are its own. Its key is ours, so that tests can also sign what it never would.
 */
public final class RealIssuer implements AutoCloseable {
  private final MockOAuth2Server server;
  private final String name;
  private final String algorithm;
  private final KeyPair keys;

  private RealIssuer(String name, String algorithm, KeyPair keys, JWK key) {
    this.name = name;
    this.algorithm = algorithm;
    this.keys = keys;
    KeyProvider provider = new KeyProvider(List.of(key), algorithm);
    this.server =
        new MockOAuth2Server(
            new OAuth2Config(true, null, null, false, new OAuth2TokenProvider(provider)));
    this.server.start();
  }

  /** Signs by RS256. */
  public static RealIssuer rsa(String name) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2_048);
    KeyPair keys = generator.generateKeyPair();
    JWK key =
        new RSAKey.Builder((RSAPublicKey) keys.getPublic()).privateKey(keys.getPrivate()).build();
    return new RealIssuer(name, "RS256", keys, key);
  }

  /** Signs by ES256. */
  public static RealIssuer ec(String name) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    KeyPair keys = generator.generateKeyPair();
    JWK key =
        new ECKey.Builder(Curve.P_256, (ECPublicKey) keys.getPublic())
            .privateKey(keys.getPrivate())
            .build();
    return new RealIssuer(name, "ES256", keys, key);
  }

  /** Its claim {@code iss}. */
  public String url() {
    return server.issuerUrl(name).toString();
  }

  /** Where its keys are. */
  public String jwks() {
    return server.jwksUrl(name).toString();
  }

  /** How it signs, as in {@code alg}. */
  String algorithm() {
    return algorithm;
  }

  /** The {@code kid} of its key. */
  String keyId() {
    return name;
  }

  PublicKey publicKey() {
    return keys.getPublic();
  }

  /** A token of its own making. */
  public String token(
      String subject, String audience, String type, Map<String, Object> claims, Duration life) {
    return server
        .issueToken(
            name,
            "client",
            new DefaultOAuth2TokenCallback(
                name, subject, type, List.of(audience), claims, life.toSeconds()))
        .serialize();
  }

  /** A token of its own making that lives for an hour. */
  public String token(String subject, String audience, Map<String, Object> claims) {
    return token(subject, audience, "JWT", claims, Duration.ofHours(1));
  }

  /** What a good token of it has in its header. */
  Members header() {
    return Members.of(
        "alg", Members.quoted(algorithm), "typ", "\"JWT\"", "kid", Members.quoted(keyId()));
  }

  /** What a good token of it claims. */
  Members claims(String audience, Instant now) {
    long seconds = now.getEpochSecond();
    return Members.of(
        "iss",
        Members.quoted(url()),
        "sub",
        "\"alice\"",
        "aud",
        Members.quoted(audience),
        "iat",
        String.valueOf(seconds),
        "nbf",
        String.valueOf(seconds),
        "exp",
        String.valueOf(seconds + 1_800));
  }

  /** A token with its signature, whatever it says. */
  String sign(String header, String claims) {
    return sign(header, claims, jcaName(algorithm), keys.getPrivate());
  }

  /** A token with a signature by any key. */
  static String sign(String header, String claims, String jcaName, PrivateKey key) {
    String signed = Members.base64(header) + "." + Members.base64(claims);
    return signed + "." + Members.base64(signature(signed, jcaName, key));
  }

  /** A token with a signature by its key that another algorithm made. */
  String signBy(String jcaName, String header, String claims) {
    return sign(header, claims, jcaName, keys.getPrivate());
  }

  static byte[] signature(String signed, String jcaName, PrivateKey key) {
    try {
      Signature signature = Signature.getInstance(jcaName);
      if (jcaName.equals("RSASSA-PSS")) {
        signature.setParameter(
            new java.security.spec.PSSParameterSpec(
                "SHA-256", "MGF1", java.security.spec.MGF1ParameterSpec.SHA256, 32, 1));
      }
      signature.initSign(key);
      signature.update(signed.getBytes(StandardCharsets.US_ASCII));
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  static String jcaName(String algorithm) {
    return switch (algorithm) {
      case "RS256" -> "SHA256withRSA";
      case "ES256" -> "SHA256withECDSAinP1363Format";
      case "EdDSA" -> "Ed25519";
      default -> throw new IllegalArgumentException(algorithm);
    };
  }

  @Override
  public void close() {
    server.shutdown();
  }
}
