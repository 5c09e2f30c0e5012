package io.flashdns.core.fuzz;

import io.flashdns.core.dns.EdnsOption;
import io.flashdns.core.embedded.EmbeddedServer;
import io.flashdns.core.embedded.OptionPlugin;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;

/**
 * A server with the zones of {@link FuzzZones}, and what is known of them.
 *
 * @param server with a plugin that answers NSID, so that an option is written too
 * @param known its records
 * @param hooked true when hooks add options and more to the replies
 * @param names owners of its records, and apexes, in wire form: where questions start from
 */
record FuzzCatalog(EmbeddedServer server, KnownRecords known, boolean hooked, byte[][] names) {
  private static final byte[] NSID = {'f', 'u', 'z', 'z'};

  /** With the root zone: every name lies in some zone. */
  static FuzzCatalog withRoot() {
    return of(true, false);
  }

  /** Without the root zone: many names are refused. */
  static FuzzCatalog withoutRoot() {
    return of(false, false);
  }

  /** With the root zone, and with {@link FuzzHooks}. */
  static FuzzCatalog withHooks() {
    return of(true, true);
  }

  private static FuzzCatalog of(boolean withRoot, boolean hooked) {
    EmbeddedServer.Builder builder =
        EmbeddedServer.builder()
            .plugin(new OptionPlugin(), new OptionPlugin.Config(EdnsOption.NSID, NSID));
    if (hooked) {
      builder.plugin(new FuzzHooks(), new FuzzHooks.Config());
    }
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
    return new FuzzCatalog(builder.build(), known, hooked, names.toArray(byte[][]::new));
  }
}
