package io.flashdns.core.store;

import java.util.List;

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
 * @param changes one or more, at most one for each zone
 */
public record ChangeSet(
    String requestId,
    String who,
    String where,
    String source,
    boolean force,
    List<ZoneChange> changes) {
  /** Longest request id, in characters. */
  public static final int MAX_REQUEST_ID_CHARS = 128;

  public ChangeSet {
    changes = List.copyOf(changes);
    if (changes.isEmpty()) {
      throw new IllegalArgumentException("a change set must change something");
    }
    if (requestId.length() > MAX_REQUEST_ID_CHARS) {
      throw new IllegalArgumentException("a request id has at most 128 characters");
    }
  }

  /** A change through the API, guarded, without a request id. */
  public static ChangeSet of(String who, ZoneChange... changes) {
    return new ChangeSet("", who, "", "", false, List.of(changes));
  }

  /** The same with a request id. */
  public ChangeSet withRequestId(String id) {
    return new ChangeSet(id, who, where, source, force, changes);
  }

  /** The same past the change guard. */
  public ChangeSet forced() {
    return new ChangeSet(requestId, who, where, source, true, changes);
  }

  /** The same through another door. */
  public ChangeSet through(String door) {
    return new ChangeSet(requestId, who, where, door, force, changes);
  }
}
