package io.flashdns.plugins.rotate;

import io.flashdns.core.dns.NameKey;
import io.flashdns.core.dns.RecordClass;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.plugin.Query;
import io.flashdns.core.plugin.Response;
import io.flashdns.core.plugin.Section;
import io.flashdns.core.plugin.Shaper;
import io.flashdns.core.plugin.Verdict;

/** Turns the addresses of answers with more than one record round. */
final class AddressTurner implements Shaper {
  /**
   * Counters that names and types share. One for all would not do: a client that asks for A and
   * AAAA in turn would always find it even for one type and odd for the other.
   */
  private static final int COUNTERS = 256;

  /** Multiplier of a linear congruential generator modulo 2 to the 64 (Steele, Vigna 2021). */
  private static final long MULTIPLIER = 0xd134_2543_de82_ef95L;

  private final boolean random;
  private final int[] turns = new int[COUNTERS];
  private long lot;

  AddressTurner(boolean random, long seed) {
    this.random = random;
    this.lot = seed;
  }

  @Override
  public Verdict shape(Query query, Response response) {
    int type = query.type();
    if ((type == RecordType.A || type == RecordType.AAAA)
        && response.count(Section.ANSWER) > 1
        && query.recordClass() == RecordClass.IN) {
      response.rotateAddresses(random ? drawn() : turned(query.name(), type));
    }
    return Verdict.CONTINUE;
  }

  private int turned(NameKey name, int type) {
    return turns[((int) (name.suffixHash(0) >>> 32) ^ type) & (COUNTERS - 1)]++;
  }

  /** The upper bits: the lower ones of such a generator have short periods. */
  private int drawn() {
    lot = lot * MULTIPLIER + 1;
    return (int) (lot >>> 33);
  }
}
