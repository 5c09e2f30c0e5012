package io.flashdns.management.client;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import io.flashdns.proto.v1.*;
import io.flashdns.proto.v1.Record;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/** A server of the API on a port of loopback, with just enough behaviour to speak to. */
final class TestApi implements AutoCloseable {
  /** Among failures: this one goes well. */
  static final RuntimeException PASS = new IllegalStateException("pass");

  final List<Message> requests = new CopyOnWriteArrayList<>();
  final List<String> authorizations = new CopyOnWriteArrayList<>();
  final Queue<RuntimeException> failures = new ArrayDeque<>();
  final Map<String, Zone> zones = new TreeMap<>();
  final Map<String, Map<String, Record>> records = new TreeMap<>();
  final List<List<WatchChangesResponse>> watches = new ArrayList<>();
  final List<Policy> policies = new ArrayList<>();
  ChangeState state = ChangeState.CHANGE_STATE_IN_SYNC;
  long revision = 100;

  private final Server server;

  TestApi() throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(new Zones())
            .addService(new TestRecords(this))
            .addService(new Changing())
            .addService(new Access())
            .addService(new Nodes())
            .addService(new Tenants())
            .addService(new Sections())
            .intercept(
                new ServerInterceptor() {
                  @Override
                  public <Q, A> ServerCall.Listener<Q> interceptCall(
                      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
                    String header =
                        headers.get(
                            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER));
                    authorizations.add(header == null ? "" : header);
                    return next.startCall(call, headers);
                  }
                })
            .build()
            .start();
  }

  String address() {
    return "127.0.0.1:" + server.getPort();
  }

  Zone zone(String apex, String... records) {
    Zone zone =
        Zone.newBuilder()
            .setId(ZoneId.newBuilder().setValue("z-" + apex.replace('.', '-')))
            .setName(ZoneName.newBuilder().setApex(apex).setView("public"))
            .setProject(ProjectName.newBuilder().setOrganisation("acme").setProject("web"))
            .setSerial(5)
            .setSerialPolicy(SerialPolicy.SERIAL_POLICY_INCREMENT)
            .setEtag("e5")
            .setRecordCount(records.length)
            .setRevision(revision)
            .build();
    zones.put(apex, zone);
    Map<String, Record> content = new TreeMap<>();
    for (String record : records) {
      String[] words = record.split(" ", 4);
      content.merge(
          words[0] + " " + words[2],
          Record.newBuilder()
              .setName(words[0])
              .setTtl(Ttl.newBuilder().setSeconds(Integer.parseInt(words[1])))
              .setType(RecordType.valueOf("RECORD_TYPE_" + words[2]))
              .addData(RecordData.newBuilder().setText(words[3]))
              .build(),
          (old, more) -> old.toBuilder().addAllData(more.getDataList()).build());
    }
    this.records.put(apex, content);
    return zone;
  }

  <M extends Message> List<M> sent(Class<M> type) {
    return requests.stream().filter(type::isInstance).map(type::cast).toList();
  }

  static RuntimeException status(Code code, String message, Message... details) {
    com.google.rpc.Status.Builder status =
        com.google.rpc.Status.newBuilder().setCode(code.getNumber()).setMessage(message);
    for (Message detail : details) {
      status.addDetails(Any.pack(detail));
    }
    return StatusProto.toStatusRuntimeException(status.build());
  }

  static BadRequest violation(String field, String description) {
    return BadRequest.newBuilder()
        .addFieldViolations(
            BadRequest.FieldViolation.newBuilder().setField(field).setDescription(description))
        .build();
  }

  Zone find(ZoneRef ref) {
    for (Zone zone : zones.values()) {
      if (zone.getId().equals(ref.getId())
          || zone.getName().getApex().equals(ref.getName().getApex())) {
        return zone;
      }
    }
    throw status(
        Code.NOT_FOUND, "there is no zone " + ref.getName().getApex() + ", or you may not see it");
  }

  <A> void answer(Message request, StreamObserver<A> observer, Supplier<A> work) {
    requests.add(request);
    try {
      RuntimeException failure = failures.poll();
      if (failure != null && failure != PASS) {
        throw failure;
      }
      observer.onNext(work.get());
      observer.onCompleted();
    } catch (RuntimeException e) {
      observer.onError(e);
    }
  }

  Outcome outcome(boolean validateOnly, ZoneDiff... diffs) {
    return Outcome.newBuilder()
        .setChanged(diffs.length > 0)
        .setRevision(validateOnly || diffs.length == 0 ? revision : ++revision)
        .setValidatedOnly(validateOnly)
        .addAllZones(List.of(diffs))
        .build();
  }

  static ZoneDiff diff(Zone before, Zone after, RecordDiff... records) {
    ZoneDiff.Builder diff = ZoneDiff.newBuilder();
    Zone either = before == null ? after : before;
    diff.setName(either.getName()).setZone(either.getId());
    if (before != null) {
      diff.setBefore(before).setSerialBefore(before.getSerial());
    }
    if (after != null) {
      diff.setAfter(after).setSerialAfter(after.getSerial() + (records.length > 0 ? 1 : 0));
    }
    for (RecordDiff record : records) {
      diff.addRecords(record);
      if (!record.hasBefore()) {
        diff.setRecordsAdded(diff.getRecordsAdded() + 1);
      } else if (!record.hasAfter()) {
        diff.setRecordsRemoved(diff.getRecordsRemoved() + 1);
      } else {
        diff.setRecordsChanged(diff.getRecordsChanged() + 1);
      }
    }
    return diff.build();
  }

  static String key(Record record) {
    return record.getName() + " " + record.getType().name().substring("RECORD_TYPE_".length());
  }

  private final class Zones extends ZoneServiceGrpc.ZoneServiceImplBase {
    @Override
    public void createZone(CreateZoneRequest request, StreamObserver<CreateZoneResponse> to) {
      answer(
          request,
          to,
          () -> {
            Zone zone = request.getZone();
            if (!request.getValidateOnly()) {
              zone(zone.getName().getApex());
            }
            return CreateZoneResponse.newBuilder()
                .setZone(zone)
                .setOutcome(outcome(request.getValidateOnly(), diff(null, zone)))
                .build();
          });
    }

    @Override
    public void getZone(GetZoneRequest request, StreamObserver<GetZoneResponse> to) {
      answer(
          request, to, () -> GetZoneResponse.newBuilder().setZone(find(request.getZone())).build());
    }

    @Override
    public void listZones(ListZonesRequest request, StreamObserver<ListZonesResponse> to) {
      answer(
          request,
          to,
          () -> {
            int from =
                request.getPageToken().isEmpty() ? 0 : Integer.parseInt(request.getPageToken());
            int end = Math.min(zones.size(), from + Math.min(2, request.getPageSize()));
            return ListZonesResponse.newBuilder()
                .addAllZones(List.copyOf(zones.values()).subList(from, end))
                .setNextPageToken(end < zones.size() ? String.valueOf(end) : "")
                .build();
          });
    }

    @Override
    public void updateZone(UpdateZoneRequest request, StreamObserver<UpdateZoneResponse> to) {
      answer(
          request,
          to,
          () ->
              UpdateZoneResponse.newBuilder()
                  .setZone(request.getZone())
                  .setOutcome(outcome(request.getValidateOnly(), ZoneDiff.getDefaultInstance()))
                  .build());
    }

    @Override
    public void deleteZone(DeleteZoneRequest request, StreamObserver<DeleteZoneResponse> to) {
      answer(
          request,
          to,
          () -> {
            Zone zone = find(request.getZone());
            if (!request.getValidateOnly()) {
              zones.remove(zone.getName().getApex());
            }
            return DeleteZoneResponse.newBuilder()
                .setOutcome(outcome(request.getValidateOnly(), diff(zone, null)))
                .build();
          });
    }

    @Override
    public void rollbackZone(RollbackZoneRequest request, StreamObserver<RollbackZoneResponse> to) {
      answer(
          request,
          to,
          () -> {
            Zone zone = find(request.getZone());
            Record record = records.get(zone.getName().getApex()).values().iterator().next();
            return RollbackZoneResponse.newBuilder()
                .setZone(zone)
                .setOutcome(
                    outcome(
                        request.getValidateOnly(),
                        diff(zone, zone, RecordDiff.newBuilder().setBefore(record).build())))
                .build();
          });
    }

    @Override
    public void diffZone(DiffZoneRequest request, StreamObserver<DiffZoneResponse> to) {
      answer(
          request,
          to,
          () -> {
            Zone zone = find(request.getZone());
            boolean differs = request.getFromRevision() != 7;
            Record record = records.get(zone.getName().getApex()).values().iterator().next();
            Record after =
                record.toBuilder()
                    .setData(
                        0, RecordData.newBuilder().setA(AData.newBuilder().setAddress("192.0.2.9")))
                    .build();
            return DiffZoneResponse.newBuilder()
                .setDiff(
                    differs
                        ? diff(
                            zone,
                            zone,
                            RecordDiff.newBuilder().setBefore(record).setAfter(after).build())
                        : ZoneDiff.getDefaultInstance())
                .build();
          });
    }

    @Override
    public void listZoneHistory(
        ListZoneHistoryRequest request, StreamObserver<ListZoneHistoryResponse> to) {
      answer(
          request,
          to,
          () ->
              ListZoneHistoryResponse.newBuilder()
                  .addChanges(
                      Change.newBuilder()
                          .setRevision(99)
                          .setPrincipal("token:t1")
                          .addZones(
                              ZoneDiff.newBuilder()
                                  .setSerialBefore(4)
                                  .setSerialAfter(5)
                                  .setRecordsAdded(2)))
                  .setCompacted(true)
                  .build());
    }

    @Override
    public void exportZone(ExportZoneRequest request, StreamObserver<ExportZoneResponse> to) {
      requests.add(request);
      for (String part : List.of("$ORIGIN example.org.\n", "www 300 IN A 192.0.2.1\n")) {
        to.onNext(ExportZoneResponse.newBuilder().setChunk(ByteString.copyFromUtf8(part)).build());
      }
      to.onCompleted();
    }

    @Override
    public StreamObserver<ImportZoneRequest> importZone(StreamObserver<ImportZoneResponse> to) {
      return new StreamObserver<>() {
        private final StringBuilder file = new StringBuilder();
        private ImportZoneStart start = ImportZoneStart.getDefaultInstance();

        @Override
        public void onNext(ImportZoneRequest part) {
          requests.add(part);
          if (part.hasStart()) {
            start = part.getStart();
            to.onNext(
                ImportZoneResponse.newBuilder()
                    .setProgress(
                        ImportProgress.newBuilder().setPhase(ImportPhase.IMPORT_PHASE_READING))
                    .build());
          } else {
            file.append(part.getChunk().toString(StandardCharsets.UTF_8));
          }
        }

        @Override
        public void onError(Throwable t) {}

        @Override
        public void onCompleted() {
          if (file.indexOf("broken") >= 0) {
            to.onNext(
                ImportZoneResponse.newBuilder()
                    .setProblems(
                        ImportProblems.newBuilder()
                            .addProblems(
                                ImportProblem.newBuilder()
                                    .setLine(3)
                                    .setMessage("no such type: BROKEN")
                                    .setText("x broken \u001b[2J")))
                    .build());
            to.onError(status(Code.INVALID_ARGUMENT, "the file has problems"));
            return;
          }
          Zone zone = start.hasCreate() ? start.getCreate() : find(start.getZone());
          to.onNext(
              ImportZoneResponse.newBuilder()
                  .setResult(
                      ImportResult.newBuilder()
                          .setZone(zone)
                          .setRecords(file.chars().filter(c -> c == '\n').count())
                          .setOutcome(
                              outcome(
                                  start.getValidateOnly(),
                                  diff(
                                      zone,
                                      zone,
                                      RecordDiff.newBuilder()
                                          .setAfter(
                                              Record.newBuilder()
                                                  .setName("new." + zone.getName().getApex())
                                                  .setType(RecordType.RECORD_TYPE_TXT)
                                                  .addData(
                                                      RecordData.newBuilder().setText("\"x\"")))
                                          .build()))))
                  .build());
          to.onCompleted();
        }
      };
    }
  }

  private final class Changing extends ChangeServiceGrpc.ChangeServiceImplBase {
    @Override
    public void waitForChange(
        WaitForChangeRequest request, StreamObserver<WaitForChangeResponse> to) {
      answer(
          request,
          to,
          () ->
              WaitForChangeResponse.newBuilder()
                  .setRevision(request.getRevision() == 0 ? revision : request.getRevision())
                  .setStatus(
                      ChangeStatus.newBuilder()
                          .setState(state)
                          .setNodes(2)
                          .setNodesInSync(state == ChangeState.CHANGE_STATE_IN_SYNC ? 2 : 1))
                  .build());
    }

    @Override
    public void watchChanges(WatchChangesRequest request, StreamObserver<WatchChangesResponse> to) {
      requests.add(request);
      if (watches.isEmpty()) {
        to.onError(status(Code.OUT_OF_RANGE, "no longer kept"));
        return;
      }
      watches.removeFirst().forEach(to::onNext);
      to.onError(status(Code.UNAVAILABLE, "take it up again"));
    }
  }

  private final class Access extends AccessServiceGrpc.AccessServiceImplBase {
    @Override
    public void getIdentity(GetIdentityRequest request, StreamObserver<GetIdentityResponse> to) {
      answer(
          request,
          to,
          () -> {
            if (authorizations.getLast().isEmpty() || authorizations.getLast().endsWith("wrong")) {
              throw Status.UNAUTHENTICATED.withDescription("no token").asRuntimeException();
            }
            return GetIdentityResponse.newBuilder()
                .setIdentity(
                    Identity.newBuilder()
                        .setPrincipal("token:t1")
                        .setMethod(AuthenticationMethod.AUTHENTICATION_METHOD_TOKEN)
                        .addGrants(
                            IdentityGrant.newBuilder()
                                .setRole(Role.ROLE_ADMIN)
                                .setScope(
                                    Scope.newBuilder().setKind(ScopeKind.SCOPE_KIND_PLATFORM))))
                .build();
          });
    }

    @Override
    public void createToken(CreateTokenRequest request, StreamObserver<CreateTokenResponse> to) {
      answer(
          request,
          to,
          () ->
              CreateTokenResponse.newBuilder()
                  .setToken(request.getToken().toBuilder().setId("tk-1"))
                  .setSecret("s3cret")
                  .setOutcome(Outcome.newBuilder().setChanged(true))
                  .build());
    }

    @Override
    public void listPolicies(ListPoliciesRequest request, StreamObserver<ListPoliciesResponse> to) {
      answer(request, to, () -> ListPoliciesResponse.newBuilder().addAllPolicies(policies).build());
    }
  }

  private final class Tenants extends TenantServiceGrpc.TenantServiceImplBase {
    @Override
    public void createProject(
        CreateProjectRequest request, StreamObserver<CreateProjectResponse> to) {
      answer(
          request,
          to,
          () ->
              CreateProjectResponse.newBuilder()
                  .setProject(request.getProject())
                  .setOutcome(Outcome.newBuilder().setChanged(true))
                  .build());
    }

    @Override
    public void updateProjectQuotas(
        UpdateProjectQuotasRequest request, StreamObserver<UpdateProjectQuotasResponse> to) {
      answer(
          request,
          to,
          () ->
              UpdateProjectQuotasResponse.newBuilder()
                  .setOutcome(Outcome.newBuilder().setChanged(true))
                  .build());
    }
  }

  private final class Nodes extends NodeServiceGrpc.NodeServiceImplBase {
    @Override
    public void listNodes(ListNodesRequest request, StreamObserver<ListNodesResponse> to) {
      answer(
          request,
          to,
          () ->
              ListNodesResponse.newBuilder()
                  .addNodes(
                      Node.newBuilder()
                          .setId("ns1")
                          .setState(NodeState.NODE_STATE_SERVING)
                          .setServedRevision(100)
                          .setZones(12))
                  .build());
    }
  }

  private final class Sections extends SettingsServiceGrpc.SettingsServiceImplBase {
    private static final Settings RATELIMIT =
        Settings.newBuilder()
            .setSection("ratelimit")
            .setYaml("rate: 20\nslip: 2\n")
            .setUpdater("token:abc")
            .build();

    @Override
    public void listSettings(ListSettingsRequest request, StreamObserver<ListSettingsResponse> to) {
      answer(request, to, () -> ListSettingsResponse.newBuilder().addSettings(RATELIMIT).build());
    }

    @Override
    public void getSettings(GetSettingsRequest request, StreamObserver<GetSettingsResponse> to) {
      answer(request, to, () -> GetSettingsResponse.newBuilder().setSettings(RATELIMIT).build());
    }

    @Override
    public void updateSettings(
        UpdateSettingsRequest request, StreamObserver<UpdateSettingsResponse> to) {
      answer(
          request,
          to,
          () ->
              UpdateSettingsResponse.newBuilder()
                  .setOutcome(Outcome.newBuilder().setChanged(true).setRevision(++revision))
                  .build());
    }

    @Override
    public void deleteSettings(
        DeleteSettingsRequest request, StreamObserver<DeleteSettingsResponse> to) {
      answer(
          request,
          to,
          () ->
              DeleteSettingsResponse.newBuilder()
                  .setOutcome(Outcome.newBuilder().setChanged(true).setRevision(++revision))
                  .build());
    }
  }

  @Override
  public void close() {
    server.shutdownNow();
  }
}
