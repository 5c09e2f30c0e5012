package io.flashdns.core.zone;

import static io.flashdns.core.zone.ZoneText.build;
import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.dns.RecordType;
import io.flashdns.core.zone.ZoneText.Outcome;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.Record;

/** Each rule of a zone, with the sentence that tells of its breach and the record that it names. */
final class ZoneChecksTest {
  private static void assertRefused(Outcome outcome, String... lines) {
    assertThat(outcome.lines()).containsExactly(lines);
    assertThat(outcome.zone()).isNull();
  }

  private static void assertServed(Outcome outcome, String... lines) {
    assertThat(outcome.lines()).containsExactly(lines);
    assertThat(outcome.zone()).isNotNull();
  }

  @Test
  void soundZoneHasNoProblems() {
    assertServed(
        build(
            "a A 192.0.2.1",
            "a A 192.0.2.2",
            "b CNAME a",
            "*.c TXT t",
            "d DNAME a",
            "e NS ns.e",
            "ns.e A 192.0.2.3"));
  }

  @Test
  void zoneNeedsItsSoa() {
    assertRefused(
        build(ZoneText.records("example. 3600 NS ns.example.\n")),
        "-1 ERROR: the zone has no SOA record, so its apex is unknown: add one");
    assertRefused(
        build(List.of()), "-1 ERROR: the zone has no SOA record, so its apex is unknown: add one");
  }

  @Test
  void zoneNeedsNameServers() {
    assertRefused(
        build(ZoneText.records("example. 3600 SOA ns.example. h.example. 1 2 3 4 5\n")),
        "-1 ERROR: the zone example. has no NS record at its apex: add its name servers");
  }

  @Test
  void zoneHasOneSoa() {
    assertRefused(
        build("@ SOA ns other 2 7200 3600 1209600 300"),
        "4 ERROR: a second SOA of example.: a zone has one SOA");
    assertRefused(
        build("sub SOA ns other 2 7200 3600 1209600 300"),
        "4 ERROR: a second SOA, of sub.example.: a zone has one SOA, at its apex example.");
    assertRefused(
        build("other. SOA ns other 2 7200 3600 1209600 300"),
        "4 ERROR: a second SOA, of other.: a zone has one SOA, at its apex example.");
  }

  @Test
  void soaMayBeRepeatedWordForWord() {
    assertServed(
        build("@ SOA ns hostmaster 1 7200 3600 1209600 300"),
        "4 WARNING: this record is given twice: it is served once");
  }

  @Test
  void dataMustLieInTheZone() {
    assertRefused(
        build(
            "www.example.org. A 192.0.2.1",
            "www.example.org. A 192.0.2.2",
            "notexample. A 192.0.2.1",
            ". A 192.0.2.1"),
        "4 ERROR: www.example.org. is outside of the zone example.: remove it, or mend $ORIGIN or a missing final dot",
        "5 ERROR: www.example.org. is outside of the zone example.: remove it, or mend $ORIGIN or a missing final dot",
        "6 ERROR: notexample. is outside of the zone example.: remove it, or mend $ORIGIN or a missing final dot",
        "7 ERROR: . is outside of the zone example.: remove it, or mend $ORIGIN or a missing final dot");
  }

  @Test
  void labelThatEndsLikeTheApexIsOutside() {
    // The octets of "example." are at the end of this name, but inside of its one label.
    assertRefused(
        build("a\\007example. A 192.0.2.1"),
        "4 ERROR: a\\007example. is outside of the zone example.: remove it, or mend $ORIGIN or a missing final dot");
  }

  @Test
  @Tag("rfc1034")
  void aliasStandsAlone() {
    assertRefused(
        build("a CNAME ns", "a A 192.0.2.1"),
        "4 ERROR: a.example. has a CNAME and other data: a name that is an alias has nothing else");
    assertRefused(
        build("a TXT t", "a CNAME ns"),
        "5 ERROR: a.example. has a CNAME and other data: a name that is an alias has nothing else");
    assertRefused(
        build("@ CNAME ns"),
        "4 ERROR: example. has a CNAME and other data: a name that is an alias has nothing else");
    assertRefused(
        build("*.w CNAME ns", "*.w TXT t"),
        "4 ERROR: *.w.example. has a CNAME and other data: a name that is an alias has nothing else");
  }

