package io.flashdns.bench.compare;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one server did in one round.
 *
 * @param workload zones that were served
 * @param variant what was asked, or how
 * @param x place on the axis of a plot: zones, offered queries a second, the second; null for none
 * @param server title of the contender
 * @param number of the round, from 1
 * @param figures what was measured
 * @param lost queries without a reply
 * @param notSent queries of the timetable that the load generator did not send in time
 * @param wrong replies that were wrong
 * @param truncated replies with TC
 * @param faults the first few wrong replies in words
 * @param at when
 * @param loadAverage of the machine then, over a minute
 */
record Round(
    Part part,
    String workload,
    String variant,
    @Nullable Double x,
    String server,
    int number,
    Map<Figure, Double> figures,
    long sent,
    long received,
    long lost,
    long notSent,
    long wrong,
    long truncated,
    List<String> faults,
    Instant at,
    double loadAverage) {
  Round {
    figures = Map.copyOf(figures);
    faults = List.copyOf(faults);
  }
}
