package io.flashdns.management.api;

import com.google.protobuf.Message;
import io.flashdns.core.dns.DomainName;
import io.flashdns.core.store.ContentDelta;
import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.Document;
import io.flashdns.core.store.DocumentEdit;
import io.flashdns.core.store.Plan;
import io.flashdns.core.store.RRsetPages;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoredRRset;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneId;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.management.message.Lints;
import io.flashdns.management.message.Note;
import io.flashdns.management.message.NoteDiffs;
import io.flashdns.management.message.Notes;
import io.flashdns.management.message.RecordDiffs;
import io.flashdns.management.message.ZoneDiffs;
import io.flashdns.management.message.ZoneMessages;
import io.flashdns.proto.v1.AuditEntry;
import io.flashdns.proto.v1.Outcome;
import io.flashdns.proto.v1.ZoneDiff;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What every change of zones has in common, inside its transaction: the differences and lints of
 * its outcome, labels and comments of records that come or go, what the audit log says. One thread,
 * one transaction.
 */
final class ZoneWork {
  private static final int AUDITED_RECORDS = 100;
  private static final int AUDITED_BYTES = 64 << 10;
  private static final int NOTES_A_READ = 500;

  private final Call call;
  private final ContentView view;
  private final Plan plan;
  private final Outcome.Builder outcome;
  private final Map<String, DocumentEdit> documents = new LinkedHashMap<>();
  private final Map<ZoneId, Boolean> noted = new HashMap<>(2);
  private final List<NoteChange> noteChanges = new ArrayList<>(0);

  private record NoteChange(ZoneId zone, DomainName owner, int type, Note before, Note after) {}

  ZoneWork(Call call, ContentView view, Plan plan, Outcome.Builder outcome) {
    this.call = call;
    this.view = view;
    this.plan = plan;
    this.outcome = outcome;
  }

  /** Gives a record labels and a comment; the result is the note as it will be. */
  Note note(StoredZone zone, DomainName owner, int type, Note note) throws StoreException {
    if (note.isEmpty() && !hasNotes(zone.id())) {
      return Note.EMPTY;
    }
    Note was =
        zone.createdRevision() == plan.revision()
            ? Note.EMPTY
            : Notes.read(view, zone, owner, type);
    if (was.labels().equals(note.labels()) && was.comment().equals(note.comment())) {
      return was;
    }
    noteChanges.add(new NoteChange(zone.id(), owner, type, was, note));
    put(Notes.write(zone, owner, type, note));
    return new Note(note.labels(), note.comment(), plan.revision());
  }

  private boolean hasNotes(ZoneId zone) throws StoreException {
    Boolean known = noted.get(zone);
    if (known == null) {
      known = !Notes.all(view, zone, "", 1).isEmpty();
      noted.put(zone, known);
    }
    return known;
  }

  /** Anything else that is written with it. */
  void put(DocumentEdit edit) {
    documents.put(edit.key(), edit);
  }

  /** The RRset as it will be. */
  @Nullable StoredRRset rrset(Plan.ZonePlan zone, DomainName owner, int type)
      throws StoreException {
    for (StoredRRset one : RRsetPages.rrsets(zone.rrsetsAfter(), owner)) {
      if (one.rrset().type() == type) {
        return one;
      }
    }
    for (StoredRRset one : RRsetPages.rrsets(zone.rrsetsBefore(), owner)) {
      if (one.rrset().type() == type) {
        return null;
      }
    }
    StoredZone before = zone.before();
    return before == null ? null : rrset(view, before, owner, type);
  }

  /** An RRset of a zone as it is. */
  static @Nullable StoredRRset rrset(ContentView view, StoredZone zone, DomainName owner, int type)
      throws StoreException {
    for (StoredRRset one : view.rrsets(zone.id(), owner)) {
      if (one.rrset().type() == type) {
        return one;
      }
    }
    return null;
  }

  /** All that is to be written, with the answer. */
  <R extends Message> Committer.Written<R> written(Function<Outcome, R> answer)
      throws StoreException {
    for (Plan.ZonePlan zone : plan.zones()) {
      sweepNotes(zone);
    }
    if (!noteChanges.isEmpty() && !plan.changed()) {
      outcome.setChanged(true).setRevision(plan.revision());
    }
    AuditEntry.Builder audit = describe();
    R whole = answer.apply(outcome.build());
    return new Committer.Written<>(whole, List.copyOf(documents.values()), audit);
  }

  /** Nothing was changed, so the audit log has the name alone; a new zone's id may be another's. */
  private static ZoneDiff concerned(ZoneDiff.Builder diff) {
    ZoneDiff.Builder named = ZoneDiff.newBuilder().setName(diff.getName());
    if (diff.hasBefore()) {
      named.setZone(diff.getZone());
    }
    return named.build();
  }

