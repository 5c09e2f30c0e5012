package io.flashdns.management.identity;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What is no token, no JSON, not one header, or too much of it. */
final class ForgedForms {
  private final ForgedTokens into;
  private final String good;

  ForgedForms(ForgedTokens into) {
    this.into = into;
    this.good = into.rsa().sign(into.header().json(), into.claims().json());
  }

  void forge() {
    twice();
    json();
    deep();
    encrypted();
    parts();
    headers();
    apiTokens();
  }

  /** Of two, one reader takes the first, and the next one the last. */
  private void twice() {
    for (String name : List.of("iss", "sub", "aud", "exp", "iat", "nbf")) {
      String text = into.claims().texts().get(name);
      claims(name + " twice", into.claims().jsonAnd("," + Members.quoted(name) + ":" + text));
    }
    claims("another sub after it", into.claims().jsonAnd(",\"sub\":\"root\""));
    claims("sub twice, escaped", into.claims().jsonAnd(",\"s\\u0075b\":\"root\""));
    claims("a name twice deep down", into.claims().jsonAnd(",\"x\":{\"y\":[{\"z\":1,\"z\":2}]}"));
    for (String name : List.of("alg", "kid", "typ")) {
      String text = into.header().texts().get(name);
      header(name + " twice", into.header().jsonAnd("," + Members.quoted(name) + ":" + text));
    }
    header("alg none after it", into.header().jsonAnd(",\"alg\":\"none\""));
    header("alg twice, escaped", into.header().jsonAnd(",\"\\u0061lg\":\"none\""));
  }

  private void json() {
    String json = into.claims().json();
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put("empty", "");
    texts.put("a blank", " ");
    texts.put("null", "null");
    texts.put("a list", "[" + json + "]");
    texts.put("a text", "\"alice\"");
    texts.put("a number", "1");
    texts.put("two objects", json + json);
    texts.put("something after it", json + "x");
    texts.put("a NUL after it", json + "\0");
    texts.put("a comma after it", json + ",");
    texts.put("a byte order mark", "\ufeff" + json);
    texts.put("a prefix against hijacking", ")]}'\n" + json);
    texts.put("cut short", json.substring(0, json.length() - 1));
    texts.put("a comma at the end", into.claims().jsonAnd(","));
    texts.put("single quotes", json.replace('"', '\''));
    texts.put("a name without quotes", json.replace("\"sub\"", "sub"));
    texts.put("a value without quotes", json.replace("\"alice\"", "alice"));
    texts.put("a comment", into.claims().jsonAnd("/* x */"));
    texts.put("a comment to the end of the line", into.claims().jsonAnd("// x\n"));
    texts.put("a hash comment", into.claims().jsonAnd("# x\n"));
    texts.put("NaN", into.claims().with("x", "NaN").json());
    texts.put("Infinity", into.claims().with("x", "-Infinity").json());
    texts.put("a number with a zero before", into.claims().with("x", "01").json());
    texts.put("a hexadecimal number", into.claims().with("x", "0x10").json());
    texts.put("a semicolon", json.replaceFirst(",", ";"));
    texts.put("an equals sign", json.replaceFirst(":", "="));
    texts.put("True", into.claims().with("x", "True").json());
    texts.put("an unknown escape", into.claims().with("x", "\"\\x41\"").json());
    texts.put("a line end in a text", into.claims().with("x", "\"a\nb\"").json());
    texts.forEach((name, text) -> claims("claims are " + name, text));
    texts.remove("empty");
    header("header is empty", "");
    header("header is a list", "[" + into.header().json() + "]");
    header("header is null", "null");
    header("header with something after it", into.header().json() + "{}");
    header("header with a comment", into.header().jsonAnd("/**/"));
    byte[] latin = into.claims().with("x", "\"é\"").json().getBytes(StandardCharsets.ISO_8859_1);
    octets("claims are not UTF-8", latin);
    octets("claims are UTF-16", json.getBytes(StandardCharsets.UTF_16));
    byte[] overlong = (json + "  ").getBytes(StandardCharsets.US_ASCII);
    overlong[overlong.length - 2] = (byte) 0xc0;
    overlong[overlong.length - 1] = (byte) 0xa0;
    octets("claims with a blank in two octets", overlong);
  }

