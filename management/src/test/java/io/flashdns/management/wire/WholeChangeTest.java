package io.flashdns.management.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.flashdns.management.server.Plane;
import io.flashdns.proto.v1.AccessServiceGrpc;
import io.flashdns.proto.v1.ApplyChangesRequest;
import io.flashdns.proto.v1.CreateOrganisationRequest;
import io.flashdns.proto.v1.CreateProjectRequest;
import io.flashdns.proto.v1.CreateTokenRequest;
import io.flashdns.proto.v1.Organisation;
import io.flashdns.proto.v1.Project;
import io.flashdns.proto.v1.ProjectName;
import io.flashdns.proto.v1.Quota;
import io.flashdns.proto.v1.QuotaKind;
import io.flashdns.proto.v1.RecordEdit;
import io.flashdns.proto.v1.RecordServiceGrpc;
import io.flashdns.proto.v1.RecordServiceGrpc.RecordServiceBlockingStub;
import io.flashdns.proto.v1.Role;
import io.flashdns.proto.v1.Scope;
import io.flashdns.proto.v1.ScopeKind;
import io.flashdns.proto.v1.TenantServiceGrpc;
import io.flashdns.proto.v1.Token;
import io.flashdns.proto.v1.UpdateOrganisationQuotasRequest;
import io.flashdns.proto.v1.UpdateProjectQuotasRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Change sets of ten thousand records over four zones, and clients that ask all the time. */
final class WholeChangeTest {
  private static final int CHANGES = 24;
  private static final int WITNESSES = 3;
  private static final int FIRST = 1;

  /** A version that no change brings to its end. */
  private static final int NEVER = 40_001;

