package io.flashdns.management.api;

import static io.flashdns.management.message.RefusedCalls.refused;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import com.google.protobuf.FieldMask;
import com.google.protobuf.util.Timestamps;
import com.google.rpc.Code;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.management.identity.KnownToken;
import io.flashdns.management.identity.Principal;
import io.flashdns.management.identity.TokenSecrets;
import io.flashdns.management.message.CallException;
import io.flashdns.management.tenancy.Rights;
import io.flashdns.proto.v1.AccessRule;
import io.flashdns.proto.v1.AuditEntry;
import io.flashdns.proto.v1.AuthenticationMethod;
import io.flashdns.proto.v1.CreateTokenRequest;
import io.flashdns.proto.v1.CreateTokenResponse;
import io.flashdns.proto.v1.DeleteTokenRequest;
import io.flashdns.proto.v1.GetTokenRequest;
import io.flashdns.proto.v1.ListAuditEntriesRequest;
import io.flashdns.proto.v1.ListTokensRequest;
import io.flashdns.proto.v1.Permission;
import io.flashdns.proto.v1.Quota;
import io.flashdns.proto.v1.QuotaKind;
import io.flashdns.proto.v1.Role;
import io.flashdns.proto.v1.RotateTokenRequest;
import io.flashdns.proto.v1.Scope;
import io.flashdns.proto.v1.Token;
import io.flashdns.proto.v1.TokenPreset;
import io.flashdns.proto.v1.UpdateOrganisationQuotasRequest;
import io.flashdns.proto.v1.UpdateTokenRequest;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is done to tokens, and what they may do. */
final class TokenCallsTest {
  private static final InetSocketAddress HERE = new InetSocketAddress("192.0.2.7", 4711);

  private TenantApi api;
  private Rights owner;

  @BeforeEach
  void open() throws Exception {
    api = new TenantApi();
    api.project("acme", "shop");
    api.project("acme", "mail");
    api.project("other", "web");
    owner = api.with("ann", Role.ROLE_OWNER, TenantApi.in("acme", "shop"));
  }

  @AfterEach
  void close() {
    api.close();
  }

  private static Token.Builder token(Role role, Scope scope) {
    return Token.newBuilder().setDisplayName("for a program").setRole(role).setScope(scope);
  }

  private CreateTokenResponse create(Rights rights, Token.Builder token) throws Exception {
    return api.call(
        rights, api.access::createToken, CreateTokenRequest.newBuilder().setToken(token).build());
  }

  private @Nullable KnownToken known(String secret) {
    return api.tenancy.tokens().byHash(TokenSecrets.hash(secret), HERE);
  }

  private Rights holder(String secret) {
    KnownToken known = known(secret);
    assertThat(known).isNotNull();
    return api.tenancy
        .access()
        .rightsOf(
            new Principal(
                "token:" + known.id(),
                AuthenticationMethod.AUTHENTICATION_METHOD_TOKEN,
                known.displayName(),
                List.of(),
                List.of(known.grant()),
                known.expires()));
  }

  @Test
  void secretIsTheKeyToTheTokenAndIsKeptNowhere() throws Exception {
    CreateTokenResponse made = create(owner, token(Role.ROLE_EDITOR, TenantApi.in("", "shop")));

    assertThat(made.getSecret()).hasSizeBetween(40, 128).isPrintable();
    KnownToken known = known(made.getSecret());
    assertThat(known).isNotNull();
    assertThat(known.id()).isEqualTo(made.getToken().getId());
    assertThat(known.grant().getScope()).isEqualTo(TenantApi.in("acme", "shop"));
    assertThat(Instant.ofEpochSecond(made.getToken().getExpireTime().getSeconds()))
        .isBetween(
            Instant.now().plus(java.time.Duration.ofDays(89)),
            Instant.now().plus(java.time.Duration.ofDays(91)));
    try (StoreSnapshot snapshot = api.store.snapshot()) {
      for (var document : snapshot.documents("", "", 1_000)) {
        assertThat(document.key()).doesNotContain(made.getSecret());
        assertThat(new String(document.value().array(), StandardCharsets.ISO_8859_1))
            .doesNotContain(made.getSecret());
      }
    }
    for (var entry : api.store.journal(Long.MAX_VALUE, 1_000)) {
      assertThat(new String(entry.body().array(), StandardCharsets.ISO_8859_1))
          .doesNotContain(made.getSecret());
    }
  }

