package io.flashdns.core.index;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.NameHash;
import io.flashdns.core.dns.NameKey;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.CatalogEntry;
import io.flashdns.core.zone.Tenant;
import io.flashdns.core.zone.Views;
import io.flashdns.core.zone.Zone;
import io.flashdns.core.zone.ZoneImageBuilder;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/** Small zones whose content says which zone and version they are. */
final class TestZones {
  static final NameHash HASH = new NameHash(42);

  private TestZones() {}

  static DomainName apex(int i) {
    return DomainName.parse("zone" + i + ".example.");
  }

  static NameKey key(DomainName name) {
    NameKey key = new NameKey(HASH);
    key.set(name.wire(), 0);
    return key;
  }

  static Zone zone(int i, int serial) {
    return zone(apex(i), serial, 2).placed(i + 1, Views.PUBLIC, Tenant.NOBODY, false);
  }

  /** A zone whose revision is its serial, with so many TXT records of 100 octets each. */
  static Zone zone(DomainName apex, int serial, int texts) {
    ZoneImageBuilder builder = new ZoneImageBuilder(HASH).revision(serial);
    byte[] origin = apex.wire();
    byte[] soa = new byte[2 + 20];
    ByteBuffer.wrap(soa, 2, 20).putInt(serial).putInt(1).putInt(1).putInt(1).putInt(60);
    add(builder, origin, RecordType.SOA, soa);
    add(builder, origin, RecordType.NS, DomainName.parse("ns.test.").wire());
    for (int text = 0; text < texts; text++) {
      byte[] owner = DomainName.parse("t" + text, apex).wire();
      byte[] data = new byte[101];
      data[0] = 100;
      ByteBuffer.wrap(data, 1, 8).putInt(serial).putInt(text);
      add(builder, owner, RecordType.TXT, data);
    }
    Zone zone =
        builder.build(
            problem -> {
              if (problem.severity() == io.flashdns.core.zone.ZoneProblem.Severity.ERROR) {
                throw new AssertionError(problem.message());
              }
            });
    if (zone == null) {
      throw new AssertionError("the zone was refused");
    }
    return zone;
  }

  private static void add(ZoneImageBuilder builder, byte[] owner, int type, byte[] data) {
    builder.add(owner, 0, owner.length, type, 60, data, 0, data.length, 0);
  }

  /** Every entry by view and name. */
  static Map<String, CatalogEntry> byName(Catalog catalog) {
    Map<String, CatalogEntry> entries = new HashMap<>();
    catalog.forEach(entry -> entries.put(entry.view() + " " + entry.apex(), entry));
    return entries;
  }
}
