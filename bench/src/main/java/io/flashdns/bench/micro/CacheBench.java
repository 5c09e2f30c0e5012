package io.flashdns.bench.micro;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.engine.Worker;
import io.flashdns.core.index.ImageFiles;
import io.flashdns.core.index.IndexState;
import io.flashdns.core.index.RecordIndex;
import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.CatalogEntry;
import io.flashdns.core.zone.ColdZone;
import io.flashdns.core.zone.Zone;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the bounded index costs: a hit in one of 10,000 small zones, asked in random order, with the
 * index and without. 2,500 more zones are served and never asked.
 *
 * <p>All is alike but the index: the same zones, brought into memory from the same files in the
 * same random order, and the same questions. {@code loads / queries} is how many images were read
 * for one operation. The files lie where {@code java.io.tmpdir} says, and are in the page cache: a
 * load is a copy and a checksum, no wait for a disk.
 *
 * <p>One thread. Its scope is that of the benchmark, for JMH gives {@link Seen} another object
 * else.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Threads(1)
public class CacheBench {
  /** The zones that are asked. */
  static final Size ASKED = Size.MANY_SMALL;

  private static final int NEVER_ASKED = ASKED.zones / 4;

  /** What brings zones into memory and holds them there. */
  public enum Index {
    /** Nothing: all zones are in a catalog that has no index. */
    NONE,
    /** An index with room for all zones: none can be given up, and Caffeine hears of nothing. */
    ALL_FIT,
    /** An index with room for those that are asked, not for all: Caffeine hears of some uses. */
    ASKED_FIT,
    /** An index with room for half of those that are asked: the others are read from the files. */
    HALF_FIT
  }

  /** What happened meanwhile. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Seen {
    /** Messages that were answered. */
    public long queries;

    private @Nullable CacheBench bench;
    private long loadsBefore;

    /** Looks at the index. */
    @Setup(Level.Iteration)
    public void begin(CacheBench measured) {
      bench = measured;
      loadsBefore = measured.loads();
    }

    /** Images that were read for them: asked when the iteration is over. */
    public long loads() {
      CacheBench measured = bench;
      return measured == null ? 0 : measured.loads() - loadsBefore;
    }
  }

  /** What holds the zones. */
  @Param public Index index = Index.NONE;

  private QueryList queries = QueryList.of(AnswerKind.HIT, 1, 20, 1, 0);
  private BenchServer server = new BenchServer(List.of(), 0);
  private @Nullable Path folder;
  private @Nullable ImageFiles files;
  private @Nullable RecordIndex records;

  /** Writes the image files, and asks until everything that fits is in memory. */
  @Setup
  public void serve() throws IOException {
    serve(AnswerBench.QUERIES);
  }

  void serve(int questions) throws IOException {
    Path made = Files.createTempDirectory("flashdns-bench");
    folder = made;
    ImageFiles images =
        ImageFiles.open(
            made,
            BenchServer.HASH,
            problem -> {
              throw new IllegalStateException(problem);
            });
    files = images;
    List<ColdZone> asked = new ArrayList<>();
    for (int i = 0; i < ASKED.zones; i++) {
      asked.add(filed(images, zone(i)));
    }
    asked.add(filed(images, Pollution.zone()));
    List<ColdZone> all = new ArrayList<>(asked);
    for (int i = 0; i < NEVER_ASKED; i++) {
      all.add(filed(images, zone(ASKED.zones + i)));
    }
    images.flush();

    RecordIndex holder =
        new RecordIndex(
            images,
            budget(weight(asked), weight(all)),
            damaged -> {
              throw new IllegalStateException(damaged.toString());
            });
    records = holder;
    holder.begin(Catalog.of(BenchServer.HASH, all, List.of(), holder));
    bringIn(holder.catalog(), index == Index.NONE || index == Index.ALL_FIT ? all : asked);
    server =
        new BenchServer(
            index == Index.NONE
                ? Catalog.of(BenchServer.HASH, holder.catalog().entries())
                : holder.catalog(),
            List.of(BenchServer.zonePlugin()));
    queries = QueryList.of(AnswerKind.HIT, ASKED.zones, ASKED.names, questions, 3);
    Pollution.run(server, ASKED);
  }

  private static Zone zone(int number) {
    return BenchZone.build(BenchServer.HASH, BenchZone.apex(number), ASKED.names, false);
  }

  private static ColdZone filed(ImageFiles images, Zone zone) throws IOException {
    return images.append(zone).cold();
  }

  private static long weight(List<ColdZone> zones) {
    return zones.stream().mapToLong(CatalogEntry::imageBytes).sum()
        + (long) RecordIndex.ZONE_BYTES * zones.size();
  }

  private long budget(long asked, long all) {
    return switch (index) {
      case NONE, ALL_FIT -> all;
      case ASKED_FIT -> (asked + all) / 2;
      case HALF_FIT -> asked / 2;
    };
  }

  /** In random order, as queries would. */
  private static void bringIn(Catalog catalog, List<ColdZone> zones) {
    List<DomainName> apexes = new ArrayList<>();
    zones.forEach(zone -> apexes.add(zone.apex()));
    Collections.shuffle(apexes, new Random(5));
    for (DomainName apex : apexes) {
      Zone _ = catalog.zone(apex);
    }
  }

  /** Ends the index and deletes the files. */
  @TearDown
  public void close() throws IOException {
    if (records != null) {
      records.close();
    }
    if (files != null) {
      files.close();
    }
    Path made = folder;
    if (made == null) {
      return;
    }
    try (Stream<Path> left = Files.walk(made)) {
      for (Path file : left.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** A message on its own. */
  @Benchmark
  public int single(Seen seen) {
    seen.queries++;
    return server.ask(queries);
  }

  /** Messages in batches of {@link Worker#BATCH}, as they come from a busy socket. */
  @Benchmark
  @OperationsPerInvocation(Worker.BATCH)
  public int batch(Seen seen) {
    seen.queries += Worker.BATCH;
    return server.askBatch(queries);
  }

  /** Images that were read for queries so far. */
  long loads() {
    return state().loads();
  }

  IndexState state() {
    RecordIndex holder = records;
    if (holder == null) {
      throw new IllegalStateException("not served");
    }
    return holder.state();
  }

  @Nullable Path folder() {
    return folder;
  }

  BenchServer server() {
    return server;
  }
}
