package io.flashdns.management.server;

import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.CommitResult;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneId;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.store.ZoneStore;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The zones of a store. One snapshot is held from one change to the next, and let go at the end of
 * each look.
 */
final class StoreLedger implements ZoneLedger {
  private static final int PAGE = 1_000;

  private final ZoneStore store;
  private final Consumer<TenantsFile> tenants;
  private final Served served;
  private @Nullable StoreSnapshot snapshot;
  private final AtomicLong revision = new AtomicLong();

  /** Waits for what was committed. */
  @FunctionalInterface
  interface Served {
    /** Returns when clients see what was committed up to this revision. */
    void await(long revision) throws StoreException, InterruptedException;
  }

  StoreLedger(ZoneStore store, Consumer<TenantsFile> tenants, Served served) {
    this.store = store;
    this.tenants = tenants;
    this.served = served;
  }

  @Override
  public void tenants(TenantsFile settings) {
    tenants.accept(settings);
  }

  @Override
  public void forEach(Consumer<StoredZone> reader) throws StoreException {
    release();
    try (StoreSnapshot all = store.snapshot()) {
      long after = 0;
      List<StoredZone> page;
      do {
        page = all.zones(after, PAGE);
        for (StoredZone zone : page) {
          reader.accept(zone);
          after = zone.id().value();
        }
      } while (page.size() == PAGE);
    }
  }

  @Override
  public @Nullable StoredZone zone(ZoneKey key) throws StoreException {
    return now().zone(key);
  }

  @Override
  public @Nullable StoredZone zone(ZoneId id) throws StoreException {
    return now().zone(id);
  }

  @Override
  public List<StoredZone> commit(ChangeSet change) throws StoreException, InterruptedException {
    release();
    return made(change);
  }

  @Override
  public Future<List<StoredZone>> begin(ChangeSet change) {
    release();
    FutureTask<List<StoredZone>> made = new FutureTask<>(() -> made(change));
    var _ = Thread.ofVirtual().name("zone-commit").start(made);
    return made;
  }

  private List<StoredZone> made(ChangeSet change) throws StoreException, InterruptedException {
    CommitResult result = store.commit(change);
    revision.accumulateAndGet(result.revision(), Math::max);
    return result.zones();
  }

  @Override
  public void awaitServed() throws StoreException, InterruptedException {
    release();
    served.await(revision.get());
  }

  private StoreSnapshot now() throws StoreException {
    StoreSnapshot held = snapshot;
    if (held == null) {
      held = store.snapshot();
      snapshot = held;
    }
    return held;
  }

  @Override
  public void release() {
    StoreSnapshot held = snapshot;
    snapshot = null;
    if (held != null) {
      held.close();
    }
  }
}
