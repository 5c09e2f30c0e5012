package io.flashdns.plugins.metrics;

import io.flashdns.core.plugin.Counts;
import io.flashdns.core.plugin.Observer;
import io.flashdns.core.plugin.Protocol;
import io.flashdns.core.plugin.Query;
import io.flashdns.core.plugin.Response;
import io.flashdns.core.zone.Zone;
import org.jspecify.annotations.Nullable;

/**
 * Counts the queries of one worker. Most queries cost one counter; of one in so many the time is
 * taken and the zone noted.
 *
 * <p>How many queries lie between two samples is drawn at random, from 1 to twice the mean: queries
 * come in batches of a fixed size, and a fixed step would always meet the same place of a batch,
 * the one that waits longest or the one that does not wait at all.
 */
final class QueryObserver implements Observer {
  /** Of values of {@code sourceLo} for IPv4: what stands above the address. */
  private static final long IPV4 = 0xffff;

  private static final int OTHER_FAMILY = QuestionTypes.COUNT;
  private static final int OTHER_PROTOCOL = 2 * OTHER_FAMILY;

  private final Counts counts;
  private final int queries;
  private final int latency;
  private final @Nullable ZoneNotes zones;
  private final int sampleEvery;
  private int untilSample;
  private long random;

  /**
   * Counts from now on.
   *
   * @param queries handle of the counters by protocol, family and type
   * @param latency handle of the histogram
   * @param zones takes the zones of samples; null when zones are not counted
   * @param sampleEvery mean step, 0 for no samples
   * @param seed not zero
   */
  QueryObserver(
      Counts counts,
      int queries,
      int latency,
      @Nullable ZoneNotes zones,
      int sampleEvery,
      long seed) {
    this.counts = counts;
    this.queries = queries;
    this.latency = latency;
    this.zones = zones;
    this.sampleEvery = sampleEvery;
    this.random = seed;
    this.untilSample = step();
  }

  @Override
  public void observe(Query query, Response response, boolean sent) {
    int slot = queries + QuestionTypes.index(query.type());
    if (query.sourceHi() != 0 || query.sourceLo() >>> 32 != IPV4) {
      slot += OTHER_FAMILY;
    }
    if (query.protocol() != Protocol.UDP) {
      slot += OTHER_PROTOCOL;
    }
    counts.increment(slot);
    if (--untilSample == 0) {
      sample(query);
    }
  }

  private void sample(Query query) {
    untilSample = step();
    if (sampleEvery == 0) {
      return;
    }
    counts.record(latency, System.nanoTime() - query.receivedNanos());
    if (zones != null) {
      Zone zone = query.zone();
      zones.add(zone == null ? 0 : zone.number());
    }
  }

  /** Steps are uniform in 1 to 2n - 1, with the mean n (Marsaglia, "Xorshift RNGs", 2003). */
  private int step() {
    if (sampleEvery == 0) {
      return Integer.MAX_VALUE;
    }
    random ^= random << 13;
    random ^= random >>> 7;
    random ^= random << 17;
    return 1 + (int) (((random >>> 32) * (2L * sampleEvery - 1)) >>> 32);
  }
}
