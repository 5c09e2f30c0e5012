package io.flashdns.management.escape;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.rpc.Code;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.StoredZone;
import io.flashdns.management.escape.Contract.Method;
import io.flashdns.management.escape.Doors.Door;
import io.flashdns.management.server.Plane;
import io.flashdns.proto.v1.AcceptZoneTransferRequest;
import io.flashdns.proto.v1.AccessServiceGrpc;
import io.flashdns.proto.v1.ApplyChangesRequest;
import io.flashdns.proto.v1.CreateNameGrantRequest;
import io.flashdns.proto.v1.CreateNameGrantResponse;
import io.flashdns.proto.v1.CreateOrganisationRequest;
import io.flashdns.proto.v1.CreateProjectRequest;
import io.flashdns.proto.v1.CreateTokenRequest;
import io.flashdns.proto.v1.CreateZoneRequest;
import io.flashdns.proto.v1.DeleteNameGrantRequest;
import io.flashdns.proto.v1.DeleteZoneRequest;
import io.flashdns.proto.v1.ImportZoneRequest;
import io.flashdns.proto.v1.ImportZoneStart;
import io.flashdns.proto.v1.NameGrant;
import io.flashdns.proto.v1.Organisation;
import io.flashdns.proto.v1.Project;
import io.flashdns.proto.v1.ProjectName;
import io.flashdns.proto.v1.Role;
import io.flashdns.proto.v1.Scope;
import io.flashdns.proto.v1.ScopeKind;
import io.flashdns.proto.v1.TenantServiceGrpc;
import io.flashdns.proto.v1.Token;
import io.flashdns.proto.v1.TransferZoneRequest;
import io.flashdns.proto.v1.TransferZoneResponse;
import io.flashdns.proto.v1.UndeleteZoneRequest;
import io.flashdns.proto.v1.Zone;
import io.flashdns.proto.v1.ZoneChange;
import io.flashdns.proto.v1.ZoneCreation;
import io.flashdns.proto.v1.ZoneName;
import io.flashdns.proto.v1.ZoneRef;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Names that are another's, or nobody's: whatever way they are asked for in, they are not given.
 */
class NamingAttackTest {
  private static final int MIN_ATTACKS = 200;
  private static final String FILE =
      """
      $TTL 300
      @ IN SOA ns1.example.net. hostmaster.example.net. 7 7200 900 1209600 300
      @ IN NS ns1.example.net.
      """;

  @TempDir private Path folder;
  private Plane plane;
  private Doors doors;
  private final Contract contract = new Contract();
  private String victim = "";
  private String stranger = "";
  private String third = "";

  @BeforeEach
  void start() throws Exception {
    plane =
        Plane.start(
            folder,
            List.of("ns1.dns-host.net.", "ns2.dns-host.net."),
            List.of("platform.corp.reserved.example."),
            List.of("co.uk.", "city.example."));
    doors = new Doors(plane);
    victim = tenant("victim", "web");
    stranger = tenant("stranger", "web");
    third = tenant("third", "web");
    for (String apex : ForbiddenNames.VICTIMS) {
      accepted(create(victim, "victim", apex, Verb.CREATE, Door.GRPC));
    }
    for (String apex : ForbiddenNames.HELD) {
      accepted(create(victim, "victim", apex, Verb.CREATE, Door.GRPC));
      accepted(
          call(
              "ZoneService/DeleteZone",
              victim,
              DeleteZoneRequest.newBuilder()
                  .setZone(ZoneRef.newBuilder().setName(name(apex)))
                  .build()));
    }
  }

  @AfterEach
  void stop() throws Exception {
    plane.close();
  }

  // ---- rig -----------------------------------------------------------------------------------

  private enum Verb {
    CREATE,
    APPLY,
    IMPORT,
    UNDELETE,
    GRANT
  }

  private String tenant(String organisation, String project) {
    var tenants =
        TenantServiceGrpc.newBlockingStub(plane.channel()).withCallCredentials(plane.admin());
    var _ =
        tenants.createOrganisation(
            CreateOrganisationRequest.newBuilder()
                .setOrganisation(Organisation.newBuilder().setId(organisation))
                .build());
    for (String one : List.of(project, "more")) {
      var _ =
          tenants.createProject(
              CreateProjectRequest.newBuilder()
                  .setProject(Project.newBuilder().setName(project(organisation, one)))
                  .build());
    }
    return AccessServiceGrpc.newBlockingStub(plane.channel())
        .withCallCredentials(plane.admin())
        .createToken(
            CreateTokenRequest.newBuilder()
                .setToken(
                    Token.newBuilder()
                        .setDisplayName(organisation)
                        .setRole(Role.ROLE_ADMIN)
                        .setScope(
                            Scope.newBuilder()
                                .setKind(ScopeKind.SCOPE_KIND_ORGANISATION)
                                .setProject(
                                    ProjectName.newBuilder().setOrganisation(organisation))))
                .build())
        .getSecret();
  }

