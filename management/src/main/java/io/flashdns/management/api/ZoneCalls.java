package io.flashdns.management.api;

import com.google.rpc.Code;
import io.flashdns.core.dns.NameHash;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneChange;
import io.flashdns.core.store.ZoneHistory;
import io.flashdns.core.store.ZoneStore;
import io.flashdns.management.message.CallException;
import io.flashdns.management.message.PageTokens;
import io.flashdns.management.message.StoreProblems;
import io.flashdns.proto.v1.AcceptZoneTransferRequest;
import io.flashdns.proto.v1.AcceptZoneTransferResponse;
import io.flashdns.proto.v1.CancelZoneTransferRequest;
import io.flashdns.proto.v1.CancelZoneTransferResponse;
import io.flashdns.proto.v1.CreateZoneRequest;
import io.flashdns.proto.v1.CreateZoneResponse;
import io.flashdns.proto.v1.DeleteZoneRequest;
import io.flashdns.proto.v1.DeleteZoneResponse;
import io.flashdns.proto.v1.DiffZoneRequest;
import io.flashdns.proto.v1.DiffZoneResponse;
import io.flashdns.proto.v1.ExportZoneRequest;
import io.flashdns.proto.v1.ExportZoneResponse;
import io.flashdns.proto.v1.GetZoneRequest;
import io.flashdns.proto.v1.GetZoneResponse;
import io.flashdns.proto.v1.ImportZoneRequest;
import io.flashdns.proto.v1.ImportZoneResponse;
import io.flashdns.proto.v1.ListZoneHistoryRequest;
import io.flashdns.proto.v1.ListZoneHistoryResponse;
import io.flashdns.proto.v1.ListZoneTransfersRequest;
import io.flashdns.proto.v1.ListZoneTransfersResponse;
import io.flashdns.proto.v1.ListZonesRequest;
import io.flashdns.proto.v1.ListZonesResponse;
import io.flashdns.proto.v1.Permission;
import io.flashdns.proto.v1.RollbackZoneRequest;
import io.flashdns.proto.v1.RollbackZoneResponse;
import io.flashdns.proto.v1.TransferZoneRequest;
import io.flashdns.proto.v1.TransferZoneResponse;
import io.flashdns.proto.v1.UndeleteZoneRequest;
import io.flashdns.proto.v1.UndeleteZoneResponse;
import io.flashdns.proto.v1.UpdateZoneRequest;
import io.flashdns.proto.v1.UpdateZoneResponse;
import io.flashdns.proto.v1.ZoneServiceGrpc.ZoneServiceImplBase;
import io.grpc.stub.StreamObserver;
import java.time.InstantSource;
import java.util.List;

/** The calls of {@code ZoneService}. */
final class ZoneCalls extends ZoneServiceImplBase {
  private final ZoneStore store;
  private final Committer committer;
  private final ZoneLook look;
  private final ZoneLists lists;
  private final ZoneChanges changes;
  private final HistoryReads history;
  private final ZoneFiles files;
  private final ZoneTransfers transfers;

  ZoneCalls(
      ZoneStore store,
      Committer committer,
      Committer imports,
      PageTokens tokens,
      ZoneLook look,
      ZoneChanges changes,
      HistoryReads history,
      ZoneLists.ProjectNames projects,
      NameHash hash,
      InstantSource clock) {
    this.store = store;
    this.committer = committer;
    this.look = look;
    this.lists = new ZoneLists(store, tokens, projects);
    this.changes = changes;
    this.history = history;
    this.files = new ZoneFiles(store, imports, changes, look, hash);
    this.transfers = new ZoneTransfers(store, committer, tokens, look, projects, clock);
  }

  @Override
  public void createZone(CreateZoneRequest request, StreamObserver<CreateZoneResponse> caller) {
    Answers.send(caller, () -> changes.create(Call.current(), request));
  }

  @Override
  public void getZone(GetZoneRequest request, StreamObserver<GetZoneResponse> caller) {
    Answers.send(
        caller,
        () -> {
          try (StoreSnapshot snapshot = Revisions.open(store, request.getAtRevision())) {
            StoredZone zone =
                Lookup.zone(
                    snapshot,
                    Call.current().rights(),
                    request.getZone(),
                    "zone",
                    Permission.PERMISSION_ZONES_READ);
            return GetZoneResponse.newBuilder()
                .setZone(look.whole(zone))
                .setRevision(snapshot.revision())
                .build();
          }
        });
  }

  @Override
  public void listZones(ListZonesRequest request, StreamObserver<ListZonesResponse> caller) {
    Answers.send(caller, () -> lists.list(Call.current(), request));
  }