  @Test
  void sameRequestIdDoesNotShowTheSecretAgain() throws Exception {
    CreateTokenRequest request =
        CreateTokenRequest.newBuilder()
            .setToken(token(Role.ROLE_VIEWER, TenantApi.in("acme", "shop")))
            .setRequestId("one")
            .build();
    CreateTokenResponse first = api.call(owner, api.access::createToken, request);
    CreateTokenResponse again = api.call(owner, api.access::createToken, request);

    assertThat(first.getSecret()).isNotEmpty();
    assertThat(again.getSecret()).isEmpty();
    assertThat(again.getToken()).isEqualTo(first.getToken());
  }

  @ParameterizedTest
  @CsvSource({
    "ROLE_ADMIN, acme, shop",
    "ROLE_AUDITOR, acme, shop",
  })
  void nobodyGivesMoreThanHeHas(Role role, String organisation, String project) {
    CallException thrown =
        refused(
            () -> create(owner, token(role, TenantApi.in(organisation, project))),
            Code.PERMISSION_DENIED);
    assertThat(thrown).hasMessageContaining("more than you have");
  }

  @Test
  void nobodyGivesWhereHeHasNothing() {
    refused(
        () -> create(owner, token(Role.ROLE_VIEWER, TenantApi.in("acme", "mail"))), Code.NOT_FOUND);
    refused(
        () -> create(owner, token(Role.ROLE_VIEWER, TenantApi.in("other", "web"))), Code.NOT_FOUND);
    refused(
        () -> create(owner, token(Role.ROLE_VIEWER, TenantApi.in("acme", ""))),
        Code.PERMISSION_DENIED);
    refused(
        () -> create(owner, token(Role.ROLE_VIEWER, TenantApi.platform())), Code.PERMISSION_DENIED);
  }

  private static AccessRule.Builder may(Permission... permissions) {
    return AccessRule.newBuilder().addAllPermissions(List.of(permissions));
  }

  @Test
  void narrowedTokenMakesOnlyTokensAsNarrow() throws Exception {
    AccessRule narrow =
        may(Permission.PERMISSION_TOKENS_WRITE, Permission.PERMISSION_RECORDS_WRITE).build();
    Rights maker =
        holder(
            create(owner, token(Role.ROLE_OWNER, TenantApi.in("acme", "shop")).addRules(narrow))
                .getSecret());

    refused(
        () -> create(maker, token(Role.ROLE_EDITOR, TenantApi.in("acme", "shop"))),
        Code.PERMISSION_DENIED);
    refused(
        () ->
            create(
                maker,
                token(Role.ROLE_EDITOR, TenantApi.in("acme", "shop"))
                    .addRules(may(Permission.PERMISSION_RECORDS_WRITE))
                    .addRules(may(Permission.PERMISSION_RECORDS_READ))),
        Code.PERMISSION_DENIED);
    Rights made =
        holder(
            create(
                    maker,
                    token(Role.ROLE_EDITOR, TenantApi.in("acme", "shop"))
                        .addRules(may(Permission.PERMISSION_RECORDS_WRITE)))
                .getSecret());
    assertThat(made.grants().getFirst().getPermissionsList())
        .containsExactly(Permission.PERMISSION_RECORDS_WRITE);
  }

  @Test
  void tokenOfSomeNetworksMakesNoTokenForOthers() throws Exception {
    Rights maker =
        holder(
            create(
                    owner,
                    token(Role.ROLE_OWNER, TenantApi.in("acme", "shop"))
                        .addSourceNetworks("192.0.2.0/24"))
                .getSecret());

    for (String network : new String[] {"", "192.0.0.0/16", "198.51.100.0/24", "::/0"}) {
      Token.Builder token = token(Role.ROLE_VIEWER, TenantApi.in("acme", "shop"));
      if (!network.isEmpty()) {
        token.addSourceNetworks(network);
      }
      refused(() -> create(maker, token), Code.PERMISSION_DENIED);
    }
    assertThat(
            create(
                    maker,
                    token(Role.ROLE_VIEWER, TenantApi.in("acme", "shop"))
                        .addSourceNetworks("192.0.2.7"))
                .getSecret())
        .isNotEmpty();
  }

  @Test
  void tokenOfAnotherProjectIsNotThere() throws Exception {
    Token hidden =
        create(api.operator, token(Role.ROLE_VIEWER, TenantApi.in("acme", "mail"))).getToken();

    for (ThrowingCallable call :
        List.<ThrowingCallable>of(
            () -> get(owner, hidden.getId()),
            () ->
                api.call(
                    owner,
                    api.access::deleteToken,
                    DeleteTokenRequest.newBuilder().setToken(hidden.getId()).build()),
            () ->
                api.call(
                    owner,
                    api.access::rotateToken,
                    RotateTokenRequest.newBuilder().setToken(hidden.getId()).build()),
            () -> get(owner, "none"),
            () -> get(owner, ""),
            () -> get(owner, "../" + hidden.getId()))) {
      refused(call, Code.NOT_FOUND);
    }
    assertThat(
            api.call(owner, api.access::listTokens, ListTokensRequest.getDefaultInstance())
                .getTokensList())
        .isEmpty();
  }

