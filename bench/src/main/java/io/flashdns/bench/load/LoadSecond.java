package io.flashdns.bench.load;

/**
 * One second of a load, as it goes on.
 *
 * @param second its number, from 1; 0 and below in the warm-up
 * @param seconds how long it was: the last one may be shorter
 * @param sent queries
 * @param received replies
 * @param lost queries that were given up
 * @param wrong replies that were wrong
 * @param outstanding queries that were out at its end
 * @param backlog queries of the timetable that had not been sent at its end
 * @param meanLatencyMicros of its replies; not a number when there were none
 */
public record LoadSecond(
    int second,
    double seconds,
    long sent,
    long received,
    long lost,
    long wrong,
    long outstanding,
    long backlog,
    double meanLatencyMicros) {
  /** Replies in a second. */
  public double queriesPerSecond() {
    return received / seconds;
  }
}
