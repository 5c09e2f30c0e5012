package io.flashdns.plugins.tenancy;

import static io.flashdns.plugins.tenancy.Tenancy.ACME;
import static io.flashdns.plugins.tenancy.Tenancy.BOLT;
import static io.flashdns.plugins.tenancy.Tenancy.say;
import static io.flashdns.plugins.tenancy.Tenancy.text;
import static io.flashdns.plugins.tenancy.Tenancy.views;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flashdns.core.dns.RecordType;
import io.flashdns.core.embedded.EmbeddedServer;
import io.flashdns.core.plugin.Network;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

final class TenancyViewsTest {
  private static final InetSocketAddress ONE = new InetSocketAddress("127.0.0.1", 5301);
  private static final InetSocketAddress TWO = new InetSocketAddress("::1", 5302);
  private static final InetSocketAddress THREE = new InetSocketAddress("127.0.0.1", 5303);

  /** 10.1.2.3 sees the view inside, 203.0.113.9 the public one alone. */
  private static final int INSIDE = 0x0a01_0203;

  private static final int OUTSIDE = 0xcb00_7109;

  private static ViewRule rule(String view, boolean exclusive, String... networks) {
    return new ViewRule(
        view, List.of(networks).stream().map(Network::parse).toList(), List.of(), exclusive);
  }

  private static ViewRule at(String view, List<InetSocketAddress> listeners, String... networks) {
    return new ViewRule(
        view, List.of(networks).stream().map(Network::parse).toList(), listeners, false);
  }

  private static EmbeddedServer splitHorizon(boolean exclusive) {
    return EmbeddedServer.builder()
        .zone(
            text(
                "example.",
                "192.0.2.1",
                "away 300 A 192.0.2.9",
                "int 300 NS ns.int",
                "int 300 DS 1 13 2 "
                    + "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
                "ns.int 300 A 192.0.2.2"),
            ACME,
            "public",
            false)
        .zone(
            text(
                "example.",
                "10.0.0.1",
                "own 300 CNAME www.public.test.",
                "theirs 300 CNAME www.bolt.test."),
            ACME,
            "inside",
            false)
        .zone(text("int.example.", "10.0.0.2"), ACME, "deep", false)
        .zone(text("public.test.", "192.0.2.3", "in 300 CNAME www.example."), ACME, "public", false)
        .zone(text("bolt.test.", "192.0.2.4"), BOLT, "public", false)
        .zone(text("bolt.test.", "10.0.0.4"), BOLT, "bolt", false)
        .plugin(
            new TenancyPluginFactory(),
            views(
                rule("inside", exclusive, "10.0.0.0/8"),
                rule("deep", exclusive, "10.9.0.0/16"),
                rule("public", false, "10.1.9.0/24"),
                rule("bolt", exclusive, "2001:db8::/32")))
        .build();
  }

  @Test
  void sameNameHasAnotherAnswerInsideThanOutside() {
    try (EmbeddedServer server = splitHorizon(false)) {
      assertThat(say(server.from(OUTSIDE, 4000), "www.example.")).isEqualTo("NOERROR 192.0.2.1");
      assertThat(say(server.from(INSIDE, 4000), "www.example.")).isEqualTo("NOERROR 10.0.0.1");
    }
  }

  @Test
  void privateZoneHidesThePublicOneWhole() {
    try (EmbeddedServer server = splitHorizon(false)) {
      assertThat(say(server.from(OUTSIDE, 4000), "away.example.")).isEqualTo("NOERROR 192.0.2.9");
      // The zone inside holds the name, so its not being there is the answer.
      assertThat(say(server.from(INSIDE, 4000), "away.example.")).isEqualTo("NXDOMAIN");
    }
  }

  @Test
  void whatThePrivateViewHoldsNotComesFromThePublicOne() {
    try (EmbeddedServer server = splitHorizon(false)) {
      assertThat(say(server.from(INSIDE, 4000), "www.bolt.test.")).isEqualTo("NOERROR 192.0.2.4");
    }
  }

