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
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ApiTokensTest {
  private static final IdentityGrant GRANT =
      IdentityGrant.newBuilder()
          .setScope(
              Scope.newBuilder()
                  .setKind(ScopeKind.SCOPE_KIND_PROJECT)
                  .setProject(ProjectName.newBuilder().setOrganisation("acme").setProject("shop")))
          .setRole(Role.ROLE_EDITOR)
          .build();

  private final TestClock clock = new TestClock();
  private final Map<String, KnownToken> known = new ConcurrentHashMap<>();
  private final List<String> accepted = new ArrayList<>();
  private final String secret = TokenSecrets.make();
  private Authenticators authenticators;
  private int lookups;

  @BeforeEach
  void start() throws Exception {
    TokenLookup lookup =
        new TokenLookup() {
          @Override
          public KnownToken byHash(byte[] sha256, InetSocketAddress source) {
            lookups++;
            return known.get(HexFormat.of().formatHex(sha256));
          }

          @Override
          public void accepted(KnownToken token) {
            accepted.add(token.id());
          }
        };
    authenticators = new Authenticators(List.of(), lookup, clock);
  }

  @AfterEach
  void stop() {
    authenticators.close();
  }

  @Test
  void knownTokenIsTakenWithItsOneGrant() throws Exception {
    keep(List.of());
    Principal caller = call("192.0.2.1");
    assertThat(caller.name()).isEqualTo("token:t1");
    assertThat(caller.method()).isEqualTo(AuthenticationMethod.AUTHENTICATION_METHOD_TOKEN);
    assertThat(caller.displayName()).isEqualTo("deploy");
    assertThat(caller.grants()).containsExactly(GRANT);
    assertThat(caller.groups()).isEmpty();
    assertThat(caller.expires()).isEqualTo(clock.instant().plus(Duration.ofDays(90)));
    assertThat(accepted).containsExactly("t1");
  }

  @Test
  void tokenThatIsRevokedIsRefusedAtOnce() throws Exception {
    keep(List.of());
    call("192.0.2.1");
    known.clear();
    refused("192.0.2.1");
    assertThat(lookups).isEqualTo(2);
  }

  @Test
  void tokenEndsToTheSecond() throws Exception {
    keep(List.of());
    clock.forward(Duration.ofDays(90).minusMillis(1));
    call("192.0.2.1");
    clock.forward(Duration.ofMillis(1));
    refused("192.0.2.1");
  }

  @Test
  void tokenWithNetworksIsTakenFromTheseAlone() throws Exception {
    keep(List.of("192.0.2.0/24", "198.51.100.7", "2001:db8::/32"));
    for (String from :
        List.of(
            "192.0.2.0",
            "192.0.2.255",
            "198.51.100.7",
            "2001:db8::1",
            "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
            "::ffff:192.0.2.9")) {
      assertThat(call(from).name()).as(from).isEqualTo("token:t1");
    }
    for (String from :
        List.of("192.0.3.0", "198.51.100.6", "2001:db7::1", "::192.0.2.9", "::1", "127.0.0.1")) {
      refused(from);
    }
  }

  @Test
  void addressesOfOneFamilyAreNotInNetworksOfTheOther() throws Exception {
    keep(List.of("::/0"));
    refused("192.0.2.1");
    call("2001:db8::1");
    keep(List.of("0.0.0.0/0"));
    refused("2001:db8::1");
    call("192.0.2.1");
    call("::ffff:192.0.2.1");
  }

  @Test
  void networkThatCannotBeReadLetsNobodyIn() throws Exception {
    keep(List.of("everywhere", "192.0.2.1/33", ""));
    refused("192.0.2.1");
    InetSocketAddress unresolved = InetSocketAddress.createUnresolved("host", 1);
    keep(List.of("192.0.2.0/24"));
    assertThatThrownBy(
            () ->
                authenticators.authenticate(
                    new Credentials(List.of("Bearer " + secret), List.of(), unresolved)))
        .isInstanceOf(UnauthenticatedException.class);
  }

  @Test
  void refusalsOfAllKindsReadTheSame() {
    String unknown = message("192.0.2.1");
    keep(List.of("198.51.100.0/24"));
    String elsewhere = message("192.0.2.1");
    keep(List.of());
    clock.forward(Duration.ofDays(91));
    String ended = message("192.0.2.1");
    assertThat(unknown).isEqualTo(elsewhere).isEqualTo(ended).doesNotContain(secret);
    assertThat(authenticators.refusals().count(Refusal.API_TOKEN)).isEqualTo(3);
    assertThat(accepted).isEmpty();
  }

  @Test
  void tokenThatIsMistypedIsNotLookedUp() {
    String slip =
        secret.substring(0, 10) + (secret.charAt(10) == 'A' ? 'B' : 'A') + secret.substring(11);
    assertThatThrownBy(
            () ->
                authenticators.authenticate(
                    new Credentials(List.of("Bearer " + slip), List.of(), from("192.0.2.1"))))
        .hasMessageContaining("mistyped");
    assertThat(lookups).isZero();
  }

  private void keep(List<String> networks) {
    known.put(
        HexFormat.of().formatHex(TokenSecrets.hash(secret)),
        new KnownToken("t1", "deploy", GRANT, networks, clock.instant().plus(Duration.ofDays(90))));
  }

  private Principal call(String from) throws UnauthenticatedException {
    return authenticators.authenticate(
        new Credentials(List.of("Bearer " + secret), List.of(), from(from)));
  }

  private void refused(String from) {
    int before = accepted.size();
    assertThatThrownBy(() -> call(from)).as(from).isInstanceOf(UnauthenticatedException.class);
    assertThat(accepted).hasSize(before);
  }

  private String message(String from) {
    try {
      throw new AssertionError(call(from).name());
    } catch (UnauthenticatedException e) {
      return e.getMessage();
    }
  }

  private static InetSocketAddress from(String address) {
    return new InetSocketAddress(InetAddress.ofLiteral(address), 4_711);
  }
}
