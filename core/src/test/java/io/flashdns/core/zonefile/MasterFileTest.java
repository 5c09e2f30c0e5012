package io.flashdns.core.zonefile;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.dns.DomainName;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a right master file means (RFC 1035 §5). */
@Tag("rfc1035")
class MasterFileTest {
  @TempDir Path folder;

  private ReadZone read(String text) {
    ReadZone zone = ReadZone.text(folder, text);
    assertThat(zone.problems()).isEmpty();
    return zone;
  }

  @ParameterizedTest
  @CsvSource({
    "example.com.zone, example.com.",
    "root.zone, .",
    "Example.COM.zone, Example.COM.",
    "example.com, example.com.",
    "2.0.192.in-addr.arpa.zone, 2.0.192.in-addr.arpa.",
    "com.zone, com.",
    "a.zone.zone, a.zone."
  })
  void theFileNameGivesTheFirstOrigin(String name, String origin) {
    ReadZone zone =
        ReadZone.file(
            ReadZone.write(folder, name, "@ 60 A 192.0.2.1\n"), ZoneFileLimits.defaults());
    assertThat(zone.only().ownerText()).isEqualTo(origin);
  }

  @Test
  void theExampleOfTheStandardIsReadAsItSays() {
    ReadZone zone =
        read(
            """
            $ORIGIN ISI.EDU.
            $TTL 60
            @   IN  SOA     VENERA      Action\\.domains (
                                             20     ; SERIAL
                                             7200   ; REFRESH
                                             600    ; RETRY
                                             3600000; EXPIRE
                                             60)    ; MINIMUM

                    NS      A.ISI.EDU.
                    MX      10      VENERA

            A       A       26.3.0.103
            VENERA  A       10.1.0.52
                    A       128.9.0.32
            """);
    assertThat(zone.lines())
        .containsExactly(
            "ISI.EDU. 60 SOA 0656454e4552410349534903454455000e416374696f6e2e646f6d61696e730349534903454455"
                + "000000001400001c20000002580036ee800000003c",
            "ISI.EDU. 60 NS 01410349534903454455" + "00",
            "ISI.EDU. 60 MX 000a0656454e455241034953490345445500",
            "A.ISI.EDU. 60 A 1a030067",
            "VENERA.ISI.EDU. 60 A 0a010034",
            "VENERA.ISI.EDU. 60 A 80090020");
  }

