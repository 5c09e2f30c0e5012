package io.flashdns.plugins.ratelimit;

import static io.flashdns.plugins.ratelimit.Servers.ipv4;
import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.dns.Wire;
import io.flashdns.core.embedded.EmbeddedServer;
import io.flashdns.core.engine.Engine;
import io.flashdns.core.engine.Worker;
import io.flashdns.core.plugin.Protocol;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Workers on threads of their own, whose clocks go together. */
final class WorkersTest {
  private static final long MILLISECOND = 1_000_000;
  private static final int WARM_UP_MILLIS = 2_000;
  private static final int MILLIS = 10_000;
  private static final int NET = ipv4(198, 51, 100, 0);

  @ParameterizedTest
  @CsvSource({"2, 1, 50", "4, 1, 50", "2, 256, 1600", "4, 256, 1600"})
  void workersTogetherGiveTheRate(int workers, int sources, int limit) throws Exception {
    try (EmbeddedServer server = Servers.with(Servers.slip(1));
        ExecutorService threads = Executors.newFixedThreadPool(workers)) {
      CyclicBarrier together = new CyclicBarrier(workers);
      List<Future<Integer>> full = new ArrayList<>();
      for (int i = 0; i < workers; i++) {
        int number = i;
        Callable<Integer> flood =
            () -> flood(server.engine(), together, number, sources, limit * 20 / workers);
        full.add(threads.submit(flood));
      }
      int sum = 0;
      for (Future<Integer> one : full) {
        sum += one.get();
      }
      int expected = limit * MILLIS / 1_000;
      assertThat(sum).isBetween(expected * 95 / 100, expected * 105 / 100);
    }
  }

  /** Full replies after the burst. */
  private static int flood(
      Engine engine, CyclicBarrier together, int number, int sources, int perSecond)
      throws InterruptedException, BrokenBarrierException {
    Worker worker = engine.newWorker();
    int full = 0;
    int due = 0;
    int source = number;
    for (int i = 0; i < WARM_UP_MILLIS + MILLIS; i++) {
      if (i % 10 == 0) {
        together.await();
      }
      worker.beginBatch((1L << 40) + i * MILLISECOND);
      for (due += perSecond; due >= 1_000; due -= 1_000) {
        System.arraycopy(Servers.HIT, 0, worker.packet(), 0, Servers.HIT.length);
        source += 17;
        long from = 0xffff_0000_0000L | (NET + source % sources & 0xffff_ffffL);
        int length = worker.onPacket(Servers.HIT.length, Protocol.UDP, 0, 0, from, 5_353);
        boolean truncated = (Wire.u16(worker.reply(), Wire.FLAGS) & Wire.TC) != 0;
        full += i >= WARM_UP_MILLIS && length > 0 && !truncated ? 1 : 0;
      }
    }
    return full;
  }
}
