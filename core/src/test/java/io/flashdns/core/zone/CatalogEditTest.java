package io.flashdns.core.zone;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.NameKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class CatalogEditTest {
  private static final Zone SMALL =
      ZoneText.zone("z. 60 SOA a.test. b.test. 1 1 1 1 1\nz. 60 NS a.test.\n");

  private static ColdZone cold(String apex, int number, int view) {
    byte[] name = DomainName.parse(apex).wire();
    return new ColdZone(name, 0, number, view, 0, 0, 1, 4_096L * number, 900);
  }

  private static NameKey key(String name) {
    return ZoneText.key(name);
  }

  /** A source that remembers what it was asked for. */
  private static final class Loads implements ZoneSource {
    final List<ColdZone> asked = new ArrayList<>();

    @Override
    public Zone load(ColdZone cold) {
      asked.add(cold);
      return Zone.unavailable(cold);
    }
  }

  @Test
  void manyEditsAreWhatAMapWouldHold() {
    Random random = new Random(5);
    Map<String, ColdZone> truth = new HashMap<>();
    Catalog catalog = Catalog.empty(ZoneText.HASH);
    for (int round = 0; round < 2_000; round++) {
      Catalog.Edit edit = catalog.edit();
      for (int i = random.nextInt(8); i >= 0; i--) {
        int view = random.nextInt(3);
        String apex = "z" + random.nextInt(3_000) + (random.nextBoolean() ? ".a.test." : ".test.");
        if (random.nextInt(3) == 0) {
          edit.remove(view, DomainName.parse(apex));
          truth.remove(view + apex);
        } else {
          ColdZone zone = cold(apex, 1 + random.nextInt(1_000_000), view);
          edit.put(zone);
          truth.put(view + apex, zone);
        }
      }
      catalog = edit.done();
    }

    assertThat(catalog.size()).isEqualTo(truth.size());
    assertThat(catalog.entries()).containsExactlyInAnyOrderElementsOf(truth.values());
    for (int view = 0; view < 3; view++) {
      for (int i = 0; i < 3_000; i++) {
        for (String apex : List.of("z" + i + ".a.test.", "z" + i + ".test.")) {
          assertThat(catalog.entry(view, DomainName.parse(apex))).isSameAs(truth.get(view + apex));
        }
      }
    }
  }

  @Test
  void anEditLeavesTheCatalogItWasMadeFrom() {
    Catalog before =
        Catalog.of(ZoneText.HASH, List.of(cold("a.test.", 1, 0), cold("b.test.", 2, 0)));

    Catalog after =
        before.edit().remove(0, DomainName.parse("a.test.")).put(cold("c.test.", 3, 0)).done();

    assertThat(before.entry(0, DomainName.parse("a.test."))).isNotNull();
    assertThat(before.entry(0, DomainName.parse("c.test."))).isNull();
    assertThat(before.size()).isEqualTo(2);
    assertThat(after.entry(0, DomainName.parse("a.test."))).isNull();
    assertThat(after.entry(0, DomainName.parse("c.test."))).isNotNull();
    assertThat(after.size()).isEqualTo(2);
  }

  @Test
  void aRemovedZoneGivesItsNamesBackToTheZoneAbove() {
    Catalog.Edit edit = Catalog.empty(ZoneText.HASH).edit();
    Loads loads = new Loads();
    Catalog catalog =
        Catalog.of(
            ZoneText.HASH, List.of(cold("test.", 1, 0), cold("a.b.test.", 2, 0)), List.of(), loads);
    assertThat(edit.done().size()).isZero();

    Catalog after = catalog.edit().remove(0, DomainName.parse("A.b.test.")).done();

    assertThat(after.find(0, key("x.a.b.test."), false)).isNotNull();
    assertThat(loads.asked).extracting(CatalogEntry::number).containsExactly(1);
  }

  @Test
  void aZoneThatIsNotInMemoryIsLoadedAndNeverMissing() {
    Loads loads = new Loads();
    ColdZone cold = cold("a.test.", 7, 2);
    Catalog catalog = Catalog.of(ZoneText.HASH, List.of(cold), List.of(), loads);

    Zone zone = catalog.find(2, key("www.a.test."), false);

    assertThat(zone).isNotNull().extracting(Zone::isUnavailable).isEqualTo(true);
    assertThat(loads.asked).containsExactly(cold);
    assertThat(catalog.find(0, key("www.a.test."), false)).isNull();
    assertThat(catalog.likelyZone(2, key("www.a.test."))).isNull();
  }

  @Test
  void swapPutsOneFormInPlaceOfTheOther() {
    Zone zone = SMALL.placed(3, 0, Tenant.NOBODY, false).located(128);
    ColdZone cold = zone.cold();
    Loads loads = new Loads();
    Catalog catalog = Catalog.of(ZoneText.HASH, List.of(cold), List.of(), loads);

    assertThat(catalog.swap(cold, zone)).isTrue();
    assertThat(catalog.find(0, key("www.z."), false)).isSameAs(zone);
    assertThat(catalog.swap(cold, zone)).isFalse();
    assertThat(catalog.swap(zone, cold)).isTrue();
    assertThat(catalog.entry(0, DomainName.parse("z."))).isSameAs(cold);
    assertThat(loads.asked).isEmpty();
  }

  @Test
  void theColdFormSaysAllThatTheZoneSays() {
    Tenant tenant = new Tenant(9, "org", "project", true, 0);
    Zone zone = SMALL.placed(3, 4, tenant, false).located(1L << 40);

    ColdZone cold = zone.cold();

    assertThat(cold.apex()).isEqualTo(zone.apex());
    assertThat(cold.apexLabels()).isEqualTo(zone.apexLabels());
    assertThat(cold.number()).isEqualTo(3);
    assertThat(cold.view()).isEqualTo(4);
    assertThat(cold.tenant()).isEqualTo(9);
    assertThat(cold.isSuspended()).isTrue();
    assertThat(cold.isOwnerSuspended()).isTrue();
    assertThat(cold.imageBytes()).isEqualTo(zone.imageBytes());
    assertThat(cold.revision()).isEqualTo(zone.revision());
    assertThat(cold.location()).isEqualTo(1L << 40);
    assertThat(Zone.of(zone.data(), cold).cold()).usingRecursiveComparison().isEqualTo(cold);
  }

  @Test
  void changesAreToldOnceAndOthersNotAtAll() {
    List<ColdZone> zones = new ArrayList<>();
    for (int i = 1; i <= 5_000; i++) {
      zones.add(cold("z" + i + ".test.", i, 0));
    }
    Catalog before = Catalog.of(ZoneText.HASH, zones);
    Catalog after =
        before
            .edit()
            .put(cold("new.test.", 6_000, 0))
            .put(cold("z17.test.", 17, 0))
            .remove(0, DomainName.parse("z18.test."))
            .done();

    List<String> told = new ArrayList<>();
    after.changesSince(before, (was, is) -> told.add(name(was) + " > " + name(is)));

    assertThat(told)
        .containsExactlyInAnyOrder("none > new.test.", "z17.test. > z17.test.", "z18.test. > none");
    assertThat(after.zoneNumbers()).isEqualTo(6_001);
    assertThat(after.hasTenantsOf(before)).isTrue();
  }

  @Test
  void changesAreToldAlsoWhenTheTableHasGrown() {
    Catalog before = Catalog.of(ZoneText.HASH, List.of(cold("a.test.", 1, 0)));
    Catalog.Edit edit = before.edit().remove(0, DomainName.parse("a.test."));
    for (int i = 2; i <= 100; i++) {
      edit.put(cold("z" + i + ".test.", i, 0));
    }

    List<String> told = new ArrayList<>();
    edit.done().changesSince(before, (was, is) -> told.add(name(was) + " > " + name(is)));

    assertThat(told).hasSize(100).contains("a.test. > none", "none > z55.test.");
  }

  private static String name(@Nullable CatalogEntry entry) {
    return entry == null ? "none" : entry.apex().toString();
  }
}
