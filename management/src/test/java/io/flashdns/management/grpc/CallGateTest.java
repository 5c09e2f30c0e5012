package io.flashdns.management.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Any;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.flashdns.management.identity.Credentials;
import io.flashdns.proto.v1.AuditDecision;
import io.flashdns.proto.v1.AuditEntry;
import io.flashdns.proto.v1.AuthenticationMethod;
import io.flashdns.proto.v1.ChangeServiceGrpc;
import io.flashdns.proto.v1.CreateZoneRequest;
import io.flashdns.proto.v1.ExportZoneRequest;
import io.flashdns.proto.v1.GetRecordRequest;
import io.flashdns.proto.v1.GetZoneRequest;
import io.flashdns.proto.v1.ImportZoneRequest;
import io.flashdns.proto.v1.ImportZoneResponse;
import io.flashdns.proto.v1.Permission;
import io.flashdns.proto.v1.RecordServiceGrpc;
import io.flashdns.proto.v1.WatchChangesRequest;
import io.flashdns.proto.v1.WatchChangesResponse;
import io.flashdns.proto.v1.Zone;
import io.flashdns.proto.v1.ZoneName;
import io.flashdns.proto.v1.ZoneRef;
import io.flashdns.proto.v1.ZoneServiceGrpc;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.StatusProto;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What every call passes on its way in, and what its caller is told. */
final class CallGateTest {
  static final Duration PATIENCE = Duration.ofSeconds(20);

  static GetZoneRequest get(String apex) {
    return GetZoneRequest.newBuilder()
        .setZone(ZoneRef.newBuilder().setName(ZoneName.newBuilder().setApex(apex)))
        .build();
  }

  static CreateZoneRequest create(String apex) {
    return CreateZoneRequest.newBuilder()
        .setZone(Zone.newBuilder().setName(ZoneName.newBuilder().setApex(apex)))
        .setRequestId("id-1")
        .build();
  }

  static ZoneServiceGrpc.ZoneServiceBlockingStub zones(Rig rig, String token) {
    return ZoneServiceGrpc.newBlockingStub(rig.channel()).withCallCredentials(Rig.as(token));
  }

  static StatusRuntimeException refused(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    StatusRuntimeException e = catchThrowableOfType(StatusRuntimeException.class, call);
    assertThat(e).as("a refusal").isNotNull();
    return e;
  }

  private static <T extends com.google.protobuf.Message> T detail(
      StatusRuntimeException e, Class<T> type) throws Exception {
    com.google.rpc.Status status = StatusProto.fromThrowable(e);
    assertThat(status).isNotNull();
    for (Any detail : status.getDetailsList()) {
      if (detail.is(type)) {
        return detail.unpack(type);
      }
    }
    throw new AssertionError("no " + type.getSimpleName() + " in " + status);
  }

  @Test
  void callOfOneWhoMayIsServedWithItsCallerKnown() throws Exception {
    try (Rig rig = Rig.open()) {
      assertThat(zones(rig, "viewer").getZone(get("example.org.")).getZone().getComment())
          .isEqualTo("read by token:viewer");
      assertThat(rig.seen.getFirst().source().getAddress().isLoopbackAddress()).isTrue();
      assertThat(rig.seen.getFirst().authorization()).containsExactly("Bearer viewer");
    }
  }

  @Test
  void callWithoutCredentialsIsUnauthenticatedAndReachesNoService() throws Exception {
    try (Rig rig = Rig.open()) {
      var stub = ZoneServiceGrpc.newBlockingStub(rig.channel());
      StatusRuntimeException e = refused(() -> stub.getZone(get("example.org.")));
      assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
      assertThat(e.getStatus().getDescription()).isEqualTo("bring one token, not none and not two");
      assertThat(rig.services.reached).hasValue(0);
    }
  }

