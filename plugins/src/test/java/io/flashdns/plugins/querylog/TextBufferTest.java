package io.flashdns.plugins.querylog;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.dns.DomainName;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TextBufferTest {
  private static final byte[] BACKSLASH = {'\\'};

  private static String text(Consumer<TextBuffer> writing) {
    TextBuffer buffer = new TextBuffer(4_096);
    writing.accept(buffer);
    return new String(buffer.bytes, 0, buffer.length, StandardCharsets.US_ASCII);
  }

  private static long number(byte[] octets, int from) {
    long number = 0;
    for (int i = from; i < from + 8; i++) {
      number = number << 8 | octets[i] & 0xff;
    }
    return number;
  }

  @Test
  void numbersAreDecimal() {
    assertThat(text(to -> to.decimal(0))).isEqualTo("0");
    assertThat(text(to -> to.decimal(10))).isEqualTo("10");
    assertThat(text(to -> to.decimal(Long.MAX_VALUE))).isEqualTo("9223372036854775807");
    assertThat(text(to -> to.padded(7, 3))).isEqualTo("007");
  }

  @ParameterizedTest
  @Tag("rfc5952")
  @CsvSource({
    "::, ::",
    "::1, ::1",
    "1::, 1::",
    "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
    "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
    "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
    "2001:db8::abcd:ef01, 2001:db8::abcd:ef01",
    "1:2:3:4:5:6:0:0, 1:2:3:4:5:6::",
    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
  })
  void ipv6AddressesHaveTheirShortForm(String given, String expected) throws UnknownHostException {
    byte[] octets = InetAddress.getByName(given).getAddress();
    assertThat(text(to -> to.address(number(octets, 0), number(octets, 8)))).isEqualTo(expected);
  }

  @Test
  void ipv4AddressesHaveFourNumbers() {
    assertThat(text(to -> to.address(0, 0xffff_c000_0201L))).isEqualTo("192.0.2.1");
    assertThat(text(to -> to.address(0, 0xffff_ffff_ffffL))).isEqualTo("255.255.255.255");
    assertThat(text(to -> to.address(0, 0xffff_0000_0000L))).isEqualTo("0.0.0.0");
  }

  /** Any octets: the text has no octet that ends a field, a line or a string, and reads back. */
  @Test
  @Tag("rfc1035")
  void namesOfAnyOctetsAreEscapedAndReadBack() {
    Random random = new Random(7);
    for (int i = 0; i < 20_000; i++) {
      byte[] wire = new byte[255];
      int at = 0;
      for (int labels = random.nextInt(4); labels > 0; labels--) {
        int length = 1 + random.nextInt(63);
        wire[at] = (byte) length;
        for (int o = 1; o <= length; o++) {
          wire[at + o] = (byte) random.nextInt(256);
        }
        at += 1 + length;
      }
      wire[at] = 0;
      String name = text(to -> to.name(wire, 0, BACKSLASH));
      assertThat(name.chars()).allMatch(c -> c > ' ' && c < 0x7f && c != '"');
      assertThat(DomainName.parse(name)).isEqualTo(DomainName.ofWire(wire, 0));
    }
  }

  @Test
  void textOfOperatorsIsEscaped() {
    assertThat(text(to -> to.escaped("a\tb\n\"ü\\", BACKSLASH)))
        .isEqualTo("a\\009b\\010\\034\\195\\188\\092");
  }
}
