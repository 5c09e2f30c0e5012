package io.flashdns.management.api;

import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.Plan;
import io.flashdns.core.store.RRsetBlock;
import io.flashdns.core.store.Refusal;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneChange;
import io.flashdns.core.store.ZoneHistory;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.core.store.ZoneSettings;
import io.flashdns.core.store.ZoneStore;
import io.flashdns.core.zone.Views;
import io.flashdns.management.message.CallException;
import io.flashdns.management.message.Etag;
import io.flashdns.management.message.FieldMasks;
import io.flashdns.management.message.GivenRecord;
import io.flashdns.management.message.Paths;
import io.flashdns.management.message.StoreProblems;
import io.flashdns.management.message.Violations;
import io.flashdns.management.message.ZoneMessages;
import io.flashdns.management.tenancy.Rights;
import io.flashdns.management.tenancy.TenantRules;
import io.flashdns.proto.v1.CreateZoneRequest;
import io.flashdns.proto.v1.CreateZoneResponse;
import io.flashdns.proto.v1.DeleteZoneRequest;
import io.flashdns.proto.v1.DeleteZoneResponse;
import io.flashdns.proto.v1.Permission;
import io.flashdns.proto.v1.UndeleteZoneRequest;
import io.flashdns.proto.v1.UndeleteZoneResponse;
import io.flashdns.proto.v1.UpdateZoneRequest;
import io.flashdns.proto.v1.UpdateZoneResponse;
import io.flashdns.proto.v1.Zone;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes zones, gives them settings, deletes them and brings them back. */
final class ZoneChanges {
  private final ZoneStore store;
  private final Committer committer;
  private final ZoneLook look;
  private final ApexDefaults defaults;

  ZoneChanges(ZoneStore store, Committer committer, ZoneLook look, ApexDefaults defaults) {
    this.store = store;
    this.committer = committer;
    this.look = look;
    this.defaults = defaults;
  }

  /** A zone that is to be made: its change, and the records that have labels or a comment. */
  record Creation(ZoneChange.Create change, List<GivenRecord> records) {
    /** Writes the notes of its records. */
    void note(ZoneWork work, Plan.ZonePlan plan) throws StoreException {
      StoredZone zone = plan.zone();
      for (GivenRecord one : records) {
        if (!one.note().isEmpty()) {
          var _ = work.note(zone, one.owner(), one.type(), one.note());
        }
      }
    }
  }

  /** Reads what is to be made. */
  Creation creation(
      ContentView view,
      Call call,
      Zone zone,
      List<io.flashdns.proto.v1.Record> records,
      String zonePath,
      String recordsPath)
      throws StoreException {
    ZoneOwner owner = owner(view, call, zone, zonePath);
    Violations violations = new Violations();
    ZoneSettings settings = ZoneMessages.created(zone, zonePath, owner, violations);
    if (settings == null) {
      violations.throwIfAny();
      throw CallException.invalid(zonePath, "say what the zone is to be");
    }
    requireCreation(call, settings);
    requireView(call, settings, zonePath);
    List<GivenRecord> given =
        Contents.given(records, recordsPath, settings.key().apex(), violations);
    violations.throwIfAny();
    RRsetBlock content = Contents.block(settings.key().apex(), given, defaults);
    return new Creation(new ZoneChange.Create(settings, content), given);
  }

  /**
   * Refuses zones of tenants in views that are not everybody's: which views there are is the
   * operator's affair, and a name of a view that comes up is kept for as long as the process runs.
   */
  static void requireView(Call call, ZoneSettings settings, String path) {
    if (!settings.key().view().equals(Views.PUBLIC_NAME)
        && !call.rights().mayInPlatform(Permission.PERMISSION_ZONES_CREATE)) {
      throw CallException.invalid(
          path + ".name.view", "you can have zones in everybody's view alone: leave it out");
    }
  }

  /** Refuses who may not create such a zone. */
  static void requireCreation(Call call, ZoneSettings settings) {
    Permission permission = Permission.PERMISSION_ZONES_CREATE;
    Lookup.require(
        settings.owner().equals(ZoneOwner.NOBODY)
            ? call.rights().mayInPlatform(permission)
            : call.rights().mayInName(permission, settings.owner(), settings.key()),
        permission);
  }

