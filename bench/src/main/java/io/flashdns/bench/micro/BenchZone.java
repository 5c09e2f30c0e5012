package io.flashdns.bench.micro;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.NameHash;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.zone.RecordSink;
import io.flashdns.core.zone.Zone;
import io.flashdns.core.zone.ZoneImageBuilder;
import io.flashdns.core.zone.ZoneProblem;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The zones that are asked: of every ten names seven are hosts ({@code h1000007}: A, and AAAA for
 * every fourth), one and a half aliases ({@code c…}: CNAME of a host), one and a half delegations
 * ({@code d…}: NS and glue); besides these the apex with SOA, NS, MX and TXT, its name servers and
 * a wildcard.
 *
 * <p>Numbers have seven digits, so canonical order is the order of the numbers. A signed zone has
 * NSEC records that are right and signatures of the size of ECDSA P-256 that are noise: the server
 * copies them. Used once; one thread.
 */
final class BenchZone {
  static final int TTL = 300;

  /** The number in the name of the first host, alias or delegation. */
  static final int FIRST_NUMBER = 1_000_000;

  private static final int SIGNATURE_BYTES = 64;
  private static final int HOSTS_IN_20 = 14;
  private static final int ALIASES_IN_20 = 3;

  private final DomainName apex;
  private final byte[] apexWire;
  private final RecordSink sink;
  private final boolean signed;
  private final byte[] owner = new byte[Wire.MAX_NAME_BYTES];
  private final byte[] data = new byte[1_024];
  private final SplittableRandom random = new SplittableRandom(7);
  private final List<String> chain = new ArrayList<>();
  private final List<byte[]> chainTypes = new ArrayList<>();

  private BenchZone(DomainName apex, RecordSink sink, boolean signed) {
    this.apex = apex;
    this.apexWire = apex.wire();
    this.sink = sink;
    this.signed = signed;
  }

  /** The apex of zone {@code number}. */
  static DomainName apex(int number) {
    return DomainName.parse("t" + number + ".example" + number % 97 + ".test");
  }

  static int hosts(int names) {
    return names * HOSTS_IN_20 / 20;
  }

  static int aliases(int names) {
    return names * ALIASES_IN_20 / 20;
  }

  static int delegations(int names) {
    return names - hosts(names) - aliases(names);
  }

  static String host(int number) {
    return "h" + (FIRST_NUMBER + number);
  }

  static String alias(int number) {
    return "c" + (FIRST_NUMBER + number);
  }

  static String delegation(int number) {
    return "d" + (FIRST_NUMBER + number);
  }

  /** The host that an alias stands for. */
  static int hostOfAlias(int alias, int names) {
    return (int) (alias * 48_271L % hosts(names));
  }

  /** The image of a zone of {@code names} names. */
  static Zone build(NameHash hash, DomainName apex, int names, boolean signed) {
    ZoneImageBuilder builder = new ZoneImageBuilder(hash);
    new BenchZone(apex, builder, signed).write(names);
    return image(builder);
  }

  /** The image of the records that a builder was given. */
  static Zone image(ZoneImageBuilder builder) {
    List<ZoneProblem> problems = new ArrayList<>();
    Zone zone = builder.build(problems::add);
    if (zone == null) {
      throw new IllegalStateException("a zone of the benchmarks is broken: " + problems);
    }
    return zone;
  }

  /** Hands all records of a zone of {@code names} names to a sink. */
  static void write(RecordSink sink, DomainName apex, int names, boolean signed) {
    new BenchZone(apex, sink, signed).write(names);
  }

  private void write(int names) {
    writeApex();
    writeWildcard();
    for (int i = 0; i < aliases(names); i++) {
      name(alias(i), host(hostOfAlias(i, names)), RecordType.CNAME);
    }
    for (int i = 0; i < delegations(names); i++) {
      writeDelegation(i);
    }
    for (int i = 0; i < hosts(names); i++) {
      writeHost(i);
    }
    for (int i = 1; i <= 2; i++) {
      address("ns" + i, 0x0a00_0000 + i);
      link("ns" + i, RecordType.A);
    }
    if (signed) {
      writeChain();
    }
  }

  private void writeApex() {
    int at = nameAt(0, "ns1");
    at = nameAt(at, "hostmaster");
    for (int value : new int[] {2_026_110_101, 7_200, 900, 1_209_600, 300}) {
      Wire.put32(data, at, value);
      at += 4;
    }
    add("", RecordType.SOA, at);
    name("", "ns1", RecordType.NS);
    sink("", RecordType.NS, nameAt(0, "ns2"));
    Wire.put16(data, 0, 10);
    add("", RecordType.MX, nameAt(2, "ns1"));
    byte[] text = "v=spf1 mx -all".getBytes(StandardCharsets.US_ASCII);
    data[0] = (byte) text.length;
    System.arraycopy(text, 0, data, 1, text.length);
    add("", RecordType.TXT, 1 + text.length);
    link("", RecordType.SOA, RecordType.NS, RecordType.MX, RecordType.TXT);
  }