  @Test
  void originMayBeRelativeAndChangesWhatFollowsOnly() {
    ReadZone zone =
        read(
            """
            $TTL 1
            a A 192.0.2.1
            $ORIGIN sub
            a A 192.0.2.1
            @ A 192.0.2.1
            $origin .
            a A 192.0.2.1
            $ORIGIN Other.example.
            a MX 1 b
            """);
    assertThat(zone.heads())
        .containsExactly(
            "a.example.com. 1 A",
            "a.sub.example.com. 1 A",
            "sub.example.com. 1 A",
            "a. 1 A",
            "a.Other.example. 1 MX");
    assertThat(zone.records().getLast().hex())
        .isEqualTo("0001" + "0162054f74686572076578616d706c6500");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "3600, 3600",
    "1h30m, 5400",
    "1H30M, 5400",
    "1w2d3h4m5s, 788645",
    "30m1h, 5400",
    "1h1h, 7200",
    "2147483647, 2147483647",
    "0s, 0"
  })
  void timesMayHaveUnits(String text, int seconds) {
    assertThat(read("$TTL " + text + "\na A 192.0.2.1\n").only().ttl()).isEqualTo(seconds);
    assertThat(read("a " + text + " A 192.0.2.1\n").only().ttl()).isEqualTo(seconds);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a 7 IN A 192.0.2.1",
        "a IN 7 A 192.0.2.1",
        "a 7 A 192.0.2.1",
        "a in 7 a 192.0.2.1",
        "a CLASS1 7 TYPE1 192.0.2.1",
        "a class1 7 type1 \\# 4 c0000201",
        "a 7 A \\# 4 C0 00 02 01",
        "a\t7\tA\t192.0.2.1",
        "  \n\t\n; comment\na 7 A 192.0.2.1 ; comment",
        "a 7 A 192.0.2.1;comment",
        "( a 7 A 192.0.2.1 )",
        "a ( 7\n A ; comment with ( and \" in it\n\n 192.0.2.1\n)",
        "a(7)A 192.0.2.1",
        "a.example.com. 7 A 192.0.2.1",
        "\\097 7 A 192.0.2.1",
        "\\a 7 A 192.0.2.1",
        "a 7 A 192.0.2.1\r\n",
        "\r\n\r\na 7 A 192.0.2.1\r\n\r\n",
        "\u00ef\u00bb\u00bfa 7 A 192.0.2.1",
        "a 7 A 192.0.2.1\n\n   \n\t; end"
      })
  void oneRecordMayBeWrittenInManyWays(String text) {
    assertThat(read(text).lines()).containsExactly("a.example.com. 7 A c0000201");
    assertThat(read(text + "\n").lines()).containsExactly("a.example.com. 7 A c0000201");
    String carriageReturns = text.replace("\r", "").replace("\n", "\r\n");
    assertThat(read(carriageReturns).lines()).containsExactly("a.example.com. 7 A c0000201");
  }

  @Test
  void aLineThatBeginsWithABlankHasTheOwnerBefore() {
    assertThat(
            read("$TTL 1\na A 192.0.2.1\n A 192.0.2.2\n\n;\n\tTXT x\nb A 192.0.2.1\n$TTL 2\n TXT y\n")
                .heads())
        .containsExactly(
            "a.example.com. 1 A",
            "a.example.com. 1 A",
            "a.example.com. 1 TXT",
            "b.example.com. 1 A",
            "b.example.com. 2 TXT");
  }

  @Test
  void typesAndClassesMayBeOwners() {
    assertThat(
            read("$TTL 1\nIN A 192.0.2.1\nA IN A 192.0.2.1\n1h A 192.0.2.1\nTXT TXT TXT\n").heads())
        .containsExactly(
            "IN.example.com. 1 A",
            "A.example.com. 1 A",
            "1h.example.com. 1 A",
            "TXT.example.com. 1 TXT");
  }

  @Test
  @Tag("rfc2308")
  void aTtlDirectiveHoldsForRecordsWithoutOneUntilTheNext() {
    assertThat(
            read("$TTL 5\na A 192.0.2.1\nb 9 A 192.0.2.1\nc A 192.0.2.1\n$TTL 6\nd A 192.0.2.1\n")
                .heads())
        .containsExactly(
            "a.example.com. 5 A", "b.example.com. 9 A", "c.example.com. 5 A", "d.example.com. 6 A");
  }

  @Test
  void withoutADirectiveTheLastTtlHolds() {
    assertThat(read("a 9 A 192.0.2.1\nb A 192.0.2.1\nc 8 A 192.0.2.1\nd IN A 192.0.2.1\n").heads())
        .containsExactly(
            "a.example.com. 9 A", "b.example.com. 9 A", "c.example.com. 8 A", "d.example.com. 8 A");
  }

  @Test
  void withoutAnyTtlTheMinimumOfTheSoaHoldsWithAWarning() {
    ReadZone zone = ReadZone.text(folder, "\n@ SOA a b 1 2 3 4 1h\n@ NS a\nc 5 NS a\nd NS a\n");
    assertThat(zone.heads())
        .containsExactly(
            "example.com. 3600 SOA",
            "example.com. 3600 NS",
            "c.example.com. 5 NS",
            "d.example.com. 3600 NS");
    assertThat(zone.places()).containsExactly("2 warning");
    assertThat(zone.problems().getFirst().reason()).contains("$TTL");
  }

  @Test
  void stringsKeepEveryOctet() {
    byte[] octets = new byte[256];
    StringBuilder escaped = new StringBuilder("a 1 TXT");
    for (int i = 0; i < 256; i++) {
      escaped.append(String.format(" \\%03d", i));
      octets[i] = (byte) i;
    }
    byte[] rdata = read(escaped.toString()).only().rdata();
    assertThat(rdata).hasSize(512);
    assertThat(
            IntStream.range(0, 256)
                .allMatch(i -> rdata[2 * i] == 1 && rdata[2 * i + 1] == octets[i]))
        .isTrue();
  }

  @Test
  void octetsAboveAsciiStandInStringsAsTheyAre() {
    String utf8 =
        new String("Zürich ✓".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    byte[] rdata = read("a 1 TXT \"" + utf8 + "\"").only().rdata();
    assertThat(new String(rdata, 1, rdata.length - 1, StandardCharsets.UTF_8))
        .isEqualTo("Zürich ✓");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a b c                | 016101620163",
        "\"a b\" c            | 03612062" + "0163",
        "\"a\"\"b\"c          | 016101620163",
        "a\"b c\"d            | 016103622063" + "0164",
        "\"\"                 | 00",
        "\"\" \"\"            | 0000",
        "\"a;b(c)\"           | 06613b62286329",
        "\\\"a\\\"            | 03226122",
        "\"\\\"\\\\\\065\"    | 03225c41",
        "a\\ b                | 03612062",
        "\\;a\\(              | 033b6128",
        "\"\\\\\"             | 015c",
        "key=\"a b\"          | 046b65793d03612062",
        "@                    | 0140",
        "\"\ta\"              | 020961"
      })
  void stringsEndAtBlanksAndQuotes(String text, String rdata) {
    assertThat(read("x 1 TXT " + text.strip()).only().hex()).isEqualTo(rdata);
  }

  @Test
  @Tag("rfc2181")
  void labelsKeepEveryOctetAndTheirCase() {
    for (int i = 0; i < 256; i++) {
      String name = String.format("x\\%03dY.Sub", i);
      byte[] owner = read(name + " 1 CNAME " + name).only().owner();
      assertThat(owner[2] & 0xff).isEqualTo(i);
      assertThat(owner).startsWith(3, 'x').endsWith(read(name + " 1 CNAME " + name).only().rdata());
      assertThat(owner[3]).isEqualTo((byte) 'Y');
      // What is written by the server itself is read as the same name.
      String written = DomainName.ofWire(owner, 0).toString();
      assertThat(read(written + " 1 A 192.0.2.1").only().owner()).isEqualTo(owner);
    }
  }

  @Test
  void aDotThatIsEscapedIsPartOfItsLabel() {
    assertThat(read("a\\.b 1 CNAME c\\\\.").only().owner()).startsWith(3, 'a', '.', 'b', 7);
    assertThat(read("a\\.b 1 CNAME c\\\\.").only().hex()).isEqualTo("02635c00");
    assertThat(read("a\\046b 1 CNAME c\\.").only().hex())
        .isEqualTo("02632e" + "076578616d706c6503636f6d00");
    assertThat(read("\\@ 1 CNAME .").only().owner()).startsWith(1, '@', 7);
    assertThat(read("\\$TTL 1 CNAME .").only().owner()).startsWith(4, '$', 'T');
  }

  @Test
  void namesOf255OctetsAnd127LabelsAreRead() {
    String longest = ("a".repeat(63) + ".").repeat(3) + "b".repeat(61) + ".";
    String deepest = "a.".repeat(127);
    assertThat(read(longest + " 1 CNAME " + longest).only().owner()).hasSize(255);
    assertThat(read(deepest + " 1 CNAME " + deepest).only().owner()).hasSize(255);
    String relative = ("a".repeat(63) + ".").repeat(3) + "b".repeat(49);
    assertThat(read(relative.substring(1) + " 1 CNAME " + relative).only().rdata()).hasSize(255);
    String escaped = ("\\097".repeat(63) + ".").repeat(3) + "\\098".repeat(61) + ".";
    assertThat(read(escaped + " 1 A 192.0.2.1").only().owner()).hasSize(255);
  }

  @Test
  void blocksMayEndAnywhere() {
    String record =
        "some-owner 3600 IN TXT \"a string \\\" with \\\\ escapes\" plain\\032token ( \n more ) ; end\r\n";
    for (int lead = 0; lead < record.length(); lead++) {
      int before = EntryScanner.BLOCK_BYTES - lead;
      String text = ";" + "-".repeat(before - 2) + "\n" + record + record;
      ReadZone zone = read(text);
      assertThat(zone.lines()).hasSize(2);
      assertThat(zone.records().getFirst().hex()).isEqualTo(zone.records().getLast().hex());
      assertThat(zone.records().getFirst().rdata()).hasSize(43);
      assertThat(zone.records().getLast().position()).isEqualTo(4);
    }
  }

  @Test
  void everyRecordCarriesTheLineItBeginsOn() {
    ReadZone zone = read("\n$TTL 1\na A 192.0.2.1\n\nb (\n A\n 192.0.2.1\n)\nc TXT x\n");
    assertThat(zone.records().stream().map(ReadZone.Delivered::position))
        .containsExactly(3L, 5L, 9L);
  }

  @Test
  void dataOf65535OctetsIsReadFromAnyForm() throws Exception {
    String strings = (" \"" + "\\255".repeat(254) + "\"").repeat(257);
    assertThat(read("a 1 TXT" + strings).only().rdata()).hasSize(65_535);
    assertThat(read("a 1 TYPE65000 \\# 65535 " + "0a".repeat(65_535)).only().rdata())
        .hasSize(65_535);
    assertThat(read("a 1 TYPE65000 \\# 65535 (" + "0 a\n ".repeat(65_535) + ")").only().rdata())
        .hasSize(65_535);
    String base64 = Base64.getEncoder().encodeToString(new byte[65_535]);
    assertThat(read("a 1 OPENPGPKEY " + base64).only().rdata()).hasSize(65_535);
    assertThat(
            read(" \n" + "$ORIGIN b.\na 1 CAA 0 issue \"" + "x".repeat(65_528) + "\"")
                .only()
                .rdata())
        .hasSize(65_535);
    assertThat(Files.size(folder.resolve(ReadZone.FILE_NAME))).isGreaterThan(65_535);
  }
}
