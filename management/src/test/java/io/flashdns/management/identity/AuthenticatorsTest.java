package io.flashdns.management.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flashdns.management.identity.TestCertificates.Made;
import io.flashdns.proto.v1.AuthenticationMethod;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which credentials count, and what client certificates say. */
class AuthenticatorsTest {
  private static final String AUDIENCE = "flashdns";
  private static final InetSocketAddress SOMEWHERE =
      new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 4_711);

  @TempDir static Path folder;

  /** The issuer has the same one. */
  private static final InstantSource CLOCK = InstantSource.system();

  private static RealIssuer issuer;
  private static TestCertificates authority;
  private static Made client;
  private static Authenticators authenticators;

  @BeforeAll
  static void start() throws Exception {
    issuer = RealIssuer.rsa("tenants");
    authority = new TestCertificates(folder, "authority");
    client = authority.client("node-1", "dns:node-1.example.org,uri:spiffe://example.org/node/1");
    authenticators =
        new Authenticators(List.of(IssuerConfig.of(issuer.url(), AUDIENCE)), (_, _) -> null, CLOCK);
  }

  @AfterAll
  static void stop() {
    authenticators.close();
    issuer.close();
  }

  @Test
  void withoutCredentialsNobodyIsRecognised() {
    assertThatThrownBy(() -> call(List.of(), List.of()))
        .isInstanceOf(UnauthenticatedException.class)
        .hasMessageContaining("authorization: Bearer");
    assertThat(authenticators.refusals().count(Refusal.NO_CREDENTIALS)).isPositive();
  }

  @Test
  void schemeIsTakenInAnyCase() throws Exception {
    String token = token();
    for (String scheme : List.of("Bearer ", "bearer ", "BEARER ", "bEaReR ")) {
      assertThat(call(List.of(scheme + token), List.of()).name()).endsWith("#alice");
    }
  }

  @Test
  void certificateCountsWithoutHeader() throws Exception {
    Principal caller = call(List.of(), chain(client));
    assertThat(caller.name()).isEqualTo("mtls:URI:spiffe://example.org/node/1");
    assertThat(caller.method()).isEqualTo(AuthenticationMethod.AUTHENTICATION_METHOD_MTLS);
    assertThat(caller.displayName()).isEqualTo("CN=node-1");
    assertThat(caller.grants()).isEmpty();
    assertThat(caller.expires()).isEqualTo(client.certificate().getNotAfter().toInstant());
  }

  @Test
  void headerDecidesBesideACertificate() throws Exception {
    assertThat(call(List.of("Bearer " + token()), chain(client)).name()).endsWith("#alice");
    for (String bad :
        List.of("", "Bearer x", "Basic YTpi", "Bearer " + TokenSecrets.make(), "Bearer ")) {
      assertThatThrownBy(() -> call(List.of(bad), chain(client)))
          .as(bad)
          .isInstanceOf(UnauthenticatedException.class);
    }
    assertThatThrownBy(() -> call(List.of("Bearer x", "Bearer " + token()), chain(client)))
        .hasMessageContaining("several headers");
  }

  @Test
  void headerOf8KiBIsRead() throws Exception {
    Members claims = issuer.claims(AUDIENCE, CLOCK.instant());
    int room = 8 * 1_024;
    String fits = "";
    for (int i = 5_000; i < 7_000; i++) {
      String token =
          issuer.sign(
              issuer.header().json(), claims.with("x", Members.quoted("x".repeat(i))).json());
      if ("Bearer ".length() + token.length() > room) {
        break;
      }
      fits = token;
    }
    assertThat("Bearer ".length() + fits.length()).isBetween(room - 2, room);
    assertThat(call(List.of("Bearer " + fits), List.of()).name()).endsWith("#alice");
  }

  @Test
  void nameOfACertificateIsItsUriThenItsDnsNameThenItsMail() throws Exception {
    assertThat(name("dns:a.example,email:x@example.org,uri:spiffe://e/1,uri:spiffe://e/2"))
        .isEqualTo("mtls:URI:spiffe://e/1");
    assertThat(name("email:x@example.org,dns:a.example,dns:b.example"))
        .isEqualTo("mtls:DNS:a.example");
    assertThat(name("email:x@example.org,ip:192.0.2.1")).isEqualTo("mtls:EMAIL:x@example.org");
  }

  @Test
  void certificateWithoutSuchANameIsRefusedWhateverItsSubjectSays() throws Exception {
    for (Made nameless :
        List.of(
            authority.issue("admin", "", "-keyalg", "EC"),
            authority.issue("admin", "san=ip:192.0.2.1", "-keyalg", "EC"))) {
      assertThatThrownBy(() -> call(List.of(), chain(nameless)))
          .hasMessageContaining("subject alternative name");
    }
  }

  @Test
  void certificateThatExpiredSinceTheHandshakeIsRefused() throws Exception {
    Made old =
        authority.issue(
            "old", "san=dns:old.example", "-keyalg", "EC", "-startdate", "-3d", "-validity", "1");
    assertThatThrownBy(() -> call(List.of(), chain(old))).hasMessageContaining("has expired");
    Made early =
        authority.issue(
            "early", "san=dns:a.example", "-keyalg", "EC", "-startdate", "+1d", "-validity", "9");
    assertThatThrownBy(() -> call(List.of(), chain(early)))
        .hasMessageContaining("does not hold yet");
    // One that ends between it and the authority ends it too.
    assertThatThrownBy(() -> call(List.of(), List.of(client.certificate(), old.certificate())))
        .hasMessageContaining("has expired");
    assertThat(authenticators.refusals().count(Refusal.CERTIFICATE)).isGreaterThanOrEqualTo(3);
  }

  @Test
  void issuerConfiguredTwiceIsRefused() {
    IssuerConfig config = IssuerConfig.of(issuer.url(), AUDIENCE);
    assertThatThrownBy(() -> new Authenticators(List.of(config, config), (_, _) -> null, CLOCK))
        .hasMessageContaining("twice");
  }

  private static String name(String alternativeNames) throws Exception {
    return call(List.of(), chain(authority.client("x", alternativeNames))).name();
  }

  private static List<X509Certificate> chain(Made made) {
    return List.of(made.certificate());
  }

  private static String token() {
    return issuer.token("alice", AUDIENCE, "JWT", Map.of(), Duration.ofMinutes(30));
  }

  private static Principal call(List<String> headers, List<X509Certificate> certificates)
      throws UnauthenticatedException {
    return authenticators.authenticate(new Credentials(headers, certificates, SOMEWHERE));
  }
}
