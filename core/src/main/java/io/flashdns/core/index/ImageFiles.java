package io.flashdns.core.index;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.ColdZone;
import io.flashdns.core.zone.Tenant;
import io.flashdns.core.zone.Views;
import io.flashdns.core.zone.Zone;
import io.flashdns.core.zone.ZoneSource;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The images of all zones, and the catalog of them, in the files of a folder: what a start serves
 * from before anything is parsed, and what a query is answered from whose zone is not in memory.
 *
 * <p>Everything in it is derived from the store and can be built anew from there. So whatever is
 * damaged is found out by its checksum, said, and not used; nothing is ever repaired.
 *
 * <ul>
 *   <li>{@code pack-NNNNNN.img}: images one behind the other, up to 1 GiB each. An image is written
 *       once and never changed; the next version of a zone is appended. When more than half is dead
 *       and that is more than 64 MiB, what is alive moves to new packs ({@link
 *       RecordIndex#compact}).
 *   <li>{@code catalog.img}: the catalog that was saved last, and the revision of the store that it
 *       shows. Replaced whole by renaming. Only here is anything forced to disk: images that were
 *       appended since are of no use after a crash, as no catalog names them.
 * </ul>
 *
 * <p><b>Threads.</b> {@link #read} is safe for all threads and waits for nobody. Everything else is
 * safe as well, but meant for one thread, the one that applies changes.
 *
 * <p><b>Cost of a read.</b> One positional read of known length, one copy, one checksum; about 1.5
 * µs for an image of 1 KiB in the page cache. Files are not mapped.
 */
public final class ImageFiles implements AutoCloseable {
  static final String CATALOG_FILE = "catalog.img";
  private static final String CATALOG_TEMPORARY = "catalog.img.tmp";
  private static final long COMPACT_FROM_BYTES = 64L << 20;

  private final Path folder;
  private final NameHash hash;
  private final Consumer<String> problems;
  private final ImagePacks packs;
  private final long compactFromBytes;
  private volatile long liveBytes;
  private volatile long totalBytes;

  /** Packs to be emptied, as the last save found; null when there is no need. */
  private volatile @Nullable BitSet sparse;

  private ImageFiles(
      Path folder,
      NameHash hash,
      Consumer<String> problems,
      ImagePacks packs,
      long compactFromBytes) {
    this.folder = folder;
    this.hash = hash;
    this.problems = problems;
    this.packs = packs;
    this.compactFromBytes = compactFromBytes;
  }

  /**
   * Opens the files of a folder, which is made if there is none. One process at a time: the store's
   * lock sees to that.
   *
   * @param hash of all images in it
   * @param problems is told what is wrong with the files and what comes of it: one sentence each,
   *     on the thread that found out
   * @throws IOException when the folder or a file in it cannot be opened
   */
  public static ImageFiles open(Path folder, NameHash hash, Consumer<String> problems)
      throws IOException {
    return open(
        folder, hash, problems, ImagePacks.PACK_BYTES, ImagePacks.BUFFER_BYTES, COMPACT_FROM_BYTES);
  }

  static ImageFiles open(
      Path folder,
      NameHash hash,
      Consumer<String> problems,
      long packBytes,
      int bufferBytes,
      long compactFromBytes)
      throws IOException {
    Files.createDirectories(folder);
    boolean _ = Files.deleteIfExists(folder.resolve(CATALOG_TEMPORARY));
    ImagePacks packs = ImagePacks.open(folder, packBytes, bufferBytes);
    return new ImageFiles(folder, hash, problems, packs, compactFromBytes);
  }

  /**
   * Appends the image of a zone. It can be read at once, by anybody; it is in the file after {@link
   * #flush}, and on the disk after {@link #save}.
   *
   * @return the same zone, {@link Zone#located} there
   * @throws IOException when the disk is full or does not write; then nothing has changed
   * @throws IllegalArgumentException when it {@link Zone#isPatched}: what it says is not all in its
   *     image
   */
  public Zone append(Zone zone) throws IOException {
    if (zone.isPatched()) {
      throw new IllegalArgumentException("zone " + zone.apex() + " is patched: build its image");
    }
    return zone.located(packs.append(zone.data(), zone.revision()));
  }

  /**
   * Reads an image and holds it against its checksum, its revision and its zone's name. Safe for
   * all threads; waits for the disk alone.
   *
   * @return the zone, its image in an array of its own
   * @throws IOException when it cannot be read or is not what was written; the message names the
   *     zone, the file and the reason
   */
  public Zone read(ColdZone cold) throws IOException {
    try {
      return Zone.of(packs.read(cold.location(), (int) cold.imageBytes(), cold.revision()), cold);
    } catch (IOException e) {
      throw new IOException("image of zone " + cold.apex() + ": " + e.getMessage(), e);
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new IOException(
          "image of zone "
              + cold.apex()
              + " in "
              + PackFile.name(Location.pack(cold.location()))
              + ": "
              + e.getMessage(),
          e);
    }
  }

  /** Hands what was appended to the operating system, without waiting for the disk. */
  public void flush() throws IOException {
    packs.flush();
  }

  /**
   * Writes the catalog, and the revision of the store that it shows, in place of the one written
   * before, all images first. After a crash at any moment either the one or the other is there.
   *
   * <p>A zone that is patched is saved as the older version that its image is, a zone without a
   * place in the files by its name alone: {@link Loaded} says which these are.
   *
   * @param catalog the latest one: it names all images that are to be kept, except those that were
   *     appended since the last save
   * @throws IOException when it cannot be written; then the one written before remains
   */
  public void save(Catalog catalog, Views views, long revision) throws IOException {
    packs.force();
    Census census = packs.census();
    Path temporary = folder.resolve(CATALOG_TEMPORARY);
    try {
      try (FileChannel file =
          FileChannel.open(
              temporary,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        CatalogWriter.write(file, catalog, views, revision, Zone.LAYOUT_VERSION, census);
        file.force(true);
      }
      replace(temporary, folder.resolve(CATALOG_FILE));
    } catch (IOException e) {
      boolean _ = Files.deleteIfExists(temporary);
      throw e;
    }
    forceFolder(folder);
    count(census, true);
  }

  private static void replace(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException _) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** Makes names of files in a folder last; where the system cannot open a folder, it does that. */
  static void forceFolder(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (java.nio.file.AccessDeniedException _) {
      // Windows: no folder can be opened, and a rename is written through.
    }
  }

  private void count(Census census, boolean saved) throws IOException {
    liveBytes = census.liveBytes();
    totalBytes = census.totalBytes();
    long dead = totalBytes - liveBytes;
    sparse =
        dead > compactFromBytes && dead > totalBytes / 2 && !census.sparse().isEmpty()
            ? census.sparse()
            : null;
    packs.alive(census, saved);
  }

  /**
   * A catalog as it was saved.
   *
   * @param catalog its zones all cold, numbered from 1
   * @param revision of the store that it shows
   * @param behind zones that were patched: the files have an older version, whose revision the
   *     entry says
   * @param missing zones whose image is in no file: it could not be written, or its pack is gone or
   *     was cut
   */
  public record Loaded(
      Catalog catalog, long revision, List<ColdZone> behind, List<ColdZone> missing) {}

  /**
   * The catalog that was saved last. Reads no image. Some 0.3 s of processor time for a million
   * zones.
   *
   * @param views give the views of zones their numbers
   * @param tenants says who a tenant is now, from its number then and its names: another number,
   *     another standing, or {@link Tenant#NOBODY}
   * @param source brings the zones into memory
   * @return null when there is none, or it is damaged, or of another hash or version of the program
   *     (that is told as a problem): all images have to be built anew
   * @throws IOException when the file system fails, which says nothing of the catalog
   */
  public @Nullable Loaded load(Views views, Function<Tenant, Tenant> tenants, ZoneSource source)
      throws IOException {
    Census census = packs.census();
    Loaded loaded;
    try (FileChannel file =
        FileChannel.open(folder.resolve(CATALOG_FILE), StandardOpenOption.READ)) {
      loaded = CatalogReader.read(file, hash, Zone.LAYOUT_VERSION, views, tenants, source, census);
    } catch (NoSuchFileException _) {
      return null;
    } catch (IOException e) {
      problems.accept(
          "the saved catalog "
              + folder.resolve(CATALOG_FILE)
              + " is not used: "
              + e.getMessage()
              + "; all zones are built anew from the store");
      return null;
    }
    if (!loaded.missing().isEmpty()) {
      int highest =
          loaded.missing().stream()
              .filter(zone -> zone.location() >= 0)
              .mapToInt(zone -> Location.pack(zone.location()))
              .max()
              .orElse(0);
      // No image to come may stand where a lost one is said to be.
      packs.roll(Math.min(highest, Location.MAX_PACK - 1));
      problems.accept(
          "the files in "
              + folder
              + " lack the images of "
              + loaded.missing().size()
              + " zones, the first is "
              + loaded.missing().getFirst().apex()
              + "; they are built anew from the store");
    }
    count(census, false);
    return loaded;
  }

  /**
   * Reads every image that a catalog names, in the order of the files, and holds it against its
   * checksum.
   *
   * @param bad is told each zone whose image is wrong, and why
   * @param progress is told how many were read, now and then
   * @return how many were right
   */
  public long check(Catalog catalog, BiConsumer<ColdZone, String> bad, LongConsumer progress) {
    List<ColdZone> zones = new ArrayList<>(catalog.size());
    catalog.forEach(
        entry -> zones.add(entry instanceof Zone zone ? zone.cold() : (ColdZone) entry));
    zones.sort(Comparator.comparingLong(ColdZone::location));
    long right = 0;
    int count = 0;
    for (ColdZone zone : zones) {
      try {
        Zone _ = read(zone);
        right++;
      } catch (IOException e) {
        bad.accept(zone, String.valueOf(e.getMessage()));
      }
      if (++count % 1000 == 0) {
        progress.accept(count);
      }
    }
    progress.accept(count);
    return right;
  }

  /** Deletes all images and the saved catalog: everything is to be built anew. */
  public void deleteAll() throws IOException {
    boolean _ = Files.deleteIfExists(folder.resolve(CATALOG_FILE));
    packs.deleteAll();
    liveBytes = 0;
    totalBytes = 0;
    sparse = null;
  }

  /** Octets of the packs that the catalog named when it was saved or loaded last. */
  public long liveBytes() {
    return liveBytes;
  }

  /** Octets of all packs at that time. */
  public long totalBytes() {
    return totalBytes;
  }

  /**
   * Begins to empty the packs that are mostly dead.
   *
   * @return null when the last save found no need
   */
  @Nullable Compaction compaction(Consumer<ColdZone> damaged) throws IOException {
    BitSet concerned = sparse;
    if (concerned == null) {
      return null;
    }
    packs.roll(0);
    sparse = null;
    return new Compaction(packs, concerned, damaged);
  }

  /** Tells of something that is wrong with the files. */
  void problem(String sentence) {
    problems.accept(sentence);
  }

  /** What was appended is handed to the operating system; no catalog is saved. */
  @Override
  public void close() throws IOException {
    packs.close();
  }
}
