package io.flashdns.core.store;

import java.util.List;

/**
 * A store as it was at one revision. Whatever is committed meanwhile is not seen.
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

  @Override
  void close();
}
