package io.flashdns.core.store;

import io.flashdns.core.dns.DomainName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Zones as pages: blocks of some kilobytes, each keyed by its first owner ({@link OwnerKey}), so
 * that a store can change one RRset of a zone of a million without writing the zone.
 *
 * <p>All RRsets of an owner stand in one page. A store brings its pages up to date by two {@link
 * Slicer}s, over what goes and what comes: it takes the smaller of their next keys, finds the page
 * with the greatest key not above it, takes from both slicers what lies below the key of the page
 * after that, {@link #merged merges}, and {@link #split splits} what came out.
 */
public final class RRsetPages {
  /** A good size of a page in octets: a read of one RRset costs about a disk block. */
  public static final int TARGET_BYTES = 4_096;

  private RRsetPages() {}

  /**
   * Cuts a block into blocks of about {@code targetBytes}, between owners. One owner with more than
   * that has a page of its own. Nothing for an empty block.
   */
  public static List<RRsetBlock> split(RRsetBlock block, int targetBytes) {
    if (block.isEmpty()) {
      return List.of();
    }
    if (block.encoded().length <= targetBytes) {
      return List.of(block);
    }
    List<RRsetBlock> pages = new ArrayList<>();
    DomainName origin = block.origin();
    long base = block.baseRevision();
    RRsetBlock.Builder page = new RRsetBlock.Builder(origin, base);
    for (RRsetBlock.Cursor cursor = block.cursor(); cursor.next(); ) {
      if (cursor.ownerChanged() && page.rrsetCount() > 0 && page.length() >= targetBytes) {
        pages.add(page.build());
        page = new RRsetBlock.Builder(origin, base);
      }
      page.add(cursor);
    }
    pages.add(page.build());
    return pages;
  }

  /**
   * A block with some RRsets gone and others come.
   *
   * @param block as it was; may be empty
   * @param going RRsets that go, those that come in another form among them; what is not in {@code
   *     block} is no error
   * @param coming RRsets that come; instead of those that have their owner and type
   */
  public static RRsetBlock merged(RRsetBlock block, RRsetBlock going, RRsetBlock coming) {
    RRsetBlock.Builder out = new RRsetBlock.Builder(block.origin(), block.baseRevision());
    RRsetBlock.Cursor old = block.cursor();
    RRsetBlock.Cursor gone = going.cursor();
    RRsetBlock.Cursor come = coming.cursor();
    boolean hasOld = old.next();
    boolean hasGone = gone.next();
    boolean hasCome = come.next();
    while (hasOld || hasCome) {
      int order = !hasOld ? 1 : !hasCome ? -1 : OwnerOrder.compare(old, come);
      if (order >= 0) {
        out.add(come);
        hasCome = come.next();
        if (order == 0) {
          hasOld = old.next();
        }
        continue;
      }
      int removed = -1;
      while (hasGone) {
        removed = OwnerOrder.compare(gone, old);
        if (removed >= 0) {
          break;
        }
        hasGone = gone.next();
      }
      if (!hasGone || removed != 0) {
        out.add(old);
      }
      hasOld = old.next();
    }
    return out.build();
  }

  /** All RRsets of blocks that follow each other, in one block. */
  public static RRsetBlock joined(DomainName origin, List<RRsetBlock> blocks) {
    if (blocks.size() == 1) {
      return blocks.getFirst();
    }
    RRsetBlock.Builder out =
        new RRsetBlock.Builder(origin, blocks.isEmpty() ? 0 : blocks.getFirst().baseRevision());
    for (RRsetBlock block : blocks) {
      for (RRsetBlock.Cursor cursor = block.cursor(); cursor.next(); ) {
        out.add(cursor);
      }
    }
    return out.build();
  }

  /** The RRsets at one owner, in the order of their types. */
  public static List<StoredRRset> rrsets(RRsetBlock block, DomainName owner) {
    List<StoredRRset> found = new ArrayList<>(4);
    byte[] wanted = owner.folded().wire();
    for (RRsetBlock.Cursor cursor = block.cursor(); cursor.next(); ) {
      if (Arrays.equals(cursor.ownerBytes(), 0, cursor.ownerLength(), wanted, 0, wanted.length)) {
        found.add(new StoredRRset(cursor.rrset(), cursor.revision()));
      } else if (!found.isEmpty()) {
        break;
      }
    }
    return found;
  }

  /** The key of the first owner of a block that is not empty. */
  public static byte[] key(RRsetBlock block) {
    RRsetBlock.Cursor cursor = block.cursor();
    if (!cursor.next()) {
      throw new IllegalArgumentException("a page without RRsets has no key");
    }
    return OwnerKey.of(cursor.ownerBytes(), cursor.ownerLength(), cursor.originLength());
  }

  /** Takes a block away from its beginning, owner by owner. One thread. */
  public static final class Slicer {
    private final RRsetBlock block;
    private final RRsetBlock.Cursor cursor;
    private byte @Nullable [] nextKey;
    private boolean untouched = true;

    /** Over all of a block. */
    public Slicer(RRsetBlock block) {
      this.block = block;
      this.cursor = block.cursor();
      advance();
    }

    /** The key of the owner that comes next; null when all is taken. */
    public byte @Nullable [] nextKey() {
      return nextKey;
    }

    /**
     * Takes the RRsets that come next and whose owners' keys are below {@code key}.
     *
     * @param key null for all that are left
     */
    public RRsetBlock below(byte @Nullable [] key) {
      if (key == null && untouched) {
        nextKey = null;
        return block;
      }
      untouched = false;
      RRsetBlock.Builder slice = new RRsetBlock.Builder(block.origin(), block.baseRevision());
      byte[] next = nextKey;
      while (next != null && (key == null || Arrays.compareUnsigned(next, key) < 0)) {
        slice.add(cursor);
        advance();
        next = nextKey;
      }
      return slice.build();
    }

    private void advance() {
      if (!cursor.next()) {
        nextKey = null;
      } else if (cursor.ownerChanged() || nextKey == null) {
        nextKey = OwnerKey.of(cursor.ownerBytes(), cursor.ownerLength(), cursor.originLength());
      }
    }
  }
}
