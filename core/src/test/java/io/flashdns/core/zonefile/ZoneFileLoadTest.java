package io.flashdns.core.zonefile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.NameHash;
import io.flashdns.core.zone.Zone;
import io.flashdns.core.zone.ZoneProblem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a file to a zone: what the building finds wrong is said at the file's lines. */
class ZoneFileLoadTest {
  private static final String HEAD =
      """
      $TTL 1h
      @    SOA ns1 hostmaster 1 2h 15m 2w 5m
           NS  ns1
      ns1  A   192.0.2.1
      """;

  @TempDir Path folder;

  private ZoneFileResult load(String text) {
    return load(text, ZoneFileLimits.defaults());
  }

  private ZoneFileResult load(String text, ZoneFileLimits limits) {
    return ZoneFile.load(ReadZone.write(folder, ReadZone.FILE_NAME, text), limits, new NameHash(7));
  }

  private static List<Integer> errorLines(ZoneFileResult result) {
    return result.problems().stream()
        .filter(problem -> problem.severity() == ZoneProblem.Severity.ERROR)
        .map(ZoneFileProblem::line)
        .toList();
  }

  @Test
  void aRightFileBecomesAZone() {
    ZoneFileResult result = load(HEAD + "www 60 A 192.0.2.2\n");
    Zone zone = Objects.requireNonNull(result.zone());
    assertThat(result.problems()).isEmpty();
    assertThat(zone.apex()).isEqualTo(DomainName.parse("example.com"));
    assertThat(zone.serial()).isEqualTo(1);
    assertThat(zone.recordCount()).isEqualTo(4);
    assertThat(result.files()).containsExactly(folder.resolve(ReadZone.FILE_NAME));
  }

  @Test
  void theApexIsTheOwnerOfTheSoaWhateverTheFileIsCalled() {
    ZoneFileResult result = load("$ORIGIN other.example.\n" + HEAD);
    assertThat(Objects.requireNonNull(result.zone()).apex())
        .isEqualTo(DomainName.parse("other.example"));
  }

  @Test
  void whatTheBuildingFindsIsSaidAtItsLineWithItsText() {
    ZoneFileResult result =
        load(HEAD + "\nwww A 192.0.2.2\nwww CNAME ns1 ; wrong\nother.example. A 192.0.2.2\n");
    assertThat(result.zone()).isNull();
    assertThat(errorLines(result)).contains(8).allMatch(line -> line >= 6 && line <= 8);
    assertThat(result.problems())
        .anySatisfy(
            problem -> {
              assertThat(problem.line()).isEqualTo(8);
              assertThat(problem.text()).isEqualTo("other.example. A 192.0.2.2");
              assertThat(problem.reason()).isNotBlank();
            });
  }

  @Test
  void errorsOfTheTextAndOfTheZoneAreReportedTogether() {
    ZoneFileResult result = load(HEAD + "www A 192.0.2\nother.example. A 192.0.2.2\n");
    assertThat(result.zone()).isNull();
    assertThat(errorLines(result)).containsExactly(5, 6);
  }

  @Test
  void problemsInIncludedFilesCarryTheirFile() {
    ReadZone.write(folder, "more.inc", "\nother.example. A 192.0.2.2\n");
    ZoneFileResult result = load(HEAD + "$INCLUDE more.inc\n", ReadZone.INCLUDING);
    assertThat(result.zone()).isNull();
    assertThat(result.problems())
        .anySatisfy(
            problem -> {
              assertThat(problem.file()).isEqualTo(folder.resolve("more.inc"));
              assertThat(problem.line()).isEqualTo(2);
              assertThat(problem.text()).isEqualTo("other.example. A 192.0.2.2");
            });
    assertThat(result.files()).hasSize(2);
  }

  @Test
  void aBrokenSoaIsNotCalledAMissingOne() {
    ZoneFileResult result =
        load("$TTL 1h\n@ SOA ns1 host x 2h 15m 2w 5m\n NS ns1\nns1 A 192.0.2.1\n");
    assertThat(result.zone()).isNull();
    assertThat(errorLines(result)).containsExactly(2);
  }

  @Test
  void aMissingSoaIsReportedBesideOtherErrors() {
    ZoneFileResult result = load("$TTL 1h\n@ NS ns1\nns1 A 192.0.2.1\nns2 A 192.0.2\n");
    assertThat(result.zone()).isNull();
    assertThat(errorLines(result)).contains(4).hasSizeGreaterThan(1);
  }

  @Test
  void aFileWithoutRecordsHasNoZone() {
    ZoneFileResult result = load("; nothing\n\n");
    assertThat(result.zone()).isNull();
    assertThat(errorLines(result)).isNotEmpty();
  }

  @Test
  void whatIsNoZoneFileIsSaidInWords() throws IOException {
    assertThat(load("").problems().getFirst().reason()).contains("empty");
    Path missing = folder.resolve("missing.zone");
    assertThat(reasonOf(missing)).contains("no such file");
    assertThat(reasonOf(Files.createDirectory(folder.resolve("folder.zone")))).contains("folder");
    Path unreadable = ReadZone.write(folder, "unreadable.zone", HEAD);
    Files.setPosixFilePermissions(unreadable, Set.of());
    if (!Files.isReadable(unreadable)) {
      assertThat(reasonOf(unreadable)).contains("may not read");
    }
  }

