package io.flashdns.plugins.ratelimit;

import io.flashdns.core.plugin.Network;
import io.flashdns.core.plugin.NetworkTable;
import java.util.ArrayList;
import java.util.List;

/**
 * Who is never limited. Loopback, which most lists have and many have alone, is seen by two
 * comparisons; the others are looked for in a table.
 */
final class Whitelist {
  private static final Network LOOPBACK4 = Network.parse("127.0.0.0/8");
  private static final Network LOOPBACK6 = Network.parse("::1");
  private static final long LOOPBACK4_TOP = LOOPBACK4.lo() >>> 24;

  private final boolean loopback4;
  private final boolean loopback6;
  private final boolean others;
  private final NetworkTable table;

  Whitelist(List<Network> networks) {
    List<Network> rest = new ArrayList<>(networks);
    loopback4 = rest.removeIf(LOOPBACK4::equals);
    loopback6 = rest.removeIf(LOOPBACK6::equals);
    others = !rest.isEmpty();
    table = NetworkTable.of(rest);
  }

  boolean contains(long hi, long lo) {
    if (hi == 0) {
      if (lo >>> 24 == LOOPBACK4_TOP && loopback4) {
        return true;
      }
      if (lo == 1 && loopback6) {
        return true;
      }
    }
    return others && table.contains(hi, lo);
  }
}
