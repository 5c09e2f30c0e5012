package io.flashdns.core.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.CatalogEntry;
import io.flashdns.core.zone.ColdZone;
import io.flashdns.core.zone.Tenant;
import io.flashdns.core.zone.Views;
import io.flashdns.core.zone.Zone;
import io.flashdns.core.zone.ZoneEditor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RecordIndexTest {
  private static final long ONE_WEIGHT =
      TestZones.zone(0, 1).imageBytes() + RecordIndex.ZONE_BYTES + 8;

  @TempDir Path folder;
  private final List<String> problems = new ArrayList<>();
  private final List<ColdZone> damaged = new ArrayList<>();
  private final AtomicReference<Catalog> served = new AtomicReference<>();
  private final AtomicLong clock = new AtomicLong();
  private ImageFiles files;

  @BeforeEach
  void open() throws IOException {
    files = ImageFiles.open(folder, TestZones.HASH, problems::add, 60_000, 4_096, 10_000);
  }

  @AfterEach
  void close() throws IOException {
    files.close();
  }

  private RecordIndex index(long maxBytes) {
    RecordIndex index = new RecordIndex(files, maxBytes, damaged::add, clock::get);
    index.begin(Catalog.empty(TestZones.HASH, index));
    return index;
  }

  private void put(RecordIndex index, int from, int to, int serial) {
    List<Zone> zones = new ArrayList<>();
    for (int i = from; i < to; i++) {
      zones.add(index.filed(TestZones.zone(i, serial)));
    }
    index.publish(edit -> zones.forEach(edit::put), served::set);
  }

  private static Zone find(RecordIndex index, int i) {
    return index.catalog().find(0, TestZones.key(TestZones.apex(i)), false);
  }

  private static int warmZones(RecordIndex index) {
    int[] count = new int[1];
    index.catalog().forEach(entry -> count[0] += entry instanceof Zone ? 1 : 0);
    return count[0];
  }

  /** What the index believes is what the catalog says. */
  static void assertAccountsAreRight(RecordIndex index) {
    IndexState state = index.state();
    long[] sums = new long[5];
    index
        .catalog()
        .forEach(
            entry -> {
              sums[0]++;
              sums[1] += entry.imageBytes();
              if (entry instanceof Zone) {
                sums[2]++;
                sums[3] += entry.imageBytes();
                sums[4] += entry.location() == CatalogEntry.NOWHERE ? 1 : 0;
              }
            });
    assertThat(state.zones()).isEqualTo(sums[0]);
    assertThat(state.imageBytes()).isEqualTo(sums[1]);
    assertThat(state.residentZones()).isEqualTo(sums[2]);
    assertThat(state.residentBytes()).isEqualTo(sums[3]);
    assertThat(state.unfiledZones()).isEqualTo(sums[4]);
  }

  @Test
  void everythingStaysWhileItFits() {
    RecordIndex index = index(100 * ONE_WEIGHT);
    put(index, 0, 100, 1);
    for (int i = 0; i < 100; i++) {
      index.used(find(index, i));
    }

    assertThat(warmZones(index)).isEqualTo(100);
    assertThat(index.state().loads()).isZero();
    assertThat(served.get()).isSameAs(index.catalog());
    assertAccountsAreRight(index);
  }

  @Test
  void moreThanFitsIsGivenUpAndAnswersTheSame() {
    RecordIndex index = index(20 * ONE_WEIGHT);
    put(index, 0, 100, 1);

    assertThat(warmZones(index)).isBetween(10, 20);
    assertAccountsAreRight(index);
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < 100; i++) {
        Zone zone = find(index, i);
        assertThat(zone.data()).isEqualTo(TestZones.zone(i, 1).data());
        assertThat(zone.number()).isEqualTo(i + 1);
        assertThat(warmZones(index)).isLessThanOrEqualTo(20);
      }
    }
    assertThat(index.state().loads()).isGreaterThan(200);
    assertThat(index.state().evictions()).isGreaterThan(80);
    assertThat(index.state().failures()).isZero();
    assertAccountsAreRight(index);
  }

  @Test
  void oneThatIsUsedStays() {
    RecordIndex index = index(20 * ONE_WEIGHT);
    put(index, 0, 100, 1);
    long loads = 0;
    for (int i = 1; i < 3_000; i++) {
      long before = index.state().loads();
      index.used(find(index, 0));
      if (i > 1_000) {
        loads += index.state().loads() - before;
      }
      Zone _ = find(index, 1 + i % 99);
    }

    assertThat(loads).isLessThan(10);
  }

  @Test
  void loadedCatalogIsServedColdAndWarmedInTheBackground() throws Exception {
    RecordIndex first = index(1 << 30);
    put(first, 0, 1_000, 1);
    files.save(first.catalog(), new Views(), 5);

    RecordIndex index = new RecordIndex(files, 1 << 30, damaged::add);
    index.begin(files.load(new Views(), Function.identity(), index).catalog());
    assertThat(warmZones(index)).isZero();
    assertThat(find(index, 7).data()).isEqualTo(TestZones.zone(7, 1).data());
    assertThat(find(index, 7)).isSameAs(find(index, 7));
    assertThat(warmZones(index)).isEqualTo(1);

    assertThat(index.warm().get(20, TimeUnit.SECONDS)).isEqualTo(999);
    assertThat(warmZones(index)).isEqualTo(1_000);
    assertThat(index.state().warming()).isFalse();
    assertThat(index.state().loads()).isEqualTo(1);
    assertAccountsAreRight(index);
  }

  @Test
  void warmingEndsWhereTheRoomDoes() throws Exception {
    RecordIndex first = index(1 << 30);
    put(first, 0, 1_000, 1);
    files.save(first.catalog(), new Views(), 5);

    RecordIndex index = new RecordIndex(files, 600 * ONE_WEIGHT, damaged::add);
    index.begin(files.load(new Views(), Function.identity(), index).catalog());
    long _ = index.warm().get(20, TimeUnit.SECONDS);
    assertThat(warmZones(index)).isBetween(500, 610);
    assertThat(index.state().evictions()).isLessThan(50);
    assertAccountsAreRight(index);
  }

  @Test
  void zonesWithoutAFileAreNeverGivenUpAndTakeRoomFromOthers() throws IOException {
    RecordIndex index = index(40 * ONE_WEIGHT);
    List<Zone> unfiled = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      unfiled.add(TestZones.zone(i, 1));
    }
    index.publish(edit -> unfiled.forEach(edit::put), served::set);
    put(index, 100, 300, 1);
    for (int i = 100; i < 300; i++) {
      assertThat(find(index, i).serial()).isEqualTo(1);
    }

    assertThat(warmZones(index)).isLessThanOrEqualTo(40);
    for (Zone zone : unfiled) {
      assertThat(index.catalog().entry(0, zone.apex())).isSameAs(zone);
    }
    assertThat(index.state().unfiledZones()).isEqualTo(20);
    assertThat(index.state().pinnedBytes()).isPositive();
    assertAccountsAreRight(index);
    // In a file at last.
    put(index, 0, 20, 2);
    assertThat(index.state().unfiledZones()).isZero();
    assertThat(index.state().pinnedBytes()).isZero();
    assertThat(find(index, 3).serial()).isEqualTo(2);
    assertAccountsAreRight(index);
  }

  @Test
  void zoneThatIsLargeForTheBudgetStaysOnceItWasRead() {
    RecordIndex index = index(100_000);
    Zone large = TestZones.zone(DomainName.parse("large."), 1, 150);
    assertThat(large.imageBytes()).isBetween(20_000L, 90_000L);
    Zone filed = index.filed(large);
    index.publish(edit -> edit.put(filed.cold()), served::set);
    put(index, 0, 300, 1);

    Zone read = index.catalog().zone(large.apex());
    for (int i = 0; i < 300; i++) {
      Zone _ = find(index, i);
    }
    assertThat(index.catalog().zone(large.apex())).isSameAs(read);
    assertThat(index.state().residentBytes()).isLessThan(100_000);
    index.publish(edit -> edit.remove(0, large.apex()), served::set);
    assertThat(index.state().pinnedBytes()).isZero();
    assertAccountsAreRight(index);
  }

  @Test
  void zoneWhoseImageIsDamagedIsUnavailableToldOnceAndTriedAgain() throws IOException {
    RecordIndex index = index(1 << 30);
    put(index, 0, 10, 1);
    files.save(index.catalog(), new Views(), 1);
    Path pack = folder.resolve("pack-000001.img");
    byte[] good = Files.readAllBytes(pack);
    byte[] bad = good.clone();
    bad[60] ^= 1;
    Files.write(pack, bad);
    RecordIndex cold = new RecordIndex(files, 1 << 30, damaged::add, clock::get);
    cold.begin(files.load(new Views(), Function.identity(), cold).catalog());

    int unavailable = 0;
    for (int round = 0; round < 5; round++) {
      for (int i = 0; i < 10; i++) {
        unavailable += find(cold, i).isUnavailable() ? 1 : 0;
      }
    }
    assertThat(unavailable).isEqualTo(5);
    assertThat(cold.state().failures()).isEqualTo(5);
    assertThat(damaged).hasSize(1);
    int wrong = Integer.parseInt(damaged.getFirst().apex().toString().replaceAll("\\D", ""));

    // Within the second it is not even tried; then it is, and told no more.
    Files.write(pack, good);
    assertThat(find(cold, wrong).isUnavailable()).isTrue();
    clock.addAndGet(1_000_000_001L);
    assertThat(find(cold, wrong).serial()).isEqualTo(1);
    assertThat(damaged).hasSize(1);
    assertAccountsAreRight(cold);
  }

  @Test
  void damagedZoneIsToldAgainAfterItWasReplaced() throws IOException {
    RecordIndex index = index(1 << 30);
    ColdZone nowhere = files.append(TestZones.zone(1, 1)).cold().located(1L << 45);
    index.publish(edit -> edit.put(nowhere), served::set);
    assertThat(find(index, 1).isUnavailable()).isTrue();
    ColdZone again = nowhere.located(1L << 46);
    index.publish(edit -> edit.put(again), served::set);
    assertThat(find(index, 1).isUnavailable()).isTrue();
    assertThat(damaged).containsExactly(nowhere, again);
    put(index, 1, 2, 7);
    assertThat(find(index, 1).serial()).isEqualTo(7);
  }

  @Test
  void failedPublishLeavesTheCatalogAndTheAccounts() {
    RecordIndex index = index(20 * ONE_WEIGHT);
    put(index, 0, 50, 1);
    Catalog before = index.catalog();
    assertThatThrownBy(
            () ->
                index.publish(
                    edit -> edit.put(TestZones.zone(3, 2)).remove(0, TestZones.apex(4)),
                    _ -> {
                      throw new IllegalStateException("no");
                    }))
        .hasMessage("no");
    assertThatThrownBy(
            () ->
                index.publish(
                    edit -> {
                      throw new IllegalStateException("not even an edit");
                    },
                    served::set))
        .hasMessage("not even an edit");
    assertThat(index.catalog()).isSameAs(before);
    assertThat(find(index, 4).serial()).isEqualTo(1);
    assertAccountsAreRight(index);
    put(index, 3, 4, 3);
    assertThat(find(index, 3).serial()).isEqualTo(3);
  }

  @Test
  void accountsStayRightUnderRandomEdits() throws IOException {
    RecordIndex index = index(30 * ONE_WEIGHT);
    int[] serials = new int[200];
    Random random = new Random(5);
    for (int round = 1; round < 400; round++) {
      int serial = round;
      index.publish(
          edit -> {
            for (int change = random.nextInt(8); change >= 0; change--) {
              int i = random.nextInt(serials.length);
              switch (random.nextInt(5)) {
                case 0 -> {
                  edit.remove(0, TestZones.apex(i));
                  serials[i] = 0;
                }
                case 1 -> {
                  edit.put(TestZones.zone(i, serial));
                  serials[i] = serial;
                }
                case 2 -> {
                  // The same object again, as nothing in it changed.
                  CatalogEntry same = index.catalog().entry(0, TestZones.apex(i));
                  if (same != null && same.revision() == serials[i]) {
                    edit.put(same);
                  }
                }
                case 3 -> {
                  edit.put(index.filed(TestZones.zone(i, serial)).cold());
                  serials[i] = serial;
                }
                default -> {
                  edit.put(index.filed(TestZones.zone(i, serial)));
                  serials[i] = serial;
                }
              }
            }
          },
          served::set);
      for (int look = 0; look < 20; look++) {
        int i = random.nextInt(serials.length);
        Zone zone = find(index, i);
        assertThat(zone == null ? 0 : zone.serial()).isEqualTo(serials[i]);
      }
      assertAccountsAreRight(index);
      if (round % 100 == 0) {
        files.save(index.catalog(), new Views(), round);
      }
    }
    assertThat(damaged).isEmpty();
  }

  @Test
  void queryDoesNotWaitWhileACatalogIsMade() throws Exception {
    RecordIndex index = index(1 << 30);
    Zone filed = index.filed(TestZones.zone(1, 1));
    index.publish(edit -> edit.put(filed.cold()), served::set);
    CountDownLatch publishing = new CountDownLatch(1);
    CountDownLatch read = new CountDownLatch(1);
    Thread applier =
        Thread.ofPlatform()
            .start(
                () ->
                    index.publish(
                        _ -> {
                          publishing.countDown();
                          try {
                            boolean _ = read.await(20, TimeUnit.SECONDS);
                          } catch (InterruptedException e) {
                            throw new IllegalStateException(e);
                          }
                        },
                        served::set));
    assertThat(publishing.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(find(index, 1).serial()).isEqualTo(1);
    assertThat(warmZones(index)).isZero();
    read.countDown();
    applier.join();
    assertThat(find(index, 1)).isSameAs(find(index, 1));
    assertAccountsAreRight(index);
  }

  @Test
  void withoutFilesEverythingStays() {
    RecordIndex index = new RecordIndex(null, 1, damaged::add);
    index.begin(Catalog.empty(TestZones.HASH, index));
    put(index, 0, 100, 1);
    assertThat(warmZones(index)).isEqualTo(100);
    assertThat(find(index, 99).serial()).isEqualTo(1);
  }

  @Test
  void catalogOfAnotherSourceIsRefused() {
    RecordIndex index = new RecordIndex(files, 1, damaged::add);
    assertThatThrownBy(() -> index.begin(Catalog.empty(TestZones.HASH)))
        .hasMessageContaining("another source");
    assertThatThrownBy(index::catalog).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void zonesThatCannotBeWrittenAreServedFromMemoryAndThatIsToldOnce() throws IOException {
    RecordIndex index = index(10 * ONE_WEIGHT);
    Files.createDirectory(folder.resolve("pack-000002.img"));
    put(index, 0, 300, 1);
    assertThat(problems).hasSize(1).first().asString().contains("stay in memory alone");
    assertThat(index.state().unfiledZones()).isBetween(10L, 299L);
    for (int i = 0; i < 300; i++) {
      assertThat(find(index, i).serial()).isEqualTo(1);
    }
    Files.delete(folder.resolve("pack-000002.img"));
    put(index, 0, 300, 2);
    assertThat(problems).hasSize(2).last().asString().contains("can be written again");
    assertThat(index.state().unfiledZones()).isZero();
    for (int i = 0; i < 300; i++) {
      assertThat(find(index, i).serial()).isEqualTo(2);
    }
    assertAccountsAreRight(index);
  }

  @Test
  void compactionKeepsEveryZoneReadableAndGivesTheRoomBack() throws IOException {
    RecordIndex index = index(30 * ONE_WEIGHT);
    put(index, 0, 200, 1);
    for (int serial = 2; serial < 8; serial++) {
      for (int i = 0; i < 200; i += serial % 2 + 1) {
        put(index, i, i + 1, i == 0 ? 99 : serial);
      }
    }
    Catalog old = index.catalog();
    files.save(old, new Views(), 1);
    long before = files.totalBytes();
    assertThat(before).isGreaterThan(2 * files.liveBytes());

    int slices = 0;
    while (index.compact(served::set)) {
      slices++;
      assertAccountsAreRight(index);
    }
    assertThat(slices).isPositive();
    List<byte[]> expected = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      expected.add(find(index, i).data());
      assertThat(find(index, i).data()).isEqualTo(old.zone(TestZones.apex(i)).data());
    }
    files.save(index.catalog(), new Views(), 2);
    files.save(index.catalog(), new Views(), 3);
    files.save(index.catalog(), new Views(), 4);
    assertThat(files.totalBytes()).isLessThan(files.liveBytes() * 4 / 3 + 60_000);
    assertThat(index.compact(served::set)).isFalse();
    assertThat(files.check(index.catalog(), (_, _) -> {}, _ -> {})).isEqualTo(200);

    files.close();
    open();
    RecordIndex again = new RecordIndex(files, 30 * ONE_WEIGHT, damaged::add);
    again.begin(files.load(new Views(), Function.identity(), again).catalog());
    for (int i = 0; i < 200; i++) {
      assertThat(find(again, i).data()).isEqualTo(expected.get(i));
    }
    assertThat(problems).isEmpty();
    assertThat(damaged).isEmpty();
  }

  @Test
  void patchedZoneStaysInMemoryIsSavedAsItsBaseAndIsNotMoved() throws IOException {
    RecordIndex index = index(20 * ONE_WEIGHT);
    DomainName apex = DomainName.parse("large.");
    Zone base = index.filed(TestZones.zone(apex, 1, 400));
    index.publish(edit -> edit.put(base), served::set);
    ZoneEditor editor = new ZoneEditor(base);
    ZoneEditor.Patch patch = editor.patch(9);
    patch.owner(DomainName.parse("t7", apex));
    Zone patched = patch.done(problem -> problems.add(problem.message()));
    assertThat(problems).isEmpty();
    assertThat(patched.isPatched()).isTrue();
    index.publish(edit -> edit.put(patched), served::set);
    put(index, 0, 300, 1);

    assertThat(index.catalog().entry(0, apex)).isSameAs(patched);
    assertThatThrownBy(() -> files.append(patched)).hasMessageContaining("is patched");
    // Its pack is mostly dead, and it alone is alive there.
    put(index, 0, 300, 2);
    put(index, 0, 300, 3);
    files.save(index.catalog(), new Views(), 12);
    while (index.compact(served::set)) {
      assertAccountsAreRight(index);
    }
    assertThat(index.catalog().entry(0, apex)).isSameAs(patched);
    for (int save = 0; save < 3; save++) {
      files.save(index.catalog(), new Views(), 12);
    }
    assertThat(index.compact(served::set)).isFalse();
    assertAccountsAreRight(index);

    ImageFiles.Loaded loaded = files.load(new Views(), Function.identity(), index);
    assertThat(loaded.missing()).isEmpty();
    assertThat(loaded.behind()).hasSize(1);
    ColdZone behind = loaded.behind().getFirst();
    assertThat(behind.revision()).isEqualTo(1);
    assertThat(files.read(behind).data()).isEqualTo(base.data());
  }

  @Test
  void imageThatWasReadTwiceOrForAnOlderCatalogIsNotKept() {
    RecordIndex index = index(1 << 30);
    ColdZone cold = index.filed(TestZones.zone(1, 1)).cold();
    index.publish(edit -> edit.put(cold), served::set);
    Zone first = index.load(cold);
    Zone second = index.load(cold);
    assertThat(second).isNotSameAs(first);
    assertThat(find(index, 1)).isSameAs(first);
    assertAccountsAreRight(index);

    put(index, 1, 2, 2);
    assertThat(index.load(cold).serial()).isEqualTo(1);
    assertThat(find(index, 1).serial()).isEqualTo(2);
    assertAccountsAreRight(index);
  }

  @Test
  void suspensionIsTheSameColdAndWarm() {
    RecordIndex index = index(3 * ONE_WEIGHT);
    Tenant owner = new Tenant(4, "acme", "web", true, 0);
    for (int i = 0; i < 12; i++) {
      Zone zone = index.filed(TestZones.zone(i, 1).placed(i + 1, 0, owner, i % 2 == 0));
      index.publish(edit -> edit.put(zone), served::set);
    }
    for (int i = 0; i < 12; i++) {
      CatalogEntry entry = index.catalog().entry(0, TestZones.apex(i));
      assertThat(entry.isZoneSuspended()).isEqualTo(i % 2 == 0);
      Zone zone = find(index, i);
      assertThat(zone.isZoneSuspended()).isEqualTo(i % 2 == 0);
      assertThat(zone.isOwnerSuspended()).isTrue();
      assertThat(zone.tenant()).isEqualTo(4);
    }
  }
}
