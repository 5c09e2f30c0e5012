package io.flashdns.management.api;

import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.ResourceInfo;
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
import io.flashdns.core.store.ZoneStore;
import io.flashdns.management.message.CallException;
import io.flashdns.management.message.Etag;
import io.flashdns.management.message.FieldMasks;
import io.flashdns.management.message.GivenRecord;
import io.flashdns.management.message.Names;
import io.flashdns.management.message.Note;
import io.flashdns.management.message.Notes;
import io.flashdns.management.message.RecordMessages;
import io.flashdns.management.message.StoreProblems;
import io.flashdns.management.message.Violations;
import io.flashdns.proto.v1.BatchCreateRecordsRequest;
import io.flashdns.proto.v1.BatchCreateRecordsResponse;
import io.flashdns.proto.v1.BatchDeleteRecordsRequest;
import io.flashdns.proto.v1.BatchDeleteRecordsResponse;
import io.flashdns.proto.v1.CreateRecordRequest;
import io.flashdns.proto.v1.CreateRecordResponse;
import io.flashdns.proto.v1.DeleteRecordRequest;
import io.flashdns.proto.v1.DeleteRecordResponse;
import io.flashdns.proto.v1.Outcome;
import io.flashdns.proto.v1.Permission;
import io.flashdns.proto.v1.Record;
import io.flashdns.proto.v1.RecordSelector;
import io.flashdns.proto.v1.UpdateRecordRequest;
import io.flashdns.proto.v1.UpdateRecordResponse;
import io.flashdns.proto.v1.ZoneRef;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.BiFunction;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Changes of the records of one zone. What must or must not be there is asked inside the
 * transaction, so that two clients cannot both create one record.
 */
final class RecordChanges {
  private static final Set<String> CHANGEABLE = Set.of("ttl", "data", "labels", "comment");
  private static final int MAX_BATCH = 10_000;
  private static final int MAX_VIOLATIONS = 1_000;

  /** So often a change that builds on what is there is worked out anew when others were faster. */
  private static final int MAX_ATTEMPTS = 8;

  private final ZoneStore store;
  private final Committer committer;

  RecordChanges(ZoneStore store, Committer committer) {
    this.store = store;
    this.committer = committer;
  }

  // ---- creating ------------------------------------------------------------------------------

  CreateRecordResponse create(Call call, CreateRecordRequest request)
      throws StoreException, InterruptedException {
    CreateRecordResponse known =
        committer.known(call, request.getRequestId(), CreateRecordResponse.getDefaultInstance());
    if (known != null) {
      return known;
    }
    Batch batch = batch(call, request.getZone(), List.of(request.getRecord()), _ -> "record");
    return commit(
        call,
        request.getRequestId(),
        request.getValidateOnly(),
        batch,
        (made, done) ->
            CreateRecordResponse.newBuilder().setRecord(made.getFirst()).setOutcome(done).build(),
        CreateRecordResponse.getDefaultInstance(),
        "record");
  }

  BatchCreateRecordsResponse createAll(Call call, BatchCreateRecordsRequest request)
      throws StoreException, InterruptedException {
    BatchCreateRecordsResponse known =
        committer.known(
            call, request.getRequestId(), BatchCreateRecordsResponse.getDefaultInstance());
    if (known != null) {
      return known;
    }
    requireBatch(request.getRecordsCount());
    Batch batch =
        batch(call, request.getZone(), request.getRecordsList(), i -> "records[" + i + "]");
    return commit(
        call,
        request.getRequestId(),
        request.getValidateOnly(),
        batch,
        (made, done) ->
            BatchCreateRecordsResponse.newBuilder().addAllRecords(made).setOutcome(done).build(),
        BatchCreateRecordsResponse.getDefaultInstance(),
        "records");
  }

