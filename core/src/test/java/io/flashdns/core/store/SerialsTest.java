package io.flashdns.core.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class SerialsTest {
  private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");

  @Test
  @Tag("rfc1982")
  void aSerialIsGreaterWithinHalfTheCircle() {
    assertThat(Serials.isGreater(1, 0)).isTrue();
    assertThat(Serials.isGreater(0, 0xffff_ffffL)).isTrue();
    assertThat(Serials.isGreater(0, 0)).isFalse();
    assertThat(Serials.isGreater(0x7fff_ffffL, 0)).isTrue();
    assertThat(Serials.isGreater(0x8000_0000L, 0)).isFalse();
    assertThat(Serials.isGreater(0, 0x8000_0000L)).isFalse();
    assertThat(Serials.isGreater(5, 6)).isFalse();
  }

  @Test
  @Tag("rfc1912")
  void aSerialByTheDaySaysTheDay() {
    assertThat(Serials.next(SerialPolicy.DATE, 7, NOON)).isEqualTo(2026112300L);
    assertThat(Serials.next(SerialPolicy.DATE, 2026112300L, NOON)).isEqualTo(2026112301L);
    assertThat(Serials.next(SerialPolicy.DATE, 2026112399L, NOON)).isEqualTo(2026112400L);
    assertThat(Serials.next(SerialPolicy.DATE, 2030010100L, NOON)).isEqualTo(2030010101L);
  }

  @Test
  void aSerialByTheSecondNeverStands() {
    long now = NOON.getEpochSecond();
    assertThat(Serials.next(SerialPolicy.UNIX_TIME, 7, NOON)).isEqualTo(now);
    assertThat(Serials.next(SerialPolicy.UNIX_TIME, now, NOON)).isEqualTo(now + 1);
  }

  @Test
  void zeroIsPassedOver() {
    assertThat(Serials.next(SerialPolicy.INCREMENT, 0xffff_ffffL, NOON)).isEqualTo(1);
    assertThat(Serials.next(SerialPolicy.UNIX_TIME, 0xffff_ffffL, Instant.EPOCH)).isEqualTo(1);
  }
}
