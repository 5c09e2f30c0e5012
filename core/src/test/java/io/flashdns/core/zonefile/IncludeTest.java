package io.flashdns.core.zonefile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code $INCLUDE}: off until asked for, and within the folder of the zone file only. */
class IncludeTest {
  @TempDir Path outer;

  private ReadZone read(String text) {
    return ReadZone.text(folder(), text, ReadZone.INCLUDING);
  }

  private Path folder() {
    return outer.resolve("zones");
  }

  private Path write(String name, String text) {
    return ReadZone.write(folder(), name, text);
  }

  @Test
  void itIsOffByDefaultAndTheErrorNamesTheOption() {
    write("more", "b 1 A 192.0.2.1\n");
    ReadZone zone = ReadZone.text(folder(), "$TTL 1\n$INCLUDE more\na A 192.0.2.1\n");
    assertThat(zone.places()).containsExactly("2 error");
    assertThat(zone.problems().getFirst().reason()).contains(ZoneFileLimits.INCLUDE_OPTION);
    assertThat(zone.heads()).containsExactly("a.example.com. 1 A");
    assertThat(zone.files()).hasSize(1);
  }

  @Test
  void anIncludedFileStandsInPlaceOfTheLine() {
    write("more.inc", "b A 192.0.2.1\n A 192.0.2.2");
    write("sub folder/last", "$TTL 2\nd A 192.0.2.1");
    ReadZone zone =
        read(
            "$TTL 1\na A 192.0.2.1\n$INCLUDE more.inc ; comment\n$INCLUDE \"sub folder/last\"\ne A 192.0.2.1\n");
    assertThat(zone.problems()).isEmpty();
    assertThat(zone.heads())
        .containsExactly(
            "a.example.com. 1 A",
            "b.example.com. 1 A",
            "b.example.com. 1 A",
            "d.example.com. 2 A",
            "e.example.com. 2 A");
    assertThat(zone.files())
        .containsExactly(
            folder().resolve(ReadZone.FILE_NAME),
            folder().resolve("more.inc"),
            folder().resolve("sub folder/last"));
    assertThat(zone.records().get(2).position()).isEqualTo((1L << 40) + 2);
  }

  @Test
  void originAndOwnerAreThoseBeforeAfterIt() {
    write("more.inc", "b A 192.0.2.1\n$ORIGIN deep\nc A 192.0.2.1\n");
    ReadZone zone =
        read(
            "$TTL 1\na A 192.0.2.1\n$INCLUDE more.inc sub\n A 192.0.2.2\n$INCLUDE more.inc net.\nd A 192.0.2.1\n");
    assertThat(zone.problems()).isEmpty();
    assertThat(zone.heads())
        .containsExactly(
            "a.example.com. 1 A",
            "b.sub.example.com. 1 A",
            "c.deep.sub.example.com. 1 A",
            "a.example.com. 1 A",
            "b.net. 1 A",
            "c.deep.net. 1 A",
            "d.example.com. 1 A");
    assertThat(zone.files()).hasSize(2);
  }

  @Test
  void errorsNameTheIncludedFile() {
    write("more.inc", "b A 192.0.2\n\nc A 192.0.2\n");
    ReadZone zone = read("$TTL 1\n$INCLUDE more.inc\na A 192.0.2\n");
    assertThat(zone.places()).containsExactly("3 error", "more.inc:1 error", "more.inc:3 error");
    assertThat(zone.problems().get(1).text()).isEqualTo("b A 192.0.2");
    assertThat(zone.problems().get(1).file()).isEqualTo(folder().resolve("more.inc"));
  }

