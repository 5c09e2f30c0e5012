package io.flashdns.management.escape;

import static org.awaitility.Awaitility.await;

import com.google.protobuf.util.Timestamps;
import io.flashdns.management.identity.RealIssuer;
import io.flashdns.management.server.Plane;
import io.flashdns.proto.v1.AData;
import io.flashdns.proto.v1.AccessRule;
import io.flashdns.proto.v1.AccessServiceGrpc;
import io.flashdns.proto.v1.CancelZoneTransferRequest;
import io.flashdns.proto.v1.CreateNameGrantRequest;
import io.flashdns.proto.v1.CreateOrganisationRequest;
import io.flashdns.proto.v1.CreatePolicyRequest;
import io.flashdns.proto.v1.CreateProjectRequest;
import io.flashdns.proto.v1.CreateTokenRequest;
import io.flashdns.proto.v1.CreateTokenResponse;
import io.flashdns.proto.v1.CreateZoneRequest;
import io.flashdns.proto.v1.CreateZoneResponse;
import io.flashdns.proto.v1.DeleteNameGrantRequest;
import io.flashdns.proto.v1.DeletePolicyRequest;
import io.flashdns.proto.v1.DeleteProjectRequest;
import io.flashdns.proto.v1.DeleteTokenRequest;
import io.flashdns.proto.v1.DeleteZoneRequest;
import io.flashdns.proto.v1.GetIdentityRequest;
import io.flashdns.proto.v1.NameGrant;
import io.flashdns.proto.v1.Organisation;
import io.flashdns.proto.v1.Policy;
import io.flashdns.proto.v1.Project;
import io.flashdns.proto.v1.ProjectName;
import io.flashdns.proto.v1.Record;
import io.flashdns.proto.v1.RecordData;
import io.flashdns.proto.v1.RecordType;
import io.flashdns.proto.v1.Role;
import io.flashdns.proto.v1.Scope;
import io.flashdns.proto.v1.ScopeKind;
import io.flashdns.proto.v1.SuspendOrganisationRequest;
import io.flashdns.proto.v1.TenantServiceGrpc;
import io.flashdns.proto.v1.Token;
import io.flashdns.proto.v1.TransferZoneRequest;
import io.flashdns.proto.v1.TransferZoneResponse;
import io.flashdns.proto.v1.TxtData;
import io.flashdns.proto.v1.Zone;
import io.flashdns.proto.v1.ZoneId;
import io.flashdns.proto.v1.ZoneName;
import io.flashdns.proto.v1.ZoneRef;
import io.flashdns.proto.v1.ZoneServiceGrpc;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Two organisations, one of which everything that can be written has a mark, and callers of the
 * other one.
 */
final class Tenants {
  /** The request id that the other organisation has used for everything. */
  static final String USED_REQUEST_ID = "5e8e4f0e-used-by-the-other";

  private static final String ACME = "acme";

  final Plane plane;

  /** What all marks begin with. */
  final String mark;

  final Map<Place.Kind, Place> places = new EnumMap<>(Place.Kind.class);
  final List<Caller> callers = new ArrayList<>();

  /** A project that takes no changes, for callers from there. */
  final Place paused;

  /** An offer that everybody can take who has the key. */
  final Place depot;

  /** Who owns the other organisation. */
  final String foreignOwner;

  final String admin;

  private final ZoneServiceGrpc.ZoneServiceBlockingStub zones;
  private final TenantServiceGrpc.TenantServiceBlockingStub tenants;
  private final AccessServiceGrpc.AccessServiceBlockingStub access;

