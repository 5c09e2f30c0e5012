package io.flashdns.management.server;

import static io.flashdns.management.server.StoredZones.NXDOMAIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.embedded.EmbeddedServer;
import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.CommitResult;
import io.flashdns.core.store.RRsetBlock;
import io.flashdns.core.store.RRsetEdit;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneChange;
import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.CatalogEntry;
import io.flashdns.core.zone.Views;
import io.flashdns.core.zone.Zone;
import io.flashdns.core.zone.ZoneImageBuilder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A zone that is edited, from the commit to the answer. */
class LargeZoneTest {
  private static final String APEX = "large.test";
  private static final int NAMES = 4_000;

  @TempDir private Path folder;
  private final Random random = new Random(7);
  private final Map<String, Integer> versions = new TreeMap<>();

  @Test
  void editedTwoThousandTimesItAnswersAsIfBuiltAnew() throws Exception {
    try (StoredZones zones = StoredZones.open(folder)) {
      createZone(zones);
      long built = zones.state().imagesBuilt();
      for (int i = 0; i < 2_000; i++) {
        commitOnly(zones, someEdit(zones));
        if (i % 100 == 0) {
          zones.service().catchUp(zones.service().store().state().revision());
          answersAsIfBuiltAnew(zones, 50);
        }
      }
      zones.service().catchUp(zones.service().store().state().revision());

      answersAsIfBuiltAnew(zones, 5_000);
      assertThat(zones.state().imagesBuilt() - built)
          .as("edits, not buildings")
          .isLessThan(20 + zones.state().largeRebuilds());
      assertThat(zones.state().faults()).isZero();
    }
  }

  @Test
  void whatWasEditedIsThereAfterARestart() throws Exception {
    try (StoredZones zones = StoredZones.open(folder)) {
      createZone(zones);
      for (int i = 0; i < 100; i++) {
        commitOnly(zones, someEdit(zones));
      }
    }
    try (StoredZones zones = StoredZones.open(folder)) {
      answersAsIfBuiltAnew(zones, 2_000);
      assertThat(zones.state().comparisons()).isZero();
      assertThat(zones.state().imagesBuilt()).as("it is edited, not built").isZero();

      for (int i = 0; i < 20; i++) {
        commitOnly(zones, someEdit(zones));
      }
      zones.service().store().compact(zones.service().store().state().revision());
    }
    try (StoredZones zones = StoredZones.open(folder)) {
      answersAsIfBuiltAnew(zones, 2_000);
    }
  }

  @Test
  void mostOfItReplacedAtOnceIsRightToo() throws Exception {
    try (StoredZones zones = StoredZones.open(folder)) {
      createZone(zones);
      commitOnly(zones, someEdit(zones));
      versions.keySet().removeIf(name -> random.nextInt(3) != 0);
      for (int i = 0; i < 100; i++) {
        versions.put("fresh" + i, i);
      }
      zones.commit(
          new ZoneChange.Replace(
              zones.id(APEX), StoredZones.content(APEX, versions), ZoneChange.ANY_REVISION));
      answersAsIfBuiltAnew(zones, 5_000);
    }
  }

  @Test
  void deletedAndCreatedAnewWhileItIsEditedItIsTheNewOne() throws Exception {
    try (StoredZones zones = StoredZones.open(folder)) {
      createZone(zones);
      for (int round = 0; round < 5; round++) {
        for (int i = 0; i < 20; i++) {
          commitOnly(zones, someEdit(zones));
        }
        commitOnly(zones, zones.delete(APEX));
        versions.clear();
        createZone(zones);
        commitOnly(zones, someEdit(zones));
      }
      zones.service().catchUp(zones.service().store().state().revision());
      answersAsIfBuiltAnew(zones, 2_000);
    }
  }

