package io.flashdns.management.server;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.ZoneStore;
import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.Tenant;
import io.flashdns.core.zone.Views;
import io.flashdns.core.zone.Zone;
import io.flashdns.management.store.EmbeddedStore;
import io.flashdns.management.store.StoreConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** A folder of zone files, a store, and what is served from it: a server without a socket. */
final class FolderRig implements AutoCloseable {
  private final Views views = new Views();
  private final ZoneService service;
  private final ZoneFolder folder;

  /** With a store in memory. */
  FolderRig() throws StoreException, IOException, InterruptedException {
    this(EmbeddedStore.inMemory(StoreConfig.defaults()));
  }

  /** With a store that is closed at the end. */
  FolderRig(ZoneStore store) throws StoreException, IOException, InterruptedException {
    service = ZoneService.over(store, null, 1L << 30, new NameHash(42), views);
    service.start(_ -> {});
    folder = new ZoneFolder(ledger(), 2);
  }

  StoreLedger ledger() {
    return new StoreLedger(
        service.store(), settings -> service.tenants(settings), service::catchUp);
  }

  ZoneFolder folder() {
    return folder;
  }

  ZoneService service() {
    return service;
  }

  Views views() {
    return views;
  }

  /** Looks at a folder. */
  Seen load(Path path, ZonesConfig config) throws InterruptedException {
    return seen(folder.load(path, config, (_, _) -> {}));
  }

  /** What is served now. */
  Seen seen(ZoneLoad load) {
    Catalog catalog = service.catalog();
    List<Zone> zones = new ArrayList<>();
    catalog.forEach(entry -> zones.add((Zone) entry));
    zones.sort(Comparator.comparing(Zone::apex).thenComparing(Zone::view));
    Set<Tenant> tenants = new LinkedHashSet<>();
    for (Zone zone : zones) {
      tenants.add(catalog.tenant(zone.tenant()));
    }
    tenants.remove(Tenant.NOBODY);
    return new Seen(load, catalog, zones, List.copyOf(tenants));
  }

  @Override
  public void close() {
    service.close();
  }

  /** What a look gave, and what is served after it. */
  record Seen(ZoneLoad load, Catalog catalog, List<Zone> zones, List<Tenant> tenants) {
    List<Problem> problems() {
      return load.problems();
    }

    boolean hasErrors() {
      return load.hasErrors();
    }

    boolean folderWasRead() {
      return load.folderWasRead();
    }

    boolean tenantsAreBroken() {
      return load.tenantsAreBroken();
    }

    int added() {
      return load.added();
    }

    int changed() {
      return load.changed();
    }

    int removed() {
      return load.removed();
    }

    int kept() {
      return load.kept();
    }

    int filesRead() {
      return load.filesRead();
    }
  }
}