  private <R extends Message> R commit(
      Call call,
      String requestId,
      boolean validateOnly,
      Batch batch,
      BiFunction<List<Record>, Outcome, R> answer,
      R prototype,
      String path)
      throws StoreException, InterruptedException {
    return commit(
        call,
        new Committer.Asked(requestId, validateOnly, false, List.of(batch.change())),
        (view, plan, _, outcome) -> {
          ZoneWork work = new ZoneWork(call, view, plan, outcome);
          List<Record> made = batch.made(work, view, plan);
          return work.written(done -> answer.apply(made, done));
        },
        prototype,
        path);
  }

  private static void requireBatch(int count) {
    if (count < 1 || count > MAX_BATCH) {
      throw CallException.invalid(
          "records", "1 to " + MAX_BATCH + " records go into one call, not " + count);
    }
  }

  /**
   * Records that are to be made in one zone.
   *
   * @param path where one of them stands in the request
   */
  private record Batch(StoredZone zone, List<GivenRecord> given, IntFunction<String> path) {
    ZoneChange.Edit change() {
      List<RRsetEdit> edits = new ArrayList<>(given.size());
      for (GivenRecord one : given) {
        edits.add(
            new RRsetEdit.Put(
                one.rrset(RecordMessages.DEFAULT_TTL_SECONDS), RRsetEdit.ANY_REVISION));
      }
      return new ZoneChange.Edit(zone.id(), edits, ZoneChange.ANY_REVISION);
    }

    List<Record> made(ZoneWork work, ContentView view, Plan plan) throws StoreException {
      Plan.ZonePlan zonePlan = plan.zones().getFirst();
      Present present = new Present();
      for (int i = 0; i < given.size(); i++) {
        GivenRecord one = given.get(i);
        if (ZoneWork.rrset(view, zone, one.owner(), one.type()) != null) {
          present.add(path.apply(i), one.owner(), one.type());
        }
      }
      present.throwIfAny();
      List<Record> made = new ArrayList<>(given.size());
      for (GivenRecord one : given) {
        Note note =
            one.note().isEmpty()
                ? Note.EMPTY
                : work.note(zone, one.owner(), one.type(), one.note());
        RRset rrset = one.rrset(RecordMessages.DEFAULT_TTL_SECONDS);
        StoredRRset stored =
            given.size() == 1 ? work.rrset(zonePlan, one.owner(), one.type()) : null;
        made.add(
            stored == null
                ? RecordMessages.message(rrset, plan.revision(), note)
                : RecordMessages.message(stored, note));
      }
      return made;
    }
  }

  private Batch batch(Call call, ZoneRef ref, List<Record> records, IntFunction<String> path)
      throws StoreException {
    StoredZone zone = find(call, ref);
    Violations violations = new Violations();
    List<GivenRecord> given = new ArrayList<>(records.size());
    Set<ZoneWork.OwnerAndType> seen = new HashSet<>();
    for (int i = 0; i < records.size(); i++) {
      GivenRecord one =
          RecordMessages.given(
              records.get(i), path.apply(i), zone.settings().key().apex(), true, violations);
      if (one != null) {
        requireWrite(call, zone, one.owner(), one.type());
        if (!seen.add(new ZoneWork.OwnerAndType(one.owner(), one.type()))) {
          violations.add(path.apply(i), "this owner and type stand in the batch already");
        }
        given.add(one);
      }
    }
    violations.throwIfAny();
    return new Batch(zone, given, path);
  }

  /** Records that should not be there and are. */
  private static final class Present {
    private final BadRequest.Builder violations = BadRequest.newBuilder();
    private String first = "";
    private String name = "";

    void add(String path, DomainName owner, int type) {
      String message = "there are records of type " + Lookup.typeName(type) + " at " + owner;
      if (first.isEmpty()) {
        first = message;
        name = owner + " " + Lookup.typeName(type);
      }
      if (violations.getFieldViolationsCount() < MAX_VIOLATIONS) {
        violations.addFieldViolations(
            BadRequest.FieldViolation.newBuilder().setField(path).setDescription(message));
      }
    }

