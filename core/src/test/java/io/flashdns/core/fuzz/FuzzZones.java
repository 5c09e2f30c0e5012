package io.flashdns.core.fuzz;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.zone.Zone;
import io.flashdns.core.zone.ZoneImageBuilder;
import io.flashdns.core.zone.ZoneProblem;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Master;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/**
 * The records of the zones that fuzzing asks: files in {@code fuzz/zones}, read by dnsjava and not
 * by this server's reader, and what is too long to write down by hand.
 */
final class FuzzZones {
  private static final int LARGE_TXT_STRINGS = 156;

  private FuzzZones() {}

  /** All zones by apex; the root is the first of them. */
  static Map<Name, List<Record>> all() {
    Map<Name, List<Record>> zones = new LinkedHashMap<>();
    Name root = Name.root;
    zones.put(root, SignedRecords.withNsec(root, read("root.zone", root)));
    for (String apex :
        List.of("child.plain.example.", "wild.example.", "apexdname.example.", "one.")) {
      zones.put(name(apex), read(apex + "zone", name(apex)));
    }
    zones.put(name("plain.example."), plain());
    zones.put(name("dname.example."), dname());
    Name signed = name("signed.example.");
    zones.put(signed, SignedRecords.withNsec(signed, read("signed.example.zone", signed)));
    Name nsec3 = name("nsec3.example.");
    zones.put(
        nsec3,
        SignedRecords.withNsec3(nsec3, read("nsec3.example.zone", nsec3), 0, new byte[0], false));
    Name optOut = name("optout.example.");
    byte[] salt = {(byte) 0xaa, (byte) 0xbb, (byte) 0xcc, (byte) 0xdd};
    zones.put(
        optOut,
        SignedRecords.withNsec3(optOut, read("optout.example.zone", optOut), 5, salt, true));
    zones.put(longApex(), longNames());
    return zones;
  }

  /** Builds the image of a zone. */
  static Zone build(NameHash hash, List<Record> records) {
    ZoneImageBuilder builder = new ZoneImageBuilder(hash);
    for (Record rr : records) {
      byte[] owner = rr.getName().toWire();
      byte[] rdata = rdata(rr);
      builder.add(
          owner, 0, owner.length, rr.getType(), (int) rr.getTTL(), rdata, 0, rdata.length, 0);
    }
    List<ZoneProblem> problems = new ArrayList<>();
    Zone zone = builder.build(problems::add);
    if (zone == null) {
      throw new IllegalStateException(problems.toString());
    }
    return zone;
  }

  /** The data of a record in wire form, its names whole and in the case they were given in. */
  static byte[] rdata(Record rr) {
    byte[] whole = rr.toWire(Section.ANSWER);
    int skip = rr.getName().length() + 10;
    byte[] rdata = new byte[whole.length - skip];
    System.arraycopy(whole, skip, rdata, 0, rdata.length);
    return rdata;
  }

  static Name name(String text) {
    return Name.fromConstantString(text);
  }

  private static List<Record> plain() {
    Name apex = name("plain.example.");
    List<Record> records = read("plain.example.zone", apex);
    Name big = name("big.plain.example.");
    records.add(record(big, Type.TXT, text(LARGE_TXT_STRINGS)));
    records.add(record(big, 65_400, octets(40_000)));
    records.add(record(big, 65_401, octets(20_000)));
    records.add(record(name("half.plain.example."), Type.TXT, text(4)));
    for (int i = 0; i < 60; i++) {
      records.add(record(name("many.plain.example."), Type.A, address(i)));
      records.add(record(name("manymx.plain.example."), Type.MX, mx(i, "mx" + i + ".many.test.")));
      records.add(record(name("mx" + i + ".inzone.plain.example."), Type.A, address(i)));
      records.add(
          record(
              name("manymx2.plain.example."), Type.MX, mx(i, "mx" + i + ".inzone.plain.example.")));
    }
    for (int i = 0; i < 40; i++) {
      Name server = name("ns" + i + ".manyns.plain.example.");
      records.add(record(name("manyns.plain.example."), Type.NS, server.toWire()));
      records.add(record(server, Type.A, address(i)));
      records.add(record(server, Type.AAAA, octets(16)));
    }
    Name longest = longest(apex);
    records.add(record(longest, Type.A, address(1)));
    records.add(record(name("tolongest.plain.example."), Type.CNAME, longest.toWire()));
    records.add(record(name("mxlongest.plain.example."), Type.MX, mx(1, longest.toString())));
    records.add(record(name("svclongest.plain.example."), Type.HTTPS, service(longest)));
    return records;
  }

