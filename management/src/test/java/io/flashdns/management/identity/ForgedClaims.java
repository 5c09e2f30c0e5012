package io.flashdns.management.identity;

import java.util.List;

/**
 * Tokens that an issuer has signed, and that are not for here, not for now, or no access tokens.
 */
final class ForgedClaims {
  private final ForgedTokens into;
  private final long now;

  ForgedClaims(ForgedTokens into) {
    this.into = into;
    this.now = into.now().getEpochSecond();
  }

  void forge() {
    times();
    audiences();
    issuers();
    subjects();
    types();
    parties();
  }

  private void times() {
    for (String claim : List.of("exp", "iat")) {
      claims("no " + claim, Refusal.CLAIMS, into.claims().without(claim));
    }
    for (String claim : List.of("exp", "iat", "nbf")) {
      for (String text :
          List.of(
              "null",
              "true",
              "\"\"",
              Members.quoted(String.valueOf(now + 600)),
              "[]",
              "{}",
              "-1",
              "1e300",
              "-1e300",
              "253402300800",
              "9223372036854775807",
              "18446744073709551616")) {
        claim(claim, text, Refusal.CLAIMS);
      }
    }
    claim("exp", "0", Refusal.CLAIMS);
    claim("exp", String.valueOf(now - 1), Refusal.CLAIMS);
    expired(30);
    expired(31);
    expired(3_600);
    expired(400L * 86_400);
    claims(
        "milliseconds",
        Refusal.NOT_YET,
        into.claims()
            .with("iat", String.valueOf(now * 1_000 / 10))
            .with("exp", String.valueOf(now * 1_000 / 10 + 600)));
    claim("iat", String.valueOf(now + 900), Refusal.NOT_YET);
    claim("iat", String.valueOf(now + 1_700), Refusal.NOT_YET);
    claim("nbf", String.valueOf(now + 900), Refusal.NOT_YET);
    claim("nbf", String.valueOf(now + 86_400), Refusal.NOT_YET);
    claim("nbf", String.valueOf(now + 900) + ".5", Refusal.NOT_YET);
    claim("exp", String.valueOf(now + 3_601), Refusal.LIFETIME);
    claim("exp", String.valueOf(now + 86_400), Refusal.LIFETIME);
    claim("exp", String.valueOf(now + 10L * 365 * 86_400), Refusal.LIFETIME);
    claim("iat", "0", Refusal.LIFETIME);
    claim("iat", String.valueOf(now - 1_801), Refusal.LIFETIME);
  }

  private void expired(long secondsAgo) {
    claims(
        "expired " + secondsAgo + " s ago",
        Refusal.EXPIRED,
        into.claims()
            .with("iat", String.valueOf(now - secondsAgo - 600))
            .with("nbf", String.valueOf(now - secondsAgo - 600))
            .with("exp", String.valueOf(now - secondsAgo)));
  }

  private void audiences() {
    claims("no aud", Refusal.AUDIENCE, into.claims().without("aud"));
    for (String text :
        List.of(
            "\"\"",
            "null",
            "1",
            "true",
            "{}",
            "{\"aud\":\"flashdns\"}",
            "[]",
            "[\"\"]",
            "[null]",
            "[[\"flashdns\"]]",
            "[\"flashdns\",1]",
            "[\"flashdns\",null]",
            "[\"other\",\"another\"]",
            "\"other\"",
            "\"flashdn\"",
            "\"flashdnss\"",
            "\"FLASHDNS\"",
            "\" flashdns\"",
            "\"flashdns \"",
            "\"flashdns\\u0000\"",
            "\"flashdns,other\"",
            "\"flashdns other\"",
            "\"https://flashdns\"",
            "\"*\"",
            "\"fl\\u0430shdns\"")) {
      claim("aud", text, Refusal.AUDIENCE);
    }
  }

