package io.flashdns.management.campaign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads from the system calls whether what is acknowledged was synced before. Needs strace. */
class FsyncAuditTest {
  private static final int ACKNOWLEDGED = Campaign.LONG ? 5_000 : 300;

  @TempDir Path folder;

  @Test
  void everyAcknowledgementComesAfterTheSyncOfItsRecord() throws Exception {
    assumeThat(Campaign.canTrace()).as("needs strace").isTrue();
    Path data = Files.createDirectories(folder.resolve("data"));
    Path log = folder.resolve("trace");
    Ledger ledger = new Ledger();

    List<String> tracer = new ArrayList<>(SyncTrace.COMMAND);
    tracer.add(log.toString());
    try (WritersProcess writers =
        new WritersProcess(
            WritersProcess.Plan.of(data, "audit", Campaign.seed()).serving(true),
            folder.resolve("err"),
            tracer,
            ledger::hear)) {
      await()
          .atMost(Duration.ofMinutes(3))
          .until(() -> ledger.acknowledged() >= ACKNOWLEDGED || !writers.isAlive());
      assertThat(writers.isAlive()).isTrue();
      writers.kill();
    }

    SyncTrace trace = SyncTrace.read(log, data);
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("acknowledged", trace.acknowledged());
    figures.put("logSyncs", trace.logSyncs());
    figures.put("folderSyncs", trace.folderSyncs());
    figures.put("faults", trace.faults().size());
    Campaign.report("fsync-audit", figures);
    assertThat(trace.faults()).isEmpty();
    assertThat(trace.acknowledged()).isGreaterThan(ACKNOWLEDGED / 2);
    assertThat(trace.logSyncs()).isPositive();
    assertThat(trace.folderSyncs()).isPositive();
  }

  /** An audit that finds nothing in a record without syncs would find nothing anywhere. */
  @Test
  void aRecordWithoutSyncsIsFaulty() throws Exception {
    Path log = folder.resolve("trace");
    String frame = "\\0\\0\\0\\1\\0\\0\\0\\5" + "\\0".repeat(16);
    String begin =
        """
        1 openat(AT_FDCWD, "%1$s/store/x.db-wal", O_RDWR|O_CREAT, 0644) = 4<%1$s/store/x.db-wal>
        1 fsync(5<%1$s/store>) = 0
        2 write(1<pipe:[7]>, "I r-w0-0 PUT 1 1:z.\\n", 9) = 9
        1 pwrite64(4<%1$s/store/x.db-wal>, "\\3abcr-w0-0xyz", 12, 0) = 12
        1 pwrite64(4<%1$s/store/x.db-wal>, "%2$s", 24, 12) = 24
        """
            .formatted(folder.toRealPath(), frame);
    String acknowledged = "2 write(1<pipe:[7]>, \"A r-w0-0 7 true 100 1:2\\n\", 9) = 9\n";
    String sync = "1 fdatasync(4<" + folder.toRealPath() + "/store/x.db-wal>";

    Files.writeString(log, begin + sync + ") = 0\n" + acknowledged);
    assertThat(SyncTrace.read(log, folder).faults()).isEmpty();
    Files.writeString(log, begin + acknowledged);
    assertThat(SyncTrace.read(log, folder).faults()).hasSize(1);
    Files.writeString(log, begin + sync + ") = -1 EIO (Input/output error)\n" + acknowledged);
    assertThat(SyncTrace.read(log, folder).faults()).hasSize(1);
    Files.writeString(
        log,
        begin + sync + " <unfinished ...>\n" + acknowledged + "1 <... fdatasync resumed>) = 0\n");
    assertThat(SyncTrace.read(log, folder).faults()).hasSize(1);
  }
}