  private static ProjectName project(String organisation, String project) {
    return ProjectName.newBuilder().setOrganisation(organisation).setProject(project).build();
  }

  private static ZoneName name(String apex) {
    return ZoneName.newBuilder().setApex(apex).build();
  }

  private Answer call(String method, String secret, Message... requests) throws Exception {
    return doors.call(Door.GRPC, method(method).call(), secret, List.of(requests));
  }

  private Method method(String name) {
    Method method = contract.methods.get(name);
    if (method == null) {
      throw new AssertionError("no method " + name);
    }
    return method;
  }

  private static void accepted(Answer answer) {
    assertThat(answer.code()).as(answer.refusal()).isEqualTo(Code.OK);
  }

  /** Asks for a zone. */
  private Answer create(String secret, String organisation, String apex, Verb verb, Door door)
      throws Exception {
    return create(secret, project(organisation, "web"), name(apex), verb, door);
  }

  private Answer create(String secret, ProjectName project, ZoneName name, Verb verb, Door door)
      throws Exception {
    Zone zone = Zone.newBuilder().setName(name).setProject(project).build();
    return switch (verb) {
      case CREATE ->
          doors.call(
              door,
              method("ZoneService/CreateZone").call(),
              secret,
              List.of(CreateZoneRequest.newBuilder().setZone(zone).build()));
      case APPLY ->
          doors.call(
              door,
              method("RecordService/ApplyChanges").call(),
              secret,
              List.of(
                  ApplyChangesRequest.newBuilder()
                      .addChanges(
                          ZoneChange.newBuilder()
                              .setCreate(ZoneCreation.newBuilder().setZone(zone)))
                      .build()));
      case IMPORT ->
          call(
              "ZoneService/ImportZone",
              secret,
              ImportZoneRequest.newBuilder()
                  .setStart(ImportZoneStart.newBuilder().setCreate(zone))
                  .build(),
              ImportZoneRequest.newBuilder()
                  .setChunk(ByteString.copyFrom(FILE, StandardCharsets.US_ASCII))
                  .build());
      case UNDELETE ->
          doors.call(
              door,
              method("ZoneService/UndeleteZone").call(),
              secret,
              List.of(UndeleteZoneRequest.newBuilder().setName(name).build()));
      case GRANT ->
          doors.call(
              door,
              method("TenantService/CreateNameGrant").call(),
              secret,
              List.of(
                  CreateNameGrantRequest.newBuilder()
                      .setGrant(
                          NameGrant.newBuilder()
                              .setName(name.getApex())
                              .setView(name.getView())
                              .setSubtree(true)
                              .setGrantee(project))
                      .build()));
    };
  }

  private List<String> zones() throws Exception {
    List<String> zones = new ArrayList<>();
    try (StoreSnapshot snapshot = plane.store().snapshot()) {
      for (StoredZone zone : snapshot.zones(0, 10_000)) {
        zones.add(zone.toString());
      }
    }
    return zones;
  }

  // ---- attacks -------------------------------------------------------------------------------

