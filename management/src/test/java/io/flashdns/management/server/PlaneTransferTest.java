package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.proto.v1.AcceptZoneTransferRequest;
import io.flashdns.proto.v1.AccessServiceGrpc;
import io.flashdns.proto.v1.CancelZoneTransferRequest;
import io.flashdns.proto.v1.Change;
import io.flashdns.proto.v1.CreateOrganisationRequest;
import io.flashdns.proto.v1.CreateProjectRequest;
import io.flashdns.proto.v1.CreateTokenRequest;
import io.flashdns.proto.v1.CreateZoneRequest;
import io.flashdns.proto.v1.GetZoneRequest;
import io.flashdns.proto.v1.ListZoneHistoryRequest;
import io.flashdns.proto.v1.ListZoneTransfersRequest;
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
import io.flashdns.proto.v1.UpdateZoneRequest;
import io.flashdns.proto.v1.Zone;
import io.flashdns.proto.v1.ZoneId;
import io.flashdns.proto.v1.ZoneName;
import io.flashdns.proto.v1.ZoneRef;
import io.flashdns.proto.v1.ZoneServiceGrpc;
import io.flashdns.proto.v1.ZoneTransferState;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A zone that goes from one organisation to another. */
class PlaneTransferTest {
  @TempDir private Path folder;
  private Plane plane;
  private ZoneServiceGrpc.ZoneServiceBlockingStub giver;
  private ZoneServiceGrpc.ZoneServiceBlockingStub taker;
  private ZoneServiceGrpc.ZoneServiceBlockingStub stranger;
  private ZoneId zone;

  @BeforeEach
  void start() throws Exception {
    plane = Plane.start(folder);
    giver = zones(tenant("giver"));
    taker = zones(tenant("taker"));
    stranger = zones(tenant("stranger"));
    zone =
        giver
            .createZone(
                CreateZoneRequest.newBuilder()
                    .setZone(
                        Zone.newBuilder().setName(ZoneName.newBuilder().setApex("example.org")))
                    .build())
            .getZone()
            .getId();
  }

  @AfterEach
  void stop() throws Exception {
    plane.close();
  }

  private ZoneServiceGrpc.ZoneServiceBlockingStub zones(String token) {
    return ZoneServiceGrpc.newBlockingStub(plane.channel())
        .withCallCredentials(Plane.bearer(token));
  }

  /** Makes an organisation with a project and an owner of it; the result is the owner's secret. */
  private String tenant(String id) {
    var tenants =
        TenantServiceGrpc.newBlockingStub(plane.channel()).withCallCredentials(plane.admin());
    var _ =
        tenants.createOrganisation(
            CreateOrganisationRequest.newBuilder()
                .setOrganisation(Organisation.newBuilder().setId(id))
                .build());
    ProjectName project = ProjectName.newBuilder().setOrganisation(id).setProject("web").build();
    var _ =
        tenants.createProject(
            CreateProjectRequest.newBuilder()
                .setProject(Project.newBuilder().setName(project))
                .build());
    return AccessServiceGrpc.newBlockingStub(plane.channel())
        .withCallCredentials(plane.admin())
        .createToken(
            CreateTokenRequest.newBuilder()
                .setToken(
                    Token.newBuilder()
                        .setDisplayName(id)
                        .setRole(Role.ROLE_OWNER)
                        .setScope(
                            Scope.newBuilder()
                                .setKind(ScopeKind.SCOPE_KIND_PROJECT)
                                .setProject(project)))
                .build())
        .getSecret();
  }

  private ZoneRef ref() {
    return ZoneRef.newBuilder().setId(zone).build();
  }

  private TransferZoneResponse offer() {
    return giver.transferZone(TransferZoneRequest.newBuilder().setZone(ref()).build());
  }

  private static AcceptZoneTransferRequest accept(TransferZoneResponse offer, String key) {
    return AcceptZoneTransferRequest.newBuilder()
        .setTransfer(offer.getTransfer().getId())
        .setKey(key)
        .build();
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
  void zoneGoesToWhoShowsTheKeyAndNothingOfTheGiverIsTold() {
    TransferZoneResponse offer = offer();
    assertThat(offer.getKey()).isNotEmpty();
    var taken = taker.acceptZoneTransfer(accept(offer, offer.getKey()));
    assertThat(taken.getZone().getProject().getOrganisation()).isEqualTo("taker");
    assertThat(taken.getZone().getId()).isEqualTo(zone);
    assertThat(taken.getTransfer().getState())
        .isEqualTo(ZoneTransferState.ZONE_TRANSFER_STATE_ACCEPTED);
    assertThat(taken.toString()).doesNotContain("giver");

    assertThat(code(() -> giver.getZone(GetZoneRequest.newBuilder().setZone(ref()).build())))
        .isEqualTo(Status.Code.NOT_FOUND);
    var history =
        taker.listZoneHistory(
            ListZoneHistoryRequest.newBuilder().setZone(ref()).setIncludeRecords(true).build());
    assertThat(history.toString()).doesNotContain("giver");
    List<Change> changes = history.getChangesList();
    assertThat(changes).hasSize(2);
    assertThat(changes.get(0).getPrincipal()).startsWith("token:");
    assertThat(changes.get(1).getPrincipal()).as("what the giver did").isEmpty();
  }

  @Test
  void wrongKeyAndStrangersFindNoOffer() {
    TransferZoneResponse offer = offer();
    Status wrong = status(() -> taker.acceptZoneTransfer(accept(offer, "guess")));
    assertThat(wrong.getCode()).isEqualTo(Status.Code.NOT_FOUND);
    assertThat(
            code(
                () ->
                    stranger.cancelZoneTransfer(
                        CancelZoneTransferRequest.newBuilder()
                            .setTransfer(offer.getTransfer().getId())
                            .build())))
        .isEqualTo(Status.Code.NOT_FOUND);
    assertThat(
            stranger
                .listZoneTransfers(ListZoneTransfersRequest.getDefaultInstance())
                .getTransfersList())
        .isEmpty();
    assertThat(
            giver
                .listZoneTransfers(
                    ListZoneTransfersRequest.newBuilder().setFilter("state = OFFERED").build())
                .getTransfersList())
        .hasSize(1);
    var _ =
        giver.cancelZoneTransfer(
            CancelZoneTransferRequest.newBuilder()
                .setTransfer(offer.getTransfer().getId())
                .build());
    assertThat(code(() -> taker.acceptZoneTransfer(accept(offer, offer.getKey()))))
        .isEqualTo(Status.Code.NOT_FOUND);
  }

  private static Status status(Runnable call) {
    try {
      call.run();
      return Status.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus();
    }
  }

  @Test
  void giversTokensReachTheZoneNoMoreWhenItIsTaken() {
    TransferZoneResponse offer = offer();
    var _ = taker.acceptZoneTransfer(accept(offer, offer.getKey()));
    assertThat(
            code(
                () ->
                    giver.updateZone(
                        UpdateZoneRequest.newBuilder()
                            .setZone(Zone.newBuilder().setId(zone).setComment("mine"))
                            .build())))
        .isEqualTo(Status.Code.NOT_FOUND);
    assertThat(
            taker
                .updateZone(
                    UpdateZoneRequest.newBuilder()
                        .setZone(Zone.newBuilder().setId(zone).setComment("mine"))
                        .build())
                .getZone()
                .getComment())
        .isEqualTo("mine");
  }
}
