package io.flashdns.management.api;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.Plan;
import io.flashdns.core.store.RRset;
import io.flashdns.core.store.RRsetEdit;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.StoredRRset;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneChange;
import io.flashdns.core.store.ZoneId;
import io.flashdns.core.store.ZoneStore;
import io.flashdns.management.message.CallException;
import io.flashdns.management.message.Etag;
import io.flashdns.management.message.GivenRecord;
import io.flashdns.management.message.Names;
import io.flashdns.management.message.Note;
import io.flashdns.management.message.Notes;
import io.flashdns.management.message.RecordMessages;
import io.flashdns.management.message.StoreProblems;
import io.flashdns.management.message.Violations;
import io.flashdns.proto.v1.ApplyChangesRequest;
import io.flashdns.proto.v1.ApplyChangesResponse;
import io.flashdns.proto.v1.Permission;
import io.flashdns.proto.v1.RecordEdit;
import io.flashdns.proto.v1.Zone;
import io.flashdns.proto.v1.ZoneConfiguration;
import io.flashdns.proto.v1.ZoneDeletion;
import io.flashdns.proto.v1.ZoneEdit;
import io.flashdns.proto.v1.ZoneReplacement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Atomic change sets over many zones: {@code RecordService.ApplyChanges}. */
final class ChangeSets {
  private static final int MAX_CHANGES = 1_000;
  private static final int MAX_EDITS = 20_000;

  private final ZoneStore store;
  private final Committer committer;
  private final ZoneChanges zones;
  private final ZoneLook look;

  ChangeSets(ZoneStore store, Committer committer, ZoneChanges zones, ZoneLook look) {
    this.store = store;
    this.committer = committer;
    this.zones = zones;
    this.look = look;
  }

  /** A part of the change set, and what is done beside the zone when it is made. */
  private record Part(ZoneChange change, Beside beside) {}

  /** What a part does inside the transaction. */
  @FunctionalInterface
  private interface Beside {
    void write(ZoneWork work, ContentView view, Plan.ZonePlan plan) throws StoreException;

    Beside NOTHING = (_, _, _) -> {};
  }

  ApplyChangesResponse apply(Call call, ApplyChangesRequest request)
      throws StoreException, InterruptedException {
    ApplyChangesResponse known =
        committer.known(call, request.getRequestId(), ApplyChangesResponse.getDefaultInstance());
    if (known != null) {
      return known;
    }
    List<Part> parts = parts(call, request);
    List<ZoneChange> changes = new ArrayList<>(parts.size());
    for (Part part : parts) {
      changes.add(part.change());
    }
    try {
      return committer.commit(
          call,
          new Committer.Asked(
              request.getRequestId(), request.getValidateOnly(), request.getForce(), changes),
          (view, plan, _, outcome) -> {
            ZoneWork work = new ZoneWork(call, view, plan, outcome);
            List<Zone> after = new ArrayList<>(parts.size());
            for (int i = 0; i < parts.size(); i++) {
              Plan.ZonePlan zone = plan.zones().get(i);
              parts.get(i).beside().write(work, view, zone);
              after.add(look.withStatus(zone.zone()));
            }
            return work.written(
                done ->
                    ApplyChangesResponse.newBuilder().addAllZones(after).setOutcome(done).build());
          },
          ApplyChangesResponse.getDefaultInstance());
    } catch (StoreException e) {
      zones.hideOthers(e, changes);
      throw StoreProblems.of(e, i -> "changes[" + i + "]");
    }
  }

  private List<Part> parts(Call call, ApplyChangesRequest request) throws StoreException {
    int count = request.getChangesCount();
    if (count < 1 || count > MAX_CHANGES) {
      throw CallException.invalid(
          "changes", "1 to " + MAX_CHANGES + " changes go into one call, not " + count);
    }
    int edits = 0;
    for (io.flashdns.proto.v1.ZoneChange one : request.getChangesList()) {
      edits += one.getEdit().getEditsCount();
    }
    if (edits > MAX_EDITS) {
      throw CallException.invalid(
          "changes", MAX_EDITS + " edits go into one call at most, not " + edits);
    }
    List<Part> parts = new ArrayList<>(count);
    Violations violations = new Violations();
    Map<ZoneId, Integer> seen = new HashMap<>();
    try (StoreSnapshot snapshot = store.snapshot()) {
      for (int i = 0; i < count; i++) {
        String path = "changes[" + i + "]";
        Part part = part(call, snapshot, request.getChanges(i), path, violations);
        if (part == null) {
          continue;
        }
        ZoneId zone = zone(part.change());
        Integer first = zone == null ? null : seen.putIfAbsent(zone, i);
        if (first != null) {
          violations.add(path, "changes[" + first + "] is of the same zone: put both into one");
        }
        parts.add(part);
      }
    }
    violations.throwIfAny();
    return parts;
  }