    void throwIfAny() {
      if (!first.isEmpty()) {
        throw CallException.of(
            Code.ALREADY_EXISTS,
            first + " already: update them, or add data to them by ApplyChanges",
            violations.build(),
            ResourceInfo.newBuilder().setResourceType("record").setResourceName(name).build());
      }
    }
  }

  // ---- updating ------------------------------------------------------------------------------

  UpdateRecordResponse update(Call call, UpdateRecordRequest request)
      throws StoreException, InterruptedException {
    UpdateRecordResponse known =
        committer.known(call, request.getRequestId(), UpdateRecordResponse.getDefaultInstance());
    if (known != null) {
      return known;
    }
    for (int attempt = 1; ; attempt++) {
      Update update = planned(call, request);
      try {
        return committer.commit(
            call,
            new Committer.Asked(
                request.getRequestId(),
                request.getValidateOnly(),
                request.getForce(),
                List.of(update.change())),
            update,
            UpdateRecordResponse.getDefaultInstance());
      } catch (StoreException.Refused e) {
        if (!update.builtOnWhatIsThere() || attempt == MAX_ATTEMPTS || !isConflict(e)) {
          throw StoreProblems.of(e, _ -> "record");
        }
      } catch (StoreException e) {
        throw StoreProblems.of(e);
      }
    }
  }

  private static boolean isConflict(StoreException.Refused refused) {
    return refused.refusals().getFirst().kind() == io.flashdns.core.store.Refusal.Kind.CONFLICT;
  }

  /** A record that is to be something else. */
  private record Update(
      Call call,
      StoredZone zone,
      RRsetEdit edit,
      Etag etag,
      boolean builtOnWhatIsThere,
      boolean setsNote,
      Note note)
      implements Committer.Work<UpdateRecordResponse> {
    ZoneChange.Edit change() {
      return new ZoneChange.Edit(zone.id(), List.of(edit), ZoneChange.ANY_REVISION);
    }

    @Override
    public Committer.Written<UpdateRecordResponse> write(
        ContentView view, Plan plan, Instant now, Outcome.Builder outcome) throws StoreException {
      ZoneWork work = new ZoneWork(call, view, plan, outcome);
      Note was = Notes.read(view, zone, edit.owner(), edit.type());
      if (!etag.isAny() && etag.note() != was.revision()) {
        throw CallException.aborted("record", edit.owner() + " " + Lookup.typeName(edit.type()));
      }
      Note is = setsNote ? work.note(zone, edit.owner(), edit.type(), note) : was;
      StoredRRset stored = work.rrset(plan.zones().getFirst(), edit.owner(), edit.type());
      if (stored == null) {
        throw new IllegalStateException("the record that was put is not there");
      }
      Record record = RecordMessages.message(stored, is);
      return work.written(
          done -> UpdateRecordResponse.newBuilder().setRecord(record).setOutcome(done).build());
    }
  }

