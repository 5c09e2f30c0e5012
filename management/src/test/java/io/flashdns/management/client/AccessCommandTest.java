package io.flashdns.management.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.proto.v1.CreateProjectRequest;
import io.flashdns.proto.v1.CreateTokenRequest;
import io.flashdns.proto.v1.Permission;
import io.flashdns.proto.v1.QuotaKind;
import io.flashdns.proto.v1.RecordType;
import io.flashdns.proto.v1.Role;
import io.flashdns.proto.v1.ScopeKind;
import io.flashdns.proto.v1.TokenPreset;
import io.flashdns.proto.v1.UpdateProjectQuotasRequest;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccessCommandTest {
  @TempDir Path folder;
  private TestApi api;
  private Cli cli;

  @BeforeEach
  void start() throws IOException {
    api = new TestApi();
    cli = new Cli(folder).at(api);
  }

  @AfterEach
  void stop() {
    api.close();
  }

  @Test
  void tokenIsNarrowedByOneRule() {
    cli.run(
        "token",
        "create",
        "deploy",
        "--scope",
        "acme/web",
        "--role",
        "owner",
        "--zone",
        "example.org",
        "--name",
        "*.example.org",
        "--type",
        "a",
        "--permission",
        "records-write",
        "--network",
        "192.0.2.0/24",
        "--expires",
        "30d");

    var token = api.sent(CreateTokenRequest.class).getFirst().getToken();
    assertThat(token.getScope().getKind()).isEqualTo(ScopeKind.SCOPE_KIND_PROJECT);
    assertThat(token.getRole()).isEqualTo(Role.ROLE_OWNER);
    assertThat(token.getRules(0).getZones(0).getName().getApex()).isEqualTo("example.org.");
    assertThat(token.getRules(0).getNamesList()).containsExactly("*.example.org.");
    assertThat(token.getRules(0).getTypesList()).containsExactly(RecordType.RECORD_TYPE_A);
    assertThat(token.getRules(0).getPermissionsList())
        .containsExactly(Permission.PERMISSION_RECORDS_WRITE);
    assertThat(token.getSourceNetworksList()).containsExactly("192.0.2.0/24");
    assertThat(token.hasExpireTime()).isTrue();
  }

  @Test
  void secretAloneIsPrintedWhenQuiet() {
    assertThat(cli.run("token", "create", "ci", "--scope", "acme", "-q").out())
        .isEqualTo("s3cret\n");
  }

  @Test
  void presetSetsNoRole() {
    cli.run("token", "create", "certbot", "--preset", "acme");

    CreateTokenRequest sent = api.sent(CreateTokenRequest.class).getFirst();
    assertThat(sent.getPreset()).isEqualTo(TokenPreset.TOKEN_PRESET_ACME_CHALLENGE);
    assertThat(sent.getToken().getRole()).isEqualTo(Role.ROLE_UNSPECIFIED);
    assertThat(sent.getToken().getScope().getKind()).isEqualTo(ScopeKind.SCOPE_KIND_PLATFORM);
  }

  @Test
  void tenantWithASlashIsAProject() {
    Cli.Result result = cli.run("tenant", "create", "acme/web");

    assertThat(result.out()).isEqualTo("project acme/web created\n");
    assertThat(
            api.sent(CreateProjectRequest.class)
                .getFirst()
                .getProject()
                .getName()
                .getOrganisation())
        .isEqualTo("acme");
  }

  @Test
  void quotasAreSetOrInherited() {
    cli.run("tenant", "quota", "acme/web", "zones=500", "records=inherit");

    UpdateProjectQuotasRequest sent = api.sent(UpdateProjectQuotasRequest.class).getFirst();
    assertThat(sent.getQuotas(0).getLimit()).isEqualTo(500);
    assertThat(sent.getInheritList()).containsExactly(QuotaKind.QUOTA_KIND_RECORDS);
    assertThat(cli.run("tenant", "quota", "acme/web", "zone=5").err())
        .contains("did you mean 'zones'?");
  }
}
