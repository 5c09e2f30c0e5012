package io.flashdns.management.api;

import com.google.protobuf.Message;
import io.flashdns.core.dns.DomainName;
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
import io.flashdns.management.message.Lints;
import io.flashdns.management.message.Note;
import io.flashdns.management.message.Notes;
import io.flashdns.management.message.ZoneDiffs;
import io.flashdns.management.message.ZoneMessages;
import io.flashdns.management.tenancy.Rights;
import io.flashdns.proto.v1.AuditEntry;
import io.flashdns.proto.v1.Outcome;
import io.flashdns.proto.v1.Permission;
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
  private boolean notesChange;

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
    notesChange = true;
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
    if (notesChange && !plan.changed()) {
      outcome.setChanged(true).setRevision(plan.revision());
    }
    describe();
    R whole = answer.apply(outcome.build());
    return new Committer.Written<>(whole, whole, List.copyOf(documents.values()), audit());
  }

  private void describe() throws StoreException {
    for (Plan.ZonePlan zone : plan.zones()) {
      StoredZone is = zone.zone();
      if (zone.isChanged()) {
        outcome.addZones(
            HistoryReads.visible(
                call.rights(),
                zone.before(),
                zone.after(),
                ZoneDiffs.of(zone, outcome.getValidatedOnly() ? shown(is) : ZoneDiffs.Shown.NONE)));
      }
    }
    if (!plan.zones().isEmpty()) {
      outcome.addAllLints(
          Lints.of(
              view, plan, i -> ZoneMessages.ref(plan.zones().get(i).zone().id()), this::deepest));
    }
  }

  private ZoneDiffs.Shown shown(StoredZone zone) {
    Rights rights = call.rights();
    return ZoneDiffs.Shown.ALL.withFilter(
        (owner, type) -> rights.mayInRecord(Permission.PERMISSION_RECORDS_READ, zone, owner, type));
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
        if (view.document(key) != null) {
          documents.putIfAbsent(key, DocumentEdit.remove(key));
        }
      }
    }
  }

  /** What an RRset goes by within its zone. */
  record OwnerAndType(DomainName owner, int type) {}

  private AuditEntry.Builder audit() {
    AuditEntry.Builder entry = AuditEntry.newBuilder();
    List<Plan.ZonePlan> zones = new ArrayList<>(plan.zones());
    if (!zones.isEmpty()) {
      StoredZone first = zones.getFirst().zone();
      if (!first.settings().owner().organisation().isEmpty()) {
        entry.setProject(ZoneMessages.project(first.settings().owner()));
      }
    }
    int records = AUDITED_RECORDS;
    int bytes = AUDITED_BYTES;
    for (Plan.ZonePlan zone : zones) {
      if (zone.isChanged()) {
        entry.addZones(
            ZoneDiffs.of(zone, new ZoneDiffs.Shown(records, Math.max(bytes, 0), (_, _) -> true)));
        bytes -= entry.getZones(entry.getZonesCount() - 1).getSerializedSize();
      }
    }
    return entry;
  }
}
