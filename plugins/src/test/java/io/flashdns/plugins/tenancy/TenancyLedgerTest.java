package io.flashdns.plugins.tenancy;

import static io.flashdns.plugins.tenancy.Tenancy.ACME;
import static io.flashdns.plugins.tenancy.Tenancy.BOLT;
import static io.flashdns.plugins.tenancy.Tenancy.counted;
import static io.flashdns.plugins.tenancy.Tenancy.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.NameHash;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.embedded.EmbeddedServer;
import io.flashdns.core.engine.Engine;
import io.flashdns.core.engine.EngineConfig;
import io.flashdns.core.engine.Metric;
import io.flashdns.core.engine.PluginBinding;
import io.flashdns.core.engine.Worker;
import io.flashdns.core.plugin.Protocol;
import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.Tenant;
import io.flashdns.core.zone.Zone;
import io.flashdns.plugins.zone.ZonePluginConfig;
import io.flashdns.plugins.zone.ZonePluginFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

final class TenancyLedgerTest {
  private static final NameHash HASH = new NameHash(7);
  private static final PluginBinding<?> ZONES =
      new PluginBinding<>(new ZonePluginFactory(), new ZonePluginConfig());

  @Test
  void everyQueryIsCountedOnceForItsZoneItsTenantOrNobody() {
    try (EmbeddedServer server =
        EmbeddedServer.builder()
            .zone(text("a.test.", "192.0.2.1"), ACME, "public", false)
            .zone(text("b.test.", "192.0.2.2"), ACME, "public", true)
            .zone(text("c.test.", "192.0.2.3"), Tenant.NOBODY, "public", false)
            .zone(text("d.test.", "192.0.2.4"))
            .plugin(new TenancyPluginFactory(), TenancyPluginConfig.defaults())
            .build()) {
      List.of("www.a.test.", "x.a.test.", "www.b.test.", "www.c.test.", "www.d.test.", "e.test.")
          .forEach(name -> server.ask(name, RecordType.A));
      server.ask("a.test.", RecordType.AXFR);

      Engine engine = server.engine();
      assertThat(zone(engine, "acme", "shop", "a.test.")).containsExactly(2, 0);
      assertThat(zone(engine, "acme", "shop", "b.test.")).containsExactly(0, 1);
      assertThat(zone(engine, "", "", "c.test.")).containsExactly(1, 0);
      assertThat(zone(engine, "", "", "d.test.")).as("without a number").containsExactly(-1, -1);
      assertThat(tenant(engine, "acme", "shop")).containsExactly(2, 1);
      assertThat(tenant(engine, "", "")).containsExactly(1, 0);
      assertThat(counted(engine, "tenants", "nobody_queries", "answered")).isEqualTo(1);
      assertThat(counted(engine, "tenants", "nobody_queries", "unanswered")).isEqualTo(2);
    }
  }

  @Test
  void zoneThatIsRemovedOrMovedKeepsWhatItCounted() {
    try (EmbeddedServer server =
        EmbeddedServer.builder()
            .zone(text("a.test.", "192.0.2.1"), ACME, "public", false)
            .zone(text("b.test.", "192.0.2.2"), BOLT, "public", false)
            .plugin(new TenancyPluginFactory(), TenancyPluginConfig.defaults())
            .build()) {
      Engine engine = server.engine();
      Zone a = Objects.requireNonNull(engine.catalog().zone(DomainName.parse("a.test.")));
      server.ask("www.a.test.", RecordType.A);
      server.ask("www.b.test.", RecordType.A);

      Zone moved = a.placed(7, 0, BOLT, false);
      engine.publish(Catalog.of(hash(engine), List.of(moved), List.of(BOLT)));
      server.ask("www.a.test.", RecordType.A);
      server.ask("www.a.test.", RecordType.A);
      server.ask("www.b.test.", RecordType.A);

      assertThat(zone(engine, "acme", "shop", "a.test.")).containsExactly(1, 0);
      assertThat(zone(engine, "bolt", "mail", "a.test.")).containsExactly(2, 0);
      assertThat(zone(engine, "bolt", "mail", "b.test.")).containsExactly(1, 0);
      assertThat(tenant(engine, "acme", "shop")).containsExactly(1, 0);
      assertThat(tenant(engine, "bolt", "mail")).containsExactly(3, 0);

      engine.publish(Catalog.of(hash(engine), List.of(a), List.of(ACME)));
      server.ask("www.a.test.", RecordType.A);
      assertThat(zone(engine, "acme", "shop", "a.test.")).containsExactly(2, 0);
      assertThat(tenant(engine, "bolt", "mail")).containsExactly(3, 0);
      assertThat(server.metric("flashdns_tenancy_tenants")).isEqualTo(1);
    }
  }

