package io.flashdns.core.zone;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.Message;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

/**
 * Every RRset, written at whatever offset and with whatever owner, must be read by a library as the
 * records that were put in.
 */
final class RrsetWriteTest {
  private static final String TEXT =
      ZoneText.APEX
          + """
          @        NS    ns2.example.
          @        NS    example.
          @        NS    a.very.long.chain.of.labels.example.
          @        NS    labels.elsewhere.test.
          @        NS    more.labels.elsewhere.test.
          @        NS    .
          @        MX    10 mail
          @        MX    20 MAIL2
          @        MX    30 example.
          @        MX    40 mail.mail
          mail     A     192.0.2.25
          mail     A     192.0.2.26
          mail     AAAA  2001:db8::25
          c        CNAME mail
          c2       CNAME c2.c2
          c3       CNAME example.
          c4       CNAME .
          c5       CNAME x.c5.example.org.
          ptr      PTR   ptr
          ptr      PTR   a.ptr
          ptr      PTR   b.a.ptr
          ptr      PTR   b.a.ptr.example.org.
          ptr      PTR   a.ptr.example.org.
          *.w      MX    10 *.w
          *.w      MX    20 x.*.w
          *.w      NS    *.w
          minfo    MINFO a.minfo b.a.minfo
          mb       MB    mb
          mg       MG    x.mb
          mr       MR    example.
          md       MD    x.md
          mf       MF    x.md
          srv      SRV   1 2 3 mail
          srv      SRV   1 2 3 srv
          kx       KX    1 mail
          rp       RP    mail example.
          dn       DNAME mail
          svc      HTTPS 0 mail
          txt      TXT   "" "text" "\\000\\255"
          empty    TYPE65280 \\# 0
          many     A     192.0.2.1
          many     A     192.0.2.2
          many     A     192.0.2.3
          many     A     192.0.2.4
          sub      NS    ns.sub
          sub      NS    ns2.sub
          sub      NS    sub
          sub      NS    ns.other
          ns.sub   A     192.0.2.3
          \\000\\.  MX    1 \\000\\.
          \\000\\.  MX    1 \\.\\000\\.
          """;

  private final List<Record> records = ZoneText.records(TEXT);
  private final Zone zone = ZoneText.zone(records);
  private final byte[] reply = new byte[Wire.MAX_MESSAGE_BYTES + 16];

  /** What one test does with each RRset of the zone. */
  private interface RrsetTask {
    void run(int node, DomainName owner, int type, int rrset) throws IOException;
  }

  private void forEachRrset(RrsetTask task) throws IOException {
    for (int i = 0; i < zone.nodeCount(); i++) {
      int node = zone.nodeInOrder(i);
      for (int t = 0; t < zone.typeCount(node); t++) {
        task.run(node, zone.owner(node), zone.typeAt(node, t), zone.rrsetAt(node, t));
      }
    }
  }

  /**
   * Header, question, and records of the type NULL that fill up to an offset; returns that offset.
   */
  private int begin(DomainName question, int fill) {
    Arrays.fill(reply, (byte) 0xaa);
    Arrays.fill(reply, 0, 12, (byte) 0);
    Wire.put16(reply, Wire.FLAGS, Wire.QR);
    Wire.put16(reply, Wire.QDCOUNT, 1);
    int at = question.writeTo(reply, 12);
    Wire.put16(reply, at, 1);
    Wire.put16(reply, at + 2, 1);
    at += 4;
    if (fill > 0) {
      reply[at] = 0;
      Wire.put16(reply, at + 1, 10);
      Wire.put16(reply, at + 3, 1);
      Wire.put32(reply, at + 5, 0);
      Wire.put16(reply, at + 9, fill);
      at += 11 + fill;
    }
    Wire.put16(reply, Wire.ANCOUNT, fill > 0 ? 1 : 0);
    return at;
  }

