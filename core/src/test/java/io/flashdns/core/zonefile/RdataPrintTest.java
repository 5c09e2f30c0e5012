package io.flashdns.core.zonefile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.zonefile.TypeText.Field;
import io.flashdns.core.zonefile.TypeText.Row;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Data of one record as text, without a zone file: what is written is read back. */
class RdataPrintTest {
  @TempDir Path folder;

  private static ReadZone everyType() throws URISyntaxException {
    Path file =
        Path.of(
            Objects.requireNonNull(RdataPrintTest.class.getResource("/zonefile/every-type.zone"))
                .toURI());
    return ReadZone.file(file, ZoneFileLimits.defaults());
  }

  @Test
  void everyTypeIsWrittenInItsOwnFormAndReadBack() throws URISyntaxException {
    for (ReadZone.Delivered record : everyType().records()) {
      String text = RdataText.print(record.type(), record.rdata());
      assertThat(RdataText.parse(record.type(), text)).as(text).isEqualTo(record.rdata());
      assertThat(text.startsWith("\\#"))
          .as(RecordType.text(record.type()) + " " + text)
          .isEqualTo(!RdataText.hasText(record.type()));
    }
  }

  @Test
  void dataThatWasTamperedWithIsReadBackTooOrIsNoData() throws URISyntaxException {
    Random random = new Random(20_261_123);
    for (ReadZone.Delivered record : everyType().records()) {
      for (int i = 0; i < 100; i++) {
        byte[] octets = record.rdata().clone();
        if (octets.length > 0) {
          octets[random.nextInt(octets.length)] = (byte) random.nextInt();
          octets = Arrays.copyOf(octets, Math.max(0, octets.length - random.nextInt(3) / 2));
        }
        String text = RdataText.print(record.type(), octets);
        assertThat(text).matches("[ -~]*");
        boolean right =
            RdataCheck.whatIsWrong(record.type(), padded(octets), octets.length) == null;
        if (right) {
          assertThat(RdataText.parse(record.type(), text))
              .as(RecordType.text(record.type()) + " " + text)
              .isEqualTo(octets);
        } else {
          assertThat(text).isEqualTo(RdataText.generic(octets));
        }
      }
    }
  }

  private static byte[] padded(byte[] octets) {
    return Arrays.copyOf(octets, octets.length + 8);
  }

  @Test
  void typesWithoutATextFormAreWrittenAsOctets() {
    for (Row row : TypeText.ROWS) {
      assertThat(RdataText.hasText(row.type())).isEqualTo(!row.fields().contains(Field.NONE));
    }
    assertThat(RdataText.print(65_280, new byte[] {1, 2, 3})).isEqualTo("\\# 3 010203");
    assertThat(RdataText.print(65_280, new byte[0])).isEqualTo("\\# 0");
    assertThat(RdataText.parse(65_280, "\\# 0")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "A     | c0000201                           | 192.0.2.1",
        "AAAA  | 20010db8000000000000000000000001   | 2001:db8::1",
        "AAAA  | 20010db8000000010001000100010001   | 2001:db8:0:1:1:1:1:1",
        "AAAA  | 20010000000000010000000000000001   | 2001:0:0:1::1",
        "AAAA  | 20010db8000000000001000000000001   | 2001:db8::1:0:0:1",
        "AAAA  | 00000000000000000000000000000000   | ::",
        "AAAA  | 00010000000000000000000000000000   | 1::",
        "AAAA  | 00000000000000000000ffffc0000201   | ::ffff:192.0.2.1",
        "MX    | 000a00                             | 10 .",
        "TXT   | 03612262                           | \"a\\\"b\"",
        "TXT   | 025c00                             | \"\\\\\\000\"",
        "TXT   | 0001ff                             | \"\" \"\\255\"",
        "CAA   | 80056973737565" + "3b             | 128 issue \";\"",
        "NSEC  | 00000140                           | . A",
        "NSEC3PARAM | 0100000000                    | 1 0 0 -",
        "LOC   | 00121613800000008000000000989680   | 0 0 0.000 N 0 0 0.000 E 0.00m 1.00m 10000.00m"
            + " 10.00m",
        "LOC   | 00021613800000008000000000989680   | \\# 16 00021613800000008000000000989680",
        "HTTPS | 000100                             | 1 .",
        "HTTPS | 0001000001000302" + "6832          | 1 . alpn=\"h2\"",
        "HTTPS | 0001000001000403" + "612c5c        | 1 . alpn=\"a\\\\,\\\\\\\\\"",
        "SVCB  | 0001002710000161                   | 1 . key10000=\"a\"",
        "IPN   | ffffffffffffffff                   | 18446744073709551615"
      })
  void dataIsWrittenAsTheirRfcSays(String type, String octets, String text) {
    byte[] data = HexFormat.of().parseHex(octets.replace("\" + \"", ""));
    assertThat(RdataText.print(RecordType.parse(type), data)).isEqualTo(text);
    assertThat(RdataText.parse(RecordType.parse(type), text)).isEqualTo(data);
  }

