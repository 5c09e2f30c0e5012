package io.flashdns.core.zonefile;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every error is found, at its line, in words that help; what stands around it is read. */
class ZoneFileErrorTest {
  private static final String HEAD = "$TTL 1h\nfirst A 192.0.2.1\n";
  private static final String TAIL = "\nlast A 192.0.2.2\n";

  @TempDir Path folder;

  private ReadZone read(String text) {
    return ReadZone.text(folder, text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        // Heads of records
        "a                             | type is missing",
        "a 60                          | type is missing",
        "a IN                          | type is missing",
        "a A                           | ends too early",
        "a FOO 1.2.3.4                 | 'FOO' is no record type",
        "a TYPE65536 \\# 0             | 'TYPE65536' is no record type",
        "a TYPE \\# 0                  | 'TYPE' is no record type",
        "a TYPE1x \\# 0                | is no record type",
        "a \"A\" 192.0.2.1             | is no record type",
        "a 1 2 A 192.0.2.1             | second TTL",
        "a IN IN A 192.0.2.1           | second class",
        "a CH TXT x                    | only IN",
        "a HS TXT x                    | only IN",
        "a CLASS3 TXT x                | only IN",
        "a 1x A 192.0.2.1              | no time",
        "a 1h30 A 192.0.2.1            | no time",
        "a 2147483648 A 192.0.2.1      | no time from 0 to 2147483647",
        "a 99999999999999999999 A 1.1.1.1 | no time",
        "a 9999999999w A 192.0.2.1     | no time",
        "a -1 A 192.0.2.1              | '-1' is no record type",
        "a OPT \\# 0                   | questions and messages only",
        "a ANY \\# 0                   | questions and messages only",
        "a AXFR x                      | questions and messages only",
        "a TYPE0 \\# 0                 | questions and messages only",
        "a TYPE41 \\# 0                | questions and messages only",
        "a TYPE200 \\# 0               | questions and messages only",
        "a NXNAME \\# 0                | questions and messages only",
        // Names
        "a..b A 192.0.2.1              | empty label",
        ".a A 192.0.2.1                | empty label",
        "a.. A 192.0.2.1               | empty label",
        "\"a\" A 192.0.2.1             | in quotes",
        "\"\" A 192.0.2.1              | in quotes",
        "a\\25 A 192.0.2.1             | escape",
        "a\\1b2 A 192.0.2.1            | escape",
        "a\\256 A 192.0.2.1            | octets end at \\255",
        "a\\ A 192.0.2.1 \\            | backslash ends the line",
        "b\u00c3\u00bccher A 192.0.2.1 | xn--",
        "a CNAME b\u00c3\u00bccher     | xn--",
        "a CNAME \"b\"                 | in quotes",
        "a CNAME b c                   | surplus text 'c'",
        "a CNAME b..c                  | empty label",
        // Directives
        "$TTL                          | missing",
        "$TTL x                        | no time",
        "$TTL 1 2                      | remove the rest",
        "$TTL 2147483648               | no time",
        "$FOO 1                        | '$FOO' is no directive",
        "$                             | is no directive",
        "$INCLUDE other.zone           | zones.include",
        "$GENERATE 1-2 a$              | ends too early",
        // Tokens
        "a TXT \"b                     | not closed",
        "a TXT b\"                     | not closed",
        "a TXT b )                     | never opened",
        ")                             | never opened",
        "a TXT ( ( b ) )               | do not nest",
        "a TXT \u0000b                 | octet of value zero",
        "a TXT \"\u0000b\"             | octet of value zero",
        "a TXT \\\u0000b               | octet of value zero"
      })
  void anErrorIsReportedOnceAndAtItsLine(String line, String words) {
    ReadZone zone = read(HEAD + line + TAIL);
    assertThat(zone.places()).containsExactly("3 error");
    assertThat(zone.problems().getFirst().reason()).contains(words);
    assertThat(zone.records()).hasSize(2).last().hasToString("last.example.com. 3600 A c0000202");
    // The same where the file ends without a newline.
    assertThat(read(HEAD + line).places()).containsExactly("3 error");
    assertThat(read(HEAD + line + "\r" + TAIL).places()).containsExactly("3 error");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"$ORIGIN | missing", "$ORIGIN a b | remove the rest", "$ORIGIN a..b | empty label"})
  void aWrongOriginIsReportedOnceAndAtItsLine(String line, String words) {
    ReadZone zone = read(HEAD + line + TAIL);
    assertThat(zone.places()).containsExactly("3 error");
    assertThat(zone.problems().getFirst().reason()).contains(words);
  }

  @Test
  void aDirectiveBehindABlankIsRefused() {
    ReadZone zone = read(HEAD + " $TTL 5" + TAIL);
    assertThat(zone.places()).containsExactly("3 error");
    assertThat(zone.problems().getFirst().reason()).contains("first column");
  }

  @Test
  void allErrorsOfAFileAreReported() {
    StringBuilder text = new StringBuilder("$TTL 1\n");
    for (int i = 0; i < 100; i++) {
      text.append("good").append(i).append(" A 192.0.2.1\nbad").append(i).append(" A 192.0.2\n");
    }
    ReadZone zone = read(text.toString());
    assertThat(zone.records()).hasSize(100);
    assertThat(zone.problems()).hasSize(100);
    assertThat(zone.problems())
        .extracting(ZoneFileProblem::line)
        .startsWith(3, 5, 7)
        .endsWith(199, 201);
  }

  @Test
  void aProblemShowsFileLineTextAndReason() {
    ReadZone zone = read("\n\n  bad\t A 192.0.2.300 ; comment\n");
    assertThat(zone.problems()).hasSize(1);
    assertThat(zone.problems().getFirst().text()).isEqualTo("bad  A 192.0.2.300 ; comment");
    assertThat(zone.problems().getFirst())
        .hasToString(
            folder.resolve("example.com.zone")
                + ":3: error: the line begins with a blank, which means the owner of the record before, but there is"
                + " none: bad  A 192.0.2.300 ; comment");
  }

  @Test
  void theTextOfALineIsShortenedAndPrintable() {
    ReadZone zone = read("a A \u0007\u001b[31m\u00e2\u0080\u00ae\u007f" + "x".repeat(500) + "\n");
    String text = zone.problems().getFirst().text();
    assertThat(text)
        .startsWith("a A \\007\\027[31m\\u202e\\127xxx")
        .endsWith("x…")
        .hasSizeLessThan(130);
    assertThat(zone.problems().getFirst().reason())
        .hasSizeLessThan(200)
        .doesNotContain("\u001b", "\u0007");
  }

  @Test
  void anErrorWithinParenthesesIsReportedAtItsOwnLine() {
    ReadZone zone =
        read(
            "$TTL 1\n@ SOA ns host (\n  1\n  2 ; refresh\n  x ; retry\n  4\n  5 )\na A 192.0.2.1\n");
    assertThat(zone.places()).containsExactly("5 error");
    assertThat(zone.records()).hasSize(1);
  }

  @Test
  void noOwnerBeforeABlankIsReportedOnce() {
    ReadZone zone =
        read("$TTL 1\n A 192.0.2.1\n A 192.0.2.2\n TXT x\na A 192.0.2.1\n A 192.0.2.2\n");
    assertThat(zone.places()).containsExactly("2 error");
    assertThat(zone.heads()).containsExactly("a.example.com. 1 A", "a.example.com. 1 A");
  }

  @Test
  void recordsBehindAWrongOwnerAreCheckedButNotDelivered() {
    ReadZone zone =
        read(
            "$TTL 1\na A 192.0.2.1\nb..c A 192.0.2.1\n A 192.0.2.2\n A 192.0.2\nd A 192.0.2.1\n A 192.0.2.2\n");
    assertThat(zone.places()).containsExactly("3 error", "5 error");
    assertThat(zone.heads())
        .containsExactly("a.example.com. 1 A", "d.example.com. 1 A", "d.example.com. 1 A");
  }

  @Test
  void recordsBehindAWrongOriginAreCheckedButNotDelivered() {
    ReadZone zone =
        read(
            "$TTL 1\na A 192.0.2.1\n$ORIGIN b..\nc A 192.0.2.1\nd A 192.0.2\n$ORIGIN e\nf A 192.0.2.1\n$ORIGIN g.\n@ A"
                + " 192.0.2.1\n");
    assertThat(zone.places()).containsExactly("3 error", "5 error");
    assertThat(zone.heads()).containsExactly("a.example.com. 1 A", "g. 1 A");
  }

  @Test
  void recordsBehindAWrongTtlDirectiveAreNotCalledWrongForTheLackOfOne() {
    assertThat(read("$TTL x\na A 192.0.2.1\nb A 192.0.2\n").places())
        .containsExactly("1 error", "3 error");
  }

  @Test
  void noTtlAtAllIsReportedOnce() {
    ReadZone zone = read("a A 192.0.2.1\nb A 192.0.2.1\n@ SOA a b 1 2 3 4 5\n");
    assertThat(zone.places()).containsExactly("1 error");
    assertThat(zone.problems().getFirst().reason()).contains("$TTL");
  }

  @ParameterizedTest
  @ValueSource(strings = {"b\u00fccher.zone", "a..b.zone", ".zone", "@.zone", "x y.zone.d.."})
  void withoutAnOriginRelativeNamesAreRefused(String name) {
    if (!name.chars().allMatch(c -> c < 0x7f)
        && !"UTF-8".equals(System.getProperty("sun.jnu.encoding"))) {
      return;
    }
    Path file =
        ReadZone.write(
            folder, name, "$TTL 1\na A 192.0.2.1\n@ A 192.0.2.1\n$ORIGIN a.\n@ A 192.0.2.1\n");
    ReadZone zone = ReadZone.file(file, ZoneFileLimits.defaults());
    assertThat(zone.problems()).extracting(ZoneFileProblem::line).containsExactly(2, 3);
    assertThat(zone.problems().getFirst().reason()).contains("$ORIGIN");
    assertThat(zone.heads()).containsExactly("a. 1 A");
  }

  @Test
  void namesOfMoreThan255OctetsAndLabelsOfMoreThan63AreRefused() {
    String label = "a".repeat(63);
    String tooLong = (label + ".").repeat(3) + "b".repeat(62) + ".";
    for (String name :
        List.of(
            tooLong,
            "a.".repeat(128),
            (label + ".").repeat(3) + "b".repeat(50),
            "\\097".repeat(300) + ".",
            (label + ".").repeat(30) + "b.")) {
      assertThat(read(HEAD + name + " A 192.0.2.1" + TAIL).places())
          .as(name)
          .containsExactly("3 error");
      assertThat(read(HEAD + "x CNAME " + name + TAIL).places())
          .as(name)
          .containsExactly("3 error");
    }
    assertThat(read(HEAD + "a".repeat(64) + " A 192.0.2.1" + TAIL).problems().getFirst().reason())
        .contains("label of 64 octets");
  }

  @Test
  void anUnclosedQuoteEndsWithItsLine() {
    ReadZone zone = read("$TTL 1\na TXT \"b\nc A 192.0.2.1\nd TXT e\"\nf A 192.0.2.1\n");
    assertThat(zone.places()).containsExactly("2 error", "4 error");
    assertThat(zone.heads()).containsExactly("c.example.com. 1 A", "f.example.com. 1 A");
  }

  @Test
  void anUnclosedQuoteInParenthesesHidesNothingBehindThem() {
    ReadZone zone = read("$TTL 1\na TXT ( \"b\n  \"c\"\n\"d\"\n)\nb A 192.0.2\nc A 192.0.2.1\n");
    assertThat(zone.places()).containsExactly("2 error", "6 error");
    assertThat(zone.heads()).containsExactly("c.example.com. 1 A");
    // The quote takes the closing parenthesis with it.
    assertThat(read("$TTL 1\na TXT ( \"b )\nb A 192.0.2\nc A 192.0.2.1\n").places())
        .containsExactly("2 error", "3 error");
  }

  @Test
  void anUnclosedParenthesisIsReportedWhereItOpensAndHidesNothing() {
    ReadZone zone =
        read(
            """
            $TTL 1
            @ SOA ns host (
                1 2
                3 4 5
            a A 192.0.2.1
            b A 192.0.2
            c TXT d
            """);
    assertThat(zone.places()).containsExactly("2 error", "6 error");
    assertThat(zone.problems().getFirst().reason()).contains("never closed");
    assertThat(zone.heads()).containsExactly("a.example.com. 1 A", "c.example.com. 1 TXT");
  }

  @Test
  void anUnclosedParenthesisBeforeAnotherOneIsReportedWhereItOpens() {
    ReadZone zone =
        read(
            """
            $TTL 1
            @ SOA ns host (
            1 ; serial
            2
            3
            4
            5 ; minimum
            a A 192.0.2.1
            b TXT ( x
               y )
            c TXT ( d
              "e"
              ; f
            g A 192.0.2
            h TXT ( i )
            """);
    assertThat(zone.places()).containsExactly("2 error", "11 error", "14 error");
    assertThat(zone.problems().getFirst().reason()).contains("line 9");
    assertThat(zone.heads())
        .containsExactly("a.example.com. 1 A", "b.example.com. 1 TXT", "h.example.com. 1 TXT");
  }

  @Test
  void anUnclosedParenthesisAtTheEndOfTheFileIsReported() {
    assertThat(read("$TTL 1\na TXT b (").places()).containsExactly("2 error");
    assertThat(read("$TTL 1\n(").places()).containsExactly("2 error");
    assertThat(read("$TTL 1\n(\n\n;\n").places()).containsExactly("2 error");
    assertThat(read("$TTL 1\na TXT ( b\n  c").places()).containsExactly("2 error");
  }

  @Test
  void anUnclosedParenthesisHidesNothingOverManyBlocks() {
    StringBuilder text = new StringBuilder("$TTL 1\na TXT (\n");
    String comment = ";" + "-".repeat(998) + "\n";
    text.append(comment.repeat(300))
        .append("b A 192.0.2\n")
        .append(comment.repeat(300))
        .append("c A 192.0.2.1\n");
    ReadZone zone = read(text.toString());
    assertThat(zone.places()).containsExactly("2 error", "303 error");
    assertThat(zone.heads()).containsExactly("c.example.com. 1 A");
  }

  @Test
  void textInUtf16IsReportedOnce() {
    assertThat(read("\u00ff\u00fe$\0T\0T\0L\0 \0001\0\n\0a\0 \0A\0").places())
        .containsExactly("1 error");
    assertThat(read("\u00fe\u00ff\0$\0T\0T\0L\0 \0001\0\n\0a\0 \0A").problems().getFirst().reason())
        .contains("UTF-16");
  }

  @Test
  void atMostTheLimitOfProblemsIsKeptAndTheOthersAreCounted() {
    ZoneFileLimits limits = new ZoneFileLimits(false, 5, 10, 65_536, 1 << 20, 10);
    ReadZone zone = ReadZone.text(folder, "a b c\n".repeat(500), limits);
    assertThat(zone.problems()).hasSize(11);
    assertThat(zone.problems().getLast().line()).isZero();
    assertThat(zone.problems().getLast().reason()).contains("490 more errors");
  }

  @Test
  void errorsAreKeptBeforeWarnings() {
    ZoneFileLimits limits = new ZoneFileLimits(false, 5, 10, 65_536, 1 << 20, 2);
    ReadZone zone = ReadZone.text(folder, "@ SOA a b 1 2 3 4 5\nx y\nx y\n", limits);
    assertThat(zone.places()).containsExactly("2 error", "3 error", "0 warning");
  }

  @Test
  void readingIsGivenUpWhenThereIsNothingButErrors() {
    ZoneFileLimits limits = new ZoneFileLimits(false, 5, 10, 65_536, 1 << 20, 10);
    ReadZone zone = ReadZone.text(folder, "a b c\n".repeat(5_000) + "x 1 A 192.0.2.1\n", limits);
    assertThat(zone.records()).isEmpty();
    assertThat(zone.problems()).hasSize(11);
  }

  @Test
  void anErrorInTheMiddleOfAnEntryDoesNotMoveTheLinesBehindIt() {
    ReadZone zone = read("$TTL 1\na TXT ( b\n c \"d\n e )\nf A 192.0.2\n\"\n\ng A 192.0.2\n");
    assertThat(zone.places()).containsExactly("3 error", "5 error", "6 error", "8 error");
  }
}
