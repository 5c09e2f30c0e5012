package io.flashdns.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SourceTableTest {
  private final SourceTable table =
      new SourceTable(SourceTable.CAPACITY, 0x9f1c_73a5_1b2d_4e87L, 0x2545_f491_4f6c_dd1dL);

  private void count(long key, int times) {
    for (int i = 0; i < times; i++) {
      table.count(key);
    }
  }

  private int find(long key) {
    for (int i = 0; i < table.size(); i++) {
      if (table.key(i) == key) {
        return i;
      }
    }
    return -1;
  }

  @Test
  void eachSourceHasItsOwnCount() {
    Random random = new Random(3);
    Map<Long, Integer> expected = new HashMap<>();
    for (int i = 0; i < 50_000; i++) {
      // Neighbours, as in a network, and key 0, which is ::/64.
      long key = random.nextInt(4_000) * (i % 2 == 0 ? 1L : 1L << 32);
      expected.merge(key, 1, Integer::sum);
      table.count(key);
    }
    table.settle(1, 1);

    assertThat(table.size()).isEqualTo(expected.size());
    for (int i = 0; i < table.size(); i++) {
      assertThat(table.weight(i)).isEqualTo((double) expected.get(table.key(i)));
    }
  }

  @Test
  void lossAtTheQueueAndInTheFilterIsMadeGood() {
    count(1, 10);
    count(2, 10);
    table.settle(1, 0.5);
    table.next(find(2), 0.1);
    table.adopt();
    count(1, 10);
    count(2, 10);

    assertThat(table.droppedByFilter()).isCloseTo(90, within(1e-9));
    table.settle(0.5, 1);
    assertThat(table.offered(find(1))).isEqualTo(20 * 0.5 + 10);
    assertThat(table.offered(find(2))).isCloseTo(20 * 0.5 + 100, within(1e-9));
    assertThat(table.weight(find(2))).isEqualTo(10 * 0.5 + 10);
  }

  @Test
  void whoIsNoLongerSeenIsForgotten() {
    count(1, 1);
    count(2, 100);
    table.settle(0.5, 1);
    for (int i = 0; i < 6; i++) {
      table.settle(0.5, 1);
    }

    assertThat(find(1)).isNegative();
    assertThat(find(2)).isNotNegative();
    assertThat(table.weight(find(2))).isCloseTo(100.0 / 64, within(1e-9));
  }

  @Test
  void whoIsThinnedIsNotForgotten() {
    count(1, 1);
    table.settle(0.5, 1);
    table.next(find(1), 0.5);
    for (int i = 0; i < 20; i++) {
      table.settle(0.5, 1);
    }

    assertThat(find(1)).isNotNegative();
    assertThat(table.pass(find(1))).isEqualTo(1);
    table.adopt();
    assertThat(table.pass(find(1))).isEqualTo(0.5);
  }

  @Test
  void fullTableCountsTheRestTogetherAndMakesRoomForThoseWhoComeAgain() {
    count(-1, 50);
    for (int i = 0; i < 2 * SourceTable.CAPACITY; i++) {
      table.count(i);
    }
    assertThat(table.size()).isEqualTo(SourceTable.CAPACITY);
    table.settle(0.5, 1);
    assertThat(table.othersOffered()).isEqualTo(SourceTable.CAPACITY + 1.0);

    table.settle(0.5, 1);

    // A single datagram is half of one by now: those sources are gone, with what they sent.
    assertThat(table.size()).isEqualTo(1);
    assertThat(find(-1)).isZero();
    assertThat(table.othersOffered()).isCloseTo((2.0 * SourceTable.CAPACITY) * 0.5, within(1.0));
  }

  @Test
  void clearedTableIsAsNew() {
    for (int i = 0; i < 2 * SourceTable.CAPACITY; i++) {
      table.count(i);
    }
    table.clear();
    count(5, 3);
    table.settle(1, 1);

    assertThat(table.size()).isEqualTo(1);
    assertThat(table.weight(find(5))).isEqualTo(3);
    assertThat(table.othersOffered()).isZero();
  }

  @Test
  void countingAllocatesNothing() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    long empty = threads.getCurrentThreadAllocatedBytes() - before;
    before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < 100_000; i++) {
      table.count(i % 20_000);
    }

    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThanOrEqualTo(empty);
  }
}
