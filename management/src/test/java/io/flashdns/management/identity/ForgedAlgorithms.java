package io.flashdns.management.identity;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Tokens whose algorithm or signature is not the issuer's. */
final class ForgedAlgorithms {
  private static final int RSA_BYTES = 256;
  private static final int EC_BYTES = 64;

  private final ForgedTokens into;
  private final String signed;
  private final String ecSigned;

  ForgedAlgorithms(ForgedTokens into) {
    this.into = into;
    this.signed = into.rsa().sign(into.header().json(), into.claims().json());
    this.ecSigned = into.ec().sign(into.ecHeader().json(), into.ecClaims().json());
  }

  void forge() {
    none();
    sharedSecret();
    unlisted();
    noAlgorithm();
    signatures();
    curves();
  }

  private void none() {
    for (String name : List.of("none", "None", "NONE", "nOnE", "")) {
      Members header = into.header().with("alg", Members.quoted(name));
      String open = unsigned(header, into.claims());
      into.token("alg '" + name + "', empty signature", Refusal.ALGORITHM, open + ".");
      into.token("alg '" + name + "', no signature part", Refusal.MALFORMED, open);
      into.token(
          "alg '" + name + "', signature of a good token",
          Refusal.ALGORITHM,
          open + "." + part(signed, 2));
      into.token(
          "alg '" + name + "' without kid",
          Refusal.ALGORITHM,
          unsigned(header.without("kid"), into.claims()) + ".");
    }
  }

  /** The public key is known to all: with it as a shared secret all could sign. */
  private void sharedSecret() {
    byte[] der = into.rsa().publicKey().getEncoded();
    String pem =
        "-----BEGIN PUBLIC KEY-----\n"
            + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
            + "\n-----END PUBLIC KEY-----";
    RSAPublicKey key = (RSAPublicKey) into.rsa().publicKey();
    String jwk =
        Members.of(
                "kty",
                "\"RSA\"",
                "kid",
                Members.quoted(into.rsa().keyId()),
                "n",
                Members.quoted(Members.base64(unsigned(key.getModulus()))),
                "e",
                "\"AQAB\"")
            .json();
    Map<String, byte[]> secrets = new LinkedHashMap<>();
    secrets.put("PEM", pem.getBytes(StandardCharsets.US_ASCII));
    secrets.put("PEM and a line end", (pem + "\n").getBytes(StandardCharsets.US_ASCII));
    secrets.put("DER", der);
    secrets.put("JWK", jwk.getBytes(StandardCharsets.US_ASCII));
    secrets.put("modulus", unsigned(key.getModulus()));
    secrets.put("kid", into.rsa().keyId().getBytes(StandardCharsets.US_ASCII));
    secrets.put("a zero octet", new byte[1]);
    for (String algorithm : List.of("HS256", "HS384", "HS512")) {
      Members header = into.header().with("alg", Members.quoted(algorithm));
      String open = unsigned(header, into.claims());
      secrets.forEach(
          (name, secret) ->
              into.token(
                  algorithm + " with the public key as " + name,
                  Refusal.ALGORITHM,
                  open + "." + Members.base64(mac(algorithm, secret, open))));
    }
  }

