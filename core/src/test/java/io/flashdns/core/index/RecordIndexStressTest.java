package io.flashdns.core.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.dns.NameKey;
import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.Views;
import io.flashdns.core.zone.Zone;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RecordIndexStressTest {
  private static final int ZONES = 20_000;
  private static final int READERS = 4;
  private static final int PUBLISHES = 1_500;

  @TempDir Path folder;

  /**
   * Readers look zones up while one thread changes, removes, saves and compacts, and room is for a
   * tenth of them: each answer is of a version that was the current one at some moment of the
   * query.
   */
  @Test
  void readersSeeOnlyVersionsThatWereCurrent() throws Exception {
    Queue<String> wrong = new ConcurrentLinkedQueue<>();
    AtomicReference<Catalog> served = new AtomicReference<>();
    AtomicIntegerArray begun = new AtomicIntegerArray(ZONES);
    AtomicIntegerArray done = new AtomicIntegerArray(ZONES);
    AtomicBoolean over = new AtomicBoolean();
    AtomicLong reads = new AtomicLong();
    long maxBytes = (TestZones.zone(0, 1).imageBytes() + RecordIndex.ZONE_BYTES) * (ZONES / 10);
    try (ImageFiles files =
        ImageFiles.open(folder, TestZones.HASH, wrong::add, 4 << 20, 64 << 10, 1 << 20)) {
      RecordIndex index = new RecordIndex(files, maxBytes, zone -> wrong.add("damaged " + zone));
      index.begin(Catalog.empty(TestZones.HASH, index));
      List<Zone> first = new ArrayList<>();
      for (int i = 0; i < ZONES; i++) {
        first.add(index.filed(TestZones.zone(i, 1)));
        begun.set(i, 1);
        done.set(i, 1);
      }
      index.publish(edit -> first.forEach(edit::put), served::set);
      first.clear();

      List<Thread> readers = new ArrayList<>();
      for (int reader = 0; reader < READERS; reader++) {
        int seed = reader;
        readers.add(
            Thread.ofPlatform()
                .start(
                    () -> {
                      try {
                        read(served, begun, done, over, seed, reads, wrong);
                      } catch (RuntimeException | Error e) {
                        wrong.add(e.toString());
                      }
                    }));
      }
      Random random = new Random(99);
      List<Zone> batch = new ArrayList<>();
      long mostResident = 0;
      for (int publish = 1; publish <= PUBLISHES && wrong.isEmpty(); publish++) {
        batch.clear();
        for (int change = random.nextInt(20); change >= 0; change--) {
          int i = random.nextInt(ZONES);
          int serial = begun.incrementAndGet(i);
          batch.add(index.filed(TestZones.zone(i, serial)));
        }
        index.publish(edit -> batch.forEach(edit::put), served::set);
        for (Zone zone : batch) {
          done.accumulateAndGet(zone.number() - 1, (int) zone.serial(), Math::max);
        }
        IndexState state = index.state();
        mostResident =
            Math.max(
                mostResident,
                state.residentBytes() + state.residentZones() * RecordIndex.ZONE_BYTES);
        if (publish % 300 == 0) {
          files.save(index.catalog(), new Views(), publish);
          while (index.compact(served::set)) {
            RecordIndexTest.assertAccountsAreRight(index);
          }
        }
      }
      over.set(true);
      for (Thread reader : readers) {
        reader.join();
      }

      assertThat(wrong).isEmpty();
      assertThat(reads.get()).isGreaterThan(PUBLISHES);
      assertThat(mostResident).isLessThan(maxBytes + maxBytes / 50);
      RecordIndexTest.assertAccountsAreRight(index);
      IndexState state = index.state();
      assertThat(state.residentZones()).isBetween((long) ZONES / 20, (long) ZONES / 10);
      assertThat(state.evictions()).isGreaterThan(ZONES / 10);
      assertThat(state.failures()).isZero();
      // Every zone at its last version, from the files alone.
      files.flush();
      assertThat(files.check(index.catalog(), (_, why) -> wrong.add(why), _ -> {}))
          .isEqualTo(ZONES);
      for (int i = 0; i < ZONES; i++) {
        assertThat(index.catalog().zone(TestZones.apex(i)).serial()).isEqualTo(begun.get(i));
      }
      assertThat(wrong).isEmpty();
    }
  }

  private static void read(
      AtomicReference<Catalog> served,
      AtomicIntegerArray begun,
      AtomicIntegerArray done,
      AtomicBoolean over,
      int seed,
      AtomicLong reads,
      Queue<String> wrong) {
    Random random = new Random(seed);
    NameKey[] keys = new NameKey[ZONES];
    for (int i = 0; i < ZONES; i++) {
      keys[i] = TestZones.key(TestZones.apex(i));
    }
    long count = 0;
    while (!over.get() && wrong.isEmpty()) {
      // Half of the queries go to a hundredth of the zones.
      int i = random.nextInt(random.nextBoolean() ? ZONES / 100 : ZONES);
      int least = done.get(i);
      Catalog catalog = served.get();
      Zone zone = catalog.find(Views.PUBLIC, keys[i], false);
      int most = begun.get(i);
      if (zone == null || zone.isUnavailable()) {
        wrong.add("zone " + i + " is " + (zone == null ? "not there" : "unavailable"));
      } else if (zone.serial() < least
          || zone.serial() > most
          || !zone.apex().equals(TestZones.apex(i))) {
        wrong.add(zone.apex() + " " + zone.serial() + " not in " + least + " to " + most);
      }
      if (zone != null && (++count & 15) == 0) {
        catalog.used(zone);
      }
    }
    reads.addAndGet(count);
  }
}
