package io.flashdns.management.store;

import io.flashdns.core.store.RRsetBlock;
import io.flashdns.core.store.RRsetPages;
import io.flashdns.core.store.StoreException;
import io.flashdns.management.store.Rows.Page;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes table {@code content}. The writer's thread alone.
 *
 * <p>A zone that lives has one page at least, whose range begins with the apex. A change writes the
 * pages in whose ranges its owners are and, where pages come or go, the page before.
 */
final class ContentPages {
  /**
   * Octets of a page: with its keys it then lies in a leaf of the table's tree, four to a page of
   * the file, and a change of one RRset writes one of those.
   */
  static final int TARGET_BYTES = 600;

  /** A page that grew beyond this is split. */
  private static final int MAX_BYTES = 900;

  private static final byte[] FIRST = new byte[0];

  private final Reads reads;

  ContentPages(Reads reads) {
    this.reads = reads;
  }

  /** Writes the content of a new zone. */
  void create(long zone, RRsetBlock content) throws SQLException {
    write(zone, FIRST, null, content);
  }

  /** Removes all pages of a zone. */
  void delete(long zone) throws SQLException {
    PreparedStatement delete = reads.statement("DELETE FROM content WHERE zone = ?");
    delete.setLong(1, zone);
    delete.executeUpdate();
  }

  /** Takes RRsets out and puts others in, as an event says it. */
  void change(long zone, RRsetBlock before, RRsetBlock after) throws SQLException, StoreException {
    RRsetPages.Slicer going = new RRsetPages.Slicer(before);
    RRsetPages.Slicer coming = new RRsetPages.Slicer(after);
    while (true) {
      byte[] key = lower(going.nextKey(), coming.nextKey());
      if (key == null) {
        return;
      }
      Page page = reads.page(zone, key);
      RRsetBlock merged =
          RRsetPages.merged(page.block(), going.below(page.until()), coming.below(page.until()));
      if (merged.isEmpty() && page.first().length > 0) {
        remove(zone, page);
      } else {
        write(zone, page.first(), page.until(), merged);
      }
    }
  }

  private static byte @Nullable [] lower(byte @Nullable [] a, byte @Nullable [] b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    return Arrays.compareUnsigned(a, b) <= 0 ? a : b;
  }

  /** The page before covers the range from now on. */
  private void remove(long zone, Page page) throws SQLException, StoreException {
    Page before = reads.pageBefore(zone, page.first());
    PreparedStatement delete = reads.statement("DELETE FROM content WHERE zone = ? AND first = ?");
    delete.setLong(1, zone);
    delete.setBytes(2, page.first());
    delete.executeUpdate();
    put(zone, before.first(), page.until(), before.block());
  }

  private void write(long zone, byte[] first, byte @Nullable [] until, RRsetBlock block)
      throws SQLException {
    int octets = block.encoded().length;
    if (octets <= MAX_BYTES || block.rrsetCount() == 1) {
      put(zone, first, until, block);
      return;
    }
    int parts = octets / TARGET_BYTES + 1;
    List<RRsetBlock> blocks = RRsetPages.split(block, octets / parts);
    byte[] from = first;
    for (int i = 0; i < blocks.size(); i++) {
      byte[] to = i + 1 < blocks.size() ? RRsetPages.key(blocks.get(i + 1)) : until;
      put(zone, from, to, blocks.get(i));
      if (to == null) {
        return;
      }
      from = to;
    }
  }

  private void put(long zone, byte[] first, byte @Nullable [] until, RRsetBlock block)
      throws SQLException {
    PreparedStatement put =
        reads.statement(
            "INSERT OR REPLACE INTO content(zone, first, until, block, sum) VALUES(?,?,?,?,?)");
    byte[] octets = block.encoded();
    put.setLong(1, zone);
    put.setBytes(2, first);
    put.setBytes(3, until);
    put.setBytes(4, octets);
    put.setLong(5, Page.sum(reads.sum(), zone, first, until, octets));
    put.executeUpdate();
  }
}
