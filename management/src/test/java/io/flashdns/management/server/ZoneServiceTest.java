package io.flashdns.management.server;

import static io.flashdns.management.server.StoredZones.NOERROR;
import static io.flashdns.management.server.StoredZones.NXDOMAIN;
import static io.flashdns.management.server.StoredZones.REFUSED;
import static io.flashdns.management.server.StoredZones.SERVFAIL;
import static io.flashdns.management.server.StoredZones.create;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.CommitResult;
import io.flashdns.core.store.DocumentEdit;
import io.flashdns.core.store.Effects;
import io.flashdns.core.store.Octets;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.ZoneChange;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.core.store.ZoneSettings;
import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.CatalogEntry;
import io.flashdns.core.zone.Tenant;
import io.flashdns.core.zone.Views;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a commit to an answer, with the real store, the real index and the real engine. */
class ZoneServiceTest {
  private static final ZoneOwner SHOP = new ZoneOwner("acme", "shop");
  private static final long TINY_INDEX = 200_000;

  @TempDir private Path folder;

  @Test
  void committedZoneIsAnswered() throws Exception {
    try (StoredZones zones = StoredZones.open(folder)) {
      assertThat(zones.ask("www.a.test").rcode()).isEqualTo(REFUSED);

      zones.commit(create("a.test", 1));
      assertThat(zones.ask("www.a.test").version()).isEqualTo(1);
      assertThat(zones.ask("no.a.test").rcode()).isEqualTo(NXDOMAIN);

      zones.commit(zones.edit("a.test", "www", 2));
      assertThat(zones.ask("www.a.test").version()).isEqualTo(2);
      zones.commit(zones.edit("a.test", "more", 3));
      assertThat(zones.ask("more.a.test").version()).isEqualTo(3);
      assertThat(zones.state().faults()).isZero();
      assertThat(zones.service().appliedRevision()).isEqualTo(3);
    }
  }

  @Test
  void deletedZoneIsRefusedAndAnotherOfItsNameIsNew() throws Exception {
    try (StoredZones zones = StoredZones.open(folder)) {
      zones.commit(create("a.test", 1), create("b.test", 1));
      zones.commit(zones.delete("a.test"));
      assertThat(zones.ask("www.a.test").rcode()).isEqualTo(REFUSED);
      assertThat(zones.ask("www.b.test").version()).isEqualTo(1);

      zones.commit(create("a.test", 7));
      assertThat(zones.ask("www.a.test").version()).isEqualTo(7);
    }
  }

  @Test
  void zoneThatComesAndGoesBetweenTwoRoundsIsRight() throws Exception {
    try (StoredZones zones = StoredZones.notStarted(folder, TINY_INDEX)) {
      commitOnly(zones, create("a.test", 1));
      commitOnly(zones, zones.edit("a.test", "www", 2));
      commitOnly(zones, create("b.test", 1));
      commitOnly(zones, zones.delete("b.test"));
      commitOnly(zones, create("c.test", 1));
      commitOnly(zones, zones.delete("c.test"));
      commitOnly(zones, create("c.test", 5));
      zones.start();

      assertThat(zones.ask("www.a.test").version()).isEqualTo(2);
      assertThat(zones.ask("www.b.test").rcode()).isEqualTo(REFUSED);
      assertThat(zones.ask("www.c.test").version()).isEqualTo(5);
    }
  }

