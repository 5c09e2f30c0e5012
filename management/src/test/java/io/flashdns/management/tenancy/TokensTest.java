package io.flashdns.management.tenancy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import com.google.protobuf.util.Timestamps;
import io.flashdns.core.store.DocumentEdit;
import io.flashdns.management.identity.KnownToken;
import io.flashdns.management.identity.TokenSecrets;
import io.flashdns.proto.v1.Role;
import io.flashdns.proto.v1.Scope;
import io.flashdns.proto.v1.ScopeKind;
import io.flashdns.proto.v1.Token;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class TokensTest {
  private static final InetSocketAddress HERE = new InetSocketAddress("127.0.0.1", 4711);

  private final String secret = TokenSecrets.make();
  private TenantRig rig;
  private Tokens tokens;
  private Instant now = Instant.parse("2026-11-23T12:00:30Z");

  @BeforeEach
  void open() throws Exception {
    rig = new TenantRig(TenancyConfig.defaults());
    tokens = new Tokens(rig.store, () -> now);
    Token token =
        Token.newBuilder()
            .setId("abc")
            .setScope(Scope.newBuilder().setKind(ScopeKind.SCOPE_KIND_PLATFORM))
            .setRole(Role.ROLE_VIEWER)
            .setMaxUnused(Duration.newBuilder().setSeconds(3_600))
            .setCreateTime(Timestamps.fromMillis(now.toEpochMilli()))
            .setExpireTime(Timestamps.fromMillis(now.plusSeconds(86_400).toEpochMilli()))
            .build();
    List<DocumentEdit> edits = new ArrayList<>();
    Tokens.put(token, edits);
    Tokens.putSecret(token, HexFormat.of().formatHex(TokenSecrets.hash(secret)), now, edits);
    rig.write(edits);
  }

  @AfterEach
  void close() {
    rig.close();
  }

  private @Nullable KnownToken find() {
    return tokens.byHash(TokenSecrets.hash(secret), HERE);
  }

  @Test
  void tokenThatNobodyUsesEnds() {
    assertThat(find()).isNotNull();
    now = now.plusSeconds(3_600);
    assertThat(find()).isNotNull();
    now = now.plusSeconds(61);
    assertThat(find()).isNull();
  }

  @Test
  void useKeepsATokenAlsoForOthersOnceItIsWritten() throws Exception {
    now = now.plusSeconds(3_000);
    KnownToken known = find();
    assertThat(known).isNotNull();
    tokens.accepted(known);
    now = now.plusSeconds(3_000);
    assertThat(find()).isNotNull();
    tokens.writeUses();
    tokens = new Tokens(rig.store, () -> now);
    assertThat(find()).isNotNull();
    now = now.plusSeconds(1_000);
    assertThat(find()).isNull();
  }

  @Test
  void unknownSecretIsNobodys() {
    assertThat(tokens.byHash(TokenSecrets.hash(TokenSecrets.make()), HERE)).isNull();
  }
}