  private static String reasonOf(Path file) {
    ZoneFileResult result = ZoneFile.load(file, ZoneFileLimits.defaults(), new NameHash(7));
    assertThat(result.zone()).isNull();
    assertThat(result.problems()).hasSize(1);
    assertThat(result.problems().getFirst().file()).isEqualTo(file);
    assertThat(result.problems().getFirst().line()).isZero();
    assertThat(result.problems().getFirst())
        .hasToString(file + ": error: " + result.problems().getFirst().reason());
    return result.problems().getFirst().reason();
  }

  @Test
  void warningsLeaveAZone() {
    ZoneFileResult result = load(HEAD.replace("$TTL 1h\n", ""));
    assertThat(result.zone()).isNotNull();
    assertThat(result.problems()).isNotEmpty();
    assertThat(result.problems().getFirst().toString()).contains(":1: warning: ");
  }

  @Test
  void textInMemoryBecomesAZone() {
    ZoneFileResult result =
        ZoneFile.parse("$ORIGIN a.example.\n" + HEAD, ZoneFileLimits.defaults(), new NameHash(7));
    assertThat(result.problems()).isEmpty();
    assertThat(result.files()).isEmpty();
    assertThat(Objects.requireNonNull(result.zone()).apex())
        .isEqualTo(DomainName.parse("a.example"));
  }

  @Test
  void problemsOfTextInMemoryHaveLinesAndText() {
    String text =
        HEAD
            + "a TXT (\nb A 192.0.2\n$INCLUDE x\nother. A 192.0.2.1\n$ORIGIN a.\nb A 192.0.2.1\nc TXT ( ( \n";
    ZoneFileResult result = ZoneFile.parse(text, ReadZone.INCLUDING, new NameHash(7));
    assertThat(result.zone()).isNull();
    assertThat(result.problems())
        .extracting(ZoneFileProblem::line)
        .containsExactly(2, 3, 4, 5, 6, 7, 11);
    assertThat(result.problems().get(4).text()).isEqualTo("b A 192.0.2");
    assertThat(result.problems().get(4).toString()).startsWith("<text>:6: error: ");
  }

  @Test
  void emptyTextInMemoryHasNoZone() {
    ZoneFileResult result = ZoneFile.parse("", ZoneFileLimits.defaults(), new NameHash(7));
    assertThat(result.zone()).isNull();
    assertThat(result.problems()).isNotEmpty();
  }

  @Test
  void textInMemoryAboveTheLimitIsNotRead() {
    ZoneFileLimits limits = new ZoneFileLimits(false, 5, 10, 65_536, 100, 10);
    ZoneFileResult result = ZoneFile.parse("x".repeat(101), limits, new NameHash(7));
    assertThat(result.problems())
        .singleElement()
        .satisfies(problem -> assertThat(problem.reason()).contains("100 octets"));
  }

  @Test
  void limitsOutOfRangeAreRefused() {
    assertThatThrownBy(() -> new ZoneFileLimits(false, -1, 1, 65_536, 1, 1))
        .hasMessageContaining("maxIncludeDepth");
    assertThatThrownBy(() -> new ZoneFileLimits(false, 1, -1, 65_536, 1, 1))
        .hasMessageContaining("maxGenerateSteps");
    assertThatThrownBy(() -> new ZoneFileLimits(false, 1, 1, 1, 1, 1))
        .hasMessageContaining("maxLineBytes");
    assertThatThrownBy(() -> new ZoneFileLimits(false, 1, 1, 65_536, 0, 1))
        .hasMessageContaining("maxFileBytes");
    assertThatThrownBy(() -> new ZoneFileLimits(false, 1, 1, 65_536, 1, 0))
        .hasMessageContaining("maxProblems");
  }

  @Test
  void aNameOfAnyOctetsThatWasLoadedIsLoadedAgainFromItsWrittenForm() {
    StringBuilder text = new StringBuilder(HEAD);
    for (int i = 0; i < 256; i++) {
      text.append(String.format("x\\%03dx TXT %d\n", i, i));
    }
    Zone first = Objects.requireNonNull(load(text.toString()).zone());
    ReadZone records = ReadZone.text(folder, text.toString());
    StringBuilder written = new StringBuilder();
    records
        .records()
        .forEach(
            record ->
                written.append(
                    String.format(
                        "%s %d TYPE%d \\# %d %s\n",
                        record.ownerText(),
                        record.ttl(),
                        record.type(),
                        record.rdata().length,
                        record.hex())));
    Zone second = Objects.requireNonNull(load(written.toString()).zone());
    assertThat(second.recordCount()).isEqualTo(first.recordCount()).isEqualTo(256 + 3);
    assertThat(second.nodeCount()).isEqualTo(first.nodeCount());
  }
}