  private static @Nullable ZoneId zone(ZoneChange change) {
    return switch (change) {
      case ZoneChange.Create _ -> null;
      case ZoneChange.Replace replace -> replace.zone();
      case ZoneChange.Edit edit -> edit.zone();
      case ZoneChange.Configure configure -> configure.zone();
      case ZoneChange.Delete delete -> delete.zone();
    };
  }

  private @Nullable Part part(
      Call call,
      ContentView view,
      io.flashdns.proto.v1.ZoneChange change,
      String path,
      Violations violations)
      throws StoreException {
    return switch (change.getChangeCase()) {
      case CREATE -> {
        ZoneChanges.Creation creation =
            zones.creation(
                view,
                call,
                change.getCreate().getZone(),
                change.getCreate().getRecordsList(),
                path + ".create.zone",
                path + ".create.records");
        yield new Part(creation.change(), (work, _, plan) -> creation.note(work, plan));
      }
      case EDIT -> edit(call, view, change.getEdit(), path + ".edit", violations);
      case REPLACE -> replace(call, view, change.getReplace(), path + ".replace", violations);
      case CONFIGURE -> {
        ZoneConfiguration asked = change.getConfigure();
        yield new Part(
            zones.configuration(
                view,
                call.rights(),
                asked.getZone(),
                asked.hasUpdateMask(),
                asked.getUpdateMask(),
                asked.getEtag(),
                path + ".configure.zone",
                path + ".configure.etag"),
            Beside.NOTHING);
      }
      case DELETE -> {
        ZoneDeletion asked = change.getDelete();
        StoredZone zone =
            Lookup.zone(
                view,
                call.rights(),
                asked.getZone(),
                path + ".delete.zone",
                Permission.PERMISSION_ZONES_DELETE);
        yield new Part(
            new ZoneChange.Delete(
                zone.id(), ZoneChanges.revision(asked.getEtag(), path + ".delete.etag")),
            Beside.NOTHING);
      }
      case CHANGE_NOT_SET -> {
        violations.add(path, "say what is to be done: create, edit, replace, configure or delete");
        yield null;
      }
    };
  }

  // ---- a whole zone --------------------------------------------------------------------------

  private static Part replace(
      Call call, ContentView view, ZoneReplacement asked, String path, Violations violations)
      throws StoreException {
    StoredZone zone =
        Lookup.zone(
            view,
            call.rights(),
            asked.getZone(),
            path + ".zone",
            Permission.PERMISSION_RECORDS_WRITE);
    DomainName apex = zone.settings().key().apex();
    List<GivenRecord> given =
        Contents.given(asked.getRecordsList(), path + ".records", apex, violations);
    Etag etag = Etag.parse(asked.getEtag(), path + ".etag", violations);
    List<RRset> rrsets = new ArrayList<>(given.size());
    for (GivenRecord one : given) {
      rrsets.add(one.rrset(ttlNow(view, zone, one)));
    }
    return new Part(
        new ZoneChange.Replace(zone.id(), Contents.block(apex, rrsets), ZoneChanges.revision(etag)),
        (work, _, _) -> {
          for (GivenRecord one : given) {
            var _ = work.note(zone, one.owner(), one.type(), one.note());
          }
        });
  }

  private static int ttlNow(ContentView view, StoredZone zone, GivenRecord one)
      throws StoreException {
    if (one.ttl() >= 0) {
      return one.ttl();
    }
    StoredRRset is = ZoneWork.rrset(view, zone, one.owner(), one.type());
    return is == null ? RecordMessages.DEFAULT_TTL_SECONDS : is.rrset().ttl();
  }

  // ---- edits ---------------------------------------------------------------------------------

  /** A note that an edit sets, or the note revision that its etag expects. */
  private record NoteEdit(
      DomainName owner, int type, @Nullable Note sets, @Nullable Etag expects) {}