  /** Where a zone is to be made. */
  ZoneOwner owner(ContentView view, Call call, Zone zone, String path) throws StoreException {
    Permission permission = Permission.PERMISSION_ZONES_CREATE;
    if (zone.hasProject()) {
      ZoneOwner owner = Guard.named(call, zone.getProject(), path + ".project");
      Guard.seenProject(call, view, owner);
      return owner;
    }
    if (call.rights().mayInPlatform(permission)) {
      return ZoneOwner.NOBODY;
    }
    Rights.Reach reach = call.rights().reach(permission);
    if (reach.organisations().isEmpty() && reach.projects().size() == 1) {
      return reach.projects().getFirst();
    }
    throw CallException.invalid(
        path + ".project", "say in which project, for you may create zones in more than one");
  }

  CreateZoneResponse create(Call call, CreateZoneRequest request)
      throws StoreException, InterruptedException {
    CreateZoneResponse known =
        committer.known(call, request.getRequestId(), CreateZoneResponse.getDefaultInstance());
    if (known != null) {
      return known;
    }
    Creation creation;
    try (StoreSnapshot snapshot = store.snapshot()) {
      creation =
          creation(snapshot, call, request.getZone(), request.getRecordsList(), "zone", "records");
    }
    return commit(
        call,
        new Committer.Asked(
            request.getRequestId(), request.getValidateOnly(), false, List.of(creation.change())),
        (view, plan, _, outcome) -> {
          ZoneWork work = new ZoneWork(call, view, plan, outcome);
          Plan.ZonePlan zone = plan.zones().getFirst();
          creation.note(work, zone);
          return work.written(
              done ->
                  CreateZoneResponse.newBuilder()
                      .setZone(look.withStatus(zone.zone()))
                      .setOutcome(done)
                      .build());
        },
        CreateZoneResponse.getDefaultInstance(),
        "zone");
  }

  UpdateZoneResponse update(Call call, UpdateZoneRequest request)
      throws StoreException, InterruptedException {
    UpdateZoneResponse known =
        committer.known(call, request.getRequestId(), UpdateZoneResponse.getDefaultInstance());
    if (known != null) {
      return known;
    }
    ZoneChange.Configure change;
    try (StoreSnapshot snapshot = store.snapshot()) {
      String etag = request.getEtag().isEmpty() ? request.getZone().getEtag() : request.getEtag();
      change =
          configuration(
              snapshot,
              call.rights(),
              request.getZone(),
              request.hasUpdateMask(),
              request.getUpdateMask(),
              etag,
              "zone",
              request.getEtag().isEmpty() ? "zone.etag" : "etag");
    }
    return commit(
        call,
        new Committer.Asked(
            request.getRequestId(), request.getValidateOnly(), false, List.of(change)),
        (view, plan, _, outcome) ->
            new ZoneWork(call, view, plan, outcome)
                .written(
                    done ->
                        UpdateZoneResponse.newBuilder()
                            .setZone(look.withStatus(plan.zones().getFirst().zone()))
                            .setOutcome(done)
                            .build()),
        UpdateZoneResponse.getDefaultInstance(),
        "zone");
  }

  /** Reads what the settings of a zone are to be. */
  ZoneChange.Configure configuration(
      ContentView view,
      Rights rights,
      Zone asked,
      boolean hasMask,
      com.google.protobuf.FieldMask mask,
      String etag,
      String path,
      String etagPath)
      throws StoreException {
    StoredZone zone =
        Lookup.zone(view, rights, ref(asked), path, Permission.PERMISSION_ZONES_UPDATE);
    Violations violations = new Violations();
    Etag expected = Etag.parse(etag, etagPath, violations);
    Set<String> fields =
        FieldMasks.fields(
            hasMask,
            mask,
            asked,
            ZoneMessages.CHANGEABLE,
            Paths.beside(path, "update_mask"),
            violations);
    ZoneSettings settings =
        ZoneMessages.configured(zone.settings(), asked, fields, path, violations);
    violations.throwIfAny();
    return new ZoneChange.Configure(zone.id(), settings, revision(expected));
  }

  /** A zone that says by id or name which it is. */
  static io.flashdns.proto.v1.ZoneRef ref(Zone zone) {
    io.flashdns.proto.v1.ZoneRef.Builder ref = io.flashdns.proto.v1.ZoneRef.newBuilder();
    if (zone.hasId()) {
      ref.setId(zone.getId());
    } else if (zone.hasName()) {
      ref.setName(zone.getName());
    }
    return ref.build();
  }

