package io.flashdns.management.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.CommitResult;
import io.flashdns.core.store.DocumentEdit;
import io.flashdns.core.store.Effects;
import io.flashdns.core.store.Octets;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.Watch;
import io.flashdns.core.store.ZoneChange;
import io.flashdns.core.store.ZoneHistory;
import io.flashdns.core.store.ZoneId;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.store.ZoneOwner;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.JDBC;

/**
 * A store that was written by version 1 of the schema: 7 zones around {@code example.} in two
 * views, 60 below {@code test.}, one that was deleted, one that was given to another owner under a
 * request id, and one change of content.
 */
final class OlderStoreTest {
  private static final InstantSource THEN = () -> Instant.parse("2026-11-20T13:00:00Z");
  private static final ZoneOwner WEB = new ZoneOwner("acme", "web");
  private static final ZoneOwner MAIL = new ZoneOwner("acme", "mail");

  @TempDir Path temp;

  private Path folder() {
    return temp.resolve("store");
  }

  private Path unpackTo(Path file) throws Exception {
    Files.createDirectories(file.getParent());
    try (InputStream packed =
            Objects.requireNonNull(OlderStoreTest.class.getResourceAsStream("version1.db.gz"));
        InputStream whole = new GZIPInputStream(packed)) {
      Files.copy(whole, file);
    }
    return file;
  }