  private void writeWildcard() {
    address("*.wild", 0xc000_0209);
    link("*.wild", RecordType.A);
  }

  private void writeHost(int number) {
    String host = host(number);
    address(host, 0x0a00_0000 + number);
    if (number % 4 == 0) {
      Wire.put64(data, 0, 0x2001_0db8_0000_0000L);
      Wire.put64(data, 8, number);
      add(host, RecordType.AAAA, 16);
      link(host, RecordType.A, RecordType.AAAA);
    } else {
      link(host, RecordType.A);
    }
  }

  private void writeDelegation(int number) {
    String cut = delegation(number);
    byte[] server = wire("ns." + cut);
    System.arraycopy(server, 0, data, 0, server.length);
    sink(cut, RecordType.NS, server.length);
    Wire.put32(data, 0, 0x0a80_0000 + number);
    sink("ns." + cut, RecordType.A, 4);
    link(cut, RecordType.NS);
  }

  private void address(String label, int address) {
    Wire.put32(data, 0, address);
    add(label, RecordType.A, 4);
  }

  private void name(String label, String target, int type) {
    add(label, type, nameAt(0, target));
    if (type == RecordType.CNAME) {
      link(label, type);
    }
  }

  private int nameAt(int at, String labels) {
    byte[] name = wire(labels);
    System.arraycopy(name, 0, data, at, name.length);
    return at + name.length;
  }

  private byte[] wire(String labels) {
    return labels.isEmpty() ? apexWire : DomainName.parse(labels, apex).wire();
  }

  /** Adds a record with authority, and its signature. */
  private void add(String labels, int type, int length) {
    sink(labels, type, length);
    if (signed) {
      sign(labels, type);
    }
  }

  private void sink(String labels, int type, int length) {
    byte[] name = wire(labels);
    System.arraycopy(name, 0, owner, 0, name.length);
    sink.add(owner, 0, name.length, type, TTL, data, 0, length, 0);
  }

  private void sign(String labels, int covered) {
    Wire.put16(data, 0, covered);
    data[2] = 13;
    int ownerLabels = DomainName.parse(labels.isEmpty() ? "@" : labels, apex).labels();
    data[3] = (byte) (labels.startsWith("*") ? ownerLabels - 1 : ownerLabels);
    Wire.put32(data, 4, TTL);
    Wire.put32(data, 8, 1_800_000_000);
    Wire.put32(data, 12, 1_790_000_000);
    Wire.put16(data, 16, 4_711);
    System.arraycopy(apexWire, 0, data, 18, apexWire.length);
    int at = 18 + apexWire.length;
    for (int i = 0; i < SIGNATURE_BYTES; i += 8) {
      Wire.put64(data, at + i, random.nextLong());
    }
    sink(labels, RecordType.RRSIG, at + SIGNATURE_BYTES);
  }

  /**
   * Notes a name for the NSEC chain; names come in canonical order but for the wildcard's and the
   * name servers'.
   */
  private void link(String labels, int... types) {
    if (signed) {
      chain.add(labels);
      chainTypes.add(bitmap(types));
    }
  }

  /** The type bitmap of an NSEC record (RFC 4034 §4.1.2); all types are below 256. */
  private static byte[] bitmap(int... types) {
    byte[] bits = new byte[2 + 6];
    bits[1] = 6;
    for (int type : types) {
      bits[2 + type / 8] |= (byte) (0x80 >>> type % 8);
    }
    bits[2 + RecordType.RRSIG / 8] |= (byte) (0x80 >>> RecordType.RRSIG % 8);
    bits[2 + RecordType.NSEC / 8] |= (byte) (0x80 >>> RecordType.NSEC % 8);
    return bits;
  }

  /**
   * Apex, aliases, delegations, hosts, name servers, and last the wildcard, whose parent is "wild".
   */
  private void writeChain() {
    chain.add(chain.remove(1));
    chainTypes.add(chainTypes.remove(1));
    for (int i = 0; i < chain.size(); i++) {
      int at = nameAt(0, chain.get((i + 1) % chain.size()));
      byte[] types = chainTypes.get(i);
      System.arraycopy(types, 0, data, at, types.length);
      add(chain.get(i), RecordType.NSEC, at + types.length);
    }
  }
}