  @Test
  @Tag("rfc4034")
  void aliasMayHaveItsDnssecRecords() {
    assertServed(
        build(
            "a CNAME ns",
            "a NSEC ns CNAME RRSIG NSEC",
            "a RRSIG CNAME 13 2 3600 20360101000000 20260101000000 1 example. AAAA"));
  }

  @Test
  @Tag("rfc2181")
  void aliasHasOneTarget() {
    assertRefused(
        build("a CNAME ns", "a CNAME other"),
        "5 ERROR: a.example. has several CNAME records: a name is an alias of one other name");
    assertServed(
        build("a CNAME ns", "a CNAME ns"),
        "5 WARNING: this record is given twice: it is served once");
  }

  @Test
  @Tag("rfc6672")
  void nameHasOneDnameAndNothingBelow() {
    assertRefused(
        build("d DNAME a.test.", "d DNAME b.test."),
        "5 ERROR: d.example. has several DNAME records: keep one");
    assertRefused(
        build("d DNAME a.test.", "d CNAME ns"),
        "5 ERROR: d.example. has a CNAME and other data: a name that is an alias has nothing else");
    assertRefused(
        build("x.d A 192.0.2.1", "d DNAME a.test.", "y.x.d A 192.0.2.1"),
        "4 ERROR: x.d.example. lies below a DNAME and can never be answered: remove it or the DNAME",
        "6 ERROR: y.x.d.example. lies below a DNAME and can never be answered: remove it or the DNAME");
    assertServed(
        build("d DNAME a.test.", "d DNAME a.test.", "d A 192.0.2.1"),
        "5 WARNING: this record is given twice: it is served once");
  }

  @Test
  @Tag("rfc6672")
  void dnameAtTheApexLeavesRoomForTheApexOnly() {
    assertRefused(
        build("@ DNAME a.test."),
        "3 ERROR: ns.example. lies below a DNAME and can never be answered: remove it or the DNAME");
  }

  @Test
  @Tag("rfc2181")
  void smallestTtlOfAnRrsetIsServedWithAWarning() {
    Outcome outcome =
        build("a 60 A 192.0.2.1", "a 30 A 192.0.2.2", "a 90 A 192.0.2.3", "a 90 TXT t");

    assertServed(
        outcome,
        "5 WARNING: TTL 30 differs from TTL 60 of the same RRset (RFC 2181 §5.2): the smaller one is served",
        "6 WARNING: TTL 90 differs from TTL 30 of the same RRset (RFC 2181 §5.2): the smaller one is served");
    Zone zone = outcome.zone();
    int node = zone.find(ZoneText.key("a.example."));
    assertThat(zone.ttl(zone.rrset(node, RecordType.A))).isEqualTo(30);
    assertThat(zone.ttl(zone.rrset(node, RecordType.TXT))).isEqualTo(90);
  }

  @Test
  void duplicatesAreServedOnceAlsoAmongMany() {
    List<String> lines = new ArrayList<>();
    List<String> wanted = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      lines.add("a A 192.0.2." + i);
    }
    for (int i = 0; i < 100; i += 7) {
      lines.add("a A 192.0.2." + i);
      wanted.add(
          (4 + lines.size() - 1) + " WARNING: this record is given twice: it is served once");
    }

