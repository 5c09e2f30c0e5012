package io.flashdns.core.zonefile;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.NameHash;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.zone.ZoneProblem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/**
 * Any octets as a zone file: nothing is thrown, the end comes soon, what is delivered is
 * well-formed, and what is reported is bounded. In a plain build the files below {@code
 * ZoneFileFuzzTestInputs} are tried; with {@code JAZZER_FUZZ=1} new ones are searched.
 */
class ZoneFileFuzzTest {
  private static final int MAX_PROBLEMS = 50;

  private static final ZoneFileLimits LIMITS =
      new ZoneFileLimits(true, 3, 500, 4_096, 1 << 20, MAX_PROBLEMS);

  @TempDir static Path folder;

  @FuzzTest(maxDuration = "10m")
  void anyOctetsAreReadToTheirEnd(byte[] octets) throws IOException {
    Path file = folder.resolve(ReadZone.FILE_NAME);
    Files.write(file, octets);
    if (!Files.exists(folder.resolve("more.inc"))) {
      Files.writeString(folder.resolve("more.inc"), "more 1 A 192.0.2.1\n TXT (\n");
    }
    ReadZone zone = ReadZone.file(file, LIMITS);
    for (ReadZone.Delivered record : zone.records()) {
      byte[] owner = record.owner();
      byte[] rdata = record.rdata();
      // Plain comparisons: a search tries this very often.
      if (RdataCheck.name(owner, 0, owner.length) != owner.length
          || record.type() < 1
          || record.type() > 65_535
          || RecordType.isMeta(record.type())
          || record.ttl() < 0
          || rdata.length > 65_535
          || RdataCheck.whatIsWrong(record.type(), rdata, rdata.length) != null) {
        throw new AssertionError("delivered, but not well-formed: " + record);
      }
    }
    assertThat(zone.problems()).hasSizeLessThanOrEqualTo(MAX_PROBLEMS + 1);
    for (ZoneFileProblem problem : zone.problems()) {
      String shown = problem.toString();
      if (shown.length() > 1_000 || shown.chars().anyMatch(c -> c < ' ')) {
        throw new AssertionError("not fit for a log line: " + shown);
      }
    }
    if (zone.problems().isEmpty()) {
      assertThat(writtenAgain(zone)).isEqualTo(zone.lines());
      ZoneFileResult result = ZoneFile.load(file, LIMITS, new NameHash(1));
      boolean errors =
          result.problems().stream()
              .anyMatch(problem -> problem.severity() == ZoneProblem.Severity.ERROR);
      assertThat(result.zone() == null).isEqualTo(errors);
    }
  }

  /** The records, written with all octets in their generic form and read again. */
  private static List<String> writtenAgain(ReadZone zone) {
    StringBuilder text = new StringBuilder();
    for (ReadZone.Delivered record : zone.records()) {
      text.append(DomainName.ofWire(record.owner(), 0)).append(' ').append(record.ttl());
      text.append(" TYPE")
          .append(record.type())
          .append(" \\# ")
          .append(record.rdata().length)
          .append(' ');
      text.append(HexFormat.of().formatHex(record.rdata())).append('\n');
    }
    return ReadZone.memory(text.toString().getBytes(US_ASCII), ZoneFileLimits.defaults()).lines();
  }
}