  private void issuers() {
    claims("no iss", Refusal.UNKNOWN_ISSUER, into.claims().without("iss"));
    String url = into.rsa().url();
    for (String text :
        List.of(
            "null",
            "1",
            "[]",
            "[" + Members.quoted(url) + "]",
            "\"\"",
            Members.quoted(url + "/"),
            Members.quoted(url.substring(0, url.length() - 1)),
            Members.quoted(url.toUpperCase(java.util.Locale.ROOT)),
            Members.quoted(url.replace("http:", "https:")),
            Members.quoted(url + "#"),
            Members.quoted(url + "?"),
            Members.quoted(url + "\\u0000"),
            Members.quoted(url + " "),
            Members.quoted(url.replace("localhost", "127.0.0.1")),
            Members.quoted(url.replace("://", "://user@")),
            Members.quoted(url + "/../other"),
            "\"https://issuer.example\"",
            "\"http://169.254.169.254/\"",
            "\"https://accounts.google.com\"")) {
      claim("iss", text, Refusal.UNKNOWN_ISSUER);
    }
  }

  private void subjects() {
    claims("no sub", Refusal.CLAIMS, into.claims().without("sub"));
    for (String text :
        List.of(
            "null",
            "\"\"",
            "\" \"",
            "1",
            "true",
            "[\"alice\"]",
            "{}",
            "\"a\\u0000b\"",
            "\"a\\nb\"",
            "\"a\\u0085b\"",
            Members.quoted("s".repeat(256)))) {
      claim("sub", text, Refusal.CLAIMS);
    }
    claim("sub", "\"\\ud800\"", Refusal.MALFORMED);
  }

  private void types() {
    into.signed("no typ", Refusal.TYPE, into.header().without("typ"), into.claims());
    for (String text :
        List.of(
            "null",
            "1",
            "[\"JWT\"]",
            "\"\"",
            "\"none\"",
            "\"JWS\"",
            "\"JOSE\"",
            "\"JWT \"",
            "\" JWT\"",
            "\"at+jwt\\u0000\"",
            "\"ID\"",
            "\"id_token\"",
            "\"logout+jwt\"",
            "\"secevent+jwt\"",
            "\"dpop+jwt\"",
            "\"oauth-authz-req+jwt\"",
            "\"text/JWT\"",
            "\"application/\"",
            "\"application/application/JWT\"",
            "\"JWT;at+jwt\"")) {
      into.signed("typ is " + text, Refusal.TYPE, into.header().with("typ", text), into.claims());
    }
    into.ecSigned(
        "ID token where access tokens are wanted",
        Refusal.TYPE,
        into.ecHeader().with("typ", "\"JWT\""),
        into.ecClaims());
    into.token(
        "ID token as the issuer makes it",
        Refusal.TYPE,
        into.ec()
            .token(
                "alice",
                ForgedTokens.AUDIENCE,
                "JWT",
                java.util.Map.of("nonce", "n"),
                java.time.Duration.ofMinutes(30)));
    for (String claim : List.of("at_hash", "c_hash", "s_hash", "events")) {
      claims("claim " + claim, Refusal.TYPE, into.claims().with(claim, "\"AAAA\""));
    }
    for (String type : List.of("ID", "Refresh", "Offline", "Logout", "id")) {
      claims("claim typ " + type, Refusal.TYPE, into.claims().with("typ", Members.quoted(type)));
    }
    claims(
        "bound to a certificate",
        Refusal.TYPE,
        into.claims().with("cnf", "{\"x5t#S256\":\"AAAA\"}"));
    claims("bound to a key", Refusal.TYPE, into.claims().with("cnf", "{\"jkt\":\"AAAA\"}"));
  }

  private void parties() {
    into.ecSigned("no azp", Refusal.PARTY, into.ecHeader(), into.ecClaims().without("azp"));
    for (String text :
        List.of("null", "\"\"", "\"other\"", "\"Console\"", "[\"console\"]", "1", "\"console \"")) {
      into.ecSigned(
          "azp is " + text, Refusal.PARTY, into.ecHeader(), into.ecClaims().with("azp", text));
    }
  }

  private void claim(String name, String text, Refusal expected) {
    String shown = text.length() > 60 ? text.substring(0, 60) + "…" : text;
    claims(name + " is " + shown, expected, into.claims().with(name, text));
  }

  private void claims(String name, Refusal expected, Members claims) {
    into.signed(name, expected, into.header(), claims);
  }
}
