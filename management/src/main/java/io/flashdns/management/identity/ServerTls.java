package io.flashdns.management.identity;

import io.grpc.util.AdvancedTlsX509KeyManager;
import io.grpc.util.AdvancedTlsX509TrustManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Certificate, key and client authorities of a door, read again when their files change. New
 * handshakes take the new ones; connections that are open go on.
 *
 * <p>All files are read and checked before any of them counts: certificate and key must belong
 * together. What cannot be read leaves the old ones in force. It is told once, and only when it
 * still is so at the next look, for files are often replaced one after the other.
 *
 * <p>Safe for all threads. Whoever opens it closes it.
 */
public final class ServerTls implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ServerTls.class);
  private static final long LOOK_SECONDS = 10;

  /** AEAD with ephemeral keys: what RFC 9325 §4.2 recommends, and no more. */
  private static final List<String> CIPHERS_1_3 =
      List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");

  private static final List<String> CIPHERS_1_2 =
      List.of(
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

  private final TlsConfig config;
  private final InstantSource clock;
  private final AdvancedTlsX509KeyManager keys = new AdvancedTlsX509KeyManager();
  private final @Nullable AdvancedTlsX509TrustManager clients;
  private final ScheduledExecutorService looking;
  private volatile Instant expires = Instant.EPOCH;

  // Of whoever looks, one at a time.
  private List<Stamp> seen;
  private List<Stamp> refused = List.of();
  private boolean told;

  private ServerTls(TlsConfig config, InstantSource clock) throws IOException {
    this.config = config;
    this.clock = clock;
    this.clients = config.clientAuthorities().isPresent() ? trust() : null;
    this.seen = stamps();
    take(read(config));
    this.looking =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("tls-files").factory());
  }

  /**
   * Reads the files, and looks at them every 10 seconds from now on.
   *
   * @throws IOException when one cannot be read, or they do not fit together; names the file
   */
  public static ServerTls open(TlsConfig config) throws IOException {
    ServerTls tls = open(config, InstantSource.system());
    tls.looking.scheduleWithFixedDelay(
        tls::lookAgain, LOOK_SECONDS, LOOK_SECONDS, TimeUnit.SECONDS);
    return tls;
  }

  /**
   * Reads the files as {@link #open} would, and nothing more.
   *
   * @return what can be served with and should not be, a sentence each with the file and a remedy;
   *     {@link #open} logs the same
   * @throws IOException as {@link #open} does
   */
  public static List<String> check(TlsConfig config) throws IOException {
    return doubts(config, read(config), InstantSource.system());
  }

  /** For tests: reads the files, and looks only when told. */
  static ServerTls open(TlsConfig config, InstantSource clock) throws IOException {
    return new ServerTls(config, clock);
  }

  /** Shows the server's certificate. One object for good; what it shows changes. */
  public X509ExtendedKeyManager keyManager() {
    return keys;
  }

  /**
   * Checks client certificates; absent when none are to be asked for. Where it is present, the door
   * asks for one and goes on without: callers may bring a token instead.
   */
  public Optional<X509ExtendedTrustManager> trustManager() {
    return Optional.ofNullable(clients);
  }

  /** Versions to speak, in the JDK's words. */
  public List<String> protocols() {
    return config.allowsVersion12() ? List.of("TLSv1.3", "TLSv1.2") : List.of("TLSv1.3");
  }

  /** Cipher suites to speak, best first, in the JDK's words. HTTP/2 takes all of them. */
  public List<String> cipherSuites() {
    List<String> suites = new ArrayList<>(CIPHERS_1_3);
    if (config.allowsVersion12()) {
      suites.addAll(CIPHERS_1_2);
    }
    return List.copyOf(suites);
  }

  /** When the server's certificate ends. */
  public Instant expires() {
    return expires;
  }

  /** Ends the looking; what was handed out works on. */
  @Override
  public void close() {
    looking.shutdownNow();
  }

  /** Looks at the files, and takes them when they have changed. */
  synchronized void lookAgain() {
    List<Stamp> now = stamps();
    if (now.equals(seen)) {
      refused = List.of();
      told = false;
      return;
    }
    try {
      take(read(config));
      seen = now;
      refused = List.of();
      told = false;
      log.info("certificate {} was read anew: valid until {}", config.certificate(), expires);
    } catch (IOException e) {
      if (!now.equals(refused)) {
        refused = now;
        told = false;
      } else if (!told) {
        told = true;
        log.warn(
            "certificates were changed and cannot be read, the old ones stay in force: {}",
            e.getMessage());
      }
    } catch (RuntimeException e) {
      // The look that throws would be the last one.
      log.error("certificates could not be looked at", e);
    }
  }

  private static Material read(TlsConfig config) throws IOException {
    X509Certificate[] chain = PemFiles.certificates(config.certificate());
    PrivateKey key = PemFiles.keyOf(config.key(), chain, config.certificate(), "the server's");
    Optional<Path> file = config.clientAuthorities();
    return new Material(
        chain, key, file.isPresent() ? PemFiles.certificates(file.get()) : new X509Certificate[0]);
  }

  private void take(Material material) throws IOException {
    if (clients != null) {
      try {
        clients.updateTrustCredentials(material.authorities());
      } catch (GeneralSecurityException e) {
        throw new IOException(
            config.clientAuthorities().orElseThrow() + " has a certificate of no use", e);
      }
    }
    keys.updateIdentityCredentials(material.chain(), material.key());
    expires = material.chain()[0].getNotAfter().toInstant();
    doubts(config, material, clock).forEach(log::warn);
  }

  /** What can be served with and should not be, a sentence each. */
  private static List<String> doubts(TlsConfig config, Material material, InstantSource clock) {
    return PemFiles.doubts(
        config.certificate(), material.chain(), config.key(), "clients", clock.instant());
  }

  private static AdvancedTlsX509TrustManager trust() {
    try {
      return AdvancedTlsX509TrustManager.newBuilder()
          .setVerification(AdvancedTlsX509TrustManager.Verification.CERTIFICATE_ONLY_VERIFICATION)
          .build();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("an empty trust store can always be made", e);
    }
  }

  private List<Stamp> stamps() {
    List<Stamp> stamps = new ArrayList<>();
    stamps.add(Stamp.of(config.certificate()));
    stamps.add(Stamp.of(config.key()));
    config.clientAuthorities().ifPresent(file -> stamps.add(Stamp.of(file)));
    return List.copyOf(stamps);
  }

  @SuppressWarnings("ArrayRecordComponent") // carries, and is never compared
  private record Material(X509Certificate[] chain, PrivateKey key, X509Certificate[] authorities) {}

  /** What tells a changed file from an unchanged one; a link is followed. */
  private record Stamp(Path file, long bytes, Instant modified, String inode) {
    static Stamp of(Path file) {
      try {
        BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
        return new Stamp(
            file, now.size(), now.lastModifiedTime().toInstant(), String.valueOf(now.fileKey()));
      } catch (IOException _) {
        return new Stamp(file, -1, Instant.EPOCH, "");
      }
    }
  }
}
