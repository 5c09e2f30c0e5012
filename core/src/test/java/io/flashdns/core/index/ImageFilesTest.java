package io.flashdns.core.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.NameHash;
import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.CatalogEntry;
import io.flashdns.core.zone.ColdZone;
import io.flashdns.core.zone.Tenant;
import io.flashdns.core.zone.Views;
import io.flashdns.core.zone.Zone;
import io.flashdns.core.zone.ZoneSource;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ImageFilesTest {
  private static final int PACK_BYTES = 30_000;
  private static final int BUFFER_BYTES = 4_096;

  @TempDir Path folder;
  private final List<String> problems = new ArrayList<>();

  private ImageFiles open(Path where) throws IOException {
    return open(where, TestZones.HASH);
  }

  private ImageFiles open(Path where, NameHash hash) throws IOException {
    return ImageFiles.open(where, hash, problems::add, PACK_BYTES, BUFFER_BYTES, 10_000);
  }

  private static ImageFiles.@Nullable Loaded load(ImageFiles files) throws IOException {
    return files.load(new Views(), Function.identity(), ZoneSource.NONE);
  }

  private static List<Zone> append(ImageFiles files, int from, int to, int serial)
      throws IOException {
    List<Zone> zones = new ArrayList<>();
    for (int i = from; i < to; i++) {
      zones.add(files.append(TestZones.zone(i, serial)));
    }
    return zones;
  }

  private static void assertReads(ImageFiles files, List<Zone> zones) throws IOException {
    for (Zone zone : zones) {
      Zone read = files.read(zone.cold());
      assertThat(read.data()).isEqualTo(zone.data()).isNotSameAs(zone.data());
      assertThat(read.location()).isEqualTo(zone.location());
      assertThat(read.number()).isEqualTo(zone.number());
      assertThat(read.apex()).isEqualTo(zone.apex());
    }
  }

  private static List<String> filesIn(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void whatWasAppendedIsReadBeforeAndAfterItIsInTheFile() throws IOException {
    try (ImageFiles files = open(folder)) {
      List<Zone> zones = append(files, 0, 1, 1);
      assertThat(folder.resolve("pack-000001.img")).isEmptyFile();
      assertReads(files, zones);

      files.flush();
      assertThat(folder.resolve("pack-000001.img")).isNotEmptyFile();
      assertReads(files, zones);
    }
  }

  @Test
  void imagesLargerThanAllBuffersAndPacksAreRead() throws IOException {
    try (ImageFiles files = open(folder)) {
      List<Zone> zones = new ArrayList<>(append(files, 0, 3, 1));
      for (int texts : new int[] {20, 60, 400, 3_000, 1}) {
        zones.add(files.append(TestZones.zone(DomainName.parse("large" + texts + "."), 7, texts)));
      }
      zones.addAll(append(files, 3, 6, 1));
      assertThat(zones).anyMatch(zone -> zone.imageBytes() > 2 * PACK_BYTES);

      assertReads(files, zones);
      files.flush();
      assertReads(files, zones);
    }
  }

  @Test
  void appendingBeginsNewPacksAndNeverChangesWhatIsThere() throws IOException {
    List<Zone> zones = new ArrayList<>();
    for (int run = 0; run < 5; run++) {
      try (ImageFiles files = open(folder)) {
        zones.addAll(append(files, run * 60, run * 60 + 60, run));
        assertReads(files, zones);
      }
    }
    assertThat(filesIn(folder)).hasSizeGreaterThan(3);
    Set<Long> locations = new HashSet<>();
    zones.forEach(zone -> assertThat(locations.add(zone.location())).isTrue());
    for (String pack : filesIn(folder)) {
      assertThat(Files.size(folder.resolve(pack))).isBetween(1L, (long) PACK_BYTES);
    }
  }

  @Test
  void savedCatalogIsLoadedWithAllThatItSaid() throws IOException {
    Views views = new Views();
    int unused = views.number("unused");
    int inside = views.number("inside");
    Tenant one = new Tenant(3, "acme", "web", false, 10);
    Tenant two = new Tenant(5, "acme", "müll", true, 0);
    List<CatalogEntry> entries = new ArrayList<>();
    try (ImageFiles files = open(folder)) {
      for (int i = 0; i < 9_000; i++) {
        Zone zone = TestZones.zone(TestZones.apex(i), 100 + i, i % 3);
        Tenant owner = i % 3 == 0 ? Tenant.NOBODY : i % 3 == 1 ? one : two;
        zone = zone.placed(0, i % 2 == 0 ? 0 : inside, owner, i % 7 == 0);
        zone = files.append(zone);
        entries.add(i % 5 == 0 ? zone.cold() : zone);
      }
      // The same name in two views.
      entries.add(files.append(TestZones.zone(1, 5)));
      files.save(Catalog.of(TestZones.HASH, entries, List.of(one, two)), views, 4711);
      assertThat(files.totalBytes()).isEqualTo(files.liveBytes());
    }
    assertThat(unused).isPositive();

    Views renumbered = new Views();
    for (String name : List.of("a", "b", "inside")) {
      int _ = renumbered.number(name);
    }
    Function<Tenant, Tenant> tenants =
        tenant ->
            new Tenant(
                tenant.number() * 10,
                tenant.organisation(),
                tenant.project(),
                !tenant.suspended(),
                77);
    try (ImageFiles files = open(folder)) {
      ImageFiles.Loaded loaded = files.load(renumbered, tenants, ZoneSource.NONE);
      assertThat(problems).isEmpty();
      assertThat(loaded).isNotNull();
      assertThat(loaded.revision()).isEqualTo(4711);
      assertThat(loaded.behind()).isEmpty();
      assertThat(loaded.missing()).isEmpty();
      Catalog catalog = loaded.catalog();
      assertThat(catalog.size()).isEqualTo(entries.size());
      assertThat(catalog.tenant(30)).isEqualTo(new Tenant(30, "acme", "web", true, 77));
      assertThat(catalog.tenant(50)).isEqualTo(new Tenant(50, "acme", "müll", false, 77));
      Set<Integer> numbers = new HashSet<>();
      for (CatalogEntry saved : entries) {
        int view = saved.view() == inside ? renumbered.number("inside") : saved.view();
        CatalogEntry entry = catalog.entry(view, saved.apex());
        assertThat(entry).isInstanceOf(ColdZone.class);
        assertThat(numbers.add(entry.number())).isTrue();
        assertThat(entry.number()).isBetween(1, entries.size());
        assertThat(entry.tenant()).isEqualTo(saved.tenant() * 10);
        assertThat(entry.isZoneSuspended()).isEqualTo(saved.isZoneSuspended());
        assertThat(entry.isOwnerSuspended()).isEqualTo(saved.tenant() == 3);
        assertThat(entry.imageBytes()).isEqualTo(saved.imageBytes());
        assertThat(entry.revision()).isEqualTo(saved.revision());
        assertThat(entry.location()).isEqualTo(saved.location());
        assertThat(entry.apexLabels()).isEqualTo(saved.apexLabels());
        assertThat(files.read((ColdZone) entry).serial()).isEqualTo(saved.revision());
      }
      assertThat(files.check(catalog, (_, _) -> {}, _ -> {})).isEqualTo(entries.size());
    }
  }

  @Test
  void emptyCatalogIsSavedAndLoaded() throws IOException {
    try (ImageFiles files = open(folder)) {
      assertThat(load(files)).isNull();
      files.save(Catalog.empty(TestZones.HASH), new Views(), 9);
      assertThat(load(files).revision()).isEqualTo(9);
    }
    assertThat(problems).isEmpty();
  }

  @Test
  void eachBitFlipInAPackIsFoundAndNoOtherOctetsComeBack() throws IOException {
    List<Zone> zones;
    Path pack = folder.resolve("pack-000001.img");
    try (ImageFiles files = open(folder)) {
      zones = new ArrayList<>(append(files, 0, 30, 1));
      zones.add(files.append(TestZones.zone(DomainName.parse("large."), 1, 50)));
      files.save(Catalog.of(TestZones.HASH, zones), new Views(), 1);
    }
    byte[] good = Files.readAllBytes(pack);
    assertThat(filesIn(folder)).containsExactly("catalog.img", "pack-000001.img");
    Random random = new Random(1);
    try (ImageFiles files = open(folder);
        FileChannel writer = FileChannel.open(pack, StandardOpenOption.WRITE)) {
      for (int flip = 0; flip < 1_000; flip++) {
        int at = random.nextInt(good.length);
        byte octet = (byte) (good[at] ^ 1 << random.nextInt(8));
        int _ = writer.write(java.nio.ByteBuffer.wrap(new byte[] {octet}), at);
        int bad = 0;
        for (Zone zone : zones) {
          long begin = Location.offset(zone.location());
          boolean hit = at >= begin && at < begin + ImagePacks.HEADER_BYTES + zone.imageBytes();
          try {
            assertThat(files.read(zone.cold()).data()).isEqualTo(zone.data());
            assertThat(hit).isFalse();
          } catch (IOException e) {
            assertThat(e).hasMessageContaining(zone.apex().toString()).hasMessageContaining("pack");
            assertThat(hit).isTrue();
            bad++;
          }
        }
        assertThat(bad).isEqualTo(1);
        int _ = writer.write(java.nio.ByteBuffer.wrap(good, at, 1), at);
      }
    }
  }

  @Test
  void eachBitFlipInTheCatalogIsFound() throws IOException {
    try (ImageFiles files = open(folder)) {
      Tenant tenant = new Tenant(1, "acme", "web", false, 0);
      List<Zone> zones = new ArrayList<>(append(files, 0, 100, 1));
      zones.add(zones.removeLast().placed(1, 0, tenant, true));
      files.save(Catalog.of(TestZones.HASH, zones, List.of(tenant)), new Views(), 1);
    }
    Path catalog = folder.resolve("catalog.img");
    byte[] good = Files.readAllBytes(catalog);
    Random random = new Random(2);
    try (ImageFiles files = open(folder)) {
      for (int flip = 0; flip < 1_000; flip++) {
        byte[] bad = good.clone();
        bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
        Files.write(catalog, bad);
        problems.clear();
        assertThat(load(files)).isNull();
        assertThat(problems).hasSize(1).first().asString().contains("catalog.img is not used");
      }
      Files.write(catalog, good);
      assertThat(load(files).catalog().size()).isEqualTo(100);
    }
  }

  @Test
  void catalogThatWasCutOrHasMoreBehindItIsNotUsed() throws IOException {
    try (ImageFiles files = open(folder)) {
      files.save(Catalog.of(TestZones.HASH, append(files, 0, 30, 1)), new Views(), 1);
      Path catalog = folder.resolve("catalog.img");
      byte[] good = Files.readAllBytes(catalog);
      for (int length = 0; length <= good.length + 1; length++) {
        Files.write(catalog, java.util.Arrays.copyOf(good, length));
        assertThat(load(files) != null).isEqualTo(length == good.length);
      }
    }
  }

  @Test
  void zonesOfACutOrLostPackAreMissingAndNoneOther() throws IOException {
    List<Zone> zones;
    try (ImageFiles files = open(folder)) {
      zones = append(files, 0, 150, 1);
      files.save(Catalog.of(TestZones.HASH, zones), new Views(), 1);
    }
    List<String> packs = filesIn(folder).stream().filter(name -> name.startsWith("pack")).toList();
    assertThat(packs).hasSizeGreaterThan(2);
    Path last = folder.resolve(packs.getLast());
    long cutAt = Files.size(last) / 2;
    Files.delete(folder.resolve(packs.get(1)));
    try (FileChannel file = FileChannel.open(last, StandardOpenOption.WRITE)) {
      file.truncate(cutAt);
    }
    int lost = PackFile.numberOf(folder.resolve(packs.get(1)));
    int cut = PackFile.numberOf(last);
    List<DomainName> gone =
        zones.stream()
            .filter(
                zone ->
                    Location.pack(zone.location()) == lost
                        || (Location.pack(zone.location()) == cut
                            && Location.offset(zone.location())
                                    + ImagePacks.HEADER_BYTES
                                    + zone.imageBytes()
                                > cutAt))
            .map(Zone::apex)
            .toList();
    try (ImageFiles files = open(folder)) {
      ImageFiles.Loaded loaded = load(files);
      assertThat(loaded.missing().stream().map(ColdZone::apex))
          .containsExactlyInAnyOrderElementsOf(gone);
      assertThat(problems).hasSize(1).first().asString().contains(gone.size() + " zones");
      // What is built anew stands where nothing stood before.
      List<Zone> anew = append(files, 0, 100, 2);
      assertReads(files, anew);
      for (ColdZone zone : loaded.missing()) {
        assertThatThrownBy(() -> files.read(zone)).isInstanceOf(IOException.class);
      }
      List<DomainName> bad = new ArrayList<>();
      long right = files.check(loaded.catalog(), (zone, _) -> bad.add(zone.apex()), _ -> {});
      assertThat(bad).containsExactlyInAnyOrderElementsOf(gone);
      assertThat(right).isEqualTo(zones.size() - gone.size());
    }
  }

  @Test
  void catalogOfAnotherSeedOrLayoutIsNotUsed() throws IOException {
    try (ImageFiles files = open(folder)) {
      files.save(Catalog.of(TestZones.HASH, append(files, 0, 3, 1)), new Views(), 1);
    }
    try (ImageFiles files = open(folder, new NameHash(43))) {
      assertThat(load(files)).isNull();
    }
    assertThat(problems).hasSize(1).first().asString().contains("hash.seed");
    problems.clear();
    try (ImageFiles files = open(folder);
        FileChannel file =
            FileChannel.open(folder.resolve("catalog.img"), StandardOpenOption.WRITE)) {
      CatalogWriter.write(
          file,
          Catalog.empty(TestZones.HASH),
          new Views(),
          1,
          Zone.LAYOUT_VERSION + 1,
          new Census(new int[0], new long[0]));
      assertThat(load(files)).isNull();
    }
    assertThat(problems).hasSize(1).first().asString().contains("another version");
  }

  @Test
  void crashAfterAppendingLeavesTheSavedCatalog() throws IOException {
    Path after = folder.resolve("after");
    try (ImageFiles files = open(folder.resolve("before"))) {
      List<Zone> saved = append(files, 0, 50, 1);
      files.save(Catalog.of(TestZones.HASH, saved), new Views(), 1);
      List<Zone> later = append(files, 0, 50, 2);
      Files.createDirectories(after);
      for (String name : filesIn(folder.resolve("before"))) {
        Files.copy(folder.resolve("before").resolve(name), after.resolve(name));
      }
      Files.writeString(after.resolve("catalog.img.tmp"), "half a catalo");
      assertReads(files, later);
      try (ImageFiles again = open(after)) {
        ImageFiles.Loaded loaded = load(again);
        assertThat(loaded.missing()).isEmpty();
        assertThat(filesIn(after)).doesNotContain("catalog.img.tmp");
        for (Zone zone : saved) {
          ColdZone cold = (ColdZone) loaded.catalog().entry(0, zone.apex());
          assertThat(again.read(cold).data()).isEqualTo(zone.data());
        }
        List<Zone> anew = append(again, 0, 50, 3);
        assertReads(again, anew);
        assertReads(again, saved);
      }
    }
  }

  @Test
  void zoneThatIsInNoFileIsMissingWhenLoaded() throws IOException {
    try (ImageFiles files = open(folder)) {
      List<CatalogEntry> zones = new ArrayList<>(append(files, 0, 3, 1));
      zones.add(TestZones.zone(3, 1));
      files.save(Catalog.of(TestZones.HASH, zones), new Views(), 1);
      ImageFiles.Loaded loaded = load(files);
      assertThat(loaded.missing()).extracting(ColdZone::apex).containsExactly(TestZones.apex(3));
      assertThat(loaded.catalog().size()).isEqualTo(4);
    }
  }

  @Test
  void interruptOfAReaderClosesTheFileForNobody() throws IOException {
    try (ImageFiles files = open(folder)) {
      List<Zone> zones = append(files, 0, 10, 1);
      files.flush();
      Thread.currentThread().interrupt();
      assertReads(files, zones);
      assertThat(Thread.interrupted()).isTrue();
      assertReads(files, zones);
      files.save(Catalog.of(TestZones.HASH, append(files, 10, 20, 1)), new Views(), 1);
    }
  }

  @Test
  void packOfWhichNothingIsNamedGoesAtTheSecondSaveAndIsReadUntilTheThird() throws IOException {
    try (ImageFiles files = open(folder)) {
      List<Zone> old = append(files, 0, 200, 1);
      List<Zone> now = append(files, 0, 200, 2);
      Catalog catalog = Catalog.of(TestZones.HASH, now);
      files.save(catalog, new Views(), 1);
      assertThat(filesIn(folder)).contains("pack-000001.img");
      files.save(catalog, new Views(), 2);
      assertThat(filesIn(folder)).doesNotContain("pack-000001.img");
      assertReads(files, old.subList(0, 10));
      assertReads(files, now);
      files.save(catalog, new Views(), 3);
      assertThatThrownBy(() -> files.read(old.getFirst().cold())).isInstanceOf(IOException.class);
      assertReads(files, now);
      files.deleteAll();
      assertThat(filesIn(folder)).isEmpty();
      assertThat(load(files)).isNull();
      assertReads(files, append(files, 0, 5, 3));
    }
  }

  @Test
  void failedAppendLeavesAllAsItWas() throws IOException {
    try (ImageFiles files = open(folder)) {
      List<Zone> zones = new ArrayList<>();
      // The name of the second pack is taken: it cannot be made.
      Files.createDirectory(folder.resolve("pack-000002.img"));
      IOException failure = null;
      for (int i = 0; i < 500 && failure == null; i++) {
        try {
          zones.add(files.append(TestZones.zone(i, 1)));
        } catch (IOException e) {
          failure = e;
        }
      }
      assertThat(failure).isNotNull();
      assertReads(files, zones);
      Files.delete(folder.resolve("pack-000002.img"));
      zones.addAll(append(files, 1_000, 1_100, 1));
      assertReads(files, zones);
      files.save(Catalog.of(TestZones.HASH, zones), new Views(), 1);
      Map<String, CatalogEntry> loaded = TestZones.byName(load(files).catalog());
      assertThat(loaded).hasSize(zones.size());
    }
  }
}
