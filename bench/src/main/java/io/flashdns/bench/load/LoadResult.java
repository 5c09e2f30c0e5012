package io.flashdns.bench.load;

import io.flashdns.core.dns.Rcode;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/**
 * What became of a load. Queries of the warm-up, and replies to them, are in no number here.
 *
 * <p>Each query that was sent was answered or lost: {@code sent = received + lost}.
 *
 * @param settings what was done
 * @param startedAt when, without the warm-up
 * @param seconds how long queries were sent
 * @param sent queries
 * @param received replies to them, right or wrong
 * @param receivedWhileSending those of them that came before the end of sending
 * @param lost queries without a reply in time
 * @param notSent queries of the timetable that the generator had not sent at its end: it or the
 *     server was behind
 * @param maxBacklog most queries of the timetable that waited to be sent, at any time
 * @param wrong what was wrong with replies
 * @param duplicates second replies
 * @param late replies to queries that had been given up
 * @param strays messages that nobody had asked for: of a source port, but of no id, in use
 * @param malformed messages shorter than a header
 * @param truncated replies with the TC bit
 * @param refusals ICMP messages that nobody listens
 * @param connections TCP: connections that were made
 * @param failedConnections TCP: connections that could not be made, or were closed with queries out
 * @param rcodes replies by the rcode of their header, 16 numbers
 * @param replyBytes octets of all replies
 * @param latencyNanos from sending, in the open loop from the planned moment, to reply; in
 *     nanoseconds, three digits exact
 * @param perSecond how it went
 * @param receivedWithCpu replies that came while processor time was measured: from a moment after
 *     the warm-up to the end of sending
 * @param generatorCpuNanos processor time of this process in that time
 * @param loadThreadCpuNanos that part of it that the threads took which send and receive
 * @param serverCpuNanos processor time of the server's processes in the same time; -1 when none
 *     were named
 * @param faults the first few wrong replies in words
 */
public record LoadResult(
    LoadSettings settings,
    Instant startedAt,
    double seconds,
    long sent,
    long received,
    long receivedWhileSending,
    long lost,
    long notSent,
    long maxBacklog,
    Wrong wrong,
    long duplicates,
    long late,
    long strays,
    long malformed,
    long truncated,
    long refusals,
    long connections,
    long failedConnections,
    List<Long> rcodes,
    long replyBytes,
    Histogram latencyNanos,
    List<LoadSecond> perSecond,
    long receivedWithCpu,
    long generatorCpuNanos,
    long loadThreadCpuNanos,
    long serverCpuNanos,
    List<String> faults) {

  /**
   * Replies that were wrong, each counted once.
   *
   * @param question no response, or to another question
   * @param rcode another rcode than expected
   * @param answers another number of answers, or another address
   */
  public record Wrong(long question, long rcode, long answers) {
    /** All of them. */
    public long total() {
      return question + rcode + answers;
    }
  }

  public LoadResult {
    rcodes = List.copyOf(rcodes);
    perSecond = List.copyOf(perSecond);
    faults = List.copyOf(faults);
  }

  /** Replies in a second, while queries were sent. */
  public double queriesPerSecond() {
    return receivedWhileSending / seconds;
  }

  /** A percentile of the latency; 0 when nothing came. */
  public double latencyMicros(double percentile) {
    return latencyNanos.getValueAtPercentile(percentile) / 1e3;
  }

  /** Processor time of the generator for a reply, in microseconds; not a number without one. */
  public double generatorMicrosPerQuery() {
    return perQuery(generatorCpuNanos);
  }

  /** The same of the server; not a number when its processes were not named. */
  public double serverMicrosPerQuery() {
    return serverCpuNanos < 0 ? Double.NaN : perQuery(serverCpuNanos);
  }

  private double perQuery(long cpuNanos) {
    return receivedWithCpu <= 0 ? Double.NaN : cpuNanos / 1e3 / receivedWithCpu;
  }

  /** Replies by the name of their rcode, those that came alone. */
  public Map<String, Long> byRcode() {
    Map<String, Long> named = new TreeMap<>();
    for (int i = 0; i < rcodes.size(); i++) {
      if (rcodes.get(i) > 0) {
        named.put(Rcode.text(i), rcodes.get(i));
      }
    }
    return named;
  }
}
