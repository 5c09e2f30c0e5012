package io.flashdns.management.api;

import static io.flashdns.management.message.RefusedCalls.refused;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.FieldMask;
import com.google.rpc.Code;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.core.zone.Tenant;
import io.flashdns.management.message.CallException;
import io.flashdns.management.tenancy.Keys;
import io.flashdns.management.tenancy.Rights;
import io.flashdns.proto.v1.AuditEntry;
import io.flashdns.proto.v1.CreateOrganisationRequest;
import io.flashdns.proto.v1.CreateProjectRequest;
import io.flashdns.proto.v1.CreateTokenRequest;
import io.flashdns.proto.v1.DeleteOrganisationRequest;
import io.flashdns.proto.v1.DeleteProjectRequest;
import io.flashdns.proto.v1.GetOrganisationRequest;
import io.flashdns.proto.v1.GetProjectRequest;
import io.flashdns.proto.v1.GetQuotasRequest;
import io.flashdns.proto.v1.ListAuditEntriesRequest;
import io.flashdns.proto.v1.ListOrganisationsRequest;
import io.flashdns.proto.v1.ListProjectsRequest;
import io.flashdns.proto.v1.Organisation;
import io.flashdns.proto.v1.Project;
import io.flashdns.proto.v1.Quota;
import io.flashdns.proto.v1.QuotaKind;
import io.flashdns.proto.v1.ResumeProjectRequest;
import io.flashdns.proto.v1.Role;
import io.flashdns.proto.v1.ScopeKind;
import io.flashdns.proto.v1.SuspendOrganisationRequest;
import io.flashdns.proto.v1.SuspendProjectRequest;
import io.flashdns.proto.v1.Token;
import io.flashdns.proto.v1.UpdateOrganisationQuotasRequest;
import io.flashdns.proto.v1.UpdateOrganisationRequest;
import io.flashdns.proto.v1.UpdateProjectQuotasRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TenantCallsTest {
  private TenantApi api;

  @BeforeEach
  void open() throws Exception {
    api = new TenantApi();
  }

  @AfterEach
  void close() {
    api.close();
  }

  private Organisation organisation(Rights rights, String id) throws Exception {
    return api.call(
            rights,
            api.tenants::getOrganisation,
            GetOrganisationRequest.newBuilder().setOrganisation(id).build())
        .getOrganisation();
  }

  private Project project(Rights rights, String organisation, String id) throws Exception {
    return api.call(
            rights,
            api.tenants::getProject,
            GetProjectRequest.newBuilder().setProject(TenantApi.name(organisation, id)).build())
        .getProject();
  }

  @Test
  void organisationIsThereOnceItIsMade() throws Exception {
    api.organisation("acme");

    Organisation made = organisation(api.operator, "acme");
    assertThat(made.getId()).isEqualTo("acme");
    assertThat(made.getDisplayName()).isEqualTo("acme");
    assertThat(made.getEtag()).isNotEmpty();
    assertThat(made.hasSuspension()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "A", "-a", "a-", "1a", "a/b", "a.b", "ä", "a b", "a\u0000"})
  void idOfAnotherFormIsRefused(String id) {
    refused(() -> api.organisation(id), Code.INVALID_ARGUMENT);
  }

  @Test
  void idIsNeverGivenAgain() throws Exception {
    api.project("acme", "shop");
    refused(() -> api.organisation("acme"), Code.ALREADY_EXISTS);
    delete("acme", "shop");
    refused(() -> api.project("acme", "shop"), Code.ALREADY_EXISTS);
    delete("acme");
    refused(() -> api.organisation("acme"), Code.ALREADY_EXISTS);
  }

  private void delete(String organisation, String project) throws Exception {
    var _ =
        api.call(
            api.operator,
            api.tenants::deleteProject,
            DeleteProjectRequest.newBuilder()
                .setProject(TenantApi.name(organisation, project))
                .build());
  }

  private void delete(String organisation) throws Exception {
    var _ =
        api.call(
            api.operator,
            api.tenants::deleteOrganisation,
            DeleteOrganisationRequest.newBuilder().setOrganisation(organisation).build());
  }

  @Test
  void organisationWithProjectsIsNotDeleted() throws Exception {
    api.project("acme", "shop");

    CallException thrown = refused(() -> delete("acme"), Code.FAILED_PRECONDITION);
    assertThat(TenantApi.reason(thrown)).isEqualTo("NOT_EMPTY");
  }

  @Test
  void validateOnlySaysWhatWouldBeAndDoesNothing() throws Exception {
    var answer =
        api.call(
            api.operator,
            api.tenants::createOrganisation,
            CreateOrganisationRequest.newBuilder()
                .setOrganisation(Organisation.newBuilder().setId("acme"))
                .setValidateOnly(true)
                .build());

    assertThat(answer.getOutcome().getValidatedOnly()).isTrue();
    assertThat(answer.getOrganisation().getId()).isEqualTo("acme");
    refused(() -> organisation(api.operator, "acme"), Code.NOT_FOUND);
  }

  @Test
  void sameRequestIdGetsTheFirstAnswer() throws Exception {
    CreateOrganisationRequest request =
        CreateOrganisationRequest.newBuilder()
            .setOrganisation(Organisation.newBuilder().setId("acme"))
            .setRequestId("one")
            .build();
    var first = api.call(api.operator, api.tenants::createOrganisation, request);
    var again = api.call(api.operator, api.tenants::createOrganisation, request);

    assertThat(first.getOutcome().getChanged()).isTrue();
    assertThat(again.getOutcome().getChanged()).isFalse();
    assertThat(again.getOrganisation()).isEqualTo(first.getOrganisation());
  }

  @Test
  void updateChangesWhatItsMaskNamesAndHeedsTheEtag() throws Exception {
    api.organisation("acme");
    String etag = organisation(api.operator, "acme").getEtag();
    UpdateOrganisationRequest request =
        UpdateOrganisationRequest.newBuilder()
            .setOrganisation(
                Organisation.newBuilder()
                    .setId("acme")
                    .setDisplayName("Acme Ltd")
                    .putLabels("owner", "team"))
            .setUpdateMask(FieldMask.newBuilder().addPaths("display_name"))
            .setEtag(etag)
            .build();
    var answer = api.call(api.operator, api.tenants::updateOrganisation, request);

    assertThat(answer.getOrganisation().getDisplayName()).isEqualTo("Acme Ltd");
    assertThat(answer.getOrganisation().getLabelsMap()).isEmpty();
    assertThat(answer.getOrganisation()).isEqualTo(organisation(api.operator, "acme"));
    refused(() -> api.call(api.operator, api.tenants::updateOrganisation, request), Code.ABORTED);
    refused(
        () ->
            api.call(
                api.operator,
                api.tenants::updateOrganisation,
                request.toBuilder()
                    .setUpdateMask(FieldMask.newBuilder().addPaths("suspension"))
                    .build()),
        Code.INVALID_ARGUMENT);
  }

  @Test
  void whatMayNotBeSeenIsWhatIsNotThere() throws Exception {
    api.project("acme", "shop");
    api.project("acme", "mail");
    api.project("other", "web");
    Rights owner = api.with("ann", Role.ROLE_OWNER, TenantApi.in("acme", "shop"));

    for (String[] hidden : new String[][] {{"acme", "mail"}, {"other", "web"}}) {
      CallException thrown = refused(() -> project(owner, hidden[0], hidden[1]), Code.NOT_FOUND);
      String none = "x".repeat(hidden[1].length());
      CallException absent = refused(() -> project(owner, hidden[0], none), Code.NOT_FOUND);
      assertThat(thrown.status().toString().replace(hidden[1], none))
          .isEqualTo(absent.status().toString());
    }
    assertThat(project(owner, "", "shop").getName()).isEqualTo(TenantApi.name("acme", "shop"));
    CallException denied = refused(() -> organisation(owner, "acme"), Code.PERMISSION_DENIED);
    assertThat(TenantApi.reason(denied)).isEqualTo("PERMISSION_MISSING");
    refused(() -> organisation(owner, "other"), Code.NOT_FOUND);
    refused(
        () ->
            api.call(
                owner,
                api.tenants::createProject,
                CreateProjectRequest.newBuilder()
                    .setProject(Project.newBuilder().setName(TenantApi.name("acme", "more")))
                    .build()),
        Code.PERMISSION_DENIED);
  }

  @Test
  void listsShowWhatTheCallerMaySeePageByPage() throws Exception {
    for (int i = 0; i < 7; i++) {
      api.project("acme", "p" + i);
    }
    api.project("other", "web");
    Rights viewer = api.with("ann", Role.ROLE_VIEWER, TenantApi.in("acme", ""));

    List<String> names = new ArrayList<>();
    String token = "";
    int pages = 0;
    do {
      var page =
          api.call(
              viewer,
              api.tenants::listProjects,
              ListProjectsRequest.newBuilder().setPageSize(3).setPageToken(token).build());
      page.getProjectsList().forEach(one -> names.add(one.getName().getProject()));
      token = page.getNextPageToken();
      pages++;
    } while (!token.isEmpty());
    assertThat(names).containsExactly("p0", "p1", "p2", "p3", "p4", "p5", "p6");
    assertThat(pages).isEqualTo(3);
    assertThat(
            api.call(
                    viewer,
                    api.tenants::listProjects,
                    ListProjectsRequest.newBuilder()
                        .setFilter("project = \"p*\" AND suspended = false")
                        .setOrderBy("create_time desc")
                        .setPageSize(2)
                        .build())
                .getProjectsList())
        .extracting(one -> one.getName().getProject())
        .containsExactly("p6", "p5");
    assertThat(
            api.call(
                    viewer,
                    api.tenants::listOrganisations,
                    ListOrganisationsRequest.getDefaultInstance())
                .getOrganisationsList())
        .extracting(Organisation::getId)
        .containsExactly("acme");
    assertThat(
            api.call(
                    viewer,
                    api.tenants::listProjects,
                    ListProjectsRequest.newBuilder().setFilter("organisation = \"other\"").build())
                .getProjectsList())
        .isEmpty();
  }

  @Test
  void suspensionByThePlatformIsNotLiftedFromBelow() throws Exception {
    api.project("acme", "shop");
    Rights admin = api.with("ann", Role.ROLE_ADMIN, TenantApi.in("acme", ""));
    SuspendProjectRequest suspend =
        SuspendProjectRequest.newBuilder()
            .setProject(TenantApi.name("acme", "shop"))
            .setReason("spam: write to abuse@platform.test")
            .build();
    ResumeProjectRequest resume =
        ResumeProjectRequest.newBuilder().setProject(TenantApi.name("acme", "shop")).build();
    var _ = api.call(api.operator, api.tenants::suspendProject, suspend);
    assertThat(project(admin, "acme", "shop").getSuspension().getBy())
        .isEqualTo(ScopeKind.SCOPE_KIND_PLATFORM);
    var own =
        api.call(admin, api.tenants::suspendProject, suspend.toBuilder().setReason("mine").build());
    assertThat(own.getOutcome().getChanged()).isFalse();
    refused(() -> api.call(admin, api.tenants::resumeProject, resume), Code.PERMISSION_DENIED);
    var _ = api.call(api.operator, api.tenants::resumeProject, resume);
    var _ = api.call(admin, api.tenants::suspendProject, suspend);
    var lifted = api.call(admin, api.tenants::resumeProject, resume);

    assertThat(lifted.getProject().hasSuspension()).isFalse();
    assertThat(api.call(admin, api.tenants::resumeProject, resume).getOutcome().getChanged())
        .isFalse();
  }

  @Test
  void suspensionIsSeenInTheDnsAndStopsChanges() throws Exception {
    api.project("acme", "shop");
    Rights admin = api.with("ann", Role.ROLE_ADMIN, TenantApi.in("acme", ""));
    CountDownLatch told = new CountDownLatch(1);
    api.tenancy.standing().listen(told::countDown);
    var _ =
        api.call(
            api.operator,
            api.tenants::suspendOrganisation,
            SuspendOrganisationRequest.newBuilder()
                .setOrganisation("acme")
                .setReason("the bill is open")
                .build());

    assertThat(told.await(5, TimeUnit.SECONDS)).isTrue();
    assertThat(api.tenancy.standing().isSuspended("acme", "shop")).isTrue();
    assertThat(api.tenancy.standing().isSuspended("acmex", "shop")).isFalse();
    assertThat(api.tenancy.standing().of(new Tenant(3, "acme", "shop", false, 0)).suspended())
        .isTrue();
    CallException thrown =
        refused(
            () ->
                api.call(
                    admin,
                    api.tenants::createProject,
                    CreateProjectRequest.newBuilder()
                        .setProject(Project.newBuilder().setName(TenantApi.name("acme", "more")))
                        .build()),
            Code.FAILED_PRECONDITION);
    assertThat(TenantApi.reason(thrown)).isEqualTo("SUSPENDED");
    assertThat(thrown).hasMessageContaining("the bill is open");
  }

  @Test
  void quotasAreInheritedSetAndGivenBack() throws Exception {
    api.project("acme", "shop");
    GetQuotasRequest ofProject =
        GetQuotasRequest.newBuilder().setTenant(TenantApi.name("acme", "shop")).build();
    var before = api.call(api.operator, api.tenants::getQuotas, ofProject);
    assertThat(limit(before.getQuotasList(), QuotaKind.QUOTA_KIND_ZONES).getLimit())
        .isEqualTo(1_000);
    assertThat(limit(before.getQuotasList(), QuotaKind.QUOTA_KIND_ZONES).getInherited()).isTrue();
    var organisation =
        api.call(
            api.operator,
            api.tenants::updateOrganisationQuotas,
            UpdateOrganisationQuotasRequest.newBuilder()
                .setOrganisation("acme")
                .addQuotas(quota(QuotaKind.QUOTA_KIND_ZONES, 50))
                .addQuotas(quota(QuotaKind.QUOTA_KIND_QUERIES_PER_SECOND, 300))
                .build());
    assertThat(limit(organisation.getQuotasList(), QuotaKind.QUOTA_KIND_ZONES).getLimit())
        .isEqualTo(50);
    assertThat(
            api.tenancy.standing().of(new Tenant(3, "acme", "shop", false, 0)).queriesPerSecond())
        .isEqualTo(300);
    Rights admin = api.with("ann", Role.ROLE_ADMIN, TenantApi.in("acme", ""));
    UpdateProjectQuotasRequest tooMuch =
        UpdateProjectQuotasRequest.newBuilder()
            .setProject(TenantApi.name("acme", "shop"))
            .addQuotas(quota(QuotaKind.QUOTA_KIND_ZONES, 51))
            .build();
    refused(
        () -> api.call(admin, api.tenants::updateProjectQuotas, tooMuch), Code.INVALID_ARGUMENT);
    var set =
        api.call(
            admin,
            api.tenants::updateProjectQuotas,
            tooMuch.toBuilder()
                .setQuotas(0, quota(QuotaKind.QUOTA_KIND_ZONES, 7))
                .setEtag(before.getEtag())
                .build());
    assertThat(limit(set.getQuotasList(), QuotaKind.QUOTA_KIND_ZONES))
        .isEqualTo(quota(QuotaKind.QUOTA_KIND_ZONES, 7));
    var inherited =
        api.call(
            admin,
            api.tenants::updateProjectQuotas,
            UpdateProjectQuotasRequest.newBuilder()
                .setProject(TenantApi.name("acme", "shop"))
                .addInherit(QuotaKind.QUOTA_KIND_ZONES)
                .setEtag(set.getEtag())
                .build());
    assertThat(limit(inherited.getQuotasList(), QuotaKind.QUOTA_KIND_ZONES).getLimit())
        .isEqualTo(50);
    refused(
        () ->
            api.call(
                admin,
                api.tenants::updateOrganisationQuotas,
                UpdateOrganisationQuotasRequest.newBuilder()
                    .setOrganisation("acme")
                    .addQuotas(quota(QuotaKind.QUOTA_KIND_ZONES, 99))
                    .build()),
        Code.PERMISSION_DENIED);
  }

  private static Quota quota(QuotaKind kind, long limit) {
    return Quota.newBuilder().setKind(kind).setLimit(limit).build();
  }

  private static Quota limit(List<Quota> quotas, QuotaKind kind) {
    return quotas.stream().filter(quota -> quota.getKind() == kind).findFirst().orElseThrow();
  }

  @Test
  void deletedProjectTakesItsTokensAndPoliciesWithItAlsoWhenTheyAreMany() throws Exception {
    api.project("acme", "shop");
    var _ =
        api.call(
            api.operator,
            api.tenants::updateOrganisationQuotas,
            UpdateOrganisationQuotasRequest.newBuilder()
                .setOrganisation("acme")
                .addQuotas(quota(QuotaKind.QUOTA_KIND_TOKENS, 5_000))
                .build());
    var _ =
        api.call(
            api.operator,
            api.tenants::updateProjectQuotas,
            UpdateProjectQuotasRequest.newBuilder()
                .setProject(TenantApi.name("acme", "shop"))
                .addQuotas(quota(QuotaKind.QUOTA_KIND_TOKENS, 5_000))
                .build());
    for (int i = 0; i < 1_100; i++) {
      var _ =
          api.call(
              api.operator,
              api.access::createToken,
              CreateTokenRequest.newBuilder()
                  .setToken(
                      Token.newBuilder()
                          .setDisplayName("t" + i)
                          .setScope(TenantApi.in("acme", "shop"))
                          .setRole(Role.ROLE_VIEWER))
                  .build());
    }
    Rights ann = api.with("ann", Role.ROLE_OWNER, TenantApi.in("acme", "shop"));
    assertThat(ann.seesProject(new ZoneOwner("acme", "shop"))).isTrue();
    delete("acme", "shop");

    assertThat(api.somebody("ann").seesProject(new ZoneOwner("acme", "shop"))).isFalse();
    try (StoreSnapshot snapshot = api.store.snapshot()) {
      for (String prefix : List.of(Keys.TOKENS, Keys.POLICIES, "in/", "of/", "secret/")) {
        assertThat(snapshot.documents(prefix, "", 10)).as(prefix).isEmpty();
      }
    }
  }

  @Test
  void auditLogHasWhatWasBeforeAndAfterForWhoMayAuditIt() throws Exception {
    api.project("acme", "shop");
    api.project("other", "web");
    Rights auditor = api.with("eve", Role.ROLE_AUDITOR, TenantApi.in("acme", ""));

    List<AuditEntry> seen = new ArrayList<>();
    String token = "";
    do {
      var page =
          api.call(
              auditor,
              api.audit::listAuditEntries,
              ListAuditEntriesRequest.newBuilder().setPageSize(1).setPageToken(token).build());
      seen.addAll(page.getEntriesList());
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    assertThat(seen)
        .extracting(AuditEntry::getCall)
        .containsExactly(
            "/flashdns.v1.AccessService/CreatePolicy",
            "/flashdns.v1.TenantService/CreateProject",
            "/flashdns.v1.TenantService/CreateOrganisation");
    assertThat(seen.get(1).getBeforeJson()).isEmpty();
    assertThat(seen.get(1).getAfterJson()).contains("\"shop\"");
    assertThat(seen).allMatch(entry -> entry.getProject().getOrganisation().equals("acme"));
    var forth =
        api.call(
            auditor,
            api.audit::listAuditEntries,
            ListAuditEntriesRequest.newBuilder()
                .setOrderBy("time")
                .setFilter("call = \"*Project\" AND project = \"shop\"")
                .build());
    assertThat(forth.getEntriesList()).containsExactly(seen.get(1));
    Rights owner = api.with("ann", Role.ROLE_OWNER, TenantApi.in("acme", "shop"));
    assertThat(
            api.call(
                    owner,
                    api.audit::listAuditEntries,
                    ListAuditEntriesRequest.getDefaultInstance())
                .getEntriesCount())
        .isZero();
  }
}
