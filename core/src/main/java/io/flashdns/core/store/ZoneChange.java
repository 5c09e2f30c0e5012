package io.flashdns.core.store;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a change set does to one zone. */
public sealed interface ZoneChange {
  /** No guard: the zone may have been changed by others meanwhile. */
  long ANY_REVISION = -1;

  /**
   * Creates a zone. Refused when its view has one with this apex.
   *
   * @param content with an SOA at the apex; its serial 0 leaves the first serial to the policy
   */
  record Create(ZoneSettings settings, RRsetBlock content) implements ZoneChange {}

  /**
   * Makes the content of a zone what is given: only what differs is changed, and what does not
   * keeps its revision.
   *
   * @param settings what the zone is to be besides; null to keep its settings
   * @param content with an SOA at the apex; its serial 0 leaves the serial to the policy of the
   *     zone
   * @param expectedRevision of the zone, or {@link #ANY_REVISION}
   */
  record Replace(
      ZoneId zone, @Nullable ZoneSettings settings, RRsetBlock content, long expectedRevision)
      implements ZoneChange {
    /** The settings stay. */
    public Replace(ZoneId zone, RRsetBlock content, long expectedRevision) {
      this(zone, null, content, expectedRevision);
    }
  }

  /**
   * Changes RRsets of a zone, in this order.
   *
   * @param expectedRevision of the zone, or {@link #ANY_REVISION}
   */
  record Edit(ZoneId zone, List<RRsetEdit> edits, long expectedRevision) implements ZoneChange {
    public Edit {
      edits = List.copyOf(edits);
    }
  }

  /**
   * Gives a zone other settings; its key stays.
   *
   * @param expectedRevision of the zone, or {@link #ANY_REVISION}
   */
  record Configure(ZoneId zone, ZoneSettings settings, long expectedRevision)
      implements ZoneChange {}

  /**
   * Deletes a zone with its content. Its history stays as long as any, and it can be restored from
   * it; so the change guard does not ask.
   *
   * @param expectedRevision of the zone, or {@link #ANY_REVISION}
   */
  record Delete(ZoneId zone, long expectedRevision) implements ZoneChange {}
}