  private void assertReadsAs(int end, int rrset, DomainName owner, DomainName zoneOwner, int type)
      throws IOException {
    int before = Wire.u16(reply, Wire.ANCOUNT);
    Wire.put16(reply, Wire.ANCOUNT, before + zone.recordCount(rrset));
    Message message = new Message(Arrays.copyOf(reply, end));
    List<Record> read =
        message.getSection(Section.ANSWER).subList(before, before + zone.recordCount(rrset));

    List<String> wanted = new ArrayList<>();
    for (Record record : records) {
      if (record.getType() == type
          && DomainName.parse(record.getName().toString()).equals(zoneOwner)) {
        wanted.add(text(record.getTTL(), record));
      }
    }
    assertThat(read)
        .allSatisfy(
            record -> assertThat(DomainName.parse(record.getName().toString())).isEqualTo(owner));
    assertThat(read.stream().map(record -> text(record.getTTL(), record)).toList())
        .containsExactlyInAnyOrderElementsOf(wanted);
    // No octet is left over: one less, and the message is cut short.
    assertThat(isWhole(Arrays.copyOf(reply, end - 1))).isFalse();
  }

  private static boolean isWhole(byte[] octets) {
    try {
      return new Message(octets).getHeader() != null;
    } catch (IOException _) {
      return false;
    }
  }

  /** TTL, type and whole data in hexadecimal digits, letters of names in lower case. */
  private static String text(long ttl, Record record) {
    return ttl
        + " "
        + record.getType()
        + " "
        + HexFormat.of().formatHex(record.rdataToWireCanonical()).toLowerCase(Locale.ROOT);
  }

  private static int apexOffset(DomainName question, Zone zone) {
    return 12 + question.length() - zone.apexLength();
  }

  @Test
  @Tag("rfc1035")
  void rrsetIsWrittenCompressedAtAnyOffset() throws IOException {
    Random random = new Random(31);
    for (int round = 0; round < 40; round++) {
      int fill = round == 0 ? 0 : 1 + random.nextInt(15_000);
      forEachRrset(
          (node, owner, type, rrset) -> {
            int at = begin(owner, fill);
            int apex = apexOffset(owner, zone);
            assertThat(zone.canCompress(rrset, at, apex)).isTrue();

            int end = zone.write(rrset, reply, at, reply.length, 12, apex);

            assertThat(end).isEqualTo(at + zone.wireLength(rrset));
            assertReadsAs(end, rrset, owner, owner, type);
          });
    }
  }

  @Test
  void rrsetOfAWildcardIsWrittenForAnotherOwner() throws IOException {
    DomainName asked = DomainName.parse("a.b.w.example.");
    int node = zone.find(ZoneText.key("*.w.example."));
    for (int type : new int[] {RecordType.MX, RecordType.NS}) {
      int at = begin(asked, 7);
      int rrset = zone.rrset(node, type);

      int end = zone.write(rrset, reply, at, reply.length, 12, apexOffset(asked, zone));

      assertReadsAs(end, rrset, asked, DomainName.parse("*.w.example."), type);
    }
  }

  @Test
  void rrsetIsWrittenWholeWhereNoPointerReaches() throws IOException {
    for (int fill : new int[] {1, 16_300, 16_400, 40_000}) {
      forEachRrset(
          (node, owner, type, rrset) -> {
            int at = begin(owner, fill);

            int end = zone.writeWhole(node, rrset, reply, at, reply.length, 12);

            assertThat(end).isPositive();
            assertReadsAs(end, rrset, owner, owner, type);
          });
    }
  }

  @Test
  void compressionEndsWhereAPointerWouldNotReach() throws IOException {
    forEachRrset(
        (node, owner, type, rrset) -> {
          for (int at : new int[] {15_000, 16_000, 16_128, 16_384, 17_000}) {
            boolean can = zone.canCompress(rrset, at, 12);
            // Only RRsets whose data have pointers care where they stand.
            assertThat(can || at > Wire.MAX_POINTER - zone.wireLength(rrset) - 255).isTrue();
            assertThat(
                    can
                        && at >= Wire.MAX_POINTER
                        && List.of(RecordType.MX, RecordType.SOA).contains(type))
                .isFalse();
          }
        });
    int soa = zone.rrset(zone.apexNode(), RecordType.SOA);
    assertThat(zone.canCompress(soa, 12, 0)).as("without the apex in the reply").isFalse();
  }

