package io.flashdns.core.zonefile;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.flashdns.core.dns.NameHash;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files made to cost much: each is refused, soon, in words, and in little memory. */
@Timeout(60)
class BombTest {
  /** Far above what any of these needs; the reader's own buffers are a few hundred kilobytes. */
  private static final long MAX_ALLOCATED_BYTES = 64L << 20;

  private static final Duration MAX_TIME = Duration.ofSeconds(20);

  @TempDir Path folder;

  private ReadZone read(String text, ZoneFileLimits limits) {
    return measured(ReadZone.write(folder, ReadZone.FILE_NAME, text), limits);
  }

  private ReadZone measured(Path file, ZoneFileLimits limits) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long began = System.nanoTime();
    long before = threads.getCurrentThreadAllocatedBytes();
    ReadZone zone = ReadZone.file(file, limits);
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(MAX_ALLOCATED_BYTES);
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(MAX_TIME);
    return zone;
  }

  private Path repeat(String head, String line, long octets, String tail) throws IOException {
    Path file = folder.resolve(ReadZone.FILE_NAME);
    byte[] bytes = line.getBytes(StandardCharsets.ISO_8859_1);
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20)) {
      out.write(head.getBytes(StandardCharsets.ISO_8859_1));
      for (long written = 0; written < octets; written += bytes.length) {
        out.write(bytes);
      }
      out.write(tail.getBytes(StandardCharsets.ISO_8859_1));
    }
    return file;
  }

  @Test
  void generatingTwoBillionRecordsIsRefusedBeforeTheFirst() {
    ReadZone zone =
        read("$TTL 1\n$GENERATE 0-2147483647 a$ A 192.0.2.1\n", ZoneFileLimits.defaults());
    assertThat(zone.places()).containsExactly("2 error");
    assertThat(zone.records()).isEmpty();
  }

  @Test
  void manyDirectivesShareTheBoundOnGeneratedRecords() {
    ReadZone zone =
        read(
            "$TTL 1\n" + "$GENERATE 1-30000 a A 192.0.2.1\n".repeat(500),
            ZoneFileLimits.defaults());
    assertThat(zone.records()).hasSize(60_000);
    assertThat(zone.problems()).hasSize(498);
  }

  @Test
  void includesThatIncludeOneAnotherManyTimesAreRefused() {
    for (int i = 1; i <= 4; i++) {
      ReadZone.write(folder, "f" + i, ("$INCLUDE f" + (i + 1) + "\n").repeat(1_000));
    }
    ReadZone.write(folder, "f5", "");
    ReadZone zone = read("$TTL 1\n" + "$INCLUDE f1\n".repeat(10_000), ReadZone.INCLUDING);
    assertThat(zone.problems()).hasSize(5);
    assertThat(zone.problems().getFirst().reason()).contains("more than 1024 files are included");
  }

  @Test
  void oneHugeLineIsRefused() throws IOException {
    Path file = repeat("$TTL 1\na TXT ", "xxxxxxxxxxxxxxxx", 60 << 20, "\nb A 192.0.2.1\n");
    ReadZone zone = measured(file, ZoneFileLimits.defaults());
    assertThat(zone.places()).containsExactly("2 error");
    assertThat(zone.problems().getFirst().reason()).contains("octets of text");
    assertThat(zone.heads()).containsExactly("b.example.com. 1 A");
  }

  @Test
  void aLineOfMoreThan64KibIsRefusedWhereNoDataIsThatLong() {
    assertThat(
            read("$TTL 1\n" + "a".repeat(70_000) + " A 192.0.2.1\n", ZoneFileLimits.defaults())
                .places())
        .containsExactly("2 error");
    assertThat(
            read("$TTL 1\na A " + "1 ".repeat(40_000) + "\n", ZoneFileLimits.defaults()).places())
        .containsExactly("2 error");
    assertThat(
            read("$TTL 1\na TXT " + "1 ".repeat(40_000) + "\n", ZoneFileLimits.defaults())
                .problems()
                .getFirst()
                .reason())
        .contains("65,535");
    assertThat(
            read("$TTL 1\na TXT " + "\"\" ".repeat(400_000) + "\n", ZoneFileLimits.defaults())
                .places())
        .containsExactly("2 error");
    assertThat(
            read(" ".repeat(1 << 20) + ";" + "-".repeat(1 << 20) + "\n", ZoneFileLimits.defaults())
                .problems())
        .isEmpty();
  }

  @Test
  void aFileAboveTheLimitIsNotRead() throws IOException {
    ZoneFileLimits limits = new ZoneFileLimits(false, 5, 10, 65_536, 1 << 20, 10);
    Path file = repeat("", "a 1 A 192.0.2.1\n", (1 << 20) + 1, "");
    ReadZone zone = measured(file, limits);
    assertThat(zone.records()).isEmpty();
    assertThat(zone.places()).containsExactly("0 error");
    assertThat(zone.problems().getFirst().reason()).contains("1048576");
  }

  @Test
  void includedFilesCountAgainstTheLimit() throws IOException {
    ZoneFileLimits limits = new ZoneFileLimits(true, 5, 10, 65_536, 1 << 20, 10);
    Files.move(repeat("", "a 1 A 192.0.2.1\n", 400_000, ""), folder.resolve("big"));
    ReadZone zone = read("$INCLUDE big\n".repeat(10), limits);
    assertThat(zone.places()).containsExactly("0 error", "3 error");
  }

  @Test
  void aQuoteThatIsNeverClosedIsRefused() throws IOException {
    Path file = repeat("$TTL 1\na TXT \"", "xxxxxxxxxxxxxxxx", 30 << 20, "");
    assertThat(measured(file, ZoneFileLimits.defaults()).places()).containsExactly("2 error");
  }

  @Test
  void aFileOfNothingButParenthesesIsRefused() throws IOException {
    ReadZone zone = measured(repeat("", "(\n", 2 << 20, ""), ZoneFileLimits.defaults());
    assertThat(zone.problems()).hasSize(1);
    zone = measured(repeat("", "a(\n", 2 << 20, ""), ZoneFileLimits.defaults());
    assertThat(zone.problems()).hasSize(1_001);
    zone = measured(repeat("", "(", 2 << 20, ""), ZoneFileLimits.defaults());
    assertThat(zone.problems()).hasSize(1);
    zone = measured(repeat("", ")\n", 2 << 20, ""), ZoneFileLimits.defaults());
    assertThat(zone.problems()).hasSize(1_001);
    zone =
        measured(repeat("", "a TXT (\n;-----------\n\n", 8 << 20, ""), ZoneFileLimits.defaults());
    assertThat(zone.problems()).hasSizeBetween(1_000, 1_001);
  }

  @Test
  void aParenthesisThatIsNeverClosedCostsAtMostOneReadingMore() throws IOException {
    Path file =
        repeat(
            "$TTL 1\na TXT (\n",
            ";-----------------------------------------------------------\n",
            12 << 20,
            "b A 192.0.2.1\n");
    ReadZone zone = measured(file, ZoneFileLimits.defaults());
    assertThat(zone.places()).containsExactly("2 error");
    assertThat(zone.heads()).containsExactly("b.example.com. 1 A");
  }

  @Test
  void parenthesesThatAreNeverClosedAreNotReadAgainForEver() throws IOException {
    // Each is found unclosed at the end of the file only; read again from each, this would take
    // hours.
    String line = "a TXT\n(\n" + ";-\n".repeat(1_000) + "\\)\n";
    Path file =
        repeat("$TTL 1\nx TXT (\n", ";-----------------------------------------\n", 10 << 20, "");
    Files.writeString(file, line, StandardOpenOption.APPEND);
    assertThat(measured(file, ZoneFileLimits.defaults()).problems()).isNotEmpty();
  }

  @Test
  void nothingButErrorsIsGivenUpEarly() throws IOException {
    ReadZone zone = measured(repeat("", "x\n", 40 << 20, ""), ZoneFileLimits.defaults());
    assertThat(zone.problems()).hasSize(1_001);
    assertThat(zone.problems().getLast().reason()).contains("more errors");
  }

  @Test
  void nothingButZeroOctetsIsRefused() throws IOException {
    ReadZone zone =
        measured(
            repeat("$TTL 1\na A 192.0.2.1\n", "\0\0\0\0\0\0\0\0", 20 << 20, ""),
            ZoneFileLimits.defaults());
    assertThat(zone.places()).containsExactly("3 error");
  }

  @Test
  void aBrokenZoneStillGivesAResult() {
    Path file =
        ReadZone.write(folder, ReadZone.FILE_NAME, "(".repeat(1_000) + "\n" + "\"".repeat(999));
    ZoneFileResult result = ZoneFile.load(file, ZoneFileLimits.defaults(), new NameHash(1));
    assertThat(result.zone()).isNull();
    assertThat(result.problems()).isNotEmpty();
  }
}