  private Token get(Rights rights, String id) throws Exception {
    return api.call(rights, api.access::getToken, GetTokenRequest.newBuilder().setToken(id).build())
        .getToken();
  }

  @Test
  void strongerTokenIsNotRotatedByAWeakerPrincipal() throws Exception {
    Token strong =
        create(api.operator, token(Role.ROLE_ADMIN, TenantApi.in("acme", "shop"))).getToken();

    refused(
        () ->
            api.call(
                owner,
                api.access::rotateToken,
                RotateTokenRequest.newBuilder().setToken(strong.getId()).build()),
        Code.PERMISSION_DENIED);
    refused(
        () ->
            api.call(
                owner,
                api.access::updateToken,
                UpdateTokenRequest.newBuilder()
                    .setToken(Token.newBuilder().setId(strong.getId()).setDisplayName("mine"))
                    .build()),
        Code.PERMISSION_DENIED);
  }

  @Test
  void rotationLetsTheFormerSecretGoOnForTheOverlap() throws Exception {
    CreateTokenResponse made = create(owner, token(Role.ROLE_VIEWER, TenantApi.in("acme", "shop")));
    String id = made.getToken().getId();
    RotateTokenRequest request =
        RotateTokenRequest.newBuilder()
            .setToken(id)
            .setOverlap(Duration.newBuilder().setSeconds(3_600))
            .build();
    var second = api.call(owner, api.access::rotateToken, request);

    KnownToken former = known(made.getSecret());
    assertThat(former).isNotNull();
    assertThat(former.expires()).isBefore(Instant.now().plusSeconds(3_700));
    assertThat(known(second.getSecret())).isNotNull();
    assertThat(second.getToken().getExpireTime().getSeconds())
        .isCloseTo(
            made.getToken().getExpireTime().getSeconds(), org.assertj.core.data.Offset.offset(10L));
    var third =
        api.call(
            owner, api.access::rotateToken, RotateTokenRequest.newBuilder().setToken(id).build());
    assertThat(known(made.getSecret())).isNull();
    assertThat(known(second.getSecret())).isNull();
    assertThat(known(third.getSecret())).isNotNull();
  }

  @Test
  void deletedTokenIsGoneAtOnce() throws Exception {
    CreateTokenResponse made = create(owner, token(Role.ROLE_VIEWER, TenantApi.in("acme", "shop")));
    var _ =
        api.call(
            owner,
            api.access::deleteToken,
            DeleteTokenRequest.newBuilder().setToken(made.getToken().getId()).build());

    assertThat(known(made.getSecret())).isNull();
  }

  @Test
  void updateChangesWhatATokenMay() throws Exception {
    CreateTokenResponse made = create(owner, token(Role.ROLE_EDITOR, TenantApi.in("acme", "shop")));
    var updated =
        api.call(
            owner,
            api.access::updateToken,
            UpdateTokenRequest.newBuilder()
                .setToken(
                    Token.newBuilder().setId(made.getToken().getId()).setRole(Role.ROLE_VIEWER))
                .setUpdateMask(FieldMask.newBuilder().addPaths("role"))
                .setEtag(made.getToken().getEtag())
                .build());

    assertThat(updated.getToken().getRole()).isEqualTo(Role.ROLE_VIEWER);
    assertThat(holder(made.getSecret()).reach(Permission.PERMISSION_RECORDS_WRITE).projects())
        .isEmpty();
  }

  @Test
  void useIsNotedToTheMinuteAndLeavesTheEtag() throws Exception {
    CreateTokenResponse made =
        create(
            owner,
            token(Role.ROLE_VIEWER, TenantApi.in("acme", "shop"))
                .setMaxUnused(Duration.newBuilder().setSeconds(3_600)));
    KnownToken known = known(made.getSecret());
    assertThat(known).isNotNull();
    api.tenancy.tokens().accepted(known);
    api.tenancy.close();

    Token used = get(owner, made.getToken().getId());
    assertThat(used.hasUseTime()).isTrue();
    assertThat(used.getUseTime().getSeconds() % 60).isZero();
    assertThat(used.getEtag()).isEqualTo(made.getToken().getEtag());
  }

