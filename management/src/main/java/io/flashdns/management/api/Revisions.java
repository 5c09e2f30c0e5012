package io.flashdns.management.api;

import com.google.rpc.Code;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.ZoneStore;
import io.flashdns.management.message.CallException;

/** Revisions that requests name. */
final class Revisions {
  private Revisions() {}

  /**
   * The state at a revision.
   *
   * @param revision 0 for now
   */
  static StoreSnapshot open(ZoneStore store, long revision) throws StoreException {
    if (revision == 0) {
      return store.snapshot();
    }
    require(store, revision);
    StoreSnapshot now = store.snapshot();
    if (now.revision() == revision) {
      return now;
    }
    now.close();
    return store.snapshot(revision);
  }

  /** Refuses a revision that is not yet. */
  static void require(ZoneStore store, long revision) {
    long newest = store.state().revision();
    if (revision < 0 || revision > newest) {
      throw CallException.of(
          Code.OUT_OF_RANGE,
          "there is no revision "
              + Long.toUnsignedString(revision)
              + " yet, the newest is "
              + newest
              + ": take one from an outcome or from the history");
    }
  }
}
