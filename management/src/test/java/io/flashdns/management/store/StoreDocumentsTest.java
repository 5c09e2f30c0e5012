package io.flashdns.management.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.DocumentEdit;
import io.flashdns.core.store.Effects;
import io.flashdns.core.store.JournalEntry;
import io.flashdns.core.store.Octets;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.ZoneOwner;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sqlite.JDBC;

/** Documents, journal and owners in the file: what is found when rows are lost or others. */
final class StoreDocumentsTest {
  @TempDir Path temp;

  private Path folder() {
    return temp.resolve("store");
  }

  private EmbeddedStore open() throws StoreException {
    return EmbeddedStore.open(folder(), TestZones.CONFIG);
  }

  private void sql(String... statements) throws Exception {
    try (Connection connection =
            JDBC.createConnection(
                "jdbc:sqlite:" + folder().resolve(Database.FILE), new Properties());
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  private List<String> problems() throws StoreException {
    List<String> problems = new ArrayList<>();
    int found = EmbeddedStore.check(folder(), problems::add, _ -> {});
    assertThat(problems).hasSize(found);
    return problems;
  }

  private static ChangeSet writing(int from, int to) {
    List<DocumentEdit> edits = new ArrayList<>();
    List<Octets> journal = new ArrayList<>();
    for (int i = from; i < to; i++) {
      edits.add(DocumentEdit.put("key/" + (1_000 + i), Octets.of("value " + i)));
      journal.add(Octets.of("entry " + i));
    }
    return ChangeSet.ofDecision("t", (_, _, _) -> new Effects(edits, journal, Octets.EMPTY));
  }

  private void fill() throws Exception {
    try (EmbeddedStore store = open()) {
      for (int i = 0; i < 100; i++) {
        TestZones.created(store, "zone" + i + ".example.", 1);
      }
      var _ = store.commit(writing(0, 200));
    }
    assertThat(problems()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "DELETE FROM documents WHERE key = CAST('key/1100' AS BLOB)",
        "DELETE FROM documents WHERE key = x''",
        "DELETE FROM documents WHERE key = CAST('key/1199' AS BLOB)",
        "DELETE FROM documents",
        "UPDATE documents SET value = x'00' WHERE key = CAST('key/1100' AS BLOB)",
        "UPDATE documents SET revision = 7 WHERE key = CAST('key/1100' AS BLOB)",
        "UPDATE documents SET key = CAST('key/1100x' AS BLOB) WHERE key = CAST('key/1100' AS BLOB)",
        "DELETE FROM journal WHERE number = 100",
        "DELETE FROM journal WHERE number = 1",
        "UPDATE journal SET body = x'00' WHERE number = 100",
        "UPDATE journal SET revision = 0 WHERE number = 100",
        "INSERT INTO journal SELECT 202, at, revision, body, sum FROM journal WHERE number = 200",
        "DELETE FROM owners WHERE first > x''",
        "DELETE FROM owners",
        "UPDATE owners SET until = NULL",
        "DELETE FROM names WHERE first > x''",
        "UPDATE meta SET documents = documents + 1",
        "UPDATE requests SET answer = x'00'",
      })
  void whatIsLostOrAnotherIsFound(String damage) throws Exception {
    fill();
    try (EmbeddedStore store = open()) {
      var _ = store.commit(writing(0, 1).withRequestId("r"));
    }
    sql(damage);
    assertThat(problems()).isNotEmpty();
  }

  @Test
  void lostDocumentIsNoAbsence() throws Exception {
    fill();
    sql("DELETE FROM documents WHERE key = CAST('key/1100' AS BLOB)");
    try (EmbeddedStore store = open();
        StoreSnapshot snapshot = store.snapshot()) {
      assertThatThrownBy(() -> snapshot.document("key/1100"))
          .isInstanceOf(StoreException.Damaged.class);
      assertThatThrownBy(() -> snapshot.documents("key/", "", 200))
          .isInstanceOf(StoreException.Damaged.class);
      assertThatThrownBy(() -> snapshot.documents("key/1100", "", 200))
          .isInstanceOf(StoreException.Damaged.class);
      assertThat(snapshot.document("key/1099")).isNotNull();
      assertThat(snapshot.document("key/1101")).isNotNull();
      assertThatThrownBy(() -> store.commit(writing(100, 101)))
          .isInstanceOf(StoreException.Damaged.class);
    }
  }

  @Test
  void lostRowOfOwnersIsNoAbsence() throws Exception {
    fill();
    sql("DELETE FROM owners WHERE first = (SELECT max(first) FROM owners)");
    try (EmbeddedStore store = open();
        StoreSnapshot snapshot = store.snapshot()) {
      assertThatThrownBy(() -> snapshot.zonesOf(ZoneOwner.NOBODY, 0, 1_000))
          .isInstanceOf(StoreException.Damaged.class);
    }
  }

  @Test
  void lostEndOfTheJournalIsFoundAtTheStart() throws Exception {
    fill();
    sql("DELETE FROM journal WHERE number > 190");
    assertThatThrownBy(this::open)
        .isInstanceOf(StoreException.Damaged.class)
        .hasMessageContaining("table journal, entry 200");
  }

  @Test
  void oldEntriesOfTheJournalAreForgotten() throws Exception {
    AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
    StoreConfig config = new StoreConfig(1L << 30, Duration.ofDays(90), Duration.ofDays(10), 0);
    try (EmbeddedStore store = EmbeddedStore.open(folder(), config, now::get)) {
      for (int i = 0; i < 3; i++) {
        var _ = store.commit(writing(i * 1_000, i * 1_000 + 1_000));
      }
      now.set(Instant.parse("2026-01-08T00:00:00Z"));
      store.journal(List.of(Octets.of("young")));
      now.set(Instant.parse("2026-01-12T00:00:00Z"));
      store.keepHouseSoon();
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(
              () -> {
                store.journal(List.of()); // wakes the writer
                return store.journal(Long.MAX_VALUE, 9).size() == 1;
              });
      JournalEntry left = store.journal(Long.MAX_VALUE, 9).getFirst();
      assertThat(left.number()).isEqualTo(3_001);
      assertThat(left.body()).isEqualTo(Octets.of("young"));
      store.journal(List.of(Octets.of("next")));
      assertThat(store.journal(Long.MAX_VALUE, 1).getFirst().number()).isEqualTo(3_002);
    }
    assertThat(problems()).isEmpty();
    try (EmbeddedStore store = EmbeddedStore.open(folder(), config, now::get)) {
      assertThat(store.journal(Long.MAX_VALUE, 9)).hasSize(2);
    }
  }

  @Test
  void historyOfDocumentsIsBounded() throws Exception {
    StoreConfig config = new StoreConfig(1 << 20, Duration.ofDays(90), Duration.ofDays(400), 0);
    try (EmbeddedStore store = EmbeddedStore.open(folder(), config)) {
      for (int i = 0; i < 40; i++) {
        byte[] value = new byte[100_000];
        value[0] = (byte) i;
        Effects effects =
            new Effects(
                List.of(DocumentEdit.put("large", Octets.of(value))), List.of(), Octets.EMPTY);
        var _ = store.commit(ChangeSet.ofDecision("t", (_, _, _) -> effects));
      }
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> store.state().historyBytes() <= 1 << 20);
      assertThat(store.state().compactedRevision()).isPositive();
      assertThat(store.state().revision()).isEqualTo(40);
    }
    assertThat(problems()).isEmpty();
  }

  @Test
  void backupHasDocumentsAndJournal() throws Exception {
    fill();
    Path backup = temp.resolve("backup.db");
    EmbeddedStore.backup(folder(), backup);
    EmbeddedStore.restore(backup, temp.resolve("other"), false);
    try (EmbeddedStore store = EmbeddedStore.open(temp.resolve("other"), TestZones.CONFIG);
        StoreSnapshot snapshot = store.snapshot()) {
      assertThat(snapshot.documents("key/", "", 1_000)).hasSize(200);
      assertThat(store.journal(Long.MAX_VALUE, 1_000)).hasSize(200);
      assertThat(snapshot.zonesOf(ZoneOwner.NOBODY, 0, 1_000)).hasSize(100);
    }
  }

  @Test
  void errorOfADecisionDoesNotEndTheStore() throws Exception {
    try (EmbeddedStore store = open()) {
      assertThatThrownBy(
              () ->
                  store.commit(
                      ChangeSet.ofDecision(
                          "t",
                          (_, _, _) -> {
                            throw new AssertionError("no");
                          })))
          .isInstanceOf(IllegalStateException.class)
          .hasRootCauseInstanceOf(AssertionError.class);
      assertThat(store.commit(writing(0, 1)).changed()).isTrue();
    }
  }
}