  @Test
  void exclusiveViewRefusesWhatItHoldsNotAsIfNoZoneHeldIt() {
    try (EmbeddedServer server = splitHorizon(true).from(INSIDE, 4000)) {
      assertThat(say(server, "www.example.")).isEqualTo("NOERROR 10.0.0.1");
      assertThat(say(server, "www.bolt.test.")).isEqualTo("REFUSED 20");
      assertThat(say(server, "www.bolt.test.")).isEqualTo(say(server, "www.nowhere.test."));
      assertThat(server.metric("flashdns_tenancy_hidden")).isEqualTo(2);
      assertThat(say(server.from(OUTSIDE, 4000), "www.bolt.test.")).isEqualTo("NOERROR 192.0.2.4");
    }
  }

  @Test
  void hiddenZoneIsNotCountedForItsOwner() {
    try (EmbeddedServer server = splitHorizon(true).from(INSIDE, 4000)) {
      assertThat(say(server, "www.bolt.test.")).isEqualTo("REFUSED 20");
      assertThat(Tenancy.counted(server.engine(), "tenants", "nobody_queries", "unanswered"))
          .isEqualTo(1);
      assertThat(
              Tenancy.counted(
                  server.engine(), "tenants", "tenant_queries", "bolt", "mail", "unanswered"))
          .isEqualTo(-1);
    }
  }

  @Test
  void longestNetworkDecidesAndTheOrderOfTheRulesDoesNot() {
    try (EmbeddedServer server = splitHorizon(false)) {
      assertThat(say(server.from(0x0a09_0001, 4000), "www.int.example."))
          .isEqualTo("NOERROR 10.0.0.2");
      assertThat(say(server.from(0x0a01_0901, 4000), "www.example."))
          .isEqualTo("NOERROR 192.0.2.1");
    }
  }

  @Test
  void ipv6SourcesHaveViewsToo() {
    try (EmbeddedServer server = splitHorizon(false)) {
      assertThat(say(server.from(0x2001_0db8_0000_0001L, 1, 4000), "www.bolt.test."))
          .isEqualTo("NOERROR 10.0.0.4");
      assertThat(say(server.from(0x2001_0db9_0000_0001L, 1, 4000), "www.bolt.test."))
          .isEqualTo("NOERROR 192.0.2.4");
    }
  }

  @Test
  void aliasIsFollowedIntoAZoneOfTheSameTenantInThePublicView() {
    try (EmbeddedServer server = splitHorizon(false).from(INSIDE, 4000)) {
      assertThat(say(server, "own.example.")).isEqualTo("NOERROR CNAME 192.0.2.3");
    }
  }

  @Test
  void aliasIsNotFollowedIntoAnotherTenantsZone() {
    try (EmbeddedServer server = splitHorizon(false).from(INSIDE, 4000)) {
      assertThat(say(server, "theirs.example.")).isEqualTo("NOERROR CNAME");
    }
  }

  @Test
  void aliasOfAPublicZoneLeadsToWhatTheAskersViewHolds() {
    try (EmbeddedServer server = splitHorizon(false)) {
      assertThat(say(server.from(OUTSIDE, 4000), "in.public.test."))
          .isEqualTo("NOERROR CNAME 192.0.2.1");
      assertThat(say(server.from(INSIDE, 4000), "in.public.test."))
          .isEqualTo("NOERROR CNAME 10.0.0.1");
    }
  }

  @Test
  @Tag("rfc4035")
  void dsAtTheApexOfAPrivateChildComesFromItsPublicParent() {
    try (EmbeddedServer server = splitHorizon(false)) {
      server.from(0x0a09_0001, 4000);
      assertThat(say(server, "int.example.", RecordType.DS)).isEqualTo("NOERROR DS");
      assertThat(say(server, "int.example.", RecordType.SOA)).isEqualTo("NOERROR SOA");
    }
  }