  /**
   * Tells the outcome what differs and what is odd, and the audit log what differs. The differences
   * are worked out once: a preview shows the records to the caller and is not audited; with a
   * change the audit log has the first of them, and the caller their numbers.
   */
  private AuditEntry.Builder describe() throws StoreException {
    AuditEntry.Builder entry = AuditEntry.newBuilder();
    int bytes = AUDITED_BYTES;
    for (Plan.ZonePlan zone : plan.zones()) {
      List<NoteDiffs.Change> notes = notes(zone);
      if (!zone.isChanged() && notes.isEmpty()) {
        continue;
      }
      ZoneDiffs.Shown shown =
          outcome.getValidatedOnly()
              ? HistoryReads.shown(call.rights(), zone.zone())
              : new ZoneDiffs.Shown(AUDITED_RECORDS, bytes, (_, _) -> true);
      ZoneDiff.Builder diff = ZoneDiffs.of(zone, shown);
      NoteDiffs.add(diff, notes, shown);
      if (!outcome.getValidatedOnly()) {
        ZoneDiff audited = diff.build();
        entry.addZones(audited);
        bytes = Math.max(bytes - audited.getSerializedSize(), 0);
        diff.clearRecords().clearTruncated();
      } else {
        entry.addZones(concerned(diff));
      }
      outcome.addZones(HistoryReads.visible(call.rights(), zone.before(), zone.after(), diff));
    }
    if (!plan.zones().isEmpty()) {
      ZoneOwner owner = plan.zones().getFirst().zone().settings().owner();
      if (!owner.organisation().isEmpty()) {
        entry.setProject(ZoneMessages.project(owner));
      }
      outcome.addAllLints(
          Lints.of(
              view, plan, i -> ZoneMessages.ref(plan.zones().get(i).zone().id()), this::deepest));
    }
    return entry;
  }

  /** What becomes of the notes of the records of a zone that stays. */
  private List<NoteDiffs.Change> notes(Plan.ZonePlan zone) throws StoreException {
    if (noteChanges.isEmpty()) {
      return List.of();
    }
    Map<OwnerAndType, NoteChange> ofZone = new LinkedHashMap<>();
    for (NoteChange one : noteChanges) {
      if (one.zone().equals(zone.zone().id())) {
        ofZone.put(new OwnerAndType(one.owner(), one.type()), one); // the last one counts
      }
    }
    if (ofZone.isEmpty()) {
      return List.of();
    }
    Set<OwnerAndType> differing = new HashSet<>();
    RecordDiffs diffs = new RecordDiffs(new ContentDelta(zone.rrsetsBefore(), zone.rrsetsAfter()));
    while (diffs.next()) {
      differing.add(new OwnerAndType(diffs.owner(), diffs.type()));
    }
    List<NoteDiffs.Change> changes = new ArrayList<>(ofZone.size());
    for (NoteChange one : ofZone.values()) {
      changes.add(
          new NoteDiffs.Change(
              one.owner(),
              one.type(),
              differing.contains(new OwnerAndType(one.owner(), one.type()))
                  ? null
                  : rrset(zone, one.owner(), one.type()),
              one.before(),
              one.after()));
    }
    return changes;
  }

  /** The zone that a name lies in, among those that the caller may see. */
  private @Nullable StoredZone deepest(String viewName, DomainName name) throws StoreException {
    for (DomainName at = name; at != null; at = at.parent()) {
      StoredZone zone = view.zone(new ZoneKey(viewName, at));
      if (zone != null) {
        return call.rights().sees(zone) ? zone : null;
      }
    }
    return null;
  }

  private void sweepNotes(Plan.ZonePlan zone) throws StoreException {
    StoredZone before = zone.before();
    if (before == null || zone.rrsetsBefore().isEmpty()) {
      return;
    }
    if (!hasNotes(before.id())) {
      return;
    }
    if (zone.after() == null) {
      String after = "";
      List<Document> page;
      do {
        page = Notes.all(view, before.id(), after, NOTES_A_READ);
        for (Document one : page) {
          after = one.key();
          documents.putIfAbsent(after, DocumentEdit.remove(after));
        }
      } while (page.size() == NOTES_A_READ);
      return;
    }
    Set<OwnerAndType> stays = new HashSet<>();
    for (StoredRRset one : zone.rrsetsAfter().rrsets()) {
      stays.add(new OwnerAndType(one.rrset().owner(), one.rrset().type()));
    }
    for (StoredRRset one : zone.rrsetsBefore().rrsets()) {
      if (!stays.contains(new OwnerAndType(one.rrset().owner(), one.rrset().type()))) {
        String key =
            Notes.key(
                before.id(),
                before.settings().key().apex(),
                one.rrset().owner(),
                one.rrset().type());
        Document note = view.document(key);
        if (note != null && documents.putIfAbsent(key, DocumentEdit.remove(key)) == null) {
          noteChanges.add(
              new NoteChange(
                  before.id(),
                  one.rrset().owner(),
                  one.rrset().type(),
                  Notes.of(note),
                  Note.EMPTY));
        }
      }
    }
  }

  /** What an RRset goes by within its zone. */
  record OwnerAndType(DomainName owner, int type) {}
}
