package io.flashdns.bench.load;

/**
 * When queries are sent.
 *
 * <p>In a <b>closed</b> loop a query follows a reply, so that a fixed number is out at any time: a
 * slow server is asked less, and its worst moments are hardly seen. In an <b>open</b> loop queries
 * follow a timetable that waits for nobody. One that could not be sent in time, because the
 * generator or the server was behind, is sent late, and its latency counts from the planned moment.
 *
 * @param queriesPerSecond of the timetable, over all sockets; 0 for the closed loop
 * @param window most queries that are out on one socket, 1 to 32,768
 */
public record Pace(double queriesPerSecond, int window) {
  /** More than this cannot be told apart by 16 bits of id with room for late replies. */
  public static final int MAX_WINDOW = 1 << 15;

  public Pace {
    if (window < 1 || window > MAX_WINDOW) {
      throw new IllegalArgumentException("1 to " + MAX_WINDOW + " queries out, not " + window);
    }
    if (!(queriesPerSecond >= 0) || Double.isInfinite(queriesPerSecond)) {
      throw new IllegalArgumentException("no rate: " + queriesPerSecond);
    }
  }

  /** A query after each reply, {@code window} out on each socket. */
  public static Pace closed(int window) {
    return new Pace(0, window);
  }

  /** So many queries a second. */
  public static Pace open(double queriesPerSecond) {
    if (!(queriesPerSecond > 0)) {
      throw new IllegalArgumentException("no rate: " + queriesPerSecond);
    }
    return new Pace(queriesPerSecond, MAX_WINDOW);
  }

  /** Whether queries follow a timetable. */
  public boolean isOpen() {
    return queriesPerSecond > 0;
  }
}
