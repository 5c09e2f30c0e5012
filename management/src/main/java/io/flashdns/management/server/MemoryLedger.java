package io.flashdns.management.server;

import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.RRsetBlock;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneChange;
import io.flashdns.core.store.ZoneId;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.core.store.ZoneSettings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Begins with no zone and forgets all at the end: what {@code flashdns check} reads zone files
 * into. Keeps what there is to know of a zone but its content, and holds no change against the
 * rules of a store.
 */
final class MemoryLedger implements ZoneLedger {
  private final Map<Long, StoredZone> zones = new TreeMap<>();
  private final Map<ZoneKey, StoredZone> byKey = new HashMap<>();
  private @Nullable TenantsFile settings;
  private long lastId;
  private long revision;

  @Override
  public void tenants(TenantsFile now) {
    settings = now;
  }

  /** Number of zones. */
  int size() {
    return zones.size();
  }

  /** Records of all zones. */
  long records() {
    return zones.values().stream().mapToLong(StoredZone::recordCount).sum();
  }

  /** Whose zones there are, nobody left out. */
  Set<ZoneOwner> owners() {
    Set<ZoneOwner> owners = new HashSet<>();
    for (StoredZone zone : zones.values()) {
      owners.add(zone.settings().owner());
    }
    owners.remove(ZoneOwner.NOBODY);
    return owners;
  }

  /** How many of them are suspended. */
  long suspendedOwners() {
    TenantsFile now = settings;
    return now == null
        ? 0
        : owners().stream()
            .filter(
                owner -> now.isSuspended(new ZonePlace(owner.organisation(), owner.project(), "")))
            .count();
  }

  @Override
  public void forEach(Consumer<StoredZone> reader) {
    zones.values().forEach(reader);
  }

  @Override
  public @Nullable StoredZone zone(ZoneKey key) {
    return byKey.get(key);
  }

  @Override
  public @Nullable StoredZone zone(ZoneId id) {
    return zones.get(id.value());
  }

  @Override
  public List<StoredZone> commit(ChangeSet change) {
    revision++;
    List<StoredZone> results = new ArrayList<>();
    for (ZoneChange one : change.changes()) {
      switch (one) {
        case ZoneChange.Create create ->
            results.add(put(new ZoneId(++lastId), create.settings(), create.content()));
        case ZoneChange.Replace replace -> {
          StoredZone before = known(replace.zone());
          ZoneSettings settings = replace.settings();
          results.add(
              put(
                  replace.zone(),
                  settings == null ? before.settings() : settings,
                  replace.content()));
        }
        case ZoneChange.Delete delete -> {
          StoredZone before = known(delete.zone());
          zones.remove(delete.zone().value());
          byKey.remove(before.settings().key());
          results.add(before);
        }
        case ZoneChange.Configure configure -> {
          StoredZone now = configured(known(configure.zone()), configure.settings());
          keep(now);
          results.add(now);
        }
        case ZoneChange.Edit _ -> throw new IllegalArgumentException("no door edits files");
      }
    }
    return results;
  }

  @Override
  public void awaitServed() {}

  @Override
  public void release() {}

  private StoredZone put(ZoneId id, ZoneSettings settings, RRsetBlock content) {
    StoredZone zone =
        new StoredZone(
            id,
            settings,
            revision,
            revision,
            revision,
            0,
            content.rrsetCount(),
            content.rrsetCount(),
            content.recordCount(),
            0);
    keep(zone);
    return zone;
  }

  private void keep(StoredZone zone) {
    zones.put(zone.id().value(), zone);
    byKey.put(zone.settings().key(), zone);
  }

  private StoredZone known(ZoneId id) {
    StoredZone zone = zone(id);
    if (zone == null) {
      throw new IllegalArgumentException("there is no zone " + id);
    }
    return zone;
  }

  private StoredZone configured(StoredZone zone, ZoneSettings settings) {
    return new StoredZone(
        zone.id(),
        settings,
        zone.createdRevision(),
        revision,
        zone.contentRevision(),
        zone.serial(),
        zone.nameCount(),
        zone.rrsetCount(),
        zone.recordCount(),
        zone.digest());
  }
}
