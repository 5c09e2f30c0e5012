package io.flashdns.core.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flashdns.core.dns.DomainName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class OwnerKeyTest {
  private static final DomainName APEX = DomainName.parse("example.org.");

  /** Names whose labels are of few octets, so that many begin alike. */
  private static List<DomainName> names(int count) {
    SplittableRandom dice = new SplittableRandom(9);
    int[] octets = {0, 1, 2, '-', '.', 'A', 'a', 'b', 255};
    List<DomainName> names = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] wire = new byte[255];
      int at = 0;
      for (int labels = dice.nextInt(4); labels > 0; labels--) {
        int length = 1 + dice.nextInt(3);
        wire[at++] = (byte) length;
        for (; length > 0; length--) {
          wire[at++] = (byte) octets[dice.nextInt(octets.length)];
        }
      }
      APEX.writeTo(wire, at);
      names.add(DomainName.ofWire(wire, 0));
    }
    return names;
  }

  @Test
  @Tag("rfc4034")
  void keysHaveTheOrderOfTheNames() {
    List<DomainName> names = names(600);
    for (DomainName a : names) {
      for (DomainName b : names) {
        int keys = Arrays.compareUnsigned(OwnerKey.of(a, APEX), OwnerKey.of(b, APEX));
        assertThat(Integer.signum(keys))
            .as("%s %s", a, b)
            .isEqualTo(Integer.signum(a.compareTo(b)));
        int wires =
            OwnerOrder.compare(
                a.folded().wire(), a.length(), b.folded().wire(), b.length(), APEX.length());
        assertThat(Integer.signum(wires)).isEqualTo(Integer.signum(a.compareTo(b)));
      }
    }
  }

  @Test
  void aKeyGivesBackItsOwner() {
    for (DomainName name : names(2_000)) {
      assertThat(OwnerKey.owner(OwnerKey.of(name, APEX), APEX).wire())
          .isEqualTo(name.folded().wire());
    }
    DomainName longest =
        DomainName.parse(("\\000".repeat(60) + ".").repeat(3) + "\\001".repeat(58) + "." + APEX);
    assertThat(longest.length()).isEqualTo(255);
    assertThat(OwnerKey.owner(OwnerKey.of(longest, APEX), APEX)).isEqualTo(longest);
    assertThat(OwnerKey.of(longest, APEX).length).isLessThanOrEqualTo(OwnerKey.MAX_BYTES);
  }

  @Test
  void keysBelowANameBeginWithItsKey() {
    for (DomainName name : names(300)) {
      byte[] key = OwnerKey.of(name, APEX);
      for (DomainName other : names(300)) {
        byte[] otherKey = OwnerKey.of(other, APEX);
        boolean begins =
            otherKey.length >= key.length
                && Arrays.equals(otherKey, 0, key.length, key, 0, key.length);
        assertThat(begins).isEqualTo(other.isAtOrBelow(name));
      }
    }
  }

  @Test
  void whatIsNoKeyIsRefused() {
    byte[][] wrong = {{0}, {'a'}, {1}, {'a', 0, 0}, new byte[300], {1, 1}};
    Arrays.fill(wrong[4], (byte) 'a');
    for (byte[] key : wrong) {
      assertThatThrownBy(() -> OwnerKey.owner(key, APEX))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
