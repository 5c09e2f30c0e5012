package io.flashdns.management.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flashdns.proto.v1.AuthenticationMethod;
import io.flashdns.proto.v1.IdentityGrant;
import io.flashdns.proto.v1.ProjectName;
import io.flashdns.proto.v1.Role;
import io.flashdns.proto.v1.Scope;
import io.flashdns.proto.v1.ScopeKind;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Good tokens of a real issuer, and what becomes of their claims. */
class IssuerTokensTest {
  private static final String AUDIENCE = "flashdns";
  private static final InetSocketAddress SOMEWHERE =
      new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 4_711);

  private static RealIssuer rsa;
  private static RealIssuer ec;

  private final TestClock clock = new TestClock();
  private Authenticators authenticators;

  @BeforeAll
  static void start() throws Exception {
    rsa = RealIssuer.rsa("tenants");
    ec = RealIssuer.ec("clusters");
  }

  @AfterAll
  static void stop() {
    rsa.close();
    ec.close();
  }

  @AfterEach
  void close() {
    authenticators.close();
  }

  @Test
  void tokenOfAnIssuerWithRsaIsTaken() throws Exception {
    configure(IssuerConfig.of(rsa.url(), AUDIENCE));
    Principal caller =
        call(rsa.token("alice", AUDIENCE, Map.of("preferred_username", "Alice Example")));
    assertThat(caller.name()).isEqualTo("oidc:" + rsa.url() + "#alice");
    assertThat(caller.method()).isEqualTo(AuthenticationMethod.AUTHENTICATION_METHOD_OIDC);
    assertThat(caller.displayName()).isEqualTo("Alice Example");
    assertThat(caller.groups()).isEmpty();
    assertThat(caller.grants()).isEmpty();
    assertThat(caller.expires())
        .isBetween(Instant.now().plusSeconds(3_500), Instant.now().plusSeconds(3_601));
  }

  @Test
  void tokenOfAnIssuerWithEllipticCurvesIsTaken() throws Exception {
    configure(IssuerConfig.of(rsa.url(), AUDIENCE), IssuerConfig.of(ec.url(), AUDIENCE));
    assertThat(call(ec.token("node", AUDIENCE, Map.of())).name())
        .isEqualTo("oidc:" + ec.url() + "#node");
    assertThat(call(rsa.token("alice", AUDIENCE, Map.of())).name())
        .isEqualTo("oidc:" + rsa.url() + "#alice");
  }

  @Test
  void keysAreTakenFromTheUrlThatIsConfigured() throws Exception {
    configure(IssuerConfig.of(rsa.url(), AUDIENCE).withJwks(rsa.jwks()));
    assertThat(call(rsa.token("alice", AUDIENCE, Map.of())).name()).endsWith("#alice");
  }

  @Test
  void typeOfAccessTokensIsTakenInItsLongFormToo() throws Exception {
    configure(
        IssuerConfig.of(rsa.url(), AUDIENCE)
            .withTokens(
                new TokenRules(
                    List.of(TokenAlgorithm.RS256),
                    List.of("at+jwt"),
                    List.of(),
                    Duration.ofHours(1))));
    for (String type : List.of("at+jwt", "AT+JWT", "application/at+jwt")) {
      assertThat(call(rsa.token("alice", AUDIENCE, type, Map.of(), Duration.ofMinutes(5))).name())
          .endsWith("#alice");
    }
    String idToken = rsa.token("alice", AUDIENCE, "JWT", Map.of(), Duration.ofMinutes(5));
    assertThatThrownBy(() -> call(idToken)).hasMessageContaining("access token");
  }

  @Test
  void tokenWithoutTypeIsTakenOnlyWhereThatIsConfigured() throws Exception {
    String untyped =
        rsa.sign(rsa.header().without("typ").json(), rsa.claims(AUDIENCE, clock.instant()).json());
    String named =
        rsa.sign(
            rsa.header().with("typ", "\"none\"").json(),
            rsa.claims(AUDIENCE, clock.instant()).json());
    configure(IssuerConfig.of(rsa.url(), AUDIENCE));
    assertThatThrownBy(() -> call(untyped)).isInstanceOf(UnauthenticatedException.class);
    authenticators.close();
    configure(
        IssuerConfig.of(rsa.url(), AUDIENCE)
            .withTokens(
                new TokenRules(
                    List.of(TokenAlgorithm.RS256),
                    List.of("JWT", "none"),
                    List.of(),
                    Duration.ofHours(1))));
    assertThat(call(untyped).name()).endsWith("#alice");
    assertThatThrownBy(() -> call(named)).isInstanceOf(UnauthenticatedException.class);
  }

  @Test
  void onlyAuthorizedPartiesThatAreConfiguredAreTaken() throws Exception {
    // This issuer puts its client there.
    String token = rsa.token("alice", AUDIENCE, Map.of());
    configure(IssuerConfig.of(rsa.url(), AUDIENCE).withTokens(ofParties("console", "client")));
    assertThat(call(token).name()).endsWith("#alice");
    authenticators.close();
    configure(IssuerConfig.of(rsa.url(), AUDIENCE).withTokens(ofParties("console")));
    assertThatThrownBy(() -> call(token)).hasMessageContaining("azp");
    assertThat(authenticators.refusals().count(Refusal.PARTY)).isEqualTo(1);
  }

  @Test
  void oneOfSeveralAudiencesIsEnough() throws Exception {
    configure(IssuerConfig.of(rsa.url(), AUDIENCE, "flashdns-new"));
    String several =
        rsa.sign(
            rsa.header().json(),
            rsa.claims(AUDIENCE, clock.instant())
                .with("aud", "[\"other\",\"flashdns-new\"]")
                .json());
    assertThat(call(several).name()).endsWith("#alice");
  }

  @Test
  void urlsOfKeysInTheHeaderOfAnHonestTokenAreNotRead() throws Exception {
    configure(IssuerConfig.of(rsa.url(), AUDIENCE));
    String token =
        rsa.sign(
            rsa.header().with("jku", "\"http://127.0.0.1:1/keys\"").json(),
            rsa.claims(AUDIENCE, clock.instant()).json());
    assertThat(call(token).name()).endsWith("#alice");
    assertThat(authenticators.keyFetches(rsa.url())).isEqualTo(1);
  }

  @Test
  void projectOfTheTokenIsTheScopeOfItsRoles() throws Exception {
    configure(mapped());
    Principal caller =
        call(
            rsa.token(
                "alice",
                AUDIENCE,
                Map.of(
                    "tenant",
                    Map.of("organisation", "acme", "project", "shop"),
                    "roles",
                    List.of("dns-admin", "editor", "stranger"),
                    "groups",
                    List.of("ops", "dev"))));
    assertThat(caller.grants())
        .containsExactly(
            grant(ScopeKind.SCOPE_KIND_PROJECT, "acme", "shop", Role.ROLE_ADMIN),
            grant(ScopeKind.SCOPE_KIND_PROJECT, "acme", "shop", Role.ROLE_EDITOR));
    assertThat(caller.groups())
        .containsExactly("group:" + rsa.url() + "#ops", "group:" + rsa.url() + "#dev");
  }

  @Test
  void organisationAloneIsTheScopeWithoutAProject() throws Exception {
    configure(mapped());
    Principal caller =
        call(
            rsa.token(
                "alice",
                AUDIENCE,
                Map.of("tenant", Map.of("organisation", "acme"), "roles", "auditor")));
    assertThat(caller.grants())
        .containsExactly(grant(ScopeKind.SCOPE_KIND_ORGANISATION, "acme", "", Role.ROLE_AUDITOR));
  }

  @Test
  void claimWithDotsInItsNameIsTakenAsAWhole() throws Exception {
    configure(mapped());
    Principal caller =
        call(
            rsa.token(
                "alice",
                AUDIENCE,
                Map.of("tenant.organisation", "acme", "roles", List.of("viewer"))));
    assertThat(caller.grants())
        .containsExactly(grant(ScopeKind.SCOPE_KIND_ORGANISATION, "acme", "", Role.ROLE_VIEWER));
  }

  @Test
  void platformRolesAreGivenOnlyWhereTheyAreConfigured() throws Exception {
    configure(mapped());
    String operator = rsa.token("root", AUDIENCE, Map.of("roles", List.of("admin", "operators")));
    assertThat(call(operator).grants()).isEmpty();
    authenticators.close();
    IssuerConfig config = mapped();
    configure(
        config.withClaims(
            config.claims(),
            config.roles(),
            new PlatformRoles(List.of(), List.of(), List.of(), List.of("operators"), List.of())));
    assertThat(call(operator).grants())
        .containsExactly(
            IdentityGrant.newBuilder()
                .setScope(Scope.newBuilder().setKind(ScopeKind.SCOPE_KIND_PLATFORM))
                .setRole(Role.ROLE_ADMIN)
                .build());
  }

  @Test
  void claimsThatAreNoTenantsGiveNothing() throws Exception {
    configure(mapped());
    List<Map<String, Object>> strange =
        List.of(
            Map.of("organisation", List.of("acme", "other")),
            Map.of("organisation", "Acme"),
            Map.of("organisation", "../acme"),
            Map.of("organisation", ""),
            Map.of("organisation", 7),
            Map.of("organisation", Map.of("organisation", "acme")),
            Map.of("project", "shop"),
            // Meant to narrow, and cannot be read: the organisation would be too much.
            Map.of("organisation", "acme", "project", "SHOP"),
            Map.of("organisation", "acme", "project", List.of("shop", "other")));
    for (Map<String, Object> tenant : strange) {
      String token =
          rsa.token("alice", AUDIENCE, Map.of("tenant", tenant, "roles", List.of("admin")));
      assertThat(call(token).grants()).as("%s", tenant).isEmpty();
    }
  }

  @Test
  void theSameTokenIsVerifiedAgainAfterAMinute() throws Exception {
    configure(IssuerConfig.of(rsa.url(), AUDIENCE));
    String token = rsa.token("alice", AUDIENCE, Map.of());
    Principal first = call(token);
    clock.forward(Duration.ofSeconds(59));
    assertThat(call(token)).isSameAs(first);
    clock.forward(Duration.ofSeconds(2));
    assertThat(call(token)).isNotSameAs(first).isEqualTo(first);
  }

  @Test
  void tokenThatIsRememberedEndsWhenItExpires() throws Exception {
    configure(IssuerConfig.of(rsa.url(), AUDIENCE));
    Instant now = clock.instant();
    String token =
        rsa.sign(
            rsa.header().json(),
            rsa.claims(AUDIENCE, now)
                .with("exp", String.valueOf(now.getEpochSecond() + 10))
                .json());
    call(token);
    // 30 seconds are granted to clocks that differ.
    clock.forward(Duration.ofSeconds(39));
    call(token);
    clock.forward(Duration.ofSeconds(1));
    assertThatThrownBy(() -> call(token)).hasMessageContaining("has expired");
    assertThat(authenticators.refusals().count(Refusal.EXPIRED)).isEqualTo(1);
  }

  @Test
  void clocksMayDifferByHalfAMinute() throws Exception {
    configure(IssuerConfig.of(rsa.url(), AUDIENCE));
    long now = clock.instant().getEpochSecond();
    Members claims = rsa.claims(AUDIENCE, clock.instant());
    for (String claim : List.of("iat", "nbf")) {
      String early = String.valueOf(now + 30);
      call(rsa.sign(rsa.header().json(), claims.with(claim, early).json()));
      String tooEarly = String.valueOf(now + 31);
      String token = rsa.sign(rsa.header().json(), claims.with(claim, tooEarly).json());
      assertThatThrownBy(() -> call(token)).hasMessageContaining("does not hold yet");
    }
  }

  @Test
  void lifetimeOfAnHourIsTheLongestUnlessMoreIsConfigured() throws Exception {
    Members claims = rsa.claims(AUDIENCE, clock.instant());
    long now = clock.instant().getEpochSecond();
    String hour =
        rsa.sign(rsa.header().json(), claims.with("exp", String.valueOf(now + 3_600)).json());
    String more =
        rsa.sign(rsa.header().json(), claims.with("exp", String.valueOf(now + 3_607)).json());
    configure(IssuerConfig.of(rsa.url(), AUDIENCE));
    call(hour);
    assertThatThrownBy(() -> call(more)).hasMessageContaining("60 min");
    authenticators.close();
    configure(
        IssuerConfig.of(rsa.url(), AUDIENCE)
            .withTokens(
                new TokenRules(
                    List.of(TokenAlgorithm.RS256),
                    List.of("JWT"),
                    List.of(),
                    Duration.ofMinutes(61))));
    call(more);
  }

  private static TokenRules ofParties(String... parties) {
    return new TokenRules(
        List.of(TokenAlgorithm.RS256), List.of("JWT"), List.of(parties), Duration.ofHours(1));
  }

  private static IssuerConfig mapped() {
    return IssuerConfig.of(rsa.url(), AUDIENCE)
        .withClaims(
            new ClaimNames(
                Optional.of("tenant.organisation"),
                Optional.of("tenant.project"),
                Optional.of("roles"),
                Optional.of("groups")),
            new RoleNames(
                List.of("viewer"),
                List.of("editor"),
                List.of(),
                List.of("admin", "dns-admin"),
                List.of("auditor")),
            PlatformRoles.defaults());
  }

  private static IdentityGrant grant(
      ScopeKind kind, String organisation, String project, Role role) {
    return IdentityGrant.newBuilder()
        .setScope(
            Scope.newBuilder()
                .setKind(kind)
                .setProject(
                    ProjectName.newBuilder().setOrganisation(organisation).setProject(project)))
        .setRole(role)
        .build();
  }

  private void configure(IssuerConfig... issuers) throws Exception {
    authenticators = new Authenticators(List.of(issuers), (_, _) -> null, clock);
  }

  private Principal call(String token) throws UnauthenticatedException {
    return authenticators.authenticate(
        new Credentials(List.of("Bearer " + token), List.of(), SOMEWHERE));
  }
}