  private static Part edit(
      Call call, ContentView view, ZoneEdit asked, String path, Violations violations)
      throws StoreException {
    StoredZone zone = Lookup.zone(view, call.rights(), asked.getZone(), path + ".zone");
    Etag etag = Etag.parse(asked.getEtag(), path + ".etag", violations);
    if (asked.getEditsCount() == 0) {
      violations.add(path + ".edits", "say what is to be edited");
    }
    List<RRsetEdit> edits = new ArrayList<>(asked.getEditsCount());
    List<NoteEdit> notes = new ArrayList<>(0);
    Map<ZoneWork.OwnerAndType, Integer> ttls = new HashMap<>(0);
    for (int i = 0; i < asked.getEditsCount(); i++) {
      RRsetEdit edit =
          edit(
              call,
              view,
              zone,
              asked.getEdits(i),
              path + ".edits[" + i + "]",
              notes,
              ttls,
              violations);
      if (edit != null) {
        edits.add(edit);
      }
    }
    return new Part(
        new ZoneChange.Edit(zone.id(), edits, ZoneChanges.revision(etag)),
        (work, before, _) -> {
          for (NoteEdit note : notes) {
            Etag expects = note.expects();
            if (expects != null
                && expects.note()
                    != Notes.read(before, zone, note.owner(), note.type()).revision()) {
              throw CallException.aborted(
                  "record", note.owner() + " " + Lookup.typeName(note.type()));
            }
            Note sets = note.sets();
            if (sets != null) {
              var _ = work.note(zone, note.owner(), note.type(), sets);
            }
          }
        });
  }

  private static @Nullable RRsetEdit edit(
      Call call,
      ContentView view,
      StoredZone zone,
      RecordEdit asked,
      String path,
      List<NoteEdit> notes,
      Map<ZoneWork.OwnerAndType, Integer> ttls,
      Violations violations)
      throws StoreException {
    DomainName apex = zone.settings().key().apex();
    Etag etag = Etag.parse(asked.getEtag(), path + ".etag", violations);
    long guard =
        asked.getGuardCase() == RecordEdit.GuardCase.ABSENT && asked.getAbsent()
            ? RRsetEdit.ABSENT
            : etag == null || etag.isAny() ? RRsetEdit.ANY_REVISION : etag.revision();
    return switch (asked.getEditCase()) {
      case PUT -> {
        GivenRecord one =
            RecordMessages.given(asked.getPut(), path + ".put", apex, true, violations);
        if (one == null) {
          yield null;
        }
        require(call, zone, one.owner(), one.type());
        note(notes, one, one.note(), etag);
        ttls.put(new ZoneWork.OwnerAndType(one.owner(), one.type()), one.ttl());
        yield new RRsetEdit.Put(one.rrset(ttlNow(view, zone, one)), guard);
      }
      case ADD -> {
        GivenRecord one =
            RecordMessages.given(asked.getAdd(), path + ".add", apex, true, violations);
        if (one == null) {
          yield null;
        }
        require(call, zone, one.owner(), one.type());
        note(notes, one, one.note().isEmpty() ? null : one.note(), etag);
        Integer earlier = ttls.get(new ZoneWork.OwnerAndType(one.owner(), one.type()));
        int ttl =
            one.ttl() < 0 && earlier != null && earlier >= 0 ? earlier : ttlNow(view, zone, one);
        yield new RRsetEdit.Add(one.owner(), one.type(), ttl, one.data(), guard);
      }
      case REMOVE -> {
        GivenRecord one =
            RecordMessages.given(asked.getRemove(), path + ".remove", apex, true, violations);
        if (one == null) {
          yield null;
        }
        require(call, zone, one.owner(), one.type());
        yield new RRsetEdit.Remove(one.owner(), one.type(), one.data(), guard);
      }
      case DELETE -> {
        DomainName owner =
            Names.owner(asked.getDelete().getName(), path + ".delete.name", apex, violations);
        int type =
            RecordMessages.type(
                asked.getDelete().getTypeValue(), path + ".delete.type", violations);
        Etag own = Etag.parse(asked.getDelete().getEtag(), path + ".delete.etag", violations);
        if (owner == null || type == 0) {
          yield null;
        }
        require(call, zone, owner, type);
        Etag expects = own != null && !own.isAny() ? own : etag;
        if (expects != null && !expects.isAny()) {
          notes.add(new NoteEdit(owner, type, null, expects));
          guard = expects.revision();
        }
        yield new RRsetEdit.Delete(owner, type, guard);
      }
      case EDIT_NOT_SET -> {
        violations.add(path, "say what is to be done: put, delete, add or remove");
        yield null;
      }
    };
  }

  private static void note(
      List<NoteEdit> notes, GivenRecord one, @Nullable Note sets, @Nullable Etag etag) {
    Etag expects = etag == null || etag.isAny() ? null : etag;
    if (sets != null || expects != null) {
      notes.add(new NoteEdit(one.owner(), one.type(), sets, expects));
    }
  }

  private static void require(Call call, StoredZone zone, DomainName owner, int type) {
    Lookup.requireRecord(call.rights(), Permission.PERMISSION_RECORDS_WRITE, zone, owner, type);
  }
}