  /** Right signatures of the right key, by algorithms that are not allowed. */
  private void unlisted() {
    Map<String, String> algorithms = new LinkedHashMap<>();
    algorithms.put("RS384", "SHA384withRSA");
    algorithms.put("RS512", "SHA512withRSA");
    algorithms.put("PS256", "RSASSA-PSS");
    algorithms.put("RS1", "SHA1withRSA");
    algorithms.forEach(
        (name, jcaName) ->
            into.token(
                "alg " + name + ", rightly signed",
                Refusal.ALGORITHM,
                into.rsa()
                    .signBy(
                        jcaName,
                        into.header().with("alg", Members.quoted(name)).json(),
                        into.claims().json())));
    for (String name :
        List.of(
            "PS384",
            "PS512",
            "ES384",
            "ES512",
            "ES256K",
            "EdDSA",
            "Ed25519",
            "Ed448",
            "HS1",
            "RSA-OAEP",
            "dir",
            "A128KW",
            "ECDH-ES",
            "rs256",
            "RS256 ",
            " RS256",
            "RS256\\u0000",
            "RS256,none",
            "SHA256withRSA",
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256")) {
      into.signed(
          "alg '" + name + "', signed by RS256",
          Refusal.ALGORITHM,
          into.header().with("alg", Members.quoted(name)),
          into.claims());
    }
    into.signed(
        "alg ES256 of an issuer with RSA",
        Refusal.UNKNOWN_KEY,
        into.header().with("alg", "\"ES256\""),
        into.claims());
    into.ecSigned(
        "alg RS256 of an issuer with elliptic curves",
        Refusal.ALGORITHM,
        into.ecHeader().with("alg", "\"RS256\""),
        into.ecClaims());
    for (String jcaName : List.of("SHA1withRSA", "SHA384withRSA", "MD5withRSA", "RSASSA-PSS")) {
      into.token(
          "alg RS256, signed by " + jcaName,
          Refusal.SIGNATURE,
          into.rsa().signBy(jcaName, into.header().json(), into.claims().json()));
    }
  }

  private void noAlgorithm() {
    into.signed("no alg", Refusal.ALGORITHM, into.header().without("alg"), into.claims());
    for (String text : List.of("null", "256", "true", "[\"RS256\"]", "{\"RS256\":1}")) {
      into.signed(
          "alg is " + text, Refusal.ALGORITHM, into.header().with("alg", text), into.claims());
    }
  }

  private void signatures() {
    byte[] good = Base64.getUrlDecoder().decode(part(signed, 2));
    bad("empty", new byte[0]);
    bad("one octet", new byte[1]);
    bad("zeros", new byte[RSA_BYTES]);
    byte[] ones = new byte[RSA_BYTES];
    Arrays.fill(ones, (byte) -1);
    bad("ones", ones);
    byte[] one = new byte[RSA_BYTES];
    one[RSA_BYTES - 1] = 1;
    bad("the number 1", one);
    bad("the modulus", unsigned(((RSAPublicKey) into.rsa().publicKey()).getModulus()));
    bad("first bit turned", turned(good, 0));
    bad("middle bit turned", turned(good, good.length / 2));
    bad("last bit turned", turned(good, good.length - 1));
    bad("an octet less", Arrays.copyOf(good, good.length - 1));
    bad("a zero more", Arrays.copyOf(good, good.length + 1));
    byte[] before = new byte[good.length + 1];
    System.arraycopy(good, 0, before, 1, good.length);
    bad("a zero before", before);
    bad("twice", Arrays.copyOf(good, 2 * good.length));
    String other =
        into.rsa().sign(into.header().json(), into.claims().with("sub", "\"bob\"").json());
    into.token(
        "signature of another token",
        Refusal.SIGNATURE,
        part(signed, 0) + "." + part(signed, 1) + "." + part(other, 2));
    into.token(
        "claims of another token",
        Refusal.SIGNATURE,
        part(signed, 0)
            + "."
            + Members.base64(into.claims().with("sub", "\"root\"").json())
            + "."
            + part(signed, 2));
    into.token(
        "header with a blank more",
        Refusal.SIGNATURE,
        Members.base64(into.header().json() + " ") + "." + part(signed, 1) + "." + part(signed, 2));
  }

  /** CVE-2022-21449 and its neighbours: signatures that are right for every text. */
  private void curves() {
    byte[] good = Base64.getUrlDecoder().decode(part(ecSigned, 2));
    BigInteger order = ((ECPublicKey) into.ec().publicKey()).getParams().getOrder();
    byte[] n = unsigned(order);
    byte[] half = new byte[EC_BYTES / 2];
    byte[] one = half.clone();
    one[one.length - 1] = 1;
    badCurve("empty", new byte[0]);
    badCurve("64 zeros", new byte[EC_BYTES]);
    badCurve("r is 0", join(half, one));
    badCurve("s is 0", join(one, half));
    badCurve("both are 1", join(one, one));
    badCurve("both are the order", join(n, n));
    badCurve("r is the order", join(n, one));
    badCurve("s is the order", join(one, n));
    badCurve("both are the order and 1", join(unsigned(order.add(BigInteger.ONE)), one));
    byte[] ones = new byte[EC_BYTES];
    Arrays.fill(ones, (byte) -1);
    badCurve("ones", ones);
    badCurve("an octet less", Arrays.copyOf(good, EC_BYTES - 1));
    badCurve("a zero more", Arrays.copyOf(good, EC_BYTES + 1));
    badCurve("96 octets", new byte[96]);
    badCurve("turned", turned(good, EC_BYTES / 2));
    badCurve("halves changed", join(Arrays.copyOfRange(good, 32, 64), Arrays.copyOf(good, 32)));
    into.token(
        "ES256 signature in DER",
        Refusal.SIGNATURE,
        into.ec().signBy("SHA256withECDSA", into.ecHeader().json(), into.ecClaims().json()));
    badCurve("DER of two zeros", new byte[] {0x30, 6, 2, 1, 0, 2, 1, 0});
  }

  private void bad(String name, byte[] signature) {
    into.token("RS256 signature: " + name, Refusal.SIGNATURE, replaced(signed, signature));
  }

  private void badCurve(String name, byte[] signature) {
    into.token("ES256 signature: " + name, Refusal.SIGNATURE, replaced(ecSigned, signature));
  }

  private static String replaced(String token, byte[] signature) {
    return part(token, 0) + "." + part(token, 1) + "." + Members.base64(signature);
  }

  private static byte[] turned(byte[] octets, int at) {
    byte[] copy = octets.clone();
    copy[at] ^= 1;
    return copy;
  }

  private static byte[] join(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private static byte[] unsigned(BigInteger number) {
    byte[] octets = number.toByteArray();
    return octets[0] == 0 ? Arrays.copyOfRange(octets, 1, octets.length) : octets;
  }

  static String unsigned(Members header, Members claims) {
    return Members.base64(header.json()) + "." + Members.base64(claims.json());
  }

  static String part(String token, int index) {
    return token.split("\\.", -1)[index];
  }

  static byte[] mac(String algorithm, byte[] secret, String text) {
    try {
      String name = "HmacSHA" + algorithm.substring(2);
      Mac mac = Mac.getInstance(name);
      mac.init(new SecretKeySpec(secret, name));
      return mac.doFinal(text.getBytes(StandardCharsets.US_ASCII));
    } catch (java.security.GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
