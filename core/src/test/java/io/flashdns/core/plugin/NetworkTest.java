package io.flashdns.core.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class NetworkTest {
  private static final long IPV4 = 0xffff_0000_0000L;

  @ParameterizedTest
  @CsvSource({
    "192.0.2.0/24, 0, ffffc0000200, 120",
    "192.0.2.1, 0, ffffc0000201, 128",
    "192.0.2.1/32, 0, ffffc0000201, 128",
    "0.0.0.0/0, 0, ffff00000000, 96",
    "255.255.255.255, 0, ffffffffffff, 128",
    "128.0.0.0/1, 0, ffff80000000, 97",
    "::/0, 0, 0, 0",
    "::1, 0, 1, 128",
    "2001:db8::/32, 20010db800000000, 0, 32",
    "2001:db8:0:1::/64, 20010db800000001, 0, 64",
    "2001:db8::8000:0:0:0/65, 20010db800000000, 8000000000000000, 65",
    "FE80::/10, fe80000000000000, 0, 10",
  })
  void textIsRead(String text, String hi, String lo, int prefixBits) {
    Network network = Network.parse(text);

    assertThat(network)
        .isEqualTo(
            new Network(
                Long.parseUnsignedLong(hi, 16), Long.parseUnsignedLong(lo, 16), prefixBits));
  }

  @Test
  @Tag("rfc4291")
  void ipv4AddressMappedIntoIpv6IsThatIpv4Address() {
    assertThat(Network.parse("::ffff:192.0.2.1")).isEqualTo(Network.parse("192.0.2.1"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "/",
        "/8",
        "10",
        "10/8",
        "10.1",
        "10.0.0",
        "10.0/16",
        "1.2.3.4.5",
        "256.0.0.1",
        "1.2.3.256",
        "0x7f.0.0.1",
        "1.2.3.-4",
        "localhost",
        "www.example",
        "example/24",
        "2001:db8",
        "1::2::3",
        ":::",
        "12345::",
        "::g",
        " 192.0.2.1",
        "192.0.2.1 ",
      })
  void whatIsNoAddressIsRefused(String text) {
    assertThatThrownBy(() -> Network.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "'" + text + "' is no network: write 192.0.2.0/24, 2001:db8::/32 or one address");
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.0/33, 32",
    "192.0.2.0/, 32",
    "192.0.2.0/-1, 32",
    "192.0.2.0/+8, 32",
    "192.0.2.0/24/24, 32",
    "192.0.2.0/255.255.255.0, 32",
    "192.0.2.0/ 24, 32",
    "192.0.2.0/1000, 32",
    "2001:db8::/129, 128",
    "2001:db8::/x, 128",
  })
  void prefixOutOfBoundsIsRefused(String text, int most) {
    assertThatThrownBy(() -> Network.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the prefix of '" + text + "' must be 0 to " + most);
  }

  @Test
  void bitsBehindThePrefixAreRefusedWithWhatToWrite() {
    assertThatThrownBy(() -> Network.parse("192.0.2.1/24"))
        .hasMessage(
            "'192.0.2.1/24' has bits set behind its prefix: write '192.0.2.0/24', or a longer"
                + " prefix");
    assertThatThrownBy(() -> Network.parse("2001:db8::1/64"))
        .hasMessageContaining("write '2001:db8:0:0:0:0:0:0/64'");
    assertThatThrownBy(() -> Network.parse("1.0.0.0/0")).hasMessageContaining("'0.0.0.0/0'");
    assertThatThrownBy(() -> new Network(0, 1, 127)).hasMessageContaining("behind its prefix");
    assertThatThrownBy(() -> new Network(1, 0, 63)).hasMessageContaining("behind its prefix");
    assertThatThrownBy(() -> new Network(0, 0, 129)).hasMessageContaining("129 bits");
    assertThatThrownBy(() -> new Network(0, 0, -1)).hasMessageContaining("-1 bits");
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.0/24, 192.0.2.0, true",
    "192.0.2.0/24, 192.0.2.255, true",
    "192.0.2.0/24, 192.0.1.255, false",
    "192.0.2.0/24, 192.0.3.0, false",
    "192.0.2.7, 192.0.2.7, true",
    "192.0.2.7, 192.0.2.6, false",
    "0.0.0.0/0, 255.255.255.255, true",
    "0.0.0.0/0, ::1, false",
    "0.0.0.0/0, ::fffe:1.2.3.4, false",
    "::/0, 192.0.2.1, false",
    "::/0, ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, true",
    "2001:db8::/32, 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff, true",
    "2001:db8::/32, 2001:db9::, false",
    "2001:db8::/64, 2001:db8:0:0:ffff::, true",
    "2001:db8::/65, 2001:db8:0:0:8000::, false",
    "::/96, ::ffff:1.2.3.4, false",
    "::/64, 192.0.2.1, false",
    "::fffe:0:0/95, 192.0.2.1, false",
  })
  void addressesOfThePrefixAreIn(String network, String address, boolean in) {
    Network one = Network.parse(address);

    assertThat(Network.parse(network).contains(one.hi(), one.lo())).isEqualTo(in);
  }

  @Test
  void onlyNetworksOfMappedAddressesAreIpv4() {
    assertThat(Network.parse("0.0.0.0/0").isIpv4()).isTrue();
    assertThat(Network.parse("192.0.2.1").isIpv4()).isTrue();
    assertThat(Network.parse("::/0").isIpv4()).isFalse();
    assertThat(Network.parse("::1").isIpv4()).isFalse();
    assertThat(Network.parse("::/96").isIpv4()).isFalse();
    assertThat(new Network(0, IPV4, 95 + 1).isIpv4()).isTrue();
    assertThat(new Network(1, IPV4, 96).isIpv4()).isFalse();
  }

  @Test
  void textFormReadsAsTheSameNetwork() {
    SplittableRandom random = new SplittableRandom(4);
    for (int i = 0; i < 5_000; i++) {
      boolean ipv4 = random.nextBoolean();
      int bits = ipv4 ? 96 + random.nextInt(33) : random.nextInt(129);
      long hi = ipv4 ? 0 : random.nextLong() & Network.maskHi(bits);
      long lo = (ipv4 ? IPV4 | random.nextLong() >>> 32 : random.nextLong()) & Network.maskLo(bits);
      Network network = new Network(hi, lo, bits);

      assertThat(Network.parse(network.toString())).as("%s", network).isEqualTo(network);
    }
    assertThat(Network.parse("192.0.2.0/24")).hasToString("192.0.2.0/24");
    assertThat(Network.parse("192.0.2.1/32")).hasToString("192.0.2.1");
    assertThat(Network.parse("::/0")).hasToString("0:0:0:0:0:0:0:0/0");
  }
}
