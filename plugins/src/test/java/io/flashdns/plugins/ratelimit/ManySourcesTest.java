package io.flashdns.plugins.ratelimit;

import static io.flashdns.plugins.ratelimit.Servers.ipv4;
import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.embedded.EmbeddedServer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
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

  /**
   * Addresses without an order: of those that lie evenly apart, pairs at one distance share line
   * and tag together or not at all, as the hash is one of multiplications, and a run that has one
   * such pair would have several.
   */
  @Test
  void thousandFloodedAddressesLimitNobodyElse() {
    int[] flooded = new SplittableRandom(9).ints().distinct().limit(1_000).toArray();
    Set<Integer> avoided = Arrays.stream(flooded).boxed().collect(Collectors.toSet());
    int[] calm =
        new SplittableRandom(10)
            .ints()
            .filter(address -> !avoided.contains(address))
            .distinct()
            .limit(500_000)
            .toArray();
    try (EmbeddedServer server = Servers.with(FREE_FOR_NOBODY)) {
      for (int source : flooded) {
        Flood flood = new Flood(server, Servers.HIT, Flood.from(source), 1).burst(130);
        assertThat(flood.full).isEqualTo(125);
      }
      Flood others =
          new Flood(server, Servers.HIT, (s, index) -> s.from(calm[index], 5_353), 1)
              .burst(calm.length);
      // Who shares line and tag with a flooded address is taken for it: of these, by the secret of
      // the run, 500,000 * 1,000 / (2^17 lines * 2^16 tags) = 0.06. Three would be a fault.
      assertThat(others.full).isBetween(calm.length - 2, calm.length);
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
