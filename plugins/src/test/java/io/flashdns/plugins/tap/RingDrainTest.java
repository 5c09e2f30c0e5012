package io.flashdns.plugins.tap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flashdns.core.dns.Wire;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class RingDrainTest {
  /** Remembers what came. */
  private static final class Memory implements RecordSink {
    final List<Integer> records = new ArrayList<>();
    final AtomicLong count = new AtomicLong();
    final AtomicBoolean closed = new AtomicBoolean();

    @Override
    public void accept(byte[] bytes, int offset, int length) {
      int value = Wire.s32(bytes, offset);
      if (value < 0) {
        throw new IllegalStateException("a record that the sink does not like");
      }
      records.add(value);
      count.incrementAndGet();
    }

    @Override
    public void drained(long nowNanos) {}

    @Override
    public void close() {
      closed.set(true);
    }
  }

  private static boolean offer(RecordRing ring, int value) {
    int at = ring.claim(4);
    if (at == RecordRing.NONE) {
      return false;
    }
    Wire.put32(ring.bytes(), at, value);
    ring.commit(4);
    return true;
  }

  @Test
  void closingWritesOutWhatTheRingsHold() {
    Memory memory = new Memory();
    RingDrain drain = new RingDrain("test-drain", memory);
    RecordRing one = drain.newRing(1_024);
    RecordRing other = drain.newRing(1_024);
    drain.start();
    for (int i = 0; i < 50; i++) {
      assertThat(offer(one, i)).isTrue();
      assertThat(offer(other, 100 + i)).isTrue();
    }
    drain.close();
    assertThat(memory.closed).isTrue();
    assertThat(memory.records).hasSize(100);
    assertThat(memory.records.stream().filter(i -> i < 100).toList()).isSorted();
    assertThat(memory.records.stream().filter(i -> i >= 100).toList()).isSorted();
  }

  @Test
  void sinkThatThrowsLosesOneRecordAndNoMore() {
    Memory memory = new Memory();
    try (RingDrain drain = new RingDrain("test-drain", memory)) {
      RecordRing ring = drain.newRing(1_024);
      drain.start();
      assertThat(offer(ring, 1)).isTrue();
      assertThat(offer(ring, -1)).isTrue();
      assertThat(offer(ring, 2)).isTrue();
      await().until(() -> memory.count.get() == 2);
      assertThat(drain.faults()).isEqualTo(1);
    }
    assertThat(memory.records).containsExactly(1, 2);
  }

  @Test
  void drainThatWasNeverStartedCloses() {
    Memory memory = new Memory();
    new RingDrain("test-drain", memory).close();
    assertThat(memory.closed).isFalse();
  }
}
