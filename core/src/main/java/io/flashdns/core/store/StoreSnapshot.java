package io.flashdns.core.store;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A store as it was at one revision. Whatever is committed meanwhile is not seen; documents of an
 * earlier revision, and those of a store in memory, are what they are at the time of the call.
 *
 * <p>One thread at a time. To be closed soon: it may keep the store from giving back disk space.
 */
public interface StoreSnapshot extends ContentView, AutoCloseable {
  /** The revision that it shows. */
  long revision();

  /**
   * Living zones in the order of their ids.
   *
   * @param after only ids above it; 0 for all
   * @param limit at most so many
   */
  List<StoredZone> zones(long after, int limit) throws StoreException;

  /**
   * Living zones in the order of their views' names and then in canonical order.
   *
   * @param after only those behind this one; null for all
   * @param limit at most so many
   */
  List<StoredZone> zonesByName(@Nullable ZoneKey after, int limit) throws StoreException;

  /**
   * Living zones of a project in the order of their ids.
   *
   * @param after only ids above it; 0 for all
   * @param limit at most so many
   */
  List<StoredZone> zonesOf(ZoneOwner owner, long after, int limit) throws StoreException;

  @Override
  void close();
}
