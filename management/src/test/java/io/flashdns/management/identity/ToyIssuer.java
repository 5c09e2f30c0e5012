package io.flashdns.management.identity;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.flashdns.management.operations.HttpLimits;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** An issuer on loopback that answers whatever a test wants, and counts who asks. */
final class ToyIssuer implements AutoCloseable {
  static {
    HttpLimits.set();
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final AtomicInteger asked = new AtomicInteger();
  private final Map<String, Answer> answers = new ConcurrentHashMap<>();
  private final CountDownLatch closing = new CountDownLatch(1);

  /** What is answered. */
  interface Answer {
    void to(HttpExchange exchange) throws IOException, InterruptedException;
  }

  ToyIssuer() throws IOException {
    this(null);
  }

  /** With https, when a context is given. */
  ToyIssuer(@Nullable SSLContext tls) throws IOException {
    InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    if (tls == null) {
      server = HttpServer.create(loopback, 0);
    } else {
      HttpsServer https = HttpsServer.create(loopback, 0);
      https.setHttpsConfigurator(new HttpsConfigurator(tls));
      server = https;
    }
    server.setExecutor(threads);
    server.createContext("/", this::serve);
    server.start();
    answers.put(
        "/.well-known/openid-configuration",
        text(200, "{\"issuer\":\"" + url() + "\",\"jwks_uri\":\"" + url() + "/keys\"}"));
  }

  String url() {
    String scheme = server instanceof HttpsServer ? "https" : "http";
    return scheme + "://127.0.0.1:" + server.getAddress().getPort();
  }

  /** From now on. */
  void answer(String path, Answer answer) {
    answers.put(path, answer);
  }

  void keys(String... jwks) {
    answer("/keys", text(200, set(jwks)));
  }

  /** Requests so far. */
  int asked() {
    return asked.get();
  }

  /** Never answers, or not before it is closed. */
  Answer silence() {
    return _ -> closing.await();
  }

  /** Answers with headers, a first octet, and then nothing. */
  Answer halfAnAnswer() {
    return exchange -> {
      exchange.sendResponseHeaders(200, 1_000);
      exchange.getResponseBody().write('{');
      exchange.getResponseBody().flush();
      closing.await();
    };
  }

  static Answer text(int status, String text) {
    return exchange -> {
      byte[] octets = text.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(status, octets.length == 0 ? -1 : octets.length);
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(octets);
      }
    };
  }

  static Answer redirect(String to) {
    return exchange -> {
      exchange.getResponseHeaders().set("location", to);
      exchange.sendResponseHeaders(302, -1);
    };
  }

  /** Goes on until the other side has enough. */
  static Answer endless() {
    return exchange -> {
      exchange.sendResponseHeaders(200, 0);
      byte[] blanks = " ".repeat(1_024).getBytes(StandardCharsets.US_ASCII);
      try (OutputStream out = exchange.getResponseBody()) {
        for (int i = 0; i < 1_000_000; i++) {
          out.write(blanks);
        }
      }
    };
  }

  static String set(String... jwks) {
    return "{\"keys\":[" + String.join(",", jwks) + "]}";
  }

  static KeyPair rsaKeys(int bits) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(bits);
    return generator.generateKeyPair();
  }

  static Members jwk(String id, KeyPair keys) {
    return switch (keys.getPublic()) {
      case RSAPublicKey rsa ->
          Members.of(
              "kty",
              "\"RSA\"",
              "kid",
              Members.quoted(id),
              "n",
              Members.quoted(Members.base64(unsigned(rsa.getModulus().toByteArray()))),
              "e",
              "\"AQAB\"");
      case EdECPublicKey edwards ->
          Members.of(
              "kty",
              "\"OKP\"",
              "crv",
              "\"Ed25519\"",
              "kid",
              Members.quoted(id),
              "x",
              Members.quoted(Members.base64(last32(edwards.getEncoded()))));
      default -> throw new IllegalArgumentException(keys.getPublic().getAlgorithm());
    };
  }

  /** A good token of this issuer. */
  String token(String algorithm, String id, KeyPair keys, Instant now) {
    Members header = Members.of("alg", Members.quoted(algorithm), "typ", "\"at+jwt\"");
    Members named = id.isEmpty() ? header : header.with("kid", Members.quoted(id));
    long seconds = now.getEpochSecond();
    Members claims =
        Members.of(
            "iss",
            Members.quoted(url()),
            "sub",
            "\"alice\"",
            "aud",
            "\"flashdns\"",
            "iat",
            String.valueOf(seconds),
            "exp",
            String.valueOf(seconds + 600),
            // No two tokens are the same, so none is remembered.
            "jti",
            Members.quoted(java.util.UUID.randomUUID().toString()));
    return RealIssuer.sign(
        named.json(), claims.json(), RealIssuer.jcaName(algorithm), keys.getPrivate());
  }

  @Override
  public void close() {
    closing.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  private void serve(HttpExchange exchange) throws IOException {
    asked.incrementAndGet();
    try (exchange) {
      answers
          .getOrDefault(exchange.getRequestURI().getPath(), text(404, "no such page"))
          .to(exchange);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private static byte[] unsigned(byte[] number) {
    return number[0] == 0 ? java.util.Arrays.copyOfRange(number, 1, number.length) : number;
  }

  private static byte[] last32(byte[] octets) {
    return java.util.Arrays.copyOfRange(octets, octets.length - 32, octets.length);
  }

  /** Sets of keys of which none is of use, with what is wrong. */
  static List<String> uselessSets(KeyPair keys, KeyPair small) {
    Members good = jwk("k", keys);
    return List.of(
        "",
        "{}",
        "[]",
        "null",
        "<html>log in</html>",
        "{\"keys\":null}",
        "{\"keys\":{}}",
        "{\"keys\":[]}",
        "{\"keys\":[null,1,\"x\",[],{}]}",
        "{\"keys\":[" + good.json() + "]",
        "{\"keys\":[],\"keys\":[" + good.json() + "]}",
        set(good.json()) + "x",
        set(good.with("x", "[".repeat(100) + "]".repeat(100)).json()),
        set(good.with("use", "\"enc\"").json()),
        set(good.with("key_ops", "[\"encrypt\"]").json()),
        set(good.with("alg", "\"PS256\"").json()),
        set(good.with("alg", "\"HS256\"").json()),
        set(good.with("alg", "\"none\"").json()),
        set(good.with("kty", "\"EC\"").json()),
        set(good.with("kty", "\"rsa\"").json()),
        set(good.without("kty").json()),
        set(good.without("n").json()),
        set(good.with("n", "\"\"").json()),
        set(good.with("n", "1").json()),
        set(good.with("d", good.texts().get("n")).json()),
        set(jwk("k", small).json()),
        set(
            "{\"kty\":\"oct\",\"kid\":\"k\",\"k\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}"),
        set("{\"kty\":\"EC\",\"kid\":\"k\",\"crv\":\"P-256\",\"x\":\"AQ\",\"y\":\"AQ\"}"),
        "{\"keys\":[" + (good.json() + ",").repeat(100) + good.json() + "]}");
  }
}
