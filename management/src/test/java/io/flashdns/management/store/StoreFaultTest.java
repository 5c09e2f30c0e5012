package io.flashdns.management.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.ZoneId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A full disk and a floor of free space: changes are refused, reads go on, changes come back. */
@Timeout(120)
final class StoreFaultTest {
  @TempDir Path temp;

  @Test
  void fullDatabaseRefusesChangesServesReadsAndRecovers() throws Exception {
    try (EmbeddedStore store = EmbeddedStore.open(temp.resolve("store"), TestZones.CONFIG)) {
      ZoneId id = TestZones.created(store, "example.", 50);
      store.limitPages(60);
      StoreException.Unavailable refusal = fill(store);
      assertThat(refusal).hasMessageContaining("no space left").hasMessageContaining("free some");
      assertThat(store.state().isWritable()).isFalse();
      assertThat(store.state().readOnlyReason()).contains("no space left");
      long revision = store.state().revision();
      try (StoreSnapshot snapshot = store.snapshot()) {
        assertThat(snapshot.revision()).isEqualTo(revision);
        assertThat(TestZones.text(snapshot)).hasSizeGreaterThan(50);
      }
      store.limitPages(1_000_000);
      Awaitility.await().atMost(Duration.ofSeconds(5)).until(() -> store.state().isWritable());
      var _ = store.commit(ChangeSet.of("t", TestZones.put(id, "example.", 1, -1)));
      assertThat(store.state().revision()).isEqualTo(revision + 1);
    }
    assertSound(temp.resolve("store"));
  }

  /** Creates zones until the store refuses: its answer. */
  private static StoreException.Unavailable fill(EmbeddedStore store) throws Exception {
    for (int i = 0; true; i++) {
      try {
        TestZones.created(store, "fill" + i + ".example.", 200);
      } catch (StoreException.Unavailable e) {
        return e;
      }
    }
  }

  private static void assertSound(Path folder) throws StoreException {
    List<String> problems = new ArrayList<>();
    EmbeddedStore.check(folder, problems::add, _ -> {});
    assertThat(problems).isEmpty();
  }

  @Test
  void floorOfFreeSpaceRefusesChanges() throws Exception {
    long free = Files.getFileStore(temp).getUsableSpace();
    assumeTrue(free < 1L << 39, "there is more free space than the floor can be");
    StoreConfig config = new StoreConfig(1 << 20, Duration.ofDays(1), Duration.ofDays(1), 1L << 40);
    try (EmbeddedStore store = EmbeddedStore.open(temp.resolve("store"), config)) {
      assertThatThrownBy(() -> TestZones.created(store, "example.", 1))
          .isInstanceOf(StoreException.Unavailable.class)
          .hasMessageContaining("must stay free");
      assertThat(store.state().isWritable()).isFalse();
    }
  }

  @Test
  void fullFileSystemLosesNothingAcknowledged() throws Exception {
    Path disk = temp.resolve("disk");
    Files.createDirectories(disk);
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk.toString()),
        "only root can mount a small file system");
    try {
      Path folder = disk.resolve("store");
      List<String> before;
      Path ballast = disk.resolve("ballast");
      try (EmbeddedStore store = EmbeddedStore.open(folder, TestZones.CONFIG)) {
        ZoneId id = TestZones.created(store, "example.", 50);
        Files.write(ballast, new byte[1 << 20]);
        assertThat(fill(store)).hasMessageContaining("free");
        try (StoreSnapshot snapshot = store.snapshot()) {
          before = TestZones.text(snapshot);
        }
        Files.delete(ballast);
        Awaitility.await().atMost(Duration.ofSeconds(5)).until(() -> store.state().isWritable());
        var _ = store.commit(ChangeSet.of("t", TestZones.put(id, "example.", 1, -1)));
        assertThat(before).contains("revision " + (store.state().revision() - 1));
      }
      assertSound(folder);
    } finally {
      run("umount", disk.toString());
    }
  }

  private static boolean run(String... command) throws InterruptedException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
      return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException _) {
      return false;
    }
  }
}
