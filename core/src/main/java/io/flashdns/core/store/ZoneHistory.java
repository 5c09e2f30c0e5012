package io.flashdns.core.store;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What zones were, over any store: read a zone at an earlier revision, compare two of them, take
 * changes back, and bring back a zone that was deleted.
 *
 * <p>Works by taking back the events of the zone since then, so it reaches as far as they are kept;
 * it costs what changed, not what the zone holds. Changes are not made here: they are given as
 * change sets, to be looked at, previewed and committed as any other, guarded by what they were
 * worked out from. Safe for all threads.
 */
public final class ZoneHistory {
  private static final int PAGE_EVENTS = 256;

  private final ZoneStore store;

  /** Over {@code store}. */
  public ZoneHistory(ZoneStore store) {
    this.store = store;
  }

  /**
   * A snapshot of an earlier revision made from a later one, for stores that keep the present state
   * and the events.
   *
   * @param later is closed with what is returned
   * @param since all events after {@code revision} up to that of {@code later}, in order; others
   *     are passed over
   */
  public static StoreSnapshot past(StoreSnapshot later, long revision, List<StoreEvent> since) {
    return new PastSnapshot(later, revision, since);
  }

  /**
   * A zone as it was; null when it was not there.
   *
   * @throws StoreException.Compacted when that is no longer known
   */
  public @Nullable StoredZone zone(ZoneId zone, long revision) throws StoreException {
    try (PastSnapshot past = past(zone, revision)) {
      return past.zone(zone);
    }
  }

  /**
   * The content of a zone as it was; null when it was not there.
   *
   * @throws StoreException.Compacted when that is no longer known
   */
  public @Nullable RRsetBlock content(ZoneId zone, long revision) throws StoreException {
    try (PastSnapshot past = past(zone, revision)) {
      StoredZone was = past.zone(zone);
      return was == null ? null : whole(past, was);
    }
  }

  /**
   * What differs in a zone's content between two revisions; the earlier may be given second. A zone
   * that is not there at one of them has no content there.
   *
   * @throws StoreException.Compacted when that is no longer known
   */
  public ContentDelta diff(ZoneId zone, long from, long to) throws StoreException {
    if (from > to) {
      return diff(zone, to, from).reversed();
    }
    checkKept(from);
    List<ContentDelta> deltas = new ArrayList<>();
    DomainName apex = null;
    for (StoreEvent event : since(zone, from)) {
      for (ZoneEvent one : event.zones()) {
        apex = one.zone().settings().key().apex();
        if (event.revision() <= to) {
          deltas.add(ContentDelta.of(one));
        }
      }
    }
    checkKept(from);
    if (apex != null) {
      return ContentDelta.all(apex, deltas).reduced();
    }
    return ContentDelta.none(DomainName.ROOT);
  }

  /**
   * The change set that makes the content of a zone what it was. The serial goes on as the policy
   * says; settings stay. It changes nothing when the content is what it was.
   *
   * @throws StoreException.Compacted when that is no longer known
   * @throws StoreException.Refused when the zone is not there now, or was not there then
   */
  public ChangeSet rollback(ZoneId zone, long revision, String who) throws StoreException {
    try (PastSnapshot past = past(zone, revision)) {
      StoredZone now = past.later(zone);
      if (now == null) {
        throw refused("there is no zone with id " + zone + " to roll back: restore it instead");
      }
      if (past.zone(zone) == null) {
        throw refused(
            "zone "
                + now.settings().key().apex()
                + " was not there at revision "
                + revision
                + ": it was created at "
                + now.createdRevision());
      }
      ContentDelta since = past.since(zone);
      List<RRsetEdit> edits = new ArrayList<>();
      if (since != null) {
        for (RRsetEdit edit : since.reduced().undo()) {
          edits.add(edit instanceof RRsetEdit.Put put ? forward(put, now) : edit);
        }
      }
      return ChangeSet.of(who, new ZoneChange.Edit(zone, edits, now.revision()));
    }
  }