  static long revision(@Nullable Etag expected) {
    return expected == null || expected.isAny() ? ZoneChange.ANY_REVISION : expected.revision();
  }

  /** The revision that an etag stands for. */
  static long revision(String etag, String path) {
    Violations violations = new Violations();
    Etag expected = Etag.parse(etag, path, violations);
    violations.throwIfAny();
    return revision(expected);
  }

  DeleteZoneResponse delete(Call call, DeleteZoneRequest request)
      throws StoreException, InterruptedException {
    DeleteZoneResponse known =
        committer.known(call, request.getRequestId(), DeleteZoneResponse.getDefaultInstance());
    if (known != null) {
      return known;
    }
    StoredZone zone;
    try {
      zone =
          Lookup.zone(
              store, call.rights(), request.getZone(), "zone", Permission.PERMISSION_ZONES_DELETE);
    } catch (CallException e) {
      if (request.getAllowMissing()
          && e.status().getCode() == com.google.rpc.Code.NOT_FOUND_VALUE) {
        return DeleteZoneResponse.newBuilder()
            .setOutcome(
                io.flashdns.proto.v1.Outcome.newBuilder()
                    .setRevision(store.state().revision())
                    .setValidatedOnly(request.getValidateOnly()))
            .build();
      }
      throw e;
    }
    ZoneChange.Delete change =
        new ZoneChange.Delete(zone.id(), revision(request.getEtag(), "etag"));
    return commit(
        call,
        new Committer.Asked(
            request.getRequestId(), request.getValidateOnly(), false, List.of(change)),
        (view, plan, _, outcome) ->
            new ZoneWork(call, view, plan, outcome)
                .written(done -> DeleteZoneResponse.newBuilder().setOutcome(done).build()),
        DeleteZoneResponse.getDefaultInstance(),
        "zone");
  }

  UndeleteZoneResponse undelete(Call call, UndeleteZoneRequest request)
      throws StoreException, InterruptedException {
    UndeleteZoneResponse known =
        committer.known(call, request.getRequestId(), UndeleteZoneResponse.getDefaultInstance());
    if (known != null) {
      return known;
    }
    Violations violations = new Violations();
    var key = ZoneMessages.key(request.getName(), "name", violations);
    violations.throwIfAny();
    if (key == null) {
      throw CallException.invalid("name", "say which zone");
    }
    StoredZone deleted = store.lastDeleted(key);
    if (deleted == null || !call.rights().sees(deleted)) {
      throw CallException.notFound("deleted zone", key.apex().toString());
    }
    requireCreation(call, deleted.settings());
    List<ZoneChange> changes =
        new ZoneHistory(store).restore(key, call.principal().name()).changes();
    return commit(
        call,
        new Committer.Asked(request.getRequestId(), request.getValidateOnly(), false, changes),
        (view, plan, _, outcome) ->
            new ZoneWork(call, view, plan, outcome)
                .written(
                    done ->
                        UndeleteZoneResponse.newBuilder()
                            .setZone(look.withStatus(plan.zones().getFirst().zone()))
                            .setOutcome(done)
                            .build()),
        UndeleteZoneResponse.getDefaultInstance(),
        "name");
  }

  /**
   * Refuses names that are taken as the rules of tenants do: the store's own refusal would tell
   * that somebody has the zone.
   */
  void hideOthers(StoreException reason, List<ZoneChange> changes) throws StoreException {
    if (!(reason instanceof StoreException.Refused refused)) {
      return;
    }
    for (Refusal one : refused.refusals()) {
      if (one.kind() == Refusal.Kind.EXISTS
          && changes.get(one.change()) instanceof ZoneChange.Create create) {
        ZoneSettings asked = create.settings();
        try (StoreSnapshot snapshot = store.snapshot()) {
          // Not there yet when it comes with the very change before this one: then whose it is
          // cannot be known, and is not told.
          StoredZone there = snapshot.zone(asked.key());
          throw TenantRules.taken(
              asked.key(),
              there == null ? ZoneOwner.NOBODY : there.settings().owner(),
              asked.owner());
        }
      }
    }
  }

  private <R extends com.google.protobuf.Message> R commit(
      Call call, Committer.Asked asked, Committer.Work<R> work, R prototype, String path)
      throws StoreException, InterruptedException {
    try {
      return committer.commit(call, asked, work, prototype);
    } catch (StoreException e) {
      hideOthers(e, asked.changes());
      throw StoreProblems.of(e, _ -> path);
    }
  }
}
