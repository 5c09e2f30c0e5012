package io.flashdns.management.store;

import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.RRsetEdit;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.ZoneChange;
import java.util.concurrent.atomic.AtomicLong;

/** What the writer did. Written by its thread, read by all. */
final class StoreCounters {
  /** What a decision writes is not known before; most write some hundred octets. */
  private static final long DECISION_BYTES = 4_096;

  final AtomicLong commits = new AtomicLong();
  final AtomicLong groups = new AtomicLong();
  final AtomicLong refusals = new AtomicLong();
  final AtomicLong failures = new AtomicLong();
  final AtomicLong commitNanos = new AtomicLong();
  final AtomicLong slowestNanos = new AtomicLong();

  void committed(int changes, long nanos) {
    commits.addAndGet(changes);
    groups.incrementAndGet();
    commitNanos.addAndGet(nanos);
    slowestNanos.accumulateAndGet(nanos, Math::max);
  }

  void failed(int changes) {
    failures.addAndGet(changes);
  }

  /**
   * A runtime exception is what a decision refuses by, as far as it is not a fault of the store.
   */
  void refused(Exception e) {
    boolean isRefusal = e instanceof StoreException.Refused || e instanceof RuntimeException;
    (isRefusal ? refusals : failures).incrementAndGet();
  }

  /** About the octets that a change set writes. */
  static long octets(ChangeSet change) {
    long octets = 0;
    for (ZoneChange one : change.changes()) {
      octets +=
          switch (one) {
            case ZoneChange.Create create -> create.content().encoded().length;
            case ZoneChange.Replace replace -> replace.content().encoded().length;
            case ZoneChange.Edit edit -> octets(edit);
            case ZoneChange.Configure _, ZoneChange.Delete _ -> 512;
          };
    }
    return octets + (change.decision() == null ? 0 : DECISION_BYTES);
  }

  private static long octets(ZoneChange.Edit edit) {
    long octets = 512;
    for (RRsetEdit one : edit.edits()) {
      octets +=
          switch (one) {
            case RRsetEdit.Put put -> 64L * put.rrset().data().size();
            case RRsetEdit.Add add -> 64L * add.data().size();
            case RRsetEdit.Delete _, RRsetEdit.Remove _ -> 64;
          };
    }
    return octets;
  }
}
