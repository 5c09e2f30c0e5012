package io.flashdns.management.client;

import com.google.rpc.Code;
import io.flashdns.proto.v1.*;
import io.flashdns.proto.v1.Record;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Records of {@link TestApi}. */
final class TestRecords extends RecordServiceGrpc.RecordServiceImplBase {
  private final TestApi api;

  TestRecords(TestApi api) {
    this.api = api;
  }

  @Override
  public void listRecords(ListRecordsRequest request, StreamObserver<ListRecordsResponse> to) {
    api.answer(
        request,
        to,
        () -> {
          Zone zone = api.find(request.getZone());
          return ListRecordsResponse.newBuilder()
              .addAllRecords(api.records.get(zone.getName().getApex()).values())
              .build();
        });
  }

  @Override
  public void getRecord(GetRecordRequest request, StreamObserver<GetRecordResponse> to) {
    api.answer(
        request,
        to,
        () -> {
          Zone zone = api.find(request.getId().getZone());
          Record record =
              api.records
                  .get(zone.getName().getApex())
                  .get(
                      request.getId().getName()
                          + " "
                          + request.getId().getType().name().substring(12));
          if (record == null) {
            throw TestApi.status(Code.NOT_FOUND, "there is no such record");
          }
          return GetRecordResponse.newBuilder().setRecord(record).build();
        });
  }

  @Override
  public void updateRecord(UpdateRecordRequest request, StreamObserver<UpdateRecordResponse> to) {
    api.answer(
        request,
        to,
        () -> {
          Zone zone = api.find(request.getZone());
          Record before =
              api.records.get(zone.getName().getApex()).get(TestApi.key(request.getRecord()));
          RecordDiff.Builder diff = RecordDiff.newBuilder().setAfter(request.getRecord());
          if (before != null) {
            diff.setBefore(before);
          }
          return UpdateRecordResponse.newBuilder()
              .setRecord(request.getRecord())
              .setOutcome(
                  api.outcome(request.getValidateOnly(), TestApi.diff(zone, zone, diff.build())))
              .build();
        });
  }

  @Override
  public void deleteRecord(DeleteRecordRequest request, StreamObserver<DeleteRecordResponse> to) {
    api.answer(
        request,
        to,
        () ->
            DeleteRecordResponse.newBuilder()
                .setOutcome(api.outcome(request.getValidateOnly(), ZoneDiff.getDefaultInstance()))
                .build());
  }

  @Override
  public void applyChanges(ApplyChangesRequest request, StreamObserver<ApplyChangesResponse> to) {
    api.answer(
        request,
        to,
        () -> {
          List<ZoneDiff> diffs = new ArrayList<>();
          for (ZoneChange change : request.getChangesList()) {
            switch (change.getChangeCase()) {
              case CREATE -> diffs.add(created(change.getCreate()));
              case REPLACE -> replaced(change.getReplace(), diffs);
              case DELETE -> diffs.add(TestApi.diff(api.find(change.getDelete().getZone()), null));
              case EDIT ->
                  diffs.add(
                      TestApi.diff(
                          api.find(change.getEdit().getZone()),
                          api.find(change.getEdit().getZone())));
              case CONFIGURE -> {
                Zone before =
                    api.find(
                        ZoneRef.newBuilder()
                            .setId(change.getConfigure().getZone().getId())
                            .build());
                Zone after =
                    before.toBuilder()
                        .putAllLabels(change.getConfigure().getZone().getLabelsMap())
                        .build();
                diffs.add(TestApi.diff(before, after));
              }
              case CHANGE_NOT_SET -> throw new IllegalArgumentException();
            }
          }
          return ApplyChangesResponse.newBuilder()
              .setOutcome(api.outcome(request.getValidateOnly(), diffs.toArray(ZoneDiff[]::new)))
              .build();
        });
  }

  private ZoneDiff created(ZoneCreation creation) {
    return TestApi.diff(
        null,
        creation.getZone(),
        creation.getRecordsList().stream()
            .map(record -> RecordDiff.newBuilder().setAfter(record).build())
            .toArray(RecordDiff[]::new));
  }

  private void replaced(ZoneReplacement replacement, List<ZoneDiff> diffs) {
    Zone zone = api.find(replacement.getZone());
    Map<String, Record> rest = new TreeMap<>(api.records.get(zone.getName().getApex()));
    List<RecordDiff> different = new ArrayList<>();
    for (Record record : replacement.getRecordsList()) {
      Record before = rest.remove(TestApi.key(record));
      if (record.getType() == RecordType.RECORD_TYPE_SOA && before != null) {
        continue;
      }
      if (before == null) {
        different.add(RecordDiff.newBuilder().setAfter(record).build());
      } else if (!before.getDataList().equals(record.getDataList())) {
        different.add(RecordDiff.newBuilder().setBefore(before).setAfter(record).build());
      }
    }
    rest.values()
        .forEach(record -> different.add(RecordDiff.newBuilder().setBefore(record).build()));
    if (!different.isEmpty()) {
      diffs.add(TestApi.diff(zone, zone, different.toArray(RecordDiff[]::new)));
    }
  }
}
