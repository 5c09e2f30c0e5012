package io.flashdns.core.zone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.NameKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Zones of several views and tenants in one catalog. */
final class CatalogViewTest {
  private static final Tenant ONE = new Tenant(1, "acme", "web", false, 0);
  private static final Tenant TWO = new Tenant(2, "acme", "shop", true, 500);

  private static Zone zone(String apex) {
    return ZoneText.zone(apex + " 60 SOA a.test. b.test. 1 1 1 1 1\n" + apex + " 60 NS a.test.\n");
  }

  private static Zone in(int view, String apex) {
    return zone(apex).placed(0, view, Tenant.NOBODY, false);
  }

  private static Catalog catalog(Zone... zones) {
    return Catalog.of(ZoneText.HASH, List.of(zones));
  }

  private static @Nullable Zone find(Catalog catalog, int view, String name) {
    return catalog.find(view, ZoneText.key(name), false);
  }

  @Test
  void sameApexInTwoViewsIsTwoZones() {
    Zone everybody = zone("example.");
    Zone inside = in(1, "example.");
    Zone other = in(2, "example.");
    Catalog catalog = catalog(everybody, inside, other);

    assertThat(catalog.size()).isEqualTo(3);
    assertThat(find(catalog, 0, "www.example.")).isSameAs(everybody);
    assertThat(find(catalog, 1, "www.example.")).isSameAs(inside);
    assertThat(find(catalog, 2, "www.example.")).isSameAs(other);
    assertThat(catalog.zone(DomainName.parse("example."))).isSameAs(everybody);
  }

  @Test
  void privateViewLiesOverThePublicOne() {
    Zone parent = in(1, "example.");
    Zone child = zone("sub.example.");
    Zone elsewhere = zone("elsewhere.");
    Catalog catalog = catalog(parent, child, elsewhere);

    assertThat(find(catalog, 1, "www.sub.example."))
        .as("a private zone hides public ones below it")
        .isSameAs(parent);
    assertThat(find(catalog, 0, "www.sub.example.")).isSameAs(child);
    assertThat(find(catalog, 0, "www.example.")).isNull();
    assertThat(find(catalog, 1, "www.elsewhere.")).isSameAs(elsewhere);
    assertThat(find(catalog, 7, "www.elsewhere."))
        .as("a view without zones sees the public ones")
        .isSameAs(elsewhere);
    assertThat(find(catalog, 7, "www.example.")).isNull();
    assertThat(find(catalog, -1, "www.elsewhere.")).isSameAs(elsewhere);
  }

  @Test
  void publicViewSeesNoPrivateZone() {
    Catalog catalog = catalog(in(1, "example."), in(2, "."));

    assertThat(find(catalog, 0, "www.example.")).isNull();
    assertThat(find(catalog, 1, "elsewhere.")).isNull();
    assertThat(find(catalog, 2, "www.example.").apex()).isEqualTo(DomainName.ROOT);
    assertThat(catalog.zone(DomainName.parse("example."))).isNull();
  }

