package io.flashdns.bench.micro;

import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.RRsetBlock;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.ZoneId;
import io.flashdns.core.store.ZoneStore;
import io.flashdns.core.zone.Zone;
import io.flashdns.core.zone.ZoneImageBuilder;
import io.flashdns.management.store.EmbeddedStore;
import io.flashdns.management.store.StoreConfig;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Reading a whole zone from the embedded store, and making its image from there. Beside zones a
 * second it counts {@code records} a second.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class StoreReadBench {
  /** What was read. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Read {
    /** Records of the zones that were read. */
    public long records;
  }

  /** Names of the zone. */
  @Param({"20", "100000"})
  public int names = 20;

  private @Nullable ZoneStore store;
  private @Nullable ZoneId zone;

  /** Puts one zone into a store. */
  @Setup
  public void open() throws StoreException, InterruptedException {
    ZoneStore opened = EmbeddedStore.inMemory(StoreConfig.defaults());
    store = opened;
    zone =
        opened.commit(ChangeSet.of("bench", StoreBench.create(0, names))).zones().getFirst().id();
  }

  /** Forgets it. */
  @TearDown
  public void close() {
    ZoneStore open = store;
    if (open != null) {
      open.close();
    }
  }

  /** Reads all blocks of the zone; returns its records. */
  @Benchmark
  public int content(Read read) throws StoreException {
    int records = 0;
    ZoneStore open = store;
    ZoneId id = zone;
    if (open == null || id == null) {
      throw new IllegalStateException("not open");
    }
    try (StoreSnapshot snapshot = open.snapshot();
        ContentView.ContentReader reader = snapshot.content(id, null)) {
      for (RRsetBlock block = reader.next(); block != null; block = reader.next()) {
        records += block.recordCount();
      }
    }
    read.records += records;
    return records;
  }

  /** Reads the zone and builds its image. */
  @Benchmark
  public Zone image(Read read) throws StoreException {
    ZoneStore open = store;
    ZoneId id = zone;
    if (open == null || id == null) {
      throw new IllegalStateException("not open");
    }
    ZoneImageBuilder builder = new ZoneImageBuilder(BenchServer.HASH);
    try (StoreSnapshot snapshot = open.snapshot();
        ContentView.ContentReader reader = snapshot.content(id, null)) {
      for (RRsetBlock block = reader.next(); block != null; block = reader.next()) {
        block.writeTo(builder);
      }
    }
    Zone image = BenchZone.image(builder);
    read.records += image.recordCount();
    return image;
  }
}
