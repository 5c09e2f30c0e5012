package io.flashdns.core.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class WireTest {
  @Test
  void numbersAreBigEndianAndUnsignedAtAnyAlignment() {
    byte[] bytes = new byte[16];
    Wire.put16(bytes, 1, 0xfedc);
    Wire.put32(bytes, 3, 0xfedc_ba98);
    Wire.put64(bytes, 7, 0xfedc_ba98_7654_3210L);

    assertThat(bytes).startsWith(0, 0xfe, 0xdc, 0xfe, 0xdc, 0xba, 0x98, 0xfe);
    assertThat(Wire.u8(bytes, 1)).isEqualTo(0xfe);
    assertThat(Wire.u16(bytes, 1)).isEqualTo(0xfedc);
    assertThat(Wire.u32(bytes, 3)).isEqualTo(0xfedc_ba98L);
    assertThat(Wire.s32(bytes, 3)).isEqualTo(0xfedc_ba98);
    assertThat(Wire.s64(bytes, 7)).isEqualTo(0xfedc_ba98_7654_3210L);
  }

  @Test
  void readingBeyondTheArrayThrows() {
    assertThatThrownBy(() -> Wire.u16(new byte[4], 3))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> Wire.s32(new byte[4], 1))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> Wire.put64(new byte[7], 0, 1))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void headerFlagsFillTheirSixteenBitsButOne() {
    int all =
        Wire.QR
            | Wire.OPCODE_MASK
            | Wire.AA
            | Wire.TC
            | Wire.RD
            | Wire.RA
            | Wire.AD
            | Wire.CD
            | Wire.RCODE_MASK;

    assertThat(all).isEqualTo(0xffff & ~0x0040);
  }

  @Test
  void onlyTypesOfTheFirstStandardMayBeCompressed() {
    int[] compressed = {2, 3, 4, 5, 6, 7, 8, 9, 12, 14, 15};
    int next = 0;
    for (int type = 0; type <= 0xffff; type++) {
      boolean expected = next < compressed.length && compressed[next] == type;
      next += expected ? 1 : 0;
      assertThat(RecordType.mayCompress(type)).as("type %d", type).isEqualTo(expected);
    }
  }

  @Test
  void metaTypesAreOptAndTheRangeOfQuestions() {
    for (int type = 0; type <= 0xffff; type++) {
      assertThat(RecordType.isMeta(type)).isEqualTo(type == 41 || (type >= 128 && type <= 255));
    }
  }

  @Test
  void rcodesHaveMnemonicsAndUnknownOnesANumber() {
    assertThat(Rcode.text(0)).isEqualTo("NOERROR");
    assertThat(Rcode.text(Rcode.YXDOMAIN)).isEqualTo("YXDOMAIN");
    assertThat(Rcode.text(Rcode.BADVERS)).isEqualTo("BADVERS");
    assertThat(Rcode.text(Rcode.COUNT - 1)).isEqualTo("BADCOOKIE");
    assertThat(Rcode.text(24)).isEqualTo("RCODE24");
    assertThat(Rcode.text(-1)).isEqualTo("RCODE-1");
  }
}
