package io.flashdns.management.campaign;

import io.flashdns.core.store.StoreException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What is looked at when a data folder was opened again. */
final class Checks {
  private static final int NAMES_PER_ZONE = 6;

  private Checks() {}

  /**
   * Holds the store and its DNS answers against a ledger, then asks again for what is unknown.
   *
   * @return DNS questions asked
   */
  static int afterRestart(Node node, Ledger ledger)
      throws StoreException, InterruptedException, IOException {
    ledger.check(node.store());
    int asked = 0;
    InetSocketAddress dns = node.dns();
    if (dns != null && ledger.faults().isEmpty()) {
      List<String> faults = new ArrayList<>();
      try (Asker asker = new Asker(dns)) {
        asked = asker.check(ledger, gone(ledger), NAMES_PER_ZONE, faults);
      }
      ledger.faults().addAll(faults);
    }
    ledger.askAgain(node.store());
    return asked;
  }

  private static Set<String> gone(Ledger ledger) {
    Set<String> living =
        ledger.zones().values().stream().map(Work.Content::apex).collect(Collectors.toSet());
    Set<String> gone = new TreeSet<>();
    for (int i = 0; i < StoreWriters.APEXES; i++) {
      String apex = StoreWriters.apex(i);
      if (!living.contains(apex)) {
        gone.add(apex);
      }
    }
    return gone;
  }
}