  @Test
  void rrsetIsWrittenWithItsOwnOwner() throws IOException {
    for (String text : List.of("example.", "www.example.", "a.b.c.d.example.")) {
      DomainName question = DomainName.parse(text);
      for (int fill : new int[] {0, 5, 16_000, 16_350, 16_372, 16_384, 20_000}) {
        forEachRrset(
            (node, owner, type, rrset) -> {
              int at = begin(question, fill);

              int end =
                  zone.writeWithOwner(
                      node, rrset, reply, at, reply.length, apexOffset(question, zone));

              assertReadsAs(end, rrset, owner, owner, type);
            });
      }
    }
  }

  @Test
  void rrsetIsWrittenWithItsOwnOwnerWhereTheApexIsNotInTheReply() throws IOException {
    DomainName question = DomainName.parse("www.example.org.");
    for (int fill : new int[] {0, 5, 16_372, 16_384, 20_000}) {
      forEachRrset(
          (node, owner, type, rrset) -> {
            int at = begin(question, fill);

            int end = zone.writeWithOwner(node, rrset, reply, at, reply.length, 0);

            assertReadsAs(end, rrset, owner, owner, type);
          });
    }
  }

  @Test
  void nothingIsWrittenBeyondTheLimit() throws IOException {
    forEachRrset(
        (node, owner, type, rrset) -> {
          int apex = apexOffset(owner, zone);
          assertStaysWithin(owner, (at, limit) -> zone.write(rrset, reply, at, limit, 12, apex));
          assertStaysWithin(
              owner, (at, limit) -> zone.writeWhole(node, rrset, reply, at, limit, 12));
          assertStaysWithin(
              owner, (at, limit) -> zone.writeWhole(node, rrset, reply, at, limit, 0));
          assertStaysWithin(
              owner, (at, limit) -> zone.writeWithOwner(node, rrset, reply, at, limit, apex));
          assertStaysWithin(
              owner, (at, limit) -> zone.writeWithOwner(node, rrset, reply, at, limit, 0));
        });
  }

  private interface Writer {
    int write(int at, int limit);
  }

  /**
   * What fits exactly is written; with one octet less it is refused and nothing behind the limit is
   * touched.
   */
  private void assertStaysWithin(DomainName question, Writer writer) {
    int at = begin(question, 0);
    int end = writer.write(at, reply.length);
    at = begin(question, 0);
    assertThat(writer.write(at, end)).isEqualTo(end);
    for (int less = 1; less < end - at; less++) {
      at = begin(question, 0);
      assertThat(writer.write(at, end - less)).isEqualTo(-1);
      assertThat(reply[end - less]).isEqualTo((byte) 0xaa);
    }
  }

  @Test
  void ownersAndTargetsAreWrittenWhole() throws IOException {
    forEachRrset(
        (node, owner, type, rrset) -> {
          byte[] name = new byte[255 + 9];
          int end = zone.writeOwner(node, name, 9);
          assertThat(DomainName.ofWire(name, 9)).isEqualTo(owner);
          assertThat(end).isEqualTo(9 + owner.length());
        });
    for (String alias : List.of("c", "c2", "c3", "c4", "c5")) {
      DomainName owner = DomainName.parse(alias + ".example.");
      int node = zone.find(ZoneText.key(owner));
      byte[] name = new byte[300];
      int end = zone.writeTarget(node, zone.rrset(node, RecordType.CNAME), name, 3);
      DomainName wanted =
          records.stream()
              .filter(record -> DomainName.parse(record.getName().toString()).equals(owner))
              .map(record -> DomainName.parse(record.rdataToString()))
              .findFirst()
              .orElseThrow();
      assertThat(DomainName.ofWire(name, 3)).isEqualTo(wanted);
      assertThat(end).isEqualTo(3 + wanted.length());
    }
  }

  @Test
  void nameServersOfOneDomainCostFourOctetsEach() {
    StringBuilder text = new StringBuilder(ZoneText.APEX);
    for (char server = 'a'; server <= 'm'; server++) {
      text.append("com NS ").append(server).append(".gtld-servers.net.\n");
    }
    Zone delegating = ZoneText.zone(text.toString());
    int rrset = delegating.rrset(delegating.find(ZoneText.key("com.example.")), RecordType.NS);

    // 12 before each record's data; the first name is 20 octets, each other one label and a
    // pointer.
    assertThat(delegating.wireLength(rrset)).isEqualTo(13 * 12 + 20 + 12 * 4);
  }

