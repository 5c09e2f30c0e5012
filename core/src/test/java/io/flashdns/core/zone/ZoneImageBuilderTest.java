package io.flashdns.core.zone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.NameHash;
import io.flashdns.core.dns.NameKey;
import io.flashdns.core.dns.RandomNames;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.Record;

final class ZoneImageBuilderTest {
  private static final String TEXT =
      ZoneText.APEX
          + """
          @        MX    10 mail
          mail     A     192.0.2.25
          mail     AAAA  2001:db8::25
          a.b.c.d  TXT   "deep"
          sub      NS    ns.sub
          ns.sub   A     192.0.2.1
          x.sub    NS    ns.sub
          d2       DNAME mail
          alias    CNAME mail
          *.w      TXT   "wild"
          svc      HTTPS 1 mail
          """;

  private static byte[] image(List<Record> records) {
    Zone zone = ZoneText.zone(records);
    return java.util.Arrays.copyOf(zone.data(), (int) zone.imageBytes());
  }

  @Test
  void imageDoesNotDependOnTheOrderOfRrsets() {
    List<Record> records = ZoneText.records(TEXT);
    byte[] wanted = image(records);
    Random random = new Random(3);
    for (int i = 0; i < 100; i++) {
      List<Record> shuffled = new ArrayList<>(records);
      Collections.shuffle(shuffled, random);
      assertThat(image(shuffled)).isEqualTo(wanted);
    }
  }

  @Test
  void imageDoesNotDependOnTheCaseOfOwners() {
    assertThat(
            image(
                ZoneText.records(
                    TEXT.replace("mail     A ", "MaIl     A ").replace("a.b.c.d", "A.b.C.d"))))
        .isEqualTo(image(ZoneText.records(TEXT)));
  }

  @Test
  void recordsOfAnRrsetKeepTheOrderInWhichTheyWereGiven() {
    Zone zone =
        ZoneText.zone(ZoneText.APEX + "a A 192.0.2.9\na TXT t\na A 192.0.2.1\na A 192.0.2.5\n");
    int rrset = zone.rrset(zone.find(ZoneText.key("a.example.")), RecordType.A);
    byte[] reply = new byte[100];

    assertThat(zone.write(rrset, reply, 20, 100, 12, 12)).isEqualTo(20 + 3 * 16);
    assertThat(List.of(reply[35], reply[51], reply[67]))
        .containsExactly((byte) 9, (byte) 1, (byte) 5);
  }

  @Test
  void caseOfDataIsKept() {
    Zone zone = ZoneText.zone(ZoneText.APEX + "a CNAME MaIl.ExAmPlE.OrG.\n");
    byte[] name = new byte[255];
    int node = zone.find(ZoneText.key("a.example."));
    zone.writeTarget(node, zone.rrset(node, RecordType.CNAME), name, 0);

    assertThat(DomainName.ofWire(name, 0)).hasToString("MaIl.ExAmPlE.OrG.");
  }

  @Test
  void otherSeedMakesAnotherIndexAndTheSameAnswers() {
    List<Record> records = ZoneText.records(TEXT);
    NameHash other = new NameHash(-1);
    ZoneImageBuilder builder = new ZoneImageBuilder(other);
    records.forEach(record -> ZoneText.add(builder, record, 0));
    Zone zone = builder.build(_ -> {});

    assertThat(zone).isNotNull();
    assertThat(zone.hashSeed()).isEqualTo(-1);
    NameKey key = new NameKey(other);
    for (Record record : records) {
      key.set(DomainName.parse(record.getName().toString()).wire(), 0);
      assertThat(zone.rrset(zone.find(key), record.getType())).isPositive();
    }
  }

  @Test
  void ownersOutsideOfTheWireFormatAreTheCallersMistake() {
    ZoneImageBuilder builder = new ZoneImageBuilder(ZoneText.HASH);
    byte[] pointer = {(byte) 0xc0, 12};

    assertThatThrownBy(() -> builder.add(pointer, 0, 2, 1, 1, new byte[4], 0, 4, 0))
        .hasMessageContaining("not a name in wire form");
    assertThatThrownBy(() -> builder.add(new byte[] {1, 'a', 0}, 0, 2, 1, 1, new byte[4], 0, 4, 0))
        .hasMessageContaining("not a name in wire form");
  }

  @Test
  void recordsOfMoreThanOneSegmentAreKept() {
    // Segments hold 1 MiB: data of 60,000 octets fills several and leaves gaps at their ends.
    ZoneImageBuilder builder = ZoneText.builder(ZoneText.records(ZoneText.APEX));
    Random random = new Random(8);
    List<byte[]> datas = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      byte[] data = new byte[40_000 + random.nextInt(20_000)];
      random.nextBytes(data);
      datas.add(data);
      DomainName owner = DomainName.parse("big" + i + ".example.");
      builder.add(owner.wire(), 0, owner.length(), 65_280, 1, data, 0, data.length, i);
    }
    Zone zone =
        builder.build(
            problem -> {
              throw new AssertionError(problem.toString());
            });

