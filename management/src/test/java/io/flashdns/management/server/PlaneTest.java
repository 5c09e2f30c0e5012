package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.Any;
import com.google.protobuf.FieldMask;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ResourceInfo;
import io.flashdns.proto.v1.AData;
import io.flashdns.proto.v1.ApplyChangesRequest;
import io.flashdns.proto.v1.ApplyChangesResponse;
import io.flashdns.proto.v1.BatchCreateRecordsRequest;
import io.flashdns.proto.v1.BatchDeleteRecordsRequest;
import io.flashdns.proto.v1.ChangeServiceGrpc;
import io.flashdns.proto.v1.ChangeState;
import io.flashdns.proto.v1.CreateRecordRequest;
import io.flashdns.proto.v1.CreateRecordResponse;
import io.flashdns.proto.v1.CreateZoneRequest;
import io.flashdns.proto.v1.CreateZoneResponse;
import io.flashdns.proto.v1.DeleteRecordRequest;
import io.flashdns.proto.v1.DeleteZoneRequest;
import io.flashdns.proto.v1.DiffZoneRequest;
import io.flashdns.proto.v1.GetNodeRequest;
import io.flashdns.proto.v1.GetRecordRequest;
import io.flashdns.proto.v1.GetZoneRequest;
import io.flashdns.proto.v1.ListRecordsRequest;
import io.flashdns.proto.v1.ListRecordsResponse;
import io.flashdns.proto.v1.ListZoneHistoryRequest;
import io.flashdns.proto.v1.ListZonesRequest;
import io.flashdns.proto.v1.ListZonesResponse;
import io.flashdns.proto.v1.NodeServiceGrpc;
import io.flashdns.proto.v1.Outcome;
import io.flashdns.proto.v1.Record;
import io.flashdns.proto.v1.RecordData;
import io.flashdns.proto.v1.RecordEdit;
import io.flashdns.proto.v1.RecordId;
import io.flashdns.proto.v1.RecordSelector;
import io.flashdns.proto.v1.RecordServiceGrpc;
import io.flashdns.proto.v1.RecordType;
import io.flashdns.proto.v1.RollbackZoneRequest;
import io.flashdns.proto.v1.UndeleteZoneRequest;
import io.flashdns.proto.v1.UpdateRecordRequest;
import io.flashdns.proto.v1.UpdateZoneRequest;
import io.flashdns.proto.v1.WaitForChangeRequest;
import io.flashdns.proto.v1.Zone;
import io.flashdns.proto.v1.ZoneChange;
import io.flashdns.proto.v1.ZoneDiff;
import io.flashdns.proto.v1.ZoneEdit;
import io.flashdns.proto.v1.ZoneName;
import io.flashdns.proto.v1.ZoneRef;
import io.flashdns.proto.v1.ZoneServiceGrpc;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Zones and records by gRPC, as a client sees them. */
class PlaneTest {
  @TempDir private Path folder;
  private Plane plane;
  private ZoneServiceGrpc.ZoneServiceBlockingStub zones;
  private RecordServiceGrpc.RecordServiceBlockingStub records;
  private ChangeServiceGrpc.ChangeServiceBlockingStub changes;

  @BeforeEach
  void start() throws Exception {
    plane = Plane.start(folder);
    zones = ZoneServiceGrpc.newBlockingStub(plane.channel()).withCallCredentials(plane.admin());
    records = RecordServiceGrpc.newBlockingStub(plane.channel()).withCallCredentials(plane.admin());
    changes = ChangeServiceGrpc.newBlockingStub(plane.channel()).withCallCredentials(plane.admin());
  }

  @AfterEach
  void stop() throws Exception {
    plane.close();
  }

  private static ZoneRef ref(String apex) {
    return ZoneRef.newBuilder().setName(ZoneName.newBuilder().setApex(apex)).build();
  }