  /** CVE-2025-53864: parsers that call themselves. */
  private void deep() {
    for (int depth : List.of(17, 100, 500)) {
      claims(
          "claims " + depth + " lists deep",
          into.claims().with("x", "[".repeat(depth) + "]".repeat(depth)).json());
      claims(
          "claims " + depth + " objects deep",
          into.claims().with("x", "{\"a\":".repeat(depth) + "1" + "}".repeat(depth)).json());
      header(
          "header " + depth + " lists deep",
          into.header().with("x", "[".repeat(depth) + "]".repeat(depth)).json());
    }
    claims("claims 2500 lists deep, not closed", into.claims().json() + "[".repeat(2_500));
    into.token(
        "claims 10000 lists deep",
        Refusal.BAD_HEADER,
        into.rsa()
            .sign(
                into.header().json(),
                into.claims().with("x", "[".repeat(10_000) + "]".repeat(10_000)).json()));
    into.token(
        "header 10000 objects deep",
        Refusal.BAD_HEADER,
        into.rsa()
            .sign(
                into.header().with("x", "{\"a\":".repeat(10_000) + "1" + "}".repeat(10_000)).json(),
                into.claims().json()));
  }

  private void encrypted() {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("direct", "{\"alg\":\"dir\",\"enc\":\"A128GCM\"}");
    headers.put("RSA", "{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A256GCM\",\"cty\":\"JWT\"}");
    // CVE-2023-52428: a password is hashed as often as the sender says.
    headers.put(
        "2147483647 rounds",
        "{\"alg\":\"PBES2-HS512+A256KW\",\"enc\":\"A256GCM\",\"p2c\":2147483647,\"p2s\":\"AAAA\"}");
    headers.put("compressed", "{\"alg\":\"dir\",\"enc\":\"A128GCM\",\"zip\":\"DEF\"}");
    headers.forEach(
        (name, header) ->
            into.token(
                "encrypted: " + name,
                Refusal.ENCRYPTED,
                Members.base64(header) + ".AAAA.AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA"));
    into.signed(
        "enc in a header that is signed",
        Refusal.ENCRYPTED,
        into.header().with("enc", "\"A128GCM\""),
        into.claims());
  }

  private void parts() {
    String[] parts = good.split("\\.");
    malformed("a word", "token");
    malformed("a dot", ".");
    malformed("two dots", "..");
    malformed("three dots", "...");
    malformed("many dots", ".".repeat(8_000));
    malformed("the header alone", parts[0]);
    malformed("no signature", parts[0] + "." + parts[1]);
    malformed("no header", "." + parts[1] + "." + parts[2]);
    malformed("no claims", parts[0] + ".." + parts[2]);
    malformed("four parts", good + ".AAAA");
    malformed("a dot after it", good + ".");
    malformed("a dot before it", "." + good);
    malformed("six parts", good + ".." + good);
    malformed("padding", parts[0] + "==." + parts[1] + "." + parts[2]);
    malformed("padding of the signature", good + "==");
    malformed("another alphabet", parts[0] + "." + parts[1] + "." + "+/" + parts[2].substring(2));
    malformed("a percent sign", good + "%2E");
    into.token("JSON", Refusal.BAD_HEADER, "{\"payload\":\"" + parts[1] + "\"}");
    malformed("a length that base64 does not have", parts[0] + "A.A." + parts[2]);
    malformed("an underlined prefix", "fdn_" + good.replace('.', '_'));
    into.token(
        "a token in a token",
        Refusal.MALFORMED,
        into.rsa().sign(into.header().with("cty", "\"JWT\"").json(), good));
    into.token("1 MB of letters", Refusal.BAD_HEADER, "A".repeat(1 << 20));
    into.token("1 MB of dots", Refusal.BAD_HEADER, ".".repeat(1 << 20));
    into.token(
        "1 MB that is signed",
        Refusal.BAD_HEADER,
        into.rsa()
            .sign(
                into.header().json(),
                into.claims().with("x", Members.quoted("x".repeat(1 << 20))).json()));
    into.token(
        "an octet more than 8 KiB with its scheme",
        Refusal.BAD_HEADER,
        good + "A".repeat(8 * 1_024 + 1 - "Bearer ".length() - good.length()));
  }

