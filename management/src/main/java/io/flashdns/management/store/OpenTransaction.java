package io.flashdns.management.store;

import io.flashdns.core.store.ChangeRules;
import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.CommitResult;
import io.flashdns.core.store.Decision;
import io.flashdns.core.store.DocumentEvent;
import io.flashdns.core.store.Effects;
import io.flashdns.core.store.Octets;
import io.flashdns.core.store.Plan;
import io.flashdns.core.store.StoreEvent;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoredZone;
import io.flashdns.management.store.Rows.Request;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Makes change sets one after the other in the transaction that is open: each whole, or not at all
 * and the transaction is as it was before. The writer's thread alone.
 */
final class OpenTransaction {
  /** How long request ids are known. */
  static final long REQUEST_MILLIS = TimeUnit.HOURS.toMillis(24);

  private final Reads reads;
  private final Writes writes;
  private final WriterView view;
  private final ChangeRules rules = new ChangeRules();
  private final InstantSource clock;

  OpenTransaction(Reads reads, Writes writes, InstantSource clock) {
    this.reads = reads;
    this.writes = writes;
    this.view = new WriterView(reads, writes);
    this.clock = clock;
  }

  /**
   * What a change set became.
   *
   * @param after where the store stands with it
   * @param step what it writes; null when it writes nothing
   */
  record Made(Ledger after, CommitResult result, @Nullable LogStep step) {}

  /**
   * Makes one.
   *
   * @throws SQLException when the transaction cannot go on
   * @throws StoreException or any runtime exception, when the change set is not made
   */
  Made make(ChangeSet change, Ledger before) throws SQLException, StoreException {
    writes.forget();
    Instant now = clock.instant();
    Request known =
        change.requestId().isEmpty() ? null : reads.request(change.who(), change.requestId());
    if (known != null && known.at() > now.toEpochMilli() - REQUEST_MILLIS) {
      List<StoredZone> then = ZoneCodec.decodeZones(known.zones());
      return new Made(
          before, new CommitResult(known.revision(), false, then, Octets.of(known.answer())), null);
    }
    NewIds ids = new NewIds(before.lastZone());
    Plan plan;
    Effects effects = Effects.NONE;
    List<DocumentEvent> documents = List.of();
    try {
      plan = rules.plan(change, view, before.revision() + 1, now, ids::next);
      Decision decision = change.decision();
      if (decision != null) {
        effects = decided(decision, plan, now);
        documents = effects.changes(view);
      }
    } catch (WriterView.WriteFault e) {
      throw e.fault();
    }
    CommitResult result = plan.result(documents);
    if (!result.changed() && change.requestId().isEmpty() && effects.journal().isEmpty()) {
      return new Made(before, result, null);
    }
    StoreEvent event = result.changed() ? plan.event(change, now, documents) : null;
    Request remembered =
        change.requestId().isEmpty()
            ? null
            : new Request(
                change.who(),
                change.requestId(),
                result.revision(),
                now.toEpochMilli(),
                ZoneCodec.encode(result.zones()),
                effects.answer().array());
    LogStep step = new LogStep(event, effects.journal(), now.toEpochMilli(), remembered);
    reads.run("SAVEPOINT one");
    try {
      Ledger after = step.apply(reads, writes, before);
      reads.run("RELEASE one");
      return new Made(after, result, step);
    } catch (StoreException | RuntimeException e) {
      reads.run("ROLLBACK TO one");
      reads.run("RELEASE one");
      throw e;
    }
  }

  private Effects decided(Decision decision, Plan plan, Instant now)
      throws SQLException, StoreException {
    Effects effects;
    try {
      effects = decision.decide(view, plan, now);
    } catch (StoreException | RuntimeException e) {
      view.throwFault();
      throw e;
    } catch (Error e) {
      // What somebody else's code does must not end the writer.
      throw new IllegalStateException("the decision about a change failed: " + e, e);
    }
    // Also when the decision took no notice of it.
    view.throwFault();
    return effects;
  }

  /** What entries of the journal write that belong to no change set. */
  LogStep journal(List<Octets> bodies) {
    return new LogStep(null, bodies, clock.millis(), null);
  }

  /** Gives the ids of new zones. */
  private static final class NewIds {
    private long last;

    NewIds(long last) {
      this.last = last;
    }

    long next() {
      return ++last;
    }
  }
}