  private static Record a(String name, String... addresses) {
    Record.Builder record = Record.newBuilder().setName(name).setType(RecordType.RECORD_TYPE_A);
    for (String address : addresses) {
      record.addData(RecordData.newBuilder().setA(AData.newBuilder().setAddress(address)));
    }
    return record.build();
  }

  private CreateZoneResponse create(String apex, Record... with) {
    return zones.createZone(
        CreateZoneRequest.newBuilder()
            .setZone(Zone.newBuilder().setName(ZoneName.newBuilder().setApex(apex)))
            .addAllRecords(List.of(with))
            .build());
  }

  private static Status.Code code(Runnable call) {
    try {
      call.run();
      return Status.Code.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    }
  }

  @Test
  void zoneIsCreatedReadConfiguredAndDeleted() {
    CreateZoneResponse made = create("example.org", a("www.example.org", "192.0.2.1"));
    assertThat(made.getZone().getName().getApex()).isEqualTo("example.org.");
    assertThat(made.getZone().getRecordCount()).isEqualTo(3);
    assertThat(made.getOutcome().getChanged()).isTrue();

    Zone updated =
        zones
            .updateZone(
                UpdateZoneRequest.newBuilder()
                    .setZone(
                        made.getZone().toBuilder()
                            .clearEtag()
                            .putLabels("team", "web")
                            .setComment("ours"))
                    .build())
            .getZone();
    assertThat(updated.getLabelsMap()).containsEntry("team", "web");
    Zone read =
        zones.getZone(GetZoneRequest.newBuilder().setZone(ref("EXAMPLE.org.")).build()).getZone();
    assertThat(read.getComment()).isEqualTo("ours");
    assertThat(read.hasCreateTime()).isTrue();
    assertThat(read.hasUpdateTime()).isTrue();

    assertThat(
            code(
                () ->
                    zones.deleteZone(
                        DeleteZoneRequest.newBuilder()
                            .setZone(ref("example.org"))
                            .setEtag(made.getZone().getEtag())
                            .build())))
        .isEqualTo(Status.Code.ABORTED);
    zones.deleteZone(DeleteZoneRequest.newBuilder().setZone(ref("example.org")).build());
    assertThat(
            code(
                () ->
                    zones.getZone(GetZoneRequest.newBuilder().setZone(ref("example.org")).build())))
        .isEqualTo(Status.Code.NOT_FOUND);

    Zone back =
        zones
            .undeleteZone(
                UndeleteZoneRequest.newBuilder()
                    .setName(ZoneName.newBuilder().setApex("example.org"))
                    .build())
            .getZone();
    assertThat(back.getComment()).isEqualTo("ours");
    assertThat(back.getRecordCount()).isEqualTo(3);
  }

  @Test
  void recordIsCreatedReadUpdatedAndDeleted() {
    create("example.org");
    CreateRecordRequest request =
        CreateRecordRequest.newBuilder()
            .setZone(ref("example.org"))
            .setRecord(a("www.example.org", "192.0.2.1").toBuilder().putLabels("owner", "me"))
            .build();
    Record made = records.createRecord(request).getRecord();
    assertThat(made.getTtl().getSeconds()).isEqualTo(3600);
    assertThat(code(() -> records.createRecord(request))).isEqualTo(Status.Code.ALREADY_EXISTS);

    Record updated =
        records
            .updateRecord(
                UpdateRecordRequest.newBuilder()
                    .setZone(ref("example.org"))
                    .setRecord(a("www.example.org", "192.0.2.2"))
                    .build())
            .getRecord();
    assertThat(updated.getLabelsMap()).containsEntry("owner", "me");
    assertThat(updated.getData(0).getA().getAddress()).isEqualTo("192.0.2.2");
    assertThat(
            code(
                () ->
                    records.updateRecord(
                        UpdateRecordRequest.newBuilder()
                            .setZone(ref("example.org"))
                            .setRecord(a("www.example.org", "192.0.2.3"))
                            .setEtag(made.getEtag())
                            .build())))
        .isEqualTo(Status.Code.ABORTED);

    RecordId id =
        RecordId.newBuilder()
            .setZone(ref("example.org"))
            .setName("www.example.org")
            .setType(RecordType.RECORD_TYPE_A)
            .build();
    assertThat(records.getRecord(GetRecordRequest.newBuilder().setId(id).build()).getRecord())
        .isEqualTo(updated);
    records.deleteRecord(DeleteRecordRequest.newBuilder().setId(id).build());
    assertThat(code(() -> records.getRecord(GetRecordRequest.newBuilder().setId(id).build())))
        .isEqualTo(Status.Code.NOT_FOUND);
    assertThat(code(() -> records.deleteRecord(DeleteRecordRequest.newBuilder().setId(id).build())))
        .isEqualTo(Status.Code.NOT_FOUND);
    Record again =
        records
            .createRecord(request.toBuilder().setRecord(a("www.example.org", "192.0.2.1")).build())
            .getRecord();
    assertThat(again.getLabelsMap()).as("labels went with the record").isEmpty();
  }

