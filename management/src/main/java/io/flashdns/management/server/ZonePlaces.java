package io.flashdns.management.server;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.CatalogEntry;
import io.flashdns.core.zone.ColdZone;
import io.flashdns.core.zone.Tenant;
import io.flashdns.core.zone.Views;
import io.flashdns.core.zone.Zone;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Where zones stand in the catalog: their view, their tenant, their number.
 *
 * <p>Numbers of tenants and zones are given at first sight and never to anybody else, so that
 * counters that go by them stay right. A zone keeps its number while it lives and belongs to the
 * same tenant, also over a restart that loads the catalog; one that moves to another tenant gets a
 * new one. The last {@value #REMEMBERED} zones that vanished are remembered: one that comes back
 * has the number it had.
 *
 * <p>Used by one thread at a time.
 */
final class ZonePlaces {
  private static final int REMEMBERED = 10_000;

  private final Views views;
  private final Map<ZoneOwner, Tenant> tenants = new LinkedHashMap<>();
  private final Map<Gone, Integer> gone =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Gone, Integer> eldest) {
          return size() > REMEMBERED;
        }
      };
  private UnaryOperator<Tenant> standing = UnaryOperator.identity();
  private int lastTenant;
  private int nextZone = 1;
  private boolean tenantsAreNews;

  /** A zone that vanished. */
  private record Gone(int tenant, int view, DomainName apex) {}

  /**
   * A place in the catalog.
   *
   * @param number of the zone
   * @param view number of the view
   * @param suspended whether the zone itself is
   */
  record Place(int number, int view, Tenant owner, boolean suspended) {
    /** The entry in this place; itself when it stands there already. */
    CatalogEntry put(CatalogEntry entry) {
      if (entry.number() == number
          && entry.view() == view
          && entry.tenant() == owner.number()
          && entry.isZoneSuspended() == suspended
          && entry.isOwnerSuspended() == owner.suspended()) {
        return entry;
      }
      return switch (entry) {
        case Zone zone -> zone.placed(number, view, owner, suspended);
        case ColdZone cold ->
            cold(cold.apex(), cold.revision(), cold.location(), (int) cold.imageBytes());
      };
    }

    /** A zone without its image in this place. */
    ColdZone cold(DomainName apex, long revision, long location, int imageBytes) {
      int standing = (suspended ? 1 : 0) | (owner.suspended() ? 2 : 0);
      byte[] name = apex.folded().wire();
      return new ColdZone(
          name, 0, number, view, owner.number(), standing, revision, location, imageBytes);
    }
  }

  ZonePlaces(Views views) {
    this.views = views;
  }

  /** Goes on with the numbers that a catalog has. */
  void goOnFrom(Catalog catalog) {
    nextZone = Math.max(nextZone, catalog.zoneNumbers());
  }

  /** A tenant that a saved catalog knows, as it stands now; it keeps its number. */
  Tenant known(Tenant saved) {
    Tenant now = standing.apply(saved);
    if (now.number() > 0) {
      tenants.put(new ZoneOwner(now.organisation(), now.project()), now);
      lastTenant = Math.max(lastTenant, now.number());
    }
    return now;
  }

  /**
   * Says who is suspended and has which budget from here on.
   *
   * @param now gives a tenant as it stands now, from its number and its names
   * @return numbers of the tenants who were suspended by this, or are no longer
   */
  BitSet standing(UnaryOperator<Tenant> now) {
    standing = now;
    BitSet changed = new BitSet();
    tenants.replaceAll(
        (_, before) -> {
          Tenant after = now.apply(before);
          tenantsAreNews |= !after.equals(before);
          changed.set(before.number(), before.suspended() != after.suspended());
          return after;
        });
    return changed;
  }

  /**
   * The place of a zone.
   *
   * @param before what stands there now, or null
   * @param isNew true when that is another zone of the same name
   */
  Place place(StoredZone zone, @Nullable CatalogEntry before, boolean isNew) {
    Tenant owner = owner(zone.settings().owner());
    int view = view(zone);
    int number;
    if (before != null && !isNew && before.number() > 0 && before.tenant() == owner.number()) {
      number = before.number();
    } else {
      Integer had = gone.remove(new Gone(owner.number(), view, zone.settings().key().apex()));
      number = had == null ? nextZone++ : had;
    }
    return new Place(number, view, owner, zone.settings().suspended());
  }

  /** The number of the view that a zone stands in. */
  int view(StoredZone zone) {
    return views.number(zone.settings().key().view());
  }

  /** A zone vanishes, or its number does. */
  void remember(CatalogEntry entry) {
    gone.put(new Gone(entry.tenant(), entry.view(), entry.apex()), entry.number());
  }

  private Tenant owner(ZoneOwner owner) {
    if (owner.organisation().isEmpty()) {
      return Tenant.NOBODY;
    }
    Tenant known = tenants.get(owner);
    if (known == null) {
      known =
          standing.apply(new Tenant(++lastTenant, owner.organisation(), owner.project(), false, 0));
      tenants.put(owner, known);
      tenantsAreNews = true;
    }
    return known;
  }

  /** The tenant with a number. */
  Tenant tenant(int number) {
    for (Tenant tenant : tenants.values()) {
      if (tenant.number() == number) {
        return tenant;
      }
    }
    return Tenant.NOBODY;
  }

  /** True when {@link #newsOfTenants} would say something. */
  boolean hasNewsOfTenants() {
    return tenantsAreNews;
  }

  /** All tenants when there is news of them since the last call, else null. */
  @Nullable List<Tenant> newsOfTenants() {
    if (!tenantsAreNews) {
      return null;
    }
    tenantsAreNews = false;
    return new ArrayList<>(tenants.values());
  }
}
