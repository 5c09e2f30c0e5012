package io.flashdns.management.tenancy;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneId;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.core.store.ZoneSettings;
import io.flashdns.proto.v1.AccessRule;
import io.flashdns.proto.v1.AnnotationsProto;
import io.flashdns.proto.v1.IdentityGrant;
import io.flashdns.proto.v1.Permission;
import io.flashdns.proto.v1.Role;
import io.flashdns.proto.v1.Scope;
import io.flashdns.proto.v1.ScopeKind;
import io.flashdns.proto.v1.ZoneName;
import io.flashdns.proto.v1.ZoneRef;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RightsTest {
  private static final ZoneOwner SHOP = new ZoneOwner("acme", "shop");
  private static final StoredZone ZONE = zone(7, "public", "example.org.", SHOP);

  private static StoredZone zone(long id, String view, String apex, ZoneOwner owner) {
    return new StoredZone(
        new ZoneId(id),
        ZoneSettings.of(new ZoneKey(view, DomainName.parse(apex))).withOwner(owner),
        1,
        1,
        1,
        1,
        1,
        2,
        2,
        0);
  }

  private static IdentityGrant.Builder grant(Role role, String organisation, String project) {
    Scope.Builder scope = Scope.newBuilder();
    if (organisation.isEmpty()) {
      scope.setKind(ScopeKind.SCOPE_KIND_PLATFORM);
    } else {
      scope
          .setKind(
              project.isEmpty() ? ScopeKind.SCOPE_KIND_ORGANISATION : ScopeKind.SCOPE_KIND_PROJECT)
          .setProject(
              io.flashdns.proto.v1.ProjectName.newBuilder()
                  .setOrganisation(organisation)
                  .setProject(project));
    }
    return IdentityGrant.newBuilder().setScope(scope).setRole(role);
  }

  private static Rights with(IdentityGrant.Builder... grants) {
    return TenantRig.rights(
        java.util.Arrays.stream(grants)
            .map(IdentityGrant.Builder::build)
            .toArray(IdentityGrant[]::new));
  }

  private static DomainName name(String text) {
    return DomainName.parse(text);
  }

  @ParameterizedTest
  @EnumSource(Permission.class)
  void roleGivesExactlyWhatTheContractSays(Permission permission) {
    if (permission == Permission.UNRECOGNIZED) {
      return;
    }
    var holders =
        permission.getValueDescriptor().getOptions().getExtension(AnnotationsProto.holders);
    for (Role role : Role.values()) {
      if (role == Role.UNRECOGNIZED) {
        continue;
      }
      boolean held = holders.getRolesList().contains(role);
      int least = holders.getScope().getNumber();
      boolean anybody = permission == Permission.PERMISSION_IDENTIFIED;
      assertThat(with(grant(role, "acme", "shop")).mayInProject(permission, SHOP))
          .as(role + " of a project")
          .isEqualTo(anybody || (held && least <= 1));
      assertThat(with(grant(role, "acme", "")).mayInOrganisation(permission, "acme"))
          .as(role + " of an organisation")
          .isEqualTo(anybody || (held && least <= 2));
      assertThat(with(grant(role, "", "")).mayInPlatform(permission))
          .as(role + " of the platform")
          .isEqualTo(anybody || held);
      assertThat(with(grant(role, "acme", "shop")).mayInOrganisation(permission, "acme"))
          .isEqualTo(anybody);
      assertThat(with(grant(role, "acme", "")).mayInPlatform(permission)).isEqualTo(anybody);
      for (ZoneOwner other :
          List.of(
              new ZoneOwner("acme", "shop2"),
              new ZoneOwner("acme", "sho"),
              new ZoneOwner("acm", "shop"),
              new ZoneOwner("acme2", "shop"),
              ZoneOwner.NOBODY)) {
        assertThat(with(grant(role, "acme", "shop")).mayInProject(permission, other))
            .as(role + " in " + other)
            .isEqualTo(anybody);
      }
    }
  }

  @Test
  void grantWithoutASoundScopeGivesNothing() {
    for (Scope scope :
        List.of(
            Scope.getDefaultInstance(),
            Scope.newBuilder().setKind(ScopeKind.SCOPE_KIND_PROJECT).build(),
            Scope.newBuilder().setKind(ScopeKind.SCOPE_KIND_ORGANISATION).build(),
            grant(Role.ROLE_ADMIN, "acme", "shop").getScope().toBuilder()
                .setKind(ScopeKind.SCOPE_KIND_PLATFORM)
                .build(),
            grant(Role.ROLE_ADMIN, "acme", "").getScope().toBuilder()
                .setKind(ScopeKind.SCOPE_KIND_PROJECT)
                .build(),
            Scope.newBuilder().setKindValue(99).build())) {
      Rights rights =
          TenantRig.rights(
              IdentityGrant.newBuilder().setScope(scope).setRole(Role.ROLE_ADMIN).build());
      assertThat(rights.grants()).isEmpty();
      assertThat(rights.mayInZone(Permission.PERMISSION_ZONES_READ, ZONE)).isFalse();
      assertThat(rights.mayInPlatform(Permission.PERMISSION_ZONES_READ)).isFalse();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "www.example.org., www.example.org., true",
    "WWW.Example.org, www.EXAMPLE.org., true",
    "www.example.org., a.www.example.org., false",
    "www.example.org., example.org., false",
    "*.example.org., www.example.org., true",
    "*.example.org., a.b.example.org., true",
    "*.example.org., *.example.org., true",
    "*.example.org., example.org., false",
    "*.www.example.org., www.example.org., false",
    "_acme-challenge.*, _acme-challenge.example.org., true",
    "_acme-challenge.*, _ACME-challenge.a.b.example.org., true",
    "_acme-challenge.*, x._acme-challenge.example.org., false",
    "_acme-challenge.*, _acme-challengex.example.org., false",
    "_acme-challenge.*, example.org., false",
  })
  void ruleLetsTheseNamesThrough(String pattern, String owner, boolean through) {
    Rights rights =
        with(
            grant(Role.ROLE_EDITOR, "acme", "shop")
                .addRules(AccessRule.newBuilder().addNames(pattern)));

    assertThat(
            rights.mayInRecord(
                Permission.PERMISSION_RECORDS_WRITE, ZONE, name(owner), RecordType.TXT))
        .isEqualTo(through);
    assertThat(rights.mayInZone(Permission.PERMISSION_RECORDS_WRITE, ZONE)).isFalse();
    assertThat(rights.mayInProject(Permission.PERMISSION_RECORDS_WRITE, SHOP)).isFalse();
    assertThat(rights.mayInSomeRecord(Permission.PERMISSION_RECORDS_WRITE, ZONE)).isTrue();
    assertThat(rights.sees(ZONE)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a..b", "*.*", "a.b.*", ".*", "*.a.*", "\\", "a b"})
  void patternThatIsNoneLetsNothingThrough(String pattern) {
    Rights rights =
        with(
            grant(Role.ROLE_EDITOR, "acme", "shop")
                .addRules(AccessRule.newBuilder().addNames(pattern)));

    assertThat(
            rights.mayInRecord(
                Permission.PERMISSION_RECORDS_WRITE, ZONE, name("www.example.org."), 1))
        .isFalse();
  }

  @Test
  void ruleOfTypesClosesOtherTypesAndTheWholeZone() {
    Rights rights =
        with(
            grant(Role.ROLE_OWNER, "acme", "shop")
                .addRules(AccessRule.newBuilder().addTypesValue(RecordType.TXT)));

    assertThat(
            rights.mayInRecord(
                Permission.PERMISSION_RECORDS_WRITE, ZONE, name("a.example.org."), RecordType.TXT))
        .isTrue();
    assertThat(
            rights.mayInRecord(
                Permission.PERMISSION_RECORDS_WRITE, ZONE, name("a.example.org."), RecordType.A))
        .isFalse();
    assertThat(rights.mayInZone(Permission.PERMISSION_ZONES_DELETE, ZONE)).isFalse();
  }

  @Test
  void ruleOfZonesFollowsTheIdOrTheName() {
    AccessRule byId =
        AccessRule.newBuilder()
            .addZones(
                ZoneRef.newBuilder().setId(io.flashdns.proto.v1.ZoneId.newBuilder().setValue("7")))
            .build();
    AccessRule byName =
        AccessRule.newBuilder()
            .addZones(ZoneRef.newBuilder().setName(ZoneName.newBuilder().setApex("EXAMPLE.org")))
            .build();
    Rights id = with(grant(Role.ROLE_OWNER, "acme", "shop").addRules(byId));
    Rights name = with(grant(Role.ROLE_OWNER, "acme", "shop").addRules(byName));
    StoredZone anew = zone(8, "public", "example.org.", SHOP);
    StoredZone inside = zone(9, "inside", "example.org.", SHOP);
    StoredZone given = zone(7, "public", "example.org.", new ZoneOwner("other", "web"));

    assertThat(id.mayInZone(Permission.PERMISSION_ZONES_DELETE, ZONE)).isTrue();
    assertThat(id.mayInZone(Permission.PERMISSION_ZONES_DELETE, anew)).isFalse();
    assertThat(id.sees(anew)).isFalse();
    assertThat(name.mayInZone(Permission.PERMISSION_ZONES_DELETE, ZONE)).isTrue();
    assertThat(name.mayInZone(Permission.PERMISSION_ZONES_DELETE, anew)).isTrue();
    assertThat(name.sees(inside)).isFalse();
    assertThat(name.sees(given)).isFalse();
    assertThat(id.sees(given)).isFalse();
    assertThat(name.mayInProject(Permission.PERMISSION_ZONES_CREATE, SHOP)).isFalse();
    assertThat(name.mayInName(Permission.PERMISSION_ZONES_CREATE, SHOP, ZONE.settings().key()))
        .isTrue();
    assertThat(id.mayInName(Permission.PERMISSION_ZONES_CREATE, SHOP, ZONE.settings().key()))
        .isFalse();
  }

  @Test
  void narrowedOrganisationGrantDoesNotShowItsProjects() {
    Rights rights =
        with(
            grant(Role.ROLE_OWNER, "acme", "")
                .addRules(
                    AccessRule.newBuilder()
                        .addZones(
                            ZoneRef.newBuilder()
                                .setName(ZoneName.newBuilder().setApex("example.org.")))));

    assertThat(rights.sees(ZONE)).isTrue();
    assertThat(rights.seesProject(SHOP)).isFalse();
    assertThat(rights.seesOrganisation("acme")).isTrue();
    assertThat(rights.onlyOrganisation()).isEqualTo("acme");
  }

  @Test
  void ruleOfPermissionsKeepsThoseAlone() {
    Rights rights =
        with(
            grant(Role.ROLE_OWNER, "acme", "shop")
                .addRules(
                    AccessRule.newBuilder().addPermissions(Permission.PERMISSION_RECORDS_READ)));

    assertThat(rights.mayInZone(Permission.PERMISSION_RECORDS_READ, ZONE)).isTrue();
    assertThat(rights.mayInZone(Permission.PERMISSION_RECORDS_WRITE, ZONE)).isFalse();
    assertThat(rights.mayInZone(Permission.PERMISSION_ZONES_READ, ZONE)).isFalse();
  }

  @Test
  void permissionsOfOneRuleAreNotGivenOverTheZonesOfAnother() {
    AccessRule write =
        AccessRule.newBuilder()
            .addNames("a.example.org.")
            .addPermissions(Permission.PERMISSION_RECORDS_WRITE)
            .build();
    AccessRule read =
        AccessRule.newBuilder().addPermissions(Permission.PERMISSION_RECORDS_READ).build();
    Rights rights = with(grant(Role.ROLE_EDITOR, "acme", "shop").addRules(write).addRules(read));

    assertThat(
            rights.mayInRecord(
                Permission.PERMISSION_RECORDS_WRITE, ZONE, name("b.example.org."), 1))
        .isFalse();
    assertThat(rights.mayInZone(Permission.PERMISSION_RECORDS_WRITE, ZONE)).isFalse();
    assertThat(rights.mayInZone(Permission.PERMISSION_RECORDS_READ, ZONE)).isTrue();
    assertThat(rights.covers(grant(Role.ROLE_EDITOR, "acme", "shop").build())).isFalse();
    assertThat(
            rights.covers(
                grant(Role.ROLE_EDITOR, "acme", "shop").addRules(read).addRules(write).build()))
        .isTrue();
    assertThat(
            rights.covers(
                grant(Role.ROLE_EDITOR, "acme", "shop")
                    .addRules(write.toBuilder().setNames(0, "*.example.org."))
                    .build()))
        .isFalse();
  }

  @Test
  void nobodyCoversMoreThanItsOwnScopeAndRole() {
    Rights admin = with(grant(Role.ROLE_ADMIN, "acme", ""));

    assertThat(admin.covers(grant(Role.ROLE_ADMIN, "acme", "shop").build())).isTrue();
    assertThat(admin.covers(grant(Role.ROLE_AUDITOR, "acme", "").build())).isTrue();
    assertThat(admin.covers(grant(Role.ROLE_VIEWER, "", "").build())).isFalse();
    assertThat(admin.covers(grant(Role.ROLE_VIEWER, "other", "").build())).isFalse();
    assertThat(
            with(grant(Role.ROLE_OWNER, "acme", "shop"))
                .covers(grant(Role.ROLE_ADMIN, "acme", "shop").build()))
        .isFalse();
    assertThat(
            with(grant(Role.ROLE_EDITOR, "acme", "shop"), grant(Role.ROLE_AUDITOR, "acme", ""))
                .covers(grant(Role.ROLE_VIEWER, "acme", "").build()))
        .isTrue();
  }

  @Test
  void zonesOfTheOperatorAreForThePlatformAlone() {
    StoredZone operators = zone(3, "public", "cloud.test.", ZoneOwner.NOBODY);

    assertThat(with(grant(Role.ROLE_ADMIN, "acme", "")).sees(operators)).isFalse();
    assertThat(with(grant(Role.ROLE_VIEWER, "", "")).sees(operators)).isTrue();
  }
}
