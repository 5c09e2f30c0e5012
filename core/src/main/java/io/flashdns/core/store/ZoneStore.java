package io.flashdns.core.store;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Keeps zones and their history. See the package for its semantics, {@link StoreContract} for the
 * claims that every store is held to.
 *
 * <p>Safe for all threads. Calls block; none of them is made on the path of a query.
 */
public interface ZoneStore extends AutoCloseable {
  /** How it does. Cheap. */
  StoreState state();

  /**
   * Makes a change set, all of it or nothing, and returns when it will survive a power cut.
   *
   * <p>With a {@link Decision}: the rules work out what becomes of the zones, then it decides, in
   * the transaction that makes both; what it writes is made with the zones. The change set takes a
   * revision when a zone or a document changes; entries of the journal take none. A request id that
   * is known, of the same {@link ChangeSet#who} and less than a day old, is answered with the first
   * result and without deciding anew. A runtime exception of the decision is thrown as it is.
   *
   * @throws StoreException.Refused when it breaks a rule, or what the decision throws
   * @throws StoreException.Unavailable when no changes are taken now
   */
  CommitResult commit(ChangeSet change) throws StoreException, InterruptedException;

  /**
   * What was {@linkplain Effects#answer remembered} for a request of the last 24 hours, so that who
   * asks again need not be told that what it made is there already.
   *
   * @return empty when the request id is not known, or nothing was remembered for it
   */
  Octets remembered(String who, String requestId) throws StoreException;

  /**
   * What {@link #commit} would do now, without doing it. A {@link Decision} is asked too; of what
   * it writes only the documents are told.
   *
   * @return the event as it would be; its revision is the one it would have had
   */
  StoreEvent preview(ChangeSet change) throws StoreException, InterruptedException;

  /** The present state. */
  StoreSnapshot snapshot() throws StoreException;

  /**
   * The state at an earlier revision. Documents have no history: they are what they are now. Its
   * lists of zones are of that revision; {@link StoreSnapshot#zonesOf} may read all events since.
   *
   * @throws StoreException.Compacted when it is no longer kept
   */
  StoreSnapshot snapshot(long revision) throws StoreException;

  /**
   * The events after a revision, and those to come.
   *
   * @throws StoreException.Compacted when some of them are gone
   */
  Watch watch(long afterRevision) throws StoreException;

  /**
   * The history of one zone, the newest event first; also of a zone that was deleted. Each event
   * holds the {@link ZoneEvent} of this zone alone.
   *
   * @param before only revisions below it; {@link Long#MAX_VALUE} for the newest
   * @param limit at most so many
   */
  List<StoreEvent> history(ZoneId zone, long before, int limit) throws StoreException;

  /**
   * The last zone of this name in this view that was deleted, when its history is still kept; null
   * when there is none.
   */
  @Nullable StoredZone lastDeleted(ZoneKey key) throws StoreException;

  /**
   * Writes entries into the journal without a change set, all of them; returns when they will
   * survive a power cut.
   *
   * @param bodies each at most {@value JournalEntry#MAX_BODY_BYTES} octets, all at most {@value
   *     Effects#MAX_BYTES}
   */
  void journal(List<Octets> bodies) throws StoreException, InterruptedException;

  /**
   * Entries of the journal, the newest first.
   *
   * @param before only numbers below it; {@link Long#MAX_VALUE} for the newest
   * @param limit at most so many
   */
  List<JournalEntry> journal(long before, int limit) throws StoreException;

  /** Forgets the events up to and including a revision. */
  void compact(long revision) throws StoreException, InterruptedException;

  /** Ends it; what was acknowledged is safe anyway. */
  @Override
  void close();
}