  @Test
  void namesOfOthersAreNotGiven() throws Exception {
    List<String> before = zones();
    Set<String> refusals = new TreeSet<>();
    List<String> given = new ArrayList<>();
    List<String> strange = new ArrayList<>();
    int attacks = 0;
    for (var one : ForbiddenNames.taken().entrySet()) {
      for (String apex : one.getValue()) {
        for (Verb verb : Verb.values()) {
          for (Door door : verb == Verb.IMPORT ? List.of(Door.GRPC) : List.of(Door.values())) {
            attacks++;
            Answer answer = create(stranger, "stranger", apex, verb, door);
            String what = one.getKey() + ": " + verb + " " + apex + " over " + door;
            if (answer.isOk()) {
              given.add(what);
            } else if (verb == Verb.UNDELETE || verb == Verb.GRANT) {
              if (answer.code() != Code.NOT_FOUND) {
                strange.add(what + " -> " + answer.refusal());
              }
            } else if (answer.code() != Code.FAILED_PRECONDITION
                || !answer.reason().equals("NAME_UNAVAILABLE")) {
              strange.add(what + " -> " + answer.refusal());
            } else {
              refusals.add(alike(answer));
            }
          }
        }
      }
    }
    for (String text : ForbiddenNames.malformed()) {
      for (Verb verb : Verb.values()) {
        for (Door door : verb == Verb.IMPORT ? List.of(Door.GRPC) : List.of(Door.values())) {
          attacks++;
          Answer answer = create(stranger, "stranger", text, verb, door);
          if (answer.isOk()) {
            given.add("malformed: " + verb + " " + text);
          } else if (answer.code() != Code.INVALID_ARGUMENT) {
            strange.add("malformed: " + verb + " " + text + " -> " + answer.refusal());
          }
        }
      }
    }
    System.out.println("naming attacks " + attacks + ", accepted " + given.size());
    assertThat(given).isEmpty();
    assertThat(strange).isEmpty();
    assertThat(refusals).as("one refusal, whatever the reason").hasSize(1);
    assertThat(zones()).isEqualTo(before);
    assertThat(attacks).isGreaterThanOrEqualTo(MIN_ATTACKS);
  }

  /** A refusal without the name that it is about: it is between the same words each time. */
  private static String alike(Answer answer) {
    return answer
        .refusal()
        .replaceAll("the name .* is not available", "the name X is not available")
        .replaceAll("subject: \"zone .*\"", "subject: \"zone X\"");
  }

  @Test
  void namesThatAreNobodysAreGiven() throws Exception {
    int at = 0;
    for (String apex : ForbiddenNames.free()) {
      Verb verb = List.of(Verb.CREATE, Verb.APPLY, Verb.IMPORT).get(at % 3);
      Door door = verb == Verb.IMPORT || at % 2 == 0 ? Door.GRPC : Door.JSON;
      Answer answer = create(stranger, "stranger", apex, verb, door);
      assertThat(answer.code()).as("%s: %s", apex, answer.refusal()).isEqualTo(Code.OK);
      at++;
    }
    // Who deleted a name has it again, and who had it meanwhile is nobody.
    for (String apex : ForbiddenNames.HELD) {
      accepted(create(victim, "victim", apex, Verb.UNDELETE, Door.JSON));
    }
    accepted(create(victim, "victim", "more.victim.example.", Verb.CREATE, Door.GRPC));
    Answer again = create(victim, "victim", "victim.example.", Verb.CREATE, Door.GRPC);
    assertThat(again.code()).as("its own zone is no secret").isEqualTo(Code.ALREADY_EXISTS);
  }

  @Test
  void oneNameOfOthersSpoilsTheWholeChange() throws Exception {
    List<String> before = zones();
    for (String apex : ForbiddenNames.VICTIMS) {
      ApplyChangesRequest.Builder both = ApplyChangesRequest.newBuilder();
      for (String one : List.of("good.free.example.", apex)) {
        both.addChanges(
            ZoneChange.newBuilder()
                .setCreate(
                    ZoneCreation.newBuilder()
                        .setZone(
                            Zone.newBuilder()
                                .setName(name(one))
                                .setProject(project("stranger", "web")))));
      }
      Answer answer = call("RecordService/ApplyChanges", stranger, both.build());
      assertThat(answer.reason()).as(answer.refusal()).isEqualTo("NAME_UNAVAILABLE");
    }
    assertThat(zones()).isEqualTo(before);
  }

  @Test
  void otherViewsAreNoWayRound() throws Exception {
    List<String> before = zones();
    for (String view :
        List.of("internal", "PUBLIC", "Public", " public", "public ", "*", "a/b", "")) {
      for (Verb verb : Verb.values()) {
        Answer answer =
            create(
                stranger,
                project("stranger", "web"),
                ZoneName.newBuilder().setApex("victim.example.").setView(view).build(),
                verb,
                Door.GRPC);
        assertThat(answer.code())
            .as("%s in view '%s'", verb, view)
            .isIn(Code.INVALID_ARGUMENT, Code.FAILED_PRECONDITION, Code.NOT_FOUND);
      }
    }
    assertThat(zones()).isEqualTo(before);
  }

  // ---- grants and transfers ------------------------------------------------------------------

  private String grant(String name, boolean subtree, ProjectName to) throws Exception {
    Answer answer =
        call(
            "TenantService/CreateNameGrant",
            victim,
            CreateNameGrantRequest.newBuilder()
                .setGrant(NameGrant.newBuilder().setName(name).setSubtree(subtree).setGrantee(to))
                .build());
    accepted(answer);
    return ((CreateNameGrantResponse) answer.messages().getFirst()).getGrant().getId();
  }