  @TempDir private Path folder;
  private Plane plane;
  private RecordServiceBlockingStub records;
  private final List<Witness> witnesses = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    plane = Plane.start(folder);
    ProjectName project = tenant();
    records =
        RecordServiceGrpc.newBlockingStub(plane.channel())
            .withCallCredentials(Plane.bearer(token(project)));
    var _ = records.applyChanges(Versions.creation(FIRST, project));
    plane.awaitServed();
    for (int i = 0; i < WITNESSES; i++) {
      witnesses.add(new Witness(plane.dns(), FIRST, i).start());
    }
  }

  /** A project that may change as many records in a second as it likes. */
  private ProjectName tenant() {
    var tenants =
        TenantServiceGrpc.newBlockingStub(plane.channel()).withCallCredentials(plane.admin());
    ProjectName name = ProjectName.newBuilder().setOrganisation("acme").setProject("web").build();
    var _ =
        tenants.createOrganisation(
            CreateOrganisationRequest.newBuilder()
                .setOrganisation(Organisation.newBuilder().setId(name.getOrganisation()))
                .build());
    Quota free =
        Quota.newBuilder()
            .setKind(QuotaKind.QUOTA_KIND_CHANGES_PER_SECOND)
            .setLimit(1_000_000)
            .build();
    var _ =
        tenants.updateOrganisationQuotas(
            UpdateOrganisationQuotasRequest.newBuilder()
                .setOrganisation(name.getOrganisation())
                .addQuotas(free)
                .build());
    var _ =
        tenants.createProject(
            CreateProjectRequest.newBuilder()
                .setProject(Project.newBuilder().setName(name))
                .build());
    var _ =
        tenants.updateProjectQuotas(
            UpdateProjectQuotasRequest.newBuilder().setProject(name).addQuotas(free).build());
    return name;
  }

  private String token(ProjectName project) {
    return AccessServiceGrpc.newBlockingStub(plane.channel())
        .withCallCredentials(plane.admin())
        .createToken(
            CreateTokenRequest.newBuilder()
                .setToken(
                    Token.newBuilder()
                        .setDisplayName("changes")
                        .setRole(Role.ROLE_OWNER)
                        .setScope(
                            Scope.newBuilder()
                                .setKind(ScopeKind.SCOPE_KIND_PROJECT)
                                .setProject(project)))
                .build())
        .getSecret();
  }

  @AfterEach
  void stop() throws Exception {
    endWitnesses();
    plane.close();
  }

  private Collection<String> endWitnesses() throws InterruptedException {
    Collection<String> violations = new ArrayList<>();
    for (Witness witness : witnesses) {
      witness.end();
      violations.addAll(witness.violations());
    }
    return violations;
  }

  private long asked() {
    return witnesses.stream().mapToLong(Witness::asked).sum();
  }

  private void print(String what, Collection<String> violations) {
    System.out.printf(
        Locale.ROOT, "%s: %,d questions, %d violations%n", what, asked(), violations.size());
    witnesses.forEach(witness -> System.out.println("  " + witness));
  }

  @Test
  void nobodyEverSeesAPartOfAChangeOfTenThousandRecords() throws Exception {
    long[] tookNanos = new long[CHANGES];
    for (int i = 0; i < CHANGES; i++) {
      int version = FIRST + 1 + i;
      ApplyChangesRequest request =
          i % 4 == 3 ? Versions.replaced(version) : Versions.change(version).build();
      long begin = System.nanoTime();
      var _ = records.applyChanges(request);
      tookNanos[i] = System.nanoTime() - begin;
      if (i % 2 == 0) {
        plane.awaitServed(); // every other one comes while the one before is on its way
      }
    }
    plane.awaitServed();
    Collection<String> violations = endWitnesses();

    print(CHANGES + " changes of 10,000 records", violations);
    Arrays.sort(tookNanos);
    System.out.printf(
        Locale.ROOT,
        "  a call took p50 %d ms, max %d ms%n",
        tookNanos[CHANGES / 2] / 1_000_000,
        tookNanos[CHANGES - 1] / 1_000_000);
    assertThat(violations).isEmpty();
    Set<Integer> seen = new TreeSet<>();
    witnesses.forEach(witness -> seen.addAll(witness.seen()));
    assertThat(seen).hasSizeGreaterThan(CHANGES / 2);
    assertThat(asked()).isGreaterThan(1_000);
    assertThat(witnesses).allMatch(Witness::sawRepliesOfParts);
  }

  @Test
  void nothingIsSeenOfAChangeWhoseLastEditIsWrong() throws Exception {
    String apex = Versions.apex(Versions.ZONES - 1);
    RecordEdit good = Versions.edits(Versions.ZONES - 1, NEVER).getEdit().getEditsList().get(1);
    String owner = good.getPut().getName();
    List<RecordEdit> wrong =
        List.of(
            edit(good, good.getPut().toBuilder().setName("h0.elsewhere.test.").build()),
            edit(
                good,
                good.getPut().toBuilder()
                    .setData(
                        0,
                        good.getPut().getData(0).toBuilder()
                            .setA(good.getPut().getData(0).getA().toBuilder().setAddress("10.0.0")))
                    .build()),
            // What only the state of the zone tells: an alias beside other data, and guards.
            edit(good, good.getPut().toBuilder().setName("c0." + apex).build()),
            good.toBuilder().setAbsent(true).build(),
            good.toBuilder().setEtag("stale").build());
    List<Status.Code> codes = new ArrayList<>();
    for (RecordEdit last : wrong) {
      ApplyChangesRequest.Builder request = Versions.change(NEVER);
      var _ = request.getChangesBuilder(Versions.ZONES - 1).getEditBuilder().addEdits(last);
      codes.add(
          catchThrowableOfType(
                  StatusRuntimeException.class, () -> records.applyChanges(request.build()))
              .getStatus()
              .getCode());
    }
    var preview =
        records.applyChanges(Versions.change(NEVER).setValidateOnly(true).build()).getOutcome();
    plane.awaitServed();
    Collection<String> violations = endWitnesses();

    print("refused changes of 10,000 records: " + codes, violations);
    assertThat(codes)
        .containsExactly(
            Status.Code.INVALID_ARGUMENT,
            Status.Code.INVALID_ARGUMENT,
            Status.Code.INVALID_ARGUMENT,
            Status.Code.ABORTED,
            Status.Code.ABORTED);
    assertThat(owner).endsWith(apex);
    assertThat(preview.getValidatedOnly()).isTrue();
    assertThat(preview.getZonesCount()).isEqualTo(Versions.ZONES);
    assertThat(violations).isEmpty();
    assertThat(witnesses).allMatch(witness -> witness.seen().equals(Set.of(FIRST)));
  }

  private static RecordEdit edit(RecordEdit like, io.flashdns.proto.v1.Record record) {
    return like.toBuilder().setPut(record).build();
  }

  /** What the other tests would say if changes were not made whole. */
  @Test
  void changesThatAreMadeZoneByZoneAreSeenInParts() throws Exception {
    for (int version = FIRST + 1; version < FIRST + 4; version++) {
      for (int zone = 0; zone < Versions.ZONES; zone++) {
        var _ =
            records.applyChanges(
                ApplyChangesRequest.newBuilder().addChanges(Versions.edits(zone, version)).build());
        plane.awaitServed();
      }
    }
    assertThat(endWitnesses()).isNotEmpty();
  }
}
