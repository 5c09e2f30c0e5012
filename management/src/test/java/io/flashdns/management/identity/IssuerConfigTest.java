package io.flashdns.management.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IssuerConfigTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://login.example.org",
        "https://login.example.org/realms/a/",
        "https://login.example.org:8443/a",
        "http://localhost:8080/a",
        "http://127.0.0.1:8080",
        "http://[::1]:8080/a"
      })
  void httpsAndLoopbackAreTaken(String url) {
    assertThat(IssuerConfig.of(url, "a").issuer()).isEqualTo(url);
    assertThat(IssuerConfig.of("https://a", "a").withJwks(url).jwks()).contains(url);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "login.example.org",
        "http://login.example.org",
        "http://localhost.example.org",
        "http://127.0.0.1.example.org/",
        "http://127.0.0.1@example.org/",
        "https://user@login.example.org",
        "https://login.example.org/#a",
        "https:login.example.org",
        "https:///a",
        "https://a b",
        "ftp://login.example.org",
        "file:///etc/issuer",
        "HTTP://login.example.org"
      })
  void whatOthersCouldAnswerForIsRefused(String url) {
    assertThatThrownBy(() -> IssuerConfig.of(url, "a"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("issuer must be an https URL");
    assertThatThrownBy(() -> IssuerConfig.of("https://a", "a").withJwks(url))
        .hasMessageStartingWith("jwks must be an https URL");
  }

  @Test
  void issuerHasNoQuery() {
    assertThatThrownBy(() -> IssuerConfig.of("https://login.example.org/?a=b", "a"))
        .hasMessageStartingWith("issuer must have no query");
  }

  @Test
  void thereMustBeAnAudience() {
    assertThatThrownBy(() -> IssuerConfig.of("https://a"))
        .hasMessageStartingWith("audiences must name at least one");
    assertThatThrownBy(() -> IssuerConfig.of("https://a", "a", " "))
        .hasMessageStartingWith("audiences must name at least one");
  }

  @Test
  void rulesThatNoTokenKeepsAreRefused() {
    List<TokenAlgorithm> some = List.of(TokenAlgorithm.RS256);
    Duration hour = Duration.ofHours(1);
    List<String> types = List.of("JWT");
    assertThatThrownBy(() -> new TokenRules(List.of(), types, List.of(), hour))
        .hasMessageStartingWith("algorithms must name");
    assertThatThrownBy(() -> new TokenRules(some, List.of(), List.of(), hour))
        .hasMessageStartingWith("types must name");
    assertThatThrownBy(() -> new TokenRules(some, List.of(""), List.of(), hour))
        .hasMessageStartingWith("types must name");
    assertThatThrownBy(() -> new TokenRules(some, types, List.of(""), hour))
        .hasMessageStartingWith("authorizedParties must not");
    for (Duration wrong : List.of(Duration.ofSeconds(59), Duration.ofHours(25), Duration.ZERO)) {
      assertThatThrownBy(() -> new TokenRules(some, types, List.of(), wrong))
          .hasMessageStartingWith("maxLifetime must be 1min to 24h");
    }
  }

  @Test
  void claimsThatCannotWorkAreRefused() {
    Optional<String> none = Optional.empty();
    assertThatThrownBy(() -> new ClaimNames(none, Optional.of("project"), none, none))
        .hasMessageStartingWith("projectClaim needs organisationClaim");
    assertThatThrownBy(() -> new ClaimNames(Optional.of(" "), none, none, none))
        .hasMessageContaining("1 to 256 characters");
  }

  @Test
  void oneNameGivesOneRole() {
    List<String> a = List.of("a");
    assertThatThrownBy(() -> new RoleNames(a, List.of(), List.of(), a, List.of()))
        .hasMessageContaining("'a' gives two roles");
    assertThatThrownBy(() -> new PlatformRoles(a, a, List.of(), List.of(), List.of()))
        .hasMessageContaining("'a' gives two roles");
    assertThatThrownBy(() -> new RoleNames(List.of(""), a, List.of(), List.of(), List.of()))
        .hasMessageContaining("an empty name");
  }

  @Test
  void defaultsGiveNobodyAnything() {
    IssuerConfig config = IssuerConfig.of("https://a", "a");
    assertThat(config.platformRoles().byName()).isEmpty();
    assertThat(config.claims()).isEqualTo(ClaimNames.defaults());
    assertThat(config.tokens().algorithms())
        .containsExactly(TokenAlgorithm.RS256, TokenAlgorithm.ES256);
    assertThat(config.tokens().types()).containsExactly("at+jwt", "JWT");
    assertThat(config.tokens().maxLifetime()).isEqualTo(Duration.ofHours(1));
  }
}