  private void headers() {
    bad("two tokens", "Bearer " + good, "Bearer " + good);
    bad("a good one and a bad one", "Bearer " + good, "Bearer x");
    bad("a bad one and a good one", "Bearer x", "Bearer " + good);
    bad("a password and a token", "Basic YTpi", "Bearer " + good);
    bad("an empty one and a token", "", "Bearer " + good);
    for (String text :
        List.of(
            "",
            " ",
            "Bearer",
            "Bearer ",
            "Bearer  ",
            "Basic YTpi",
            "Basic " + good,
            "DPoP " + good,
            "Token " + good,
            "JWT " + good,
            "Negotiate " + good,
            "Digest username=\"a\"",
            "BearerX " + good,
            "Bearer" + good,
            "Bearer\t" + good,
            "Bearer\u00a0" + good,
            "Bearer: " + good,
            "Bearer=" + good,
            " Bearer " + good,
            "Bearer  " + good,
            "Bearer " + good + " ",
            "Bearer " + good + "\t",
            "Bearer " + good + ",",
            "Bearer " + good + ", Bearer " + good,
            "Bearer " + good + ",Bearer x",
            "Bearer x, Bearer " + good,
            "Bearer " + good + " " + good,
            "Bearer \"" + good + "\"",
            "Bearer token=\"" + good + "\"",
            "Bearer Bearer " + good,
            "Bearer " + good + "\u00e9",
            good)) {
      String shown = text.replace(good, "TOKEN").replace("\t", "TAB").replace("\u00a0", "NBSP");
      bad("header '" + shown.replace("\u00e9", "E-ACUTE") + "'", text);
    }
    into.values("header 'Bearer null'", Refusal.MALFORMED, "Bearer null");
    into.values("header 'Bearer undefined'", Refusal.MALFORMED, "Bearer undefined");
  }

  private void apiTokens() {
    String secret = TokenSecrets.make();
    api("unknown", secret);
    api("another unknown one", TokenSecrets.make());
    api("prefix alone", "fdns_");
    api("zeros", "fdns_" + "0".repeat(49));
    api("a letter less", secret.substring(0, secret.length() - 1));
    api("a letter more", secret + "A");
    api("a strange letter", secret.substring(0, 20) + "-" + secret.substring(21));
    api("its digest", "fdns_" + java.util.HexFormat.of().formatHex(TokenSecrets.hash(secret)));
    api("text of a query", "fdns_'OR'1'='1");
    api("8000 letters", "fdns_" + "A".repeat(8_000));
    into.token("API token with another prefix", Refusal.MALFORMED, "FDNS_" + secret.substring(5));
  }

  private void api(String name, String text) {
    into.token("API token: " + name, Refusal.API_TOKEN, text);
  }

  private void bad(String name, String... values) {
    into.values(values.length > 1 ? "two headers: " + name : name, Refusal.BAD_HEADER, values);
  }

  private void malformed(String name, String token) {
    into.token("no token: " + name, Refusal.MALFORMED, token);
  }

  private void claims(String name, String json) {
    into.token(name, Refusal.MALFORMED, into.rsa().sign(into.header().json(), json));
  }

  private void header(String name, String json) {
    into.token(name, Refusal.MALFORMED, into.rsa().sign(json, into.claims().json()));
  }

  private void octets(String name, byte[] octets) {
    String signed = Members.base64(into.header().json()) + "." + Members.base64(octets);
    byte[] signature = Arrays.copyOf(new byte[256], 256);
    into.token(name, Refusal.MALFORMED, signed + "." + Members.base64(signature));
  }
}
