package io.flashdns.bench.micro;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.CommitResult;
import io.flashdns.core.store.RRset;
import io.flashdns.core.store.RRsetBlock;
import io.flashdns.core.store.RRsetEdit;
import io.flashdns.core.store.RecordData;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.ZoneChange;
import io.flashdns.core.store.ZoneContents;
import io.flashdns.core.store.ZoneId;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.store.ZoneSettings;
import io.flashdns.core.store.ZoneStore;
import io.flashdns.core.zone.Views;
import io.flashdns.management.store.EmbeddedStore;
import io.flashdns.management.store.StoreConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Writing to the embedded store, each time until it would survive a power cut: changes of one
 * record, by one writer and by sixteen at once, and imports of 500 zones in a change set, of which
 * {@code records} counts the records.
 *
 * <p>The store lies where {@code java.io.tmpdir} says: what a sync costs there is most of what is
 * measured ({@code -jvmArgsAppend -Djava.io.tmpdir=...}).
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class StoreBench {
  static final int ZONES_A_CHANGE = 500;
  static final int NAMES = 1_000;
  private static final int NAMES_IMPORTED = 4;

  /** What was imported. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Imported {
    /** Records of the zones that were created. */
    public long records;
  }

  private final AtomicInteger next = new AtomicInteger();
  private final AtomicInteger nextZone = new AtomicInteger(1);
  private @Nullable Path folder;
  private @Nullable ZoneStore store;
  private @Nullable ZoneId zone;

  /** Opens a store with one zone. */
  @Setup
  public void open() throws IOException, StoreException, InterruptedException {
    Path made = Files.createTempDirectory("flashdns-bench");
    folder = made;
    ZoneStore opened = EmbeddedStore.open(made.resolve("store"), StoreConfig.defaults());
    store = opened;
    zone = opened.commit(ChangeSet.of("bench", create(0, NAMES))).zones().getFirst().id();
  }

  /** Closes and deletes it. */
  @TearDown
  public void close() throws IOException {
    store().close();
    Path made = folder;
    if (made == null) {
      return;
    }
    try (Stream<Path> files = Files.walk(made)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  static ZoneChange.Create create(int number, int names) {
    DomainName apex = BenchZone.apex(number);
    return new ZoneChange.Create(
        ZoneSettings.of(new ZoneKey(Views.PUBLIC_NAME, apex)), content(apex, names));
  }

  static RRsetBlock content(DomainName apex, int names) {
    ZoneContents contents = new ZoneContents(apex);
    BenchZone.write(contents, apex, names, false);
    return contents.block();
  }

  /** Changes the address of one host. */
  @Benchmark
  @Threads(1)
  public CommitResult commit() throws StoreException, InterruptedException {
    ZoneId id = zone;
    if (id == null) {
      throw new IllegalStateException("not open");
    }
    int number = next.getAndIncrement();
    DomainName owner =
        DomainName.parse(BenchZone.host(number % BenchZone.hosts(NAMES)), BenchZone.apex(0));
    byte[] address = {11, (byte) (number >> 16), (byte) (number >> 8), (byte) number};
    RRset rrset = new RRset(owner, RecordType.A, BenchZone.TTL, List.of(RecordData.of(address)));
    RRsetEdit put = new RRsetEdit.Put(rrset, RRsetEdit.ANY_REVISION);
    return store()
        .commit(
            ChangeSet.of("bench", new ZoneChange.Edit(id, List.of(put), ZoneChange.ANY_REVISION)));
  }

  /** The same by sixteen writers. */
  @Benchmark
  @Threads(16)
  public CommitResult commitBySixteen() throws StoreException, InterruptedException {
    return commit();
  }

  /** Creates 500 zones in one change set. */
  @Benchmark
  @Threads(1)
  public CommitResult importZones(Imported imported) throws StoreException, InterruptedException {
    int first = nextZone.getAndAdd(ZONES_A_CHANGE);
    List<ZoneChange> changes = new ArrayList<>(ZONES_A_CHANGE);
    for (int i = 0; i < ZONES_A_CHANGE; i++) {
      ZoneChange.Create create = create(first + i, NAMES_IMPORTED);
      imported.records += create.content().recordCount();
      changes.add(create);
    }
    return store().commit(new ChangeSet("", "bench", "", "", false, changes));
  }

  ZoneStore store() {
    ZoneStore open = store;
    if (open == null) {
      throw new IllegalStateException("not open");
    }
    return open;
  }
}