    assertThat(zone).isNotNull();
    for (int i = 0; i < 100; i++) {
      int rrset = zone.rrset(zone.find(ZoneText.key("big" + i + ".example.")), 65_280);
      int at = zone.firstRecordData(rrset);
      assertThat(
              java.util.Arrays.copyOfRange(zone.data(), at, at + zone.firstRecordDataLength(rrset)))
          .isEqualTo(datas.get(i));
    }
  }

  @Test
  void emptyNonTerminalsOfDeepNamesAreBounded() {
    // 100 names of 126 labels below the apex that have the uppermost in common: 12,401 empty
    // non-terminals, and not one more.
    ZoneImageBuilder builder =
        ZoneText.builder(ZoneText.records(ZoneText.APEX.replace("example.", "x.")));
    int names = 100;
    for (int i = 0; i < names; i++) {
      byte[] wire = DomainName.parse("a.".repeat(126) + "x.").wire();
      wire[249] = (byte) (128 + i);
      builder.add(wire, 0, 255, RecordType.A, 1, new byte[4], 0, 4, i);
    }
    Zone zone = builder.build(_ -> {});

    assertThat(zone).isNotNull();
    assertThat(zone.nodeCount()).isEqualTo(2 + 1 + names * 125);
  }

  @Test
  void randomNonsenseIsReportedAndNeverThrown() {
    Random random = new Random(9);
    int[] types = {
      RecordType.A,
      RecordType.NS,
      RecordType.CNAME,
      RecordType.DNAME,
      RecordType.SOA,
      RecordType.MX,
      RecordType.HTTPS,
      RecordType.NSEC,
      RecordType.NSEC3,
      RecordType.NSEC3PARAM,
      RecordType.RRSIG,
      RecordType.DS,
      RecordType.TXT
    };
    int served = 0;
    int refused = 0;
    for (int round = 0; round < 2_000; round++) {
      DomainName apex = DomainName.parse(random.nextBoolean() ? "example." : ".");
      List<DomainName> names = new ArrayList<>(List.of(apex));
      for (int i = 0; i < 8; i++) {
        names.add(RandomNames.below(random, random.nextInt(10) == 0 ? DomainName.ROOT : apex));
      }
      ZoneImageBuilder builder = new ZoneImageBuilder(ZoneText.HASH);
      add(builder, apex, RecordType.SOA, apex, random);
      add(builder, apex, RecordType.NS, apex, random);
      int records = 1 + random.nextInt(12);
      for (int i = 0; i < records; i++) {
        DomainName owner = names.get(random.nextInt(names.size()));
        int type = random.nextInt(3) == 0 ? types[random.nextInt(types.length)] : RecordType.A;
        add(builder, owner, type, names.get(random.nextInt(names.size())), random);
      }
      List<ZoneProblem> problems = new ArrayList<>();
      Zone zone = builder.build(problems::add);
      boolean error =
          problems.stream().anyMatch(problem -> problem.severity() == ZoneProblem.Severity.ERROR);
      assertThat(zone == null).as("%s", problems).isEqualTo(error);
      served += zone == null ? 0 : 1;
      refused += zone == null ? 1 : 0;
    }
    assertThat(served).isGreaterThan(200);
    assertThat(refused).isGreaterThan(200);
  }

  private static void add(
      ZoneImageBuilder builder, DomainName owner, int type, DomainName target, Random random) {
    byte[] name = target.wire();
    byte[] data =
        switch (type) {
          case RecordType.A -> new byte[] {1, 2, 3, (byte) random.nextInt(3)};
          case RecordType.MX -> joined(new byte[] {0, 1}, name);
          case RecordType.HTTPS -> joined(new byte[] {0, (byte) random.nextInt(2)}, name);
          case RecordType.SOA -> joined(joined(name, name), new byte[20]);
          case RecordType.NSEC -> joined(name, new byte[] {0, 1, 0x40});
          case RecordType.NSEC3 -> new byte[] {1, 0, 0, 0, 0, 1, 0, 0, 1, 0x40};
          case RecordType.NSEC3PARAM -> new byte[] {1, 0, 0, 0, 0};
          case RecordType.RRSIG ->
              joined(joined(new byte[] {0, (byte) random.nextInt(50)}, new byte[16]), name);
          case RecordType.TXT -> new byte[] {0};
          case RecordType.DS -> new byte[10];
          default -> name;
        };
    builder.add(owner.wire(), 0, owner.length(), type, random.nextInt(3), data, 0, data.length, 0);
  }

  private static byte[] joined(byte[] a, byte[] b) {
    byte[] all = java.util.Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, all, a.length, b.length);
    return all;
  }

  @Test
  void headerNamesTheFormat() {
    Zone zone = ZoneText.zone(TEXT);

    assertThat(Wire.s32(zone.data(), ImageLayout.H_MAGIC)).isEqualTo(0x4644_5a49);
    assertThat(Wire.u16(zone.data(), ImageLayout.H_VERSION)).isEqualTo(2);
    assertThat(Wire.s32(zone.data(), ImageLayout.H_IMAGE_BYTES))
        .isLessThanOrEqualTo((int) zone.imageBytes());
  }
}
