package io.flashdns.management.server;

import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneId;
import io.flashdns.core.store.ZoneKey;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What zone files are held against: the zones that are known, and the door through which they are
 * changed. One thread at a time.
 */
interface ZoneLedger {
  /** Takes over what is said of tenants, before the first change that is made in view of it. */
  void tenants(TenantsFile settings);

  /** Gives every zone to {@code reader}, in the order of their ids. */
  void forEach(Consumer<StoredZone> reader) throws StoreException;

  /** The zone with this name in this view, or null. */
  @Nullable StoredZone zone(ZoneKey key) throws StoreException;

  /** The zone with this identity, or null. */
  @Nullable StoredZone zone(ZoneId id) throws StoreException;

  /**
   * Makes a change set, all of it or nothing.
   *
   * @return its zones as they are now, in the order of the changes; a deleted one as it was
   */
  List<StoredZone> commit(ChangeSet change) throws StoreException, InterruptedException;

  /**
   * Begins to make a change set, so that the next one can be got ready meanwhile. Which of several
   * is made first is not said.
   *
   * @return what {@link #commit} gives back, or throws
   */
  default Future<List<StoredZone>> begin(ChangeSet change) {
    FutureTask<List<StoredZone>> made = new FutureTask<>(() -> commit(change));
    made.run();
    return made;
  }

  /** Waits until clients see all that was committed. */
  void awaitServed() throws StoreException, InterruptedException;

  /** Lets go of what it may have kept for a look that has ended, well or not. */
  void release();
}