  @Test
  void aParenthesisDoesNotReachOutOfItsFile() {
    write("more.inc", "b TXT ( c\n");
    ReadZone zone = read("$TTL 1\n$INCLUDE more.inc\na A 192.0.2.1\n");
    assertThat(zone.places()).containsExactly("more.inc:1 error");
    assertThat(zone.heads()).containsExactly("a.example.com. 1 A");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/etc/passwd",
        "/etc/shadow",
        "../secret",
        "sub/../../secret",
        "/",
        "..",
        "\"\"",
        "../zones2/x",
        "../../../../../../etc/passwd",
        "\\047etc/passwd"
      })
  void namesThatLeadOutOfTheFolderAreRefusedWithoutALook(String name) {
    ReadZone.write(outer, "secret", "s A 192.0.2.1\n");
    ReadZone.write(outer, "zones2/x", "s A 192.0.2.1\n");
    ReadZone zone = read("$TTL 1\n$INCLUDE " + name + "\na A 192.0.2.1\n");
    assertThat(zone.places()).containsExactly("2 error");
    assertThat(zone.problems().getFirst().reason()).contains("not below the folder");
    assertThat(zone.heads()).containsExactly("a.example.com. 1 A");
    assertThat(zone.files()).hasSize(1);
  }

  @Test
  void linksThatLeadOutOfTheFolderAreRefused() throws IOException {
    Path secret = ReadZone.write(outer, "secret", "s A 192.0.2.1\n");
    Files.createDirectories(folder());
    Files.createSymbolicLink(folder().resolve("link"), secret);
    Files.createSymbolicLink(folder().resolve("up"), outer);
    for (String name : new String[] {"link", "up/secret"}) {
      ReadZone zone = read("$TTL 1\n$INCLUDE " + name + "\n");
      assertThat(zone.places()).containsExactly("2 error");
      assertThat(zone.problems().getFirst().reason()).contains("not below the folder");
    }
  }

  @Test
  void linksThatStayInTheFolderAreFollowedAlsoWhereTheFolderIsOne() throws IOException {
    write("data/more.inc", "b A 192.0.2.1\n");
    Files.createSymbolicLink(folder().resolve("link.inc"), Path.of("data/more.inc"));
    Path linked = Files.createSymbolicLink(outer.resolve("linked"), folder());
    ReadZone zone = ReadZone.text(linked, "$TTL 1\n$INCLUDE link.inc\n", ReadZone.INCLUDING);
    assertThat(zone.problems()).isEmpty();
    assertThat(zone.records()).hasSize(1);
    ReadZone absolute = read("$TTL 1\n$INCLUDE " + folder().resolve("data/more.inc") + "\n");
    assertThat(absolute.records()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"missing", "sub", "a\\000b", "", "x y z"})
  void whatIsNoFileIsReportedAtTheLine(String name) throws IOException {
    Files.createDirectories(folder().resolve("sub"));
    ReadZone zone = read("$TTL 1\n$INCLUDE " + name + "\na A 192.0.2.1\n");
    assertThat(zone.places()).containsExactly("2 error");
    assertThat(zone.heads()).containsExactly("a.example.com. 1 A");
  }

  @Test
  void aDeviceIsNoFile() throws IOException {
    Files.createDirectories(folder());
    Path device = Path.of("/dev/zero");
    ReadZone zone = ReadZone.file(device, ReadZone.INCLUDING);
    assertThat(zone.problems()).hasSize(1);
    assertThat(zone.problems().getFirst().reason()).contains("no regular file");
  }

  @Test
  void depthIsBounded() {
    for (int i = 1; i < 10; i++) {
      write("f" + i, "n" + i + " A 192.0.2.1\n$INCLUDE f" + (i + 1) + "\n");
    }
    ReadZone zone = read("$TTL 1\n$INCLUDE f1\na A 192.0.2.1\n");
    assertThat(zone.places()).containsExactly("f5:2 error");
    assertThat(zone.problems().getFirst().reason()).contains("deeper than 5");
    assertThat(zone.records()).hasSize(6);
  }

  @Test
  void aFileThatIncludesItselfEnds() {
    ReadZone zone = read("$TTL 1\n$INCLUDE example.com.zone\na A 192.0.2.1\n");
    assertThat(zone.places()).containsExactly("2 error");
    assertThat(zone.records()).hasSize(6);
  }

  @Test
  void aWrongOriginArgumentIncludesNothing() {
    write("more.inc", "b A 192.0.2.1\n");
    ReadZone zone = read("$TTL 1\n$INCLUDE more.inc a..b\na A 192.0.2.1\n");
    assertThat(zone.places()).containsExactly("2 error");
    assertThat(zone.records()).hasSize(1);
  }
}
