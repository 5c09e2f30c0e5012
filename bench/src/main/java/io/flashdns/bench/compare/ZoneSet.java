package io.flashdns.bench.compare;

import io.flashdns.bench.load.LoadException;
import io.flashdns.bench.load.Queries;
import io.flashdns.bench.load.QueryFile;
import io.flashdns.bench.load.Workload;
import io.flashdns.bench.load.Workload.Kind;
import io.flashdns.bench.load.Workload.Spread;
import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.Rcode;
import io.flashdns.core.dns.RecordType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Zones that all servers serve, and the lists of questions that fit them. Either of the shape of
 * {@link Workload}, or a folder that was made before: {@code zones/*.zone}, {@code hit.q}, {@code
 * mix.q}, {@code nx.q}, and perhaps {@code hit.expected} and so on beside them.
 *
 * <p>Lists are read or drawn once, and kept. One thread.
 */
final class ZoneSet {
  private static final int QUESTIONS = 500_000;
  private static final long SEED = 7;
  private static final int FLOODED_ZONES = 10_000;
  private static final int NOERROR_BIT = 1 << Rcode.NOERROR;
  private static final int NXDOMAIN_BIT = 1 << Rcode.NXDOMAIN;

  private final String title;
  private final String key;
  private final ZoneFolder zones;
  private final @Nullable Path lists;
  private final @Nullable Workload workload;
  private final Map<String, Asked> asked = new HashMap<>();

  private ZoneSet(
      String title,
      String key,
      ZoneFolder zones,
      @Nullable Path lists,
      @Nullable Workload workload) {
    this.title = title;
    this.key = key;
    this.zones = zones;
    this.lists = lists;
    this.workload = workload;
  }

  /** A folder that was made before. */
  static ZoneSet existing(Path folder) throws CompareException {
    ZoneFolder zones = ZoneFolder.of(folder.resolve("zones"));
    Path whole = folder.toAbsolutePath().normalize();
    String name = String.valueOf(whole.getFileName());
    // What servers keep of a folder must not be taken for that of another one of this name.
    String key = "%s-%08x".formatted(name, whole.hashCode());
    return new ZoneSet(
        "%s: %s".formatted(name, title(zones.apexes().size())), key, zones, folder, null);
  }

  /** Zones of a workload, written where they are not there. */
  static ZoneSet of(Path folder, Workload workload, Progress progress) throws CompareException {
    String key = "%dx%d".formatted(workload.zones(), workload.names());
    Path zones = folder.resolve("zones-" + key).resolve("zones");
    write(zones, workload, progress);
    return new ZoneSet(
        "%s of %,d names".formatted(title(workload.zones()), workload.names()),
        key,
        ZoneFolder.of(zones),
        null,
        workload);
  }

  /** Writes the zone files of a workload, unless all are there. */
  static void write(Path zones, Workload workload, Progress progress) throws CompareException {
    Path complete = zones.resolveSibling("complete");
    if (Files.exists(complete)) {
      return;
    }
    progress.begin("writing %,d zones".formatted(workload.zones()), 0);
    try {
      Files.createDirectories(zones);
      for (int i = 0; i < workload.zones(); i++) {
        Files.writeString(
            zones.resolve(Workload.apex(i) + ZoneFolder.SUFFIX), workload.zoneFile(i));
      }
      Files.writeString(complete, "");
    } catch (IOException e) {
      throw new CompareException("cannot write zones to " + zones + ": " + e.getMessage(), e);
    }
  }

  private static String title(int zones) {
    return zones == 1 ? "1 zone" : "%,d zones".formatted(zones);
  }

  String title() {
    return title;
  }

  /** A name for folders. */
  String key() {
    return key;
  }

  ZoneFolder zones() {
    return zones;
  }

  int count() {
    return zones.apexes().size();
  }

  /** The list {@code hit}, {@code mix} or {@code nx}. */
  Asked asked(String list) throws LoadException {
    Asked known = asked.get(list);
    if (known == null) {
      known = read(list);
      asked.put(list, known);
    }
    return known;
  }

  private Asked read(String list) throws LoadException {
    if (workload != null) {
      return new Asked(workload.queries(Kind.valueOf(list.toUpperCase(Locale.ROOT)), QUESTIONS), 0);
    }
    Path folder = lists == null ? Path.of("") : lists;
    Queries queries = QueryFile.read(folder.resolve(list + ".q"));
    Path expected = folder.resolve(list + ".expected");
    return Files.exists(expected)
        ? new Asked(QueryFile.expecting(queries, expected), 0)
        : new Asked(
            queries,
            switch (list) {
              case "hit" -> NOERROR_BIT;
              case "nx" -> NXDOMAIN_BIT;
              default -> NOERROR_BIT | NXDOMAIN_BIT;
            });
  }

  /** Names that are not there, always new ones, in zones taken at random. */
  Asked flood() {
    Queries.Builder queries = Queries.builder();
    SplittableRandom dice = new SplittableRandom(SEED);
    List<String> apexes = zones.apexes();
    for (int i = 0; i < FLOODED_ZONES; i++) {
      queries.addNewBelow(DomainName.parse(apexes.get(dice.nextInt(apexes.size()))), RecordType.A);
    }
    return new Asked(queries.build(), NXDOMAIN_BIT);
  }

  /** The workload that {@link #zones} were made from. */
  static Workload workload(int zones, int names) {
    return new Workload(zones, names, Spread.CUBIC, SEED);
  }
}