  @Test
  void listenerChoosesTheView() {
    try (EmbeddedServer server =
        EmbeddedServer.builder()
            .zone(text("example.", "192.0.2.1"), ACME, "public", false)
            .zone(text("example.", "10.0.0.1"), ACME, "inside", false)
            .zone(text("example.", "10.0.0.2"), ACME, "dmz", false)
            .listeners(List.of(ONE, TWO, THREE))
            .plugin(
                new TenancyPluginFactory(),
                views(
                    at("public", List.of(), "10.0.0.0/8"),
                    at("inside", List.of(TWO, THREE)),
                    at("dmz", List.of(THREE), "10.0.0.0/8")))
            .build()) {
      server.from(INSIDE, 4000);
      assertThat(say(server.to(0), "www.example.")).isEqualTo("NOERROR 192.0.2.1");
      // The network is longer than the listener's rule for all sources.
      assertThat(say(server.to(1), "www.example.")).isEqualTo("NOERROR 192.0.2.1");
      // Of two rules for one network the one that names the listener decides.
      assertThat(say(server.to(2), "www.example.")).isEqualTo("NOERROR 10.0.0.2");
      server.from(OUTSIDE, 4000);
      assertThat(say(server.to(0), "www.example.")).isEqualTo("NOERROR 192.0.2.1");
      assertThat(say(server.to(1), "www.example.")).isEqualTo("NOERROR 10.0.0.1");
      assertThat(say(server.to(2), "www.example.")).isEqualTo("NOERROR 10.0.0.1");
    }
  }

  @Test
  void unknownListenerIsRefusedWithThoseThatThereAre() {
    EmbeddedServer.Builder builder =
        EmbeddedServer.builder()
            .listeners(List.of(ONE, TWO))
            .plugin(
                new TenancyPluginFactory(), views(at("a", List.of(ONE)), at("b", List.of(THREE))));

    assertThatThrownBy(builder::build)
        .hasMessageEndingWith(
            "views[1] names the listener 127.0.0.1:5303, which this server has not: it has"
                + " 127.0.0.1:5301, [0:0:0:0:0:0:0:1]:5302");
  }

  @Test
  void networkOfTwoRulesIsRefused() {
    EmbeddedServer.Builder everywhere =
        EmbeddedServer.builder()
            .plugin(
                new TenancyPluginFactory(),
                views(rule("a", false, "10.0.0.0/8"), rule("b", false, "10.0.0.0/8")));
    assertThatThrownBy(everywhere::build)
        .hasMessageEndingWith(
            "views[1] is for 10.0.0.0/8, and so is views[0]: remove it from one of the two");

    EmbeddedServer.Builder atOne =
        EmbeddedServer.builder()
            .listeners(List.of(ONE, TWO))
            .plugin(
                new TenancyPluginFactory(),
                views(at("a", List.of(ONE, TWO)), at("b", List.of(TWO))));
    assertThatThrownBy(atOne::build)
        .hasMessageEndingWith(
            "views[1] is for all sources at [0:0:0:0:0:0:0:1]:5302, and so is views[0]: remove it"
                + " from one of the two");
  }

  @Test
  void withoutViewsNothingTakesPartInTheRoutePhase() {
    try (EmbeddedServer server =
            EmbeddedServer.builder()
                .plugin(new TenancyPluginFactory(), TenancyPluginConfig.defaults())
                .build();
        EmbeddedServer routed = splitHorizon(false)) {
      assertThat(server.engine().describePipeline())
          .contains("route    -")
          .containsPattern("answer +tenancy zone")
          .containsPattern("observe +tenancy");
      assertThat(routed.engine().describePipeline()).containsPattern("route +tenancy");
    }
  }

  @Test
  void thousandsOfNetworksEachFindTheirView() {
    List<ViewRule> rules = new ArrayList<>();
    EmbeddedServer.Builder builder =
        EmbeddedServer.builder().zone(text("example.", "192.0.2.1"), ACME, "public", false);
    for (int i = 0; i < 5_000; i++) {
      rules.add(rule("v" + i % 50, false, "10." + (i >> 8) + "." + (i & 255) + ".0/24"));
    }
    for (int view = 0; view < 50; view++) {
      builder.zone(text("example.", "10.99.0." + view), ACME, "v" + view, false);
    }
    try (EmbeddedServer server =
        builder.plugin(new TenancyPluginFactory(), views(rules.toArray(ViewRule[]::new))).build()) {
      for (int i = 0; i < 5_000; i += 7) {
        assertThat(say(server.from(0x0a00_0001 + (i << 8), 4000), "www.example."))
            .isEqualTo("NOERROR 10.99.0." + i % 50);
      }
    }
  }
}