  private static void sql(Path file, String... statements) throws Exception {
    try (Connection connection = JDBC.createConnection("jdbc:sqlite:" + file, new Properties());
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  private EmbeddedStore open() throws StoreException {
    return EmbeddedStore.open(folder(), TestZones.CONFIG, THEN);
  }

  private static List<String> names(List<StoredZone> zones) {
    return zones.stream().map(zone -> zone.settings().key().apex().toString()).toList();
  }

  private static DomainName name(String text) {
    return DomainName.parse(text, DomainName.ROOT);
  }

  private void verify(EmbeddedStore store) throws Exception {
    assertThat(store.state().revision()).isEqualTo(71);
    assertThat(store.state().zones()).isEqualTo(67);
    try (StoreSnapshot snapshot = store.snapshot()) {
      assertThat(snapshot.zones(0, 100)).hasSize(67);
      for (StoredZone zone : snapshot.zones(0, 100)) {
        assertThat(snapshot.zone(zone.settings().key())).isEqualTo(zone);
        assertThat(zone.settings().labels()).isEmpty();
        assertThat(zone.settings().comment()).isEmpty();
        assertThat(TestZones.text(snapshot, zone)).isNotEmpty();
      }
      assertThat(names(snapshot.zonesBelow("public", name("example."), null, 9)))
          .containsExactly(
              "example.", "\\000.example.", "b.example.", "a.b.example.", "z.example.");
      assertThat(snapshot.zonesBelow("public", name("test."), null, 100)).hasSize(60);
      assertThat(names(snapshot.zonesBelow("inner", DomainName.ROOT, null, 9)))
          .containsExactly("example.");
      assertThat(snapshot.zonesByName(null, 100)).hasSize(67);
      assertThat(names(snapshot.zonesOf(MAIL, 0, 9)))
          .containsExactly("example.", "b.example.", "\\000.example.");
      assertThat(snapshot.zonesOf(WEB, 0, 100)).hasSize(32);
      assertThat(snapshot.zonesOf(ZoneOwner.NOBODY, 0, 100)).hasSize(32);
      assertThat(snapshot.documents("", "", 9)).isEmpty();
    }
    assertThat(store.journal(Long.MAX_VALUE, 9)).isEmpty();
  }

  @Test
  void olderStoreIsBroughtUpToDateWhenItIsOpened() throws Exception {
    unpackTo(folder().resolve(Database.FILE));
    for (int opened = 0; opened < 2; opened++) {
      try (EmbeddedStore store = open()) {
        verify(store);
      }
    }
    List<String> problems = new ArrayList<>();
    assertThat(EmbeddedStore.check(folder(), problems::add, _ -> {})).isZero();
    assertThat(problems).isEmpty();
  }

  @Test
  void olderStoreKeepsItsHistoryAndItsRequests() throws Exception {
    unpackTo(folder().resolve(Database.FILE));
    try (EmbeddedStore store = open()) {
      ZoneKey gone = new ZoneKey("public", name("gone.example."));
      StoredZone deleted = Objects.requireNonNull(store.lastDeleted(gone));
      assertThat(store.history(deleted.id(), Long.MAX_VALUE, 9)).hasSize(2);
      try (StoreSnapshot past = store.snapshot(68)) {
        assertThat(past.zone(gone)).isEqualTo(deleted);
        assertThat(names(past.zonesBelow("public", name("example."), name("b.example."), 9)))
            .containsExactly("a.b.example.", "gone.example.", "z.example.");
        assertThat(names(past.zonesOf(MAIL, 0, 9))).containsExactly("example.", "\\000.example.");
      }
      try (Watch watch = store.watch(0)) {
        assertThat(watch.next(Duration.ofSeconds(5)).getFirst().documents()).isEmpty();
      }
      CommitResult known =
          store.commit(
              ChangeSet.of("bob", new ZoneChange.Delete(new ZoneId(1), -1)).withRequestId("once"));
      assertThat(known.revision()).isEqualTo(70);
      assertThat(known.zones()).hasSize(1);
      assertThat(known.answer()).isEqualTo(Octets.EMPTY);
      assertThat(store.commit(new ZoneHistory(store).restore(gone, "ada")).changed()).isTrue();
    }
  }

  @Test
  void olderStoreIsWrittenOn() throws Exception {
    unpackTo(folder().resolve(Database.FILE));
    try (EmbeddedStore store = open()) {
      Effects effects =
          new Effects(
              List.of(DocumentEdit.put("a", Octets.of("1"))),
              List.of(Octets.of("entry")),
              Octets.of("answer"));
      for (int i = 0; i < 60; i += 2) {
        ZoneKey key = new ZoneKey("public", name("n" + (i + 100) + ".test."));
        try (StoreSnapshot snapshot = store.snapshot()) {
          ZoneId id = Objects.requireNonNull(snapshot.zone(key)).id();
          var _ = store.commit(ChangeSet.of("ada", new ZoneChange.Delete(id, -1)));
        }
      }
      ChangeSet change =
          ChangeSet.of("ada", TestZones.create("m.test.", 2))
              .withRequestId("twice")
              .deciding((_, _, _) -> effects);
      assertThat(store.commit(change).revision()).isEqualTo(102);
      assertThat(store.commit(change).answer()).isEqualTo(Octets.of("answer"));
      try (StoreSnapshot snapshot = store.snapshot()) {
        assertThat(snapshot.zonesBelow("public", name("test."), null, 100)).hasSize(31);
      }
    }
    List<String> problems = new ArrayList<>();
    assertThat(EmbeddedStore.check(folder(), problems::add, _ -> {})).isZero();
    assertThat(problems).isEmpty();
  }

  @Test
  void olderStoreIsNotCheckedBeforeItIsOpened() throws Exception {
    unpackTo(folder().resolve(Database.FILE));
    assertThatThrownBy(() -> EmbeddedStore.check(folder(), _ -> {}, _ -> {}))
        .isInstanceOf(StoreException.Unavailable.class)
        .hasMessageContaining("has the older store version 1");
  }

  @Test
  void backupOfAnOlderVersionIsRestored() throws Exception {
    Path backup = unpackTo(temp.resolve("backup.db"));
    byte[] before = Files.readAllBytes(backup);
    assertThat(EmbeddedStore.restore(backup, folder(), false)).isEqualTo(71);
    assertThat(Files.readAllBytes(backup)).isEqualTo(before);
    try (EmbeddedStore store = open()) {
      verify(store);
    }
  }

  @Test
  void olderStoreThatIsDamagedStaysAsItIs() throws Exception {
    Path file = unpackTo(folder().resolve(Database.FILE));
    sql(file, "UPDATE zones SET last_log = last_log + 1 WHERE id = 60");
    assertThatThrownBy(this::open)
        .isInstanceOf(StoreException.Damaged.class)
        .hasMessageContaining("table zones, zone 60");
    sql(file, "UPDATE zones SET last_log = last_log - 1 WHERE id = 60");
    try (EmbeddedStore store = open()) {
      verify(store);
    }
  }

  @Test
  void olderStoreThatLostAZoneIsRefused() throws Exception {
    Path file = unpackTo(folder().resolve(Database.FILE));
    sql(file, "DELETE FROM zones WHERE id = 60");
    assertThatThrownBy(this::open).isInstanceOf(StoreException.Damaged.class);
  }
}
