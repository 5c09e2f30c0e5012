package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ListenAddressTest {
  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:5353,127.0.0.1:5353",
    "127.0.0.1,127.0.0.1:53",
    "0.0.0.0:0,0.0.0.0:0",
    "192.0.2.53:65535,192.0.2.53:65535",
    "[::1]:53,[::1]:53",
    "[::1],[::1]:53",
    "[::]:5353,[::]:5353",
    "[2001:DB8:0:0:1:0:0:1]:53,[2001:db8::1:0:0:1]:53",
    "[2001:db8:0:1:1:1:1:1]:53,[2001:db8:0:1:1:1:1:1]:53",
    "[2001:db8::]:53,[2001:db8::]:53"
  })
  void addressIsReadAndPrintedInItsShortestForm(String text, String printed) {
    assertThat(ListenAddress.text(ListenAddress.parse(text))).isEqualTo(printed);
  }

  @ParameterizedTest
  @CsvSource({
    ":5353,names no address",
    "*:53,names no address",
    "'',names no address",
    "localhost:53,names are not looked up",
    "ns1.example.com,names are not looked up",
    "127.1:53,names are not looked up",
    "2130706433:53,names are not looked up",
    "256.0.0.1:53,is no IPv4 address",
    "127.0.0.1:65536,must be 0 to 65535",
    "127.0.0.1:-1,must be 0 to 65535",
    "127.0.0.1:,must be 0 to 65535",
    "127.0.0.1:dns,must be 0 to 65535",
    "::1,stands in brackets",
    "2001:db8::1:53,stands in brackets",
    "[::1:53,stands in brackets",
    "[localhost]:53,is no IPv6 address",
    "[127.0.0.1]:53,is no IPv6 address",
    "[::1]53,stands in brackets"
  })
  void whatIsNoAddressIsRefusedWithTheRemedy(String text, String reason) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ListenAddress.parse(text))
        .withMessageContaining(reason);
  }

  @Test
  void scopeOfALinkLocalAddressIsKept() throws Exception {
    InetAddress address = InetAddress.getByName("fe80::1%1");

    assertThat(ListenAddress.text(address)).startsWith("fe80::1%");
  }
}