  @Test
  void twoZonesOfAViewCannotHaveOneApex() {
    assertThatThrownBy(() -> catalog(in(1, "example."), zone("example."), in(1, "EXAMPLE.")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("two zones have the apex example.");
  }

  @Test
  void zoneAboveAnApexIsLookedForInTheViewAndThenInThePublicOne() {
    Zone publicParent = zone("example.");
    Zone privateParent = in(1, "example.");
    Catalog catalog =
        catalog(publicParent, privateParent, in(1, "sub.example."), in(2, "sub.example."));
    NameKey apex = ZoneText.key("sub.example.");

    assertThat(catalog.find(1, apex, true)).isSameAs(privateParent);
    assertThat(catalog.find(2, apex, true)).isSameAs(publicParent);
    assertThat(catalog.find(0, apex, true)).isSameAs(publicParent);
  }

  @Test
  void tenantsAreFoundByTheirNumbers() {
    Catalog catalog = Catalog.of(ZoneText.HASH, List.of(), List.of(TWO, ONE));

    assertThat(catalog.tenant(1)).isSameAs(ONE);
    assertThat(catalog.tenant(2)).isSameAs(TWO);
    assertThat(catalog.tenant(0)).isSameAs(Tenant.NOBODY);
    assertThat(catalog.tenant(3)).isSameAs(Tenant.NOBODY);
    assertThat(catalog.tenantNumbers()).isEqualTo(3);
    assertThat(Catalog.empty(ZoneText.HASH).tenantNumbers()).isEqualTo(1);
    assertThat(Catalog.empty(ZoneText.HASH).tenant(1)).isSameAs(Tenant.NOBODY);
  }

  @Test
  void tenantsValuesHaveBounds() {
    assertThatThrownBy(() -> new Tenant(-1, "a", "b", false, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Tenant(1, "a", "b", false, -1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(ONE).hasToString("acme/web");
    assertThat(Tenant.NOBODY).hasToString("nobody");
  }

  @Test
  void placedZoneSharesTheImage() {
    Zone zone = zone("example.");
    Zone placed = zone.placed(7, 3, ONE, false);

    assertThat(placed).isNotSameAs(zone);
    assertThat(placed.data()).isSameAs(zone.data());
    assertThat(placed.apex()).isEqualTo(zone.apex());
    assertThat(placed.number()).isEqualTo(7);
    assertThat(placed.view()).isEqualTo(3);
    assertThat(placed.tenant()).isEqualTo(1);
    assertThat(placed.isSuspended()).isFalse();
    assertThat(zone.number()).isZero();
    assertThat(zone.view()).isZero();
    assertThat(zone.tenant()).isZero();
    assertThat(placed.placed(0, 0, Tenant.NOBODY, false).tenant()).isZero();
  }

  @Test
  void zoneIsSuspendedWithItsTenantOrAlone() {
    Zone zone = zone("example.");

    Zone alone = zone.placed(1, 0, ONE, true);
    assertThat(alone.isSuspended()).isTrue();
    assertThat(alone.isOwnerSuspended()).isFalse();
    Zone withOwner = zone.placed(1, 0, TWO, false);
    assertThat(withOwner.isSuspended()).isTrue();
    assertThat(withOwner.isOwnerSuspended()).isTrue();
    Zone both = zone.placed(1, 0, TWO, true);
    assertThat(both.isSuspended()).isTrue();
    assertThat(both.isOwnerSuspended()).isTrue();
    assertThat(both.placed(1, 0, ONE, false).isSuspended()).as("back again").isFalse();
  }

  @Test
  void placeHasNoNegativeNumbers() {
    Zone zone = zone("example.");

    assertThatThrownBy(() -> zone.placed(-1, 0, ONE, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("negative");
    assertThatThrownBy(() -> zone.placed(1, -1, ONE, false)).hasMessageContaining("negative");
  }

  /** Against the plain reading: the longest apex of the view, or else of the public one. */
  @Test
  void everyNameIsFoundAsByTryingAllZones() {
    SplittableRandom random = new SplittableRandom(9);
    String[] apexes = {
      ".", "a.", "b.", "a.a.", "b.a.", "a.b.", "b.b.", "c.a.a.", "a.a.a.", "b.c.a.a.", "d.b.a."
    };
    Map<String, Zone> images = new HashMap<>();
    for (String apex : apexes) {
      images.put(apex, zone(apex));
    }
    for (int round = 0; round < 300; round++) {
      List<Zone> zones = new ArrayList<>();
      for (String apex : apexes) {
        for (int view = 0; view < 4; view++) {
          if (random.nextInt(4) == 0) {
            zones.add(images.get(apex).placed(zones.size(), view, Tenant.NOBODY, false));
          }
        }
      }
      Catalog catalog = Catalog.of(ZoneText.HASH, zones);
      for (int i = 0; i < 100; i++) {
        StringBuilder text = new StringBuilder();
        for (int labels = random.nextInt(6); labels > 0; labels--) {
          text.append((char) ('a' + random.nextInt(4))).append('.');
        }
        DomainName name = DomainName.parse(text.isEmpty() ? "." : text.toString());
        int view = random.nextInt(6) - 1;
        boolean strictly = random.nextBoolean();
        assertThat(catalog.find(view, ZoneText.key(name.toString()), strictly))
            .as("%s in view %d", name, view)
            .isSameAs(naive(zones, view, name, strictly));
      }
    }
  }

  private static @Nullable Zone naive(
      List<Zone> zones, int view, DomainName name, boolean strictly) {
    for (int look : new int[] {view, 0}) {
      Zone best = null;
      for (Zone zone : zones) {
        boolean holds =
            zone.view() == look
                && name.isAtOrBelow(zone.apex())
                && !(strictly && name.equals(zone.apex()));
        if (holds && (best == null || zone.apexLabels() > best.apexLabels())) {
          best = zone;
        }
      }
      if (best != null) {
        return best;
      }
    }
    return null;
  }
}