  private void refused(String secret, ProjectName project, String apex) throws Exception {
    for (Verb verb : List.of(Verb.CREATE, Verb.APPLY, Verb.IMPORT)) {
      Answer answer = create(secret, project, name(apex), verb, Door.GRPC);
      assertThat(answer.reason())
          .as("%s %s: %s", verb, apex, answer.refusal())
          .isEqualTo("NAME_UNAVAILABLE");
    }
  }

  @Test
  void grantsGiveWhatTheySayAndNoMore() throws Exception {
    ProjectName web = project("stranger", "web");
    ProjectName more = project("stranger", "more");
    String exact = grant("ok.victim.example.", false, web);
    var _ = grant("sub.victim.example.", true, web);
    for (String apex :
        List.of(
            "x.ok.victim.example.",
            "okk.victim.example.",
            "o.victim.example.",
            "ok\\.victim.example.",
            "sub2.victim.example.",
            "victim.example.",
            "ok.victim.example.victim.example.",
            "asub.victim.example.")) {
      if (!apex.startsWith("ok\\.")) {
        refused(stranger, web, apex);
      }
    }
    for (String apex :
        List.of("ok.victim.example.", "sub.victim.example.", "a.sub.victim.example.")) {
      refused(stranger, more, apex);
      refused(third, project("third", "web"), apex);
    }
    accepted(create(stranger, web, name("OK.Victim.example"), Verb.CREATE, Door.JSON));
    accepted(create(stranger, web, name("a.sub.victim.example."), Verb.IMPORT, Door.GRPC));
    // What lies below a zone that was granted is still below the granter's.
    refused(stranger, web, "x.ok.victim.example.");
    // Who was granted a name cannot hand it on.
    Answer onward =
        call(
            "TenantService/CreateNameGrant",
            stranger,
            CreateNameGrantRequest.newBuilder()
                .setGrant(
                    NameGrant.newBuilder()
                        .setName("z.a.sub.victim.example.")
                        .setSubtree(true)
                        .setGrantee(project("third", "web")))
                .build());
    accepted(onward);
    refused(third, project("third", "web"), "z.a.sub.victim.example.");
    // Nor give the zone itself to somebody whom nobody has granted it.
    Answer offer =
        call(
            "ZoneService/TransferZone",
            stranger,
            TransferZoneRequest.newBuilder()
                .setZone(ZoneRef.newBuilder().setName(name("ok.victim.example.")))
                .build());
    accepted(offer);
    TransferZoneResponse offered = (TransferZoneResponse) offer.messages().getFirst();
    AcceptZoneTransferRequest.Builder take =
        AcceptZoneTransferRequest.newBuilder()
            .setTransfer(offered.getTransfer().getId())
            .setKey(offered.getKey())
            .setProject(project("third", "web"));
    Answer taken = call("ZoneService/AcceptZoneTransfer", third, take.build());
    assertThat(taken.reason()).as(taken.refusal()).isEqualTo("NAME_UNAVAILABLE");
    // A grant that was taken back gives nothing any more, and what was made by it stays.
    accepted(
        call(
            "TenantService/DeleteNameGrant",
            victim,
            DeleteNameGrantRequest.newBuilder().setGrant(exact).build()));
    accepted(
        call(
            "ZoneService/DeleteZone",
            stranger,
            DeleteZoneRequest.newBuilder()
                .setZone(ZoneRef.newBuilder().setName(name("ok.victim.example.")))
                .build()));
    refused(stranger, web, "ok.victim.example.");
    Answer back = create(stranger, "stranger", "ok.victim.example.", Verb.UNDELETE, Door.GRPC);
    assertThat(back.reason()).as(back.refusal()).isEqualTo("NAME_UNAVAILABLE");
    accepted(create(victim, "victim", "ok.victim.example.", Verb.CREATE, Door.GRPC));
  }

