package io.flashdns.plugins.tenancy;

import static io.flashdns.plugins.tenancy.Tenancy.BOLT;
import static io.flashdns.plugins.tenancy.Tenancy.budget;
import static io.flashdns.plugins.tenancy.Tenancy.say;
import static io.flashdns.plugins.tenancy.Tenancy.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.embedded.EmbeddedServer;
import io.flashdns.core.engine.Worker;
import io.flashdns.core.plugin.Network;
import io.flashdns.core.plugin.PluginFactory;
import io.flashdns.core.plugin.Protocol;
import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.CatalogEntry;
import io.flashdns.core.zone.Tenant;
import io.flashdns.plugins.Allocation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TenancyPluginTest {
  private static final Instant NOON = Instant.parse("2026-06-01T12:00:00Z");
  private static final Tenant FIVE = new Tenant(1, "acme", "shop", false, 5);
  private static final Tenant SUSPENDED = new Tenant(3, "gone", "gone", true, 0);

  private static EmbeddedServer server(
      Tenant owner, boolean suspended, TenancyPluginConfig config) {
    return EmbeddedServer.builder()
        .zone(text("a.test.", "192.0.2.1"), owner, "public", suspended)
        .zone(text("b.test.", "192.0.2.2"), BOLT, "public", false)
        .plugin(new TenancyPluginFactory(), config)
        .build()
        .at(NOON);
  }

  @Test
  void isFoundByServiceLoaderAndFailsClosed() {
    assertThat(ServiceLoader.load(PluginFactory.class))
        .filteredOn(factory -> factory.name().equals("tenancy"))
        .singleElement()
        .satisfies(factory -> assertThat(factory.failsClosed()).isTrue());
  }

  @Test
  void defaultsAreNoViewsAndNoBudgets() {
    assertThat(TenancyPluginConfig.defaults())
        .isEqualTo(new TenancyPluginConfig(List.of(), 0, Duration.ofSeconds(1), OverBudget.DROP));
    assertThat(ViewRule.defaults()).isEqualTo(new ViewRule("", List.of(), List.of(), false));
  }

  @Test
  void valuesOutOfBoundsAreRefusedByName() {
    assertThatThrownBy(() -> budget(-1, Duration.ofSeconds(1), OverBudget.DROP))
        .hasMessage("defaultQueriesPerSecond must be 0 to 10000000, not -1");
    assertThatThrownBy(() -> budget(10_000_001, Duration.ofSeconds(1), OverBudget.DROP))
        .hasMessageStartingWith("defaultQueriesPerSecond must be");
    assertThatThrownBy(() -> budget(1, Duration.ofMillis(9), OverBudget.DROP))
        .hasMessage("burst must be 10ms to 1min, not 9ms");
    assertThatThrownBy(() -> budget(1, Duration.ofMillis(60_001), OverBudget.DROP))
        .hasMessageStartingWith("burst must be");
    assertThatThrownBy(
            () ->
                Tenancy.views(
                    new ViewRule("", List.of(Network.parse("10.0.0.0/8")), List.of(), false)))
        .hasMessage("views[0] names no view: give it a key 'view'");
    assertThatThrownBy(
            () -> Tenancy.views(new ViewRule("v".repeat(201), List.of(), List.of(), false)))
        .hasMessageStartingWith("views[0] has a name");
  }

  @Test
  void suspendedZoneIsRefusedAndOthersAreNot() {
    try (EmbeddedServer server = server(FIVE, true, TenancyPluginConfig.defaults())) {
      assertThat(say(server, "www.a.test.")).isEqualTo("REFUSED 18 zone suspended");
      assertThat(say(server, "nothing.a.test.")).isEqualTo("REFUSED 18 zone suspended");
      assertThat(say(server, "a.test.", RecordType.SOA)).isEqualTo("REFUSED 18 zone suspended");
      assertThat(say(server, "www.b.test.")).isEqualTo("NOERROR 192.0.2.2");
      assertThat(server.metric("flashdns_tenancy_suspended")).isEqualTo(3);
    }
  }

  @Test
  void suspendedTenantIsRefusedWithoutBeingNamed() {
    try (EmbeddedServer server = server(SUSPENDED, false, TenancyPluginConfig.defaults())) {
      assertThat(say(server, "www.a.test.")).isEqualTo("REFUSED 18 tenant suspended");
      assertThat(say(server, "www.b.test.")).isEqualTo("NOERROR 192.0.2.2");
      assertThat(server.metric("flashdns_tenancy_tenants")).isEqualTo(2);
      assertThat(server.metric("flashdns_tenancy_suspended_tenants")).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "DROP, UDP, nothing",
    "REFUSE, UDP, REFUSED 0 query budget used up",
    "TRUNCATE, UDP, NOERROR TC",
    "DROP, TCP, REFUSED 0 query budget used up",
    "REFUSE, TCP, REFUSED 0 query budget used up",
    "TRUNCATE, TCP, REFUSED 0 query budget used up"
  })
  void aboveTheBudgetTheQueryGets(OverBudget action, Protocol protocol, String reply) {
    try (EmbeddedServer server =
        server(FIVE, false, budget(0, Duration.ofSeconds(1), action)).over(protocol)) {
      for (int i = 0; i < 5; i++) {
        assertThat(say(server, "www.a.test.")).isEqualTo("NOERROR 192.0.2.1");
      }
      assertThat(say(server, "www.a.test.")).isEqualTo(reply);
      assertThat(say(server, "www.b.test.")).isEqualTo("NOERROR 192.0.2.2");
      assertThat(server.metric("flashdns_tenancy_over_budget")).isEqualTo(1);
      String[] ofAcme = {"acme", "shop", "unanswered"};
      assertThat(Tenancy.counted(server.engine(), "tenants", "tenant_queries", ofAcme))
          .isEqualTo(1);
      assertThat(Tenancy.counted(server.engine(), "tenants", "tenant_over_budget", "acme", "shop"))
          .isEqualTo(1);
    }
  }

  @Test
  void budgetGrowsAgainWithTime() {
    try (EmbeddedServer server =
        server(FIVE, false, budget(0, Duration.ofSeconds(2), OverBudget.DROP))) {
      assertThat(answered(server, 100)).isEqualTo(10);
      server.advance(Duration.ofMillis(199));
      assertThat(answered(server, 100)).isZero();
      server.advance(Duration.ofMillis(1));
      assertThat(answered(server, 100)).isEqualTo(1);
      server.advance(Duration.ofMillis(1_000));
      assertThat(answered(server, 100)).isEqualTo(5);
      server.advance(Duration.ofHours(24 * 365));
      assertThat(answered(server, 100)).isEqualTo(10);
    }
  }

  @Test
  void shortBurstStillLetsOneQueryThrough() {
    try (EmbeddedServer server =
        server(FIVE, false, budget(0, Duration.ofMillis(10), OverBudget.DROP))) {
      assertThat(answered(server, 10)).isEqualTo(1);
    }
  }

  @Test
  void sustainedRateIsTheBudget() {
    Tenant odd = new Tenant(1, "acme", "shop", false, 7_777);
    try (EmbeddedServer server =
        server(odd, false, budget(0, Duration.ofMillis(100), OverBudget.DROP))) {
      int answered = answered(server, 1_000);
      assertThat(answered).isEqualTo(777);
      for (int i = 0; i < 1_000; i++) {
        server.advance(Duration.ofMillis(1));
        answered += answered(server, 20);
      }
      assertThat(answered).isBetween(777 + 7_776, 777 + 7_777);
    }
  }

  @Test
  void tenantsWithoutABudgetHaveTheDefaultOne() {
    try (EmbeddedServer server =
        server(FIVE, false, budget(3, Duration.ofSeconds(1), OverBudget.DROP))) {
      assertThat(answered(server, 100)).as("its own").isEqualTo(5);
      int answered = 0;
      for (int i = 0; i < 100; i++) {
        answered += say(server, "www.b.test.").startsWith("NOERROR") ? 1 : 0;
      }
      assertThat(answered).as("the default").isEqualTo(3);
    }
  }

  @Test
  void zonesOfNobodyHaveNoBudget() {
    try (EmbeddedServer server =
        EmbeddedServer.builder()
            .zone(text("a.test.", "192.0.2.1"))
            .plugin(new TenancyPluginFactory(), budget(1, Duration.ofSeconds(1), OverBudget.DROP))
            .build()
            .at(NOON)) {
      assertThat(answered(server, 100)).isEqualTo(100);
    }
  }

  @Test
  void changeOfTheCatalogFillsNoBudgetUp() {
    try (EmbeddedServer server =
        server(FIVE, false, budget(0, Duration.ofSeconds(1), OverBudget.DROP))) {
      assertThat(answered(server, 100)).isEqualTo(5);
      NameHash hash = server.engine().catalog().hash();
      List<CatalogEntry> zones = server.engine().catalog().entries();
      List<Tenant> tenants = new ArrayList<>(List.of(FIVE));
      // So many tenants more that the cells no longer fit where they were.
      for (int i = 2; i < 3_000; i++) {
        tenants.add(new Tenant(i, "o" + i, "p", false, 5));
      }
      server.engine().publish(Catalog.of(hash, zones, tenants));
      assertThat(answered(server, 100)).isZero();
      server.engine().publish(Catalog.of(hash, zones, List.of(FIVE)));
      assertThat(answered(server, 100)).isZero();
      server.advance(Duration.ofSeconds(1));
      assertThat(answered(server, 100)).isEqualTo(5);
    }
  }

  @Test
  void budgetIsHeldExactlyByTwoWorkers() throws Exception {
    Tenant owner = new Tenant(1, "acme", "shop", false, 10_000);
    try (EmbeddedServer server =
        server(owner, false, budget(0, Duration.ofSeconds(1), OverBudget.DROP))) {
      byte[] message = EmbeddedServer.question("www.a.test.", RecordType.A);
      long now = System.nanoTime();
      int[] answered = new int[2];
      CountDownLatch ready = new CountDownLatch(2);
      List<Thread> threads = new ArrayList<>();
      for (int t = 0; t < 2; t++) {
        int number = t;
        Worker worker = server.engine().newWorker();
        Thread thread =
            Thread.ofPlatform()
                .start(
                    () -> {
                      worker.beginBatch(now);
                      ready.countDown();
                      while (ready.getCount() > 0) {
                        Thread.onSpinWait();
                      }
                      for (int i = 0; i < 40_000; i++) {
                        System.arraycopy(message, 0, worker.packet(), 0, message.length);
                        int length =
                            worker.onPacket(
                                message.length, Protocol.UDP, 0, 0, 0xffff_7f00_0001L, 4000);
                        answered[number] += length > 0 ? 1 : 0;
                      }
                    });
        threads.add(thread);
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(answered[0] + answered[1]).isEqualTo(10_000);
      assertThat(server.metric("flashdns_tenancy_over_budget")).isEqualTo(70_000);
    }
  }

  @Test
  void nothingIsAllocated() {
    Tenant owner = new Tenant(1, "acme", "shop", false, 1_000_000);
    try (EmbeddedServer server =
        EmbeddedServer.builder()
            .zone(text("a.test.", "192.0.2.1"), owner, "public", false)
            .zone(text("b.test.", "192.0.2.2"), FIVE_OF_BOLT, "inside", false)
            .zone(text("c.test.", "192.0.2.3"), SUSPENDED, "public", false)
            .plugin(
                new TenancyPluginFactory(),
                new TenancyPluginConfig(
                    List.of(
                        new ViewRule(
                            "inside", List.of(Network.parse("127.0.0.0/8")), List.of(), false)),
                    0,
                    Duration.ofSeconds(1),
                    OverBudget.REFUSE))
            .build()) {
      for (String name : List.of("www.a.test.", "www.b.test.", "www.c.test.", "www.d.test.")) {
        byte[] message = EmbeddedServer.question(name, RecordType.A, 1232, false);
        assertThat(Allocation.steadyBytes(server, message)).as(name).isZero();
      }
    }
  }

  private static final Tenant FIVE_OF_BOLT = new Tenant(2, "bolt", "mail", false, 5);

  private static int answered(EmbeddedServer server, int queries) {
    byte[] message = EmbeddedServer.question("www.a.test.", RecordType.A);
    int answered = 0;
    for (int i = 0; i < queries; i++) {
      answered += server.exchange(message, message.length) > 0 ? 1 : 0;
    }
    return answered;
  }
}
