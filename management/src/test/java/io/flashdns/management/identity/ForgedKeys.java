package io.flashdns.management.identity;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tokens signed by a key that is not the issuer's, and headers that bring a key along. */
final class ForgedKeys {
  /** Nothing listens there, and nobody may ask. */
  private static final String STRANGE_URL = "http://127.0.0.1:9/keys";

  private final ForgedTokens into;
  private final KeyPair own;
  private final String jwk;

  ForgedKeys(ForgedTokens into) throws GeneralSecurityException {
    this.into = into;
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2_048);
    this.own = generator.generateKeyPair();
    this.jwk =
        Members.of(
                "kty",
                "\"RSA\"",
                "use",
                "\"sig\"",
                "n",
                Members.quoted(
                    Members.base64(((RSAPublicKey) own.getPublic()).getModulus().toByteArray())),
                "e",
                "\"AQAB\"")
            .json();
  }

  void forge() throws GeneralSecurityException {
    strangers();
    keyIds();
    headers();
    critical();
  }

  private void strangers() throws GeneralSecurityException {
    own("key of a stranger, kid of the issuer", Refusal.SIGNATURE, into.header());
    own("key of a stranger, no kid", Refusal.SIGNATURE, into.header().without("kid"));
    into.token(
        "key of the other issuer",
        Refusal.UNKNOWN_KEY,
        into.ec().sign(into.ec().header().json(), into.claims().json()));
    into.token(
        "key of the other issuer, kid of this one",
        Refusal.UNKNOWN_KEY,
        into.ec()
            .sign(
                into.ec().header().with("kid", Members.quoted(into.rsa().keyId())).json(),
                into.claims().json()));
    into.token(
        "token of the other issuer that names this one",
        Refusal.ALGORITHM,
        into.rsa().sign(into.header().with("typ", "\"at+jwt\"").json(), into.ecClaims().json()));
    KeyPairGenerator curves = KeyPairGenerator.getInstance("EC");
    curves.initialize(new ECGenParameterSpec("secp256r1"));
    into.token(
        "curve key of a stranger",
        Refusal.SIGNATURE,
        RealIssuer.sign(
            into.ecHeader().json(),
            into.ecClaims().json(),
            RealIssuer.jcaName("ES256"),
            curves.generateKeyPair().getPrivate()));
    KeyPairGenerator small = KeyPairGenerator.getInstance("RSA");
    small.initialize(1_024);
    into.token(
        "key of 1024 bits",
        Refusal.SIGNATURE,
        RealIssuer.sign(
            into.header().json(),
            into.claims().json(),
            "SHA256withRSA",
            small.generateKeyPair().getPrivate()));
  }

  private void keyIds() {
    for (String id :
        List.of(
            "../../../../dev/null",
            "/dev/null",
            "/proc/sys/kernel/randomize_va_space",
            "file:///dev/null",
            "C:\\\\Windows\\\\win.ini",
            STRANGE_URL,
            "http://169.254.169.254/latest/meta-data",
            "ldap://127.0.0.1/a",
            "${jndi:ldap://127.0.0.1/a}",
            "' OR '1'='1",
            "x' UNION SELECT 'secret'; --",
            "1; DROP TABLE keys",
            "$(id)",
            "`id`",
            "| id",
            "tenants\\u0000",
            "tenants ",
            "TENANTS",
            "tenant",
            "*",
            "%00",
            "\\ud83d\\udd11",
            "unknown",
            "k".repeat(256))) {
      String shown = id.length() > 50 ? id.substring(0, 50) + "…" : id;
      Members header = into.header().with("kid", Members.quoted(id));
      own("kid " + shown + ", key of a stranger", Refusal.UNKNOWN_KEY, header);
      into.signed(
          "kid " + shown + ", signed by the issuer", Refusal.UNKNOWN_KEY, header, into.claims());
      String hmac = ForgedAlgorithms.unsigned(header.with("alg", "\"HS256\""), into.claims());
      into.token(
          "kid " + shown + ", HS256 with a zero octet",
          Refusal.ALGORITHM,
          hmac + "." + Members.base64(ForgedAlgorithms.mac("HS256", new byte[1], hmac)));
    }
    for (String text :
        List.of(
            "\"\"",
            "null",
            "0",
            "true",
            "[\"tenants\"]",
            "{\"kid\":\"tenants\"}",
            Members.quoted("k".repeat(257)))) {
      String shown = text.length() > 50 ? "257 characters long" : text;
      into.signed(
          "kid is " + shown, Refusal.MALFORMED, into.header().with("kid", text), into.claims());
    }
  }

  /** Keys, or where to have them, in the header: whoever believes these believes everybody. */
  private void headers() {
    Map<String, String> brought = new LinkedHashMap<>();
    brought.put("jku", Members.quoted(STRANGE_URL));
    brought.put("x5u", Members.quoted(STRANGE_URL));
    brought.put("jwk", jwk);
    brought.put(
        "x5c", "[\"" + Base64.getEncoder().encodeToString(own.getPublic().getEncoded()) + "\"]");
    brought.put("x5t", "\"AAAAAAAAAAAAAAAAAAAAAAAAAAA\"");
    brought.put("x5t#S256", "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"");
    brought.put("keys", "[" + jwk + "]");
    brought.forEach(
        (name, text) -> {
          own(name + " of a stranger", Refusal.SIGNATURE, into.header().with(name, text));
          own(
              name + " of a stranger without kid",
              Refusal.SIGNATURE,
              into.header().without("kid").with(name, text));
          own(
              name + " of a stranger with its kid",
              Refusal.UNKNOWN_KEY,
              into.header().with("kid", "\"own\"").with(name, text));
        });
    own(
        "jku in the issuer's own words",
        Refusal.SIGNATURE,
        into.header().with("jku", Members.quoted(into.rsa().jwks() + "?x=" + STRANGE_URL)));
    own(
        "all at once",
        Refusal.SIGNATURE,
        into.header()
            .with("jku", Members.quoted(STRANGE_URL))
            .with("x5u", Members.quoted(STRANGE_URL))
            .with("jwk", jwk));
  }

  private void critical() {
    for (String text :
        List.of(
            "[\"b64\"]", "[\"exp\"]", "[\"x\"]", "[]", "\"exp\"", "null", "true", "[1]", "{}")) {
      into.signed(
          "crit is " + text,
          Refusal.MALFORMED,
          into.header().with("crit", text).with("x", "1").with("exp", "1").with("b64", "true"),
          into.claims());
    }
    // RFC 7797: what is signed is the payload itself, and not its base64url.
    String header = into.header().with("b64", "false").with("crit", "[\"b64\"]").json();
    String claims = into.claims().json();
    byte[] signature =
        RealIssuer.signature(
            Members.base64(header) + "." + claims, "SHA256withRSA", own.getPrivate());
    into.token(
        "payload that is not encoded",
        Refusal.MALFORMED,
        Members.base64(header) + "." + Members.base64(claims) + "." + Members.base64(signature));
  }

  private void own(String name, Refusal expected, Members header) {
    into.token(
        name,
        expected,
        RealIssuer.sign(header.json(), into.claims().json(), "SHA256withRSA", own.getPrivate()));
  }
}