  @Test
  void twoAuthorizationHeadersAreBothShownToTheAuthenticator() throws Exception {
    try (Rig rig = Rig.open()) {
      Metadata two = new Metadata();
      two.put(CallGate.AUTHORIZATION, "Bearer owner");
      two.put(CallGate.AUTHORIZATION, "Bearer viewer");
      var stub =
          ZoneServiceGrpc.newBlockingStub(rig.channel())
              .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(two));
      StatusRuntimeException e = refused(() -> stub.getZone(get("example.org.")));
      assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
      assertThat(rig.seen.getFirst().authorization())
          .containsExactlyInAnyOrder("Bearer owner", "Bearer viewer");
    }
  }

  @Test
  void nobodyBecomesSomebodyByOtherHeaders() throws Exception {
    try (Rig rig = Rig.open()) {
      Metadata headers = new Metadata();
      for (String name :
          List.of("x-tenant", "flashdns-ticket", "x-forwarded-user", "x-principal", "cookie")) {
        headers.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), "1");
      }
      var stub =
          ZoneServiceGrpc.newBlockingStub(rig.channel())
              .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
      assertThat(refused(() -> stub.getZone(get("example.org."))).getStatus().getCode())
          .isEqualTo(Status.Code.UNAUTHENTICATED);
    }
  }

  @Test
  void recognitionIsAskedBeforePermissionAndBeforeTheRequestIsRead() throws Exception {
    try (Rig rig = Rig.open()) {
      // The stream never sends a message, and gets its answer all the same.
      CompletableFuture<Throwable> end = new CompletableFuture<>();
      var _ =
          ZoneServiceGrpc.newStub(rig.channel())
              .withCallCredentials(Rig.as("nobody"))
              .importZone(ending(end));
      assertThat(Status.fromThrowable(end.get(20, TimeUnit.SECONDS)).getCode())
          .isEqualTo(Status.Code.PERMISSION_DENIED);
      CompletableFuture<Throwable> unknown = new CompletableFuture<>();
      var _ = ZoneServiceGrpc.newStub(rig.channel()).importZone(ending(unknown));
      assertThat(Status.fromThrowable(unknown.get(20, TimeUnit.SECONDS)).getCode())
          .isEqualTo(Status.Code.UNAUTHENTICATED);
      assertThat(rig.services.reached).hasValue(0);
    }
  }

  @Test
  void permissionThatIsHeldNowhereIsNamed() throws Exception {
    try (Rig rig = Rig.open()) {
      StatusRuntimeException e =
          refused(() -> zones(rig, "viewer").createZone(create("example.org.")));
      assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
      assertThat(detail(e, ErrorInfo.class))
          .isEqualTo(
              ErrorInfo.newBuilder()
                  .setDomain("flashdns")
                  .setReason("PERMISSION_MISSING")
                  .putMetadata("permission", "PERMISSION_ZONES_CREATE")
                  .build());
      assertThat(rig.services.reached).hasValue(0);
    }
  }

  @Test
  void deniedCallBecomesOneEntryAlsoWhenItOnlyReads() throws Exception {
    try (Rig rig = Rig.open()) {
      var stub =
          RecordServiceGrpc.newBlockingStub(rig.channel()).withCallCredentials(Rig.as("viewer"));
      refused(() -> stub.getRecord(GetRecordRequest.getDefaultInstance()));
      await().atMost(PATIENCE).until(() -> !rig.journal.isEmpty());
      rig.server.close();
      assertThat(rig.audit())
          .singleElement()
          .satisfies(
              entry -> {
                assertThat(entry.getDecision()).isEqualTo(AuditDecision.AUDIT_DECISION_DENIED);
                assertThat(entry.getPrincipal()).isEqualTo("token:viewer");
                assertThat(entry.getMethod())
                    .isEqualTo(AuthenticationMethod.AUTHENTICATION_METHOD_TOKEN);
                assertThat(entry.getCall()).isEqualTo("/flashdns.v1.RecordService/GetRecord");
                assertThat(entry.getPermission()).isEqualTo(Permission.PERMISSION_RECORDS_READ);
                assertThat(entry.getStatusCode()).isEqualTo(7);
                assertThat(entry.getSourceAddress()).startsWith("127.0.0.1:");
              });
    }
  }

  @Test
  void entryOfADeniedChangeSaysWhatWasAskedFor() throws Exception {
    try (Rig rig = Rig.open()) {
      StatusRuntimeException e =
          refused(() -> zones(rig, "viewer").createZone(create("example.org.")));
      assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
      assertThat(rig.services.reached).hasValue(0);
      rig.server.close();
      assertThat(rig.audit())
          .singleElement()
          .satisfies(
              entry -> {
                assertThat(entry.getDecision()).isEqualTo(AuditDecision.AUDIT_DECISION_DENIED);
                assertThat(entry.getRequestJson()).contains("\"apex\":\"example.org.\"");
                assertThat(entry.getRequestId()).isEqualTo("id-1");
              });
    }
  }

  @Test
  void unauthenticatedCallBecomesOneEntryWithoutAPrincipal() throws Exception {
    try (Rig rig = Rig.open()) {
      refused(() -> zones(rig, "forged").getZone(get("example.org.")));
      rig.server.close();
      assertThat(rig.audit())
          .singleElement()
          .satisfies(
              entry -> {
                assertThat(entry.getDecision())
                    .isEqualTo(AuditDecision.AUDIT_DECISION_UNAUTHENTICATED);
                assertThat(entry.getPrincipal()).isEmpty();
                assertThat(entry.getStatusCode()).isEqualTo(16);
                assertThat(entry.toString()).doesNotContain("forged");
              });
    }
  }

  @Test
  void changingCallWithoutAnEntryOfItsOwnGetsOneAndOnlyOne() throws Exception {
    try (Rig rig = Rig.open()) {
      var stub = zones(rig, "owner");
      stub.createZone(create("example.org."));
      stub.createZone(create("journaled."));
      refused(() -> stub.createZone(create("missing.")));
      refused(() -> stub.createZone(create("broken.")));
      refused(() -> stub.createZone(create("denied.")));
      stub.getZone(get("example.org."));
      refused(() -> stub.getZone(get("missing.")));
      rig.server.close();
      assertThat(rig.audit().stream().map(AuditEntry::getStatusCode))
          .containsExactlyInAnyOrder(0, 5, 13, 7);
      assertThat(rig.audit().stream().map(AuditEntry::getDecision))
          .containsExactlyInAnyOrder(
              AuditDecision.AUDIT_DECISION_ALLOWED,
              AuditDecision.AUDIT_DECISION_ALLOWED,
              AuditDecision.AUDIT_DECISION_ALLOWED,
              AuditDecision.AUDIT_DECISION_DENIED);
      assertThat(rig.audit())
          .allSatisfy(entry -> assertThat(entry.getRequestId()).isEqualTo("id-1"))
          .allSatisfy(entry -> assertThat(entry.getRequestJson()).contains("\"apex\":"));
    }
  }

  @Test
  void refusalKeepsItsDetails() throws Exception {
    try (Rig rig = Rig.open()) {
      StatusRuntimeException e = refused(() -> zones(rig, "viewer").getZone(get("missing.")));
      assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
      assertThat(detail(e, com.google.rpc.ResourceInfo.class).getResourceName())
          .isEqualTo("missing.");
      StatusRuntimeException away = refused(() -> zones(rig, "viewer").getZone(get("away.")));
      assertThat(away.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(detail(away, RetryInfo.class)).isNotNull();
    }
  }

  @Test
  void thousandViolationsFitIntoTheHeadersOfAClient() throws Exception {
    try (Rig rig = Rig.open()) {
      StatusRuntimeException e = refused(() -> zones(rig, "viewer").getZone(get("wrong.")));
      assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
      BadRequest told = detail(e, BadRequest.class);
      assertThat(told.getFieldViolationsCount()).isBetween(20, 100);
      assertThat(told.getFieldViolations(told.getFieldViolationsCount() - 1).getDescription())
          .contains("more, which do not fit");
    }
  }

  @Test
  void faultOfTheServerSaysNothingButANumber() throws Exception {
    try (Rig rig = Rig.open()) {
      for (String apex : List.of("broken.", "deep.")) {
        StatusRuntimeException e = refused(() -> zones(rig, "viewer").getZone(get(apex)));
        assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INTERNAL);
        assertThat(e.getStatus().getDescription())
            .matches("the server failed at this call: its log has more under the number [a-z0-9]+");
        assertThat(StatusProto.fromThrowable(e).toString())
            .doesNotContain("secret")
            .doesNotContain("Exception")
            .doesNotContain("at io.");
      }
      assertThat(rig.server.counts().failed()).isEqualTo(2);
    }
  }

  @Test
  void authenticatorThatFailsLetsNobodyIn() throws Exception {
    try (Rig rig = Rig.open()) {
      StatusRuntimeException e = refused(() -> zones(rig, "crash").getZone(get("example.org.")));
      assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INTERNAL);
      assertThat(e.getMessage()).doesNotContain("secret");
      assertThat(rig.services.reached).hasValue(0);
    }
  }

  @Test
  void readThatTakesTooLongIsEndedAndItsThreadWoken() throws Exception {
    try (Rig rig = Rig.open(Limits.deadline(Duration.ofMillis(300)))) {
      StatusRuntimeException e = refused(() -> zones(rig, "viewer").getZone(get("slow.")));
      assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
      assertThat(rig.services.woken.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void changeThatTakesTooLongIsToldSoAndWorksOnToItsEnd() throws Exception {
    try (Rig rig = Rig.open(Limits.deadline(Duration.ofMillis(300)))) {
      StatusRuntimeException e = refused(() -> zones(rig, "owner").createZone(create("held.")));
      assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
      assertThat(rig.services.woken.availablePermits()).isZero();
      assertThat(rig.journal).as("told when it is known what came of it").isEmpty();
      rig.services.release.countDown();
      await().atMost(PATIENCE).until(() -> rig.journal.size() == 1);
      assertThat(rig.audit().getFirst().getStatusCode()).isEqualTo(4);
    }
  }

  @Test
  void clientThatGoesAwayWakesItsRead() throws Exception {
    try (Rig rig = Rig.open()) {
      var future =
          ZoneServiceGrpc.newFutureStub(rig.channel())
              .withCallCredentials(Rig.as("viewer"))
              .getZone(get("slow."));
      assertThat(rig.services.waiting.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
      future.cancel(true);
      assertThat(rig.services.woken.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void fileIsImportedInPiecesAndExportedInPieces() throws Exception {
    try (Rig rig = Rig.open()) {
      CompletableFuture<Throwable> end = new CompletableFuture<>();
      List<ImportZoneResponse> answers = new CopyOnWriteArrayList<>();
      StreamObserver<ImportZoneRequest> up =
          ZoneServiceGrpc.newStub(rig.channel())
              .withCallCredentials(Rig.as("owner"))
              .importZone(collecting(answers, end));
      ImportZoneRequest piece =
          ImportZoneRequest.newBuilder()
              .setChunk(com.google.protobuf.ByteString.copyFrom(new byte[1000]))
              .build();
      for (int i = 0; i < 50; i++) {
        up.onNext(piece);
      }
      up.onCompleted();
      assertThat(end.get(20, TimeUnit.SECONDS)).isNull();
      assertThat(answers).hasSize(50);
      int[] chunks = {0};
      zones(rig, "owner")
          .exportZone(ExportZoneRequest.getDefaultInstance())
          .forEachRemaining(_ -> chunks[0]++);
      assertThat(chunks[0]).isEqualTo(100);
      rig.server.close();
      assertThat(rig.audit())
          .singleElement()
          .satisfies(e -> assertThat(e.getStatusCode()).isZero());
    }
  }

  @Test
  void errorOfAStreamIsToldAsAnyOther() throws Exception {
    try (Rig rig = Rig.open()) {
      CompletableFuture<Throwable> end = new CompletableFuture<>();
      StreamObserver<ImportZoneRequest> up =
          ZoneServiceGrpc.newStub(rig.channel())
              .withCallCredentials(Rig.as("owner"))
              .importZone(ending(end));
      up.onCompleted();
      assertThat(Status.fromThrowable(end.get(20, TimeUnit.SECONDS)).getDescription())
          .isEqualTo("start: the first message must have it");
    }
  }

  @Test
  void watchIsClosedWhenTheCredentialsExpire() throws Exception {
    try (Rig rig = Rig.open()) {
      rig.briefUntil = Instant.now().plusMillis(1_500);
      CompletableFuture<Throwable> end = new CompletableFuture<>();
      watch(rig, "brief", end);
      assertThat(rig.services.waiting.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
      Status status = Status.fromThrowable(end.get(20, TimeUnit.SECONDS));
      assertThat(status.getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
      assertThat(rig.services.woken.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
      // And from then on they are worth nothing.
      assertThat(
              refused(() -> zones(rig, "brief").getZone(get("example.org."))).getStatus().getCode())
          .isEqualTo(Status.Code.UNAUTHENTICATED);
    }
  }

  @Test
  void watchIsClosedAfterItsTimeToBeTakenUpAgain() throws Exception {
    try (Rig rig = Rig.open(Limits.watchDeadline(Duration.ofMillis(400)))) {
      CompletableFuture<Throwable> end = new CompletableFuture<>();
      watch(rig, "viewer", end);
      assertThat(Status.fromThrowable(end.get(20, TimeUnit.SECONDS)).getCode())
          .isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(rig.services.woken.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void drainEndsWatchesAtOnceAndLetsCallsEnd() throws Exception {
    try (Rig rig = Rig.open()) {
      CompletableFuture<Throwable> end = new CompletableFuture<>();
      watch(rig, "viewer", end);
      var held =
          ZoneServiceGrpc.newFutureStub(rig.channel())
              .withCallCredentials(Rig.as("viewer"))
              .getZone(get("held."));
      assertThat(rig.services.waiting.tryAcquire(2, 20, TimeUnit.SECONDS)).isTrue();
      Thread drain = Thread.ofVirtual().start(() -> rig.server.drain(Duration.ofSeconds(20)));
      assertThat(Status.fromThrowable(end.get(20, TimeUnit.SECONDS)).getCode())
          .isEqualTo(Status.Code.UNAVAILABLE);
      rig.services.release.countDown();
      assertThat(held.get(20, TimeUnit.SECONDS).getZone().getName().getApex()).isEqualTo("held.");
      assertThat(drain.join(Duration.ofSeconds(10))).isTrue();
    }
  }

  @Test
  void healthIsToldToEverybodyAndSaysWhatItWasTold() throws Exception {
    try (Rig rig = Rig.open()) {
      var health = HealthGrpc.newBlockingStub(rig.channel());
      HealthCheckRequest all = HealthCheckRequest.getDefaultInstance();
      assertThat(health.check(all).getStatus()).isEqualTo(ServingStatus.SERVING);
      rig.server.serving(false);
      assertThat(health.check(all).getStatus()).isEqualTo(ServingStatus.NOT_SERVING);
    }
  }

  @Test
  void reflectionIsOffUnlessAskedForAndThenForCallersWhoAreKnown() throws Exception {
    try (Rig off = Rig.open()) {
      assertThat(Status.fromThrowable(reflect(off, "owner").get(20, TimeUnit.SECONDS)).getCode())
          .isEqualTo(Status.Code.UNIMPLEMENTED);
    }
    try (Rig on = Rig.open(Rig.config().withReflection(true))) {
      assertThat(Status.fromThrowable(reflect(on, "forged").get(20, TimeUnit.SECONDS)).getCode())
          .isEqualTo(Status.Code.UNAUTHENTICATED);
      assertThat(reflect(on, "nobody").get(20, TimeUnit.SECONDS)).isNull();
    }
  }

  @Test
  void writesBeyondTheRateAreToldHowLongToWait() throws Exception {
    try (Rig rig = Rig.open(Limits.writesPerSecond(1))) {
      var stub = zones(rig, "owner");
      stub.createZone(create("a."));
      stub.createZone(create("b."));
      StatusRuntimeException e = refused(() -> stub.createZone(create("c.")));
      assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
      RetryInfo retry = detail(e, RetryInfo.class);
      assertThat(retry.getRetryDelay().getSeconds()).isLessThanOrEqualTo(1);
      assertThat(zones(rig, "other").createZone(create("d.")).hasZone())
          .as("another identity has its own rate")
          .isTrue();
      assertThat(stub.getZone(get("a.")).hasZone()).as("reads have none").isTrue();
    }
  }

  @Test
  void rateOfZeroIsNone() throws Exception {
    try (Rig rig = Rig.open(Limits.writesPerSecond(0))) {
      var stub = zones(rig, "owner");
      for (int i = 0; i < 300; i++) {
        stub.createZone(create("journaled."));
      }
      assertThat(rig.server.counts().limited()).isZero();
    }
  }

  @Test
  void callsOfOneIdentityAreBoundedAndThoseOfOthersGoOn() throws Exception {
    try (Rig rig = Rig.open(Limits.callsPerIdentity(2))) {
      var channel = rig.channel();
      var stub = ZoneServiceGrpc.newFutureStub(channel).withCallCredentials(Rig.as("viewer"));
      var one = stub.getZone(get("held."));
      var two = stub.getZone(get("held."));
      assertThat(rig.services.waiting.tryAcquire(2, 20, TimeUnit.SECONDS)).isTrue();
      ExecutionException e =
          catchThrowableOfType(
              ExecutionException.class, () -> stub.getZone(get("a.")).get(20, TimeUnit.SECONDS));
      assertThat(Status.fromThrowable(e).getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
      assertThat(zones(rig, "other").getZone(get("a.")).hasZone()).isTrue();
      rig.services.release.countDown();
      one.get(20, TimeUnit.SECONDS);
      two.get(20, TimeUnit.SECONDS);
      await()
          .atMost(PATIENCE)
          .ignoreException(ExecutionException.class)
          .until(() -> stub.getZone(get("a.")).get(20, TimeUnit.SECONDS).hasZone());
    }
  }

  @Test
  void credentialsAreNotHandedToServices() throws Exception {
    try (Rig rig = Rig.open()) {
      zones(rig, "owner").createZone(create("example.org."));
      rig.server.close();
      assertThat(rig.audit().toString()).doesNotContain("Bearer");
      assertThat(rig.seen).extracting(Credentials::toString).isNotEmpty();
    }
  }

  private static void watch(Rig rig, String token, CompletableFuture<Throwable> end) {
    ChangeServiceGrpc.newStub(rig.channel())
        .withCallCredentials(Rig.as(token))
        .watchChanges(
            WatchChangesRequest.getDefaultInstance(),
            CallGateTest.<WatchChangesResponse>ending(end));
  }

  private static CompletableFuture<Throwable> reflect(Rig rig, String token) {
    CompletableFuture<Throwable> end = new CompletableFuture<>();
    StreamObserver<ServerReflectionRequest> ask =
        ServerReflectionGrpc.newStub(rig.channel())
            .withCallCredentials(Rig.as(token))
            .serverReflectionInfo(CallGateTest.<ServerReflectionResponse>ending(end));
    ask.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
    ask.onCompleted();
    return end;
  }

  static <A> StreamObserver<A> ending(CompletableFuture<Throwable> end) {
    return collecting(new CopyOnWriteArrayList<>(), end);
  }

  private static <A> StreamObserver<A> collecting(
      List<A> answers, CompletableFuture<Throwable> end) {
    return new StreamObserver<>() {
      @Override
      public void onNext(A answer) {
        answers.add(answer);
      }

      @Override
      public void onError(Throwable fault) {
        end.complete(fault);
      }

      @Override
      public void onCompleted() {
        end.complete(null);
      }
    };
  }
}
