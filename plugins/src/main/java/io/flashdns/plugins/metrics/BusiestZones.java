package io.flashdns.plugins.metrics;

import io.flashdns.core.plugin.MetricSink;
import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.CatalogEntry;
import io.flashdns.core.zone.Views;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which zones have a counter of their own, and what it says.
 *
 * <p>The workers note the zone of each sampled query ({@link ZoneNotes}); ten times a second {@link
 * #read} takes the notes of all workers, and from time to time it ranks: a zone's score is what it
 * was asked lately, each period counting half as much as the next. The first so many are
 * <em>shown</em>. A shown zone counts for itself, all others count for {@code other}; so each
 * series only rises, their number is bounded, and together they are the estimate of all queries. A
 * zone has to be a quarter busier than a shown one to take its place, for each change of place is a
 * new series to whoever stores them.
 *
 * <p>Why samples, and not a counter of each zone in each worker: at a million zones and eight
 * workers those are 64 MB of which every query touches a line that is in no cache. The tenancy
 * plugin pays that price where exact numbers are needed; to see who is busy, one query in sixteen
 * is enough. The relative error of a counter is about one over the square root of its samples.
 *
 * <p>Memory: at most {@value #MAX_CANDIDATES} zones are looked at between two rankings, and {@value
 * #KEPT} or four times those shown are remembered over one. Safe for all threads; no worker waits
 * for it.
 */
final class BusiestZones {
  /** Between two rankings. */
  static final long PERIOD_NANOS = 10_000_000_000L;

  static final int MAX_CANDIDATES = 1 << 14;
  static final int KEPT = 1_000;

  /** How much busier a zone must be than a shown one to take its place. */
  private static final double ADVANTAGE = 1.25;

  private static final String NAME = "zone_queries";
  private static final String HELP =
      "Queries by the zone that they were answered from, the busiest ones, estimated from samples";

  private final int places;
  private final int weight;
  private final List<Source> sources = new ArrayList<>();
  private final Map<Integer, Candidate> candidates = new HashMap<>();
  private int shown;
  private double other;
  private boolean isRanked;
  private long rankedNanos;
  private final Map<Candidate, CatalogEntry> named = new HashMap<>();
  private @Nullable Catalog namedFrom;
  private int namedPlaces;
  private int placesGiven;

  /** A worker's notes and how far they were read. */
  private static final class Source {
    final ZoneNotes notes;
    long read;

    Source(ZoneNotes notes) {
      this.notes = notes;
    }
  }

  /** A zone by its number. */
  private static final class Candidate {
    final int number;
    double score;
    double counted;
    boolean shown;

    Candidate(int number) {
      this.number = number;
    }

    /** What ranks it: who has a place has an advantage. */
    double rank() {
      return shown ? score * ADVANTAGE : score;
    }
  }

  /**
   * Nothing is shown yet.
   *
   * @param places how many zones are shown, 1 or more
   * @param weight how many queries a note stands for
   */
  BusiestZones(int places, int weight) {
    this.places = places;
    this.weight = weight;
  }

  /** The notes of one more worker. */
  synchronized ZoneNotes newNotes() {
    ZoneNotes notes = new ZoneNotes();
    sources.add(new Source(notes));
    return notes;
  }

  /** Takes in what was noted since the last call, and ranks when it is time. */
  synchronized void read(long nowNanos) {
    for (Source source : sources) {
      long end = source.notes.written();
      long written = end - source.read;
      long kept = Math.min(written, ZoneNotes.CAPACITY);
      // What was lapped is lost: each of the others stands for more.
      double each = kept == 0 ? 0 : weight * ((double) written / kept);
      for (long position = end - kept; position < end; position++) {
        count(source.notes.at(position), each);
      }
      source.read = end;
    }
    if (!isRanked) {
      isRanked = true;
      rankedNanos = nowNanos;
    } else if (nowNanos - rankedNanos >= PERIOD_NANOS) {
      rankedNanos = nowNanos;
      rank();
    }
  }

  private void count(int number, double queries) {
    Candidate candidate = number == 0 ? null : candidate(number);
    if (candidate == null) {
      other += queries;
      return;
    }
    candidate.score += queries;
    if (candidate.shown) {
      candidate.counted += queries;
    } else {
      other += queries;
    }
  }

  private @Nullable Candidate candidate(int number) {
    Candidate known = candidates.get(number);
    if (known != null || candidates.size() >= MAX_CANDIDATES) {
      return known;
    }
    Candidate fresh = new Candidate(number);
    if (shown < places) {
      fresh.shown = true;
      shown++;
      placesGiven++;
    }
    candidates.put(number, fresh);
    return fresh;
  }

  /** Gives the places to the busiest, forgets most of the others, and halves all scores. */
  private void rank() {
    List<Candidate> ranked = new ArrayList<>(candidates.values());
    ranked.sort(Comparator.comparingDouble(Candidate::rank).reversed());
    int kept = Math.max(KEPT, 4 * places);
    shown = 0;
    placesGiven++;
    for (int i = 0; i < ranked.size(); i++) {
      Candidate candidate = ranked.get(i);
      candidate.shown = i < places;
      shown += candidate.shown ? 1 : 0;
      candidate.score /= 2;
      if (i >= kept) {
        candidates.remove(candidate.number);
      }
    }
  }

  /**
   * Says the counters of the shown zones that are served now, and that of all others.
   *
   * @param catalog where the zones' names are
   */
  synchronized void collect(Catalog catalog, Views views, MetricSink sink) {
    if (namedFrom != catalog || namedPlaces != placesGiven) {
      name(catalog);
    }
    named.forEach(
        (candidate, zone) ->
            sink.counter(
                NAME,
                HELP,
                (long) candidate.counted,
                "zone",
                zone.apex().toString(),
                "view",
                views.name(zone.view())));
    sink.counter(NAME, HELP, (long) other, "zone", "other", "view", "");
  }

  /** Finds the shown zones: they know each other by number, a catalog by name. */
  private void name(Catalog catalog) {
    named.clear();
    catalog.forEach(
        zone -> {
          Candidate candidate = candidates.get(zone.number());
          if (candidate != null && candidate.shown) {
            named.put(candidate, zone);
          }
        });
    namedFrom = catalog;
    namedPlaces = placesGiven;
  }
}
