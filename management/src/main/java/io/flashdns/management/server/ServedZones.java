package io.flashdns.management.server;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.NameHash;
import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.Tenant;
import io.flashdns.core.zone.Views;
import io.flashdns.core.zone.Zone;
import io.flashdns.management.server.TenantsFile.ZoneName;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is served: good zones, each in its place, with its number and its owner.
 *
 * <p>Numbers of tenants and zones are given at first sight and never to anybody else, so that
 * counters that go by them stay right: a zone that vanishes and comes back has the number it had, a
 * zone that moves to another tenant gets a new one.
 *
 * <p>Used by one thread at a time.
 */
final class ServedZones {
  /** One warning each for so many zones below another tenant's, and one for the rest. */
  private static final int MAX_TAKEOVERS_SAID = 20;

  private final NameHash hash;
  private final Views views;
  private final Map<String, Integer> tenantNumbers = new HashMap<>();
  private final Map<ZoneKey, Integer> zoneNumbers = new HashMap<>();
  private Map<Apex, Zone> served = Map.of();
  private List<Tenant> tenants = List.of();
  private Catalog catalog;

  ServedZones(NameHash hash, Views views) {
    this.hash = hash;
    this.views = views;
    this.catalog = Catalog.empty(hash);
  }

  /**
   * A zone that may be served.
   *
   * @param outdated true when the file is broken now and this is its older version
   */
  record Found(Path file, Zone zone, ZonePlace place, boolean outdated) {}

  /**
   * What changed for clients.
   *
   * @param same zones by file that say what the served ones said; these take their places in memory
   */
  record Change(int added, int changed, int removed, int kept, Map<Path, Zone> same) {}

  private record ZoneKey(int tenant, int view, DomainName apex) {}

  private record Apex(DomainName name, int view) implements Comparable<Apex> {
    private static final Comparator<Apex> ORDER =
        Comparator.comparing(Apex::name).thenComparingInt(Apex::view);

    @Override
    public int compareTo(Apex other) {
      return ORDER.compare(this, other);
    }
  }

  /** The latest catalog. */
  Catalog catalog() {
    return catalog;
  }

  /** The zones in it, in canonical order of their names. */
  Collection<Zone> zones() {
    return served.values();
  }

  /** The owners of these zones. */
  List<Tenant> tenants() {
    return tenants;
  }

  /**
   * Makes a catalog of these zones.
   *
   * @param found in the order of their files: of two zones with one apex in one view the first is
   *     served
   * @param places of all zone files, broken ones too
   * @param settings what is said of tenants and zones besides
   * @param problems takes what is wrong
   */
  Change replace(
      Collection<Found> found,
      Collection<ZonePlace> places,
      TenantsFile settings,
      List<Problem> problems) {
    Map<Apex, Zone> next = new TreeMap<>();
    Map<Apex, Path> from = new HashMap<>();
    Map<ZoneName, ZonePlace> owners = new HashMap<>();
    Map<String, Tenant> tenantsNow = new LinkedHashMap<>();
    Map<Path, Zone> same = new HashMap<>();
    int kept = 0;
    for (Found one : found) {
      DomainName name = one.zone().apex();
      Apex apex = new Apex(name, views.number(one.place().view()));
      Path first = from.putIfAbsent(apex, one.file());
      if (first != null) {
        problems.add(
            Problem.error(
                one.file(),
                "the zone %s is also in %s, which is served: remove one of the two files"
                    .formatted(name, first)));
        continue;
      }
      Tenant owner =
          one.place().tenant().isEmpty()
              ? Tenant.NOBODY
              : tenantsNow.computeIfAbsent(
                  one.place().tenant(), _ -> tenant(one.place(), settings));
      Zone before = served.get(apex);
      Zone zone = one.zone();
      if (before != null && Arrays.equals(before.data(), zone.data())) {
        // The file was touched, moved or renamed, the zone is what it was.
        zone = before;
        same.put(one.file(), before);
      }
      next.put(apex, placed(zone, before, apex, owner, settings.isSuspended(name, one.place())));
      owners.put(new ZoneName(name, one.place().view()), one.place());
      kept += one.outdated() ? 1 : 0;
    }
    warnOfTakeovers(owners, from, problems);
    settings.warnOfUnknown(places, owners);
    return publish(next, List.copyOf(tenantsNow.values()), kept, same);
  }

  private Change publish(
      Map<Apex, Zone> next, List<Tenant> tenantsNow, int kept, Map<Path, Zone> same) {
    int added = 0;
    int changed = 0;
    for (Map.Entry<Apex, Zone> entry : next.entrySet()) {
      Zone before = served.get(entry.getKey());
      added += before == null ? 1 : 0;
      changed += before != null && before != entry.getValue() ? 1 : 0;
    }
    int removed = served.size() - (next.size() - added);
    if (added + changed + removed > 0 || !tenantsNow.equals(tenants)) {
      catalog = Catalog.of(hash, next.values(), tenantsNow);
    }
    served = next;
    tenants = tenantsNow;
    return new Change(added, changed, removed, kept, same);
  }

  private Tenant tenant(ZonePlace place, TenantsFile settings) {
    int number = tenantNumbers.computeIfAbsent(place.tenant(), _ -> tenantNumbers.size() + 1);
    return new Tenant(
        number,
        place.organisation(),
        place.project(),
        settings.isSuspended(place),
        settings.queriesPerSecond(place));
  }

  /** A zone in its place: the one that is served now when nothing about it is different. */
  private Zone placed(
      Zone zone, @Nullable Zone before, Apex apex, Tenant owner, boolean suspended) {
    ZoneKey key = new ZoneKey(owner.number(), apex.view(), apex.name());
    int number = zoneNumbers.computeIfAbsent(key, _ -> zoneNumbers.size() + 1);
    boolean unchanged =
        zone == before
            && before.number() == number
            && before.isSuspended() == (suspended || owner.suspended())
            && before.isOwnerSuspended() == owner.suspended();
    return unchanged ? zone : zone.placed(number, apex.view(), owner, suspended);
  }

  /**
   * Warns of zones that take names out of another tenant's zone. Zones of nobody are the
   * operator's: tenants' zones below them are what they are there for.
   */
  private void warnOfTakeovers(
      Map<ZoneName, ZonePlace> owners, Map<Apex, Path> from, List<Problem> problems) {
    int found = 0;
    for (Map.Entry<Apex, Path> entry : from.entrySet()) {
      DomainName name = entry.getKey().name();
      String view = views.name(entry.getKey().view());
      ZonePlace owner = owners.get(new ZoneName(name, view));
      for (DomainName above = name.parent(); above != null; above = above.parent()) {
        ZonePlace other = owners.get(new ZoneName(above, view));
        if (owner != null && other != null) {
          boolean takes = !owner.tenant().isEmpty() && !other.tenant().isEmpty();
          if (takes && !owner.tenant().equals(other.tenant()) && found++ < MAX_TAKEOVERS_SAID) {
            problems.add(
                Problem.warning(
                    entry.getValue(),
                    "the zone %s of %s takes its names out of the zone %s of %s: see that its owner agrees"
                        .formatted(name, owner.tenant(), above, other.tenant())));
          }
          break;
        }
      }
    }
    if (found > MAX_TAKEOVERS_SAID) {
      problems.add(
          Problem.warning(
              "%,d more zones lie below another tenant's zone"
                  .formatted(found - MAX_TAKEOVERS_SAID)));
    }
  }
}
