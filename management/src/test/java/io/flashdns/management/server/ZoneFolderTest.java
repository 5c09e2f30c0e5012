package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.Refusal;
import io.flashdns.core.store.SerialPolicy;
import io.flashdns.core.store.StoreEvent;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneChange;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.zone.Views;
import io.flashdns.core.zone.Zone;
import io.flashdns.management.store.EmbeddedStore;
import io.flashdns.management.store.StoreConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ZoneFolderTest {
  private static final ZonesConfig INCLUDING =
      new ZonesConfig(Optional.empty(), false, true, 5, 65_536, 65_536, 256L << 20, 1_000);

  @TempDir private Path path;
  @TempDir private Path outside;
  private FolderRig rig;
  private ZonesConfig config = ZonesConfig.defaults();

  @BeforeEach
  void make() throws Exception {
    rig = new FolderRig();
  }

  @AfterEach
  void close() {
    rig.close();
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

    FolderRig.Seen load = load();

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

    FolderRig.Seen load = load();

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
    FolderRig.Seen first = load();
    assertThat(List.of(first.added(), first.changed(), first.removed())).containsExactly(3, 0, 0);
    Zone untouched = first.catalog().zone(DomainName.parse("a.example"));

    write("b.example.zone", 2);
    Files.delete(path.resolve("c.example.zone"));
    write("d.example.zone", 1);
    FolderRig.Seen second = load();

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
    FolderRig.Seen first = load();

    FolderRig.Seen second = load();

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
    FolderRig.Seen first = load();
    write("a.example.zone", 1);

    FolderRig.Seen second = load();

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

    FolderRig.Seen second = load();
    FolderRig.Seen third = load();

    for (FolderRig.Seen load : List.of(second, third)) {
      assertThat(served(load)).containsExactly("a.example. 7", "b.example. 1");
      assertThat(load.kept()).isEqualTo(1);
      assertThat(load.changed()).isZero();
      assertThat(load.problems().getLast().format())
          .isEqualTo(file + ": warning: the version read before, serial 7, stays in service");
      assertThat(load.hasErrors()).isTrue();
    }
    write("a.example.zone", 8);
    FolderRig.Seen repaired = load();
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
    FolderRig.Seen repaired = load();

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
      FolderRig.Seen load = load();
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
    FolderRig.Seen alone = load();
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
      FolderRig.Seen load = load();

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

    FolderRig.Seen load = load();

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
    FolderRig.Seen second = load();

    assertThat(second.changed()).isEqualTo(1);
    assertThat(second.zones().getFirst().recordCount()).isEqualTo(records + 1);
    Files.delete(hosts);
    FolderRig.Seen third = load();
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

    FolderRig.Seen load = load();

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

    FolderRig.Seen load = load();

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

    FolderRig.Seen load = load();

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
  @Timeout(120)
  void ofThreeThousandFilesTheTenThatChangedAreReadAndAfterARestartNone() throws Exception {
    Path data = outside.resolve("data");
    reopen(data);
    for (int i = 0; i < 3_000; i++) {
      write("z%04d.example.zone".formatted(i), 1);
    }

    FolderRig.Seen first = load();

    assertThat(first.filesRead()).isEqualTo(3_000);
    assertThat(first.added()).isEqualTo(3_000);
    assertThat(first.catalog().zone(DomainName.parse("z2999.example"))).isNotNull();
    // A change set holds hundreds of zones: each is synced to the disk.
    assertThat(rig.service().store().state().revision()).isLessThan(20);

    for (int i = 0; i < 3_000; i += 300) {
      write("z%04d.example.zone".formatted(i), 2);
    }
    FolderRig.Seen second = load();
    assertThat(List.of(second.filesRead(), second.changed(), second.added(), second.removed()))
        .containsExactly(10, 10, 0, 0);
    assertThat(second.zones()).filteredOn(zone -> zone.serial() == 2).hasSize(10);

    reopen(data);
    FolderRig.Seen third = load();
    assertThat(third.filesRead()).isZero();
    assertThat(third.zones()).hasSize(3_000).filteredOn(zone -> zone.serial() == 2).hasSize(10);
    write("z0001.example.zone", 3);
    Files.delete(path.resolve("z0002.example.zone"));
    FolderRig.Seen fourth = load();
    assertThat(List.of(fourth.filesRead(), fourth.changed(), fourth.removed()))
        .containsExactly(1, 1, 1);
    assertThat(fourth.zones()).hasSize(2_999);
  }

  @Test
  void fileThatBreaksWhileTheServerIsDownKeepsItsOlderVersion() throws Exception {
    Path data = outside.resolve("data");
    reopen(data);
    Path file = write("a.example.zone", 7);
    load();
    Files.writeString(file, "nonsense\n");
    reopen(data);

    FolderRig.Seen load = load();

    assertThat(served(load)).containsExactly("a.example. 7");
    assertThat(load.kept()).isEqualTo(1);
    assertThat(load.problems().getLast().format())
        .isEqualTo(file + ": warning: the version read before, serial 7, stays in service");
  }

  @Test
  void otherLimitsMeanThatAllIsReadAgainAlsoAfterARestart() throws Exception {
    Path data = outside.resolve("data");
    reopen(data);
    write("a.example.zone", 1);
    load();
    reopen(data);
    config = INCLUDING;

    assertThat(load().filesRead()).isEqualTo(1);
    assertThat(load().filesRead()).isZero();
  }

  @Test
  void zoneOfAFileSaysWhereItComesFromAndIsReadOnlyForOtherDoors() throws Exception {
    Path file = write("a.example.zone", 1);
    load();

    StoredZone zone = stored("a.example");
    assertThat(zone.settings().source()).isEqualTo(file.toString());
    assertThat(zone.settings().serialPolicy()).isEqualTo(SerialPolicy.AS_GIVEN);
    StoreEvent event = rig.service().store().history(zone.id(), Long.MAX_VALUE, 10).getFirst();
    assertThat(event.who()).isEqualTo("zone files");
    assertThat(event.where()).isEqualTo(path.toString());
    ChangeSet change =
        ChangeSet.of("somebody", new ZoneChange.Delete(zone.id(), ZoneChange.ANY_REVISION));
    assertThatExceptionOfType(StoreException.Refused.class)
        .isThrownBy(() -> rig.service().store().commit(change))
        .satisfies(
            e -> {
              assertThat(e.refusals().getFirst().kind()).isEqualTo(Refusal.Kind.READ_ONLY);
              assertThat(e.getMessage()).contains(file.toString());
            });
  }

  @Test
  void zoneThatWasMadeThroughAnotherDoorIsNeitherReplacedNorRemovedByFiles() throws Exception {
    Path elsewhere = Files.createDirectory(outside.resolve("elsewhere"));
    Files.writeString(elsewhere.resolve("a.example.zone"), zone(5));
    Files.writeString(elsewhere.resolve("b.example.zone"), zone(5));
    ZoneImport.Wish wish = new ZoneImport.Wish(ZonePlace.OF_NOBODY, false, false, false);
    assertThat(
            new ZoneImport(rig.ledger(), config.limits(), wish)
                .run(List.of(elsewhere), 2, (_, _) -> {}))
        .isEmpty();
    Path file = write("a.example.zone", 1);
    write("c.example.zone", 1);

    for (int i = 0; i < 2; i++) {
      FolderRig.Seen load = load();

      assertThat(served(load)).containsExactly("a.example. 5", "b.example. 5", "c.example. 1");
      assertThat(load.problems())
          .extracting(Problem::format)
          .containsExactly(
              file
                  + ": error: the zone a.example. is in the store already and does not come from a"
                  + " file: remove the file, or delete that zone");
    }
    Files.delete(file);
    assertThat(load().problems()).isEmpty();
    assertThat(stored("a.example").settings().source()).isEmpty();
  }

  @Test
  void editThatTakesAwayMostNamesIsMadeAndSaid() throws Exception {
    Path file = path.resolve("a.example.zone");
    StringBuilder big = new StringBuilder(zone(1));
    for (int i = 0; i < 40; i++) {
      big.append("h").append(i).append(" A 192.0.2.1\n");
    }
    Files.writeString(file, big);
    old(file);
    assertThat(load().problems()).isEmpty();
    write("a.example.zone", 2);

    FolderRig.Seen load = load();

    assertThat(served(load)).containsExactly("a.example. 2");
    assertThat(load.changed()).isEqualTo(1);
    assertThat(load.problems())
        .extracting(Problem::format)
        .containsExactly(
            file
                + ": warning: the change would remove 40 of the 42 names of zone a.example.; it is"
                + " made all the same: see that this was meant");
    assertThat(load().problems()).isEmpty();
  }

  @Test
  void fileThatIsRenamedKeepsItsZoneWithItsHistory() throws Exception {
    Path one = path.resolve("1.zone");
    Files.writeString(one, "$ORIGIN a.example.\n" + zone(1));
    old(one);
    load();
    StoredZone before = stored("a.example");
    Path two = Files.move(one, path.resolve("2.zone"));

    FolderRig.Seen load = load();

    assertThat(List.of(load.added(), load.changed(), load.removed())).containsExactly(0, 0, 0);
    assertThat(stored("a.example").id()).isEqualTo(before.id());
    assertThat(stored("a.example").settings().source()).isEqualTo(two.toString());
    assertThat(load().filesRead()).isZero();
  }

  @Test
  void twoFilesMayExchangeTheirZones() throws Exception {
    Path one = path.resolve("1.zone");
    Path two = path.resolve("2.zone");
    Files.writeString(one, "$ORIGIN a.example.\n" + zone(1));
    Files.writeString(two, "$ORIGIN b.example.\n" + zone(2));
    old(one);
    old(two);
    assertThat(served(load())).containsExactly("a.example. 1", "b.example. 2");
    Files.writeString(one, "$ORIGIN b.example.\n" + zone(3));
    Files.writeString(two, "$ORIGIN a.example.\n" + zone(4));
    old(one);
    old(two);

    FolderRig.Seen load = load();

    assertThat(served(load)).containsExactly("a.example. 4", "b.example. 3");
    assertThat(load.problems()).isEmpty();
    assertThat(List.of(load.added(), load.changed(), load.removed())).containsExactly(0, 2, 0);
    assertThat(load().filesRead()).isZero();
  }

  @Test
  void fileThatHoldsAnotherZoneNowIsOneMoreAndOneLess() throws Exception {
    Path one = path.resolve("1.zone");
    Files.writeString(one, "$ORIGIN a.example.\n" + zone(1));
    old(one);
    load();
    Files.writeString(one, "$ORIGIN b.example.\n" + zone(1));
    old(one);

    FolderRig.Seen load = load();

    assertThat(served(load)).containsExactly("b.example. 1");
    assertThat(List.of(load.added(), load.changed(), load.removed())).containsExactly(1, 0, 1);
  }

  @Test
  void earlierFileOfAnApexThatComesLaterTakesTheZoneOver() throws Exception {
    Path two = path.resolve("2.zone");
    Files.writeString(two, "$ORIGIN a.example.\n" + zone(2));
    old(two);
    load();
    Path one = path.resolve("1.zone");
    Files.writeString(one, "$ORIGIN a.example.\n" + zone(3));
    old(one);

    for (int i = 0; i < 2; i++) {
      FolderRig.Seen load = load();

      assertThat(served(load)).containsExactly("a.example. 3");
      assertThat(load.problems())
          .extracting(Problem::format)
          .containsExactly(
              two
                  + ": error: the zone a.example. is also in "
                  + one
                  + ", which is served: remove one of the two files");
    }
    Files.delete(one);
    assertThat(served(load())).containsExactly("a.example. 2");
  }

  @Test
  void otherFolderTakesTheZonesOfTheFirstOver() throws Exception {
    write("a.example.zone", 1);
    write("b.example.zone", 1);
    load();
    StoredZone before = stored("a.example");
    Path other = Files.createDirectory(path.resolve("other"));
    Files.move(path.resolve("a.example.zone"), other.resolve("a.example.zone"));

    FolderRig.Seen load = rig.load(other, config);

    assertThat(served(load)).containsExactly("a.example. 1");
    assertThat(load.removed()).isEqualTo(1);
    assertThat(stored("a.example").id()).isEqualTo(before.id());
  }

  private StoredZone stored(String apex) throws StoreException {
    try (StoreSnapshot snapshot = rig.service().store().snapshot()) {
      StoredZone zone = snapshot.zone(new ZoneKey(Views.PUBLIC_NAME, DomainName.parse(apex)));
      assertThat(zone).isNotNull();
      return zone;
    }
  }

  /** The same server after a restart. */
  private void reopen(Path data) throws Exception {
    rig.close();
    rig = new FolderRig(EmbeddedStore.open(data.resolve("store"), StoreConfig.defaults()));
  }

  private FolderRig.Seen load() throws InterruptedException {
    return rig.load(path, config);
  }

  private static Stream<String> served(FolderRig.Seen load) {
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
