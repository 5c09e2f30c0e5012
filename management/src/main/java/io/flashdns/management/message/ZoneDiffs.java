package io.flashdns.management.message;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.store.ContentDelta;
import io.flashdns.core.store.Plan;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneEvent;
import io.flashdns.proto.v1.RecordDiff;
import io.flashdns.proto.v1.ZoneDiff;
import org.jspecify.annotations.Nullable;

/** What differs in a zone, as a message. */
public final class ZoneDiffs {
  /** Octets that a field takes besides its message. */
  private static final int FIELD_BYTES = 6;

  private ZoneDiffs() {}

  /**
   * Which records a difference shows; all of them are counted in any case.
   *
   * @param maxRecords at most so many
   * @param maxBytes of all of them in a message
   * @param who which of them the reader may see
   */
  public record Shown(int maxRecords, int maxBytes, RecordFilter who) {
    /** None: they are counted alone. */
    public static final Shown NONE = new Shown(0, 0, (_, _) -> false);

    /** At most 1,000 and 1 MiB. */
    public static final Shown ALL = new Shown(1_000, 1 << 20, (_, _) -> true);

    /** The same for a reader who may not see all of them. */
    public Shown withFilter(RecordFilter other) {
      return new Shown(maxRecords, maxBytes, other);
    }
  }

  /** Says which records somebody may see. */
  @FunctionalInterface
  public interface RecordFilter {
    /** True for one that may be seen. */
    boolean shows(DomainName owner, int type);
  }

  /** What a change set does, or would do. */
  public static ZoneDiff.Builder of(Plan.ZonePlan plan, Shown shown) {
    return of(
        plan.before(),
        plan.after(),
        new ContentDelta(plan.rrsetsBefore(), plan.rrsetsAfter()),
        shown);
  }

  /** What a change set did. */
  public static ZoneDiff.Builder of(ZoneEvent event, Shown shown) {
    return of(event.zoneBefore(), event.zoneAfter(), ContentDelta.of(event), shown);
  }

  /**
   * What differs between two states.
   *
   * @param before null when there was no zone
   * @param after null when there is none any more
   */
  public static ZoneDiff.Builder of(
      @Nullable StoredZone before, @Nullable StoredZone after, ContentDelta delta, Shown shown) {
    ZoneDiff.Builder message = ZoneDiff.newBuilder();
    if (before != null) {
      message
          .setZone(ZoneMessages.id(before.id()))
          .setName(ZoneMessages.name(before.settings().key()))
          .setBefore(ZoneMessages.message(before))
          .setSerialBefore((int) before.serial());
    }
    if (after != null) {
      message
          .setZone(ZoneMessages.id(after.id()))
          .setName(ZoneMessages.name(after.settings().key()))
          .setAfter(ZoneMessages.message(after))
          .setSerialAfter((int) after.serial());
    }
    addRecords(message, delta, shown);
    return message;
  }

  private static void addRecords(ZoneDiff.Builder message, ContentDelta delta, Shown shown) {
    int added = 0;
    int changed = 0;
    int removed = 0;
    long octets = 0;
    boolean full = false;
    RecordDiffs diffs = new RecordDiffs(delta);
    while (diffs.next()) {
      if (diffs.added()) {
        added++;
      } else if (diffs.removed()) {
        removed++;
      } else {
        changed++;
      }
      if (shown.maxRecords() == 0 || full || !shown.who().shows(diffs.owner(), diffs.type())) {
        continue;
      }
      RecordDiff diff = diffs.message();
      octets += diff.getSerializedSize() + FIELD_BYTES;
      full = message.getRecordsCount() == shown.maxRecords() || octets > shown.maxBytes();
      if (!full) {
        message.addRecords(diff);
      }
    }
    message
        .setTruncated(full)
        .setRecordsAdded(added)
        .setRecordsChanged(changed)
        .setRecordsRemoved(removed);
  }
}
