package io.flashdns.bench.compare;

import io.flashdns.bench.compare.Results.Line;
import io.flashdns.bench.load.Edns;
import io.flashdns.bench.load.LoadException;
import io.flashdns.bench.load.LoadResult;
import io.flashdns.bench.load.LoadSettings;
import io.flashdns.bench.load.LoadSettings.Protocol;
import io.flashdns.bench.load.Pace;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The parts that ask servers which run for a while: all are up, and asked in turn. */
final class SteadyParts {
  /** Offered load of the curve, as parts of the highest peak. */
  private static final double[] STEPS = {.05, .1, .2, .3, .4, .5, .6, .7, .8, .9};

  /** Replies that are shorter than this part of the usual ones are worth a word. */
  private static final double SHORT = 0.75;

  private static final double PAUSE_LOAD = 0.7;

  /** Connections of one query each: from many addresses, for each has ports for a minute only. */
  private static final int SHORT_CONNECTIONS = 64;

  private static final Duration PATIENT = Duration.ofSeconds(2);

  private final TestBed bed;
  private final CompareSettings settings;

  SteadyParts(TestBed bed) {
    this.bed = bed;
    settings = bed.settings();
  }

  /** Seconds that a part will ask for. */
  double planned(Part part, int servers) {
    double round = settings.seconds();
    int all = settings.rounds() + settings.warmUpRounds();
    return servers
        * switch (part) {
          case COST -> round * all * settings.lists().size() * (settings.spread() > 0 ? 2 : 1);
          case TCP, WORKERS -> round * all * 2;
          case SIGNED -> round * all * 6;
          case CURVE -> round * (all + settings.rounds() * (double) STEPS.length);
          case PAUSE -> round * all + settings.pause().toSeconds() * (double) settings.rounds();
          case FLOOD -> FloodPart.planned(settings);
          case START, FIRST -> 0;
        };
  }

  /** Processor time of each query, by UDP. */
  void cost(ZoneSet set) throws IOException, CompareException, InterruptedException {
    List<ServerProcess> servers = bed.startAll(set.zones(), set.key(), bed.contenders());
    try {
      for (String list : settings.lists()) {
        Asked asked = asked(set, list);
        Line line = new Line(Part.COST, set.title(), list);
        rounds(line, servers, server -> bed.load(server, asked));
        if (settings.spread() > 0) {
          rounds(
              new Line(
                  Part.COST,
                  set.title(),
                  "%s, %,d source ports".formatted(list, settings.spread())),
              servers,
              server ->
                  bed.load(server, asked)
                      .withSockets(settings.spread(), settings.threads())
                      .withPace(Pace.closed(1)));
        }
      }
    } finally {
      TestBed.close(servers);
    }
  }

  /** Queries by TCP: many on a connection that stays, and a connection for each. */
  void tcp(ZoneSet set) throws IOException, CompareException, InterruptedException {
    List<Contender> speaking = bed.contenders().stream().filter(Contender::speaksTcp).toList();
    List<ServerProcess> servers = bed.startAll(set.zones(), set.key(), speaking);
    try {
      Asked asked = asked(set, "hit");
      rounds(
          new Line(Part.TCP, set.title(), "connections that stay"),
          servers,
          server -> bed.load(server, asked).withProtocol(Protocol.TCP, 0).withTimeout(PATIENT));
      List<InetAddress> sources = TestBed.clients(SHORT_CONNECTIONS, 1);
      rounds(
          new Line(Part.TCP, set.title(), "a connection for each query"),
          servers,
          server ->
              bed.load(server, asked)
                  .withProtocol(Protocol.TCP, 1)
                  .withSockets(SHORT_CONNECTIONS, settings.threads())
                  .withPace(Pace.closed(1))
                  .withSources(sources)
                  .withTimeout(PATIENT));
    } finally {
      TestBed.close(servers);
    }
  }