  Tenants(Plane plane, RealIssuer issuer, String audience, String mark) {
    this.plane = plane;
    this.mark = mark;
    this.admin = plane.adminToken();
    zones = ZoneServiceGrpc.newBlockingStub(plane.channel()).withCallCredentials(plane.admin());
    tenants = TenantServiceGrpc.newBlockingStub(plane.channel()).withCallCredentials(plane.admin());
    access = AccessServiceGrpc.newBlockingStub(plane.channel()).withCallCredentials(plane.admin());

    String foreign = mark + "org";
    organisation(ACME, "Acme");
    organisation(foreign, mark + "display");
    organisation("paused", "Paused");
    Place own = place(Place.Kind.OWN, ACME, "shop", "own-shop.example.", "");
    Place beside = new Place(Place.Kind.BESIDE, ACME, "shop", "beside-shop.example.");
    Place sibling = place(Place.Kind.SIBLING, ACME, "other", "sibling.example.", "");
    depot = place(Place.Kind.SIBLING, ACME, "depot", "depot.example.", "");
    project(foreign, mark + "two");
    Place other = place(Place.Kind.FOREIGN, foreign, mark + "prj", mark + "zone.example.", mark);
    paused = place(Place.Kind.OWN, "paused", "shop", "paused-shop.example.", "");
    Place operator = place(Place.Kind.OPERATOR, "", "", mark + "operator.example.", mark);
    Place gone = gone(Place.Kind.GONE, ACME, "gone", "was-here.example.", own, "");
    Place foreignGone =
        gone(Place.Kind.FOREIGN_GONE, foreign, mark + "gon", mark + "gone.example.", other, mark);
    CreateZoneResponse second = zone(beside, beside.apex, "");
    beside.zoneId = second.getZone().getId().getValue();
    beside.revision = second.getOutcome().getRevision();
    Place absent =
        new Place(
            Place.Kind.ABSENT,
            "x".repeat(foreign.length()),
            "w".repeat(mark.length() + 3),
            "z".repeat(mark.length() + 4) + ".example.");
    absent.zoneId = "99";
    absent.deletedApex = "y".repeat(mark.length() + 4) + ".example.";
    absent.token = shuffled(other.token);
    absent.policy = shuffled(other.policy);
    absent.grant = shuffled(other.grant);
    absent.transfer = shuffled(other.transfer);
    absent.transferKey = shuffled(other.transferKey);
    absent.revision = 1L << 40;
    for (Place place : List.of(own, beside, sibling, other, gone, foreignGone, absent, operator)) {
      places.put(place.kind, place);
    }
    foreignOwner =
        token(foreign, mark + "prj", Role.ROLE_OWNER, mark + "own", List.of()).getSecret();
    callers(own, issuer, audience);
    tenants.suspendOrganisation(
        SuspendOrganisationRequest.newBuilder()
            .setOrganisation("paused")
            .setReason("The bill of March is open.")
            .build());
  }

  Place place(Place.Kind kind) {
    Place place = places.get(kind);
    if (place == null) {
      throw new IllegalStateException("no " + kind);
    }
    return place;
  }

  private static String shuffled(String id) {
    StringBuilder other = new StringBuilder(id);
    for (int i = id.length() / 2; i < id.length(); i++) {
      char is = id.charAt(i);
      other.setCharAt(
          i, is == '7' || is == 'k' ? (is == '7' ? '3' : 'f') : Character.isDigit(is) ? '7' : 'k');
    }
    return other.toString();
  }

  // ---- things --------------------------------------------------------------------------------

  private void organisation(String id, String display) {
    var _ =
        tenants.createOrganisation(
            CreateOrganisationRequest.newBuilder()
                .setOrganisation(
                    Organisation.newBuilder()
                        .setId(id)
                        .setDisplayName(display)
                        .putLabels("team", display.toLowerCase(java.util.Locale.ROOT)))
                .setRequestId(USED_REQUEST_ID + id)
                .build());
  }

  private void project(String organisation, String id) {
    var _ =
        tenants.createProject(
            CreateProjectRequest.newBuilder()
                .setProject(
                    Project.newBuilder()
                        .setName(name(organisation, id))
                        .setDisplayName(id + "display")
                        .putLabels("team", id + "label"))
                .build());
  }

  private static ProjectName name(String organisation, String project) {
    return ProjectName.newBuilder().setOrganisation(organisation).setProject(project).build();
  }

  private Place place(
      Place.Kind kind, String organisation, String project, String apex, String mark) {
    Place place = new Place(kind, organisation, project, apex);
    if (!organisation.isEmpty()) {
      project(organisation, project);
    }
    CreateZoneResponse made = zone(place, apex, mark);
    place.zoneId = made.getZone().getId().getValue();
    place.revision = made.getOutcome().getRevision();
    place.deletedApex = "deleted-" + apex;
    var _ = zone(place, place.deletedApex, mark);
    delete(place.deletedApex);
    var _ = zone(place, "offered-" + apex, mark);
    TransferZoneResponse offer =
        offer(
            "offered-" + apex,
            mark.isEmpty() ? ProjectName.getDefaultInstance() : name(mark + "org", mark + "two"));
    place.transfer = offer.getTransfer().getId();
    place.transferKey = offer.getKey();
    place.token =
        token(organisation, project, Role.ROLE_OWNER, mark + "token", List.of()).getToken().getId();
    place.policy = policy(organisation, project, mark + "subject");
    place.grant = grant("granted." + apex, mark);
    return place;
  }