  @Test
  void sameRequestIdGetsTheFirstAnswer() {
    create("example.org");
    CreateRecordRequest request =
        CreateRecordRequest.newBuilder()
            .setZone(ref("example.org"))
            .setRecord(a("www.example.org", "192.0.2.1"))
            .setRequestId("once")
            .build();
    CreateRecordResponse first = records.createRecord(request);
    CreateRecordResponse second = records.createRecord(request);
    assertThat(second.getRecord()).isEqualTo(first.getRecord());
    assertThat(first.getOutcome().getChanged()).isTrue();
    assertThat(second.getOutcome().getChanged()).isFalse();
  }

  @Test
  void validateOnlyTellsAndDoesNothing() {
    create("example.org");
    CreateRecordResponse told =
        records.createRecord(
            CreateRecordRequest.newBuilder()
                .setZone(ref("example.org"))
                .setRecord(a("www.example.org", "192.0.2.1"))
                .setValidateOnly(true)
                .build());
    assertThat(told.getOutcome().getValidatedOnly()).isTrue();
    assertThat(told.getOutcome().getZones(0).getRecordsAdded()).isEqualTo(1);
    assertThat(told.getOutcome().getZones(0).getRecordsCount()).isEqualTo(2);
    assertThat(listed("")).hasSize(2);
  }

