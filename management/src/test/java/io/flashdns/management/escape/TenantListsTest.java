package io.flashdns.management.escape;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.rpc.Code;
import io.flashdns.management.escape.Contract.Method;
import io.flashdns.management.escape.Doors.Door;
import io.flashdns.management.identity.IssuerConfig;
import io.flashdns.management.identity.RealIssuer;
import io.flashdns.management.server.Plane;
import io.flashdns.proto.v1.AccessServiceGrpc;
import io.flashdns.proto.v1.ApplyChangesRequest;
import io.flashdns.proto.v1.AuditEntry;
import io.flashdns.proto.v1.ChangeServiceGrpc;
import io.flashdns.proto.v1.CreateTokenRequest;
import io.flashdns.proto.v1.GetQuotasRequest;
import io.flashdns.proto.v1.ListAuditEntriesRequest;
import io.flashdns.proto.v1.ListAuditEntriesResponse;
import io.flashdns.proto.v1.ProjectName;
import io.flashdns.proto.v1.Quota;
import io.flashdns.proto.v1.Record;
import io.flashdns.proto.v1.RecordData;
import io.flashdns.proto.v1.RecordEdit;
import io.flashdns.proto.v1.RecordServiceGrpc;
import io.flashdns.proto.v1.RecordType;
import io.flashdns.proto.v1.Role;
import io.flashdns.proto.v1.Scope;
import io.flashdns.proto.v1.ScopeKind;
import io.flashdns.proto.v1.TenantServiceGrpc;
import io.flashdns.proto.v1.Token;
import io.flashdns.proto.v1.TxtData;
import io.flashdns.proto.v1.WatchChangesRequest;
import io.flashdns.proto.v1.WatchChangesResponse;
import io.flashdns.proto.v1.ZoneChange;
import io.flashdns.proto.v1.ZoneEdit;
import io.flashdns.proto.v1.ZoneId;
import io.flashdns.proto.v1.ZoneRef;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is told without being asked for by name: lists, streams, totals, the audit log. */
class TenantListsTest {
  private static final String AUDIENCE = "flashdns";
  private static final List<String> FIELDS =
      List.of(
          "id",
          "name",
          "organisation",
          "project",
          "display_name",
          "creator",
          "principal",
          "comment",
          "labels.team",
          "zone",
          "zone_name",
          "granter",
          "grantee",
          "call",
          "request_id");

  private static final int TIMED_CALLS = 200;
  private static final int WARM_UP_CALLS = 50;

  @TempDir private static Path folder;
  private static final Contract CONTRACT = new Contract();
  private static RealIssuer issuer;
  private static Plane plane;
  private static Doors doors;
  private static Tenants tenants;
  private static Marks marks;
  private static Place other;

  @BeforeAll
  static void start() throws Exception {
    issuer = RealIssuer.rsa("tenants");
    plane =
        Plane.start(
            folder,
            api -> api.withReflection(true),
            List.of(IssuerConfig.of(issuer.url(), AUDIENCE)));
    doors = new Doors(plane);
    tenants = new Tenants(plane, issuer, AUDIENCE, "mk7q5z");
    other = tenants.place(Place.Kind.FOREIGN);
    marks = new Marks("mk7q5z", Set.of(other.token, other.policy, other.grant, other.transfer));
  }

  @AfterAll
  static void stop() throws Exception {
    plane.close();
    issuer.close();
  }

