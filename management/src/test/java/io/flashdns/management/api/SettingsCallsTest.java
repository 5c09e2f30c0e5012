package io.flashdns.management.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.DocumentEdit;
import io.flashdns.core.store.Effects;
import io.flashdns.core.store.Octets;
import io.flashdns.management.message.CallException;
import io.flashdns.management.tenancy.Keys;
import io.flashdns.management.tenancy.Rights;
import io.flashdns.proto.v1.AuditEntry;
import io.flashdns.proto.v1.DeleteSettingsRequest;
import io.flashdns.proto.v1.DeleteSettingsResponse;
import io.flashdns.proto.v1.GetSettingsRequest;
import io.flashdns.proto.v1.ListAuditEntriesRequest;
import io.flashdns.proto.v1.ListSettingsRequest;
import io.flashdns.proto.v1.Role;
import io.flashdns.proto.v1.Settings;
import io.flashdns.proto.v1.UpdateSettingsRequest;
import io.flashdns.proto.v1.UpdateSettingsResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sections of the configuration in the store, as the API sees them. */
final class SettingsCallsTest {
  private TenantApi api;

  @BeforeEach
  void open() throws Exception {
    api = new TenantApi();
  }

  @AfterEach
  void close() {
    api.close();
  }

  private static CallException refused(ThrowingCallable call, Code code) {
    CallException thrown = catchThrowableOfType(CallException.class, call);
    assertThat(thrown).isNotNull();
    assertThat(Code.forNumber(thrown.status().getCode())).as(thrown.getMessage()).isEqualTo(code);
    return thrown;
  }

  private static UpdateSettingsRequest.Builder yaml(String yaml) {
    return UpdateSettingsRequest.newBuilder().setSection("ratelimit").setYaml(yaml);
  }

  private UpdateSettingsResponse set(UpdateSettingsRequest.Builder request) throws Exception {
    return api.call(api.operator, api.settings::updateSettings, request.build());
  }

  private DeleteSettingsResponse reset(String etag) throws Exception {
    return api.call(
        api.operator,
        api.settings::deleteSettings,
        DeleteSettingsRequest.newBuilder().setSection("ratelimit").setEtag(etag).build());
  }

  private Settings get() throws Exception {
    return api.call(
            api.operator,
            api.settings::getSettings,
            GetSettingsRequest.newBuilder().setSection("ratelimit").build())
        .getSettings();
  }

  private List<Settings> list(String filter) throws Exception {
    return api.call(
            api.operator,
            api.settings::listSettings,
            ListSettingsRequest.newBuilder().setFilter(filter).build())
        .getSettingsList();
  }

  @Test
  void sectionIsSetReadListedAndTakenAway() throws Exception {
    refused(this::get, Code.NOT_FOUND);
    assertThat(list("")).isEmpty();

    UpdateSettingsResponse made = set(yaml("rate: 20\n"));

    Settings settings = made.getSettings();
    assertThat(settings.getYaml()).isEqualTo("rate: 20\n");
    assertThat(settings.getUpdater()).isEqualTo("local:test");
    assertThat(settings.hasUpdateTime()).isTrue();
    assertThat(get()).isEqualTo(settings);
    assertThat(list("section = \"ratelimit\"")).containsExactly(settings);
    assertThat(list("section = \"acl\"")).isEmpty();

    assertThat(reset("").getOutcome().getChanged()).isTrue();
    refused(this::get, Code.NOT_FOUND);
    refused(() -> reset(""), Code.NOT_FOUND);
  }

  @Test
  void outcomeHasTheRevisionThatCanBeWaitedFor() throws Exception {
    var first = set(yaml("rate: 20")).getOutcome();
    assertThat(first.getChanged()).isTrue();
    assertThat(first.getRevision()).isEqualTo(api.store.state().revision());

    var again = set(yaml("rate: 20")).getOutcome();
    assertThat(again.getChanged()).isFalse();
    assertThat(again.getRevision()).isEqualTo(first.getRevision());
    assertThat(api.store.state().revision()).isEqualTo(first.getRevision());

    assertThat(reset("").getOutcome().getRevision()).isEqualTo(first.getRevision() + 1);
  }

  @Test
  void whatIsWrongIsToldAndNothingIsChanged() throws Exception {
    var _ = set(yaml("rate: 20"));
    CallException thrown = refused(() -> set(yaml("wrong")), Code.INVALID_ARGUMENT);

    BadRequest bad = thrown.status().getDetails(0).unpack(BadRequest.class);
    assertThat(bad.getFieldViolations(0).getField()).isEqualTo("yaml");
    assertThat(bad.getFieldViolations(0).getDescription())
        .isEqualTo("line 1, column 1: it is wrong");
    refused(() -> set(yaml(" \n")), Code.INVALID_ARGUMENT);
    refused(() -> set(yaml("x".repeat((256 << 10) + 1))), Code.INVALID_ARGUMENT);
    assertThat(get().getYaml()).isEqualTo("rate: 20");
  }