  private Update planned(Call call, UpdateRecordRequest request) throws StoreException {
    try (StoreSnapshot snapshot = store.snapshot()) {
      StoredZone zone = find(snapshot, call, request.getZone());
      Record record = request.getRecord();
      Violations violations = new Violations();
      GivenRecord given =
          RecordMessages.given(record, "record", zone.settings().key().apex(), false, violations);
      Set<String> fields =
          FieldMasks.fields(
              request.hasUpdateMask(),
              request.getUpdateMask(),
              record,
              CHANGEABLE,
              "update_mask",
              violations);
      Etag etag =
          request.getEtag().isEmpty()
              ? Etag.parse(record.getEtag(), "record.etag", violations)
              : Etag.parse(request.getEtag(), "etag", violations);
      violations.throwIfAny();
      if (given == null || etag == null) {
        throw CallException.invalid("record", "say which record, and what it is to be");
      }
      requireWrite(call, zone, given.owner(), given.type());
      StoredRRset is = ZoneWork.rrset(snapshot, zone, given.owner(), given.type());
      if (is == null && !request.getAllowMissing()) {
        throw missing(given.owner(), given.type());
      }
      boolean takesData = fields.contains("data") || is == null;
      if (takesData && given.data().isEmpty()) {
        throw CallException.invalid(
            "record.data", "give the data, or delete the record to have none");
      }
      RRset rrset =
          new RRset(
              given.owner(),
              given.type(),
              ttl(fields, given, is),
              takesData || is == null ? given.data() : is.rrset().data());
      boolean partial = is != null && !(fields.contains("data") && fields.contains("ttl"));
      long guard =
          !etag.isAny()
              ? etag.revision()
              : is == null ? RRsetEdit.ABSENT : partial ? is.revision() : RRsetEdit.ANY_REVISION;
      Note was = Notes.read(snapshot, zone, given.owner(), given.type());
      boolean setsNote = fields.contains("labels") || fields.contains("comment");
      SortedMap<String, String> labels = fields.contains("labels") ? given.labels() : was.labels();
      String comment = fields.contains("comment") ? given.comment() : was.comment();
      return new Update(
          call,
          zone,
          new RRsetEdit.Put(rrset, guard),
          etag,
          etag.isAny() && guard != RRsetEdit.ANY_REVISION,
          setsNote,
          new Note(labels, comment, 0));
    }
  }

  private static int ttl(Set<String> fields, GivenRecord given, @Nullable StoredRRset is) {
    if (given.ttl() >= 0 && (is == null || fields.contains("ttl"))) {
      return given.ttl();
    }
    return is == null ? RecordMessages.DEFAULT_TTL_SECONDS : is.rrset().ttl();
  }

  // ---- deleting ------------------------------------------------------------------------------

  /** A record that is to go. */
  private record Going(String path, DomainName owner, int type, Etag etag) {}

  DeleteRecordResponse delete(Call call, DeleteRecordRequest request)
      throws StoreException, InterruptedException {
    DeleteRecordResponse known =
        committer.known(call, request.getRequestId(), DeleteRecordResponse.getDefaultInstance());
    if (known != null) {
      return known;
    }
    StoredZone zone = find(call, request.getId().getZone(), "id.zone");
    Violations violations = new Violations();
    List<Going> going = new ArrayList<>(1);
    addGoing(
        going,
        zone,
        RecordSelector.newBuilder()
            .setName(request.getId().getName())
            .setTypeValue(request.getId().getTypeValue())
            .setEtag(request.getEtag())
            .build(),
        "id",
        "etag",
        violations);
    violations.throwIfAny();
    return commit(
        call,
        new Committer.Asked(
            request.getRequestId(),
            request.getValidateOnly(),
            request.getForce(),
            List.of(deletion(call, zone, going))),
        (view, plan, _, outcome) -> {
          requireThere(view, zone, going, request.getAllowMissing());
          return new ZoneWork(call, view, plan, outcome)
              .written(done -> DeleteRecordResponse.newBuilder().setOutcome(done).build());
        },
        DeleteRecordResponse.getDefaultInstance(),
        "id");
  }

