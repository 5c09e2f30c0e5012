package io.flashdns.management.campaign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A disk that is full and one that fails: changes are refused in time and by name, answers go on,
 * and nothing that was acknowledged is lost.
 */
class DiskTroubleTest {
  private static final int DISK_MEBIBYTES = 64;
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final long REFUSED_WITHIN_MICROS = 1_000_000;
  private static final Duration WRITES_AGAIN_WITHIN = Duration.ofSeconds(5);
  private static final int WRITERS = 4;
  private static final long PAUSE_MILLIS = 5;

  @TempDir Path folder;

  @Test
  void aFullDiskStopsWritesAlone() throws Exception {
    fill("disk-full", 0, 0);
  }

  @Test
  void aDiskWithLittleRoomStopsWritesAlone() throws Exception {
    fill("disk-floor", 16 << 20, 4 << 20);
  }

  /**
   * Fills the disk and makes room again.
   *
   * @param minFreeBytes that the store leaves free
   * @param leaveBytes that are left free
   */
  private void fill(String name, long minFreeBytes, long leaveBytes) throws Exception {
    assumeThat(Campaign.isRoot()).as("needs root, to mount").isTrue();
    Ledger ledger = new Ledger();
    try (LoopImage disk = LoopImage.make(folder, "disk", DISK_MEBIBYTES)) {
      Path data = Files.createDirectories(disk.path().resolve("data"));
      Path filler = disk.path().resolve("filler");
      Duration back;
      try (WritersProcess writers =
              new WritersProcess(
                  WritersProcess.Plan.of(data, name, Campaign.seed())
                      .serving(true)
                      .writers(WRITERS, PAUSE_MILLIS)
                      .minFree(minFreeBytes),
                  folder.resolve("err"),
                  List.of(),
                  ledger::hear);
          Probe probe = probe(writers)) {
        awaitAcknowledged(writers, ledger, 200);
        fill(filler, leaveBytes);
        await().atMost(PATIENCE).until(() -> ledger.unavailable().size() >= 20);
        Files.delete(filler);
        long freed = System.nanoTime();
        awaitAcknowledged(writers, ledger, ledger.acknowledged() + 20);
        back = Duration.ofNanos(System.nanoTime() - freed);
        probe.stop();
        writers.kill();
        report(name, ledger, probe, back);
        assertThat(probe.missed()).as("the last of them: %s", probe.lastMiss()).isZero();
      }
      refusedInTimeAndByName(ledger);
      assertThat(back).isLessThan(WRITES_AGAIN_WITHIN);
      afterwardsAllIsThere(data, ledger);
    }
  }

  @Test
  void aFailedSyncStopsWritesUntilTheStoreIsOpenedAgain() throws Exception {
    assumeThat(Campaign.canTrace()).as("needs strace").isTrue();
    Ledger ledger = new Ledger();
    Path data = Files.createDirectories(folder.resolve("data"));
    List<String> tracer =
        List.of(
            "strace",
            "-f",
            "-qqq",
            "--seccomp-bpf",
            "-o",
            "/dev/null",
            "-e",
            "trace=fsync,fdatasync",
            "-e",
            "inject=fsync,fdatasync:error=EIO:when=80+");
    try (WritersProcess writers =
            new WritersProcess(
                WritersProcess.Plan.of(data, "eio", Campaign.seed())
                    .serving(true)
                    .writers(WRITERS, PAUSE_MILLIS),
                folder.resolve("err"),
                tracer,
                ledger::hear);
        Probe probe = probe(writers)) {
      await().atMost(PATIENCE).until(() -> ledger.unavailable().size() >= 20);
      long acknowledged = ledger.acknowledged();
      int seen = ledger.unavailable().size();
      int asked = probe.asked();
      await()
          .atMost(PATIENCE)
          .until(() -> ledger.unavailable().size() >= seen + 200 && probe.asked() >= asked + 200);
      assertThat(ledger.acknowledged())
          .as("acknowledged after a sync had failed")
          .isEqualTo(acknowledged);
      assertThat(writers.isAlive()).isTrue();
      probe.stop();
      writers.kill();
      report("disk-eio", ledger, probe, Duration.ZERO);
      assertThat(probe.missed()).as("the last of them: %s", probe.lastMiss()).isZero();
    }
    refusedInTimeAndByName(ledger);
    afterwardsAllIsThere(data, ledger);
  }

  private static Probe probe(WritersProcess writers) throws IOException, InterruptedException {
    writers.awaitWriting();
    return new Probe(Objects.requireNonNull(writers.port()));
  }

  private static void awaitAcknowledged(WritersProcess writers, Ledger ledger, long count) {
    try {
      await().atMost(PATIENCE).until(() -> ledger.acknowledged() >= count || !writers.isAlive());
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(
          ledger.acknowledged()
              + " acknowledged, then "
              + ledger.unavailable().reversed().stream().limit(2).toList(),
          e);
    }
    assertThat(writers.isAlive()).isTrue();
  }

  private static void fill(Path filler, long leaveBytes) throws IOException {
    ByteBuffer block = ByteBuffer.allocate(1 << 16);
    try (FileChannel file =
        FileChannel.open(filler, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      while (Files.getFileStore(filler).getUsableSpace() > leaveBytes) {
        file.write(block.clear());
      }
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("No space left");
    }
  }

  private static void refusedInTimeAndByName(Ledger ledger) {
    assertThat(ledger.unavailable())
        .allSatisfy(
            line -> {
              String[] words = line.split(" ", 5);
              assertThat(Long.parseLong(words[2])).as(line).isLessThan(REFUSED_WITHIN_MICROS);
              assertThat(words[4]).as(line).hasSizeGreaterThan(20);
            });
  }

  private void afterwardsAllIsThere(Path data, Ledger ledger) throws Exception {
    Path copy = Campaign.copy(data, folder.resolve("copy"));
    try (Node node = Node.open(copy, true, 0)) {
      Checks.afterRestart(node, ledger);
    }
    assertThat(ledger.faults()).isEmpty();
  }

  private static void report(String name, Ledger ledger, Probe probe, Duration back) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("acknowledged", ledger.acknowledged());
    figures.put("refused", ledger.unavailable().size());
    figures.put(
        "slowestRefusalMicros",
        ledger.unavailable().stream()
            .mapToLong(line -> Long.parseLong(line.split(" ")[2]))
            .max()
            .orElse(0));
    figures.put("firstRefusal", ledger.unavailable().getFirst());
    figures.put("probes", probe.asked());
    figures.put("probesMissed", probe.missed());
    figures.put("writesAgainMillis", back.toMillis());
    Campaign.report(name, figures);
  }
}
