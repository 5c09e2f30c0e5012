package io.flashdns.core.index;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.CatalogEntry;
import io.flashdns.core.zone.ColdZone;
import io.flashdns.core.zone.Zone;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Moves what is alive out of packs that are mostly dead, some images at a time, so that these packs
 * can go. One thread: the one that appends.
 *
 * <p>A zone that is patched stays where it is, for its editor goes on from there; a pack with the
 * image of one is not emptied before that zone was built anew.
 *
 * <p>Each slice walks the whole catalog once, some 20 ms for a million zones, rather than keep a
 * list of entries that would hold evicted images in memory.
 */
final class Compaction {
  private static final int SLICE_ZONES = 32_768;

  /**
   * An image that lies in two places now.
   *
   * @param from where the catalog says that it lies
   * @param to where it lies, too
   */
  record Move(int view, DomainName apex, long from, long to) {}

  private final ImagePacks packs;
  private final BitSet sparse;
  private final Consumer<ColdZone> damaged;
  private final Set<Long> unreadable = new HashSet<>();

  /**
   * @param sparse numbers of the packs to empty; nothing is appended to them any more
   * @param damaged hears of images that cannot be moved because they cannot be read
   */
  Compaction(ImagePacks packs, BitSet sparse, Consumer<ColdZone> damaged) {
    this.packs = packs;
    this.sparse = sparse;
    this.damaged = damaged;
  }

  /**
   * Copies the next images, in the order they lie in.
   *
   * @param maxBytes about so many octets at once; one image at least
   * @return what was copied; empty when the packs hold nothing any more that the catalog names
   */
  List<Move> next(Catalog catalog, long maxBytes) throws IOException {
    List<CatalogEntry> slice = new ArrayList<>();
    long[] bytes = new long[1];
    catalog.forEach(
        entry -> {
          if (bytes[0] < maxBytes && slice.size() < SLICE_ZONES && isConcerned(entry)) {
            slice.add(entry);
            bytes[0] += entry.imageBytes();
          }
        });
    slice.sort(Comparator.comparingLong(CatalogEntry::location));
    List<Move> moves = new ArrayList<>(slice.size());
    for (CatalogEntry entry : slice) {
      long from = entry.location();
      byte[] image;
      switch (entry) {
        case Zone zone -> image = zone.data();
        case ColdZone cold -> {
          try {
            image = packs.read(from, (int) cold.imageBytes(), cold.revision());
          } catch (IOException _) {
            unreadable.add(from);
            damaged.accept(cold);
            continue;
          }
        }
      }
      long to = packs.append(image, entry.revision());
      moves.add(new Move(entry.view(), entry.apex(), from, to));
    }
    // All of a slice may have been unreadable: then the rest is still to be done.
    return moves.isEmpty() && !slice.isEmpty() ? next(catalog, maxBytes) : moves;
  }

  private boolean isConcerned(CatalogEntry entry) {
    long location = entry.location();
    return !(entry instanceof Zone zone && zone.isPatched())
        && location >= 0
        && sparse.get(Location.pack(location))
        && !unreadable.contains(location);
  }
}
