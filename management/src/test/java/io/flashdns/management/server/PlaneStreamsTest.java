package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.flashdns.proto.v1.AuditEntry;
import io.flashdns.proto.v1.AuditServiceGrpc;
import io.flashdns.proto.v1.ChangeServiceGrpc;
import io.flashdns.proto.v1.CreateZoneRequest;
import io.flashdns.proto.v1.DeleteZoneRequest;
import io.flashdns.proto.v1.ExportZoneRequest;
import io.flashdns.proto.v1.ImportMode;
import io.flashdns.proto.v1.ImportZoneRequest;
import io.flashdns.proto.v1.ImportZoneResponse;
import io.flashdns.proto.v1.ImportZoneStart;
import io.flashdns.proto.v1.ListAuditEntriesRequest;
import io.flashdns.proto.v1.WatchChangesRequest;
import io.flashdns.proto.v1.WatchChangesResponse;
import io.flashdns.proto.v1.Zone;
import io.flashdns.proto.v1.ZoneName;
import io.flashdns.proto.v1.ZoneRef;
import io.flashdns.proto.v1.ZoneServiceGrpc;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Imports, exports and streams of changes, as a client sees them. */
class PlaneStreamsTest {
  private static final String FILE =
      """
      $ORIGIN example.org.
      $TTL 300
      @ IN SOA ns1 hostmaster 7 7200 900 1209600 300
      @ IN NS ns1
      ns1 IN A 192.0.2.53
      www IN A 192.0.2.1
      www IN AAAA 2001:db8::1
      """;

  @TempDir private Path folder;
  private Plane plane;
  private ZoneServiceGrpc.ZoneServiceBlockingStub zones;

  @BeforeEach
  void start() throws Exception {
    plane = Plane.start(folder);
    zones = ZoneServiceGrpc.newBlockingStub(plane.channel()).withCallCredentials(plane.admin());
  }

  @AfterEach
  void stop() throws Exception {
    plane.close();
  }

  /** What an import told. */
  private static final class Told implements StreamObserver<ImportZoneResponse> {
    final List<ImportZoneResponse> all = Collections.synchronizedList(new ArrayList<>());
    final CountDownLatch end = new CountDownLatch(1);
    volatile Status status = Status.OK;

    @Override
    public void onNext(ImportZoneResponse value) {
      all.add(value);
    }

    @Override
    public void onError(Throwable t) {
      status = Status.fromThrowable(t);
      end.countDown();
    }

    @Override
    public void onCompleted() {
      end.countDown();
    }

    ImportZoneResponse last() {
      return all.getLast();
    }

    long problems() {
      return all.stream().mapToLong(one -> one.getProblems().getProblemsCount()).sum();
    }
  }

  private Told send(ImportZoneStart.Builder start, String file) throws Exception {
    Told told = new Told();
    StreamObserver<ImportZoneRequest> out =
        ZoneServiceGrpc.newStub(plane.channel())
            .withCallCredentials(plane.admin())
            .importZone(told);
    out.onNext(ImportZoneRequest.newBuilder().setStart(start).build());
    byte[] octets = file.getBytes(StandardCharsets.UTF_8);
    for (int at = 0; at < octets.length; at += 31) {
      out.onNext(
          ImportZoneRequest.newBuilder()
              .setChunk(ByteString.copyFrom(octets, at, Math.min(31, octets.length - at)))
              .build());
    }
    out.onCompleted();
    assertThat(told.end.await(30, TimeUnit.SECONDS)).isTrue();
    return told;
  }

  private static Zone zone() {
    return Zone.newBuilder().setName(ZoneName.newBuilder().setApex("example.org")).build();
  }

  private static ZoneRef ref() {
    return ZoneRef.newBuilder().setName(ZoneName.newBuilder().setApex("example.org")).build();
  }

  private String exported() {
    StringBuilder text = new StringBuilder();
    zones
        .exportZone(ExportZoneRequest.newBuilder().setZone(ref()).build())
        .forEachRemaining(part -> text.append(part.getChunk().toStringUtf8()));
    return text.toString();
  }

  @Test
  void fileMakesAZoneAndComesBackAsAFile() throws Exception {
    Told told = send(ImportZoneStart.newBuilder().setCreate(zone()), FILE);
    assertThat(told.status.getCode()).isEqualTo(Status.Code.OK);
    assertThat(told.last().getResult().getRecords()).isEqualTo(5);
    assertThat(told.last().getResult().getZone().getSerial()).isEqualTo(7);
    String digest = told.last().getResult().getZone().getDigest();

    String text = exported();
    zones.deleteZone(DeleteZoneRequest.newBuilder().setZone(ref()).build());
    Told again = send(ImportZoneStart.newBuilder().setCreate(zone()), text);
    assertThat(again.last().getResult().getZone().getDigest()).isEqualTo(digest);
  }

