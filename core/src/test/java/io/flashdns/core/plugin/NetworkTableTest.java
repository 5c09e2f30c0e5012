package io.flashdns.core.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class NetworkTableTest {
  private static NetworkTable table(Object... networksAndNumbers) {
    List<Map.Entry<Network, Integer>> entries = new ArrayList<>();
    for (int i = 0; i < networksAndNumbers.length; i += 2) {
      entries.add(
          Map.entry(
              Network.parse((String) networksAndNumbers[i]), (Integer) networksAndNumbers[i + 1]));
    }
    return NetworkTable.of(entries);
  }

  private static int find(NetworkTable table, String address) {
    Network one = Network.parse(address);
    return table.find(one.hi(), one.lo());
  }

  @Test
  void longestPrefixWinsWhateverTheOrder() {
    for (NetworkTable table :
        List.of(
            table("10.0.0.0/8", 1, "10.1.0.0/16", 2, "10.1.2.0/24", 3, "10.1.2.3", 4),
            table("10.1.2.3", 4, "10.1.2.0/24", 3, "10.0.0.0/8", 1, "10.1.0.0/16", 2))) {
      assertThat(find(table, "10.1.2.3")).isEqualTo(4);
      assertThat(find(table, "10.1.2.2")).isEqualTo(3);
      assertThat(find(table, "10.1.2.4")).isEqualTo(3);
      assertThat(find(table, "10.1.3.0")).isEqualTo(2);
      assertThat(find(table, "10.1.1.255")).isEqualTo(2);
      assertThat(find(table, "10.0.255.255")).isEqualTo(1);
      assertThat(find(table, "10.2.0.0")).isEqualTo(1);
      assertThat(find(table, "9.255.255.255")).isEqualTo(NetworkTable.NONE);
      assertThat(find(table, "11.0.0.0")).isEqualTo(NetworkTable.NONE);
      assertThat(find(table, "::10.1.2.3")).isEqualTo(NetworkTable.NONE);
    }
  }

  @Test
  void emptyTableHoldsNothing() {
    for (NetworkTable table : List.of(table(), NetworkTable.of(java.util.Set.of()))) {
      assertThat(table.isEmpty()).isTrue();
      assertThat(find(table, "::")).isEqualTo(NetworkTable.NONE);
      assertThat(find(table, "255.255.255.255")).isEqualTo(NetworkTable.NONE);
      assertThat(table.contains(-1, -1)).isFalse();
    }
  }

  @Test
  void allOfIpv6IsNotIpv4() {
    NetworkTable all = table("::/0", 7);

    assertThat(all.isEmpty()).isFalse();
    assertThat(all.find(0, 0)).isEqualTo(7);
    assertThat(all.find(-1, -1)).isEqualTo(7);
    assertThat(all.find(Long.MIN_VALUE, Long.MAX_VALUE)).isEqualTo(7);
    assertThat(find(all, "0.0.0.0")).isEqualTo(NetworkTable.NONE);
    assertThat(find(all, "192.0.2.1")).isEqualTo(NetworkTable.NONE);
    assertThat(find(all, "255.255.255.255")).isEqualTo(NetworkTable.NONE);
    assertThat(find(table("::/0", 7, "192.0.2.0/24", 8), "192.0.3.0")).isEqualTo(NetworkTable.NONE);
  }

  @Test
  void allOfIpv4IsNotIpv6AndLiesBesideIt() {
    NetworkTable table = table("0.0.0.0/0", 4, "::/0", 6);

    assertThat(find(table, "0.0.0.0")).isEqualTo(4);
    assertThat(find(table, "255.255.255.255")).isEqualTo(4);
    assertThat(table.find(0, 0xfffe_ffff_ffffL)).isEqualTo(6);
    assertThat(table.find(0, 0x1_0000_0000_0000L)).isEqualTo(6);
    assertThat(find(table, "2001:db8::1")).isEqualTo(6);
    assertThat(find(table("0.0.0.0/0", 4), "2001:db8::1")).isEqualTo(NetworkTable.NONE);
  }

  @Test
  void edgesOfTheSpaceAreHeld() {
    NetworkTable table =
        table(
            "::",
            0,
            "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
            1,
            "0:0:0:1::/64",
            2,
            "7fff:ffff:ffff:ffff::/64",
            3,
            "8000::/64",
            4);

    assertThat(table.find(0, 0)).isEqualTo(0);
    assertThat(table.find(0, 1)).isEqualTo(NetworkTable.NONE);
    assertThat(table.find(0, -1)).isEqualTo(NetworkTable.NONE);
    assertThat(table.find(1, 0)).isEqualTo(2);
    assertThat(table.find(1, -1)).isEqualTo(2);
    assertThat(table.find(2, 0)).isEqualTo(NetworkTable.NONE);
    assertThat(table.find(Long.MAX_VALUE, -1)).isEqualTo(3);
    assertThat(table.find(Long.MIN_VALUE, 0)).isEqualTo(4);
    assertThat(table.find(Long.MIN_VALUE, Long.MIN_VALUE)).isEqualTo(4);
    assertThat(table.find(-1, -2)).isEqualTo(NetworkTable.NONE);
    assertThat(table.find(-1, -1)).isEqualTo(1);
  }

  @Test
  void neighboursAndTwinsOfANumberAreApart() {
    NetworkTable table = table("10.0.0.0/9", 1, "10.128.0.0/9", 1, "11.0.0.0/8", 2);

    assertThat(find(table, "10.127.255.255")).isEqualTo(1);
    assertThat(find(table, "10.128.0.0")).isEqualTo(1);
    assertThat(find(table, "11.0.0.0")).isEqualTo(2);
    assertThat(find(table, "12.0.0.0")).isEqualTo(NetworkTable.NONE);
  }

  @Test
  void networkNamedTwiceIsRefused() {
    assertThatThrownBy(() -> table("10.0.0.0/8", 1, "10.0.0.0/8", 2))
        .hasMessage("the network 10.0.0.0/8 is named twice");
    assertThatThrownBy(() -> table("10.0.0.0/8", -1))
        .hasMessage("the number of 10.0.0.0/8 is negative");
    assertThat(
            NetworkTable.of(List.of(Network.parse("10.0.0.0/8"), Network.parse("10.0.0.0/8")))
                .contains(0, 0xffff_0a00_0001L))
        .as("a set of networks may name one twice")
        .isTrue();
  }

  /** Against the plain reading of longest match: try all networks. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 30, 300})
  void everyAddressIsFoundAsByTryingAllNetworks(int size) {
    SplittableRandom random = new SplittableRandom(size);
    for (int round = 0; round < 2_000 / size + 5; round++) {
      Map<Network, Integer> networks = new LinkedHashMap<>();
      long[] hi = new long[4];
      long[] lo = new long[4];
      while (networks.size() < size) {
        networks.putIfAbsent(network(random, networks), random.nextInt(50));
      }
      NetworkTable table = NetworkTable.of(List.copyOf(networks.entrySet()));
      for (Network network : networks.keySet()) {
        // First and last address, and those on both sides of them.
        hi[0] = network.hi();
        lo[0] = network.lo();
        hi[1] = network.hi() | ~Network.maskHi(network.prefixBits());
        lo[1] = network.lo() | ~Network.maskLo(network.prefixBits());
        lo[2] = lo[0] - 1;
        hi[2] = lo[0] == 0 ? hi[0] - 1 : hi[0];
        lo[3] = lo[1] + 1;
        hi[3] = lo[3] == 0 ? hi[1] + 1 : hi[1];
        for (int i = 0; i < hi.length; i++) {
          assertThat(table.find(hi[i], lo[i]))
              .as("%x %x in %s", hi[i], lo[i], networks)
              .isEqualTo(naive(networks, hi[i], lo[i]));
        }
        long anyHi = random.nextLong();
        long anyLo = random.nextLong();
        assertThat(table.find(anyHi, anyLo)).isEqualTo(naive(networks, anyHi, anyLo));
        assertThat(table.contains(anyHi, anyLo))
            .isEqualTo(naive(networks, anyHi, anyLo) != NetworkTable.NONE);
      }
    }
  }

  /** Often inside one that is there already, so that they nest. */
  private static Network network(SplittableRandom random, Map<Network, Integer> others) {
    boolean ipv4 = random.nextInt(3) == 0;
    int bits = ipv4 ? 96 + random.nextInt(33) : random.nextInt(129);
    long hi = ipv4 ? 0 : random.nextLong();
    long lo = ipv4 ? 0xffff_0000_0000L | random.nextLong() >>> 32 : random.nextLong();
    if (!others.isEmpty() && random.nextBoolean()) {
      Network base = List.copyOf(others.keySet()).get(random.nextInt(others.size()));
      bits = base.prefixBits() + random.nextInt(129 - base.prefixBits());
      hi = base.hi() | random.nextLong() & ~Network.maskHi(base.prefixBits());
      lo = base.lo() | random.nextLong() & ~Network.maskLo(base.prefixBits());
    }
    return new Network(hi & Network.maskHi(bits), lo & Network.maskLo(bits), bits);
  }

  private static int naive(Map<Network, Integer> networks, long hi, long lo) {
    int longest = -1;
    int number = NetworkTable.NONE;
    for (Map.Entry<Network, Integer> entry : networks.entrySet()) {
      Network network = entry.getKey();
      if (network.prefixBits() > longest && network.contains(hi, lo)) {
        longest = network.prefixBits();
        number = entry.getValue();
      }
    }
    return number;
  }
}
