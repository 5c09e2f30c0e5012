package io.flashdns.core.fuzz;

import io.flashdns.core.embedded.EmbeddedServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;

/**
 * A server with the zones of {@link FuzzZones}, and what is known of them.
 *
 * @param server with NSID set, so that the option is written too
 * @param known its records
 * @param names owners of its records, and apexes, in wire form: where questions start from
 */
record FuzzCatalog(EmbeddedServer server, KnownRecords known, byte[][] names) {
  private static final byte[] NSID = {'f', 'u', 'z', 'z'};

  /** With the root zone: every name lies in some zone. */
  static FuzzCatalog withRoot() {
    return of(true);
  }

  /** Without the root zone: many names are refused. */
  static FuzzCatalog withoutRoot() {
    return of(false);
  }

  private static FuzzCatalog of(boolean withRoot) {
    EmbeddedServer.Builder builder = EmbeddedServer.builder().nsid(NSID);
    KnownRecords known = new KnownRecords();
    TreeSet<Name> owners = new TreeSet<>();
    for (Map.Entry<Name, List<Record>> zone : FuzzZones.all().entrySet()) {
      zone.getValue().forEach(rr -> owners.add(rr.getName()));
      if (withRoot || !zone.getKey().equals(Name.root)) {
        builder.zone(FuzzZones.build(builder.hash(), zone.getValue()));
        known.addZone(zone.getKey(), zone.getValue());
      }
    }
    // The many addresses of one kind would make one question in three one for them.
    List<byte[]> names = new ArrayList<>();
    int alike = 0;
    for (Name owner : owners) {
      String text = owner.toString();
      boolean oneOfMany = text.contains("manyns.") || text.contains("inzone.");
      if (!oneOfMany || alike++ % 20 == 0) {
        names.add(owner.toWire());
      }
    }
    return new FuzzCatalog(builder.build(), known, names.toArray(byte[][]::new));
  }
}
