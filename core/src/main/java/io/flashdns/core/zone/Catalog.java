package io.flashdns.core.zone;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.NameHash;
import io.flashdns.core.dns.NameKey;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All zones that are served, by view and apex: an immutable snapshot that is replaced whole, so
 * that a change of several zones is seen at once or not at all.
 *
 * <p>Safe for all threads. {@link #find} costs one probe for each label count, from the name's own
 * downwards, that any zone has: a name of four labels in a catalog of zones with three costs one.
 * Nothing is allocated.
 */
public final class Catalog {
  private final NameHash hash;
  private final List<Zone> zones;
  private final Zone[] table;
  private final int[] tags;
  private final int mask;
  private final long[] apexLabels = new long[2];
  private final @Nullable Tenant[] tenants;

  private Catalog(NameHash hash, Collection<Zone> zones, Collection<Tenant> tenants) {
    this.hash = hash;
    this.zones = List.copyOf(zones);
    this.tenants = new Tenant[1 + tenants.stream().mapToInt(Tenant::number).max().orElse(0)];
    for (Tenant tenant : tenants) {
      this.tenants[tenant.number()] = tenant;
    }
    int size = Integer.highestOneBit(Math.max(4, 2 * zones.size() - 1)) << 1;
    this.table = new Zone[size];
    this.tags = new int[size];
    this.mask = size - 1;
    NameKey key = new NameKey(hash);
    for (Zone zone : this.zones) {
      add(zone, key);
    }
  }

  /** A catalog without zones. */
  public static Catalog empty(NameHash hash) {
    return new Catalog(hash, List.of(), List.of());
  }

  /**
   * A catalog of zones that belong to nobody, each in its view.
   *
   * @throws IllegalArgumentException when two zones of a view have the same apex, or a zone was
   *     built with another hash
   */
  public static Catalog of(NameHash hash, Collection<Zone> zones) {
    return new Catalog(hash, zones, List.of());
  }

  /**
   * A catalog of zones and those whom they belong to.
   *
   * @throws IllegalArgumentException when two zones of a view have the same apex, or a zone was
   *     built with another hash
   */
  public static Catalog of(NameHash hash, Collection<Zone> zones, Collection<Tenant> tenants) {
    return new Catalog(hash, zones, tenants);
  }

  private void add(Zone zone, NameKey key) {
    if (zone.hashSeed() != hash.seed()) {
      throw new IllegalArgumentException(
          "zone " + zone.apex() + " was built with another hash seed: build it anew");
    }
    key.set(zone.apex().wire(), 0);
    long apexHash = hash.inView(key.suffixHash(0), zone.view());
    int slot = (int) (apexHash >>> 32) & mask;
    while (table[slot] != null) {
      if (tags[slot] == (int) apexHash
          && table[slot].view() == zone.view()
          && table[slot].apex().equals(zone.apex())) {
        throw new IllegalArgumentException("two zones have the apex " + zone.apex());
      }
      slot = (slot + 1) & mask;
    }
    table[slot] = zone;
    tags[slot] = (int) apexHash;
    apexLabels[zone.apexLabels() >>> 6] |= 1L << zone.apexLabels();
  }

  /**
   * The zone with the longest apex that a name is at or below (RFC 1034 §4.3.2 step 2). A private
   * view lies over the public one: only when no zone of it holds the name is the public one asked.
   *
   * @param view a number of {@link Views}
   * @param strictlyBelow true to look above the name itself: the zone that answers for DS at a
   *     zone's apex (RFC 4035 §3.1.4.1)
   * @return the zone, or null when no zone of either view holds the name
   */
  public @Nullable Zone find(int view, NameKey name, boolean strictlyBelow) {
    Zone zone = findIn(view, name, strictlyBelow);
    return zone == null && view != Views.PUBLIC ? findIn(Views.PUBLIC, name, strictlyBelow) : zone;
  }

  private @Nullable Zone findIn(int view, NameKey name, boolean strictlyBelow) {
    int labels = name.labels();
    for (int label = strictlyBelow ? 1 : 0; label <= labels; label++) {
      int depth = labels - label;
      if ((apexLabels[depth >>> 6] & 1L << depth) != 0) {
        Zone zone = probe(view, name, label);
        if (zone != null) {
          return zone;
        }
      }
    }
    return null;
  }

  private @Nullable Zone probe(int view, NameKey name, int label) {
    long key = hash.inView(name.suffixHash(label), view);
    int slot = (int) (key >>> 32) & mask;
    int tag = (int) key;
    Zone zone;
    while ((zone = table[slot]) != null) {
      if (tags[slot] == tag && zone.isApex(name, label) && zone.view() == view) {
        return zone;
      }
      slot = (slot + 1) & mask;
    }
    return null;
  }

  /**
   * The zone that a name most likely lies in: what {@link #find} finds, unless two zones share 32
   * bits of their hash. Reads the table and no zone, to tell what to read next.
   */
  public @Nullable Zone likelyZone(int view, NameKey name) {
    int labels = name.labels();
    for (int label = 0; label <= labels; label++) {
      int depth = labels - label;
      if ((apexLabels[depth >>> 6] & 1L << depth) != 0) {
        long key = hash.inView(name.suffixHash(label), view);
        int tag = (int) key;
        int slot = (int) (key >>> 32) & mask;
        Zone zone;
        while ((zone = table[slot]) != null) {
          if (tags[slot] == tag) {
            return zone;
          }
          slot = (slot + 1) & mask;
        }
      }
    }
    return null;
  }

  /** Who a number that {@link Zone#tenant} gave stands for; {@link Tenant#NOBODY} for others. */
  public Tenant tenant(int number) {
    Tenant tenant = number < tenants.length ? tenants[number] : null;
    return tenant == null ? Tenant.NOBODY : tenant;
  }

  /** One more than the highest number of a tenant. */
  public int tenantNumbers() {
    return tenants.length;
  }

  /** The zone of the public view with this apex, or null. Allocates. */
  public @Nullable Zone zone(DomainName apex) {
    NameKey key = new NameKey(hash);
    key.set(apex.wire(), 0);
    return probe(0, key, 0);
  }

  /** All zones, in no order. */
  public List<Zone> zones() {
    return zones;
  }

  /** Number of zones. */
  public int size() {
    return zones.size();
  }

  /** The hash that the catalog and all its zones use. */
  public NameHash hash() {
    return hash;
  }
}
