package io.flashdns.management.server;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.NameHash;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.zone.Zone;
import io.flashdns.core.zone.ZoneImageBuilder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The zones of a {@link Rehearsal}: the names of {@link WarmUpClient#ZONE_FILE}, without the code
 * that reads zone files, which a restart does not need. Every other zone is signed, by noise of the
 * right length: the server copies signatures.
 *
 * <p>Used once; one thread.
 */
final class RehearsalZones {
  private static final int TTL = 3_600;
  private static final int HOSTS = 10;

  /** Enough for some to share a place of the catalog's table. */
  private static final int NEIGHBOURS = 100;

  private static final int SIGNATURE_BYTES = 64;
  private static final int ECDSA_P256 = 13;

  private final ZoneImageBuilder builder;
  private final DomainName apex;
  private final boolean signed;
  private final Map<DomainName, List<Integer>> types = new TreeMap<>();
  private final byte[] data = new byte[1_024];

  private RehearsalZones(NameHash hash, DomainName apex, boolean signed) {
    this.builder = new ZoneImageBuilder(hash);
    this.apex = apex;
    this.signed = signed;
  }

  static List<Zone> build(NameHash hash) {
    List<Zone> zones = new ArrayList<>();
    for (int i = 0; i < WarmUpClient.ZONES; i++) {
      DomainName apex = DomainName.parse(WarmUpClient.apex(i));
      zones.add(new RehearsalZones(hash, apex, i % 2 == 1).whole());
    }
    for (int i = 0; i < NEIGHBOURS; i++) {
      DomainName apex = DomainName.parse("neighbour" + i + ".example");
      zones.add(new RehearsalZones(hash, apex, false).apexAlone());
    }
    return zones;
  }

  private Zone apexAlone() {
    writeApex();
    return build();
  }

  private void writeApex() {
    Arrays.fill(data, 0, 600, (byte) 0);
    int serverEnd = put(0, name("ns1"));
    add("@", RecordType.SOA, put(serverEnd, name("hostmaster")) + 20);
    target("@", RecordType.NS, "ns1");
    address("ns1", 1);
  }

  private Zone whole() {
    writeApex();
    target("@", RecordType.NS, "ns2");
    Wire.put16(data, 0, 10);
    add("@", RecordType.MX, put(2, name("mail")));
    data[0] = 14;
    add("@", RecordType.TXT, put(1, "v=spf1 mx -all".getBytes(US_ASCII)));
    address("@", 80);
    address6("@");
    address6("ns1");
    address("ns2", 2);
    address("mail", 25);
    target("www", RecordType.CNAME, "@");
    add("far", RecordType.CNAME, put(0, DomainName.parse("www.elsewhere.example").wire()));
    address("a.ent", 26);
    Arrays.fill(data, 0, 6, (byte) 1);
    add("_s._udp", RecordType.SRV, put(6, name("mail")));
    Wire.put16(data, 0, 1);
    add("svc", RecordType.HTTPS, put(2, DomainName.ROOT.wire()));
    address("*.apps", 90);
    target("old", RecordType.DNAME, "apps");
    for (int i = 1; i <= HOSTS; i++) {
      address("host" + i, i);
    }
    target("lab", RecordType.NS, "ns.lab");
    address("ns.lab", 201);
    if (signed) {
      sign();
    }
    return build();
  }

  private Zone build() {
    Zone zone =
        builder.build(
            problem -> {
              throw new IllegalStateException("the rehearsal has a broken zone: " + problem);
            });
    if (zone == null) {
      throw new IllegalStateException("the rehearsal has no zone");
    }
    return zone;
  }

  private void address(String labels, int last) {
    Wire.put32(data, 0, 0xc000_0200 | last);
    add(labels, RecordType.A, 4);
  }

  private void address6(String labels) {
    Wire.put64(data, 0, 0x2001_0db8_0000_0000L);
    Wire.put64(data, 8, 1);
    add(labels, RecordType.AAAA, 16);
  }

  private void target(String labels, int type, String target) {
    add(labels, type, put(0, name(target)));
  }

  private byte[] name(String labels) {
    return labels.equals("@") ? apex.wire() : DomainName.parse(labels, apex).wire();
  }

  private int put(int at, byte[] octets) {
    System.arraycopy(octets, 0, data, at, octets.length);
    return at + octets.length;
  }

  private void add(String labels, int type, int length) {
    add(labels.equals("@") ? apex : DomainName.parse(labels, apex), type, length);
  }

  private void add(DomainName owner, int type, int length) {
    byte[] wire = owner.wire();
    builder.add(wire, 0, wire.length, type, TTL, data, 0, length, 0);
    List<Integer> there = types.computeIfAbsent(owner, _ -> new ArrayList<>());
    if (!there.contains(type)) {
      there.add(type);
    }
  }

  /** A chain of NSEC records (RFC 4034 §4), and a signature for each RRset with authority. */
  private void sign() {
    DomainName cut = DomainName.parse("lab", apex);
    List<DomainName> owners =
        types.keySet().stream()
            .filter(owner -> owner.equals(cut) || !owner.isAtOrBelow(cut))
            .sorted()
            .toList();
    for (int i = 0; i < owners.size(); i++) {
      DomainName owner = owners.get(i);
      List<Integer> there = List.copyOf(types.getOrDefault(owner, List.of()));
      int at = put(0, owners.get((i + 1) % owners.size()).wire());
      add(owner, RecordType.NSEC, put(at, bitmap(there)));
      sign(owner, RecordType.NSEC);
      if (!owner.equals(cut)) {
        there.forEach(type -> sign(owner, type));
      }
    }
  }

  private static byte[] bitmap(List<Integer> types) {
    byte[] bits = new byte[2 + 9];
    bits[1] = 9;
    for (int type : types) {
      bits[2 + type / 8] |= (byte) (0x80 >>> type % 8);
    }
    bits[2 + RecordType.RRSIG / 8] |= (byte) (0x80 >>> RecordType.RRSIG % 8);
    bits[2 + RecordType.NSEC / 8] |= (byte) (0x80 >>> RecordType.NSEC % 8);
    return bits;
  }

  private void sign(DomainName owner, int covered) {
    Wire.put16(data, 0, covered);
    data[2] = ECDSA_P256;
    data[3] = (byte) (owner.labels() - (owner.toString().startsWith("*") ? 1 : 0));
    Wire.put32(data, 4, TTL);
    Wire.put32(data, 8, 1_800_000_000);
    Wire.put32(data, 12, 1_790_000_000);
    Wire.put16(data, 16, 4_711);
    int at = put(18, apex.wire());
    add(owner, RecordType.RRSIG, put(at, new byte[SIGNATURE_BYTES]));
  }
}