  BatchDeleteRecordsResponse deleteAll(Call call, BatchDeleteRecordsRequest request)
      throws StoreException, InterruptedException {
    BatchDeleteRecordsResponse known =
        committer.known(
            call, request.getRequestId(), BatchDeleteRecordsResponse.getDefaultInstance());
    if (known != null) {
      return known;
    }
    requireBatch(request.getRecordsCount());
    StoredZone zone = find(call, request.getZone());
    Violations violations = new Violations();
    List<Going> going = new ArrayList<>(request.getRecordsCount());
    for (int i = 0; i < request.getRecordsCount(); i++) {
      String path = "records[" + i + "]";
      addGoing(going, zone, request.getRecords(i), path, path + ".etag", violations);
    }
    Set<ZoneWork.OwnerAndType> seen = new HashSet<>();
    for (Going one : going) {
      if (!seen.add(new ZoneWork.OwnerAndType(one.owner(), one.type()))) {
        violations.add(one.path(), "this owner and type stand in the batch already");
      }
    }
    violations.throwIfAny();
    return commit(
        call,
        new Committer.Asked(
            request.getRequestId(),
            request.getValidateOnly(),
            request.getForce(),
            List.of(deletion(call, zone, going))),
        (view, plan, _, outcome) -> {
          requireThere(view, zone, going, request.getAllowMissing());
          return new ZoneWork(call, view, plan, outcome)
              .written(done -> BatchDeleteRecordsResponse.newBuilder().setOutcome(done).build());
        },
        BatchDeleteRecordsResponse.getDefaultInstance(),
        "records");
  }

  private static void addGoing(
      List<Going> going,
      StoredZone zone,
      RecordSelector selector,
      String path,
      String etagPath,
      Violations violations) {
    DomainName owner =
        Names.owner(selector.getName(), path + ".name", zone.settings().key().apex(), violations);
    int type = RecordMessages.type(selector.getTypeValue(), path + ".type", violations);
    Etag etag = Etag.parse(selector.getEtag(), etagPath, violations);
    if (owner != null && type != 0 && etag != null) {
      going.add(new Going(path, owner, type, etag));
    }
  }

  private static ZoneChange.Edit deletion(Call call, StoredZone zone, List<Going> going) {
    List<RRsetEdit> edits = new ArrayList<>(going.size());
    for (Going one : going) {
      requireWrite(call, zone, one.owner(), one.type());
      edits.add(
          new RRsetEdit.Delete(
              one.owner(),
              one.type(),
              one.etag().isAny() ? RRsetEdit.ANY_REVISION : one.etag().revision()));
    }
    return new ZoneChange.Edit(zone.id(), edits, ZoneChange.ANY_REVISION);
  }

  private static void requireThere(
      ContentView view, StoredZone zone, List<Going> going, boolean mayBeMissing)
      throws StoreException {
    for (Going one : going) {
      StoredRRset there = ZoneWork.rrset(view, zone, one.owner(), one.type());
      if (there == null && !mayBeMissing) {
        throw missing(one.owner(), one.type());
      }
      if (!one.etag().isAny()
          && one.etag().note() != Notes.read(view, zone, one.owner(), one.type()).revision()) {
        throw CallException.aborted("record", one.owner() + " " + Lookup.typeName(one.type()));
      }
    }
  }

  // ---- common --------------------------------------------------------------------------------

  static CallException missing(DomainName owner, int type) {
    return CallException.notFound("record", owner + " " + Lookup.typeName(type));
  }

  private StoredZone find(Call call, ZoneRef ref) throws StoreException {
    return find(call, ref, "zone");
  }

  private StoredZone find(Call call, ZoneRef ref, String path) throws StoreException {
    try (StoreSnapshot snapshot = store.snapshot()) {
      return Lookup.zone(snapshot, call.rights(), ref, path);
    }
  }

  private static StoredZone find(ContentView view, Call call, ZoneRef ref) throws StoreException {
    return Lookup.zone(view, call.rights(), ref, "zone");
  }

  private static void requireWrite(Call call, StoredZone zone, DomainName owner, int type) {
    Lookup.requireRecord(call.rights(), Permission.PERMISSION_RECORDS_WRITE, zone, owner, type);
  }

  private <R extends Message> R commit(
      Call call, Committer.Asked asked, Committer.Work<R> work, R prototype, String path)
      throws StoreException, InterruptedException {
    try {
      return committer.commit(call, asked, work, prototype);
    } catch (StoreException e) {
      throw StoreProblems.of(e, _ -> path);
    }
  }
}
