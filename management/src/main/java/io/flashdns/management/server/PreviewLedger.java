package io.flashdns.management.server;

import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.RRsetBlock;
import io.flashdns.core.store.StoreEvent;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneChange;
import io.flashdns.core.store.ZoneEvent;
import io.flashdns.core.store.ZoneId;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.store.ZoneSettings;
import io.flashdns.core.store.ZoneStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Holds changes against the rules of a store and makes none. */
final class PreviewLedger implements ZoneLedger {
  private final ZoneStore store;
  private final StoreLedger ledger;

  PreviewLedger(ZoneStore store) {
    this.store = store;
    this.ledger = new StoreLedger(store, _ -> {}, _ -> {});
  }

  @Override
  public void tenants(TenantsFile settings) {}

  @Override
  public void forEach(Consumer<StoredZone> reader) throws StoreException {
    ledger.forEach(reader);
  }

  @Override
  public @Nullable StoredZone zone(ZoneKey key) throws StoreException {
    return ledger.zone(key);
  }

  @Override
  public @Nullable StoredZone zone(ZoneId id) throws StoreException {
    return ledger.zone(id);
  }

  @Override
  public List<StoredZone> commit(ChangeSet change) throws StoreException, InterruptedException {
    StoreEvent event = store.preview(change);
    Map<ZoneKey, StoredZone> changed = new HashMap<>();
    for (ZoneEvent one : event.zones()) {
      changed.put(one.zone().settings().key(), one.zone());
    }
    List<StoredZone> zones = new ArrayList<>();
    for (ZoneChange one : change.changes()) {
      zones.add(
          switch (one) {
            case ZoneChange.Create create ->
                changed.getOrDefault(
                    create.settings().key(), made(create.settings(), create.content()));
            case ZoneChange.Replace replace -> asIfMade(replace.zone(), changed);
            case ZoneChange.Edit edit -> asIfMade(edit.zone(), changed);
            case ZoneChange.Configure configure -> asIfMade(configure.zone(), changed);
            case ZoneChange.Delete delete -> asIfMade(delete.zone(), changed);
          });
    }
    return zones;
  }

  private StoredZone asIfMade(ZoneId id, Map<ZoneKey, StoredZone> changed) throws StoreException {
    StoredZone before = ledger.zone(id);
    if (before == null) {
      throw new IllegalArgumentException("there is no zone " + id);
    }
    return changed.getOrDefault(before.settings().key(), before);
  }

  private static StoredZone made(ZoneSettings settings, RRsetBlock content) {
    return new StoredZone(
        new ZoneId(1), settings, 0, 0, 0, 0, 0, content.rrsetCount(), content.recordCount(), 0);
  }

  @Override
  public void awaitServed() {}

  @Override
  public void release() {
    ledger.release();
  }
}