  private static List<Record> dname() {
    List<Record> records = read("dname.example.zone", name("dname.example."));
    Name target = name("l".repeat(63) + "." + "m".repeat(63) + "." + "n".repeat(63) + ".test.");
    records.add(record(name("grow.dname.example."), Type.DNAME, target.toWire()));
    return records;
  }

  /** An apex of 199 octets, so that names below it are near the limit. */
  private static Name longApex() {
    return name("p".repeat(63) + "." + "q".repeat(63) + "." + "r".repeat(60) + "." + "long" + ".");
  }

  private static List<Record> longNames() {
    Name apex = longApex();
    List<Record> records = new ArrayList<>();
    byte[] times = new byte[20];
    times[3] = 1;
    records.add(record(apex, Type.SOA, join(apex.toWire(), apex.toWire(), times)));
    records.add(record(apex, Type.NS, longest(apex).toWire()));
    records.add(record(longest(apex), Type.A, address(7)));
    records.add(record(longest(apex), Type.TXT, text(1)));
    StringBuilder deep = new StringBuilder();
    while (2 * (deep.length() / 2 + 1) + apex.length() <= 255) {
      deep.append("d.");
    }
    records.add(record(name(deep + apex.toString()), Type.AAAA, octets(16)));
    records.add(record(name("*.w." + apex), Type.CNAME, longest(apex).toWire()));
    Name cut = name("cut." + apex);
    records.add(record(cut, Type.NS, name("ns.cut." + apex).toWire()));
    records.add(record(name("ns.cut." + apex), Type.A, address(8)));
    return records;
  }

  /** The longest name below an apex: 255 octets in as few labels as possible. */
  private static Name longest(Name apex) {
    StringBuilder labels = new StringBuilder();
    int free = 255 - apex.length();
    while (free > 1) {
      int octets = Math.min(63, free - 1);
      octets -= free - 1 - octets == 1 ? 1 : 0;
      labels.append("z".repeat(octets)).append('.');
      free -= octets + 1;
    }
    return name(labels + apex.toString());
  }

  private static List<Record> read(String file, Name origin) {
    try (InputStream in = FuzzZones.class.getResourceAsStream("zones/" + file);
        Master master = new Master(in, origin)) {
      List<Record> records = new ArrayList<>();
      Record rr;
      while ((rr = master.nextRecord()) != null) {
        records.add(rr);
      }
      return records;
    } catch (TextParseException e) {
      throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(file, e);
    }
  }

  private static Record record(Name owner, int type, byte[] rdata) {
    return Record.newRecord(owner, type, DClass.IN, 3600, rdata);
  }

  private static byte[] address(int number) {
    return new byte[] {(byte) 198, 51, 100, (byte) number};
  }

  private static byte[] mx(int preference, String exchange) {
    return join(new byte[] {0, (byte) preference}, name(exchange).toWire());
  }

  private static byte[] service(Name target) {
    return join(new byte[] {0, 1}, target.toWire(), new byte[] {0, 1, 0, 3, 2, 'h', '2'});
  }

  private static byte[] text(int strings) {
    byte[] text = new byte[strings * 256];
    for (int i = 0; i < text.length; i++) {
      text[i] = (byte) (i % 256 == 0 ? 255 : 'a' + i % 26);
    }
    return text;
  }

  private static byte[] octets(int count) {
    byte[] octets = new byte[count];
    Dice dice = new Dice().seed(count);
    for (int i = 0; i < count; i++) {
      octets[i] = (byte) dice.below(256);
    }
    return octets;
  }

  private static byte[] join(byte[]... parts) {
    int length = 0;
    for (byte[] part : parts) {
      length += part.length;
    }
    byte[] whole = new byte[length];
    int at = 0;
    for (byte[] part : parts) {
      System.arraycopy(part, 0, whole, at, part.length);
      at += part.length;
    }
    return whole;
  }
}
