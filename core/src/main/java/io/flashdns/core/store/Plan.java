package io.flashdns.core.store;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a change set does, worked out by {@link ChangeRules} and not made yet.
 *
 * <p>A store makes it so: for every {@linkplain ZonePlan#isChanged changed} zone, in this order, it
 * writes or removes the zone and brings its content up to date: {@link ZonePlan#rrsetsAfter} is the
 * whole content of a zone that is created, nothing is left of one that is deleted, and else every
 * RRset of {@code rrsetsBefore} goes and every one of {@code rrsetsAfter} comes ({@link
 * RRsetPages#merged}). Then it writes the {@link #event}. A plan that {@linkplain #changed changes
 * nothing} takes no revision and is no event, unless documents change with it.
 *
 * @param revision the revision that the change set gets, when it changes anything
 * @param zones one for each change, in the order of the changes
 */
public record Plan(long revision, List<ZonePlan> zones) {
  public Plan {
    zones = List.copyOf(zones);
  }

  /**
   * What becomes of one zone.
   *
   * @param before null when it is created
   * @param after null when it is deleted; equal to {@code before} when nothing changes
   * @param rrsetsBefore the RRsets that are changed or removed, with the revisions that they had
   * @param rrsetsAfter the RRsets that are changed or added, with the revision of the plan
   */
  public record ZonePlan(
      @Nullable StoredZone before,
      @Nullable StoredZone after,
      RRsetBlock rrsetsBefore,
      RRsetBlock rrsetsAfter) {

    /** True when the zone or its content changes. */
    public boolean isChanged() {
      return before == null || after == null || before.revision() != after.revision();
    }

    /** The zone: after, or what it was when it is deleted. */
    public StoredZone zone() {
      return event().zone();
    }

    private ZoneEvent event() {
      return new ZoneEvent(before, after, rrsetsBefore, rrsetsAfter);
    }
  }

  /** True when a zone changes. */
  public boolean changed() {
    for (ZonePlan zone : zones) {
      if (zone.isChanged()) {
        return true;
      }
    }
    return false;
  }

  /** The event to be written: the zones that change. */
  public StoreEvent event(ChangeSet change, Instant now) {
    return event(change, now, List.of());
  }

  /** The same with what a {@link Decision} changes. */
  public StoreEvent event(ChangeSet change, Instant now, List<DocumentEvent> documents) {
    List<ZoneEvent> events = new ArrayList<>(zones.size());
    for (ZonePlan zone : zones) {
      if (zone.isChanged()) {
        events.add(zone.event());
      }
    }
    return new StoreEvent(
        revision,
        now.toEpochMilli(),
        change.who(),
        change.where(),
        change.requestId(),
        change.force(),
        events,
        documents);
  }

  /** What who asked is told once it is made. */
  public CommitResult result() {
    return result(List.of());
  }

  /** The same with what a {@link Decision} changes, which also takes a revision. */
  public CommitResult result(List<DocumentEvent> documents) {
    boolean changed = changed() || !documents.isEmpty();
    List<StoredZone> after = new ArrayList<>(zones.size());
    for (ZonePlan zone : zones) {
      after.add(zone.zone());
    }
    return new CommitResult(changed ? revision : revision - 1, changed, after);
  }
}
