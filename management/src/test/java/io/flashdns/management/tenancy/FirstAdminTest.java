package io.flashdns.management.tenancy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.ZoneStore;
import io.flashdns.management.identity.KnownToken;
import io.flashdns.management.identity.TokenSecrets;
import io.flashdns.management.store.EmbeddedStore;
import io.flashdns.management.store.StoreConfig;
import io.flashdns.proto.v1.AuditEntry;
import io.flashdns.proto.v1.AuthenticationMethod;
import io.flashdns.proto.v1.Permission;
import io.flashdns.proto.v1.ScopeKind;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FirstAdminTest {
  private static final InetSocketAddress HERE = new InetSocketAddress("127.0.0.1", 4711);

  @TempDir Path data;
  private ZoneStore store;
  private Instant now = Instant.parse("2026-11-23T12:00:00Z");

  @BeforeEach
  void open() throws Exception {
    store = EmbeddedStore.inMemory(StoreConfig.defaults());
  }

  @AfterEach
  void close() {
    store.close();
  }

  private InstantSource clock() {
    return () -> now;
  }

  private @Nullable KnownToken known(String secret) {
    return new Tokens(store, clock()).byHash(TokenSecrets.hash(secret), HERE);
  }

  private String secret() throws Exception {
    return Files.readString(data.resolve("admin-token")).strip();
  }

  @Test
  void firstStartMakesAnAdminOfThePlatform() throws Exception {
    FirstAdmin.ensure(store, data, clock());

    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(data.resolve("admin-token"))))
        .isEqualTo("rw-------");
    KnownToken token = known(secret());
    assertThat(token).isNotNull();
    assertThat(token.grant().getScope().getKind()).isEqualTo(ScopeKind.SCOPE_KIND_PLATFORM);
    assertThat(TenantRig.rights(token.grant()).mayInPlatform(Permission.PERMISSION_POLICIES_WRITE))
        .isTrue();
    AuditEntry entry =
        AuditEntry.parseFrom(store.journal(Long.MAX_VALUE, 1).getFirst().body().array());
    assertThat(entry.getMethod()).isEqualTo(AuthenticationMethod.AUTHENTICATION_METHOD_LOCAL);
    assertThat(entry.toString()).doesNotContain(secret());
  }

  @Test
  void laterStartsLeaveItAsItIs() throws Exception {
    FirstAdmin.ensure(store, data, clock());
    String first = secret();
    FirstAdmin.ensure(store, data, clock());

    assertThat(secret()).isEqualTo(first);
    assertThat(store.journal(Long.MAX_VALUE, 10)).hasSize(1);
  }

  @Test
  void fileOfAStartThatWasBrokenOffIsMadeGood() throws Exception {
    Files.writeString(data.resolve("admin-token"), "fdns_half");
    Files.writeString(data.resolve("admin-token.new"), "fdns_half");
    FirstAdmin.ensure(store, data, clock());

    assertThat(known(secret())).isNotNull();
    assertThat(data.resolve("admin-token.new")).doesNotExist();
  }

  @Test
  void anotherIsMadeWhenTheFirstHasEnded() throws Exception {
    FirstAdmin.ensure(store, data, clock());
    String first = secret();
    now = now.plus(Duration.ofDays(367));
    FirstAdmin.ensure(store, data, clock());

    assertThat(secret()).isNotEqualTo(first);
    assertThat(known(secret())).isNotNull();
    try (StoreSnapshot snapshot = store.snapshot()) {
      assertThat(FirstAdmin.hasAdmin(snapshot, now, "")).isTrue();
    }
  }

  @Test
  void emptyFileAsksForAnotherWhenTheSecretIsLost() throws Exception {
    FirstAdmin.ensure(store, data, clock());
    Files.writeString(data.resolve("admin-token"), "");
    FirstAdmin.ensure(store, data, clock());

    assertThat(known(secret())).isNotNull();
    String second = secret();
    Files.delete(data.resolve("admin-token"));
    FirstAdmin.ensure(store, data, clock());
    assertThat(data.resolve("admin-token")).as("nobody asked").doesNotExist();
    assertThat(known(second)).isNotNull();
  }

  @Test
  void fileThatCannotBeWrittenIsASentence() throws Exception {
    Files.createDirectories(data.resolve("admin-token/full"));

    assertThatThrownBy(() -> FirstAdmin.ensure(store, data, clock()))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(
            "the first admin's token cannot be written to " + data.resolve("admin-token") + " (")
        .hasMessageEndingWith("and start again");
    try (StoreSnapshot snapshot = store.snapshot()) {
      assertThat(FirstAdmin.hasAdmin(snapshot, now, "")).isFalse();
    }
  }
}
