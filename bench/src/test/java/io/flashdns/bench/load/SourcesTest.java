package io.flashdns.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SourcesTest {
  private static List<String> text(String sources) {
    return Sources.parse(sources).stream().map(InetAddress::getHostAddress).toList();
  }

  @Test
  void aNetworkIsItsHosts() {
    assertThat(text("127.0.1.77/24"))
        .hasSize(254)
        .startsWith("127.0.1.1", "127.0.1.2")
        .endsWith("127.0.1.254");
    assertThat(text("127.0.1.8/31")).containsExactly("127.0.1.8", "127.0.1.9");
    assertThat(text("127.0.0.0/16")).hasSize(65_534).contains("127.0.255.254");
    assertThat(text("2001:db8::4/126"))
        .containsExactly("2001:db8:0:0:0:0:0:5", "2001:db8:0:0:0:0:0:6");
  }

  @Test
  void addressesStandBetweenCommas() {
    assertThat(text("127.0.0.2,127.0.0.9")).containsExactly("127.0.0.2", "127.0.0.9");
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "127.0.0.1/33", "127.0.0.1/x", "", "127.0.0.1,", "1/8"})
  void whatIsNoAddressIsSaid(String text) {
    assertThatThrownBy(() -> Sources.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("--sources: ");
  }
}
