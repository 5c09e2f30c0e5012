package io.flashdns.management.message;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.store.ContentDigest;
import io.flashdns.core.store.RRset;
import io.flashdns.core.store.RRsetBlock;
import io.flashdns.core.store.RRsetPages;
import io.flashdns.core.store.ZoneContents;
import io.flashdns.core.zone.ZoneProblem;
import io.flashdns.core.zonefile.ZoneFile;
import io.flashdns.core.zonefile.ZoneFileLimits;
import io.flashdns.core.zonefile.ZoneFileProblem;
import io.flashdns.proto.v1.ImportProblem;
import io.flashdns.proto.v1.ImportProblems;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Zones as files. */
class ZoneFileWriterTest {
  private static final String[] LINES = {
    "@ 3600 SOA Ns.Example.net. hm\\.a.example.net. 4294967295 1 2 3 4",
    "@ 60 A 192.0.2.1",
    "@ 60 NS ns1",
    "@ 60 TXT \"a b;c\\\"\\\\\\000\\255\" \"\"",
    "@ 60 CAA 0 issue \";\"",
    "@ 60 DNSKEY 257 3 13 AQID",
    "* 0 MX 0 .",
    "\\$x\\@\\;\\(\\).\\000\\255\\.y 2147483647 AAAA ::1",
    "300 60 A 192.0.2.3",
    "in 60 A 192.0.2.4",
    "www 60 HTTPS 1 . alpn=\"h2,h3\" key10000=\"a b\"",
    "www 60 LOC 1 N 2 E 3m",
    "www 60 NSEC www2.example.org. A TYPE65280 RRSIG",
    "www 60 RRSIG NSEC 13 3 60 20300101000000 20200101000000 1 example.org. AQID",
    "www 60 RRSIG LOC 13 3 60 20300101000000 20200101000000 1 example.org. AQID",
    "www 60 TYPE65280 \\# 3 010203",
    "www 60 TYPE65281 \\# 0",
    "www 60 WALLET BTC bc1q",
    "www 60 NULL \\# 1 00",
    "zz 60 APL 1:192.0.2.0/24"
  };

  @TempDir Path folder;

  private String written(RRsetBlock content, int pageBytes) {
    List<ByteString> chunks = new ArrayList<>();
    RRset soa =
        RRsetPages.rrsets(content, content.origin()).stream()
            .filter(rrset -> rrset.rrset().type() == RecordType.SOA)
            .findFirst()
            .orElseThrow()
            .rrset();
    ZoneFileWriter writer = new ZoneFileWriter(content.origin(), soa, chunks::add);
    RRsetPages.split(content, pageBytes).forEach(writer::add);
    writer.end();
    assertThat(chunks).allSatisfy(chunk -> assertThat(chunk.size()).isBetween(1, 256 << 10));
    return ByteString.copyFrom(chunks).toString(StandardCharsets.US_ASCII);
  }

  private long digestOf(String file, DomainName apex) throws IOException {
    Path path = folder.resolve("any.name");
    Files.writeString(path, file);
    ZoneContents read = new ZoneContents(apex);
    assertThat(ZoneFile.read(path, DomainName.ROOT, ZoneFileLimits.defaults(), read)).isEmpty();
    return ContentDigest.of(read.block());
  }

  @ParameterizedTest
  @ValueSource(strings = {"example.org.", "."})
  void whatIsWrittenIsReadBackAsTheSame(String apex) throws IOException {
    RRsetBlock content = MapContent.block(apex, LINES);
    String file = written(content, 64);
    assertThat(digestOf(file, content.origin())).isEqualTo(ContentDigest.of(content));
    assertThat(file.lines()).hasSize(LINES.length + 1).allMatch(line -> line.matches("[ -~]+"));
    assertThat(file).startsWith("$ORIGIN " + apex + "\n@ 3600 IN SOA ns.example.net. hm\\.a.");
  }

  @Test
  void recordsStandInCanonicalOrderWhateverCameFirst() {
    List<String> lines = new ArrayList<>(List.of(LINES));
    Collections.shuffle(lines, new Random(1));
    RRsetBlock content = MapContent.block("example.org.", lines.toArray(String[]::new));
    String file = written(content, 4_096);
    assertThat(file).isEqualTo(written(MapContent.block("example.org.", LINES), 64));
    assertThat(file.lines().map(line -> line.split(" ")[0]).distinct())
        .containsExactly(
            "$ORIGIN", "@", "\\$x\\@\\;\\(\\).\\000\\255\\.y", "*", "300", "in", "www", "zz");
  }

  @Test
  void typesThatNotEveryServerKnowsAreWrittenAsOctets() {
    String file = written(MapContent.block("example.org.", LINES), 4_096);
    assertThat(file)
        .contains("www 60 IN TYPE262 \\# 9 03425443" + "04" + "62633171\n")
        .contains("www 60 IN TYPE10 \\# 1 00\n")
        .contains("www 60 IN TYPE65281 \\# 0\n");
  }

  @Test
  void aLargeZoneComesInParts() throws IOException {
    String[] lines = new String[20_001];
    lines[0] = LINES[0];
    for (int i = 1; i < lines.length; i++) {
      lines[i] = "host" + i + " 60 TXT \"" + "x".repeat(40) + "\"";
    }
    RRsetBlock content = MapContent.block("example.org.", lines);
    String file = written(content, 4_096);
    assertThat(file.length()).isGreaterThan(3 * ZoneFileWriter.CHUNK_BYTES);
    assertThat(digestOf(file, content.origin())).isEqualTo(ContentDigest.of(content));
  }

  @Test
  void problemsOfAFileAreToldWithTheirLines() {
    ZoneFileProblem problem =
        new ZoneFileProblem(
            ZoneProblem.Severity.WARNING, Path.of("x"), 3, "é".repeat(200), "mend it");
    ImportProblem message = ImportMessages.problem(problem);
    assertThat(message.getLine()).isEqualTo(3);
    assertThat(message.getWarning()).isTrue();
    assertThat(message.getMessage()).isEqualTo("mend it");
    assertThat(message.getText()).isEqualTo("é".repeat(128));
    List<ImportProblems> messages = ImportMessages.problems(Collections.nCopies(2_500, problem));
    assertThat(messages)
        .extracting(ImportProblems::getProblemsCount)
        .containsExactly(1_000, 1_000, 500);
    assertThat(ImportMessages.problems(Collections.nCopies(100_001, problem))).hasSize(100);
  }
}
