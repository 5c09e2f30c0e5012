package io.flashdns.management.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.ZoneId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log that a killed process leaves, flipped and torn. */
final class StoreLogDamageTest {
  private static final int FRAME_BYTES = 24 + Database.PAGE_BYTES;

  @TempDir Path temp;

  private Path folder;
  private byte[] log;

  /** A copy of the files of a store in use is what a kill leaves. */
  @BeforeEach
  void leaveALog() throws Exception {
    Path used = temp.resolve("used");
    folder = temp.resolve("left");
    Files.createDirectories(folder);
    try (EmbeddedStore store = EmbeddedStore.open(used, TestZones.CONFIG)) {
      ZoneId id = TestZones.created(store, "example.", 50);
      for (int i = 1; i <= 20; i++) {
        var _ = store.commit(ChangeSet.of("t", TestZones.put(id, "example.", i, -i)));
      }
      // Through other descriptors than Java's would give SQLite's locks back.
      assertThat(
              new ProcessBuilder(
                      "cp",
                      used.resolve(Database.FILE).toString(),
                      used.resolve(Database.WAL).toString(),
                      used.resolve(Acknowledged.FILE).toString(),
                      folder.toString())
                  .start()
                  .waitFor())
          .isZero();
    }
    log = Files.readAllBytes(folder.resolve(Database.WAL));
  }

  private int frames() {
    return (log.length - 32) / FRAME_BYTES;
  }

  /** Index of the first frame of the last transaction. */
  private int lastTransaction() {
    int commits = 0;
    for (int frame = frames() - 1; frame >= 0; frame--) {
      if (ByteBuffer.wrap(log).getInt(32 + frame * FRAME_BYTES + 4) != 0 && ++commits == 2) {
        return frame + 1;
      }
    }
    throw new AssertionError("the log has one transaction alone");
  }

  private long openedAt(byte[] left) throws StoreException, IOException {
    Path copy = temp.resolve("copy");
    Files.createDirectories(copy);
    Files.copy(
        folder.resolve(Database.FILE),
        copy.resolve(Database.FILE),
        StandardCopyOption.REPLACE_EXISTING);
    Files.deleteIfExists(copy.resolve(Database.FILE + "-shm"));
    Files.write(copy.resolve(Database.WAL), left);
    try (EmbeddedStore store = EmbeddedStore.open(copy, TestZones.CONFIG)) {
      return store.state().revision();
    }
  }

  @Test
  void soundLogIsReplayed() throws Exception {
    assertThat(openedAt(log)).isEqualTo(21);
  }

  @Test
  void flippedBitBeforeTheLastTransactionIsRefused() throws Exception {
    int end = 32 + lastTransaction() * FRAME_BYTES;
    Random random = new Random(3);
    for (int flip = 0; flip < 200; flip++) {
      byte[] damaged = log.clone();
      // Some in the header, which is small.
      int at = flip % 10 == 0 ? random.nextInt(32) : random.nextInt(end);
      damaged[at] ^= (byte) (1 << random.nextInt(8));
      try {
        assertThat(openedAt(damaged)).as("flip at " + at).isEqualTo(21);
      } catch (StoreException.Damaged e) {
        assertThat(e).hasMessageContaining("acknowledged changes would be lost");
      }
    }
    byte[] damaged = log.clone();
    damaged[end / 2] ^= 4;
    assertThatThrownBy(() -> openedAt(damaged)).isInstanceOf(StoreException.Damaged.class);
    assertThatThrownBy(() -> EmbeddedStore.check(temp.resolve("copy"), _ -> {}, _ -> {}))
        .isInstanceOf(StoreException.Damaged.class);
  }

  @Test
  void tornLastTransactionIsTakenBack() throws Exception {
    int begin = 32 + lastTransaction() * FRAME_BYTES;
    for (int cut = begin; cut < log.length; cut += 1_021) {
      assertThat(openedAt(Arrays.copyOf(log, cut))).as("cut at " + cut).isEqualTo(20);
      byte[] hole = log.clone();
      Arrays.fill(hole, cut, Math.min(cut + 512, log.length), (byte) 0);
      assertThat(openedAt(hole)).as("hole at " + cut).isIn(20L, 21L);
    }
  }

  @Test
  void aTransactionThatWasAcknowledgedIsNotTakenBack() throws Exception {
    byte[] damaged = log.clone();
    damaged[log.length - 100] ^= 1;
    Path copy = Files.createDirectories(temp.resolve("copy"));
    Files.copy(folder.resolve(Acknowledged.FILE), copy.resolve(Acknowledged.FILE));
    assertThatThrownBy(() -> openedAt(damaged))
        .isInstanceOf(StoreException.Damaged.class)
        .hasMessageContaining("is at revision 20 and 21 was acknowledged")
        .hasMessageContaining("flashdns restore");

    assertThat(EmbeddedStore.check(copy, _ -> {}, _ -> {})).isPositive();
    assertThatThrownBy(() -> EmbeddedStore.backup(copy, temp.resolve("backup.db")))
        .hasMessageContaining("21 was acknowledged");
    assertThat(temp.resolve("backup.db")).doesNotExist();

    byte[] file = Files.readAllBytes(copy.resolve(Acknowledged.FILE));
    file[3] ^= 1;
    Files.write(copy.resolve(Acknowledged.FILE), file);
    assertThat(openedAt(damaged)).as("it does not fit its checksum").isEqualTo(20);
  }

  @Test
  void logOfZerosIsNone() throws Exception {
    assertThat(openedAt(new byte[32 + 3 * FRAME_BYTES])).isLessThanOrEqualTo(21);
  }
}
