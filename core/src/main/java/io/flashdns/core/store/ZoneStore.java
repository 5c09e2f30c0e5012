package io.flashdns.core.store;

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
   * @throws StoreException.Refused when it breaks a rule
   * @throws StoreException.Unavailable when no changes are taken now
   */
  CommitResult commit(ChangeSet change) throws StoreException, InterruptedException;

  /**
   * What {@link #commit} would do now, without doing it.
   *
   * @return the event as it would be; its revision is the one it would have had
   */
  StoreEvent preview(ChangeSet change) throws StoreException, InterruptedException;

  /** The present state. */
  StoreSnapshot snapshot() throws StoreException;

  /**
   * The state at an earlier revision.
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
  java.util.List<StoreEvent> history(ZoneId zone, long before, int limit) throws StoreException;

  /**
   * The last zone of this name in this view that was deleted, when its history is still kept; null
   * when there is none.
   */
  @Nullable StoredZone lastDeleted(ZoneKey key) throws StoreException;

  /** Forgets the events up to and including a revision. */
  void compact(long revision) throws StoreException, InterruptedException;

  /** Ends it; what was acknowledged is safe anyway. */
  @Override
  void close();
}
