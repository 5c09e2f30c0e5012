package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.NameHash;
import io.flashdns.core.zone.Views;
import io.flashdns.core.zone.Zone;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ZoneFolderTest {
  private static final ZonesConfig INCLUDING =
      new ZonesConfig(Optional.empty(), false, true, 5, 65_536, 65_536, 256L << 20, 1_000);

  @TempDir private Path path;
  private final NameHash hash = new NameHash(42);
  private ZoneFolder folder;
  private ZonesConfig config = ZonesConfig.defaults();

  @BeforeEach
  void make() {
    folder = new ZoneFolder(hash, new Views(), 2);
  }

  @Test
  void onlyZoneFilesDirectlyInTheFolderAreRead() throws Exception {
    write("a.example.zone", 1);
    write(".hidden.example.zone", 1);
    write("b.example.zone~", 1);
    write("c.example.txt", 1);
    Files.createDirectory(path.resolve("sub"));
    write("sub/d.example.zone", 1);
    Files.createDirectory(path.resolve("e.example.zone"));

    ZoneLoad load = load();

    assertThat(served(load)).containsExactly("a.example. 1");
    assertThat(load.filesRead()).isEqualTo(1);
    assertThat(load.problems())
        .extracting(Problem::format)
        .containsExactly(
            path.resolve("e.example.zone") + ": warning: is no regular file and is not read");
  }

  @Test
  void brokenZoneIsReportedWithFileLineAndTextAndTheOthersAreServed() throws Exception {
    write("a.example.zone", 1);
    Files.writeString(
        path.resolve("b.example.zone"),
        zone(1) + "www A 300.1.2.3\nok A 192.0.2.1\nmail MX ten mail\n");

    ZoneLoad load = load();

    assertThat(served(load)).containsExactly("a.example. 1");
    assertThat(load.problems())
        .extracting(Problem::line, Problem::text)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(5, "www A 300.1.2.3"),
            org.assertj.core.groups.Tuple.tuple(7, "mail MX ten mail"));
    assertThat(load.hasErrors()).isTrue();
  }

  @Test
  void reloadAddsChangesAndRemoves() throws Exception {
    write("a.example.zone", 1);
    write("b.example.zone", 1);
    write("c.example.zone", 1);
    ZoneLoad first = load();
    assertThat(List.of(first.added(), first.changed(), first.removed())).containsExactly(3, 0, 0);
    Zone untouched = first.catalog().zone(DomainName.parse("a.example"));

    write("b.example.zone", 2);
    Files.delete(path.resolve("c.example.zone"));
    write("d.example.zone", 1);
    ZoneLoad second = load();

    assertThat(served(second)).containsExactly("a.example. 1", "b.example. 2", "d.example. 1");
    assertThat(List.of(second.added(), second.changed(), second.removed(), second.filesRead()))
        .containsExactly(1, 1, 1, 2);
    assertThat(second.catalog().zone(DomainName.parse("a.example"))).isSameAs(untouched);
    assertThat(first.catalog().zone(DomainName.parse("c.example"))).isNotNull();
  }

  @Test
  void nothingIsReadAgainWhenNothingChanged() throws Exception {
    write("a.example.zone", 1);
    write("b.example.zone", 1);
    ZoneLoad first = load();

    ZoneLoad second = load();

    assertThat(second.filesRead()).isZero();
    assertThat(second.catalog()).isSameAs(first.catalog());
  }

  @Test
  void fileOfTheSameSizeAndTimeInAnotherPlaceOnTheDiskIsAnotherFile() throws Exception {
    Path file = write("a.example.zone", 1);
    load();
    FileTime time = Files.getLastModifiedTime(file);
    Path fresh = write("a.example.new", 2);
    Files.setLastModifiedTime(fresh, time);
    Files.move(fresh, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);

    assertThat(served(load())).containsExactly("a.example. 2");
  }

  @Test
  void fileThatWasTouchedButSaysTheSameIsNoChange() throws Exception {
    write("a.example.zone", 1);
    ZoneLoad first = load();
    write("a.example.zone", 1);

    ZoneLoad second = load();

    assertThat(second.filesRead()).isEqualTo(1);
    assertThat(second.changed()).isZero();
    assertThat(second.catalog()).isSameAs(first.catalog());
  }

  @Test
  void fileWrittenInTheMomentOfReadingIsReadAgain() throws Exception {
    Path file = write("a.example.zone", 1);
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(3_600)));
    load();

    assertThat(load().filesRead()).isEqualTo(1);
  }

  @Test
  void fileThatIsBrokenNowKeepsItsOlderVersionAndSaysSoEachTime() throws Exception {
    Path file = write("a.example.zone", 7);
    write("b.example.zone", 1);
    load();
    Files.writeString(file, "nonsense\n");
    old(file);

    ZoneLoad second = load();
    ZoneLoad third = load();

    for (ZoneLoad load : List.of(second, third)) {
      assertThat(served(load)).containsExactly("a.example. 7", "b.example. 1");
      assertThat(load.kept()).isEqualTo(1);
      assertThat(load.changed()).isZero();
      assertThat(load.problems().getLast().format())
          .isEqualTo(file + ": warning: the version read before, serial 7, stays in service");
      assertThat(load.hasErrors()).isTrue();
    }
    write("a.example.zone", 8);
    ZoneLoad repaired = load();
    assertThat(served(repaired)).containsExactly("a.example. 8", "b.example. 1");
    assertThat(repaired.kept()).isZero();
    assertThat(repaired.problems()).isEmpty();
  }

  @Test
  void fileThatWasNeverGoodIsAddedOnceItIsRepaired() throws Exception {
    Path file = path.resolve("a.example.zone");
    Files.writeString(file, "nonsense\n");
    old(file);
    assertThat(served(load())).isEmpty();

    write("a.example.zone", 1);
    ZoneLoad repaired = load();

    assertThat(served(repaired)).containsExactly("a.example. 1");
    assertThat(repaired.added()).isEqualTo(1);
  }

  @Test
  void secondFileOfAnApexIsAnErrorThatNamesBoth() throws Exception {
    Path first = path.resolve("1.zone");
    Path second = path.resolve("2.zone");
    Files.writeString(second, "$ORIGIN a.example.\n" + zone(2));
    Files.writeString(first, "$ORIGIN A.EXAMPLE.\n" + zone(1));
    old(first);
    old(second);

    for (int i = 0; i < 2; i++) {
      ZoneLoad load = load();
      assertThat(load.zones()).singleElement().satisfies(z -> assertThat(z.serial()).isEqualTo(1));
      assertThat(load.problems())
          .singleElement()
          .satisfies(
              p -> {
                assertThat(p.isError()).isTrue();
                assertThat(p.format()).contains(first.toString()).startsWith(second.toString());
              });
    }
    Files.delete(first);
    ZoneLoad alone = load();
    assertThat(served(alone)).containsExactly("a.example. 2");
    assertThat(alone.problems()).isEmpty();
    assertThat(alone.changed()).isEqualTo(1);
  }

  @Test
  void folderThatIsAwayIsNotAFolderThatWasEmptied() throws Exception {
    write("a.example.zone", 1);
    load();
    Path away = path.resolveSibling(path.getFileName() + ".away");
    Files.move(path, away);
    try {
      ZoneLoad load = load();

      assertThat(load.folderWasRead()).isFalse();
      assertThat(served(load)).containsExactly("a.example. 1");
      assertThat(load.catalog().size()).isEqualTo(1);
      assertThat(load.problems())
          .extracting(Problem::format)
          .containsExactly(path + ": error: there is no such folder of zones");
    } finally {
      Files.move(away, path);
    }
    assertThat(load().filesRead()).isZero();
  }

  @Test
  void emptiedFolderServesNothing() throws Exception {
    Path file = write("a.example.zone", 1);
    load();
    Files.delete(file);

    ZoneLoad load = load();

    assertThat(load.removed()).isEqualTo(1);
    assertThat(load.catalog().size()).isZero();
  }

  @Test
  void changeInAnIncludedFileIsSeen() throws Exception {
    config = INCLUDING;
    Path hosts = path.resolve("hosts.inc");
    Files.writeString(hosts, "www A 192.0.2.1\n");
    Path file = path.resolve("a.example.zone");
    Files.writeString(file, zone(1) + "$INCLUDE hosts.inc\n");
    old(hosts);
    old(file);
    int records = load().zones().getFirst().recordCount();
    assertThat(load().filesRead()).isZero();

    Files.writeString(hosts, "www A 192.0.2.1\nwww2 A 192.0.2.2\n");
    old(hosts);
    ZoneLoad second = load();

    assertThat(second.changed()).isEqualTo(1);
    assertThat(second.zones().getFirst().recordCount()).isEqualTo(records + 1);
    Files.delete(hosts);
    ZoneLoad third = load();
    assertThat(third.kept()).isEqualTo(1);
    assertThat(third.zones().getFirst().recordCount()).isEqualTo(records + 1);
  }

  @Test
  void otherLimitsMeanThatAllIsReadAgain() throws Exception {
    Path file = path.resolve("a.example.zone");
    Files.writeString(path.resolve("hosts.inc"), "www A 192.0.2.1\n");
    Files.writeString(file, zone(1) + "$INCLUDE hosts.inc\n");
    old(file);
    assertThat(served(load())).isEmpty();

    config = INCLUDING;

    assertThat(served(load())).containsExactly("a.example. 1");
  }

  @Test
  void linkIsFollowedAndADanglingOneIsReported() throws Exception {
    Path real = write("real.txt", 1);
    Files.createSymbolicLink(path.resolve("a.example.zone"), real);
    Files.createSymbolicLink(path.resolve("b.example.zone"), path.resolve("nowhere"));

    ZoneLoad load = load();

    assertThat(served(load)).containsExactly("a.example. 1");
    assertThat(load.problems())
        .singleElement()
        .satisfies(p -> assertThat(p.file()).endsWith("b.example.zone"));
  }

  @Test
  @Timeout(60)
  void pipeDoesNotHoldUpTheOthers() throws Exception {
    write("a.example.zone", 1);
    Path pipe = path.resolve("b.example.zone");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();

    ZoneLoad load = load();

    assertThat(served(load)).containsExactly("a.example. 1");
    assertThat(load.problems())
        .extracting(Problem::format)
        .containsExactly(pipe + ": warning: is no regular file and is not read");
  }

  @Test
  void unreadableFileIsAProblemAndKeepsItsOlderVersion() throws Exception {
    write("a.example.zone", 1);
    Path file = write("b.example.zone", 1);
    load();
    write("b.example.zone", 2);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
    assumeFalse(Files.isReadable(file), "the superuser may read all");

    ZoneLoad load = load();

    assertThat(served(load)).containsExactly("a.example. 1", "b.example. 1");
    assertThat(load.problems().getFirst().format()).startsWith(file + ": error: ");
    assertThat(load.kept()).isEqualTo(1);
  }

  @Test
  void interruptedLoadChangesNothing() throws Exception {
    write("a.example.zone", 1);
    load();
    write("a.example.zone", 2);

    Thread.currentThread().interrupt();
    assertThatExceptionOfType(InterruptedException.class).isThrownBy(this::load);

    assertThat(served(load())).containsExactly("a.example. 2");
  }

  @Test
  void thousandsOfSmallZonesAreRead() throws Exception {
    for (int i = 0; i < 3_000; i++) {
      write("z%04d.example.zone".formatted(i), 1);
    }

    ZoneLoad load = load();

    assertThat(load.zones()).hasSize(3_000);
    assertThat(load.catalog().zone(DomainName.parse("z2999.example"))).isNotNull();
    assertThat(load().filesRead()).isZero();
  }

  private ZoneLoad load() throws InterruptedException {
    return folder.load(path, config, (_, _) -> {});
  }

  private static Stream<String> served(ZoneLoad load) {
    return load.zones().stream().map(zone -> zone.apex().folded() + " " + zone.serial());
  }

  private Path write(String name, int serial) throws IOException {
    Path file = path.resolve(name);
    boolean isLinked = name.equals("real.txt");
    Files.writeString(file, isLinked ? "$ORIGIN a.example.\n" + zone(serial) : zone(serial));
    old(file);
    return file;
  }

  /** Four lines. */
  private static String zone(int serial) {
    return """
        $TTL 300
        @ SOA ns1 hostmaster %d 3600 600 86400 300
        @ NS ns1
        ns1 A 192.0.2.53
        """
        .formatted(serial);
  }

  /**
   * As if written long ago, and each time later: what was written just now is always read again.
   */
  private void old(Path file) throws IOException {
    time = time.plusSeconds(1);
    Files.setLastModifiedTime(file, FileTime.from(time));
  }

  private Instant time = Instant.parse("2026-01-01T00:00:00Z");
}
