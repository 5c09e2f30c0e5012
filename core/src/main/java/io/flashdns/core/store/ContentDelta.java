package io.flashdns.core.store;

import io.flashdns.core.dns.DomainName;
import java.util.ArrayList;
import java.util.List;

/**
 * What differs between two states of a zone's content.
 *
 * @param before the RRsets that were changed or removed, as they were
 * @param after the RRsets that were changed or added, as they became
 */
public record ContentDelta(RRsetBlock before, RRsetBlock after) {
  /** No difference in the zone {@code apex}. */
  public static ContentDelta none(DomainName apex) {
    RRsetBlock empty = RRsetBlock.empty(apex);
    return new ContentDelta(empty, empty);
  }

  /** What one event did. */
  public static ContentDelta of(ZoneEvent event) {
    return new ContentDelta(event.before(), event.after());
  }

  /** True when nothing differs. */
  public boolean isNone() {
    return before.isEmpty() && after.isEmpty();
  }

  /** The same the other way round. */
  public ContentDelta reversed() {
    RRsetBlock was = after;
    RRsetBlock becomes = before;
    return new ContentDelta(was, becomes);
  }

  /** This difference and then that one, as one. */
  public ContentDelta then(ContentDelta next) {
    return new ContentDelta(
        RRsetPages.merged(next.before, after, before),
        RRsetPages.merged(after, next.before, next.after));
  }

  /**
   * Differences that follow each other, as one: by halves, so that many small ones cost little more
   * than their sum.
   */
  static ContentDelta all(DomainName apex, List<ContentDelta> deltas) {
    return switch (deltas.size()) {
      case 0 -> none(apex);
      case 1 -> deltas.getFirst();
      default -> {
        int half = deltas.size() / 2;
        yield all(apex, deltas.subList(0, half))
            .then(all(apex, deltas.subList(half, deltas.size())));
      }
    };
  }

  /** Without the RRsets that say the same before and after. */
  ContentDelta reduced() {
    DomainName apex = before.origin();
    RRsetBlock.Builder was = new RRsetBlock.Builder(apex, before.baseRevision());
    RRsetBlock.Builder becomes = new RRsetBlock.Builder(apex, after.baseRevision());
    RRsetBlock.Cursor old = before.cursor();
    RRsetBlock.Cursor now = after.cursor();
    boolean hasOld = old.next();
    boolean hasNow = now.next();
    while (hasOld || hasNow) {
      int order = !hasOld ? 1 : !hasNow ? -1 : OwnerOrder.compare(old, now);
      boolean same = order == 0 && old.sameRecords(now);
      if (order <= 0) {
        if (!same) {
          was.add(old);
        }
        hasOld = old.next();
      }
      if (order >= 0) {
        if (!same) {
          becomes.add(now);
        }
        hasNow = now.next();
      }
    }
    return new ContentDelta(was.build(), becomes.build());
  }

  /** The edits that take it back, each guarded by the RRset as it is after. */
  List<RRsetEdit> undo() {
    List<RRsetEdit> edits = new ArrayList<>();
    RRsetBlock.Cursor old = before.cursor();
    RRsetBlock.Cursor now = after.cursor();
    boolean hasOld = old.next();
    boolean hasNow = now.next();
    while (hasOld || hasNow) {
      int order = !hasOld ? 1 : !hasNow ? -1 : OwnerOrder.compare(old, now);
      if (order > 0) {
        edits.add(new RRsetEdit.Delete(now.owner(), now.type(), now.revision()));
      } else {
        edits.add(new RRsetEdit.Put(old.rrset(), order == 0 ? now.revision() : RRsetEdit.ABSENT));
      }
      hasOld = order <= 0 ? old.next() : hasOld;
      hasNow = order >= 0 ? now.next() : hasNow;
    }
    return edits;
  }
}
