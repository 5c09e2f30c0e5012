package io.flashdns.management.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.ZoneId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StoreBackupTest {
  @TempDir Path temp;

  private Path folder() {
    return temp.resolve("store");
  }

  private EmbeddedStore open() throws StoreException {
    return EmbeddedStore.open(folder(), TestZones.CONFIG);
  }

  private static List<String> text(EmbeddedStore store) throws StoreException {
    try (StoreSnapshot snapshot = store.snapshot()) {
      return TestZones.text(snapshot);
    }
  }

  @Test
  void backupIsOneRevisionAndComesBack() throws Exception {
    Path backup = temp.resolve("backup.db");
    List<String> then;
    try (EmbeddedStore store = open()) {
      ZoneId id = TestZones.created(store, "example.", 100);
      var _ = store.commit(ChangeSet.of("t", TestZones.put(id, "example.", 3, -3)));
      then = text(store);
      assertThat(EmbeddedStore.backup(folder(), backup)).isEqualTo(2);
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(backup)))
          .isEqualTo("rw-------");
      var _ = store.commit(ChangeSet.of("t", TestZones.put(id, "example.", 4, -4)));
      assertThatThrownBy(() -> EmbeddedStore.restore(backup, folder(), true))
          .hasMessageContaining("is in use by process");
    }
    assertThatThrownBy(() -> EmbeddedStore.restore(backup, folder(), false))
        .isInstanceOf(StoreException.Unavailable.class)
        .hasMessageContaining("there is a store");
    assertThat(EmbeddedStore.restore(backup, folder(), true)).isEqualTo(2);
    try (EmbeddedStore store = open()) {
      assertThat(text(store)).isEqualTo(then);
      assertThat(store.history(new ZoneId(1), Long.MAX_VALUE, 9)).hasSize(2);
      TestZones.created(store, "new.", 1);
    }
    try (Stream<Path> left = Files.list(folder())) {
      assertThat(left.map(file -> file.getFileName().toString()))
          .contains("flashdns.db", "lock", "acknowledged")
          .isSubsetOf("flashdns.db", "lock", "acknowledged", "native");
    }
  }

  @Test
  void backupGoesToAnotherFolder() throws Exception {
    Path backup = temp.resolve("backup.db");
    try (EmbeddedStore store = open()) {
      TestZones.created(store, "example.", 100);
    }
    assertThat(EmbeddedStore.backup(folder(), backup)).isEqualTo(1);
    assertThatThrownBy(() -> EmbeddedStore.backup(folder(), backup))
        .hasMessageContaining("is there already");
    assertThat(EmbeddedStore.restore(backup, temp.resolve("other"), false)).isEqualTo(1);
    try (EmbeddedStore store = EmbeddedStore.open(temp.resolve("other"), TestZones.CONFIG)) {
      assertThat(store.state().zones()).isEqualTo(1);
    }
  }

  @Test
  void damagedBackupIsNotRestored() throws Exception {
    Path backup = temp.resolve("backup.db");
    List<String> then;
    try (EmbeddedStore store = open()) {
      TestZones.created(store, "example.", 300);
      then = text(store);
    }
    EmbeddedStore.backup(folder(), backup);
    byte[] bytes = Files.readAllBytes(backup);
    damage(bytes, "h000123");
    Files.write(backup, bytes);
    assertThatThrownBy(() -> EmbeddedStore.restore(backup, folder(), true))
        .isInstanceOf(StoreException.Damaged.class);
    try (EmbeddedStore store = open()) {
      assertThat(text(store)).isEqualTo(then);
    }
  }

  /** Everywhere: pages also hold what was moved away. */
  private static void damage(byte[] bytes, String text) {
    String octets = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
    for (int at = octets.indexOf(text); at >= 0; at = octets.indexOf(text, at + 1)) {
      bytes[at] ^= 1;
    }
  }

  @Test
  void checkNamesWhatIsDamaged() throws Exception {
    try (EmbeddedStore store = open()) {
      TestZones.created(store, "example.", 300);
    }
    Path file = folder().resolve(Database.FILE);
    byte[] bytes = Files.readAllBytes(file);
    damage(bytes, "h000123");
    Files.write(file, bytes);
    List<String> problems = new ArrayList<>();
    List<String> progress = new ArrayList<>();
    assertThat(EmbeddedStore.check(folder(), problems::add, progress::add)).isPositive();
    assertThat(problems)
        .anyMatch(line -> line.contains("table content") || line.contains("table log"));
    assertThat(progress).isNotEmpty();
  }

  @Test
  void checkOfASoundStoreIsSilentWhileItIsUsed() throws Exception {
    try (EmbeddedStore store = open()) {
      TestZones.created(store, "example.", 300);
      List<String> problems = new ArrayList<>();
      assertThat(EmbeddedStore.check(folder(), problems::add, _ -> {})).isZero();
      assertThat(problems).isEmpty();
    }
  }
}
