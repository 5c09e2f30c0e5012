package io.flashdns.transport;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;

/**
 * What one TCP client, and all of them together, may take (RFC 7766 §6.2, RFC 9210 §4).
 *
 * @param maxConnections open connections in all. When they are reached, the oldest idle one is
 *     closed for the new one
 * @param maxConnectionsPerClient open connections of one IPv4 address or one IPv6 /64; more are
 *     refused. Behind a proxy this is the client that the PROXY header names; the proxy itself has
 *     no such limit
 * @param maxPipelined replies that wait for the client to read them; reading stops there until all
 *     are gone
 * @param maxUnsentBytes octets of such replies, the same way; exceeded by at most one reply
 * @param firstQuery from the accept to the end of the first query, a PROXY header before it
 *     included
 * @param message from the first octet of a query to its last one
 * @param idle without a query, or without progress in reading replies. A fifth of it while more
 *     than half of {@code maxConnections} are open
 * @param maxAge from the accept to the last query that is answered
 */
public record TcpLimits(
    int maxConnections,
    int maxConnectionsPerClient,
    int maxPipelined,
    int maxUnsentBytes,
    Duration firstQuery,
    Duration message,
    Duration idle,
    Duration maxAge) {

  private static final int MOST_CONNECTIONS = 10_000;

  public TcpLimits {
    positive(maxConnections, "maxConnections");
    positive(maxConnectionsPerClient, "maxConnectionsPerClient");
    positive(maxPipelined, "maxPipelined");
    positive(maxUnsentBytes, "maxUnsentBytes");
    positive(firstQuery, "firstQuery");
    positive(message, "message");
    positive(idle, "idle");
    positive(maxAge, "maxAge");
  }

  /**
   * The defaults: a quarter of the process's file descriptors but at most 10,000 connections, 25
   * per client, 100 pipelined, 200 KiB unsent, first query 3 s, message 5 s, idle 10 s, age 10 min.
   */
  public static TcpLimits defaults() {
    return new TcpLimits(
        Math.clamp(fileDescriptorLimit() / 4, 16, MOST_CONNECTIONS),
        25,
        100,
        200 * 1024,
        Duration.ofSeconds(3),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10),
        Duration.ofMinutes(10));
  }

  private static long fileDescriptorLimit() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? unix.getMaxFileDescriptorCount()
        : Long.MAX_VALUE;
  }

  private static void positive(int value, String name) {
    if (value <= 0) {
      throw new IllegalArgumentException("TCP limit " + name + " is " + value + ": use 1 or more");
    }
  }

  private static void positive(Duration value, String name) {
    if (!value.isPositive()) {
      throw new IllegalArgumentException(
          "TCP limit " + name + " is " + value + ": use a time above zero");
    }
    if (value.compareTo(Duration.ofDays(365)) > 0) {
      throw new IllegalArgumentException(
          "TCP limit " + name + " is " + value + ": use a year or less");
    }
  }
}
