package io.flashdns.management.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.CommitResult;
import io.flashdns.core.store.RRsetEdit;
import io.flashdns.core.store.StoreEvent;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.Watch;
import io.flashdns.core.store.ZoneChange;
import io.flashdns.core.store.ZoneId;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class EmbeddedStoreTest {
  @TempDir Path temp;

  private EmbeddedStore open() throws StoreException {
    return EmbeddedStore.open(temp.resolve("store"), TestZones.CONFIG);
  }

  @Test
  void nobodyElseMayLookIntoTheFiles() throws Exception {
    try (EmbeddedStore store = open()) {
      TestZones.created(store, "example.", 3);
      try (StoreSnapshot _ = store.snapshot();
          Stream<Path> files = Files.walk(temp.resolve("store"))) {
        for (Path file : files.toList()) {
          assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
              .as(file.toString())
              .isEqualTo(Files.isDirectory(file) ? "rwx------" : "rw-------");
        }
      }
      assertThat(temp.resolve("store/flashdns.db-wal")).exists();
    }
  }

  @Test
  void isOpenOnceInAProcess() throws Exception {
    try (EmbeddedStore store = open()) {
      assertThatThrownBy(this::open)
          .isInstanceOf(StoreException.Unavailable.class)
          .hasMessageContaining("is in use by process " + ProcessHandle.current().pid());
      // The refused one must not have given the lock back.
      assertThat(lockInChild()).contains("is in use by process " + ProcessHandle.current().pid());
      TestZones.created(store, "example.", 1);
    }
    open().close();
  }

  @Test
  void secondProcessIsRefusedAndToldWhoHasIt() throws Exception {
    try (EmbeddedStore _ = open()) {
      assertThat(lockInChild()).contains("is in use by process " + ProcessHandle.current().pid());
    }
    assertThat(lockInChild()).contains("opened");
  }

  private String lockInChild() throws Exception {
    Process child = StoreChild.start("open", temp.resolve("store"));
    try (BufferedReader out = child.inputReader(StandardCharsets.UTF_8)) {
      return String.join("\n", out.lines().toList());
    } finally {
      child.waitFor();
    }
  }

  @Test
  void networkFileSystemsAreKnown() {
    for (String type : List.of("nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "ceph")) {
      assertThat(StoreLock.isNetworkFileSystem(type)).as(type).isTrue();
    }
    for (String type : List.of("ext4", "xfs", "btrfs", "zfs", "tmpfs", "overlay", "apfs")) {
      assertThat(StoreLock.isNetworkFileSystem(type)).as(type).isFalse();
    }
  }

  @Test
  void newerSchemaIsRefused() throws Exception {
    open().close();
    sql("PRAGMA user_version=99");
    assertThatThrownBy(this::open)
        .isInstanceOf(StoreException.Unavailable.class)
        .hasMessageContaining("store version 99")
        .hasMessageContaining("start the newer FlashDNS");
    sql("PRAGMA user_version=" + Database.STEPS.size());
    open().close();
  }

  @Test
  void databaseOfAnotherProgramIsRefused() throws Exception {
    Files.createDirectories(temp.resolve("store"));
    sql("CREATE TABLE notes(text)");
    assertThatThrownBy(this::open)
        .isInstanceOf(StoreException.Damaged.class)
        .hasMessageContaining("is no store of FlashDNS");
  }

  private void sql(String text) throws Exception {
    try (Connection connection =
            org.sqlite.JDBC.createConnection(
                "jdbc:sqlite:" + temp.resolve("store/flashdns.db"), new java.util.Properties());
        Statement statement = connection.createStatement()) {
      statement.execute(text);
    }
  }

  @Test
  void snapshotShowsOneRevisionWhateverIsCommitted() throws Exception {
    try (EmbeddedStore store = open()) {
      ZoneId id = TestZones.created(store, "example.", 400);
      try (StoreSnapshot snapshot = store.snapshot()) {
        List<String> before = TestZones.text(snapshot);
        for (int i = 0; i < 50; i++) {
          var _ = store.commit(ChangeSet.of("test", TestZones.put(id, "example.", i * 7, -i - 1)));
        }
        TestZones.created(store, "second.", 3);
        assertThat(TestZones.text(snapshot)).isEqualTo(before);
        assertThat(snapshot.zone(TestZones.key("second."))).isNull();
      }
      try (StoreSnapshot snapshot = store.snapshot()) {
        assertThat(snapshot.revision()).isEqualTo(52);
        assertThat(snapshot.zone(TestZones.key("second."))).isNotNull();
      }
    }
  }

  @Test
  void everyKeptRevisionReadsAsItWasInFileAndMemory() throws Exception {
    try (EmbeddedStore file = open();
        EmbeddedStore memory = EmbeddedStore.inMemory(TestZones.CONFIG)) {
      for (EmbeddedStore store : List.of(file, memory)) {
        List<List<String>> then = randomLife(store, 60);
        for (int revision = 0; revision < then.size(); revision++) {
          try (StoreSnapshot snapshot = store.snapshot(revision)) {
            assertThat(TestZones.text(snapshot))
                .as("revision " + revision)
                .isEqualTo(then.get(revision));
          }
        }
      }
    }
    List<String> problems = new ArrayList<>();
    EmbeddedStore.check(temp.resolve("store"), problems::add, _ -> {});
    assertThat(problems).isEmpty();
  }

  /** Zones come, change and go; what the store held at each revision. */
  private static List<List<String>> randomLife(EmbeddedStore store, int steps) throws Exception {
    Random random = new Random(7);
    List<List<String>> then = new ArrayList<>();
    List<StoredZone> zones = new ArrayList<>();
    then.add(read(store));
    for (int step = 0; step < steps; step++) {
      int kind = random.nextInt(10);
      if (zones.isEmpty() || kind < 2) {
        String apex = "z" + random.nextInt(12) + ".example.";
        if (zones.stream().noneMatch(zone -> apex(zone).equals(apex))) {
          zones.addAll(
              store.commit(ChangeSet.of("t", TestZones.create(apex, random.nextInt(120)))).zones());
        }
      } else {
        StoredZone zone = zones.get(random.nextInt(zones.size()));
        if (kind == 2) {
          var _ =
              store.commit(
                  ChangeSet.of("t", new ZoneChange.Delete(zone.id(), ZoneChange.ANY_REVISION))
                      .forced());
          zones.remove(zone);
        } else if (kind == 3) {
          var _ =
              store.commit(
                  ChangeSet.of(
                      "t",
                      new ZoneChange.Configure(
                          zone.id(),
                          zone.settings().withSuspended(random.nextBoolean()),
                          ZoneChange.ANY_REVISION)));
        } else {
          List<RRsetEdit> edits = new ArrayList<>();
          int first = random.nextInt(150);
          for (int i = 0; i < 1 + random.nextInt(40); i++) {
            edits.add(
                kind < 6
                    ? new RRsetEdit.Delete(TestZones.owner(apex(zone), first + i), 1, -1)
                    : new RRsetEdit.Put(
                        TestZones.address(apex(zone), first + i, random.nextInt()), -1));
          }
          var _ =
              store.commit(
                  ChangeSet.of("t", new ZoneChange.Edit(zone.id(), edits, ZoneChange.ANY_REVISION))
                      .forced());
        }
      }
      while (then.size() <= store.state().revision()) {
        then.add(read(store));
      }
    }
    return then;
  }

  private static String apex(StoredZone zone) {
    return zone.settings().key().apex().toString();
  }

  private static List<String> read(EmbeddedStore store) throws StoreException {
    try (StoreSnapshot snapshot = store.snapshot()) {
      return TestZones.text(snapshot);
    }
  }

  @Test
  void historyIsForgottenWhenItIsTooLarge() throws Exception {
    StoreConfig small = new StoreConfig(1 << 20, Duration.ofDays(90), Duration.ofDays(400), 0);
    try (EmbeddedStore store = EmbeddedStore.open(temp.resolve("store"), small)) {
      ZoneId id = TestZones.created(store, "example.", 10);
      List<RRsetEdit> edits = new ArrayList<>();
      for (int round = 0; round < 40; round++) {
        edits.clear();
        for (int i = 0; i < 2_000; i++) {
          edits.add(new RRsetEdit.Put(TestZones.address("example.", i, round * 10_000 + i), -1));
        }
        var _ =
            store.commit(
                ChangeSet.of("t", new ZoneChange.Edit(id, edits, ZoneChange.ANY_REVISION)));
      }
      Awaitility.await().until(() -> store.state().historyBytes() <= 1 << 20);
      assertThat(store.state().compactedRevision()).isPositive();
      assertThatThrownBy(() -> store.watch(0)).isInstanceOf(StoreException.Compacted.class);
      assertThatThrownBy(() -> store.snapshot(1)).isInstanceOf(StoreException.Compacted.class);
      List<StoreEvent> kept = store.history(id, Long.MAX_VALUE, 1_000);
      assertThat(kept.getLast().revision()).isEqualTo(store.state().compactedRevision() + 1);
    }
    assertSound();
  }

  private void assertSound() throws StoreException {
    List<String> problems = new ArrayList<>();
    assertThat(EmbeddedStore.check(temp.resolve("store"), problems::add, _ -> {}))
        .as(problems.toString())
        .isZero();
  }

  @Test
  void watchGetsEveryEventOnceFromLogAndMemory() throws Exception {
    try (EmbeddedStore store = open()) {
      ZoneId id = TestZones.created(store, "example.", 10);
      AtomicReference<Throwable> fault = new AtomicReference<>();
      Thread writer =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      for (int i = 1; i <= 500; i++) {
                        var _ =
                            store.commit(ChangeSet.of("t", TestZones.put(id, "example.", 1, -i)));
                      }
                    } catch (StoreException | InterruptedException e) {
                      fault.set(e);
                    }
                  });
      long seen = 0;
      try (Watch watch = store.watch(0)) {
        while (seen < 501) {
          for (StoreEvent event : watch.next(Duration.ofSeconds(20))) {
            assertThat(event.revision()).isEqualTo(++seen);
          }
        }
        assertThat(watch.next(Duration.ZERO)).isEmpty();
      }
      writer.join();
      assertThat(fault.get()).isNull();
    }
    try (EmbeddedStore store = open();
        Watch watch = store.watch(499)) {
      assertThat(watch.next(Duration.ZERO))
          .extracting(StoreEvent::revision)
          .containsExactly(500L, 501L);
    }
  }

  @Test
  void closingRefusesWhoWaitsAndWakesWhoWatches() throws Exception {
    EmbeddedStore store = open();
    ZoneId id = TestZones.created(store, "example.", 10);
    Watch watch = store.watch(1);
    Set<String> ends = java.util.concurrent.ConcurrentHashMap.newKeySet();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      int host = i;
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      for (int value = 1; true; value++) {
                        var _ =
                            store.commit(
                                ChangeSet.of("t", TestZones.put(id, "example.", host, -value)));
                      }
                    } catch (StoreException.Unavailable e) {
                      ends.add(e.getMessage() + e.outcomeIsUnknown());
                    } catch (StoreException | InterruptedException e) {
                      ends.add(e.toString());
                    }
                  }));
    }
    Awaitility.await().until(() -> store.state().revision() > 20);
    store.close();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(ends).containsExactly("the store is closed: start the server againfalse");
    assertThatThrownBy(() -> watch.next(Duration.ofSeconds(60)))
        .isInstanceOf(StoreException.Unavailable.class);
    assertSound();
  }

  @Test
  void snapshotLeftOpenIsGivenBackWithAWarning() throws Exception {
    try (EmbeddedStore store = open()) {
      TestZones.created(store, "example.", 1);
      leak(store);
      Awaitility.await()
          .until(
              () -> {
                System.gc();
                return store.figures().openSnapshots() == 0;
              });
    }
  }

  @SuppressWarnings("MustBeClosedChecker")
  private static void leak(EmbeddedStore store) throws StoreException {
    assertThat(store.snapshot().revision()).isEqualTo(1);
    assertThat(store.figures().openSnapshots()).isEqualTo(1);
  }

  @Test
  void commitsOfManyShareATransaction() throws Exception {
    try (EmbeddedStore store = open()) {
      ZoneId id = TestZones.created(store, "example.", 20);
      List<Thread> threads = new ArrayList<>();
      Set<Long> revisions = java.util.concurrent.ConcurrentHashMap.newKeySet();
      for (int i = 0; i < 16; i++) {
        int host = i;
        threads.add(
            Thread.ofPlatform()
                .start(
                    () -> {
                      try {
                        for (int value = 1; value <= 50; value++) {
                          CommitResult done =
                              store.commit(
                                  ChangeSet.of("t", TestZones.put(id, "example.", host, -value)));
                          revisions.add(done.revision());
                        }
                      } catch (StoreException | InterruptedException e) {
                        throw new AssertionError(e);
                      }
                    }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(revisions).hasSize(800);
      StoreFigures figures = store.figures();
      assertThat(figures.commits()).isEqualTo(801);
      assertThat(figures.groups()).isLessThan(801);
    }
    assertSound();
  }

  @Test
  void changeSetThatIsRefusedLeavesItsGroupAlone() throws Exception {
    try (EmbeddedStore store = open()) {
      ZoneId id = TestZones.created(store, "example.", 20);
      List<Thread> threads = new ArrayList<>();
      AtomicReference<Throwable> wrong = new AtomicReference<>();
      for (int i = 0; i < 8; i++) {
        int host = i;
        threads.add(
            Thread.ofPlatform()
                .start(
                    () -> {
                      for (int value = 1; value <= 40; value++) {
                        try {
                          ZoneChange change =
                              host % 2 == 0
                                  ? TestZones.put(id, "example.", host, -value)
                                  : TestZones.create("example.", 3);
                          var _ = store.commit(ChangeSet.of("t", change));
                          if (host % 2 == 1) {
                            wrong.set(new AssertionError("a zone was created twice"));
                          }
                        } catch (StoreException.Refused e) {
                          if (host % 2 == 0) {
                            wrong.set(e);
                          }
                        } catch (StoreException | InterruptedException e) {
                          wrong.set(e);
                        }
                      }
                    }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(wrong.get()).isNull();
      assertThat(store.state().revision()).isEqualTo(1 + 4 * 40);
      assertThat(store.state().zones()).isEqualTo(1);
    }
    assertSound();
  }
}
