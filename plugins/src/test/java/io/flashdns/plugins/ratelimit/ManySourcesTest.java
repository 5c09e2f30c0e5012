package io.flashdns.plugins.ratelimit;

import static io.flashdns.plugins.ratelimit.Servers.ipv4;
import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.embedded.EmbeddedServer;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What sources that share the table do to each other. */
final class ManySourcesTest {
  private static final int CALM = ipv4(10, 1, 2, 3);
  private static final RateLimitPluginConfig FREE_FOR_NOBODY = withTable(8 << 20);
  private static final int MILLION_MASK = (1 << 20) - 1;

  private static RateLimitPluginConfig withTable(long tableBytes) {
    RateLimitPluginConfig plain = Servers.slip(1);
    return new RateLimitPluginConfig(
        plain.rate(),
        plain.burst(),
        plain.nxdomainRate(),
        plain.errorRate(),
        plain.slip(),
        plain.whitelist(),
        tableBytes,
        plain.dryRun());
  }

  /** One of a million addresses all over the space. */
  private static int address(int number) {
    return (number & MILLION_MASK) * 0x9e37_79b1;
  }

  @Test
  void millionSourcesWithinTheirRateAreNotLimited() {
    try (EmbeddedServer server = Servers.with(FREE_FOR_NOBODY)) {
      SplittableRandom random = new SplittableRandom(8);
      Flood many =
          new Flood(
              server, Servers.HIT, (s, _) -> s.from(address(random.nextInt()), 5_353), 400_000);
      Flood calm = new Flood(server, Servers.HIT, Flood.from(CALM), 40);
      for (int i = 0; i < 6_000; i++) {
        many.step();
        calm.step();
        server.advance(Duration.ofMillis(1));
      }
      assertThat(many.full).isEqualTo(2_400_000);
      assertThat(calm.full).isEqualTo(240);
    }
  }

  @Test
  void thousandFloodedAddressesLimitNobodyElse() {
    try (EmbeddedServer server = Servers.with(FREE_FOR_NOBODY)) {
      for (int i = 0; i < 1_000; i++) {
        int source = address(i * 1_021);
        Flood flood = new Flood(server, Servers.HIT, Flood.from(source), 1).burst(130);
        assertThat(flood.full).isEqualTo(125);
      }
      Flood others =
          new Flood(server, Servers.HIT, (s, index) -> s.from(address(index) + 1, 5_353), 1)
              .burst(500_000);
      // Who shares line and tag with a flooded address is taken for it: 500,000 * 1,000 / (2^17
      // lines
      // * 2^16 tags) of them, 0.06, by the secret of the run. Three would be a fault.
      assertThat(others.full).isBetween(499_998, 500_000);
    }
  }

  @Test
  void manyOthersInASmallTableDoNotMakeAFloodForgotten() {
    try (EmbeddedServer server = Servers.with(withTable(64 << 10))) {
      SplittableRandom random = new SplittableRandom(8);
      Flood many =
          new Flood(
              server, Servers.HIT, (s, _) -> s.from(address(random.nextInt()), 5_353), 50_000);
      Flood flood = new Flood(server, Servers.HIT, Flood.from(CALM), 1_000);
      for (int i = 0; i < 8_000; i++) {
        many.step();
        flood.step();
        server.advance(Duration.ofMillis(1));
        if (i == 2_999) {
          flood.reset();
        }
      }
      assertThat(flood.full).isLessThanOrEqualTo(50 * 5 * 105 / 100);
      assertThat(many.full).isEqualTo(many.asked());
    }
  }
}