  @Test
  void auditLogTellsATriedImportFromOneThatWasMade() throws Exception {
    ImportZoneStart.Builder start = ImportZoneStart.newBuilder().setCreate(zone());
    var _ = send(start.clone().setValidateOnly(true).setRequestId("tried"), FILE);
    var _ = send(start.clone().setRequestId("made"), FILE);
    var audit =
        AuditServiceGrpc.newBlockingStub(plane.channel()).withCallCredentials(plane.admin());
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () ->
                assertThat(
                        audit
                            .listAuditEntries(ListAuditEntriesRequest.getDefaultInstance())
                            .getEntriesList())
                    .extracting(
                        AuditEntry::getRequestId,
                        AuditEntry::getValidateOnly,
                        entry ->
                            entry.getZonesList().stream()
                                .map(zone -> zone.getName().getApex())
                                .toList())
                    .contains(
                        tuple("tried", true, List.of("example.org.")),
                        tuple("made", false, List.of("example.org."))));
  }

  @Test
  void fileReplacesWhatDiffersAloneAndTheSerialMoves() throws Exception {
    var _ = send(ImportZoneStart.newBuilder().setCreate(zone()), FILE);
    Told same = send(ImportZoneStart.newBuilder().setZone(ref()), FILE);
    assertThat(same.last().getResult().getOutcome().getChanged()).isFalse();

    Told preview =
        send(
            ImportZoneStart.newBuilder().setZone(ref()).setValidateOnly(true),
            FILE.replace("192.0.2.1\n", "192.0.2.2\n"));
    assertThat(preview.last().getResult().getOutcome().getZones(0).getRecordsList()).hasSize(2);
    assertThat(exported()).contains("192.0.2.1\n");

    Told changed =
        send(
            ImportZoneStart.newBuilder().setZone(ref()),
            FILE.replace("192.0.2.1\n", "192.0.2.2\n"));
    assertThat(changed.last().getResult().getZone().getSerial()).isEqualTo(8);
    assertThat(exported()).contains("192.0.2.2\n").doesNotContain("192.0.2.1\n");
  }

  @Test
  void mergedFileLeavesTheOthers() throws Exception {
    var _ = send(ImportZoneStart.newBuilder().setCreate(zone()), FILE);
    Told merged =
        send(
            ImportZoneStart.newBuilder().setZone(ref()).setMode(ImportMode.IMPORT_MODE_MERGE),
            "ftp 60 IN A 192.0.2.9\nwww 60 IN A 192.0.2.8\n");
    assertThat(merged.status.getCode()).as("%s", merged.status).isEqualTo(Status.Code.OK);
    assertThat(exported()).contains("192.0.2.8", "192.0.2.9", "2001:db8::1");
  }

  @Test
  void everyProblemIsToldAndNothingIsChanged() throws Exception {
    Told told =
        send(
            ImportZoneStart.newBuilder().setCreate(zone()),
            FILE + "bad IN A 192.0.2.999\nworse IN MX ten mail\nwww IN CNAME other\n");
    assertThat(told.status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(told.problems()).isEqualTo(3);
    assertThat(plane.store().state().zones()).isZero();
  }

  @Test
  void watchTellsEachChangeOnceAndGoesOnFromItsToken() throws Exception {
    var stub =
        ChangeServiceGrpc.newBlockingStub(plane.channel()).withCallCredentials(plane.admin());
    List<WatchChangesResponse> seen = Collections.synchronizedList(new ArrayList<>());
    Context.CancellableContext context = Context.current().withCancellation();
    Thread watcher =
        Thread.ofVirtual()
            .start(
                context.wrap(
                    () -> {
                      try {
                        Iterator<WatchChangesResponse> stream =
                            stub.watchChanges(
                                WatchChangesRequest.newBuilder()
                                    .setAfterRevision(0)
                                    .setIncludeRecords(true)
                                    .build());
                        stream.forEachRemaining(seen::add);
                      } catch (RuntimeException _) {
                        // Broken off.
                      }
                    }));
    for (String apex : List.of("a.example", "b.example", "c.example")) {
      var _ =
          zones.createZone(
              CreateZoneRequest.newBuilder()
                  .setZone(Zone.newBuilder().setName(ZoneName.newBuilder().setApex(apex)))
                  .build());
    }
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> seen.stream().filter(WatchChangesResponse::hasChange).count() == 3);
    context.cancel(null);
    watcher.join();
    List<WatchChangesResponse> changes =
        seen.stream().filter(WatchChangesResponse::hasChange).toList();
    assertThat(changes)
        .extracting(one -> one.getChange().getZones(0).getName().getApex())
        .containsExactly("a.example.", "b.example.", "c.example.");
    assertThat(changes.getFirst().getChange().getZones(0).getRecordsList()).hasSize(2);

    Iterator<WatchChangesResponse> resumed =
        stub.withDeadlineAfter(10, TimeUnit.SECONDS)
            .watchChanges(
                WatchChangesRequest.newBuilder()
                    .setResumeToken(changes.get(1).getResumeToken())
                    .build());
    WatchChangesResponse next = resumed.next();
    while (!next.hasChange()) {
      next = resumed.next();
    }
    assertThat(next.getChange().getRevision()).isEqualTo(changes.get(2).getChange().getRevision());
  }
}
