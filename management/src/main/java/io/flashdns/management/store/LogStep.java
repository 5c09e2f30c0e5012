package io.flashdns.management.store;

import io.flashdns.core.store.Octets;
import io.flashdns.core.store.StoreEvent;
import io.flashdns.core.store.StoreException;
import io.flashdns.management.store.Rows.Request;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one change set, or one addition to the journal, writes: enough for another copy to write the
 * same.
 *
 * @param event null when no zone and no document changes
 * @param journal entries, in order
 * @param epochMillis when
 * @param request what is remembered; null for nothing
 */
record LogStep(
    @Nullable StoreEvent event, List<Octets> journal, long epochMillis, @Nullable Request request) {
  /** Writes it behind what is there. */
  Ledger apply(Reads reads, Writes writes, Ledger before) throws SQLException, StoreException {
    Ledger after = before;
    StoreEvent change = event;
    if (change != null) {
      if (change.revision() != before.revision() + 1) {
        throw new StoreException.Damaged(
            "the shared log goes on with revision %d where %d is next"
                .formatted(change.revision(), before.revision() + 1));
      }
      after = writes.apply(change, before);
    }
    if (!journal.isEmpty()) {
      after =
          Journal.add(reads, after, journal, epochMillis, change == null ? 0 : change.revision());
    }
    Request remembered = request;
    if (remembered != null) {
      writes.remember(remembered);
    }
    return after;
  }
}
