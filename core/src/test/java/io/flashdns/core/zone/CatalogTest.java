package io.flashdns.core.zone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.NameHash;
import io.flashdns.core.dns.NameKey;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class CatalogTest {
  private static Zone zone(String apex) {
    return ZoneText.zone(apex + " 60 SOA a.test. b.test. 1 1 1 1 1\n" + apex + " 60 NS a.test.\n");
  }

  private static String found(Catalog catalog, String name, boolean strictlyBelow) {
    Zone zone = catalog.find(0, ZoneText.key(name), strictlyBelow);
    return zone == null ? "none" : zone.apex().toString();
  }

  @Test
  void emptyCatalogHoldsNoName() {
    Catalog catalog = Catalog.empty(ZoneText.HASH);

    assertThat(catalog.size()).isZero();
    assertThat(found(catalog, ".", false)).isEqualTo("none");
    assertThat(found(catalog, "a.b.c.", false)).isEqualTo("none");
    assertThat(catalog.zone(DomainName.ROOT)).isNull();
  }

  @Test
  void longestApexWins() {
    Catalog catalog =
        Catalog.of(
            ZoneText.HASH,
            List.of(zone("example."), zone("b.example."), zone("d.c.b.example."), zone("other.")));

    assertThat(found(catalog, "example.", false)).isEqualTo("example.");
    assertThat(found(catalog, "EXAMPLE.", false)).isEqualTo("example.");
    assertThat(found(catalog, "a.example.", false)).isEqualTo("example.");
    assertThat(found(catalog, "b.example.", false)).isEqualTo("b.example.");
    assertThat(found(catalog, "x.b.example.", false)).isEqualTo("b.example.");
    assertThat(found(catalog, "c.b.example.", false)).isEqualTo("b.example.");
    assertThat(found(catalog, "x.c.b.example.", false)).isEqualTo("b.example.");
    assertThat(found(catalog, "d.c.b.example.", false)).isEqualTo("d.c.b.example.");
    assertThat(found(catalog, "x.y.z.d.c.b.example.", false)).isEqualTo("d.c.b.example.");
    assertThat(found(catalog, "x.other.", false)).isEqualTo("other.");
    assertThat(found(catalog, "xother.", false)).isEqualTo("none");
    assertThat(found(catalog, ".", false)).isEqualTo("none");
    assertThat(found(catalog, "a.".repeat(127), false)).isEqualTo("none");
  }

  @Test
  void searchStrictlyBelowPassesTheNameItself() {
    Catalog catalog =
        Catalog.of(ZoneText.HASH, List.of(zone("."), zone("example."), zone("b.example.")));

    assertThat(found(catalog, "b.example.", true)).isEqualTo("example.");
    assertThat(found(catalog, "x.b.example.", true)).isEqualTo("b.example.");
    assertThat(found(catalog, "example.", true)).isEqualTo(".");
    assertThat(found(catalog, ".", true)).isEqualTo("none");
    assertThat(found(catalog, "org.", false)).isEqualTo(".");
  }

  @Test
  void apexOf127LabelsIsFound() {
    String deep = "a.".repeat(127);
    Catalog catalog =
        Catalog.of(
            ZoneText.HASH, List.of(zone(deep), zone("a.".repeat(64)), zone("a.".repeat(63))));

    assertThat(found(catalog, deep, false)).isEqualTo(deep);
    assertThat(found(catalog, deep, true)).isEqualTo("a.".repeat(64));
    assertThat(found(catalog, "a.".repeat(64), true)).isEqualTo("a.".repeat(63));
    assertThat(found(catalog, "a.".repeat(62), false)).isEqualTo("none");
  }

  @Test
  void twoZonesCannotHaveOneApex() {
    assertThatThrownBy(
            () ->
                Catalog.of(
                    ZoneText.HASH, List.of(zone("example."), zone("other."), zone("EXAMPLE."))))
        .hasMessage("two zones have the apex example.");
  }

  @Test
  void zonesOfAnotherHashAreRefused() {
    Zone zone = zone("example.");

    assertThatThrownBy(() -> Catalog.of(new NameHash(1), List.of(zone)))
        .hasMessageContaining("zone example. was built with another hash seed");
  }

  @Test
  void tenThousandZonesAreAllFoundAndNoOther() {
    List<Zone> zones = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      zones.add(
          zone(i % 3 == 0 ? "zone" + i + "." : "zone" + i + ".tenant" + i % 100 + ".example."));
    }
    Catalog catalog = Catalog.of(ZoneText.HASH, zones);

    assertThat(catalog.size()).isEqualTo(10_000);
    assertThat(catalog.entries()).hasSize(10_000);
    NameKey key = new NameKey(ZoneText.HASH);
    for (Zone zone : zones) {
      DomainName apex = zone.apex();
      assertThat(catalog.zone(apex)).isSameAs(zone);
      key.set(DomainName.parse("www", apex).wire(), 0);
      assertThat(catalog.find(0, key, false)).isSameAs(zone);
      key.set(DomainName.parse("x" + apex).wire(), 0);
      assertThat(catalog.find(0, key, false)).isNull();
    }
  }
}