  @Test
  void sectionThatCannotBeSharedIsRefusedByNamingThoseThatCan() {
    for (String section : List.of("", "listen", "cookies", "../org/acme", "ratelimit ")) {
      CallException thrown =
          refused(() -> set(yaml("rate: 20").setSection(section)), Code.INVALID_ARGUMENT);
      assertThat(thrown).hasMessageContaining("acl, ratelimit");
    }
  }

  @Test
  void sectionOfAPluginThatDoesNotRunHereIsRefused() throws Exception {
    CallException thrown =
        refused(() -> set(yaml("rules: []").setSection("acl")), Code.FAILED_PRECONDITION);
    assertThat(TenantApi.reason(thrown)).isEqualTo("PLUGIN_NOT_CONFIGURED");
    assertThat(list("")).isEmpty();
  }

  @Test
  void etagThatDoesNotHoldChangesNothing() throws Exception {
    refused(() -> set(yaml("rate: 20").setEtag("0123456789abcdef")), Code.ABORTED);
    String first = set(yaml("rate: 20")).getSettings().getEtag();
    String second = set(yaml("rate: 30").setEtag(first)).getSettings().getEtag();

    refused(() -> set(yaml("rate: 40").setEtag(first)), Code.ABORTED);
    refused(() -> reset(first), Code.ABORTED);

    assertThat(get().getYaml()).isEqualTo("rate: 30");
    assertThat(reset(second).getOutcome().getChanged()).isTrue();
  }

  @Test
  void triedChangeChangesNothing() throws Exception {
    UpdateSettingsResponse tried = set(yaml("rate: 20").setValidateOnly(true));

    assertThat(tried.getOutcome().getValidatedOnly()).isTrue();
    assertThat(tried.getOutcome().getChanged()).isTrue();
    refused(() -> set(yaml("wrong").setValidateOnly(true)), Code.INVALID_ARGUMENT);
    assertThat(list("")).isEmpty();
  }

  @Test
  void knownRequestIdDoesNothingMore() throws Exception {
    UpdateSettingsResponse first = set(yaml("rate: 20").setRequestId("once"));
    var _ = set(yaml("rate: 30"));

    UpdateSettingsResponse again = set(yaml("rate: 20").setRequestId("once"));

    assertThat(again.getSettings()).isEqualTo(first.getSettings());
    assertThat(again.getOutcome().getChanged()).isFalse();
    assertThat(get().getYaml()).isEqualTo("rate: 30");
  }

  @Test
  void onlyThePlatformReadsAndItsAdminsChange() throws Exception {
    api.project("acme", "shop");
    Rights owner = api.with("ann", Role.ROLE_OWNER, TenantApi.in("acme", "shop"));
    Rights admin = api.with("bob", Role.ROLE_ADMIN, TenantApi.in("acme", ""));
    Rights viewer = api.with("cat", Role.ROLE_VIEWER, TenantApi.platform());
    Rights auditor = api.with("dan", Role.ROLE_AUDITOR, TenantApi.platform());
    Rights operator = api.with("eve", Role.ROLE_ADMIN, TenantApi.platform());

    for (Rights each : List.of(owner, admin, viewer)) {
      refused(
          () ->
              api.call(each, api.settings::listSettings, ListSettingsRequest.getDefaultInstance()),
          Code.PERMISSION_DENIED);
    }
    for (Rights each : List.of(owner, admin, viewer, auditor)) {
      refused(
          () -> api.call(each, api.settings::updateSettings, yaml("wrong").build()),
          Code.PERMISSION_DENIED);
    }
    var _ = api.call(operator, api.settings::updateSettings, yaml("rate: 20").build());
    assertThat(
            api.call(auditor, api.settings::listSettings, ListSettingsRequest.getDefaultInstance())
                .getSettingsCount())
        .isEqualTo(1);
  }

  @Test
  void changeIsInTheAuditLogWithBeforeAndAfter() throws Exception {
    var _ = set(yaml("rate: 20"));
    var _ = set(yaml("rate: 30"));

    List<AuditEntry> entries =
        api.call(
                api.operator,
                api.audit::listAuditEntries,
                ListAuditEntriesRequest.getDefaultInstance())
            .getEntriesList();

    AuditEntry last =
        entries.stream()
            .filter(entry -> entry.getCall().endsWith("UpdateSettings"))
            .filter(entry -> entry.getAfterJson().contains("rate: 30"))
            .findFirst()
            .orElseThrow();
    assertThat(last.getBeforeJson()).contains("rate: 20");
    assertThat(last.getPrincipal()).isEqualTo("local:test");
  }

  @Test
  void sectionThatCannotBeReadIsShownWithoutATextAndCanBeReplaced() throws Exception {
    DocumentEdit broken =
        DocumentEdit.put(
            Keys.settings("ratelimit"),
            Octets.of("\u0007\u0001?".getBytes(StandardCharsets.UTF_8)));
    var _ =
        api.store.commit(
            new ChangeSet(
                "",
                "test",
                "",
                "",
                false,
                List.of(),
                (_, _, _) -> new Effects(List.of(broken), List.of(), Octets.EMPTY)));

    assertThat(get().getYaml()).isEmpty();
    assertThat(list("")).hasSize(1);
    var _ = set(yaml("rate: 20"));
    assertThat(get().getYaml()).isEqualTo("rate: 20");
  }
}
