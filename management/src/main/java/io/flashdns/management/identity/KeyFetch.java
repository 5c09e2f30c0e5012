package io.flashdns.management.identity;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Fetches the keys of one issuer: from the URL that is configured, or from the one that its
 * metadata names (OpenID Connect Discovery 1.0 §4). Redirects are not followed, an answer has at
 * most 64 KiB and 3 seconds. Safe for all threads; blocks.
 */
final class KeyFetch implements AutoCloseable {
  static final int MAX_BYTES = 64 * 1_024;

  private static final Duration PATIENCE = Duration.ofSeconds(3);
  private static final int OK = 200;

  private final IssuerConfig config;
  private final HttpClient client;

  /**
   * For one issuer.
   *
   * @throws IOException when its authorities cannot be read
   */
  KeyFetch(IssuerConfig config) throws IOException {
    this.config = config;
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(PATIENCE);
    if (config.authorities().isPresent()) {
      builder.sslContext(trusting(PemFiles.certificates(config.authorities().get())));
    }
    this.client = builder.build();
  }

  /**
   * The keys, now.
   *
   * @throws IOException when they cannot be had; says from where and why
   */
  List<IssuerKey> fetch() throws IOException, InterruptedException {
    URI from = config.jwks().isPresent() ? URI.create(config.jwks().get()) : discover();
    byte[] set = get(from);
    try {
      return IssuerKey.parse(set, config.tokens().algorithms());
    } catch (IOException e) {
      throw new IOException("the key set at " + from + " is of no use: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
  }

  private URI discover() throws IOException, InterruptedException {
    String issuer = config.issuer();
    String base = issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer;
    URI metadata = URI.create(base + "/.well-known/openid-configuration");
    byte[] answer = get(metadata);
    Object named;
    Object place;
    try {
      var members = StrictJson.object(answer);
      named = members.get("issuer");
      place = members.get("jwks_uri");
    } catch (IOException e) {
      throw new IOException("the metadata at " + metadata + " is of no use: " + e.getMessage(), e);
    }
    // Whoever answers for another issuer would make its keys those of this one.
    if (!issuer.equals(named)) {
      throw new IOException("the metadata at " + metadata + " is that of another issuer");
    }
    URI keys = place instanceof String url ? IssuerConfig.safe(url) : null;
    if (keys == null || (isHttps(metadata) && !isHttps(keys))) {
      throw new IOException("the metadata at " + metadata + " names no https URL as jwks_uri");
    }
    return keys;
  }

  private byte[] get(URI from) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(from).timeout(PATIENCE).header("accept", "application/json").build();
    CompletableFuture<HttpResponse<byte[]>> asked =
        client.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_BYTES));
    try {
      // The request's own limit ends with the headers; this one holds for the body too.
      HttpResponse<byte[]> answer = asked.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      if (answer.statusCode() != OK) {
        throw new IOException(
            from
                + " answers "
                + answer.statusCode()
                + ", not 200; redirects are not followed: configure where it leads to");
      }
      return answer.body();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IOException(from + " cannot be read: " + cause, e);
    } catch (TimeoutException e) {
      throw new IOException(from + " did not answer within " + PATIENCE.toSeconds() + " s", e);
    } finally {
      asked.cancel(true);
    }
  }

  private static boolean isHttps(URI uri) {
    return "https".equals(uri.getScheme());
  }

  private static SSLContext trusting(X509Certificate[] authorities) throws IOException {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      for (int i = 0; i < authorities.length; i++) {
        store.setCertificateEntry("authority-" + i, authorities[i]);
      }
      TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
      factory.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, factory.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException("the authorities of the issuer are of no use", e);
    }
  }
}
