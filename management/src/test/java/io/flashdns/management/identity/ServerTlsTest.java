package io.flashdns.management.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.flashdns.management.identity.TestCertificates.Made;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class ServerTlsTest {
  @TempDir static Path made;
  @TempDir Path live;

  private static TestCertificates authority;
  private static TestCertificates stranger;
  private static Made first;
  private static Made second;
  private static Made client;
  private static Made foreign;

  private Path certificate;
  private Path key;
  private @Nullable ServerTls tls;

  @BeforeAll
  static void make() throws Exception {
    authority = new TestCertificates(made, "authority");
    stranger = new TestCertificates(made, "stranger");
    first = authority.server("first");
    second = authority.server("second");
    client = authority.client("client", "uri:spiffe://example/client");
    foreign = stranger.client("foreign", "uri:spiffe://example/client");
  }

  @BeforeEach
  void place() throws IOException {
    certificate = live.resolve("tls.crt");
    key = live.resolve("tls.key");
    put(first);
  }

  @AfterEach
  void close() {
    if (tls != null) {
      tls.close();
    }
  }

  @Test
  void newFilesAreShownWithoutRestart() throws Exception {
    open(TlsConfig.of(certificate, key));
    assertThat(shown().server()).isEqualTo(first.certificate());
    put(second);
    tls.lookAgain();
    assertThat(shown().server()).isEqualTo(second.certificate());
    assertThat(tls.expires()).isEqualTo(second.certificate().getNotAfter().toInstant());
  }

  @Test
  void brokenFilesLeaveTheOldOnesInForceUntilMended() throws Exception {
    open(TlsConfig.of(certificate, key));
    Files.writeString(certificate, "-----BEGIN CERTIFICATE-----\nnonsense");
    tls.lookAgain();
    tls.lookAgain();
    tls.lookAgain();
    assertThat(shown().server()).isEqualTo(first.certificate());
    Files.delete(certificate);
    tls.lookAgain();
    assertThat(shown().server()).isEqualTo(first.certificate());
    put(second);
    tls.lookAgain();
    assertThat(shown().server()).isEqualTo(second.certificate());
  }

  @Test
  void whatStaysBrokenIsToldOnce() throws Exception {
    Logger logger = (Logger) LoggerFactory.getLogger(ServerTls.class);
    ListAppender<ILoggingEvent> heard = new ListAppender<>();
    heard.start();
    logger.addAppender(heard);
    try {
      open(TlsConfig.of(certificate, key));
      Files.writeString(certificate, "nonsense");
      tls.lookAgain();
      assertThat(warnings(heard)).as("it may be half of a change").isEmpty();
      for (int i = 0; i < 5; i++) {
        tls.lookAgain();
      }
      assertThat(warnings(heard)).hasSize(1);
      assertThat(warnings(heard).getFirst())
          .contains(certificate + " has no certificate", "the old ones stay in force");
    } finally {
      logger.detachAppender(heard);
    }
  }

  private static List<String> warnings(ListAppender<ILoggingEvent> heard) {
    return heard.list.stream()
        .filter(event -> event.getLevel() == Level.WARN)
        .map(ILoggingEvent::getFormattedMessage)
        .toList();
  }

  @Test
  void halfOfAPairIsNotTaken() throws Exception {
    open(TlsConfig.of(certificate, key));
    replace(second.pem(), certificate);
    tls.lookAgain();
    assertThat(shown().server()).isEqualTo(first.certificate());
    replace(second.keyPem(), key);
    tls.lookAgain();
    assertThat(shown().server()).isEqualTo(second.certificate());
  }

  @Test
  void withoutClientAuthoritiesNoCertificateIsAskedFor() throws Exception {
    open(TlsConfig.of(certificate, key));
    assertThat(tls.trustManager()).isEmpty();
  }

  @Test
  void clientsOfTheAuthorityAreTakenAndThoseOfAnotherAreNot() throws Exception {
    open(TlsConfig.of(certificate, key).withClientAuthorities(authority.authority()));
    assertThat(shown(client).client()).contains(client.certificate());
    assertThat(shown().client()).isEmpty();
    assertThatThrownBy(() -> shown(foreign)).isInstanceOf(Exception.class);
  }

  @Test
  void newClientAuthoritiesCountWithoutRestart() throws Exception {
    Path authorities = live.resolve("clients.crt");
    replace(authority.authority(), authorities);
    open(TlsConfig.of(certificate, key).withClientAuthorities(authorities));
    assertThatThrownBy(() -> shown(foreign)).isInstanceOf(Exception.class);
    replace(stranger.authority(), authorities);
    tls.lookAgain();
    assertThat(shown(foreign).client()).contains(foreign.certificate());
    assertThatThrownBy(() -> shown(client)).isInstanceOf(Exception.class);
  }

  @Test
  void version12IsSpokenOnlyWhenAllowedAndOnlyWithAead() throws Exception {
    open(TlsConfig.of(certificate, key));
    assertThat(tls.protocols()).containsExactly("TLSv1.3", "TLSv1.2");
    assertThat(tls.cipherSuites()).allMatch(s -> s.contains("_GCM_") || s.contains("_CHACHA20_"));
    assertThat(shown(null, "TLSv1.2", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256").server())
        .isEqualTo(first.certificate());
    assertThatThrownBy(() -> shown(null, "TLSv1.2", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"))
        .isInstanceOf(Exception.class);
    tls.close();
    open(new TlsConfig(certificate, key, Optional.empty(), Optional.of("1.3")));
    assertThatThrownBy(() -> shown(null, "TLSv1.2", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"))
        .isInstanceOf(Exception.class);
    assertThat(shown().server()).isEqualTo(first.certificate());
  }

  @Test
  void startFailsWithTheNameOfTheFile() throws Exception {
    replace(second.keyPem(), key);
    assertThatThrownBy(() -> open(TlsConfig.of(certificate, key)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(key.toString())
        .hasMessageContaining("is not the key of");
    Files.writeString(key, "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n");
    assertThatThrownBy(() -> open(TlsConfig.of(certificate, key)))
        .hasMessageContaining(key.toString())
        .hasMessageContaining("openssl pkcs8");
    Files.delete(key);
    assertThatThrownBy(() -> open(TlsConfig.of(certificate, key)))
        .hasMessageContaining(key + " does not exist");
    Files.delete(certificate);
    assertThatThrownBy(() -> open(TlsConfig.of(certificate, key)))
        .hasMessageContaining(certificate + " does not exist");
  }

  @Test
  void keysOfAllThreeKindsAreRead() throws Exception {
    for (String algorithm : List.of("RSA", "EC", "Ed25519")) {
      put(authority.issue(algorithm, "san=dns:localhost,ip:127.0.0.1", "-keyalg", algorithm));
      open(TlsConfig.of(certificate, key));
      assertThat(shown().server().getPublicKey().getAlgorithm())
          .isEqualTo(algorithm.equals("Ed25519") ? "EdDSA" : algorithm);
      tls.close();
    }
  }

  @Test
  void oldVersionsAreNoChoice() {
    assertThatThrownBy(() -> new TlsConfig(certificate, key, Optional.empty(), Optional.of("1.1")))
        .hasMessageStartingWith("minimumVersion must be 1.2 or 1.3");
  }

  private void open(TlsConfig config) throws IOException {
    tls = ServerTls.open(config, InstantSource.system());
  }

  private void put(Made pair) throws IOException {
    replace(pair.pem(), certificate);
    replace(pair.keyPem(), key);
  }

  private void replace(Path from, Path to) throws IOException {
    Path beside = live.resolve("new");
    Files.copy(from, beside);
    Files.setPosixFilePermissions(beside, PosixFilePermissions.fromString("rw-------"));
    Files.move(beside, to, StandardCopyOption.ATOMIC_MOVE);
  }

  /** What each side of a handshake saw of the other. */
  private record Shown(X509Certificate server, Optional<X509Certificate> client) {}

  private Shown shown() throws Exception {
    return shown(null);
  }

  private Shown shown(@Nullable Made with) throws Exception {
    return shown(with, "TLSv1.3", null);
  }

  private Shown shown(@Nullable Made with, String protocol, @Nullable String suite)
      throws Exception {
    SSLContext serving = SSLContext.getInstance("TLS");
    serving.init(
        new KeyManager[] {tls.keyManager()},
        tls.trustManager().map(t -> new TrustManager[] {t}).orElse(new TrustManager[0]),
        null);
    SSLContext asking = SSLContext.getInstance("TLS");
    TestTrust trust = new TestTrust(authority.authority());
    asking.init(with == null ? null : new KeyManager[] {only(with)}, trust.managers(), null);
    InetAddress loopback = InetAddress.getLoopbackAddress();
    try (SSLServerSocket listening =
            (SSLServerSocket) serving.getServerSocketFactory().createServerSocket(0, 1, loopback);
        SSLSocket socket =
            (SSLSocket)
                asking.getSocketFactory().createSocket(loopback, listening.getLocalPort())) {
      listening.setEnabledProtocols(tls.protocols().toArray(new String[0]));
      listening.setEnabledCipherSuites(tls.cipherSuites().toArray(new String[0]));
      listening.setWantClientAuth(tls.trustManager().isPresent());
      listening.setSoTimeout(5_000);
      CompletableFuture<Optional<X509Certificate>> seen =
          CompletableFuture.supplyAsync(
              () -> {
                try (SSLSocket accepted = (SSLSocket) listening.accept()) {
                  accepted.startHandshake();
                  accepted.getOutputStream().write(1);
                  accepted.getInputStream().read();
                  try {
                    return Optional.of(
                        (X509Certificate) accepted.getSession().getPeerCertificates()[0]);
                  } catch (javax.net.ssl.SSLPeerUnverifiedException _) {
                    return Optional.empty();
                  }
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });
      socket.setSoTimeout(5_000);
      socket.setEnabledProtocols(new String[] {protocol});
      if (suite != null) {
        socket.setEnabledCipherSuites(new String[] {suite});
      }
      socket.startHandshake();
      // With TLS 1.3 the server's word on the client's certificate comes after the handshake.
      if (socket.getInputStream().read() != 1) {
        throw new IOException("the server hung up");
      }
      socket.getOutputStream().write(1);
      X509Certificate server = (X509Certificate) socket.getSession().getPeerCertificates()[0];
      return new Shown(server, seen.get());
    }
  }

  private static X509ExtendedKeyManager only(Made made) {
    var keys = new io.grpc.util.AdvancedTlsX509KeyManager();
    keys.updateIdentityCredentials(new X509Certificate[] {made.certificate()}, made.key());
    return keys;
  }

  /** Trusts one authority. */
  private record TestTrust(TrustManager[] managers) {
    TestTrust(Path authority) throws Exception {
      this(managers(PemFiles.certificates(authority)));
    }

    private static TrustManager[] managers(X509Certificate[] roots) throws Exception {
      var store = java.security.KeyStore.getInstance("PKCS12");
      store.load(null, null);
      for (int i = 0; i < roots.length; i++) {
        store.setCertificateEntry("root" + i, roots[i]);
      }
      var factory = javax.net.ssl.TrustManagerFactory.getInstance("PKIX");
      factory.init(store);
      return factory.getTrustManagers();
    }
  }
}