  private static Caller caller(String name) {
    return tenants.callers.stream()
        .filter(one -> one.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** All who have rights in the one organisation and none in the other. */
  private static List<Caller> acme() {
    return tenants.callers.stream()
        .filter(one -> !one.dead() && one.scope() != ScopeKind.SCOPE_KIND_PLATFORM)
        .toList();
  }

  @Test
  void everyServiceOfTheServerIsInTheMatrix() throws Exception {
    CompletableFuture<Set<String>> found = new CompletableFuture<>();
    StreamObserver<ServerReflectionRequest> ask =
        ServerReflectionGrpc.newStub(plane.channel())
            .withCallCredentials(plane.admin())
            .serverReflectionInfo(
                new StreamObserver<>() {
                  @Override
                  public void onNext(ServerReflectionResponse value) {
                    Set<String> names = new HashSet<>();
                    value
                        .getListServicesResponse()
                        .getServiceList()
                        .forEach(one -> names.add(one.getName()));
                    found.complete(names);
                  }

                  @Override
                  public void onError(Throwable t) {
                    found.completeExceptionally(t);
                  }

                  @Override
                  public void onCompleted() {
                    // Told already.
                  }
                });
    ask.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
    Set<String> names = found.get(20, TimeUnit.SECONDS);
    ask.onCompleted();
    names.removeIf(one -> !one.startsWith("flashdns."));
    assertThat(CONTRACT.services).isEqualTo(names);
    assertThat(CONTRACT.methods).hasSizeGreaterThanOrEqualTo(62);
  }

  private static List<Method> lists() {
    return CONTRACT.methods.values().stream()
        .filter(one -> one.descriptor().getInputType().findFieldByName("page_token") != null)
        .filter(one -> one.descriptor().getInputType().findFieldByName("filter") != null)
        .filter(one -> one.paths().isEmpty())
        .toList();
  }

  private static Message request(Method method, int pageSize, String filter, String token) {
    Message.Builder request = method.request();
    for (FieldDescriptor field : request.getDescriptorForType().getFields()) {
      switch (field.getName()) {
        case "page_size" -> request.setField(field, pageSize);
        case "filter" -> request.setField(field, filter);
        case "page_token" -> request.setField(field, token);
        default -> {
          // As it comes.
        }
      }
    }
    return request.build();
  }

  @Test
  void listsHoldNothingOfOthersWhateverTheyAreFilteredBy() throws Exception {
    Place absent = tenants.place(Place.Kind.ABSENT);
    List<String> asked =
        List.of(
            other.organisation,
            other.project,
            other.apex,
            other.zoneId,
            "mk7q5z*",
            other.organisation + "/" + other.project);
    List<String> instead =
        List.of(
            absent.organisation,
            absent.project,
            absent.apex,
            absent.zoneId,
            "zzzzzz*",
            absent.organisation + "/" + absent.project);
    assertThat(lists()).hasSizeGreaterThanOrEqualTo(9);
    int cases = 0;
    for (Method method : lists()) {
      for (Caller caller : acme()) {
        for (String field : FIELDS) {
          for (int i = 0; i < asked.size(); i++) {
            Door door = cases++ % 2 == 0 ? Door.GRPC : Door.JSON;
            Answer told = list(door, method, caller, field, asked.get(i));
            Answer nothing = list(door, method, caller, field, instead.get(i));
            String where = method.name() + " " + field + " " + asked.get(i) + " by " + caller;
            assertThat(told.code()).as(where).isEqualTo(nothing.code());
            if (told.isOk() && !method.name().equals("AuditService/ListAuditEntries")) {
              assertThat(told.messages()).as(where).isEqualTo(nothing.messages());
            }
          }
        }
      }
    }
    System.out.println("filters of lists: " + 2 * cases + " cases");
  }

  private static Answer list(Door door, Method method, Caller caller, String field, String value)
      throws Exception {
    List<Message> request = List.of(request(method, 1_000, field + " = \"" + value + "\"", ""));
    Answer answer = doors.call(door, method.call(), caller.secret(), request);
    if (!method.name().equals("AuditService/ListAuditEntries")) {
      assertThat(marks.leaked(answer, request, "")).as("%s by %s", method.name(), caller).isEmpty();
    }
    return answer;
  }

  @Test
  void tokensOfPagesAreForWhoGotThem() throws Exception {
    int taken = 0;
    for (Method method : lists()) {
      Answer page =
          doors.call(Door.GRPC, method.call(), tenants.admin, List.of(request(method, 1, "", "")));
      Message first = page.messages().getFirst();
      String token =
          (String) first.getField(first.getDescriptorForType().findFieldByName("next_page_token"));
      if (token.isEmpty()) {
        continue;
      }
      taken++;
      for (Caller caller : acme()) {
        Answer answer =
            doors.call(
                Door.GRPC, method.call(), caller.secret(), List.of(request(method, 1, "", token)));
        assertThat(answer.code())
            .as("%s by %s", method.name(), caller)
            .isIn(Code.INVALID_ARGUMENT, Code.PERMISSION_DENIED);
      }
    }
    assertThat(taken).isGreaterThanOrEqualTo(6);
  }

  @Test
  void totalsDoNotMoveWithOthers() {
    List<List<Quota>> before = quotas();
    String owner = tenants.foreignOwner;
    edit(owner, other.zoneId, "more." + other.apex);
    var _ =
        AccessServiceGrpc.newBlockingStub(plane.channel())
            .withCallCredentials(Plane.bearer(owner))
            .createToken(
                CreateTokenRequest.newBuilder()
                    .setToken(
                        Token.newBuilder()
                            .setDisplayName("one more")
                            .setRole(Role.ROLE_VIEWER)
                            .setScope(
                                Scope.newBuilder()
                                    .setKind(ScopeKind.SCOPE_KIND_PROJECT)
                                    .setProject(
                                        ProjectName.newBuilder()
                                            .setOrganisation(other.organisation)
                                            .setProject(other.project))))
                    .build());
    assertThat(quotas()).isEqualTo(before);
  }

  private static List<List<Quota>> quotas() {
    List<List<Quota>> quotas = new ArrayList<>();
    for (String project : List.of("shop", "other", "")) {
      for (Quota one :
          TenantServiceGrpc.newBlockingStub(plane.channel())
              .withCallCredentials(Plane.bearer(caller("org admin").secret()))
              .getQuotas(
                  GetQuotasRequest.newBuilder()
                      .setTenant(
                          ProjectName.newBuilder().setOrganisation("acme").setProject(project))
                      .build())
              .getQuotasList()) {
        // A rate goes down by itself.
        if (!one.getKind().name().endsWith("PER_SECOND")) {
          quotas.add(List.of(one));
        }
      }
    }
    return quotas;
  }

  private static void edit(String secret, String zoneId, String name) {
    var _ =
        RecordServiceGrpc.newBlockingStub(plane.channel())
            .withCallCredentials(Plane.bearer(secret))
            .applyChanges(
                ApplyChangesRequest.newBuilder()
                    .addChanges(
                        ZoneChange.newBuilder()
                            .setEdit(
                                ZoneEdit.newBuilder()
                                    .setZone(
                                        ZoneRef.newBuilder()
                                            .setId(ZoneId.newBuilder().setValue(zoneId)))
                                    .addEdits(
                                        RecordEdit.newBuilder()
                                            .setPut(
                                                Record.newBuilder()
                                                    .setName(name)
                                                    .setType(RecordType.RECORD_TYPE_TXT)
                                                    .setComment(name)
                                                    .addData(
                                                        RecordData.newBuilder()
                                                            .setTxt(
                                                                TxtData.newBuilder()
                                                                    .addStrings(name)))))))
                    .build());
  }

  @Test
  void streamOfChangesTellsNothingOfOthers() {
    Place own = tenants.place(Place.Kind.OWN);
    for (String name : List.of("viewer", "owner", "org admin", "one zone")) {
      Iterator<WatchChangesResponse> stream =
          ChangeServiceGrpc.newBlockingStub(plane.channel())
              .withCallCredentials(Plane.bearer(caller(name).secret()))
              .withDeadlineAfter(30, TimeUnit.SECONDS)
              .watchChanges(
                  WatchChangesRequest.newBuilder()
                      .setAfterRevision(0)
                      .setIncludeRecords(true)
                      .build());
      String last = "_acme-challenge." + name.replace(' ', '-') + "." + own.apex;
      edit(tenants.foreignOwner, other.zoneId, name.replace(' ', '-') + "." + other.apex);
      edit(caller("owner").secret(), own.zoneId, last);
      boolean seen = false;
      int told = 0;
      while (!seen && stream.hasNext()) {
        WatchChangesResponse one = stream.next();
        told += one.hasChange() ? 1 : 0;
        String text = Answer.text(one).toLowerCase(Locale.ROOT);
        assertThat(marks.in(text)).as("told to %s", name).isEmpty();
        seen = text.contains(last);
      }
      assertThat(seen).as("%s is told its own", name).isTrue();
      assertThat(told).isPositive();
    }
  }

  @Test
  void auditLogTellsNothingOfOthers() throws Exception {
    Requests requests = new Requests(tenants.depot);
    Method delete = CONTRACT.methods.get("ZoneService/DeleteZone");
    assertThat(delete).isNotNull();
    for (Caller caller : acme()) {
      var _ =
          doors.call(
              Door.GRPC,
              delete.call(),
              caller.secret(),
              requests.make(
                  delete,
                  caller.home(),
                  delete.paths().getFirst(),
                  other,
                  Requests.Form.NAME,
                  false,
                  ""));
    }
    edit(tenants.foreignOwner, other.zoneId, "audited." + other.apex);
    for (String name : List.of("admin", "auditor", "org admin")) {
      List<AuditEntry> entries = audit(caller(name).secret());
      assertThat(entries).isNotEmpty();
      for (AuditEntry entry : entries) {
        // What its own people asked for may stand there as they wrote it.
        AuditEntry rest = entry.toBuilder().clearRequestJson().clearStatusMessage().build();
        assertThat(marks.in(Answer.text(rest).toLowerCase(Locale.ROOT)))
            .as("%s reads %s", name, entry)
            .isEmpty();
        assertThat(entry.getProject().getOrganisation()).isIn("", "acme");
        if (entry.getStatusCode() == 0) {
          assertThat(entry.getRequestJson()).doesNotContain("mk7q5z");
        }
      }
    }
    String theirs =
        tenants.token(other.organisation, "", Role.ROLE_AUDITOR, "auditor", List.of()).getSecret();
    assertThat(audit(theirs))
        .isNotEmpty()
        .allSatisfy(
            entry ->
                assertThat(entry.getProject().getOrganisation()).isEqualTo(other.organisation));
  }

  private static List<AuditEntry> audit(String secret) {
    List<AuditEntry> entries = new ArrayList<>();
    String token = "";
    do {
      ListAuditEntriesResponse page =
          io.flashdns.proto.v1.AuditServiceGrpc.newBlockingStub(plane.channel())
              .withCallCredentials(Plane.bearer(secret))
              .listAuditEntries(
                  ListAuditEntriesRequest.newBuilder()
                      .setPageSize(1_000)
                      .setPageToken(token)
                      .build());
      entries.addAll(page.getEntriesList());
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    return entries;
  }

  @Test
  void requestIdIsOfItsCallerAndOfOneMethod() throws Exception {
    Requests requests = new Requests(tenants.depot);
    Caller owner = caller("owner");
    Method create = CONTRACT.methods.get("RecordService/CreateRecord");
    Method delete = CONTRACT.methods.get("ZoneService/DeleteZone");
    assertThat(create).isNotNull();
    assertThat(delete).isNotNull();
    List<Message> theirs = requests.make(create, other, false, "the same");
    assertThat(doors.call(Door.GRPC, create.call(), tenants.foreignOwner, theirs).code())
        .isEqualTo(Code.OK);
    List<Message> own = requests.make(create, owner.home(), false, "the same");
    Answer first = doors.call(Door.GRPC, create.call(), owner.secret(), own);
    assertThat(first.code()).isEqualTo(Code.OK);
    assertThat(marks.leaked(first, own, "")).isEmpty();
    Answer again = doors.call(Door.JSON, create.call(), owner.secret(), own);
    assertThat(again.code()).isEqualTo(Code.OK);
    Answer another =
        doors.call(
            Door.GRPC,
            delete.call(),
            owner.secret(),
            requests.make(delete, owner.home(), false, "the same"));
    assertThat(another.code()).isEqualTo(Code.INVALID_ARGUMENT);
  }

  @Test
  void whatIsHiddenTakesAsLongAsWhatIsNotThere() throws Exception {
    Requests requests = new Requests(tenants.depot);
    Caller owner = caller("owner");
    for (String name :
        List.of(
            "ZoneService/GetZone",
            "RecordService/GetRecord",
            "TenantService/GetProject",
            "AccessService/GetToken")) {
      Method method = CONTRACT.methods.get(name);
      assertThat(method).isNotNull();
      // In turns: what else the machine does meets both.
      long[] hidden = new long[TIMED_CALLS];
      long[] absent = new long[TIMED_CALLS];
      for (int i = -WARM_UP_CALLS; i < TIMED_CALLS; i++) {
        long one = nanos(requests, method, owner, other);
        long two = nanos(requests, method, owner, tenants.place(Place.Kind.ABSENT));
        if (i >= 0) {
          hidden[i] = one;
          absent[i] = two;
        }
      }
      Arrays.sort(hidden);
      Arrays.sort(absent);
      double ratio = (double) hidden[TIMED_CALLS / 2] / absent[TIMED_CALLS / 2];
      System.out.printf(
          Locale.ROOT,
          "%s: hidden %d us, not there %d us%n",
          name,
          hidden[TIMED_CALLS / 2] / 1_000,
          absent[TIMED_CALLS / 2] / 1_000);
      assertThat(ratio).as(name).isBetween(0.5, 2.0);
    }
  }

  private static long nanos(Requests requests, Method method, Caller caller, Place target)
      throws Exception {
    List<Message> request =
        requests.make(
            method,
            caller.home(),
            method.paths().getFirst(),
            target,
            Requests.forms(method.paths().getFirst()).getFirst(),
            false,
            "");
    long start = System.nanoTime();
    Answer answer = doors.call(Door.GRPC, method.call(), caller.secret(), request);
    long nanos = System.nanoTime() - start;
    assertThat(answer.code()).isEqualTo(Code.NOT_FOUND);
    return nanos;
  }
}
