package io.flashdns.plugins.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LoadTableTest {
  private static final int UNIT = Decay.LIMIT / 125;

  private final Decay decay = new Decay(50, 125);
  private final LoadTable table = new LoadTable(64, decay, new SplittableRandom(1));

  private int find(int tag, int home, int now) {
    int first = LoadTable.slot(0, home);
    return LoadTable.isOf(table.read(first), tag) ? first : table.search(first, tag, now);
  }

  private int charge(int tag, int home, int now, int amount) {
    int at = find(tag, home, now);
    table.charge(at, table.read(at), tag, now, amount);
    return at;
  }

  private int load(int tag, int home, int now) {
    return table.load(table.read(find(tag, home, now)), now);
  }

  @Test
  void loadFallsByTheTimeConstant() {
    long constant = (long) decay.constantNanos();
    for (long nanos : new long[] {0, constant / 1_000, constant / 10, constant, 5 * constant}) {
      int age = decay.tick(nanos);
      assertThat((double) decay.left(Decay.LIMIT, age))
          .isCloseTo(
              Decay.LIMIT * Math.exp(-nanos / decay.constantNanos()), within(Decay.LIMIT * 0.0006));
    }
    assertThat(decay.left(Decay.LIMIT, decay.tick(22 * constant))).isZero();
    assertThat(decay.tick(60 * constant)).isGreaterThan(decay.tick(30 * constant));
  }

  @Test
  void timeThatRunsBackwardsChangesNothing() {
    charge(7, 0, 1_000, 5 * UNIT);

    assertThat(load(7, 0, 900)).isEqualTo(5 * UNIT);
    charge(7, 0, 900, UNIT);
    assertThat(load(7, 0, 1_000)).isEqualTo(6 * UNIT);
  }

  @Test
  void emptySlotTakesTheTimeOfItsFirstCharge() {
    int late = Decay.STAMP_MASK - 5;
    charge(7, 0, late, 5 * UNIT);

    assertThat(load(7, 0, late)).isEqualTo(5 * UNIT);
    assertThat(load(7, 0, 3_000)).isBetween(UNIT, 3 * UNIT);
  }

  @Test
  void eightPrefixesHaveLoadsOfTheirOwn() {
    for (int tag = 1; tag <= 8; tag++) {
      charge(tag, 3, 0, tag * UNIT);
    }
    for (int tag = 1; tag <= 8; tag++) {
      assertThat(load(tag, 3, 0)).isEqualTo(tag * UNIT);
    }
  }

  @Test
  void newcomerInAFullLineTakesOverTheSmallestLoadAndIsNeverCountedTooLow() {
    for (int tag = 1; tag <= 8; tag++) {
      charge(tag, 0, 0, (tag + 10) * UNIT);
    }
    charge(99, 5, 0, UNIT);

    assertThat(load(99, 5, 0)).isEqualTo(12 * UNIT);
    for (int tag = 2; tag <= 8; tag++) {
      assertThat(load(tag, 0, 0)).isEqualTo((tag + 10) * UNIT);
    }
  }

  @Test
  void floodIsNotForgottenWhileOthersCrowdItsLine() {
    SplittableRandom random = new SplittableRandom(3);
    charge(7, 0, 0, 120 * UNIT);
    for (int i = 0; i < 200; i++) {
      charge(1_000 + i, random.nextInt(8), 0, UNIT);
    }
    assertThat(load(7, 0, 0)).isEqualTo(120 * UNIT);
  }

  @ParameterizedTest
  @CsvSource({"1", "3"})
  void chargesOfManyThreadsAreAllCounted(int amount) throws InterruptedException {
    int threads = 4;
    int each = 50_000;
    CountDownLatch go = new CountDownLatch(1);
    Thread[] running = new Thread[threads];
    for (int i = 0; i < threads; i++) {
      running[i] =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      go.await();
                    } catch (InterruptedException e) {
                      throw new AssertionError(e);
                    }
                    for (int j = 0; j < each; j++) {
                      charge(7, 0, 9, amount);
                    }
                  });
    }
    go.countDown();
    for (Thread thread : running) {
      thread.join();
    }
    int sum = 0;
    for (int at = 0; at < 8; at++) {
      sum += table.load(table.read(at), 9);
    }
    assertThat(sum).isEqualTo(threads * each * amount);
  }

  @Test
  void sweepClearsWhatHasFallenToNothingAndNothingElse() {
    long constant = (long) decay.constantNanos();
    table.sweep(0);
    int old = charge(1, 0, decay.tick(0), 100 * UNIT);
    for (int i = 1; i <= 30; i++) {
      table.sweep(i * constant);
    }
    int fresh = charge(2, 4, decay.tick(30 * constant), 100 * UNIT);
    for (int i = 301; i <= 400; i++) {
      table.sweep(i * constant / 10);
    }
    assertThat(table.read(old)).isZero();
    assertThat(table.read(fresh)).isNotZero();

    table.sweep(60 * constant);
    assertThat(table.read(fresh)).isZero();
  }
}
