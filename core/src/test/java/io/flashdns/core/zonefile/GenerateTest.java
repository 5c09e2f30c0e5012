package io.flashdns.core.zonefile;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code $GENERATE} as BIND defines it; the expected values are those that its checker prints. */
class GenerateTest {
  @TempDir Path folder;

  private ReadZone read(String text) {
    return ReadZone.text(folder, text);
  }

  /** The strings of the only TXT record, with a bar between them. */
  private String generated(String range, String variable) {
    ReadZone zone = read("$TTL 1\n$GENERATE " + range + " x TXT \"" + variable + "\"\n");
    byte[] rdata = zone.only().rdata();
    StringBuilder text = new StringBuilder();
    for (int at = 0; at < rdata.length; at += 1 + rdata[at]) {
      text.append(at == 0 ? "" : "|")
          .append(new String(rdata, at + 1, rdata[at], StandardCharsets.US_ASCII));
    }
    return text.toString();
  }

  @Test
  void everyStepMakesARecord() {
    ReadZone zone =
        read("$TTL 1h\n$GENERATE 1-10/4 host$ 30 IN A 10.0.$.1\n$GENERATE 0-1 $ CNAME host$\n");
    assertThat(zone.lines())
        .containsExactly(
            "host1.example.com. 30 A 0a000101",
            "host5.example.com. 30 A 0a000501",
            "host9.example.com. 30 A 0a000901",
            "0.example.com. 3600 CNAME 05686f737430076578616d706c6503636f6d00",
            "1.example.com. 3600 CNAME 05686f737431076578616d706c6503636f6d00");
    assertThat(zone.records())
        .extracting(ReadZone.Delivered::position)
        .containsExactly(2L, 2L, 2L, 3L, 3L);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "17-17   | $                | 17",
        "17-17   | a$b              | a17b",
        "17-17   | ${0}             | 17",
        "17-17   | ${5}             | 22",
        "17-17   | ${-5}            | 12",
        "2-2     | ${-5}            | -3",
        "1-1     | ${-4,5,d}        | -0003",
        "1-1     | ${-1,3,d}        | 000",
        "17-17   | ${0,5}           | 00017",
        "17-17   | ${0,1}           | 17",
        "17-17   | ${0,5,d}         | 00017",
        "17-17   | ${0,,d}          | 17",
        "17-17   | ${0,0,o}         | 21",
        "171-171 | ${0,4,x}         | 00ab",
        "171-171 | ${0,4,X}         | 00AB",
        "171-171 | ${0,1,n}         | b.a",
        "171-171 | ${0,3,n}         | b.a",
        "171-171 | ${0,4,n}         | b.a.",
        "171-171 | ${0,5,N}         | B.A.0",
        "171-171 | ${0,0,n}         | b.a",
        "0-0     | ${0,0,n}         | 0",
        "0-0     | ${0,3,n}         | 0.0",
        "17-17   | \\$              | $",
        "17-17   | $$               | $",
        "17-17   | \\$$             | $17",
        "17-17   | \\\\$            | \\17",
        "2147483646-2147483647/2 | $ | 2147483646"
      })
  void theNumberTakesTheFormThatIsAskedFor(String range, String variable, String value) {
    assertThat(generated(range.strip(), variable.strip())).isEqualTo(value);
  }

  @Test
  void dataInQuotesIsTakenWithoutThem() {
    assertThat(read("$TTL 1\n$GENERATE 1-1 a$ MX \"10 h$\"\n").only().hex())
        .isEqualTo(read("$TTL 1\na1 MX 10 h1\n").only().hex());
    assertThat(generated("1-1", "\\\"hello $\\\" b")).isEqualTo("hello 1|b");
    assertThat(generated("17-17", "a $ ${0,3}")).isEqualTo("a|17|017");
  }

  @Test
  void dataOfSeveralTokensIsWrittenAsInAnyRecord() {
    assertThat(read("$TTL 1\n$GENERATE 1-1 a$ MX 10 h$\n").only().hex())
        .isEqualTo(read("$TTL 1\na1 MX 10 h1\n").only().hex());
    assertThat(read("$TTL 1\n$GENERATE 1-1 a$ TXT \"x $\" \"y;\" (\n z\n)\n").only().hex())
        .isEqualTo(read("$TTL 1\na1 TXT \"x 1\" \"y;\" z\n").only().hex());
    assertThat(read("$TTL 1\n$GENERATE 1-1 a$ SVCB 1 . port=\"80$\" alpn=h2\n").only().hex())
        .isEqualTo(read("$TTL 1\na1 SVCB 1 . alpn=h2 port=801\n").only().hex());
  }

  @Test
  void anyTypeCanBeGenerated() {
    ReadZone zone =
        read(
            "$TTL 1\n$GENERATE 1-2 a$ DS \"$ 8 2 ${0,64,x}\"\n$GENERATE 1-2 a$ TYPE65280 \"\\# 2 ${0,4,x}\"\n"
                + "$GENERATE 1-2 a$ AAAA 2001:db8::${0,4,x}\n$GENERATE 18-18 ${0,3,n}.8.b.d.0.1.0.0.2.ip6.arpa. PTR a$\n");
    assertThat(zone.problems()).isEmpty();
    assertThat(zone.records()).hasSize(7);
    assertThat(zone.records().get(3).hex()).isEqualTo("0002");
    assertThat(zone.records().getLast().ownerText()).isEqualTo("2.1.8.b.d.0.1.0.0.2.ip6.arpa.");
  }

  @Test
  void theOwnerBeforeStaysTheOwnerBehind() {
    assertThat(
            read("$TTL 1\nfoo A 192.0.2.1\n$GENERATE 1-1 q$ A 192.0.2.$\n A 192.0.2.2\n").heads())
        .containsExactly("foo.example.com. 1 A", "q1.example.com. 1 A", "foo.example.com. 1 A");
  }

  @Test
  void relativeOwnersAndTheApexTakeTheOrigin() {
    assertThat(
            read("$TTL 1\n$ORIGIN sub\n$GENERATE 1-1 @ A 192.0.2.$\n$GENERATE 1-1 a$.example.net. A 192.0.2.$\n")
                .heads())
        .containsExactly("sub.example.com. 1 A", "a1.example.net. 1 A");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "3-1 p TXT $",
        "1-3/0 p TXT $",
        "1-3/ p TXT $",
        "1 p TXT $",
        "-1-3 p TXT $",
        "1-2147483648 p TXT $",
        "x p TXT $",
        "1-x p TXT $",
        "1-2-3 p TXT $",
        "1-2//2 p TXT $",
        "1-99999999999999999999 p TXT $",
        "1-2 p TXT ${}",
        "1-2 p TXT ${1",
        "1-2 p TXT ${1,2,q}",
        "1-2 p TXT ${1,2,dd}",
        "1-2 p TXT ${1,2,d,}",
        "1-2 p TXT ${a}",
        "1-2 p TXT ${0,-1}",
        "1-2 p TXT ${0,256,d}",
        "1-2 p TXT ${0,x}",
        "2147483647-2147483647 p TXT ${1}",
        "1-2 p TXT ${99999999999}",
        "1-2 \"q$\" A 192.0.2.1",
        "1-2 p",
        "1-2 p TXT",
        "1-2 p FOO x",
        "1-2 p A x",
        "1-2 p CH TXT x",
        "1-2 p TXT \"( x\"",
        "1-2 p TXT \"x )\"",
        "1-2 a..b A 192.0.2.1",
        "1-2 p TXT \"\\\"x\"",
        "1-2 p ANY x"
      })
  void aWrongDirectiveIsReportedOnceAndMakesNothing(String directive) {
    ReadZone zone = read("$TTL 1\n\n$GENERATE " + directive + "\na A 192.0.2.1\n");
    assertThat(zone.places()).containsExactly("3 error");
    assertThat(zone.heads()).containsExactly("a.example.com. 1 A");
  }

  @Test
  void anErrorInOneStepEndsTheDirective() {
    ReadZone zone = read("$TTL 1\n$GENERATE 254-300 a$ A 192.0.2.$\nb A 192.0.2.1\n");
    assertThat(zone.places()).containsExactly("2 error");
    assertThat(zone.problems().getFirst().reason()).startsWith("in step 256 of $GENERATE ");
    assertThat(zone.heads())
        .containsExactly("a254.example.com. 1 A", "a255.example.com. 1 A", "b.example.com. 1 A");
  }

  @Test
  void stepsAreBoundedInAll() {
    ZoneFileLimits limits = new ZoneFileLimits(false, 5, 10, 65_536, 1 << 20, 10);
    String text =
        "$TTL 1\n$GENERATE 1-8 a$ A 192.0.2.$\n$GENERATE 1-3 b$ A 192.0.2.$\n$GENERATE 1-2 c$ A 192.0.2.$\n";
    ReadZone zone = ReadZone.text(folder, text, limits);
    assertThat(zone.places()).containsExactly("3 error");
    assertThat(zone.problems().getFirst().reason())
        .contains("asks for 3 records, but only 10 are allowed");
    assertThat(zone.records()).hasSize(10);
  }

  @Test
  void generatedTextCountsAgainstTheSizeOfTheZone() {
    ZoneFileLimits limits = new ZoneFileLimits(false, 5, 10_000, 65_536, 100_000, 10);
    ReadZone zone =
        ReadZone.text(folder, "$TTL 1\n$GENERATE 1-10000 a$ TXT " + "x".repeat(200) + "\n", limits);
    assertThat(zone.places()).containsExactly("0 error");
    assertThat(zone.records()).hasSizeBetween(300, 500);
  }

  @Test
  void manyDirectivesShareNothing() {
    List<String> heads =
        read("$TTL 1\n$GENERATE 1-1 long-owner-$ TXT long\n$GENERATE 2-2 $ TXT x\n").lines();
    assertThat(heads)
        .containsExactly("long-owner-1.example.com. 1 TXT 046c6f6e67", "2.example.com. 1 TXT 0178");
  }
}
