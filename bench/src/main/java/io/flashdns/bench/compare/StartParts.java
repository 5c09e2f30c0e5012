package io.flashdns.bench.compare;

import io.flashdns.bench.compare.Contender.Site;
import io.flashdns.bench.compare.Results.Line;
import io.flashdns.bench.load.LoadException;
import io.flashdns.bench.load.LoadResult;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The parts that start servers: one alone at a time, on its processor. */
final class StartParts {
  static final String AGAIN = "start";
  static final String EMPTY = "start with an empty data folder";

  /** From this second on a server has reached its peak. */
  static final int STEADY_FROM = 5;

  private static final double STARTING_SECONDS = 4;
  private static final long SETTLE_MILLIS = 1000;

  private final TestBed bed;
  private final CompareSettings settings;

  StartParts(TestBed bed) {
    this.bed = bed;
    settings = bed.settings();
  }

  /** Seconds that a part will take, roughly. */
  double planned(Part part, int servers) {
    double each = part == Part.FIRST ? STARTING_SECONDS + settings.first() : STARTING_SECONDS;
    return servers * settings.rounds() * each;
  }

  /** Time to the first answer, and memory one second after it. */
  void start(ZoneSet set) throws IOException, CompareException, InterruptedException {
    for (int number = 1; number <= settings.rounds(); number++) {
      for (Contender contender : bed.contenders()) {
        if (!contender.answers()) {
          continue;
        }
        Site site = bed.site(contender, set.zones(), set.key() + "-start", 1);
        if (contender instanceof FlashDns) {
          // It reads zone files once and keeps them: its first start is another one.
          TestBed.delete(FlashDns.data(site));
          start(set, contender, site, EMPTY, number);
        }
        start(set, contender, site, AGAIN, number);
      }
    }
  }

  private void start(ZoneSet set, Contender contender, Site site, String variant, int number)
      throws IOException, InterruptedException {
    bed.progress()
        .begin(
            "%s, %s: round %d of %d, %s"
                .formatted(
                    Part.START.title(), set.title(), number, settings.rounds(), contender.title()),
            STARTING_SECONDS);
    try (ServerProcess server = bed.start(contender, site, bed.cores().server(1))) {
      if (server != null) {
        Thread.sleep(SETTLE_MILLIS);
        bed.record(
            new Line(Part.START, set.title(), variant),
            set.count(),
            contender.title(),
            number,
            Map.of(Figure.READY, server.readySeconds(), Figure.RESIDENT, server.residentMiB()));
      }
    }
  }

  /** Second by second from the first answer on, as much as comes through. */
  void first(ZoneSet set) throws IOException, CompareException, InterruptedException {
    Asked asked;
    try {
      asked = set.asked("mix");
    } catch (LoadException e) {
      throw new CompareException(String.valueOf(e.getMessage()), e);
    }
    warmUpGenerator(set, asked);
    for (int number = 1; number <= settings.rounds(); number++) {
      for (Contender contender : bed.contenders()) {
        if (contender.answers()) {
          first(set, asked, contender, number);
        }
      }
    }
  }

  /** A server that is ended again: the generator, too, is slow in its first seconds. */
  private void warmUpGenerator(ZoneSet set, Asked asked)
      throws IOException, CompareException, InterruptedException {
    for (Contender contender : bed.contenders()) {
      Site site = bed.site(contender, set.zones(), set.key() + "-start", 1);
      // A first start of this server has more to do, and is measured elsewhere.
      boolean first = contender instanceof FlashDns;
      if (first || contender instanceof Floor) {
        try (ServerProcess server = bed.start(contender, site, bed.cores().server(1))) {
          if (server != null) {
            bed.ask(
                server, bed.load(server, asked).withDuration(Duration.ofSeconds(3), Duration.ZERO));
          }
        }
      }
    }
  }

  private void first(ZoneSet set, Asked asked, Contender contender, int number)
      throws IOException, CompareException, InterruptedException {
    Site site = bed.site(contender, set.zones(), set.key() + "-start", 1);
    try (ServerProcess server = bed.start(contender, site, bed.cores().server(1))) {
      if (server == null) {
        return;
      }
      bed.progress()
          .begin(
              "%s, %s: round %d of %d, %s"
                  .formatted(
                      Part.FIRST.title(),
                      set.title(),
                      number,
                      settings.rounds(),
                      contender.title()),
              STARTING_SECONDS + settings.first());
      List<LoadResult> seconds = new ArrayList<>();
      for (int second = 1; second <= settings.first(); second++) {
        LoadResult result =
            bed.ask(
                server, bed.load(server, asked).withDuration(Duration.ofSeconds(1), Duration.ZERO));
        if (result == null) {
          return;
        }
        seconds.add(result);
      }
      @Nullable Double peak = peak(seconds);
      for (int i = 0; i < seconds.size(); i++) {
        Map<Figure, Double> figures = TestBed.figures(seconds.get(i));
        if (peak != null) {
          figures.put(Figure.SHARE_OF_PEAK, 100 * seconds.get(i).queriesPerSecond() / peak);
        }
        bed.record(
            new Line(Part.FIRST, set.title(), "second " + (i + 1)),
            i + 1.0,
            server,
            number,
            seconds.get(i),
            figures);
      }
    }
  }

  /** The median of the steady seconds; null where there are none. */
  private static @Nullable Double peak(List<LoadResult> seconds) {
    return seconds.size() < STEADY_FROM
        ? null
        : Spread.of(
                seconds.subList(STEADY_FROM - 1, seconds.size()).stream()
                    .map(LoadResult::queriesPerSecond)
                    .toList())
            .median();
  }
}