  @Test
  void manyEditsHaveItBuiltAnewInTheBackground() throws Exception {
    try (StoredZones zones = StoredZones.open(folder)) {
      createZone(zones);
      await()
          .atMost(java.time.Duration.ofSeconds(60))
          .until(
              () -> {
                for (int i = 0; i < 50; i++) {
                  commitOnly(zones, someEdit(zones));
                }
                return zones.state().largeRebuilds() > 1;
              });
      zones.service().catchUp(zones.service().store().state().revision());
      answersAsIfBuiltAnew(zones, 5_000);
    }
  }

  private void createZone(StoredZones zones) throws Exception {
    for (int i = 0; i < NAMES; i++) {
      versions.put("n" + i, i % 251);
    }
    zones.commit(
        new ZoneChange.Create(StoredZones.settings(APEX), StoredZones.content(APEX, versions)));
    CatalogEntry entry = zones.service().catalog().entry(Views.PUBLIC, DomainName.parse(APEX));
    assertThat(entry).isNotNull();
    assertThat(LargeZones.isLarge(entry.imageBytes())).isTrue();
  }

  /** A changed address, a new name, a new name far below, or a name that goes. */
  private ZoneChange someEdit(StoredZones zones) throws Exception {
    int number = random.nextInt(NAMES);
    int version = random.nextInt(251);
    String name = "n" + number;
    switch (random.nextInt(4)) {
      case 0 -> name = "fresh" + number;
      case 1 -> name = "x.y" + number + ".n" + random.nextInt(NAMES);
      case 2 -> {
        versions.remove(name);
        return new ZoneChange.Edit(
            zones.id(APEX),
            List.of(
                new RRsetEdit.Delete(
                    DomainName.parse(name + "." + APEX), RecordType.A, RRsetEdit.ANY_REVISION)),
            ZoneChange.ANY_REVISION);
      }
      default -> {}
    }
    versions.put(name, version);
    return zones.edit(APEX, name, version);
  }

  private void answersAsIfBuiltAnew(StoredZones zones, int questions) throws Exception {
    try (EmbeddedServer built = EmbeddedServer.builder().build()) {
      Zone zone = builtAnew(zones);
      built.engine().publish(Catalog.of(StoredZones.HASH, List.of(zone)));
      List<String> names = new ArrayList<>(versions.keySet());
      for (int i = 0; i < questions; i++) {
        String name =
            switch (random.nextInt(6)) {
              case 0 -> "n" + random.nextInt(NAMES);
              case 1 -> "y" + random.nextInt(NAMES) + ".n" + random.nextInt(NAMES);
              case 2 -> "no" + random.nextInt(NAMES);
              default -> names.get(random.nextInt(names.size()));
            };
        String full = name + "." + APEX;
        byte[] expected = built.ask(full, RecordType.A);
        assertThat(zones.server().ask(full, RecordType.A)).as(full).isEqualTo(expected);
        Integer version = versions.get(name);
        if (version != null) {
          assertThat(zones.ask(full).version()).as(full).isEqualTo(version);
        } else if (name.startsWith("no")) {
          assertThat(zones.ask(full).rcode()).isEqualTo(NXDOMAIN);
        }
      }
      assertThat(zones.server().ask(APEX, RecordType.SOA))
          .isEqualTo(built.ask(APEX, RecordType.SOA));
    }
  }

  private static Zone builtAnew(StoredZones zones) throws Exception {
    StoredZone stored = zones.zone(APEX);
    ZoneImageBuilder builder = new ZoneImageBuilder(StoredZones.HASH);
    try (StoreSnapshot snapshot = zones.service().store().snapshot();
        StoreSnapshot.ContentReader reader = snapshot.content(stored.id(), null)) {
      for (RRsetBlock block = reader.next(); block != null; block = reader.next()) {
        block.writeTo(builder);
      }
    }
    Zone zone = builder.build(problem -> {});
    assertThat(zone).isNotNull();
    return zone;
  }

  private static void commitOnly(StoredZones zones, ZoneChange... changes) throws Exception {
    CommitResult _ = zones.service().store().commit(ChangeSet.of("test", changes).forced());
  }
}
