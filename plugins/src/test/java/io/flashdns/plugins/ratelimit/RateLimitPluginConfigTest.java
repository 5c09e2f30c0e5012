package io.flashdns.plugins.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flashdns.core.plugin.Network;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RateLimitPluginConfigTest {
  private static RateLimitPluginConfig config(
      int rate, int burst, int nxdomainRate, int errorRate, int slip, long tableBytes) {
    return new RateLimitPluginConfig(
        rate,
        Optional.of(burst),
        Optional.of(nxdomainRate),
        Optional.of(errorRate),
        slip,
        List.of(),
        tableBytes,
        false);
  }

  @Test
  void defaultsAreThoseOfTheReadme() {
    RateLimitPluginConfig defaults = RateLimitPluginConfig.defaults();

    assertThat(defaults.rate()).isEqualTo(50);
    assertThat(defaults.wholeBurst()).isEqualTo(125);
    assertThat(defaults.rate(Category.NXDOMAIN)).isEqualTo(50);
    assertThat(defaults.rate(Category.ERROR)).isEqualTo(50);
    assertThat(defaults.slip()).isEqualTo(1);
    assertThat(defaults.whitelist())
        .containsExactly(Network.parse("127.0.0.0/8"), Network.parse("::1"));
    assertThat(defaults.tableBytes()).isEqualTo(8 << 20);
    assertThat(defaults.dryRun()).isFalse();
  }

  @Test
  void prefixesHaveTheMultiplesOfTheReadme() {
    assertThat(Prefix.values())
        .extracting(Prefix::multiple)
        .containsExactly(1, 32, 256, 768, 1, 2, 3, 4, 64);
    assertThat(Prefix.labels().values())
        .containsExactly(
            "ipv4/32",
            "ipv4/24",
            "ipv4/20",
            "ipv4/18",
            "ipv6/128",
            "ipv6/64",
            "ipv6/56",
            "ipv6/48",
            "ipv6/32");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 2, 0, 0, 0, 65536",
    "1, 2, 1, 1, 1, 65536",
    "5000, 250, 400, 0, 100, 1073741824",
    "50, 12500, 50, 1, 2, 65537"
  })
  void boundsAreAllowed(int rate, int burst, int nxdomain, int error, int slip, long table) {
    assertThat(config(rate, burst, nxdomain, error, slip, table).rate()).isEqualTo(rate);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "-1; 125; 50; 50; 1; 65536; rate must be 0 to 5000, not -1",
        "5001; 12500; 50; 50; 1; 65536; rate must be 0 to 5000, not 5001",
        "50; 1; 50; 50; 1; 65536; burst must be 2 to 12500, not 1",
        "50; 12501; 50; 50; 1; 65536; burst must be 2 to 12500, not 12501",
        "50; 2; 50; 50; 1; 65536; burst must be at least a twentieth of the rate, 3, not 2",
        "50; 125; -1; 50; 1; 65536; nxdomainRate must be 0 to 5000, not -1",
        "50; 125; 50; 5001; 1; 65536; errorRate must be 0 to 5000, not 5001",
        "50; 10; 9; 50; 1; 65536; nxdomainRate must be 0 or 10 to 62500 with this rate and burst, not 9",
        "50; 12500; 50; 51; 1; 65536; errorRate must be 0 or 1 to 50 with this rate and burst, not 51",
        "50; 125; 50; 50; -1; 65536; slip must be 0 to 100, not -1",
        "50; 125; 50; 50; 101; 65536; slip must be 0 to 100, not 101",
        "50; 125; 50; 50; 1; 65535; tableBytes must be 64KiB to 1GiB, not 65535",
        "50; 125; 50; 50; 1; 1073741825; tableBytes must be 64KiB to 1GiB, not 1073741825"
      })
  void whatCannotBeCountedIsRefused(
      int rate, int burst, int nxdomain, int error, int slip, long table, String sentence) {
    assertThatThrownBy(() -> config(rate, burst, nxdomain, error, slip, table))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(sentence);
  }
}