  @Test
  void changedConfigurationLosesNoCount() {
    TenancyPluginFactory factory = new TenancyPluginFactory();
    try (EmbeddedServer server =
        EmbeddedServer.builder()
            .zone(text("a.test.", "192.0.2.1"), ACME, "public", false)
            .plugin(factory, TenancyPluginConfig.defaults())
            .build()) {
      server.ask("www.a.test.", RecordType.A);
      server.replacePlugins(
          List.of(
              new PluginBinding<>(
                  factory, Tenancy.budget(5_000, Duration.ofSeconds(1), OverBudget.REFUSE))));
      server.ask("www.a.test.", RecordType.A);

      assertThat(zone(server.engine(), "acme", "shop", "a.test.")).containsExactly(2, 0);
    }
  }

  @Test
  void serversOfOneProcessCountForThemselves() {
    TenancyPluginFactory factory = new TenancyPluginFactory();
    EmbeddedServer.Builder builder =
        EmbeddedServer.builder()
            .zone(text("a.test.", "192.0.2.1"), ACME, "public", false)
            .plugin(factory, TenancyPluginConfig.defaults());
    try (EmbeddedServer one = builder.build();
        EmbeddedServer other =
            EmbeddedServer.builder()
                .zone(text("a.test.", "192.0.2.1"), ACME, "public", false)
                .plugin(factory, TenancyPluginConfig.defaults())
                .build()) {
      one.ask("www.a.test.", RecordType.A);

      assertThat(zone(one.engine(), "acme", "shop", "a.test.")).containsExactly(1, 0);
      assertThat(zone(other.engine(), "acme", "shop", "a.test.")).containsExactly(-1, -1);
    }
  }

  /**
   * Two workers ask at random while the catalog changes under them: every zone's counter is what
   * was asked, and every tenant's the sum.
   */
  @Test
  void countersAreExactOverTwoWorkersWhileZonesComeAndGo() throws Exception {
    int zones = 400;
    int tenants = 40;
    int queries = 60_000;
    List<Tenant> owners = new ArrayList<>();
    for (int i = 1; i <= tenants; i++) {
      owners.add(new Tenant(i, "org" + i % 5, "p" + i, false, 0));
    }
    // Zone i of the tenant i % tenants has number i + 1; every third comes and goes, and the last
    // hundred are not there at first, so that their numbers are new to the workers.
    List<Zone> all = new ArrayList<>();
    for (int i = 0; i < zones; i++) {
      Zone plain = zoneNumbered(i);
      all.add(plain.placed(i + 1, 0, owners.get(i % tenants), false));
    }
    Engine engine = engine(TenancyPluginConfig.defaults());
    try (engine) {
      engine.publish(Catalog.of(HASH, all.subList(0, 300), owners));
      AtomicIntegerArray asked = new AtomicIntegerArray(zones);
      AtomicInteger running = new AtomicInteger(2);
      long[] answered = new long[2];
      List<Thread> threads = new ArrayList<>();
      for (int t = 0; t < 2; t++) {
        int number = t;
        Worker worker = engine.newWorker();
        threads.add(
            Thread.ofPlatform()
                .start(
                    () -> {
                      Random random = new Random(number);
                      for (int i = 0; i < queries; i++) {
                        int zone = random.nextInt(zones);
                        // Of those that come and go it shows in the reply which catalog was met.
                        boolean good = ask(worker, "www.z" + zone + ".test.");
                        if (good) {
                          asked.incrementAndGet(zone);
                          answered[number]++;
                        }
                      }
                      running.decrementAndGet();
                    }));
      }
      Random random = new Random(99);
      int changes = 0;
      long before = 0;
      while (running.get() > 0 || changes < 3) {
        int known = Math.min(zones, 300 + 10 * changes);
        List<Zone> now = new ArrayList<>();
        for (int i = 0; i < known; i++) {
          if (i % 3 > 0 || random.nextBoolean()) {
            now.add(all.get(i));
          }
        }
        engine.publish(Catalog.of(HASH, now, owners));
        changes++;
        long sum = sum(engine, "tenants", "flashdns_tenancy_tenant_queries");
        assertThat(sum).as("rises").isGreaterThanOrEqualTo(before);
        before = sum;
      }
      for (Thread thread : threads) {
        thread.join();
      }

      long[] byTenant = new long[tenants];
      for (int i = 0; i < zones; i++) {
        Tenant owner = owners.get(i % tenants);
        byTenant[i % tenants] += asked.get(i);
        long[] expected = {asked.get(i), 0};
        assertThat(zone(engine, owner.organisation(), owner.project(), "z" + i + ".test."))
            .as("zone " + i)
            .containsExactly(asked.get(i) == 0 ? new long[] {-1, -1} : expected);
      }
      for (int i = 0; i < tenants; i++) {
        Tenant owner = owners.get(i);
        assertThat(tenant(engine, owner.organisation(), owner.project()))
            .containsExactly(byTenant[i], 0);
      }
      long nobodys = counted(engine, "tenants", "nobody_queries", "unanswered");
      assertThat(Arrays.stream(answered).sum() + nobodys).isEqualTo(2L * queries);
      assertThat(nobodys).isPositive();
      assertThat(changes).isGreaterThanOrEqualTo(3);
    }
  }