  @Override
  public void updateZone(UpdateZoneRequest request, StreamObserver<UpdateZoneResponse> caller) {
    Answers.send(caller, () -> changes.update(Call.current(), request));
  }

  @Override
  public void deleteZone(DeleteZoneRequest request, StreamObserver<DeleteZoneResponse> caller) {
    Answers.send(caller, () -> changes.delete(Call.current(), request));
  }

  @Override
  public void undeleteZone(
      UndeleteZoneRequest request, StreamObserver<UndeleteZoneResponse> caller) {
    Answers.send(caller, () -> changes.undelete(Call.current(), request));
  }

  @Override
  public StreamObserver<ImportZoneRequest> importZone(StreamObserver<ImportZoneResponse> caller) {
    return files.take(Call.current(), caller);
  }

  @Override
  public void exportZone(ExportZoneRequest request, StreamObserver<ExportZoneResponse> caller) {
    try {
      files.send(Call.current(), request, caller);
    } catch (StoreException e) {
      throw StoreProblems.of(e);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw Answers.cancelled();
    }
  }

  @Override
  public void diffZone(DiffZoneRequest request, StreamObserver<DiffZoneResponse> caller) {
    Answers.send(caller, () -> history.diff(Call.current(), request));
  }

  @Override
  public void rollbackZone(
      RollbackZoneRequest request, StreamObserver<RollbackZoneResponse> caller) {
    Answers.send(caller, () -> rollBack(Call.current(), request));
  }

  private RollbackZoneResponse rollBack(Call call, RollbackZoneRequest request)
      throws StoreException, InterruptedException {
    RollbackZoneResponse known =
        committer.known(call, request.getRequestId(), RollbackZoneResponse.getDefaultInstance());
    if (known != null) {
      return known;
    }
    if (request.getRevision() == 0) {
      throw CallException.invalid("revision", "say which revision, the history lists them");
    }
    Revisions.require(store, request.getRevision());
    StoredZone zone =
        Lookup.zone(
            store, call.rights(), request.getZone(), "zone", Permission.PERMISSION_RECORDS_WRITE);
    if (request.getRevision() < zone.createdRevision()) {
      throw CallException.of(
          Code.OUT_OF_RANGE,
          "the zone "
              + Lookup.name(zone)
              + " was not there at revision "
              + request.getRevision()
              + ", it was created at "
              + zone.createdRevision()
              + ": take one from its history");
    }
    long expected = ZoneChanges.revision(request.getEtag(), "etag");
    if (expected != ZoneChange.ANY_REVISION && expected != zone.revision()) {
      throw CallException.aborted("zone", Lookup.name(zone));
    }
    List<ZoneChange> undo =
        new ZoneHistory(store)
            .rollback(zone.id(), request.getRevision(), call.principal().name())
            .changes();
    try {
      return committer.commit(
          call,
          new Committer.Asked(
              request.getRequestId(), request.getValidateOnly(), request.getForce(), undo),
          (view, plan, _, outcome) ->
              new ZoneWork(call, view, plan, outcome)
                  .written(
                      done ->
                          RollbackZoneResponse.newBuilder()
                              .setZone(look.withStatus(plan.zones().getFirst().zone()))
                              .setOutcome(done)
                              .build()),
          RollbackZoneResponse.getDefaultInstance());
    } catch (StoreException e) {
      throw StoreProblems.of(e, _ -> "revision");
    }
  }

  @Override
  public void listZoneHistory(
      ListZoneHistoryRequest request, StreamObserver<ListZoneHistoryResponse> caller) {
    Answers.send(caller, () -> history.list(Call.current(), request));
  }

  @Override
  public void transferZone(
      TransferZoneRequest request, StreamObserver<TransferZoneResponse> caller) {
    Answers.send(caller, () -> transfers.offer(Call.current(), request));
  }

  @Override
  public void acceptZoneTransfer(
      AcceptZoneTransferRequest request, StreamObserver<AcceptZoneTransferResponse> caller) {
    Answers.send(caller, () -> transfers.accept(Call.current(), request));
  }

  @Override
  public void cancelZoneTransfer(
      CancelZoneTransferRequest request, StreamObserver<CancelZoneTransferResponse> caller) {
    Answers.send(caller, () -> transfers.cancel(Call.current(), request));
  }

  @Override
  public void listZoneTransfers(
      ListZoneTransfersRequest request, StreamObserver<ListZoneTransfersResponse> caller) {
    Answers.send(caller, () -> transfers.list(Call.current(), request));
  }
}
