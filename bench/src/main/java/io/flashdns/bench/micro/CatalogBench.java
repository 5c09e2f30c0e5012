package io.flashdns.bench.micro;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.NameKey;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.Zone;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * Finding the zone of a name. {@link #read} is the part that is not looking: take it off the other.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class CatalogBench {
  /** Where names lie. */
  public enum Place {
    /** One label below an apex. */
    NEAR,
    /** Five labels below an apex. */
    DEEP,
    /** Below no apex. */
    NOWHERE
  }

  private static final int NAMES_PER_ZONE = 20;
  private static final int QUESTIONS = 1 << 17;
  private static final int STRIDE = 64;

  /** Zones in the catalog. */
  @Param({"1", "10000", "100000"})
  public int zones = 1;

  /** Where the names that are looked for lie. */
  @Param public Place place = Place.NEAR;

  private final NameKey key = new NameKey(BenchServer.HASH);
  private final byte[] names = new byte[QUESTIONS * STRIDE];
  private Catalog catalog = Catalog.empty(BenchServer.HASH);
  private int next;

  /** Builds the catalog and the names. */
  @Setup
  public void build() {
    List<Zone> all = new ArrayList<>(zones);
    for (int i = 0; i < zones; i++) {
      all.add(BenchZone.build(BenchServer.HASH, BenchZone.apex(i), NAMES_PER_ZONE, false));
    }
    catalog = Catalog.of(BenchServer.HASH, all);
    SplittableRandom random = new SplittableRandom(9);
    // Other places first, so that no way through the loop over labels is the only one.
    for (Place other : Place.values()) {
      for (int i = 0; i < 20_000; i++) {
        write(0, other, random);
        next = 0;
        find();
      }
    }
    for (int i = 0; i < QUESTIONS; i++) {
      write(i, place, random);
    }
    next = 0;
  }

  private void write(int index, Place where, SplittableRandom random) {
    String labels =
        switch (where) {
          case NEAR -> BenchZone.host(random.nextInt(14));
          case DEEP -> "a.b.c.d." + BenchZone.host(random.nextInt(14));
          case NOWHERE -> "www.nowhere" + random.nextInt(1 << 20);
        };
    DomainName apex =
        where == Place.NOWHERE
            ? DomainName.parse("invalid")
            : BenchZone.apex(random.nextInt(zones));
    byte[] name = DomainName.parse(labels, apex).wire();
    System.arraycopy(name, 0, names, index * STRIDE, name.length);
  }

  /** Reads a name. */
  @Benchmark
  public long read() {
    int at = next * STRIDE;
    next = (next + 1) & (QUESTIONS - 1);
    key.readUncompressed(names, at, at + Wire.MAX_NAME_BYTES);
    return key.suffixHash(0);
  }

  /** Reads a name and finds its zone. */
  @Benchmark
  public @Nullable Zone find() {
    read();
    return catalog.find(0, key, false);
  }

  NameKey key() {
    return key;
  }
}
