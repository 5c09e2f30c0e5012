package io.flashdns.plugins.tap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flashdns.core.dns.Wire;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RecordRingTest {
  private static boolean offer(RecordRing ring, byte[] record) {
    int at = ring.claim(record.length);
    if (at == RecordRing.NONE) {
      return false;
    }
    System.arraycopy(record, 0, ring.bytes(), at, record.length);
    ring.commit(record.length);
    return true;
  }

  private static byte[] poll(RecordRing ring) {
    int at = ring.next();
    assertThat(at).isNotEqualTo(RecordRing.NONE);
    byte[] record = Arrays.copyOfRange(ring.bytes(), at, at + ring.length());
    ring.release();
    return record;
  }

  @Test
  void sizeIsTheNextPowerOfTwo() {
    assertThat(new RecordRing(1_024).capacityBytes()).isEqualTo(1_024);
    assertThat(new RecordRing(1_025).capacityBytes()).isEqualTo(2_048);
    assertThatThrownBy(() -> new RecordRing(1_023)).hasMessageContaining("1024 to 1073741824");
  }

  @Test
  void recordIsNotSeenBeforeItIsCommitted() {
    RecordRing ring = new RecordRing(1_024);
    int at = ring.claim(100);
    ring.bytes()[at] = 7;
    assertThat(ring.next()).isEqualTo(RecordRing.NONE);
    ring.commit(1);
    assertThat(poll(ring)).containsExactly(7);
    assertThat(ring.next()).isEqualTo(RecordRing.NONE);
    assertThat(ring.usedBytes()).isZero();
  }

  @Test
  void fullRingSaysNoAndKeepsWhatItHas() {
    RecordRing ring = new RecordRing(1_024);
    int taken = 0;
    while (offer(ring, new byte[] {(byte) taken, 1, 2})) {
      taken++;
    }
    assertThat(taken).isEqualTo(128);
    for (int i = 0; i < taken; i++) {
      assertThat(poll(ring)).containsExactly(i, 1, 2);
    }
    assertThat(offer(ring, new byte[500])).isTrue();
  }

  @Test
  void recordThatIsTooLargeForTheRingIsRefused() {
    RecordRing ring = new RecordRing(1_024);
    assertThat(ring.claim(1_021)).isEqualTo(RecordRing.NONE);
    assertThat(ring.claim(Integer.MAX_VALUE)).isEqualTo(RecordRing.NONE);
    assertThat(ring.claim(1_020)).isNotEqualTo(RecordRing.NONE);
  }

  @Test
  void claimThatIsNotCommittedLeavesNothing() {
    RecordRing ring = new RecordRing(1_024);
    assertThat(offer(ring, new byte[900])).isTrue();
    assertThat(poll(ring)).hasSize(900);
    // Needs the front of the ring, and is given up.
    assertThat(ring.claim(400)).isEqualTo(4);
    assertThat(offer(ring, new byte[] {1, 2, 3})).isTrue();
    assertThat(poll(ring)).containsExactly(1, 2, 3);
  }

  /** Against a queue: any sequence of sizes, with the ends of the ring met at all places. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void ringIsAQueueOfRecords(long seed) {
    Random random = new Random(seed);
    RecordRing ring = new RecordRing(1_024);
    Deque<byte[]> queue = new ArrayDeque<>();
    int refused = 0;
    for (int i = 0; i < 200_000; i++) {
      if (random.nextInt(100) < 55) {
        byte[] record = new byte[random.nextInt(random.nextInt(10) == 0 ? 600 : 60)];
        random.nextBytes(record);
        if (offer(ring, record)) {
          queue.addLast(record);
        } else {
          refused++;
        }
      } else if (queue.isEmpty()) {
        assertThat(ring.next()).isEqualTo(RecordRing.NONE);
      } else {
        assertThat(poll(ring)).isEqualTo(queue.removeFirst());
      }
    }
    assertThat(refused).isGreaterThan(1_000);
  }

  /**
   * Two threads: each record is whole, they come in order, and each one that was offered either
   * comes out or was refused.
   */
  @Test
  void floodTearsNothingAndLosesNothingUncounted() throws InterruptedException {
    int offered = 3_000_000;
    RecordRing ring = new RecordRing(1 << 14);
    AtomicBoolean done = new AtomicBoolean();
    long[] refused = new long[1];
    Thread writer =
        Thread.ofPlatform()
            .start(
                () -> {
                  byte[] bytes = ring.bytes();
                  for (int i = 0; i < offered; i++) {
                    int length = 8 + (i * 37 & 0x7f);
                    int at = ring.claim(length);
                    if (at == RecordRing.NONE) {
                      refused[0]++;
                      if ((refused[0] & 63) == 0) {
                        Thread.onSpinWait();
                      }
                      continue;
                    }
                    Wire.put32(bytes, at, i);
                    Wire.put32(bytes, at + 4, length);
                    Arrays.fill(bytes, at + 8, at + length, (byte) i);
                    ring.commit(length);
                  }
                  done.set(true);
                });
    long read = 0;
    int last = -1;
    long torn = 0;
    byte[] bytes = ring.bytes();
    while (true) {
      boolean wasDone = done.get();
      int at = ring.next();
      if (at == RecordRing.NONE) {
        if (wasDone) {
          break;
        }
        Thread.onSpinWait();
        continue;
      }
      int length = ring.length();
      int number = Wire.s32(bytes, at);
      if (number <= last
          || length != 8 + (number * 37 & 0x7f)
          || Wire.s32(bytes, at + 4) != length) {
        torn++;
      }
      for (int i = 8; i < length; i++) {
        if (bytes[at + i] != (byte) number) {
          torn++;
        }
      }
      last = number;
      read++;
      ring.release();
    }
    writer.join();
    assertThat(torn).isZero();
    assertThat(read + refused[0]).isEqualTo(offered);
    assertThat(read).isPositive();
  }
}
