package io.flashdns.management.store;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.RRset;
import io.flashdns.core.store.RRsetBlock;
import io.flashdns.core.store.RRsetEdit;
import io.flashdns.core.store.RecordData;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneChange;
import io.flashdns.core.store.ZoneId;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.store.ZoneSettings;
import io.flashdns.core.store.ZoneStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Zones for tests: an SOA, an NS and addresses. */
final class TestZones {
  static final StoreConfig CONFIG =
      new StoreConfig(1L << 30, Duration.ofDays(90), Duration.ofDays(400), 0);

  private TestZones() {}

  static ZoneKey key(String apex) {
    return new ZoneKey("public", DomainName.parse(apex));
  }

  /** A zone with {@code hosts} addresses. */
  static RRsetBlock content(String name, int hosts) {
    DomainName apex = DomainName.parse(name);
    byte[] server = DomainName.parse("ns.example.net.").wire();
    byte[] soa = new byte[2 * server.length + 20];
    System.arraycopy(server, 0, soa, 0, server.length);
    System.arraycopy(server, 0, soa, server.length, server.length);
    for (int i = 0; i < 5; i++) {
      Wire.put32(soa, 2 * server.length + 4 * i, i == 0 ? 1 : 3_600);
    }
    RRsetBlock.Builder block = new RRsetBlock.Builder(apex);
    block.add(new RRset(apex, RecordType.NS, 3_600, List.of(RecordData.of(server))));
    block.add(new RRset(apex, RecordType.SOA, 3_600, List.of(RecordData.of(soa))));
    for (int i = 0; i < hosts; i++) {
      block.add(address(name, i, i));
    }
    return block.build();
  }

  /** The address of a host. */
  static RRset address(String apex, int host, int value) {
    byte[] octets = new byte[4];
    Wire.put32(octets, 0, value);
    return new RRset(owner(apex, host), RecordType.A, 300, List.of(RecordData.of(octets)));
  }

  static DomainName owner(String apex, int host) {
    return DomainName.parse(String.format(Locale.ROOT, "h%06d", host), DomainName.parse(apex));
  }

  static ZoneChange.Create create(String apex, int hosts) {
    return new ZoneChange.Create(ZoneSettings.of(key(apex)), content(apex, hosts));
  }

  static ZoneChange.Edit put(ZoneId zone, String apex, int host, int value) {
    return new ZoneChange.Edit(
        zone,
        List.of(new RRsetEdit.Put(address(apex, host, value), RRsetEdit.ANY_REVISION)),
        ZoneChange.ANY_REVISION);
  }

  /** Creates a zone. */
  static ZoneId created(ZoneStore store, String apex, int hosts) throws Exception {
    return store.commit(ChangeSet.of("test", create(apex, hosts))).zones().getFirst().id();
  }

  /** All that a zone holds, as text that can be compared; and where it stands. */
  static List<String> text(ContentView view, StoredZone zone) throws StoreException {
    List<String> lines = new ArrayList<>();
    lines.add(zone.toString());
    try (ContentView.ContentReader reader = view.content(zone.id(), null)) {
      for (RRsetBlock block = reader.next(); block != null; block = reader.next()) {
        block.rrsets().forEach(rrset -> lines.add(rrset.toString()));
      }
    }
    return lines;
  }

  /** All that a store holds. */
  static List<String> text(StoreSnapshot snapshot) throws StoreException {
    List<String> lines = new ArrayList<>();
    lines.add("revision " + snapshot.revision());
    long after = 0;
    while (true) {
      List<StoredZone> zones = snapshot.zones(after, 7);
      for (StoredZone zone : zones) {
        lines.addAll(text(snapshot, zone));
        after = zone.id().value();
      }
      if (zones.size() < 7) {
        return lines;
      }
    }
  }
}
