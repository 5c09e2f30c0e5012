package io.flashdns.management.wire;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** How busy the processors were with what has nothing to do with a test. Linux alone knows. */
final class OtherLoad {
  private static final double TICKS_PER_SECOND = 100;

  /** In the line of all processors: time that was not used. */
  private static final List<Integer> IDLE = List.of(4, 5);

  private static final int FIELDS = 9;

  private final double busySeconds = busySeconds();
  private final long sinceNanos = System.nanoTime();

  /**
   * The share of all processors since it was made, 0 to 1.
   *
   * @param own what the test itself took of them since then
   */
  double share(Duration own) {
    double elapsed = (System.nanoTime() - sinceNanos) / 1e9;
    double others = busySeconds() - busySeconds - own.toNanos() / 1e9;
    return Math.max(others, 0) / (elapsed * Runtime.getRuntime().availableProcessors());
  }

  private static double busySeconds() {
    try {
      String[] all = Files.readAllLines(Path.of("/proc/stat")).getFirst().split(" +");
      double ticks = 0;
      for (int i = 1; i < Math.min(FIELDS, all.length); i++) {
        ticks += IDLE.contains(i) ? 0 : Double.parseDouble(all[i]);
      }
      return ticks / TICKS_PER_SECOND;
    } catch (IOException _) {
      return 0;
    }
  }
}