  @Test
  void tokensAreLimited() throws Exception {
    var _ =
        api.call(
            api.operator,
            api.tenants::updateOrganisationQuotas,
            UpdateOrganisationQuotasRequest.newBuilder()
                .setOrganisation("acme")
                .addQuotas(Quota.newBuilder().setKind(QuotaKind.QUOTA_KIND_TOKENS).setLimit(1))
                .build());
    var _ = create(owner, token(Role.ROLE_VIEWER, TenantApi.in("acme", "shop")));

    refused(
        () -> create(owner, token(Role.ROLE_VIEWER, TenantApi.in("acme", "shop"))),
        Code.RESOURCE_EXHAUSTED);
  }

  @Test
  void acmePresetMayDoNothingButChallenges() throws Exception {
    CreateTokenResponse made =
        api.call(
            owner,
            api.access::createToken,
            CreateTokenRequest.newBuilder()
                .setPreset(TokenPreset.TOKEN_PRESET_ACME_CHALLENGE)
                .setToken(
                    Token.newBuilder()
                        .setDisplayName("certificates")
                        .setScope(TenantApi.in("acme", "shop")))
                .build());

    List<Permission> permissions = new ArrayList<>();
    holder(made.getSecret())
        .grants()
        .forEach(grant -> permissions.addAll(grant.getPermissionsList()));
    assertThat(permissions)
        .containsExactlyInAnyOrder(
            Permission.PERMISSION_RECORDS_READ,
            Permission.PERMISSION_RECORDS_WRITE,
            Permission.PERMISSION_ZONES_READ,
            Permission.PERMISSION_CHANGES_READ);
    refused(
        () ->
            api.call(
                owner,
                api.access::createToken,
                CreateTokenRequest.newBuilder()
                    .setPreset(TokenPreset.TOKEN_PRESET_ACME_CHALLENGE)
                    .setToken(
                        Token.newBuilder()
                            .setDisplayName("certificates")
                            .setScope(TenantApi.in("acme", "shop"))
                            .addRules(AccessRule.newBuilder().addNames("www.example.org.")))
                    .build()),
        Code.INVALID_ARGUMENT);
  }

  @ParameterizedTest
  @ValueSource(longs = {-10, 0, 367L * 86_400})
  void expiryIsToComeAndNotTooFar(long seconds) {
    refused(
        () ->
            create(
                owner,
                token(Role.ROLE_VIEWER, TenantApi.in("acme", "shop"))
                    .setExpireTime(
                        Timestamps.fromSeconds(Instant.now().getEpochSecond() + seconds))),
        Code.INVALID_ARGUMENT);
  }

  @Test
  void whatIsWrongWithATokenIsToldAtOnce() throws Exception {
    CallException thrown =
        refused(
            () ->
                create(
                    owner,
                    Token.newBuilder()
                        .setScope(TenantApi.in("acme", "shop"))
                        .addSourceNetworks("nowhere")
                        .addRules(
                            AccessRule.newBuilder()
                                .addNames("a..b")
                                .addTypesValue(0)
                                .addPermissionsValue(0))
                        .setMaxUnused(Duration.newBuilder().setSeconds(1))),
            Code.INVALID_ARGUMENT);
    var bad = thrown.status().getDetails(0).unpack(com.google.rpc.BadRequest.class);

    assertThat(bad.getFieldViolationsList())
        .extracting(com.google.rpc.BadRequest.FieldViolation::getField)
        .containsExactlyInAnyOrder(
            "token.display_name",
            "token.role",
            "token.rules[0].names[0]",
            "token.rules[0].types[0]",
            "token.rules[0].permissions[0]",
            "token.source_networks[0]",
            "token.max_unused");
  }

  @Test
  void auditLogSaysWhoMadeWhichToken() throws Exception {
    var _ = create(owner, token(Role.ROLE_VIEWER, TenantApi.in("acme", "shop")));
    Rights auditor = api.with("eve", Role.ROLE_AUDITOR, TenantApi.in("acme", "shop"));

    AuditEntry entry =
        api.call(
                auditor,
                api.audit::listAuditEntries,
                ListAuditEntriesRequest.newBuilder().setFilter("call = \"*/CreateToken\"").build())
            .getEntries(0);
    assertThat(entry.getPrincipal()).isEqualTo("oidc:https://issuer.example#ann");
    assertThat(entry.getSourceAddress()).isEqualTo("192.0.2.7:4711");
    assertThat(entry.getAfterJson()).contains("for a program").doesNotContain("fdns_");
  }
}
