package io.flashdns.core.dns;

import java.util.Random;

/**
 * Names for property tests: few labels and few, hostile octets, so that prefixes, equal names and
 * near misses are common.
 */
public final class RandomNames {
  private static final int[] OCTETS = {
    0, 1, '*', '-', '.', '@', 'A', 'Z', '[', '`', 'a', 'z', '{', 0x7f, 0x80, 0xc1, 0xff
  };

  private RandomNames() {}

  /** A name of up to five labels of up to five octets, at times of one with up to 63. */
  public static DomainName next(Random random) {
    return below(random, DomainName.ROOT);
  }

  /** A name at or below another, which must leave room for it. */
  public static DomainName below(Random random, DomainName parent) {
    byte[] wire = parent.wire();
    int labels = random.nextInt(6);
    for (int i = 0; i < labels; i++) {
      int octets = random.nextInt(20) == 0 ? 1 + random.nextInt(63) : 1 + random.nextInt(5);
      if (wire.length + octets + 1 > Wire.MAX_NAME_BYTES) {
        break;
      }
      byte[] longer = new byte[wire.length + octets + 1];
      longer[0] = (byte) octets;
      for (int j = 1; j <= octets; j++) {
        longer[j] = (byte) OCTETS[random.nextInt(OCTETS.length)];
      }
      System.arraycopy(wire, 0, longer, octets + 1, wire.length);
      wire = longer;
    }
    return DomainName.ofWire(wire, 0);
  }
}
