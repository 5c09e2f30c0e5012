package io.flashdns.core.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class NameHashTest {
  private final NameHash hash = new NameHash(42);

  private long hashOf(NameHash nameHash, String name) {
    NameKey key = new NameKey(nameHash);
    key.set(DomainName.parse(name).wire(), 0);
    return key.suffixHash(0);
  }

  @Test
  void equalSeedsGiveEqualHashesAndOtherSeedsOthers() {
    assertThat(hashOf(new NameHash(42), "www.example.")).isEqualTo(hashOf(hash, "www.example."));
    assertThat(hashOf(new NameHash(43), "www.example.")).isNotEqualTo(hashOf(hash, "www.example."));
    assertThat(hash.seed()).isEqualTo(42);
  }

  @Test
  void hashIsThatOfAnyOtherNameWithThisSuffix() {
    NameKey www = new NameKey(hash);
    www.set(DomainName.parse("a.www.example.").wire(), 0);

    assertThat(www.suffixHash(1)).isEqualTo(hashOf(hash, "www.example."));
    assertThat(www.suffixHash(2)).isEqualTo(hashOf(hash, "EXAMPLE."));
    assertThat(www.suffixHash(3)).isEqualTo(hash.root());
  }

  @Test
  void fastAndSlowReadsOfALabelAgree() {
    Random random = new Random(3);
    for (int octets = 0; octets <= 63; octets++) {
      byte[] label = new byte[octets + 1];
      random.nextBytes(label);
      label[0] = (byte) octets;
      long exact = hash.prepend(7, label, 0);
      for (int slack = 1; slack < 16; slack++) {
        byte[] noisy = Arrays.copyOf(label, label.length + slack);
        Arrays.fill(noisy, label.length, noisy.length, (byte) random.nextInt());

        assertThat(hash.prepend(7, noisy, 0)).isEqualTo(exact);
      }
      byte[] shifted = new byte[label.length + 3];
      System.arraycopy(label, 0, shifted, 3, label.length);
      assertThat(hash.prepend(7, shifted, 3)).isEqualTo(exact);
    }
  }

  @Test
  void everyOctetOfALabelCounts() {
    for (int octets = 1; octets <= 63; octets++) {
      byte[] label = new byte[octets + 1 + 8];
      label[0] = (byte) octets;
      long plain = hash.prepend(hash.root(), label, 0);
      for (int i = 1; i <= octets; i++) {
        label[i] = 1;
        assertThat(hash.prepend(hash.root(), label, 0)).isNotEqualTo(plain);
        label[i] = 0;
      }
    }
  }

  @Test
  void labelBordersCount() {
    assertThat(hashOf(hash, "a.bc.")).isNotEqualTo(hashOf(hash, "ab.c."));
    assertThat(hashOf(hash, "a\\001b.")).isNotEqualTo(hashOf(hash, "a.b."));
    assertThat(hashOf(hash, "aaaaaaa.aaaaaaa.")).isNotEqualTo(hashOf(hash, "aaaaaaa\\007aaaaaaa."));
  }

  @Test
  void orderOfLabelsCounts() {
    assertThat(hashOf(hash, "a.b.")).isNotEqualTo(hashOf(hash, "b.a."));
  }

  @Test
  void namesSpreadOverSlotsByUpperAndLowerHalf() {
    int names = 1 << 16;
    int slots = 1 << 12;
    int[] upper = new int[slots];
    int[] lower = new int[slots];
    Set<Long> all = new HashSet<>();
    for (int i = 0; i < names; i++) {
      long h = hashOf(hash, "host" + i + ".example.");
      all.add(h);
      upper[(int) (((h >>> 32) * slots) >>> 32)]++;
      lower[(int) h & (slots - 1)]++;
    }

    assertThat(all).hasSize(names);
    // 16 for each slot in the mean; Poisson leaves fewer than one slot in 10^6 at 48 or more.
    assertThat(Arrays.stream(upper).max().orElseThrow()).isLessThan(48);
    assertThat(Arrays.stream(lower).max().orElseThrow()).isLessThan(48);
    assertThat(Arrays.stream(upper).filter(n -> n == 0).count()).isLessThan(5);
    assertThat(Arrays.stream(lower).filter(n -> n == 0).count()).isLessThan(5);
  }

  @Test
  void viewsHaveOtherHashesAndThePublicOneIsTheNames() {
    long name = hashOf(hash, "example.");

    assertThat(hash.inView(name, 0)).isEqualTo(name);
    assertThat(hash.inView(name, 1)).isNotEqualTo(name).isNotEqualTo(hash.inView(name, 2));
  }
}