  @Test
  void hundredThousandTenantsAreCountedInTwentyMegabytesAWorker() {
    int count = 100_000;
    List<Tenant> owners = new ArrayList<>();
    List<Zone> zones = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Tenant owner = new Tenant(i + 1, "org" + i / 10, "project" + i % 10, false, 1_000);
      owners.add(owner);
      zones.add(zoneNumbered(i).placed(i + 1, 0, owner, false));
    }
    Engine engine = engine(TenancyPluginConfig.defaults());
    try (engine) {
      Worker worker = engine.newWorker();
      engine.publish(Catalog.of(HASH, zones, owners));
      long emptyBytes = gauge(engine, "flashdns_tenancy_counter_bytes");
      for (int i = count - 1; i >= 0; i--) {
        assertThat(ask(worker, "www.z" + i + ".test.")).isTrue();
      }
      long start = System.nanoTime();
      long ofZones = sum(engine, "zones", "flashdns_tenancy_zone_queries");
      long zonesNanos = System.nanoTime() - start;
      start = System.nanoTime();
      long ofTenants = sum(engine, "tenants", "flashdns_tenancy_tenant_queries");
      long tenantsNanos = System.nanoTime() - start;
      start = System.nanoTime();
      int plainMetrics = engine.metrics().size();
      long plainNanos = System.nanoTime() - start;

      long bytes = gauge(engine, "flashdns_tenancy_counter_bytes");
      System.out.printf(
          "100,000 tenants: counters %,d octets (%,d before the first query), zones %,d ms, tenants"
              + " %,d ms, the %d metrics of each scrape %,d us%n",
          bytes,
          emptyBytes,
          zonesNanos / 1_000_000,
          tenantsNanos / 1_000_000,
          plainMetrics,
          plainNanos / 1_000);
      assertThat(ofZones).isEqualTo(count);
      assertThat(ofTenants).isEqualTo(count);
      assertThat(bytes).isLessThan(20_000_000);
    }
  }

  private static Zone zoneNumbered(int i) {
    return Tenancy.zone(HASH, text("z" + i + ".test.", "192.0.2.1"));
  }

  private static Engine engine(TenancyPluginConfig config) {
    return new Engine(
        EngineConfig.of(HASH),
        List.of(new PluginBinding<>(new TenancyPluginFactory(), config), ZONES));
  }

  private static boolean ask(Worker worker, String name) {
    byte[] message = EmbeddedServer.question(name, RecordType.A);
    System.arraycopy(message, 0, worker.packet(), 0, message.length);
    worker.beginBatch(System.nanoTime());
    int length = worker.onPacket(message.length, Protocol.UDP, 0, 0, 0xffff_7f00_0001L, 4000);
    assertThat(length).isPositive();
    return (worker.reply()[3] & 15) == 0;
  }

  private static NameHash hash(Engine engine) {
    return engine.catalog().hash();
  }

  private static long[] zone(Engine engine, String organisation, String project, String zone) {
    return new long[] {
      counted(engine, "zones", "zone_queries", organisation, project, zone, "public", "answered"),
      counted(engine, "zones", "zone_queries", organisation, project, zone, "public", "unanswered")
    };
  }

  private static long[] tenant(Engine engine, String organisation, String project) {
    return new long[] {
      counted(engine, "tenants", "tenant_queries", organisation, project, "answered"),
      counted(engine, "tenants", "tenant_queries", organisation, project, "unanswered")
    };
  }

  private static long sum(Engine engine, String set, String name) {
    long sum = 0;
    for (Metric metric : Objects.requireNonNull(engine.metrics(set))) {
      if (metric.name().equals(name)) {
        for (Metric.Sample sample : metric.samples()) {
          sum += (long) sample.value();
        }
      }
    }
    return sum;
  }

  private static long gauge(Engine engine, String name) {
    return engine.metrics().stream()
        .filter(metric -> metric.name().equals(name))
        .mapToLong(metric -> (long) metric.samples().getFirst().value())
        .sum();
  }
}