  /**
   * The change set that creates anew the zone of this name that was deleted last, with the content
   * it had and a serial beyond that. It gets another id, and is kept through the API from then on.
   *
   * @throws StoreException.Refused when none is known
   */
  public ChangeSet restore(ZoneKey key, String who) throws StoreException {
    StoredZone deleted = store.lastDeleted(key);
    List<StoreEvent> last =
        deleted == null ? List.of() : store.history(deleted.id(), Long.MAX_VALUE, 1);
    if (deleted == null || last.isEmpty()) {
      throw refused(
          "no deleted zone " + key.apex() + " of view " + key.view() + " is known: create it anew");
    }
    RRsetBlock content = last.getFirst().zones().getFirst().before();
    long serial = Serials.next(SerialPolicy.INCREMENT, deleted.serial(), Instant.EPOCH);
    RRsetBlock.Builder soa = new RRsetBlock.Builder(key.apex());
    for (StoredRRset rrset : RRsetPages.rrsets(content, key.apex())) {
      if (rrset.rrset().type() == RecordType.SOA) {
        soa.add(withSerial(rrset.rrset(), serial));
      }
    }
    return ChangeSet.of(
        who,
        new ZoneChange.Create(
            deleted.settings().withSource("", ""),
            RRsetPages.merged(content, RRsetBlock.empty(key.apex()), soa.build())));
  }

  /** An SOA that is put back says a serial that goes forward. */
  private static RRsetEdit forward(RRsetEdit.Put put, StoredZone now) {
    if (put.type() != RecordType.SOA) {
      return put;
    }
    boolean chosen = now.settings().serialPolicy() != SerialPolicy.AS_GIVEN;
    long serial = chosen ? 0 : Serials.next(SerialPolicy.INCREMENT, now.serial(), Instant.EPOCH);
    return new RRsetEdit.Put(withSerial(put.rrset(), serial), put.expectedRevision());
  }

  private static RRset withSerial(RRset soa, long serial) {
    byte[] data = soa.data().getFirst().octets().clone();
    Wire.put32(data, data.length - Serials.BYTES_FROM_SERIAL, (int) serial);
    return new RRset(soa.owner(), soa.type(), soa.ttl(), List.of(RecordData.of(data)));
  }

  private static RRsetBlock whole(StoreSnapshot snapshot, StoredZone zone) throws StoreException {
    List<RRsetBlock> blocks = new ArrayList<>();
    try (ContentView.ContentReader reader = snapshot.content(zone.id(), null)) {
      for (RRsetBlock block = reader.next(); block != null; block = reader.next()) {
        blocks.add(block);
      }
    }
    return RRsetPages.joined(zone.settings().key().apex(), blocks);
  }

  private PastSnapshot past(ZoneId zone, long revision) throws StoreException {
    StoreSnapshot now = store.snapshot();
    try {
      checkKept(revision);
      List<StoreEvent> since = since(zone, revision);
      // Looked at once more: what was compacted while the events were read would be missing.
      checkKept(revision);
      return new PastSnapshot(now, revision, since);
    } catch (StoreException | RuntimeException e) {
      now.close();
      throw e;
    }
  }

  private void checkKept(long revision) throws StoreException.Compacted {
    long compacted = store.state().compactedRevision();
    if (revision < compacted) {
      throw new StoreException.Compacted(revision, compacted);
    }
  }

  /** The events of a zone after a revision, in order. */
  private List<StoreEvent> since(ZoneId zone, long revision) throws StoreException {
    List<StoreEvent> events = new ArrayList<>();
    long before = Long.MAX_VALUE;
    while (true) {
      List<StoreEvent> page = store.history(zone, before, PAGE_EVENTS);
      for (StoreEvent event : page) {
        if (event.revision() <= revision) {
          return events.reversed();
        }
        events.add(event);
        before = event.revision();
      }
      if (page.size() < PAGE_EVENTS) {
        return events.reversed();
      }
    }
  }

  private static StoreException.Refused refused(String message) {
    return new StoreException.Refused(List.of(new Refusal(Refusal.Kind.NOT_FOUND, 0, message)));
  }
}
