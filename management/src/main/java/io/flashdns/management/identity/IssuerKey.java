package io.flashdns.management.identity;

import com.nimbusds.jose.Algorithm;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyOperation;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A public key of an issuer, for one algorithm. Immutable, safe for all threads.
 *
 * @param id its {@code kid}, compared and nothing else; null when it has none
 * @param algorithm the one that it is for
 * @param check tells whether a signature is right
 */
record IssuerKey(@Nullable String id, TokenAlgorithm algorithm, Check check) {
  private static final int MIN_RSA_BITS = 2_048;
  private static final int MAX_RSA_BITS = 8_192;
  private static final int MAX_KEYS = 100;
  private static final int SIGNATURE_BYTES = 64;
  private static final int ED25519_BYTES = 32;

  /** Tells whether a signature is right. */
  @FunctionalInterface
  interface Check {
    /**
     * True when it is.
     *
     * @param signed what was signed
     * @param signature as in the token, base64url
     */
    boolean isRight(byte[] signed, Base64URL signature)
        throws JOSEException, GeneralSecurityException;
  }

  /** True when the signature is this key's. */
  boolean signed(byte[] signed, Base64URL signature) {
    try {
      return check.isRight(signed, signature);
    } catch (JOSEException | GeneralSecurityException _) {
      return false;
    }
  }

  /**
   * The keys of a set (RFC 7517 §5) that are of use: public, for signatures, long enough, of an
   * algorithm that is allowed. Others are passed over, as the RFC asks.
   *
   * @throws IOException when it is no key set, or has none of use
   */
  static List<IssuerKey> parse(byte[] set, List<TokenAlgorithm> allowed) throws IOException {
    if (!(StrictJson.object(set).get("keys") instanceof List<?> members)) {
      throw new IOException("it is no JSON Web Key Set: it has no list 'keys'");
    }
    if (members.size() > MAX_KEYS) {
      throw new IOException("it has " + members.size() + " keys, more than " + MAX_KEYS);
    }
    List<IssuerKey> keys = new ArrayList<>();
    for (Object member : members) {
      IssuerKey key = member instanceof Map<?, ?> map ? key(map) : null;
      if (key != null && allowed.contains(key.algorithm)) {
        keys.add(key);
      }
    }
    if (keys.isEmpty()) {
      throw new IOException(
          "it has no key for signatures by "
              + String.join(", ", allowed.stream().map(TokenAlgorithm::header).toList()));
    }
    return List.copyOf(keys);
  }

  private static @Nullable IssuerKey key(Map<?, ?> member) {
    try {
      @SuppressWarnings("unchecked") // names of JSON objects are texts
      JWK key = JWK.parse((Map<String, Object>) member);
      boolean verifies =
          key.getKeyOperations() == null || key.getKeyOperations().contains(KeyOperation.VERIFY);
      boolean signs = key.getKeyUse() == null || KeyUse.SIGNATURE.equals(key.getKeyUse());
      if (key.isPrivate() || !verifies || !signs || key.getKeyRevocation() != null) {
        return null;
      }
      return switch (key) {
        case RSAKey rsa
            when rsa.size() >= MIN_RSA_BITS && rsa.size() <= MAX_RSA_BITS && isFor(key, "RS256") ->
            of(key, TokenAlgorithm.RS256, JWSAlgorithm.RS256, new RSASSAVerifier(rsa));
        case ECKey ec when Curve.P_256.equals(ec.getCurve()) && isFor(key, "ES256") ->
            of(key, TokenAlgorithm.ES256, JWSAlgorithm.ES256, new ECDSAVerifier(ec));
        case OctetKeyPair pair
            when Curve.Ed25519.equals(pair.getCurve())
                && (isFor(key, "EdDSA") || isFor(key, "Ed25519")) ->
            new IssuerKey(key.getKeyID(), TokenAlgorithm.EDDSA, ed25519(pair));
        default -> null;
      };
    } catch (ParseException
        | JOSEException
        | GeneralSecurityException
        | IllegalArgumentException
        | IllegalStateException _) {
      return null;
    }
  }

  private static boolean isFor(JWK key, String name) {
    Algorithm algorithm = key.getAlgorithm();
    return algorithm == null || algorithm.getName().equals(name);
  }

  /** The header of a token is never the verifier's: what stands in it is for us to judge. */
  private static IssuerKey of(
      JWK key, TokenAlgorithm algorithm, JWSAlgorithm name, JWSVerifier verifier) {
    JWSHeader header = new JWSHeader(name);
    return new IssuerKey(
        key.getKeyID(),
        algorithm,
        (signed, signature) -> verifier.verify(header, signed, signature));
  }

  /** By the JDK: the library would need another one for it. */
  private static Check ed25519(OctetKeyPair pair) throws GeneralSecurityException {
    byte[] x = pair.getDecodedX();
    if (x.length != ED25519_BYTES) {
      throw new GeneralSecurityException("not 32 octets");
    }
    byte[] y = new byte[ED25519_BYTES];
    for (int i = 0; i < y.length; i++) {
      y[i] = x[y.length - 1 - i];
    }
    boolean odd = (y[0] & 0x80) != 0;
    y[0] &= 0x7f;
    PublicKey key =
        KeyFactory.getInstance("Ed25519")
            .generatePublic(
                new EdECPublicKeySpec(
                    NamedParameterSpec.ED25519, new EdECPoint(odd, new BigInteger(1, y))));
    return (signed, signature) -> {
      byte[] octets = signature.decode();
      if (octets.length != SIGNATURE_BYTES) {
        return false;
      }
      Signature verifier = Signature.getInstance("Ed25519");
      verifier.initVerify(key);
      verifier.update(signed);
      return verifier.verify(octets);
    };
  }
}
