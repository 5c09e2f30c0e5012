package io.flashdns.plugins.acl;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.plugin.Network;
import io.flashdns.core.zone.Views;
import io.flashdns.plugins.acl.AclRule.Action;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RuleTableTest {
  private static final long IPV4_LO = 0xffff_0000_0000L;

  /** Against going through the rules one by one. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void listOfAnAddressHoldsTheRulesWhoseNetworksHoldIt(long seed) {
    Random random = new Random(seed);
    List<AclRule> rules = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      AclRule rule = AclRule.of(Action.DROP);
      if (random.nextInt(5) > 0) {
        List<Network> networks = new ArrayList<>();
        for (int n = random.nextInt(6); n >= 0; n--) {
          networks.add(network(random));
        }
        rule = rule.withNetworks(networks);
      }
      // A condition that is looked at later, so that no rule ends the list.
      rules.add(rule.withTypes("A"));
    }
    RuleTable table = new RuleTable(new AclPluginConfig(rules, Action.ALLOW), new Views());
    for (int i = 0; i < 20_000; i++) {
      Network address = network(random);
      long hi = address.hi();
      long lo = address.lo() + random.nextInt(3) - 1;
      if (hi == 0 && lo >>> 32 != 0xffff) {
        continue;
      }
      List<Integer> expected = new ArrayList<>();
      for (int r = 0; r < rules.size(); r++) {
        if (rules.get(r).networks().map(list -> holds(list, hi, lo)).orElse(true)) {
          expected.add(r);
        }
      }
      expected.add(rules.size());
      List<Integer> found = new ArrayList<>();
      for (CompiledRule rule : table.rulesFor(hi, lo)) {
        found.add(rule.number);
      }
      assertThat(found).isEqualTo(expected);
    }
  }

  private static boolean holds(List<Network> networks, long hi, long lo) {
    boolean ipv4 = hi == 0 && lo >>> 32 == 0xffff;
    return networks.stream()
        .anyMatch(network -> network.isIpv4() == ipv4 && network.contains(hi, lo));
  }

  /** Nested and neighbouring ones, of both families, often at the ends of the ranges. */
  private static Network network(Random random) {
    if (random.nextBoolean()) {
      int bits = random.nextInt(33);
      long address = random.nextInt(4) * 0x5555_5555L & 0xffff_ffffL;
      return new Network(0, IPV4_LO | (bits == 0 ? 0 : address & (-1L << 32 - bits)), 96 + bits);
    }
    int bits = random.nextInt(129);
    long hi = 0x2001_0db8_0000_0000L + random.nextInt(4);
    long lo = random.nextBoolean() ? -1L : random.nextInt(4);
    long hiMask = bits == 0 ? 0 : bits >= 64 ? -1L : -1L << 64 - bits;
    long loMask = bits <= 64 ? 0 : -1L << 128 - bits;
    return new Network(hi & hiMask, lo & loMask, bits);
  }
}