  @Test
  void transferGivesNoNameThatIsHeldOrLiesAtOthers() throws Exception {
    accepted(create(stranger, "stranger", "mine.example.", Verb.CREATE, Door.GRPC));
    accepted(create(stranger, "stranger", "low.mine.example.", Verb.CREATE, Door.GRPC));
    for (String apex : List.of("mine.example.", "low.mine.example.")) {
      Answer offer =
          call(
              "ZoneService/TransferZone",
              stranger,
              TransferZoneRequest.newBuilder()
                  .setZone(ZoneRef.newBuilder().setName(name(apex)))
                  .build());
      accepted(offer);
      TransferZoneResponse offered = (TransferZoneResponse) offer.messages().getFirst();
      Answer taken =
          call(
              "ZoneService/AcceptZoneTransfer",
              third,
              AcceptZoneTransferRequest.newBuilder()
                  .setTransfer(offered.getTransfer().getId())
                  .setKey(offered.getKey())
                  .setProject(project("third", "web"))
                  .build());
      assertThat(taken.reason())
          .as("above or below what the giver keeps: %s", taken.refusal())
          .isEqualTo("NAME_UNAVAILABLE");
    }
    // A name that was given away and deleted is held for who deleted it.
    accepted(create(stranger, "stranger", "alone.example.", Verb.CREATE, Door.GRPC));
    Answer offer =
        call(
            "ZoneService/TransferZone",
            stranger,
            TransferZoneRequest.newBuilder()
                .setZone(ZoneRef.newBuilder().setName(name("alone.example.")))
                .build());
    TransferZoneResponse offered = (TransferZoneResponse) offer.messages().getFirst();
    AcceptZoneTransferRequest take =
        AcceptZoneTransferRequest.newBuilder()
            .setTransfer(offered.getTransfer().getId())
            .setKey(offered.getKey())
            .setProject(project("third", "web"))
            .build();
    accepted(call("ZoneService/AcceptZoneTransfer", third, take));
    assertThat(call("ZoneService/AcceptZoneTransfer", victim, take).code())
        .isEqualTo(Code.NOT_FOUND);
    accepted(
        call(
            "ZoneService/DeleteZone",
            third,
            DeleteZoneRequest.newBuilder()
                .setZone(ZoneRef.newBuilder().setName(name("alone.example.")))
                .build()));
    refused(stranger, project("stranger", "web"), "alone.example.");
    refused(stranger, project("stranger", "web"), "x.alone.example.");
    assertThat(create(stranger, "stranger", "alone.example.", Verb.UNDELETE, Door.GRPC).isOk())
        .isFalse();
    accepted(create(third, "third", "alone.example.", Verb.UNDELETE, Door.GRPC));
  }

  // ---- races ---------------------------------------------------------------------------------

  @Test
  void ofTwoWhoAskAtOnceExactlyOneGetsTheName() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      for (int round = 0; round < 50; round++) {
        String one = "race" + round + ".example.";
        // In turns the same name, one below the other, and the other way round.
        String two = (round % 3 == 0 ? "" : round % 3 == 1 ? "a." : "a.b.") + one;
        Door door = round % 2 == 0 ? Door.GRPC : Door.JSON;
        Verb verb = round % 5 == 4 ? Verb.APPLY : Verb.CREATE;
        Future<Answer> first = threads.submit(() -> create(stranger, "stranger", one, verb, door));
        Future<Answer> second =
            threads.submit(() -> create(third, "third", two, Verb.CREATE, Door.GRPC));
        List<Answer> answers = List.of(first.get(), second.get());
        assertThat(answers.stream().filter(Answer::isOk).count())
            .as("%s and %s: %s", one, two, answers.stream().map(Answer::refusal).toList())
            .isEqualTo(1);
        assertThat(answers.stream().filter(answer -> !answer.isOk()).map(Answer::reason))
            .as("%s and %s: %s", one, two, answers.stream().map(Answer::refusal).toList())
            .containsExactly("NAME_UNAVAILABLE");
      }
    }
  }

  @Test
  void grantThatIsTakenBackMeanwhileGivesTheNameOrDoesNot() throws Exception {
    ProjectName web = project("stranger", "web");
    int made = 0;
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      for (int round = 0; round < 30; round++) {
        String apex = "g" + round + ".victim.example.";
        String grant = grant(apex, round % 2 == 0, web);
        Future<Answer> back =
            threads.submit(
                () ->
                    call(
                        "TenantService/DeleteNameGrant",
                        victim,
                        DeleteNameGrantRequest.newBuilder().setGrant(grant).build()));
        Future<Answer> zone =
            threads.submit(() -> create(stranger, web, name(apex), Verb.CREATE, Door.GRPC));
        accepted(back.get());
        if (zone.get().isOk()) {
          made++;
          refused(stranger, web, "below." + apex);
        } else {
          assertThat(zone.get().reason()).isEqualTo("NAME_UNAVAILABLE");
          refused(stranger, web, apex);
        }
      }
    }
    System.out.println("grants taken back meanwhile: 30, zones made by them " + made);
  }
}
