package io.flashdns.management.campaign;

import static org.assertj.core.api.Assertions.assertThat;

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
 * Kills writers at random moments, again and again over the same data folder, and holds what is
 * left against what was acknowledged. What is held is a copy: the folder itself is only ever opened
 * by processes that are killed.
 */
class CrashTest {
  private static final long SOONEST_NANOS = 20_000_000;
  private static final long LATEST_NANOS = Campaign.LONG ? 2_000_000_000L : 1_000_000_000L;

  @TempDir Path folder;

  @Test
  void nothingAcknowledgedIsLostWhenTheStoreIsKilled() throws Exception {
    kill("crash-store", Campaign.runs(4, 100), false);
  }

  @Test
  void nothingAcknowledgedIsLostWhenTheServerIsKilled() throws Exception {
    kill("crash-serve", Campaign.runs(4, 100), true);
  }

  private void kill(String name, int kills, boolean serves) throws Exception {
    long seed = Campaign.seed();
    SplittableRandom dice = new SplittableRandom(seed);
    Path data = Files.createDirectories(folder.resolve("data"));
    Ledger ledger = new Ledger();
    int asked = 0;
    for (int i = 0; i < kills; i++) {
      String run = "r" + i;
      try (WritersProcess writers =
          new WritersProcess(
              WritersProcess.Plan.of(data, run, seed + 1_000L * i).serving(serves),
              folder.resolve("err"),
              List.of(),
              ledger::hear)) {
        writers.awaitWriting();
        LockSupport.parkNanos(dice.nextLong(SOONEST_NANOS, LATEST_NANOS));
        writers.kill();
      }
      Path copy = Campaign.copy(data, folder.resolve("copy"));
      try (Node node = Node.open(copy, serves, 0)) {
        asked += Checks.afterRestart(node, ledger);
      }
      ledger.endOfProcess();
      Campaign.delete(copy);
      assertThat(ledger.faults()).as("kill %d of seed %d", i + 1, seed).isEmpty();
    }
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("seed", seed);
    figures.put("kills", kills);
    figures.put("acknowledged", ledger.acknowledged());
    figures.put("unanswered", ledger.unknown());
    figures.put("zones", ledger.zones().size());
    figures.put("dnsQuestions", asked);
    figures.put("lost", ledger.lost());
    figures.put("faults", ledger.faults().size());
    Campaign.report(name, figures);
    assertThat(ledger.acknowledged()).isGreaterThan(kills);
  }
}
