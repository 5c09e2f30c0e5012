package io.flashdns.bench.scale;

import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.Status;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** Makes calls: as many as come through with so many under way, or on a timetable. */
final class ApiCalls {
  private static final long LONGEST_NANOS = 60_000_000_000L;

  /** Makes one call. */
  @FunctionalInterface
  interface Maker {
    /**
     * Begins it.
     *
     * @param slot which of those under way at once it is
     */
    ListenableFuture<?> begin(int slot, SplittableRandom dice);
  }

  /**
   * What became of a run; failed calls are in no other number.
   *
   * @param failures how many there were of each status
   */
  record Outcome(long calls, double seconds, Histogram nanos, Map<Status.Code, Long> failures) {
    double perSecond() {
      return calls / seconds;
    }

    double millis(double percentile) {
      return nanos.getValueAtPercentile(percentile) / 1e6;
    }
  }

  private final Maker maker;
  private final ConcurrentHistogram nanos = new ConcurrentHistogram(LONGEST_NANOS, 3);
  private final Map<Status.Code, AtomicLong> failures = new ConcurrentHashMap<>();

  private ApiCalls(Maker maker) {
    this.maker = maker;
  }

  /** As many as come through. */
  static Outcome closed(int underWay, double seconds, Maker maker) throws InterruptedException {
    ApiCalls calls = new ApiCalls(maker);
    CountDownLatch open = new CountDownLatch(underWay);
    long start = System.nanoTime();
    long end = start + (long) (seconds * 1e9);
    for (int slot = 0; slot < underWay; slot++) {
      calls.again(slot, new SplittableRandom(slot), end, open);
    }
    open.await();
    return calls.outcome(start);
  }

  private void again(int slot, SplittableRandom dice, long end, CountDownLatch open) {
    long begin = System.nanoTime();
    if (begin - end >= 0) {
      open.countDown();
      return;
    }
    ListenableFuture<?> call = maker.begin(slot, dice);
    call.addListener(
        () -> {
          ended(call, begin);
          again(slot, dice, end, open);
        },
        Runnable::run);
  }

  /** So many a second, whether earlier ones have ended or not. */
  static Outcome open(double perSecond, double seconds, int slots, Maker maker)
      throws InterruptedException {
    ApiCalls calls = new ApiCalls(maker);
    SplittableRandom dice = new SplittableRandom(1);
    long start = System.nanoTime();
    long count = (long) (perSecond * seconds);
    AtomicLong open = new AtomicLong();
    for (long n = 0; n < count; n++) {
      long due = start + (long) (n * 1e9 / perSecond);
      for (long early = due - System.nanoTime(); early > 0; early = due - System.nanoTime()) {
        LockSupport.parkNanos(early);
      }
      open.incrementAndGet();
      ListenableFuture<?> call = maker.begin((int) (n % slots), dice);
      call.addListener(
          () -> {
            calls.ended(call, due);
            open.decrementAndGet();
          },
          Runnable::run);
    }
    while (open.get() > 0) {
      TimeUnit.MILLISECONDS.sleep(1);
    }
    return calls.outcome(start);
  }

  private void ended(ListenableFuture<?> call, long begin) {
    try {
      Object _ = call.get();
      nanos.recordValue(Math.min(LONGEST_NANOS, System.nanoTime() - begin));
    } catch (ExecutionException e) {
      failures
          .computeIfAbsent(Status.fromThrowable(e).getCode(), _ -> new AtomicLong())
          .incrementAndGet();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private Outcome outcome(long start) {
    double seconds = (System.nanoTime() - start) / 1e9;
    Map<Status.Code, Long> failed = new TreeMap<>();
    failures.forEach((code, count) -> failed.put(code, count.get()));
    return new Outcome(nanos.getTotalCount(), seconds, nanos, failed);
  }
}