  private Place gone(
      Place.Kind kind, String organisation, String project, String apex, Place where, String mark) {
    Place place = new Place(kind, organisation, project, apex);
    project(organisation, project);
    var _ =
        tenants.deleteProject(
            DeleteProjectRequest.newBuilder().setProject(name(organisation, project)).build());
    CreateZoneResponse made = zone(where, apex, mark);
    place.zoneId = made.getZone().getId().getValue();
    place.revision = made.getOutcome().getRevision();
    place.transfer = offer(apex, ProjectName.getDefaultInstance()).getTransfer().getId();
    var _ =
        zones.cancelZoneTransfer(
            CancelZoneTransferRequest.newBuilder().setTransfer(place.transfer).build());
    place.grant = grant("granted." + apex, mark);
    var _ =
        tenants.deleteNameGrant(DeleteNameGrantRequest.newBuilder().setGrant(place.grant).build());
    delete(apex);
    // The other name that was deleted, so that both ways to name it are asked for.
    place.deletedApex = apex;
    place.token =
        token(where.organisation, where.project, Role.ROLE_OWNER, mark + "gone", List.of())
            .getToken()
            .getId();
    var _ = access.deleteToken(DeleteTokenRequest.newBuilder().setToken(place.token).build());
    place.policy = policy(where.organisation, where.project, mark + "gonesubject");
    var _ = access.deletePolicy(DeletePolicyRequest.newBuilder().setPolicy(place.policy).build());
    return place;
  }

  private CreateZoneResponse zone(Place place, String apex, String mark) {
    Zone.Builder zone =
        Zone.newBuilder()
            .setName(ZoneName.newBuilder().setApex(apex))
            .setComment(mark + "comment")
            .putLabels("team", mark + "label");
    if (!place.organisation.isEmpty()) {
      zone.setProject(name(place.organisation, place.project));
    }
    return zones.createZone(
        CreateZoneRequest.newBuilder()
            .setZone(zone)
            .addRecords(
                Record.newBuilder()
                    .setName("www." + apex)
                    .setType(RecordType.RECORD_TYPE_A)
                    .putLabels("owner", mark + "owner")
                    .setComment(mark + "note")
                    .addData(
                        RecordData.newBuilder().setA(AData.newBuilder().setAddress("192.0.2.1"))))
            .addRecords(
                Record.newBuilder()
                    .setName(mark + "name." + apex)
                    .setType(RecordType.RECORD_TYPE_TXT)
                    .addData(
                        RecordData.newBuilder()
                            .setTxt(TxtData.newBuilder().addStrings(mark + "data"))))
            .setRequestId(
                mark.isEmpty() || !apex.equals(place.apex) ? "" : USED_REQUEST_ID + apex.length())
            .build());
  }

  private void delete(String apex) {
    var _ =
        zones.deleteZone(
            DeleteZoneRequest.newBuilder()
                .setZone(ZoneRef.newBuilder().setName(ZoneName.newBuilder().setApex(apex)))
                .build());
  }

  private TransferZoneResponse offer(String apex, ProjectName target) {
    TransferZoneRequest.Builder request =
        TransferZoneRequest.newBuilder()
            .setZone(ZoneRef.newBuilder().setName(ZoneName.newBuilder().setApex(apex)));
    if (!target.getProject().isEmpty()) {
      request.setTarget(target);
    }
    return zones.transferZone(request.build());
  }

  private static Scope scope(String organisation, String project) {
    Scope.Builder scope =
        Scope.newBuilder()
            .setKind(
                organisation.isEmpty()
                    ? ScopeKind.SCOPE_KIND_PLATFORM
                    : project.isEmpty()
                        ? ScopeKind.SCOPE_KIND_ORGANISATION
                        : ScopeKind.SCOPE_KIND_PROJECT);
    return organisation.isEmpty()
        ? scope.build()
        : scope.setProject(name(organisation, project)).build();
  }

  CreateTokenResponse token(
      String organisation, String project, Role role, String display, List<AccessRule> rules) {
    return access.createToken(
        CreateTokenRequest.newBuilder()
            .setToken(
                Token.newBuilder()
                    .setDisplayName(display)
                    .setScope(scope(organisation, project))
                    .setRole(role)
                    .addAllRules(rules))
            .build());
  }

  private String policy(String organisation, String project, String subject) {
    return access
        .createPolicy(
            CreatePolicyRequest.newBuilder()
                .setPolicy(
                    Policy.newBuilder()
                        .setPrincipal("oidc:https://id.example#" + subject)
                        .setScope(scope(organisation, project))
                        .setRole(Role.ROLE_VIEWER)
                        .setComment(subject + "comment"))
                .build())
        .getPolicy()
        .getId();
  }

  private String grant(String name, String mark) {
    return tenants
        .createNameGrant(
            CreateNameGrantRequest.newBuilder()
                .setGrant(
                    NameGrant.newBuilder()
                        .setName(name)
                        .setGrantee(name(mark + "taker", mark + "taker"))
                        .setComment(mark + "grantcomment"))
                .build())
        .getGrant()
        .getId();
  }

  // ---- callers -------------------------------------------------------------------------------