  private List<Record> listed(String filter) {
    List<Record> all = new ArrayList<>();
    String token = "";
    do {
      ListRecordsResponse page =
          records.listRecords(
              ListRecordsRequest.newBuilder()
                  .setZone(ref("example.org"))
                  .setFilter(filter)
                  .setPageSize(7)
                  .setPageToken(token)
                  .build());
      all.addAll(page.getRecordsList());
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    return all;
  }

  @Test
  void recordsAreListedPageByPageAndFiltered() {
    create("example.org");
    BatchCreateRecordsRequest.Builder batch =
        BatchCreateRecordsRequest.newBuilder().setZone(ref("example.org"));
    for (int i = 0; i < 50; i++) {
      batch.addRecords(
          a("h" + i + ".sub.example.org", "192.0.2." + i).toBuilder().putLabels("n", "" + i % 5));
    }
    assertThat(records.batchCreateRecords(batch.build()).getRecordsCount()).isEqualTo(50);
    assertThat(listed("")).hasSize(52).doesNotHaveDuplicates();
    assertThat(listed("name = \"*.sub.example.org.\"")).hasSize(50);
    assertThat(listed("labels.n = \"3\"")).hasSize(10);
    assertThat(listed("name = \"h7.sub.example.org\"")).hasSize(1);
    assertThat(listed("type = SOA")).hasSize(1);
    assertThat(listed("data = \"192.0.2.1*\"")).hasSize(11);
    records.batchDeleteRecords(
        BatchDeleteRecordsRequest.newBuilder()
            .setZone(ref("example.org"))
            .addRecords(
                RecordSelector.newBuilder()
                    .setName("h1.sub.example.org")
                    .setType(RecordType.RECORD_TYPE_A))
            .addRecords(
                RecordSelector.newBuilder()
                    .setName("h2.sub.example.org")
                    .setType(RecordType.RECORD_TYPE_A))
            .build());
    assertThat(listed("")).hasSize(50);
  }

  @Test
  void zonesAreListedInBothOrders() {
    for (String apex :
        List.of("b.example", "a.b.example", "a.example", "c.example", "b.a.example")) {
      create(apex);
    }
    assertThat(names(""))
        .containsExactly("b.example.", "a.b.example.", "a.example.", "c.example.", "b.a.example.");
    assertThat(names("name"))
        .containsExactly("a.example.", "b.a.example.", "b.example.", "a.b.example.", "c.example.");
  }

  private List<String> names(String order) {
    List<String> names = new ArrayList<>();
    String token = "";
    do {
      ListZonesResponse page =
          zones.listZones(
              ListZonesRequest.newBuilder()
                  .setOrderBy(order)
                  .setPageSize(2)
                  .setPageToken(token)
                  .build());
      page.getZonesList().forEach(zone -> names.add(zone.getName().getApex()));
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    return names;
  }

  @Test
  void historyDifferencesAndRollback() {
    long first = create("example.org").getOutcome().getRevision();
    records.createRecord(
        CreateRecordRequest.newBuilder()
            .setZone(ref("example.org"))
            .setRecord(a("www.example.org", "192.0.2.1"))
            .build());
    var diff =
        zones.diffZone(
            DiffZoneRequest.newBuilder()
                .setZone(ref("example.org"))
                .setFromRevision(first)
                .build());
    assertThat(diff.getDiff().getRecordsAdded()).isEqualTo(1);
    assertThat(diff.getDiff().getRecordsList()).hasSize(2);
    zones.rollbackZone(
        RollbackZoneRequest.newBuilder().setZone(ref("example.org")).setRevision(first).build());
    assertThat(listed("")).hasSize(2);
    var history =
        zones.listZoneHistory(
            ListZoneHistoryRequest.newBuilder()
                .setZone(ref("example.org"))
                .setIncludeRecords(true)
                .build());
    assertThat(history.getChangesList()).hasSize(3);
    assertThat(history.getChanges(2).getZones(0).hasBefore()).isFalse();
    assertThat(
            zones
                .listZoneHistory(
                    ListZoneHistoryRequest.newBuilder()
                        .setZone(ref("example.org"))
                        .setFilter("name = \"www.example.org.\"")
                        .setOrderBy("revision")
                        .build())
                .getChangesCount())
        .isEqualTo(2);
  }

  @Test
  void changeSetsAreMadeWholeOrNotAtAll() {
    create("a.example");
    create("b.example");
    ApplyChangesRequest.Builder good =
        ApplyChangesRequest.newBuilder()
            .addChanges(edit("a.example", add("www.a.example", "192.0.2.1")))
            .addChanges(edit("b.example", add("www.b.example", "192.0.2.1")));
    ApplyChangesResponse made = records.applyChanges(good.build());
    assertThat(made.getZonesList()).hasSize(2);
    assertThat(made.getZones(0).getRevision()).isEqualTo(made.getZones(1).getRevision());
    assertThatThrownBy(
            () ->
                records.applyChanges(
                    ApplyChangesRequest.newBuilder()
                        .addChanges(edit("a.example", add("ftp.a.example", "192.0.2.1")))
                        .addChanges(edit("b.example", add("www.c.example", "192.0.2.1")))
                        .build()))
        .hasMessageContaining("changes[1].edit.edits[0]");
    assertThat(
            zones
                .getZone(GetZoneRequest.newBuilder().setZone(ref("a.example")).build())
                .getZone()
                .getRecordCount())
        .isEqualTo(3);
  }

  private static ZoneChange edit(String zone, RecordEdit... edits) {
    return ZoneChange.newBuilder()
        .setEdit(ZoneEdit.newBuilder().setZone(ref(zone)).addAllEdits(List.of(edits)))
        .build();
  }

  private static RecordEdit add(String name, String address) {
    return RecordEdit.newBuilder().setAdd(a(name, address)).build();
  }

  @Test
  void waitingEndsWhenTheChangeIsServed() {
    long revision = create("example.org").getOutcome().getRevision();
    var status =
        changes
            .waitForChange(WaitForChangeRequest.newBuilder().setRevision(revision).build())
            .getStatus();
    assertThat(status.getState()).isEqualTo(ChangeState.CHANGE_STATE_IN_SYNC);
    assertThat(status.getNodes()).isEqualTo(1);
    var node =
        NodeServiceGrpc.newBlockingStub(plane.channel())
            .withCallCredentials(plane.admin())
            .getNode(GetNodeRequest.getDefaultInstance())
            .getNode();
    assertThat(node.getServedRevision()).isGreaterThanOrEqualTo(revision);
  }

  private static <D extends Message> D refusal(Class<D> detail, Runnable call) {
    Throwable refused = catchThrowable(call::run);
    assertThat(refused).isInstanceOf(StatusRuntimeException.class);
    com.google.rpc.Status status = StatusProto.fromThrowable(refused);
    try {
      for (Any one : status.getDetailsList()) {
        if (one.is(detail)) {
          return one.unpack(detail);
        }
      }
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
    throw new AssertionError("there is no " + detail + " in " + status);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void requestIdBeyondItsBoundsIsAWrongField(boolean validateOnly) {
    for (String id : List.of("x".repeat(129), "caf\u00e9", "a\nb")) {
      BadRequest told =
          refusal(
              BadRequest.class,
              () ->
                  zones.createZone(
                      CreateZoneRequest.newBuilder()
                          .setZone(
                              Zone.newBuilder()
                                  .setName(ZoneName.newBuilder().setApex("example.org")))
                          .setRequestId(id)
                          .setValidateOnly(validateOnly)
                          .build()));
      assertThat(told.getFieldViolationsList())
          .singleElement()
          .satisfies(
              one -> {
                assertThat(one.getField()).isEqualTo("request_id");
                assertThat(one.getDescription()).contains("128 characters of printable ASCII");
              });
    }
    assertThat(
            code(
                () ->
                    zones.getZone(GetZoneRequest.newBuilder().setZone(ref("example.org")).build())))
        .isEqualTo(Status.Code.NOT_FOUND);
  }

  @Test
  void labelsAndCommentsOfARecordAreADifference() {
    create("example.org", a("www.example.org", "192.0.2.1"), a("b.example.org", "192.0.2.2"));
    UpdateRecordRequest asked =
        UpdateRecordRequest.newBuilder()
            .setZone(ref("example.org"))
            .setRecord(
                Record.newBuilder()
                    .setName("www.example.org")
                    .setType(RecordType.RECORD_TYPE_A)
                    .putLabels("team", "web")
                    .setComment("front"))
            .build();
    Outcome tried =
        records.updateRecord(asked.toBuilder().setValidateOnly(true).build()).getOutcome();
    assertThat(tried.getZonesList()).hasSize(1);
    assertThat(tried.getZones(0).getRecordsChanged()).isEqualTo(1);
    assertThat(tried.getZones(0).getSerialAfter()).isEqualTo(tried.getZones(0).getSerialBefore());
    assertThat(tried.getZones(0).getRecordsList())
        .singleElement()
        .satisfies(
            diff -> {
              assertThat(diff.getBefore().getLabelsMap()).isEmpty();
              assertThat(diff.getAfter().getLabelsMap()).containsExactly(Map.entry("team", "web"));
              assertThat(diff.getAfter().getComment()).isEqualTo("front");
              assertThat(diff.getAfter().getDataList()).isEqualTo(diff.getBefore().getDataList());
            });
    assertThat(records.updateRecord(asked).getOutcome().getZones(0).getRecordsChanged())
        .isEqualTo(1);
    assertThat(records.updateRecord(asked).getOutcome().getZonesList()).isEmpty();
  }

  @Test
  void labelsStandBesideTheDataThatDiffer() {
    create("example.org", a("www.example.org", "192.0.2.1"));
    Record labelled = a("www.example.org", "192.0.2.7").toBuilder().putLabels("k", "v").build();
    ZoneDiff put =
        records
            .updateRecord(
                UpdateRecordRequest.newBuilder()
                    .setZone(ref("example.org"))
                    .setRecord(labelled)
                    .setValidateOnly(true)
                    .build())
            .getOutcome()
            .getZones(0);
    assertThat(put.getRecordsChanged()).isEqualTo(2); // it and the SOA
    assertThat(put.getRecordsList())
        .anySatisfy(diff -> assertThat(diff.getAfter().getLabelsMap()).containsKey("k"));
    ZoneDiff made =
        records
            .createRecord(
                CreateRecordRequest.newBuilder()
                    .setZone(ref("example.org"))
                    .setRecord(labelled.toBuilder().setName("new.example.org"))
                    .setValidateOnly(true)
                    .build())
            .getOutcome()
            .getZones(0);
    assertThat(made.getRecordsAdded()).isEqualTo(1);
    assertThat(made.getRecordsList())
        .anySatisfy(diff -> assertThat(diff.getAfter().getLabelsMap()).containsKey("k"));
  }

  @Test
  void wrongPathOfAMaskIsNamedWhereItStands() {
    create("example.org", a("www.example.org", "192.0.2.1"));
    FieldMask mask = FieldMask.newBuilder().addPaths("name").build();
    BadRequest ofRecord =
        refusal(
            BadRequest.class,
            () ->
                records.updateRecord(
                    UpdateRecordRequest.newBuilder()
                        .setZone(ref("example.org"))
                        .setRecord(a("www.example.org", "192.0.2.1"))
                        .setUpdateMask(mask)
                        .build()));
    assertThat(ofRecord.getFieldViolations(0).getField()).isEqualTo("update_mask.paths[0]");
    BadRequest ofZone =
        refusal(
            BadRequest.class,
            () ->
                zones.updateZone(
                    UpdateZoneRequest.newBuilder()
                        .setZone(
                            Zone.newBuilder().setName(ZoneName.newBuilder().setApex("example.org")))
                        .setUpdateMask(mask)
                        .build()));
    assertThat(ofZone.getFieldViolations(0).getField()).isEqualTo("update_mask.paths[0]");
  }

  @Test
  void recordThatIsThereAlreadyIsNamed() {
    create("example.org", a("www.example.org", "192.0.2.1"));
    ResourceInfo told =
        refusal(
            ResourceInfo.class,
            () ->
                records.createRecord(
                    CreateRecordRequest.newBuilder()
                        .setZone(ref("example.org"))
                        .setRecord(a("www.example.org", "192.0.2.1"))
                        .build()));
    assertThat(told.getResourceType()).isEqualTo("record");
    assertThat(told.getResourceName()).isEqualTo("www.example.org. A");
  }

  @Test
  void zoneDoesNotRollBackBehindItsCreation() {
    create("other.example");
    create("example.org");
    assertThat(
            code(
                () ->
                    zones.rollbackZone(
                        RollbackZoneRequest.newBuilder()
                            .setZone(ref("example.org"))
                            .setRevision(1)
                            .build())))
        .isEqualTo(Status.Code.OUT_OF_RANGE);
  }
}
