package io.flashdns.management.api;

import static io.flashdns.management.message.RefusedCalls.refused;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.Code;
import io.flashdns.management.message.CallException;
import io.flashdns.management.tenancy.Rights;
import io.flashdns.proto.v1.CreatePolicyRequest;
import io.flashdns.proto.v1.DeletePolicyRequest;
import io.flashdns.proto.v1.GetIdentityRequest;
import io.flashdns.proto.v1.IdentityGrant;
import io.flashdns.proto.v1.ListPoliciesRequest;
import io.flashdns.proto.v1.Permission;
import io.flashdns.proto.v1.Policy;
import io.flashdns.proto.v1.Role;
import io.flashdns.proto.v1.Scope;
import io.flashdns.proto.v1.UpdatePolicyRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What policies give, and what an identity says of them. */
final class PolicyCallsTest {
  private TenantApi api;
  private Rights owner;

  @BeforeEach
  void open() throws Exception {
    api = new TenantApi();
    api.project("acme", "shop");
    api.project("other", "web");
    owner = api.with("ann", Role.ROLE_OWNER, TenantApi.in("acme", "shop"));
  }

  @AfterEach
  void close() {
    api.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "ann",
        "oidc:",
        "oidc:issuer",
        "oidc:#x",
        "oidc:issuer#",
        "token:abc",
        "local:start",
        "mtls:",
        "mtls:ops.example.org",
        "mtls:DNS:",
        "mtls:dns:ops.example.org",
        "group:#",
        "oidc:a#b\n",
      })
  void policyIsForPrincipalsThatCanHaveOne(String principal) {
    refused(
        () -> policy(api.operator, principal, Role.ROLE_VIEWER, TenantApi.in("acme", "shop")),
        Code.INVALID_ARGUMENT);
  }

  private Policy policy(Rights rights, String principal, Role role, Scope scope) throws Exception {
    return api.call(
            rights,
            api.access::createPolicy,
            CreatePolicyRequest.newBuilder()
                .setPolicy(
                    Policy.newBuilder().setPrincipal(principal).setRole(role).setScope(scope))
                .build())
        .getPolicy();
  }

  @Test
  void policyHoldsFromTheNextCallOnAndUntilItIsTakenAway() throws Exception {
    assertThat(api.somebody("bob").grants()).isEmpty();
    Policy made =
        policy(
            api.operator,
            "oidc:https://issuer.example#bob",
            Role.ROLE_VIEWER,
            TenantApi.in("acme", ""));
    assertThat(api.somebody("bob").seesOrganisation("acme")).isTrue();
    refused(
        () ->
            policy(
                api.operator,
                "oidc:https://issuer.example#bob",
                Role.ROLE_VIEWER,
                TenantApi.in("acme", "")),
        Code.ALREADY_EXISTS);
    var _ =
        api.call(
            api.operator,
            api.access::deletePolicy,
            DeletePolicyRequest.newBuilder()
                .setPolicy(made.getId())
                .setEtag(made.getEtag())
                .build());
    assertThat(api.somebody("bob").seesOrganisation("acme")).isFalse();
  }

  @Test
  void ownerMakesNoPolicies() {
    refused(
        () -> policy(owner, "mtls:URI:spiffe://x", Role.ROLE_VIEWER, TenantApi.in("acme", "shop")),
        Code.PERMISSION_DENIED);
  }

  @Test
  void lastAdminOfThePlatformStays() throws Exception {
    Policy only =
        policy(
            api.operator,
            "oidc:https://issuer.example#root",
            Role.ROLE_ADMIN,
            TenantApi.platform());
    CallException thrown =
        refused(
            () ->
                api.call(
                    api.operator,
                    api.access::deletePolicy,
                    DeletePolicyRequest.newBuilder().setPolicy(only.getId()).build()),
            Code.FAILED_PRECONDITION);
    assertThat(TenantApi.reason(thrown)).isEqualTo("LAST_ADMIN");
    refused(
        () ->
            api.call(
                api.operator,
                api.access::updatePolicy,
                UpdatePolicyRequest.newBuilder()
                    .setPolicy(Policy.newBuilder().setId(only.getId()).setRole(Role.ROLE_AUDITOR))
                    .build()),
        Code.FAILED_PRECONDITION);
    var _ =
        policy(
            api.operator,
            "oidc:https://issuer.example#other",
            Role.ROLE_ADMIN,
            TenantApi.platform());
    var _ =
        api.call(
            api.operator,
            api.access::deletePolicy,
            DeletePolicyRequest.newBuilder().setPolicy(only.getId()).build());
  }

  @Test
  void policiesAreListedByPrincipal() throws Exception {
    for (String name : new String[] {"zed", "bob", "kim"}) {
      var _ =
          policy(
              api.operator,
              "oidc:https://issuer.example#" + name,
              Role.ROLE_VIEWER,
              TenantApi.in("other", "web"));
    }
    Rights admin = api.with("root", Role.ROLE_ADMIN, TenantApi.in("other", ""));

    var listed =
        api.call(
            admin,
            api.access::listPolicies,
            ListPoliciesRequest.newBuilder().setFilter("role = VIEWER").build());
    assertThat(listed.getPoliciesList())
        .extracting(one -> one.getPrincipal().replaceAll(".*#", ""))
        .containsExactly("bob", "kim", "zed");
  }

  @Test
  void identitySaysWhatItMayDo() throws Exception {
    var identity =
        api.call(owner, api.access::getIdentity, GetIdentityRequest.getDefaultInstance())
            .getIdentity();

    assertThat(identity.getPrincipal()).isEqualTo("oidc:https://issuer.example#ann");
    IdentityGrant grant = identity.getGrants(0);
    assertThat(grant.getScope()).isEqualTo(TenantApi.in("acme", "shop"));
    assertThat(grant.getRole()).isEqualTo(Role.ROLE_OWNER);
    assertThat(grant.getPermissionsList())
        .contains(Permission.PERMISSION_ZONES_CREATE)
        .doesNotContain(Permission.PERMISSION_POLICIES_WRITE);
  }
}