  private void callers(Place own, RealIssuer issuer, String audience) {
    String stranger = issuer.token("stranger", audience, Map.of());
    // The keys of the issuer are fetched with the first of them.
    await().atMost(Duration.ofMinutes(1)).until(() -> isTaken(stranger));
    callers.add(
        Caller.of("nobody", "", Role.ROLE_UNSPECIFIED, ScopeKind.SCOPE_KIND_UNSPECIFIED, own)
            .asDead());
    callers.add(
        Caller.of(
            "no role", stranger, Role.ROLE_UNSPECIFIED, ScopeKind.SCOPE_KIND_UNSPECIFIED, own));
    for (Role role :
        List.of(
            Role.ROLE_VIEWER,
            Role.ROLE_EDITOR,
            Role.ROLE_OWNER,
            Role.ROLE_ADMIN,
            Role.ROLE_AUDITOR)) {
      callers.add(
          Caller.of(
              text(role),
              token(ACME, "shop", role, text(role), List.of()).getSecret(),
              role,
              ScopeKind.SCOPE_KIND_PROJECT,
              own));
    }
    for (Role role : List.of(Role.ROLE_VIEWER, Role.ROLE_ADMIN)) {
      callers.add(
          Caller.of(
              "org " + text(role),
              token(ACME, "", role, "org " + text(role), List.of()).getSecret(),
              role,
              ScopeKind.SCOPE_KIND_ORGANISATION,
              own));
    }
    AccessRule zone =
        AccessRule.newBuilder()
            .addZones(ZoneRef.newBuilder().setName(ZoneName.newBuilder().setApex(own.apex)))
            .addZones(ZoneRef.newBuilder().setId(ZoneId.newBuilder().setValue(own.zoneId)))
            .build();
    callers.add(
        Caller.of(
                "one zone",
                token(ACME, "shop", Role.ROLE_OWNER, "one zone", List.of(zone)).getSecret(),
                Role.ROLE_OWNER,
                ScopeKind.SCOPE_KIND_PROJECT,
                own)
            .narrowed(Caller.Narrowing.ZONE));
    AccessRule names =
        AccessRule.newBuilder()
            .addNames("_acme-challenge.*")
            .addTypes(RecordType.RECORD_TYPE_TXT)
            .build();
    callers.add(
        Caller.of(
                "some names",
                token(ACME, "shop", Role.ROLE_EDITOR, "some names", List.of(names)).getSecret(),
                Role.ROLE_EDITOR,
                ScopeKind.SCOPE_KIND_PROJECT,
                own)
            .narrowed(Caller.Narrowing.NAMES));
    callers.add(
        Caller.of(
                "suspended",
                token("paused", "", Role.ROLE_ADMIN, "paused", List.of()).getSecret(),
                Role.ROLE_ADMIN,
                ScopeKind.SCOPE_KIND_ORGANISATION,
                paused)
            .asSuspended());
    CreateTokenResponse revoked = token(ACME, "shop", Role.ROLE_ADMIN, "revoked", List.of());
    var _ =
        access.deleteToken(
            DeleteTokenRequest.newBuilder().setToken(revoked.getToken().getId()).build());
    callers.add(
        Caller.of(
                "revoked", revoked.getSecret(), Role.ROLE_ADMIN, ScopeKind.SCOPE_KIND_PROJECT, own)
            .asDead());
    callers.add(
        Caller.of("expired", expired(), Role.ROLE_ADMIN, ScopeKind.SCOPE_KIND_PROJECT, own)
            .asDead());
    callers.add(
        Caller.of(
            "platform auditor",
            token("", "", Role.ROLE_AUDITOR, "platform auditor", List.of()).getSecret(),
            Role.ROLE_AUDITOR,
            ScopeKind.SCOPE_KIND_PLATFORM,
            own));
    callers.add(
        Caller.of("platform admin", admin, Role.ROLE_ADMIN, ScopeKind.SCOPE_KIND_PLATFORM, own));
  }

  private static String text(Role role) {
    return role.name().substring("ROLE_".length()).toLowerCase(java.util.Locale.ROOT);
  }

  private String expired() {
    String secret =
        access
            .createToken(
                CreateTokenRequest.newBuilder()
                    .setToken(
                        Token.newBuilder()
                            .setDisplayName("expired")
                            .setScope(scope(ACME, "shop"))
                            .setRole(Role.ROLE_ADMIN)
                            .setExpireTime(
                                Timestamps.fromMillis(System.currentTimeMillis() + 1_500)))
                    .build())
            .getSecret();
    await().atMost(Duration.ofSeconds(20)).until(() -> !isTaken(secret));
    return secret;
  }

  private boolean isTaken(String secret) {
    try {
      var _ =
          access
              .withCallCredentials(Plane.bearer(secret))
              .getIdentity(GetIdentityRequest.getDefaultInstance());
      return true;
    } catch (StatusRuntimeException _) {
      return false;
    }
  }
}