  @Test
  void changeSetOverThreeZonesIsSeenAtOnceOrNotAtAll() throws Exception {
    try (StoredZones zones = StoredZones.open(folder)) {
      zones.commit(create("a.test", 0), create("b.test", 0), create("c.test", 0));
      AtomicInteger committed = new AtomicInteger();
      AtomicReference<Exception> failed = new AtomicReference<>();
      AtomicBoolean done = new AtomicBoolean();
      Thread writer =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      for (int version = 1; version <= 250; version++) {
                        CommitResult _ =
                            zones
                                .service()
                                .store()
                                .commit(
                                    ChangeSet.of(
                                        "test",
                                        zones.edit("a.test", "www", version),
                                        zones.edit("b.test", "www", version),
                                        zones.edit("c.test", "www", version)));
                        committed.set(version);
                      }
                    } catch (Exception e) {
                      failed.set(e);
                    }
                    done.set(true);
                  });
      int asked = 0;
      List<String> wrong = new ArrayList<>();
      // Asked one after the other, forwards and backwards, a torn change set shows a step back.
      while (!done.get()) {
        boolean backwards = asked++ % 2 == 1;
        int first = zones.ask(backwards ? "www.c.test" : "www.a.test").version();
        int second = zones.ask("www.b.test").version();
        int third = zones.ask(backwards ? "www.a.test" : "www.c.test").version();
        if (second < first || third < second) {
          wrong.add(first + " " + second + " " + third);
        }
      }
      writer.join();
      assertThat(failed.get()).isNull();
      zones.service().catchUp(zones.service().store().state().revision());

      assertThat(wrong).isEmpty();
      assertThat(asked).isGreaterThan(100);
      assertThat(zones.ask("www.a.test").version()).isEqualTo(committed.get());
      assertThat(zones.ask("www.c.test").version()).isEqualTo(committed.get());
    }
  }

  @Test
  void suspendedZoneIsNotAnsweredAndComesBack() throws Exception {
    try (StoredZones zones = StoredZones.open(folder)) {
      zones.commit(create("a.test", 1), create("b.test", 1));
      long built = zones.state().imagesBuilt();
      zones.commit(zones.configure("a.test", settings -> settings.withSuspended(true)));
      assertThat(entry(zones, "a.test").isZoneSuspended()).isTrue();
      assertThat(entry(zones, "b.test").isSuspended()).isFalse();

      zones.commit(zones.edit("a.test", "www", 2));
      assertThat(entry(zones, "a.test").isZoneSuspended()).isTrue();

      zones.commit(zones.configure("a.test", settings -> settings.withSuspended(false)));
      assertThat(entry(zones, "a.test").isSuspended()).isFalse();
      assertThat(zones.ask("www.a.test").version()).isEqualTo(2);
      assertThat(zones.state().imagesBuilt()).as("settings build nothing").isEqualTo(built + 1);
    }
  }

  @Test
  void standingOfATenantHoldsForItsZonesAndOverARestart() throws Exception {
    try (StoredZones zones = StoredZones.open(folder)) {
      zones.commit(create("a.test", SHOP, 1), create("b.test", 1), create("c.test", SHOP, 1));
      zones.commit(zones.configure("c.test", settings -> settings.withSuspended(true)));
      Tenant before = zones.service().catalog().tenant(entry(zones, "a.test").tenant());
      assertThat(before.toString()).isEqualTo("acme/shop");

      zones.service().tenants(suspendAll());

      assertThat(entry(zones, "a.test").isOwnerSuspended()).isTrue();
      assertThat(entry(zones, "b.test").isSuspended()).isFalse();
      assertThat(zones.service().catalog().tenant(before.number()).queriesPerSecond())
          .isEqualTo(77);
      zones.service().tenants(tenant -> tenant);
    }
    try (StoredZones zones = StoredZones.open(folder, TINY_INDEX, suspendAll())) {
      assertThat(entry(zones, "a.test").isOwnerSuspended()).isTrue();
      assertThat(entry(zones, "a.test").isZoneSuspended()).isFalse();
      assertThat(entry(zones, "b.test").isSuspended()).isFalse();
      zones.service().tenants(tenant -> with(tenant, false, 0));
      assertThat(entry(zones, "a.test").isSuspended()).isFalse();
      assertThat(entry(zones, "c.test").isZoneSuspended()).isTrue();
      assertThat(zones.ask("www.a.test").version()).isEqualTo(1);
    }
  }

  @Test
  void numberStaysWhileAZoneLivesAndChangesWithItsTenant() throws Exception {
    try (StoredZones zones = StoredZones.open(folder)) {
      zones.commit(create("a.test", 1), create("b.test", 1));
      int number = entry(zones, "a.test").number();
      assertThat(number).isPositive().isNotEqualTo(entry(zones, "b.test").number());

      zones.commit(zones.edit("a.test", "www", 2));
      assertThat(entry(zones, "a.test").number()).isEqualTo(number);
      zones.commit(zones.configure("a.test", settings -> settings.withOwner(SHOP)));
      int other = entry(zones, "a.test").number();
      assertThat(other).isNotEqualTo(number).isNotEqualTo(entry(zones, "b.test").number());

      zones.commit(zones.delete("a.test"));
      zones.commit(create("a.test", SHOP, 3));
      assertThat(entry(zones, "a.test").number()).as("it has come back").isEqualTo(other);
    }
  }

  @Test
  void restartServesFromImagesAndBuildsNothing() throws Exception {
    try (StoredZones zones = StoredZones.open(folder)) {
      for (int i = 0; i < 50; i++) {
        zones.commit(create("z" + i + ".test", i));
      }
      zones.commit(zones.edit("z7.test", "www", 200));
    }
    try (StoredZones zones = StoredZones.open(folder)) {
      assertThat(zones.service().catalog().size()).isEqualTo(50);
      assertThat(zones.ask("www.z7.test").version()).isEqualTo(200);
      assertThat(zones.ask("www.z8.test").version()).isEqualTo(8);
      assertThat(zones.state().imagesBuilt()).isZero();
      assertThat(zones.state().comparisons()).isZero();
    }
  }

  @Test
  void missingImageFilesAreBuiltAnew() throws Exception {
    try (StoredZones zones = StoredZones.open(folder)) {
      zones.commit(create("a.test", 1), create("b.test", SHOP, 2));
    }
    delete(folder.resolve("images"));
    try (StoredZones zones = StoredZones.open(folder)) {
      assertThat(zones.ask("www.a.test").version()).isEqualTo(1);
      assertThat(zones.ask("www.b.test").version()).isEqualTo(2);
      assertThat(zones.state().imagesBuilt()).isEqualTo(2);
    }
    try (StoredZones zones = StoredZones.open(folder)) {
      assertThat(zones.ask("www.b.test").version()).isEqualTo(2);
      assertThat(zones.state().imagesBuilt()).isZero();
    }
  }

  @Test
  void catalogOlderThanTheStoreCatchesUpByTheEventsThatItMissed() throws Exception {
    Path old = folder.resolve("old");
    try (StoredZones zones = StoredZones.open(folder)) {
      zones.commit(create("a.test", 1), create("b.test", 1), create("c.test", 1));
    }
    copy(folder.resolve("images"), old);
    try (StoredZones zones = StoredZones.open(folder)) {
      zones.commit(zones.edit("a.test", "www", 2));
      zones.commit(zones.delete("b.test"));
      zones.commit(create("d.test", 4));
      zones.commit(zones.configure("c.test", settings -> settings.withSuspended(true)));
    }
    delete(folder.resolve("images"));
    Files.move(old, folder.resolve("images"));
    try (StoredZones zones = StoredZones.open(folder)) {
      assertThat(zones.ask("www.a.test").version()).isEqualTo(2);
      assertThat(zones.ask("www.b.test").rcode()).isEqualTo(REFUSED);
      assertThat(zones.ask("www.d.test").version()).isEqualTo(4);
      assertThat(entry(zones, "c.test").isZoneSuspended()).isTrue();
      assertThat(zones.state().imagesBuilt()).isEqualTo(2);
      assertThat(zones.state().comparisons()).isZero();
    }
  }

  @Test
  void historyThatIsGoneMeansThatAllZonesAreCompared() throws Exception {
    Path old = folder.resolve("old");
    try (StoredZones zones = StoredZones.open(folder)) {
      zones.commit(create("a.test", 1), create("b.test", 1), create("c.test", 1));
    }
    copy(folder.resolve("images"), old);
    try (StoredZones zones = StoredZones.open(folder)) {
      zones.commit(zones.edit("a.test", "www", 2));
      zones.commit(zones.delete("b.test"));
      zones.commit(create("b.test", SHOP, 3));
      zones.commit(create("d.test", 4));
      zones.commit(zones.delete("c.test"));
      zones.service().store().compact(zones.service().store().state().revision());
    }
    delete(folder.resolve("images"));
    Files.move(old, folder.resolve("images"));
    try (StoredZones zones = StoredZones.open(folder)) {
      assertThat(zones.state().comparisons()).isEqualTo(1);
      assertThat(zones.state().imagesBuilt()).isEqualTo(3);
      assertThat(zones.ask("www.a.test").version()).isEqualTo(2);
      assertThat(zones.ask("www.b.test").version()).isEqualTo(3);
      assertThat(zones.ask("www.c.test").rcode()).isEqualTo(REFUSED);
      assertThat(zones.ask("www.d.test").version()).isEqualTo(4);
      assertThat(zones.service().catalog().size()).isEqualTo(3);
      zones.commit(zones.edit("d.test", "www", 5));
      assertThat(zones.ask("www.d.test").version()).isEqualTo(5);
    }
  }

  @Test
  void storeThatIsOlderThanWhatWasServedIsRefused() throws Exception {
    try (StoredZones zones = StoredZones.open(folder)) {
      zones.commit(create("a.test", 1));
      zones.commit(zones.edit("a.test", "www", 2));
    }
    delete(folder.resolve("store"));

    try (StoredZones zones = StoredZones.notStarted(folder, TINY_INDEX)) {
      assertThatThrownBy(zones::start)
          .isInstanceOf(StoreException.Damaged.class)
          .hasMessageContaining("it has lost changes: restore a backup");
    }
    delete(folder.resolve("images"));
    try (StoredZones zones = StoredZones.open(folder)) {
      assertThat(zones.service().catalog().size()).isZero();
    }
  }

  @Test
  void indexFarTooSmallGivesRightAnswersAllTheSame() throws Exception {
    int count = 3_000;
    try (StoredZones zones = StoredZones.open(folder, TINY_INDEX, tenant -> tenant)) {
      for (int from = 0; from < count; from += 500) {
        List<ZoneChange> changes = new ArrayList<>();
        for (int i = from; i < from + 500; i++) {
          changes.add(create("z" + i + ".test", i % 251));
        }
        zones.commit(changes.toArray(ZoneChange[]::new));
      }
      Random random = new Random(4);
      for (int i = 0; i < 20_000; i++) {
        int zone = random.nextInt(count);
        assertThat(zones.ask("www.z" + zone + ".test").version()).isEqualTo(zone % 251);
        if (i % 500 == 0) {
          zones.commit(zones.edit("z" + zone + ".test", "more", 9));
          assertThat(zones.ask("more.z" + zone + ".test").version()).isEqualTo(9);
        }
      }
      assertThat(zones.service().index().state().evictions()).isPositive();
      assertThat(zones.service().index().state().loads()).isGreaterThan(1_000);
    }
  }

  @Test
  void damagedImageIsBuiltAnewAndNeverAWrongAnswer() throws Exception {
    try (StoredZones zones = StoredZones.open(folder)) {
      for (int i = 0; i < 20; i++) {
        zones.commit(create("z" + i + ".test", i));
      }
    }
    flipBits(folder.resolve("images"));
    try (StoredZones zones = StoredZones.open(folder)) {
      for (int i = 0; i < 20; i++) {
        StoredZones.Reply reply = zones.ask("www.z" + i + ".test");
        assertThat(reply.rcode()).isIn(NOERROR, SERVFAIL);
        assertThat(reply.version()).isIn(i, -1);
      }
      for (int i = 0; i < 20; i++) {
        String name = "www.z" + i + ".test";
        int version = i;
        await().until(() -> zones.ask(name).version() == version);
      }
      assertThat(zones.state().imagesBuilt()).isPositive();
    }
  }

  @Test
  void packThatIsGoneIsBuiltAnewBeforeAnybodyAsks() throws Exception {
    try (StoredZones zones = StoredZones.open(folder)) {
      zones.commit(create("a.test", 1), create("b.test", 2));
    }
    try (Stream<Path> files = Files.list(folder.resolve("images"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".img")).toList()) {
        if (file.getFileName().toString().startsWith("pack-")) {
          Files.delete(file);
        }
      }
    }
    try (StoredZones zones = StoredZones.open(folder)) {
      assertThat(zones.ask("www.a.test").version()).isEqualTo(1);
      assertThat(zones.ask("www.b.test").version()).isEqualTo(2);
      assertThat(zones.state().imagesBuilt()).isEqualTo(2);
    }
  }

  @Test
  void zonesOfPrivateViewsStandThere() throws Exception {
    try (StoredZones zones = StoredZones.open(folder)) {
      ZoneChange secret =
          new ZoneChange.Create(
              ZoneSettings.of(new ZoneKey("inside", DomainName.parse("a.test"))),
              StoredZones.content("a.test", 9));
      zones.commit(create("a.test", 1), secret);

      assertThat(zones.ask("www.a.test").version()).isEqualTo(1);
      assertThat(zones.service().catalog().size()).isEqualTo(2);
    }
    try (StoredZones zones = StoredZones.open(folder)) {
      assertThat(zones.service().catalog().size()).isEqualTo(2);
      assertThat(zones.ask("www.a.test").version()).isEqualTo(1);
    }
  }

  @Test
  void changesOfDocumentsAloneAreCaughtUpWithoutAnotherCatalog() throws Exception {
    try (StoredZones zones = StoredZones.open(folder)) {
      zones.commit(create("a.test", 1));
      Catalog served = zones.service().catalog();
      long rounds = zones.state().rounds();
      for (int i = 0; i < 100; i++) {
        CommitResult result = commitDocument(zones, i);
        zones.service().catchUp(result.revision());
      }
      assertThat(zones.service().appliedRevision()).isEqualTo(101);
      assertThat(zones.service().catalog()).isSameAs(served);
      assertThat(zones.state().rounds()).isEqualTo(rounds);
      assertThat(zones.state().lagSeconds()).isZero();

      CommitResult _ = commitDocument(zones, 100);
      zones.commit(zones.edit("a.test", "www", 2));
      assertThat(zones.ask("www.a.test").version()).isEqualTo(2);
      CommitResult _ = commitDocument(zones, 101);
    }
    try (StoredZones zones = StoredZones.notStarted(folder, TINY_INDEX)) {
      CommitResult _ = commitDocument(zones, 102);
      zones.start();
      assertThat(zones.service().appliedRevision()).isEqualTo(105);
      assertThat(zones.ask("www.a.test").version()).isEqualTo(2);
    }
  }

  private static CommitResult commitDocument(StoredZones zones, int number) throws Exception {
    Effects effects =
        new Effects(
            List.of(DocumentEdit.put("counter", Octets.of("counted to " + number))),
            List.of(),
            Octets.EMPTY);
    return zones.service().store().commit(ChangeSet.ofDecision("test", (_, _, _) -> effects));
  }

  @Test
  void healthSaysThatItHasCaughtUp() throws Exception {
    try (StoredZones zones = StoredZones.notStarted(folder, TINY_INDEX)) {
      assertThat(zones.service().health().caughtUp()).isFalse();
      zones.start();
      assertThat(zones.service().health().caughtUp()).isTrue();
      assertThat(zones.service().health().readOnlyReason()).isEmpty();
      assertThat(StoreMetrics.of(zones.service()))
          .extracting(m -> m.name())
          .doesNotHaveDuplicates();
    }
  }

  private static void commitOnly(StoredZones zones, ZoneChange... changes) throws Exception {
    CommitResult _ = zones.service().store().commit(ChangeSet.of("test", changes).forced());
  }

  private static UnaryOperator<Tenant> suspendAll() {
    return tenant -> with(tenant, true, 77);
  }

  private static Tenant with(Tenant tenant, boolean suspended, int budget) {
    return tenant.number() == 0
        ? tenant
        : new Tenant(tenant.number(), tenant.organisation(), tenant.project(), suspended, budget);
  }

  private static CatalogEntry entry(StoredZones zones, String apex) {
    CatalogEntry entry = zones.service().catalog().entry(Views.PUBLIC, DomainName.parse(apex));
    assertThat(entry).as(apex).isNotNull();
    return entry;
  }

  private static void flipBits(Path images) throws IOException {
    try (Stream<Path> files = Files.list(images)) {
      for (Path file : files.filter(f -> f.getFileName().toString().startsWith("pack-")).toList()) {
        try (RandomAccessFile pack = new RandomAccessFile(file.toFile(), "rw")) {
          for (long at = 40; at < pack.length(); at += 300) {
            pack.seek(at);
            int octet = pack.read();
            pack.seek(at);
            pack.write(octet ^ 0x10);
          }
        }
      }
    }
  }

  private static void delete(Path path) throws IOException {
    try (Stream<Path> files = Files.walk(path)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }
}
