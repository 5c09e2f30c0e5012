package io.flashdns.management.campaign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.flashdns.core.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Cuts the power at random moments: the disk is a file, and its copy at that moment is what was
 * left. Killing a process does not show a missing fsync; this does, and the second test proves that
 * it does. With {@code -Dcampaign} alone, and as root.
 */
class PowerCutTest {
  private static final long SOONEST_NANOS = 50_000_000;
  private static final long LATEST_NANOS = 1_500_000_000L;
  private static final int DISK_MEBIBYTES = 256;
  private static final int CUTS_FOR_CONTROL = 10;

  @TempDir Path folder;

  /**
   * What became of a campaign.
   *
   * @param bad cuts after which something was wrong
   * @param lost acknowledged change sets that were gone after these cuts
   */
  private record Outcome(
      int cuts, int bad, long lost, long acknowledged, Ledger ledger, int asked) {}

  @Test
  void nothingAcknowledgedIsLostWhenThePowerIsCut() throws Exception {
    assumeTrue(Campaign.LONG && Campaign.isRoot(), "needs -Dcampaign and root");
    int cuts = Campaign.runs(0, 60);
    long seed = Campaign.seed();

    Outcome outcome = cut(cuts, seed, List.of(), false);

    Ledger ledger = outcome.ledger();
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("seed", seed);
    figures.put("cuts", outcome.cuts());
    figures.put("acknowledged", ledger.acknowledged());
    figures.put("unanswered", ledger.unknown());
    figures.put("dnsQuestions", outcome.asked());
    figures.put("badCuts", outcome.bad());
    figures.put("lost", outcome.lost());
    figures.put("faults", ledger.faults().size());
    Campaign.report("power-cut", figures);
    assertThat(ledger.faults()).as("seed %d", seed).isEmpty();
    assertThat(outcome.bad()).isZero();
    assertThat(ledger.acknowledged()).isGreaterThan(cuts);
  }

  /**
   * The same program, its fsyncs told that they were done: a campaign that saw nothing is blind.
   */
  @Test
  void withoutSyncsTheSameCutsLoseWhatWasAcknowledged() throws Exception {
    assumeTrue(Campaign.LONG && Campaign.isRoot(), "needs -Dcampaign and root");
    assumeTrue(Campaign.canTrace(), "needs strace");
    long seed = Campaign.seed();

    Outcome outcome =
        cut(
            CUTS_FOR_CONTROL,
            seed,
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
                "inject=fsync,fdatasync:retval=0"),
            true);

    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("seed", seed);
    figures.put("cuts", outcome.cuts());
    figures.put("acknowledged", outcome.acknowledged());
    figures.put("badCuts", outcome.bad());
    figures.put("lost", outcome.lost());
    Campaign.report("power-cut-control", figures);
    assertThat(outcome.bad()).as("cuts that lost something").isPositive();
    assertThat(outcome.lost()).isPositive();
  }

  /**
   * Cuts the power again and again; each disk that is left is the next one's beginning, as on a
   * machine that is started again.
   *
   * @param stopAtLoss counts cuts after which the store does not hold all that it should, and
   *     begins anew after each
   */
  private Outcome cut(int cuts, long seed, List<String> tracer, boolean stopAtLoss)
      throws Exception {
    SplittableRandom dice = new SplittableRandom(seed);
    Ledger ledger = new Ledger();
    int bad = 0;
    int asked = 0;
    long lost = 0;
    long acknowledged = 0;
    String writeback = LoopImage.stopWriteback();
    LoopImage disk = LoopImage.make(folder, "disk", DISK_MEBIBYTES);
    try {
      for (int i = 0; i < cuts && (stopAtLoss || bad == 0); i++) {
        Path image = run(disk, "c" + i, seed + 1_000L * i, tracer, ledger, dice);
        disk.close();
        disk = LoopImage.mount(image, folder.resolve("disk" + i));
        Path copy = Campaign.copy(disk.path().resolve("data"), folder.resolve("copy"));
        try (Node node = Node.open(copy, !stopAtLoss, 0)) {
          asked += Checks.afterRestart(node, ledger);
        } catch (StoreException | IOException e) {
          ledger.faults().add("cut " + i + ": " + e);
        }
        ledger.endOfProcess();
        Campaign.delete(copy);
        if (!ledger.faults().isEmpty()) {
          bad++;
          lost += ledger.lost();
        }
        if (stopAtLoss && !ledger.faults().isEmpty()) {
          acknowledged += ledger.acknowledged();
          ledger = new Ledger();
          disk.close();
          disk = LoopImage.make(folder, "disk", DISK_MEBIBYTES);
        }
      }
    } finally {
      disk.close();
      LoopImage.startWriteback(writeback);
    }
    acknowledged += ledger.acknowledged();
    return new Outcome(cuts, bad, lost, acknowledged, ledger, asked);
  }

  private Path run(
      LoopImage disk,
      String run,
      long seed,
      List<String> tracer,
      Ledger ledger,
      SplittableRandom dice)
      throws Exception {
    Path data = Files.createDirectories(disk.path().resolve("data"));
    try (WritersProcess writers =
        new WritersProcess(
            WritersProcess.Plan.of(data, run, seed).serving(tracer.isEmpty()),
            folder.resolve("err"),
            tracer,
            ledger::hear)) {
      writers.awaitWriting();
      if (!tracer.isEmpty()) {
        // Else there would be no store at all on the disk.
        Campaign.must("sync", "-f", data.toString());
      }
      LockSupport.parkNanos(dice.nextLong(SOONEST_NANOS, LATEST_NANOS));
      // Stopped, so that what was acknowledged is what the disk was asked to hold by then.
      writers.signal("STOP");
      Path image = disk.cut(folder.resolve(run + ".img"));
      writers.kill();
      return image;
    }
  }
}
