package io.flashdns.core.store;

import java.time.Duration;
import java.util.List;

/**
 * The events of a store in the order of their revisions, each once, none left out. One thread at a
 * time; it sets its own pace.
 */
public interface Watch extends AutoCloseable {
  /**
   * The next events, as many as are at hand up to some bound in octets; waits for the first one.
   *
   * @param timeout longest wait
   * @return empty when there was none in that time
   * @throws StoreException.Compacted when events that were not seen yet are gone: begin anew from a
   *     snapshot
   * @throws StoreException.Damaged when an event cannot be read
   */
  List<StoreEvent> next(Duration timeout) throws StoreException, InterruptedException;

  @Override
  void close();
}