  /** Signed zones, asked with the DO bit. */
  void signed(int names) throws IOException, CompareException, InterruptedException {
    String missing = SignedZones.missing();
    if (missing != null) {
      bed.note(missing);
      return;
    }
    var workload = ZoneSet.workload(settings.signedZones(), names);
    for (SignedZones.Denial denial : SignedZones.Denial.values()) {
      ZoneFolder zones = SignedZones.of(settings.folder(), workload, denial, bed.progress());
      String title = "%,d zones of %,d names, %s".formatted(settings.signedZones(), names, denial);
      List<ServerProcess> servers =
          bed.startAll(
              zones,
              "signed-%s-%dx%d".formatted(denial, settings.signedZones(), names),
              bed.contenders());
      try {
        for (SignedZones.Kind kind : SignedZones.Kind.values()) {
          Asked asked = new Asked(SignedZones.queries(workload, kind), 0);
          rounds(
              new Line(Part.SIGNED, title, kind.title()),
              servers,
              server -> bed.load(server, asked).withEdns(Edns.of(true)));
          noteShort(title, kind);
        }
      } finally {
        TestBed.close(servers);
      }
    }
  }

  /** A server that leaves proofs out has less to do: a reply's rcode does not show it. */
  private void noteShort(String workload, SignedZones.Kind kind) {
    Map<String, Double> octets = new LinkedHashMap<>();
    for (Round round : bed.rounds()) {
      Double one = round.figures().get(Figure.REPLY_BYTES);
      if (round.workload().equals(workload)
          && round.variant().equals(kind.title())
          && !round.server().equals(Floor.TITLE)
          && one != null) {
        octets.put(round.server(), one);
      }
    }
    if (octets.isEmpty()) {
      return;
    }
    double usual = Spread.of(octets.values()).median();
    octets.forEach(
        (server, one) -> {
          if (one < SHORT * usual) {
            bed.note(
                "%s, %s: replies of %s have %.0f octets, those of others %.0f. Does it leave proofs out?"
                    .formatted(workload, kind.title(), server, one, usual));
          }
        });
  }

  /** Latency at several loads, each offered to all. */
  void curve(ZoneSet set) throws IOException, CompareException, InterruptedException {
    List<ServerProcess> servers = bed.startAll(set.zones(), set.key(), bed.contenders());
    try {
      Asked asked = asked(set, "hit");
      Map<String, Double> peaks = peaks(Part.CURVE, set, servers, asked);
      double most = peaks.values().stream().mapToDouble(Double::doubleValue).max().orElse(0);
      for (int number = 1; number <= settings.rounds(); number++) {
        for (double step : STEPS) {
          double rate = nice(most * step);
          Line line = new Line(Part.CURVE, set.title(), "%,.0f a second".formatted(rate));
          for (ServerProcess server : servers) {
            // Far beyond its peak a server shows nothing but full buffers.
            if (rate <= 1.2 * peaks.getOrDefault(server.title(), 0.0)) {
              one(line, rate, server, number, bed.load(server, asked).withPace(Pace.open(rate)));
            }
          }
        }
      }
    } finally {
      TestBed.close(servers);
    }
  }

  /** Two digits that count. */
  static double nice(double rate) {
    double unit = Math.pow(10, Math.floor(Math.log10(Math.max(10, rate))) - 1);
    return Math.max(1, Math.round(rate / unit)) * unit;
  }

  /** The longest wait at a load that leaves room. */
  void pause(ZoneSet set) throws IOException, CompareException, InterruptedException {
    List<ServerProcess> servers = bed.startAll(set.zones(), set.key(), bed.contenders());
    try {
      Asked asked = asked(set, "mix");
      Map<String, Double> peaks = peaks(Part.PAUSE, set, servers, asked);
      Line line =
          new Line(
              Part.PAUSE,
              set.title(),
              "mix at %.0f %% of the own peak, %,d s"
                  .formatted(PAUSE_LOAD * 100, settings.pause().toSeconds()));
      for (int number = 1; number <= settings.rounds(); number++) {
        for (ServerProcess server : servers) {
          double rate = nice(PAUSE_LOAD * peaks.getOrDefault(server.title(), 0.0));
          one(
              line,
              null,
              server,
              number,
              bed.load(server, asked)
                  .withPace(Pace.open(rate))
                  .withDuration(settings.pause(), Duration.ofSeconds(1))
                  .withTimeout(PATIENT));
        }
      }
    } finally {
      TestBed.close(servers);
    }
  }