  @Test
  void namesAreAbsolute() {
    assertThat(RdataText.parse(RecordType.NS, "Ns.Example.com"))
        .isEqualTo(DomainName.parse("Ns.Example.com.").wire());
    assertThat(RdataText.print(RecordType.NS, DomainName.parse("a\\.b.c.").wire()))
        .isEqualTo("a\\.b.c.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "192.0.2.1\n192.0.2.2",
        "192.0.2.1\nfoo 1 A 192.0.2.2",
        "(192.0.2.1",
        "192.0.2.1)",
        "192.0.2.1 ; a comment\nA",
        "\\# 4 c00002",
        "\\# 5 c000020101",
        "\\#",
        "\u0000",
        "192.0.2.1 \"",
        "$ORIGIN x."
      })
  void textThatIsNotOneDatumIsRefusedInASentence(String text) {
    assertThatThrownBy(() -> RdataText.parse(RecordType.A, text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching("[ -~]{10,}");
  }

  @Test
  void anEndOfLineAndParenthesesAreTaken() {
    assertThat(RdataText.parse(RecordType.A, "( 192.0.2.1\n) ; why\n"))
        .isEqualTo(new byte[] {(byte) 192, 0, 2, 1});
  }

  @Test
  @Tag("rfc3597")
  void theLongestDataIsReadAndWritten() {
    byte[] longest = new byte[65_535];
    new Random(1).nextBytes(longest);
    for (int type : new int[] {65_280, 61}) {
      String text = RdataText.print(type, longest);
      assertThat(RdataText.parse(type, text)).isEqualTo(longest);
    }
    for (int at = 0; at < longest.length; at += 256) {
      longest[at] = (byte) Math.min(255, longest.length - at - 1);
    }
    assertThat(RdataText.parse(RecordType.TXT, RdataText.print(RecordType.TXT, longest)))
        .isEqualTo(longest);
  }

  @Test
  void anyTextIsReadOrRefusedInASentence() {
    Random random = new Random(20_261_124);
    String characters = " \t\n\r\"\\()#;.@$*:=0123456789abcdefXYZ-_,\u0000é";
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int n = random.nextInt(24); n > 0; n--) {
        text.append(characters.charAt(random.nextInt(characters.length())));
      }
      int type = TypeText.ROWS.get(random.nextInt(TypeText.ROWS.size())).type();
      byte[] data;
      try {
        data = RdataText.parse(type, text.toString());
      } catch (IllegalArgumentException e) {
        assertThat(e).hasMessageMatching("(?s).{10,}");
        continue;
      }
      assertThat(RdataText.parse(type, RdataText.print(type, data))).isEqualTo(data);
    }
  }

  @Test
  void aFileIsReadWithTheOriginThatIsSaid() throws IOException {
    Path file = folder.resolve("upload.tmp");
    Files.writeString(file, "www 60 A 192.0.2.1\nbad 60 A x\n@ 60 MX 10 mail\n");
    List<String> owners = new ArrayList<>();
    List<ZoneFileProblem> problems =
        ZoneFile.read(
            file,
            DomainName.parse("example.org."),
            ZoneFileLimits.defaults(),
            (owner, at, _, _, _, _, _, _, _) ->
                owners.add(DomainName.ofWire(owner, at).toString()));
    assertThat(owners).containsExactly("www.example.org.", "example.org.");
    assertThat(problems).singleElement().satisfies(p -> assertThat(p.line()).isEqualTo(2));
  }
}
