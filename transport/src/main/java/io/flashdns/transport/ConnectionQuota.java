package io.flashdns.transport;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Counts open TCP connections of the whole transport: in all, and by client, which is one IPv4
 * address or one IPv6 /64.
 *
 * <p>A connection of a proxy counts among all from the start, but for no client until the PROXY
 * header names one: for that client then, as if it had come by itself, and for nobody where the
 * header names none. So a proxy may have as many as all its clients together, and no client gets
 * more by going through a proxy.
 *
 * <p><b>Thread</b>: any; used when a connection comes or goes, never for a query.
 */
final class ConnectionQuota {
  private final int maxConnections;
  private final int maxConnectionsPerClient;
  private final AtomicInteger open = new AtomicInteger();
  private final ConcurrentHashMap<Client, Integer> byClient = new ConcurrentHashMap<>();

  /** Whom connections are counted for. */
  record Client(long high, long low) {
    static Client of(long sourceHigh, long sourceLow) {
      return sourceHigh == 0 && sourceLow >>> 32 == 0xffff
          ? new Client(0, sourceLow)
          : new Client(sourceHigh, 0);
    }
  }

  ConnectionQuota(TcpLimits limits) {
    maxConnections = limits.maxConnections();
    maxConnectionsPerClient = limits.maxConnectionsPerClient();
  }

  /** Counts a connection of {@code client} in, unless it has as many as it may. */
  boolean enter(Client client) {
    boolean entered = claim(client);
    if (entered) {
      open.incrementAndGet();
    }
    return entered;
  }

  /** Counts a proxy's connection in, whose client is not known yet. */
  void enterUnclaimed() {
    open.incrementAndGet();
  }

  /** Counts a connection that is in for its client as well, unless that has as many as it may. */
  boolean claim(Client client) {
    boolean[] entered = new boolean[1];
    byClient.compute(
        client,
        (_, count) -> {
          int held = count == null ? 0 : count;
          entered[0] = held < maxConnectionsPerClient;
          return entered[0] ? Integer.valueOf(held + 1) : count;
        });
    return entered[0];
  }

  /**
   * Counts a connection out.
   *
   * @param client whom it was counted for; null for nobody
   */
  void leave(@Nullable Client client) {
    if (client != null) {
      byClient.computeIfPresent(client, (_, count) -> count == 1 ? null : count - 1);
    }
    open.decrementAndGet();
  }

  /** Whether more connections are open than may be: one has to go. */
  boolean isOverfull() {
    return open.get() > maxConnections;
  }

  boolean isHalfFull() {
    return open.get() > maxConnections / 2;
  }

  int open() {
    return open.get();
  }
}
