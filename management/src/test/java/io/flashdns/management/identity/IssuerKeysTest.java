package io.flashdns.management.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.util.AdvancedTlsX509KeyManager;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Issuers that are down, slow, or up to no good: their tokens are refused, and they are left alone.
 */
class IssuerKeysTest {
  private static final InetSocketAddress SOMEWHERE =
      new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 4_711);

  private static KeyPair first;
  private static KeyPair second;
  private static KeyPair small;

  private final TestClock clock = new TestClock();
  private ToyIssuer issuer;
  private Authenticators authenticators;

  @BeforeAll
  static void make() throws Exception {
    first = ToyIssuer.rsaKeys(2_048);
    second = ToyIssuer.rsaKeys(2_048);
    small = ToyIssuer.rsaKeys(1_024);
  }

  @BeforeEach
  void start() throws Exception {
    issuer = new ToyIssuer();
    issuer.keys(ToyIssuer.jwk("first", first).json());
    configure(IssuerConfig.of(issuer.url(), "flashdns").withJwks(issuer.url() + "/keys"));
  }

  @AfterEach
  void stop() {
    authenticators.close();
    issuer.close();
  }

  @Test
  void keysAreFetchedOnceInTenMinutes() throws Exception {
    for (int i = 0; i < 100; i++) {
      taken("first", first);
      clock.forward(Duration.ofSeconds(5));
    }
    assertThat(issuer.asked()).isEqualTo(1);
  }

  @Test
  void keysAreFetchedBesideTheCallBeforeTenMinutesAreOver() throws Exception {
    taken("first", first);
    clock.forward(Duration.ofSeconds(9 * 60 + 1));
    issuer.answer("/keys", issuer.silence());
    taken("first", first);
    await().until(() -> issuer.asked() == 2);
  }

  @Test
  void keyThatTheIssuerWithdrewIsRefusedAfterTenMinutes() throws Exception {
    taken("first", first);
    issuer.keys(ToyIssuer.jwk("second", second).json());
    clock.forward(Duration.ofSeconds(601));
    refused("first", first, Refusal.UNKNOWN_KEY);
    taken("second", second);
    assertThat(issuer.asked()).isEqualTo(2);
  }

  @Test
  void newKeyIsFetchedWhenItIsFirstSeen() throws Exception {
    taken("first", first);
    issuer.keys(ToyIssuer.jwk("first", first).json(), ToyIssuer.jwk("second", second).json());
    clock.forward(Duration.ofSeconds(30));
    taken("second", second);
    taken("first", first);
    assertThat(issuer.asked()).isEqualTo(2);
  }

  @Test
  void unknownKeyIdsHaveKeysFetchedOnceInThirtySeconds() throws Exception {
    taken("first", first);
    for (int second = 0; second < 300; second++) {
      for (int i = 0; i < 5; i++) {
        refused("unknown" + i, first, Refusal.UNKNOWN_KEY);
      }
      clock.forward(Duration.ofSeconds(1));
    }
    assertThat(issuer.asked()).isBetween(5, 11);
  }

  @Test
  void goodKeysDoForAnHourWhenTheIssuerIsGone() throws Exception {
    taken("first", first);
    issuer.answer("/keys", ToyIssuer.text(503, "later"));
    for (int minute = 1; minute <= 59; minute++) {
      clock.forward(Duration.ofMinutes(1));
      taken("first", first);
    }
    clock.forward(Duration.ofSeconds(61));
    refused("first", first, Refusal.KEYS_UNAVAILABLE);
    assertThat(authenticators.keyFetchFailures(issuer.url())).isPositive();
    issuer.keys(ToyIssuer.jwk("first", first).json());
    clock.forward(Duration.ofSeconds(31));
    taken("first", first);
  }

  @Test
  void callersWithGoodKeysDoNotWaitForAnIssuerThatFails() throws Exception {
    taken("first", first);
    issuer.answer("/keys", ToyIssuer.text(503, "later"));
    clock.forward(Duration.ofMinutes(11));
    taken("first", first);
    issuer.answer("/keys", issuer.silence());
    int before = issuer.asked();
    clock.forward(Duration.ofSeconds(31));
    long start = System.nanoTime();
    taken("first", first);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
    await().until(() -> issuer.asked() == before + 1);
  }

  @Test
  void manyCallersAtOnceShareOneFetch() throws Exception {
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Principal>> calls = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        String token = issuer.token("RS256", "first", first, clock.instant());
        calls.add(callers.submit(() -> call(token)));
      }
      for (Future<Principal> call : calls) {
        assertThat(call.get().name()).endsWith("#alice");
      }
    }
    assertThat(issuer.asked()).isEqualTo(1);
  }

  @Test
  void warmUpFetchesBeforeTheFirstCall() throws Exception {
    authenticators.warmUp();
    await().until(() -> issuer.asked() == 1);
    taken("first", first);
    assertThat(issuer.asked()).isEqualTo(1);
  }

  @Test
  void tokenWithoutKeyIdIsTakenWhenThereIsOneKeyAlone() throws Exception {
    taken("", first);
    issuer.keys(ToyIssuer.jwk("first", first).json(), ToyIssuer.jwk("second", second).json());
    clock.forward(Duration.ofMinutes(11));
    refused("", first, Refusal.UNKNOWN_KEY);
    taken("first", first);
  }

  @Test
  void edwardsCurvesAreTakenWhereTheyAreAllowed() throws Exception {
    for (int i = 0; i < 8; i++) {
      KeyPair edwards = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
      issuer.keys(ToyIssuer.jwk("e", edwards).json());
      authenticators.close();
      configure(
          IssuerConfig.of(issuer.url(), "flashdns")
              .withTokens(
                  new TokenRules(
                      List.of(TokenAlgorithm.EDDSA),
                      List.of("at+jwt"),
                      List.of(),
                      Duration.ofHours(1))));
      String token = issuer.token("EdDSA", "e", edwards, clock.instant());
      assertThat(call(token).name()).endsWith("#alice");
      String zeros = token.substring(0, token.lastIndexOf('.') + 1);
      for (byte[] bad : List.of(new byte[0], new byte[64], new byte[63], new byte[65])) {
        assertThatThrownBy(() -> call(zeros + Members.base64(bad)))
            .hasMessageContaining("signature");
      }
      refused("e", first, Refusal.ALGORITHM);
    }
  }

  @Test
  void usefulKeysAreTakenOutOfASetWithOthers() throws Exception {
    issuer.keys(
        "{\"kty\":\"future\",\"kid\":\"x\"}",
        "{\"kty\":\"oct\",\"kid\":\"first\",\"k\":\"AAAA\"}",
        ToyIssuer.jwk("small", small).json(),
        ToyIssuer.jwk("first", first).with("use", "\"sig\"").with("alg", "\"RS256\"").json());
    taken("first", first);
    refused("small", small, Refusal.UNKNOWN_KEY);
  }

  static Stream<String> uselessSets() {
    return ToyIssuer.uselessSets(first, small).stream();
  }

  @ParameterizedTest
  @MethodSource("uselessSets")
  void setWithoutKeysOfUseIsNone(String set) throws Exception {
    issuer.answer("/keys", ToyIssuer.text(200, set));
    failsClosed();
  }

  @Test
  void issuerThatIsDownHasNoKeys() throws Exception {
    int free;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    authenticators.close();
    configure(
        IssuerConfig.of(issuer.url(), "flashdns").withJwks("http://127.0.0.1:" + free + "/keys"));
    failsClosed();
  }

  @Test
  void issuerThatIsSilentIsWaitedForThreeSeconds() throws Exception {
    issuer.answer("/keys", issuer.silence());
    long start = System.nanoTime();
    failsClosed();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(6));
  }

  @Test
  void issuerThatStopsInTheMiddleIsWaitedForThreeSeconds() throws Exception {
    issuer.answer("/keys", issuer.halfAnAnswer());
    long start = System.nanoTime();
    failsClosed();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(6));
  }

  @Test
  void answerOfMoreThan64KiBIsNotRead() throws Exception {
    String good = ToyIssuer.set(ToyIssuer.jwk("first", first).json());
    issuer.answer("/keys", ToyIssuer.text(200, good + " ".repeat(64 * 1_024 + 1 - good.length())));
    failsClosed();
  }

  @Test
  void answerWithoutEndIsNotReadToTheEnd() throws Exception {
    issuer.answer("/keys", ToyIssuer.endless());
    failsClosed();
  }

  @Test
  void answerOf64KiBIsRead() throws Exception {
    String good = ToyIssuer.set(ToyIssuer.jwk("first", first).json());
    issuer.answer("/keys", ToyIssuer.text(200, good + " ".repeat(64 * 1_024 - good.length())));
    taken("first", first);
  }

  @Test
  void redirectsAreNotFollowed() throws Exception {
    try (ToyIssuer other = new ToyIssuer()) {
      other.keys(ToyIssuer.jwk("first", first).json());
      for (String to :
          List.of(
              other.url() + "/keys",
              "http://169.254.169.254/latest/meta-data/",
              "file:///dev/null",
              "/keys2",
              issuer.url() + "/keys")) {
        issuer.answer("/keys", ToyIssuer.redirect(to));
        failsClosed();
        clock.forward(Duration.ofSeconds(6));
      }
      assertThat(other.asked()).isZero();
    }
  }

  @Test
  void answersOtherThan200HaveNoKeys() throws Exception {
    String good = ToyIssuer.set(ToyIssuer.jwk("first", first).json());
    for (int status : new int[] {201, 203, 206, 300, 400, 401, 404, 500, 503}) {
      issuer.answer("/keys", ToyIssuer.text(status, good));
      failsClosed();
      clock.forward(Duration.ofSeconds(6));
    }
  }

  @Test
  void metadataSaysWhereKeysAre() throws Exception {
    authenticators.close();
    configure(IssuerConfig.of(issuer.url(), "flashdns"));
    taken("first", first);
    assertThat(issuer.asked()).isEqualTo(2);
  }

  @Test
  void metadataThatCannotBeTrustedHasNoKeys() throws Exception {
    authenticators.close();
    configure(IssuerConfig.of(issuer.url(), "flashdns"));
    String keys = ",\"jwks_uri\":\"" + issuer.url() + "/keys\"}";
    String own = "{\"issuer\":\"" + issuer.url() + "\"";
    int asked = 0;
    for (String metadata :
        List.of(
            "",
            "{}",
            "<html>",
            own + "}",
            own + ",\"jwks_uri\":null}",
            own + ",\"jwks_uri\":\"/keys\"}",
            own + ",\"jwks_uri\":\"file:///dev/null\"}",
            own + ",\"jwks_uri\":\"http://192.0.2.1/keys\"}",
            own + ",\"jwks_uri\":\"http://169.254.169.254/\"}",
            own + ",\"jwks_uri\":\"ftp://127.0.0.1/\"}",
            own + ",\"jwks_uri\":\"" + issuer.url().replace("://", "://u:p@") + "/keys\"}",
            own + ",\"issuer\":\"" + issuer.url() + "\"" + keys,
            "{\"x\":1" + keys,
            "{\"issuer\":\"" + issuer.url() + "/\"" + keys,
            "{\"issuer\":\"https://issuer.example\"" + keys,
            "{\"issuer\":[\"" + issuer.url() + "\"]" + keys)) {
      issuer.answer("/.well-known/openid-configuration", ToyIssuer.text(200, metadata));
      failsClosed();
      assertThat(issuer.asked()).as(metadata).isEqualTo(++asked);
      clock.forward(Duration.ofSeconds(6));
    }
  }

  @Test
  void httpsIssuerIsBelievedByItsAuthorityAlone(@TempDir Path folder) throws Exception {
    TestCertificates authority = new TestCertificates(folder, "authority");
    TestCertificates.Made server = authority.server("issuer");
    TestCertificates.Made elsewhere = authority.issue("b", "san=dns:b.example", "-keyalg", "EC");
    Path strange = new TestCertificates(folder, "stranger").authority();
    taken("first", first);
    for (TestCertificates.Made shown : List.of(server, elsewhere)) {
      issuer.close();
      issuer = new ToyIssuer(context(shown));
      issuer.keys(ToyIssuer.jwk("first", first).json());
      IssuerConfig config = IssuerConfig.of(issuer.url(), "flashdns");
      authenticators.close();
      configure(config.withAuthorities(authority.authority()));
      if (shown == server) {
        taken("first", first);
        authenticators.close();
        configure(config);
        failsClosed();
        authenticators.close();
        configure(config.withAuthorities(strange));
      }
      failsClosed();
    }
  }

  private static SSLContext context(TestCertificates.Made made) throws Exception {
    AdvancedTlsX509KeyManager keys = new AdvancedTlsX509KeyManager();
    keys.updateIdentityCredentials(new X509Certificate[] {made.certificate()}, made.key());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(new KeyManager[] {keys}, null, null);
    return context;
  }

  @Test
  void clockThatIsPutBackDoesNotMakeKeysLastLonger() throws Exception {
    taken("first", first);
    clock.forward(Duration.ofHours(-2));
    taken("first", first);
    assertThat(issuer.asked()).isEqualTo(2);
  }

  /** A good token is refused, and a thousand of them make one fetch. */
  private void failsClosed() throws Exception {
    long before = authenticators.keyFetches(issuer.url());
    int asked = issuer.asked();
    String token = issuer.token("RS256", "first", first, clock.instant());
    long refused = authenticators.refusals().count(Refusal.KEYS_UNAVAILABLE);
    for (int i = 0; i < 1_000; i++) {
      assertThatThrownBy(() -> call(token)).hasMessageContaining("cannot be had at the moment");
    }
    assertThat(authenticators.refusals().count(Refusal.KEYS_UNAVAILABLE))
        .isEqualTo(refused + 1_000);
    assertThat(authenticators.keyFetches(issuer.url())).isEqualTo(before + 1);
    assertThat(issuer.asked()).isLessThanOrEqualTo(asked + 1);
    assertThat(authenticators.keyFetchFailures(issuer.url())).isEqualTo(before + 1);
  }

  private void taken(String id, KeyPair keys) throws UnauthenticatedException {
    assertThat(call(issuer.token("RS256", id, keys, clock.instant())).name())
        .isEqualTo("oidc:" + issuer.url() + "#alice");
  }

  private void refused(String id, KeyPair keys, Refusal why) {
    long before = authenticators.refusals().count(why);
    String token = issuer.token("RS256", id, keys, clock.instant());
    assertThatThrownBy(() -> call(token)).isInstanceOf(UnauthenticatedException.class);
    assertThat(authenticators.refusals().count(why)).as("refused as %s", why).isEqualTo(before + 1);
  }

  private void configure(IssuerConfig config) throws Exception {
    authenticators = new Authenticators(List.of(config), (_, _) -> null, clock);
  }

  private Principal call(String token) throws UnauthenticatedException {
    return authenticators.authenticate(
        new Credentials(List.of("Bearer " + token), List.of(), SOMEWHERE));
  }
}
