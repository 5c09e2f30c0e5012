package io.flashdns.management.api;

import io.flashdns.core.store.ZoneStore;
import io.flashdns.management.message.PageTokens;
import io.flashdns.proto.v1.ApplyChangesRequest;
import io.flashdns.proto.v1.ApplyChangesResponse;
import io.flashdns.proto.v1.BatchCreateRecordsRequest;
import io.flashdns.proto.v1.BatchCreateRecordsResponse;
import io.flashdns.proto.v1.BatchDeleteRecordsRequest;
import io.flashdns.proto.v1.BatchDeleteRecordsResponse;
import io.flashdns.proto.v1.CreateRecordRequest;
import io.flashdns.proto.v1.CreateRecordResponse;
import io.flashdns.proto.v1.DeleteRecordRequest;
import io.flashdns.proto.v1.DeleteRecordResponse;
import io.flashdns.proto.v1.GetRecordRequest;
import io.flashdns.proto.v1.GetRecordResponse;
import io.flashdns.proto.v1.ListRecordsRequest;
import io.flashdns.proto.v1.ListRecordsResponse;
import io.flashdns.proto.v1.RecordServiceGrpc.RecordServiceImplBase;
import io.flashdns.proto.v1.UpdateRecordRequest;
import io.flashdns.proto.v1.UpdateRecordResponse;
import io.grpc.stub.StreamObserver;

/** The calls of {@code RecordService}. */
final class RecordCalls extends RecordServiceImplBase {
  private final RecordReads reads;
  private final RecordChanges changes;
  private final ChangeSets changeSets;

  RecordCalls(
      ZoneStore store, Committer committer, PageTokens tokens, ZoneChanges zones, ZoneLook look) {
    this.reads = new RecordReads(store, tokens);
    this.changes = new RecordChanges(store, committer);
    this.changeSets = new ChangeSets(store, committer, zones, look);
  }

  @Override
  public void createRecord(
      CreateRecordRequest request, StreamObserver<CreateRecordResponse> caller) {
    Answers.send(caller, () -> changes.create(Call.current(), request));
  }

  @Override
  public void getRecord(GetRecordRequest request, StreamObserver<GetRecordResponse> caller) {
    Answers.send(caller, () -> reads.get(Call.current(), request));
  }

  @Override
  public void listRecords(ListRecordsRequest request, StreamObserver<ListRecordsResponse> caller) {
    Answers.send(caller, () -> reads.list(Call.current(), request));
  }

  @Override
  public void updateRecord(
      UpdateRecordRequest request, StreamObserver<UpdateRecordResponse> caller) {
    Answers.send(caller, () -> changes.update(Call.current(), request));
  }

  @Override
  public void deleteRecord(
      DeleteRecordRequest request, StreamObserver<DeleteRecordResponse> caller) {
    Answers.send(caller, () -> changes.delete(Call.current(), request));
  }

  @Override
  public void batchCreateRecords(
      BatchCreateRecordsRequest request, StreamObserver<BatchCreateRecordsResponse> caller) {
    Answers.send(caller, () -> changes.createAll(Call.current(), request));
  }

  @Override
  public void batchDeleteRecords(
      BatchDeleteRecordsRequest request, StreamObserver<BatchDeleteRecordsResponse> caller) {
    Answers.send(caller, () -> changes.deleteAll(Call.current(), request));
  }

  @Override
  public void applyChanges(
      ApplyChangesRequest request, StreamObserver<ApplyChangesResponse> caller) {
    Answers.send(caller, () -> changeSets.apply(Call.current(), request));
  }
}