    Outcome outcome = build(lines.toArray(String[]::new));
    assertServed(outcome, wanted.toArray(String[]::new));
    Zone zone = outcome.zone();
    assertThat(zone.recordCount(zone.rrset(zone.find(ZoneText.key("a.example.")), RecordType.A)))
        .isEqualTo(100);
    assertThat(zone.recordCount()).isEqualTo(3 + 100);
  }

  @Test
  @Tag("rfc4343")
  void recordsThatDifferInTheCaseOfANameInTheirDataAreOne() {
    for (String data :
        List.of(
            "NS x.test.",
            "CNAME x.test.",
            "PTR x.test.",
            "MX 1 x.test.",
            "SRV 1 2 3 x.test.",
            "NAPTR 1 2 \"u\" \"s\" \"r\" x.test.",
            "KX 1 x.test.",
            "RP x.test. y.test.",
            "MINFO x.test. y.test.",
            "AFSDB 1 x.test.",
            "RT 1 x.test.",
            "PX 1 x.test. y.test.",
            "DNAME x.test.",
            "MB x.test.")) {
      Outcome outcome = build("a " + data, "a " + data.replace("x.t", "X.t").replace("y.t", "Y.t"));
      assertServed(outcome, "5 WARNING: this record is given twice: it is served once");
      assertThat(outcome.zone().recordCount()).isEqualTo(4);
    }
    assertServed(
        build("@ SOA NS HOSTMASTER 1 7200 3600 1209600 300"),
        "4 WARNING: this record is given twice: it is served once");
  }

  @Test
  void octetsThatAreNoNameKeepTheirCase() {
    for (String data :
        List.of(
            "TXT \"x.test.\"",
            "HINFO x y",
            "NAPTR 1 2 \"x.test\" \"s\" \"r\" z.test.",
            "CAA 0 issue \"x.test\"",
            "TYPE65280 \\# 8 0178047465737400",
            "HTTPS 1 x.test.")) {
      String other =
          data.replace("x.t", "X.t").replace("0178", "0158").replace("HINFO x", "HINFO X");
      assertThat(other).isNotEqualTo(data);
      Outcome outcome = build("a " + data, "a " + other);
      assertServed(outcome);
      assertThat(outcome.zone().recordCount()).as(data).isEqualTo(5);
    }
  }

  @Test
  void duplicatesInAnotherCaseAreFoundAmongMany() {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      lines.add("a PTR host" + i + ".test.");
    }
    lines.add("a PTR HOST7.test.");
    lines.add("a PTR HOST70.TEST.");
    assertServed(
        build(lines.toArray(String[]::new)),
        "104 WARNING: this record is given twice: it is served once",
        "105 WARNING: this record is given twice: it is served once");
  }

  @Test
  @Tag("rfc9276")
  void iterationsOfNsec3AreBounded() {
    assertServed(build("@ NSEC3PARAM 1 0 0 -"));
    assertServed(
        build("@ NSEC3PARAM 1 0 1 -"),
        "4 WARNING: NSEC3 with 1 iterations costs every denial and protects nothing: sign with 0 (RFC 9276)");
    assertServed(
        build("@ NSEC3PARAM 1 0 150 aabb"),
        "4 WARNING: NSEC3 with 150 iterations costs every denial and protects nothing: sign with 0 (RFC 9276)");
    assertRefused(
        build("@ NSEC3PARAM 1 0 151 -"),
        "4 ERROR: NSEC3 with 151 iterations, at most 150 are served: sign with 0 (RFC 9276)");
    assertRefused(
        build("@ NSEC3PARAM 1 0 65535 -"),
        "4 ERROR: NSEC3 with 65535 iterations, at most 150 are served: sign with 0 (RFC 9276)");
  }

  @Test
  void nameServersInTheZoneNeedAddresses() {
    assertServed(
        build("@ NS ns2"),
        "4 WARNING: name server ns2.example. of example. has no address in this zone: add one");
    assertServed(
        build("@ NS ns2", "ns2 TXT t"),
        "4 WARNING: name server ns2.example. of example. has no address in this zone: add one");
    assertServed(
        build("sub NS ns.sub"),
        "4 WARNING: delegation sub.example. is dead without glue: add the address of ns.sub.example.");
    assertServed(
        build("sub NS sub"),
        "4 WARNING: delegation sub.example. is dead without glue: add the address of sub.example.");
    assertServed(
        build("sub NS ns2"),
        "4 WARNING: name server ns2.example. of sub.example. has no address in this zone: add one");
    assertServed(
        build("@ NS ns2", "ns2 CNAME ns"),
        "4 WARNING: name server ns2.example. of example. is an alias: resolvers refuse it (RFC 2181 §10.3), name its target");
  }

  @Test
  void nameServersElsewhereNeedNoAddress() {
    assertServed(
        build(
            "@ NS ns.example.org.",
            "sub NS ns.other.",
            "sib NS ns.deep.sub",
            "v6 NS ns.v6",
            "ns.v6 AAAA ::1"));
  }

  @Test
  void nameServerUnderAWildcardHasItsAddress() {
    assertServed(build("@ NS x.w", "*.w A 192.0.2.1"));
  }

  @Test
  void signatureWithoutItsRrsetIsNotServed() {
    assertServed(
        build(
            "a A 192.0.2.1", "a RRSIG TXT 13 2 3600 20360101000000 20260101000000 1 example. AAAA"),
        "5 WARNING: this RRSIG covers a type that its name does not have: it is not served");
  }

  @Test
  void rrsetThatNoMessageCanCarryIsRefused() {
    List<String> lines = new ArrayList<>();
    // 240 records of 12 + 256 octets are 64,320.
    for (int i = 0; i < 240; i++) {
      lines.add("big TXT \"" + "%03d".formatted(i) + "x".repeat(252) + "\"");
    }
    assertRefused(
        build(lines.toArray(String[]::new)),
        "233 ERROR: the RRset is larger than 61440 octets, more than a message can carry: split it over several names");
    assertServed(build(lines.subList(0, 229).toArray(String[]::new)));
  }

  @Test
  void rrsetOfLongNamesIsMeasuredWithWholeNames() {
    // Compressed this is 40 KiB, but no pointer reaches beyond 16 KiB: 2,000 whole names of 118
    // octets do not fit.
    String deep = "a".repeat(50) + "." + "b".repeat(50);
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      lines.add("big MX 1 h%04d.%s".formatted(i, deep));
    }
    Outcome outcome = build(lines.toArray(String[]::new));

    assertThat(outcome.zone()).isNull();
    assertThat(outcome.problems()).hasSize(1);
    assertThat(outcome.problems().getFirst().message())
        .startsWith("the RRset is larger than 61440 octets");
  }

  @Test
  void rrsetOfTooManyRecordsIsRefused() {
    List<Record> records = new ArrayList<>(ZoneText.records(ZoneText.APEX));
    StringBuilder text = new StringBuilder("$ORIGIN example.\n$TTL 1\n");
    for (int i = 0; i < 4_096; i++) {
      text.append("big TYPE65280 \\# 2 ").append("%04x".formatted(i)).append('\n');
    }
    records.addAll(ZoneText.records(text.toString()));

    assertRefused(
        build(records),
        "4099 ERROR: more than 4095 records in one RRset: split it over several names");
    records.removeLast();
    Outcome outcome = build(records);
    assertServed(outcome);
    Zone zone = outcome.zone();
    assertThat(zone.recordCount(zone.rrset(zone.find(ZoneText.key("big.example.")), 65_280)))
        .isEqualTo(4_095);
  }

  @Test
  void nameOfTooManyTypesIsRefused() {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 256; i++) {
      lines.add("many TYPE" + (65_000 + i) + " \\# 1 00");
    }
    assertRefused(
        build(lines.toArray(String[]::new)),
        "259 ERROR: more than 255 types at one name: spread them over several names");
    Outcome outcome = build(lines.subList(0, 255).toArray(String[]::new));
    assertServed(outcome);
    Zone zone = outcome.zone();
    int node = zone.find(ZoneText.key("many.example."));
    assertThat(zone.typeCount(node)).isEqualTo(255);
    for (int i = 0; i < 255; i++) {
      assertThat(zone.typeAt(node, i)).isEqualTo(65_000 + i);
      assertThat(zone.rrset(node, 65_000 + i)).isEqualTo(zone.rrsetAt(node, i)).isNotZero();
    }
    assertThat(zone.rrset(node, 65_255)).isZero();
  }

  @Test
  void allErrorsAreReportedNotTheFirst() {
    Outcome outcome =
        build(
            "a CNAME ns",
            "a A 192.0.2.1",
            "d DNAME b.test.",
            "x.d A 192.0.2.1",
            "other. A 192.0.2.1",
            "@ SOA a b 1 2 3 4 5");

    assertThat(outcome.zone()).isNull();
    assertThat(outcome.problems()).hasSize(4);
    assertThat(outcome.problems())
        .allMatch(problem -> problem.severity() == ZoneProblem.Severity.ERROR);
  }

  @Test
  void problemsDoNotDependOnTheOrderOfRecords() {
    List<Record> records =
        ZoneText.records(
            ZoneText.APEX
                + """
                a CNAME ns
                a A 192.0.2.1
                d DNAME b.test.
                x.d A 192.0.2.1
                sub NS ns.sub
                @ NS alias
                alias CNAME ns
                t 60 A 192.0.2.1
                t 60 A 192.0.2.2
                """);
    List<String> wanted = sentences(records);
    Random random = new Random(7);
    for (int i = 0; i < 50; i++) {
      List<Record> shuffled = new ArrayList<>(records);
      Collections.shuffle(shuffled, random);
      assertThat(sentences(shuffled)).isEqualTo(wanted);
    }
    assertThat(wanted).hasSize(4);
  }

  private static List<String> sentences(List<Record> records) {
    return build(records).problems().stream().map(ZoneProblem::message).sorted().toList();
  }
}
