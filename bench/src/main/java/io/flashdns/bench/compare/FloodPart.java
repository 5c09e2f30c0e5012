package io.flashdns.bench.compare;

import io.flashdns.bench.compare.Results.Line;
import io.flashdns.bench.load.Load;
import io.flashdns.bench.load.LoadException;
import io.flashdns.bench.load.LoadResult;
import io.flashdns.bench.load.LoadSettings;
import io.flashdns.bench.load.Pace;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Who asks a little for what is there while a thousand others ask for what is not, ten times as
 * much as the server can answer.
 *
 * <p>No generator on one processor sends ten times what a server on another one can answer. So each
 * server is held to that part of its processor at which it can, see {@link CpuShare}; the peak is
 * measured under this limit. Where that is not allowed the flood is what can be sent, and the table
 * says how much that was.
 */
final class FloodPart {
  private static final int FLOOD_TIMES = 10;
  private static final double LEGITIMATE = 0.01;
  private static final int FLOODERS = 1_000;

  /** What a client that is no flooder asks, at most. */
  private static final int LEGITIMATE_PER_SECOND = 10;

  /** Queries that are out of each flooder when its peak is measured. */
  private static final int WINDOW = 1;

  /** Queries that may be out of each client: many times what is lost before {@link #SOON}. */
  private static final int ROOM = 512;

  /** What is sent in a test is not kept up beside another load. */
  private static final double SENDABLE = 0.8;

  private static final double LEAST_SHARE = 0.02;
  private static final Duration SOON = Duration.ofMillis(100);
  private static final Duration LEAD = Duration.ofSeconds(5);

  private final TestBed bed;
  private final CompareSettings settings;
  private final Asked legitimate;
  private final Asked flood;
  private final List<InetAddress> flooders = TestBed.clients(FLOODERS, 4);
  private final ZoneSet set;

  FloodPart(TestBed bed, ZoneSet set) throws CompareException {
    this.bed = bed;
    this.set = set;
    settings = bed.settings();
    legitimate = SteadyParts.asked(set, "hit");
    flood = set.flood();
  }

  /** Seconds that it takes for each server. */
  static double planned(CompareSettings settings) {
    return settings.warmUpRounds() * settings.seconds() + settings.rounds() * ofRound(settings);
  }

  private static double ofRound(CompareSettings settings) {
    return 3 * settings.seconds() + LEAD.toSeconds() + 2.5;
  }

  void run() throws IOException, CompareException, InterruptedException {
    List<ServerProcess> servers = bed.startAll(set.zones(), set.key(), bed.contenders());
    try {
      for (int i = 0; i < settings.warmUpRounds(); i++) {
        for (ServerProcess server : servers) {
          bed.progress()
              .begin(
                  "%s, %s: warm-up, %s".formatted(Part.FLOOD.title(), set.title(), server.title()),
                  settings.seconds());
          bed.ask(server, peak(server, settings.duration()));
        }
      }
      for (int number = 1; number <= settings.rounds(); number++) {
        for (ServerProcess server : servers) {
          round(server, number);
        }
      }
    } finally {
      TestBed.close(servers);
    }
  }

  private void round(ServerProcess server, int number) throws IOException, InterruptedException {
    bed.progress()
        .begin(
            "%s, %s: round %d of %d, %s"
                .formatted(
                    Part.FLOOD.title(), set.title(), number, settings.rounds(), server.title()),
            ofRound(settings));
    LoadResult free = bed.ask(server, peak(server, settings.duration()));
    LoadResult most =
        bed.ask(server, flooding(server, FLOOD_TIMES * rate(free), Duration.ofSeconds(1)));
    if (free == null || most == null) {
      return;
    }
    double sendable = SENDABLE * most.sent() / most.seconds();
    double share = Math.clamp(sendable / (FLOOD_TIMES * Math.max(1, rate(free))), LEAST_SHARE, 1);
    CpuShare held;
    try {
      held =
          CpuShare.hold("flashdns-compare-" + ProcessHandle.current().pid(), server.pids(), share);
    } catch (IOException e) {
      bed.note(
          "Servers are not held to a part of their processor, so floods are smaller: "
              + e.getMessage());
      flood(server, number, rate(free), sendable);
      return;
    }
    try (held) {
      bed.note(
          "In the flood each server is held to a part of its processor, so that %d times its peak can be sent; the flood comes from %,d addresses, and no other client asks more than %d times a second."
              .formatted(FLOOD_TIMES, FLOODERS, LEGITIMATE_PER_SECOND));
      bed.ask(server, peak(server, Duration.ofSeconds(1)));
      double peak = rate(bed.ask(server, peak(server, settings.duration())));
      flood(server, number, peak, Math.min(sendable, FLOOD_TIMES * peak));
    }
  }

  private static double rate(@Nullable LoadResult result) {
    return result == null ? 0 : result.queriesPerSecond();
  }

  /** The flood, but each query after a reply. */
  private LoadSettings peak(ServerProcess server, Duration duration) {
    return bed.load(server, flood)
        .withSockets(FLOODERS, 1)
        .withSources(flooders)
        .withPace(Pace.closed(WINDOW))
        .withTimeout(SOON)
        .withDuration(duration, SOON);
  }

  /** Without a warm-up: behind its timetable a load would send in it what was to come later. */
  private LoadSettings flooding(ServerProcess server, double rate, Duration duration) {
    return bed.load(server, flood)
        .withSockets(FLOODERS, 1)
        .withSources(flooders)
        .withPace(new Pace(Math.max(1, rate), ROOM))
        .withTimeout(SOON)
        .withDuration(duration, Duration.ZERO);
  }

  private void flood(ServerProcess server, int number, double peak, double rate)
      throws InterruptedException {
    double asked = Math.max(1, rate * LEGITIMATE);
    int clients = Math.max(1, (int) Math.ceil(asked / LEGITIMATE_PER_SECOND));
    LoadSettings much = flooding(server, rate, LEAD.plus(settings.duration()).plusMillis(500));
    LoadSettings little =
        bed.load(server, legitimate)
            .withSockets(clients, 1)
            .withSources(TestBed.clients(clients, 64))
            .withPace(new Pace(asked, ROOM))
            // The flood comes first, the rest later.
            .withDuration(settings.duration(), LEAD)
            .withSpin(false);
    Load flooding = new Load(much);
    CompletableFuture<LoadResult> flooded =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return flooding.run(_ -> {});
              } catch (LoadException | InterruptedException e) {
                throw new CompletionException(e);
              }
            },
            task -> Thread.ofPlatform().daemon().name("flood").start(task));
    try {
      LoadResult answered = bed.ask(server, little);
      LoadResult around = flooded.get();
      if (answered != null) {
        Map<Figure, Double> figures = TestBed.figures(answered);
        double sent = around.sent() / around.seconds();
        figures.put(Figure.TIMES_PEAK, peak == 0 ? 0 : sent / peak);
        bed.record(
            new Line(Part.FLOOD, set.title(), "hit, %.0f %% of all".formatted(LEGITIMATE * 100)),
            null,
            server,
            number,
            answered,
            figures);
      }
    } catch (ExecutionException e) {
      bed.note("a flood of " + server.title() + " is left out: " + e.getCause());
    } finally {
      flooding.stop();
    }
  }
}
