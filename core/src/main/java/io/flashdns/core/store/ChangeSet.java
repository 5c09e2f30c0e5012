package io.flashdns.core.store;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Changes that become visible together or not at all, over one zone or many.
 *
 * @param requestId chosen by who asks, at most 128 characters: the same id of the same principal
 *     within 24 h gets the first result and changes nothing, also when the first changed nothing;
 *     empty for none. A refused change set is not remembered
 * @param who the principal that asks, for the history
 * @param where from: an address, a file; empty when it means nothing
 * @param source through which door it comes: empty for the API, which may change zones without a
 *     source; else it may change the zones whose {@link ZoneSettings#source} begins so
 * @param force true to pass the change guard: see {@link Refusal.Kind#GUARD}
 * @param changes at most one for each zone; none only with a decision
 * @param decision what is decided in the same transaction; null for nothing
 */
public record ChangeSet(
    String requestId,
    String who,
    String where,
    String source,
    boolean force,
    List<ZoneChange> changes,
    @Nullable Decision decision) {
  /** Longest request id, in characters. */
  public static final int MAX_REQUEST_ID_CHARS = 128;

  public ChangeSet {
    changes = List.copyOf(changes);
    if (changes.isEmpty() && decision == null) {
      throw new IllegalArgumentException("a change set must change something");
    }
    if (requestId.length() > MAX_REQUEST_ID_CHARS) {
      throw new IllegalArgumentException("a request id has at most 128 characters");
    }
  }

  /** Without a decision. */
  public ChangeSet(
      String requestId,
      String who,
      String where,
      String source,
      boolean force,
      List<ZoneChange> changes) {
    this(requestId, who, where, source, force, changes, null);
  }

  /** A change through the API, guarded, without a request id. */
  public static ChangeSet of(String who, ZoneChange... changes) {
    return new ChangeSet("", who, "", "", false, List.of(changes));
  }

  /** What is decided through the API beside all zones, without a request id. */
  public static ChangeSet ofDecision(String who, Decision decision) {
    return new ChangeSet("", who, "", "", false, List.of(), decision);
  }

  /** The same with a request id. */
  public ChangeSet withRequestId(String id) {
    return new ChangeSet(id, who, where, source, force, changes, decision);
  }

  /** The same past the change guard. */
  public ChangeSet forced() {
    return new ChangeSet(requestId, who, where, source, true, changes, decision);
  }

  /** The same through another door. */
  public ChangeSet through(String door) {
    return new ChangeSet(requestId, who, where, door, force, changes, decision);
  }

  /** The same with what is decided in its transaction. */
  public ChangeSet deciding(Decision what) {
    return new ChangeSet(requestId, who, where, source, force, changes, what);
  }
}