  @Test
  @Tag("rfc3597")
  void namesInDataOfNewerTypesStandWhole() {
    for (String owner : List.of("srv", "kx", "rp", "dn", "svc")) {
      int node = zone.find(ZoneText.key(owner + ".example."));
      int rrset = zone.rrsetAt(node, 0);
      int type = zone.typeAt(node, 0);
      Record first =
          records.stream()
              .filter(
                  record ->
                      record.getType() == type
                          && record.getName().toString().equals(owner + ".example."))
              .findFirst()
              .orElseThrow();
      byte[] wire = first.toWire(Section.ANSWER);
      byte[] data = Arrays.copyOfRange(wire, first.getName().length() + 10, wire.length);

      assertThat(zone.firstRecordDataLength(rrset)).isEqualTo(data.length);
      int at = zone.firstRecordData(rrset);
      assertThat(Arrays.copyOfRange(zone.data(), at, at + data.length)).isEqualTo(data);
    }
  }

  @Test
  void largeSetsOfNamesAreWrittenWholeAndReadBack() throws IOException {
    StringBuilder text = new StringBuilder(ZoneText.APEX);
    for (int i = 0; i < 1_500; i++) {
      text.append("big MX ")
          .append(i)
          .append(" h")
          .append(i)
          .append(".x")
          .append(i % 7)
          .append('\n');
    }
    List<Record> bigRecords = ZoneText.records(text.toString());
    Zone big = ZoneText.zone(bigRecords);
    int node = big.find(ZoneText.key("big.example."));
    int rrset = big.rrset(node, RecordType.MX);
    DomainName question = DomainName.parse("big.example.");
    int at = begin(question, 0);

    assertThat(big.canCompress(rrset, at, apexOffset(question, big))).isFalse();
    int end = big.writeWhole(node, rrset, reply, at, Wire.MAX_MESSAGE_BYTES, 12);

    assertThat(end).isBetween(20_000, Wire.MAX_MESSAGE_BYTES);
    Wire.put16(reply, Wire.ANCOUNT, 1_500);
    TreeMap<String, Integer> read = new TreeMap<>(Comparator.naturalOrder());
    for (Record record : new Message(Arrays.copyOf(reply, end)).getSection(Section.ANSWER)) {
      read.merge(text(record.getTTL(), record), 1, Integer::sum);
    }
    assertThat(read).hasSize(1_500);
    for (Record record : bigRecords.subList(3, bigRecords.size())) {
      assertThat(read).containsKey(text(record.getTTL(), record));
    }
  }

  @Test
  void signaturesAndNegativeSoaBelongToTheirRrsets() {
    Zone signed =
        ZoneText.zone(
            ZoneText.APEX
                + """
                @ RRSIG SOA 13 1 3600 20360101000000 20260101000000 1 example. AAAA
                @ RRSIG NS 13 1 3600 20360101000000 20260101000000 1 example. AAAB
                @ RRSIG SOA 13 1 3600 20360101000000 20260101000000 2 example. AAAC
                @ NSEC ns NS SOA RRSIG NSEC
                """);
    int apex = signed.apexNode();
    int soa = signed.rrset(apex, RecordType.SOA);

    assertThat(signed.isSigned()).isTrue();
    assertThat(signed.recordCount()).isEqualTo(7);
    assertThat(signed.recordCount(signed.signatures(soa))).isEqualTo(2);
    assertThat(signed.recordCount(signed.signatures(signed.rrset(apex, RecordType.NS))))
        .isEqualTo(1);
    assertThat(signed.signatures(signed.rrset(apex, RecordType.NSEC))).isZero();
    assertThat(signed.ttl(soa)).isEqualTo(3_600);
    assertThat(signed.ttl(signed.signatures(soa))).isEqualTo(3_600);
    assertThat(signed.ttl(signed.negativeSoa())).isEqualTo(300);
    assertThat(signed.ttl(signed.signatures(signed.negativeSoa()))).isEqualTo(300);
  }
}
