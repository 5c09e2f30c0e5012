package io.flashdns.management.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * In health, what one server acknowledges is answered by the DNS of all soon. {@code
 * -Dvisible.changes=N} makes more of them.
 */
final class VisibleEverywhereTest {
  private static final int CHANGES = Integer.getInteger("visible.changes", 200);
  private static final int WARM_UP = 20;
  private static final Duration LIMIT = Duration.ofMillis(250);
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);
  private static final long LOOK_NANOS = 500_000;
  private static final long BETWEEN_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  @TempDir Path folder;

  /** A server, and a thread on its host. */
  private record Place(Server server, ExecutorService thread) {}

  @Test
  void acknowledgedChangeIsAnsweredByAllServersSoon() throws Exception {
    List<Place> places = new ArrayList<>();
    try (Fleet fleet = Fleet.start(folder)) {
      for (Server server : fleet.servers()) {
        places.add(new Place(server, Executors.newSingleThreadExecutor(work -> in(server, work))));
      }
      long[] nanos = new long[CHANGES];
      long[] calls = new long[CHANGES];
      for (int i = -WARM_UP; i < CHANGES; i++) {
        LockSupport.parkNanos(BETWEEN_NANOS);
        String owner = "v" + i % 10 + "." + Fleet.CHANGING;
        String value = "v." + i;
        Place at = places.get(Math.floorMod(i, Fleet.SIZE));
        long begin = System.nanoTime();
        Door.Reply reply =
            at.thread()
                .submit(
                    () ->
                        fleet
                            .door(at.server())
                            .call("RecordService/ApplyChanges", Writers.put(owner, value)))
                .get();
        long acknowledged = System.nanoTime();
        assertThat(reply.status()).as(reply.body()).isEqualTo(200);
        List<Future<Long>> seen = new ArrayList<>();
        for (Place place : places) {
          seen.add(place.thread().submit(() -> awaitText(place.server(), owner, value)));
        }
        for (Future<Long> each : seen) {
          if (i >= 0) {
            nanos[i] = Math.max(nanos[i], each.get() - acknowledged);
            calls[i] = acknowledged - begin;
          } else {
            var _ = each.get();
          }
        }
      }
      String differs = new Digests(fleet).difference();
      System.out.printf(
          "{\"changes\": %d, \"visibleEverywhereMillis\": {%s}, \"callMillis\": {%s}}%n",
          CHANGES, quantiles(nanos), quantiles(calls));
      assertThat(differs).isEmpty();
      assertThat(Duration.ofNanos(quantile(nanos, 0.99))).isLessThanOrEqualTo(LIMIT);
    } finally {
      places.forEach(place -> place.thread().shutdownNow());
    }
  }

  private static Thread in(Server server, Runnable work) {
    return Thread.ofPlatform()
        .daemon()
        .unstarted(
            () -> {
              try {
                server.host().namespace().enter();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
              work.run();
            });
  }

  /** When the text of a name was seen. */
  private static long awaitText(Server server, String owner, String value) throws IOException {
    long end = System.nanoTime() + PATIENCE_NANOS;
    try (Asker asker = new Asker(server.dns())) {
      while (!asker.text(owner).equals(value)) {
        assertThat(System.nanoTime() - end).as("%s is %s at %s", owner, value, server).isNegative();
        LockSupport.parkNanos(LOOK_NANOS);
      }
      return System.nanoTime();
    }
  }

  private static long quantile(long[] nanos, double which) {
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    return sorted[Math.min(sorted.length - 1, (int) Math.ceil(which * sorted.length) - 1)];
  }

  private static String quantiles(long[] nanos) {
    return "\"p50\": %.1f, \"p99\": %.1f, \"max\": %.1f"
        .formatted(
            quantile(nanos, 0.5) / 1e6, quantile(nanos, 0.99) / 1e6, quantile(nanos, 1) / 1e6);
  }
}