  /** One worker and two, on the same processors. */
  void workers(ZoneSet set) throws IOException, CompareException, InterruptedException {
    Cores cores = bed.cores();
    if (cores.isShared(2)) {
      bed.note(
          "With two processors two workers share one of them with the load generator: their"
              + " throughput and latency say little, processor time per query is sound.");
    }
    Cores.pinSelf(cores.generator(2));
    List<ServerProcess> one = new ArrayList<>();
    List<ServerProcess> two = new ArrayList<>();
    try {
      for (Contender contender : bed.contenders()) {
        start(contender, set, 1, one);
        start(contender, set, 2, two);
      }
      Asked asked = asked(set, "hit");
      // In turns, so that both meet the same machine.
      for (int number = 1 - settings.warmUpRounds(); number <= settings.rounds(); number++) {
        for (ServerProcess server : one) {
          one(
              new Line(Part.WORKERS, set.title(), "1 worker"),
              1.0,
              server,
              number,
              bed.load(server, asked));
        }
        for (ServerProcess server : two) {
          one(
              new Line(Part.WORKERS, set.title(), "2 workers"),
              2.0,
              server,
              number,
              bed.load(server, asked));
        }
      }
    } finally {
      TestBed.close(one);
      TestBed.close(two);
      Cores.pinSelf(cores.generator(1));
    }
  }

  private void start(Contender contender, ZoneSet set, int workers, List<ServerProcess> to)
      throws IOException, CompareException, InterruptedException {
    ServerProcess server =
        bed.start(
            contender,
            bed.site(contender, set.zones(), set.key() + "-workers", workers),
            bed.cores().server(2));
    if (server != null) {
      to.add(server);
    }
  }

  private Map<String, Double> peaks(
      Part part, ZoneSet set, List<ServerProcess> servers, Asked asked)
      throws InterruptedException {
    Map<String, List<Double>> seen = new LinkedHashMap<>();
    for (int i = 0; i < settings.rounds() + settings.warmUpRounds(); i++) {
      for (ServerProcess server : servers) {
        bed.progress()
            .begin(
                "%s, %s: the peak of %s".formatted(part.title(), set.title(), server.title()),
                settings.seconds());
        LoadResult result = bed.ask(server, bed.load(server, asked));
        if (result != null && i >= settings.warmUpRounds()) {
          seen.computeIfAbsent(server.title(), _ -> new ArrayList<>())
              .add(result.queriesPerSecond());
        }
      }
    }
    Map<String, Double> peaks = new LinkedHashMap<>();
    seen.forEach((server, rates) -> peaks.put(server, Spread.of(rates).median()));
    return peaks;
  }

  private void rounds(
      Line line, List<ServerProcess> servers, Function<ServerProcess, LoadSettings> load)
      throws InterruptedException {
    for (int number = 1 - settings.warmUpRounds(); number <= settings.rounds(); number++) {
      for (ServerProcess server : servers) {
        one(line, null, server, number, load.apply(server));
      }
    }
  }

  /** One round; with a number below 1 it does not count. */
  private void one(
      Line line, @Nullable Double x, ServerProcess server, int number, LoadSettings load)
      throws InterruptedException {
    bed.progress().begin(text(line, server, number), load.duration().toMillis() / 1e3);
    LoadResult result = bed.ask(server, load);
    if (result != null && number > 0) {
      Map<Figure, Double> figures = TestBed.figures(result);
      figures.put(Figure.RESIDENT, server.residentMiB());
      bed.record(line, x, server, number, result, figures);
    }
  }

  private String text(Line line, ServerProcess server, int number) {
    return "%s, %s, %s: %s, %s"
        .formatted(
            line.part().title(),
            line.workload(),
            line.variant(),
            number > 0 ? "round %d of %d".formatted(number, settings.rounds()) : "warm-up",
            server.title());
  }

  static Asked asked(ZoneSet set, String list) throws CompareException {
    try {
      return set.asked(list);
    } catch (LoadException e) {
      throw new CompareException(String.valueOf(e.getMessage()), e);
    }
  }
}
