package io.flashdns.core.store;

import io.flashdns.core.dns.DomainName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the rules of a change read of a store: a {@link StoreSnapshot}, or a transaction in which
 * earlier change sets were made already. One thread at a time.
 */
public interface ContentView {
  /** A living zone, or null. */
  @Nullable StoredZone zone(ZoneId id) throws StoreException;

  /** The living zone with this name in this view, or null. */
  @Nullable StoredZone zone(ZoneKey key) throws StoreException;

  /**
   * The RRsets at one owner, in the order of their types; empty when there are none or the zone is
   * not there.
   */
  List<StoredRRset> rrsets(ZoneId zone, DomainName owner) throws StoreException;

  /**
   * The content of a zone in canonical order of its owners, block by block, so that a large zone
   * need not lie in memory whole. All RRsets of one owner stand in one block. Nothing when the zone
   * is not there.
   *
   * @param from the first owner that is of interest; null for all. Blocks may begin before it.
   */
  ContentReader content(ZoneId zone, @Nullable DomainName from) throws StoreException;

  /** The document with this key, or null. */
  @Nullable Document document(String key) throws StoreException;

  /**
   * Documents in the order of their keys, octet by octet.
   *
   * @param prefix only keys that begin so; empty for all
   * @param after only keys above it; empty for all
   * @param limit at most so many
   */
  List<Document> documents(String prefix, String after, int limit) throws StoreException;

  /**
   * Living zones of one view whose apex is at a name or below it, in canonical order (RFC 4034
   * §6.1). Costs what is found, not what the store holds.
   *
   * @param after only those behind this name; null for all
   * @param limit at most so many
   */
  List<StoredZone> zonesBelow(String view, DomainName top, @Nullable DomainName after, int limit)
      throws StoreException;

  /** The content of a zone, a block at a time. */
  interface ContentReader extends AutoCloseable {
    /** The next block, whose owners follow those of the one before; null at the end. */
    @Nullable RRsetBlock next() throws StoreException;

    @Override
    void close();
  }
}
