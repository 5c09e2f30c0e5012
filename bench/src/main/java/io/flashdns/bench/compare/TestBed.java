package io.flashdns.bench.compare;

import io.flashdns.bench.compare.Contender.Site;
import io.flashdns.bench.load.Load;
import io.flashdns.bench.load.LoadException;
import io.flashdns.bench.load.LoadResult;
import io.flashdns.bench.load.LoadSettings;
import io.flashdns.bench.load.Pace;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where rounds take place: starts servers on their processor, asks them from the others, and keeps
 * what was measured. One thread.
 */
final class TestBed {
  /** Enough for what was sent in a burst to be gone. */
  private static final Duration TIMEOUT = Duration.ofMillis(500);

  private static final Duration SETTLE = Duration.ofMillis(100);

  private final CompareSettings settings;
  private final Cores cores;
  private final List<Contender> contenders;
  private final Progress progress;
  private final List<Round> rounds = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  TestBed(CompareSettings settings, Cores cores, List<Contender> contenders, Progress progress) {
    this.settings = settings;
    this.cores = cores;
    this.contenders = List.copyOf(contenders);
    this.progress = progress;
  }

  CompareSettings settings() {
    return settings;
  }

  Cores cores() {
    return cores;
  }

  List<Contender> contenders() {
    return contenders;
  }

  Progress progress() {
    return progress;
  }

  List<Round> rounds() {
    return rounds;
  }

  List<String> notes() {
    return notes;
  }

  /** A sentence for the user and the report. */
  void note(String sentence) {
    if (!notes.contains(sentence)) {
      notes.add(sentence);
      progress.say(sentence);
    }
  }

  /** Where a server runs with these zones. */
  Site site(Contender contender, ZoneFolder zones, String key, int workers)
      throws IOException, CompareException {
    String name = contender.title() + (workers == 1 ? "" : "-" + workers);
    Path folder = settings.folder().resolve("servers-" + key).resolve(name);
    Files.createDirectories(folder);
    return new Site(
        folder.toAbsolutePath(), zones, ServerProcess.freePort(settings.port()), workers);
  }

  /** Starts one server; null, with a note, when it does not come up. */
  @Nullable ServerProcess start(Contender contender, Site site, String processors)
      throws IOException, InterruptedException {
    progress.begin("starting " + contender.title(), 0);
    try {
      return ServerProcess.start(contender, site, contender.prepare(site), processors);
    } catch (CompareException e) {
      note(contender.title() + " is left out: " + e.getMessage());
      return null;
    }
  }

  /** Starts all that are chosen, one worker each, on one processor. */
  List<ServerProcess> startAll(ZoneFolder zones, String key, List<Contender> chosen)
      throws IOException, CompareException, InterruptedException {
    List<ServerProcess> servers = new ArrayList<>();
    try {
      for (Contender contender : chosen) {
        ServerProcess server = start(contender, site(contender, zones, key, 1), cores.server(1));
        if (server != null) {
          servers.add(server);
        }
      }
      return servers;
    } catch (IOException | CompareException | InterruptedException e) {
      close(servers);
      throw e;
    }
  }

  static void close(List<ServerProcess> servers) {
    servers.forEach(ServerProcess::close);
  }

  /** Deletes a folder with all that is in it. */
  static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> all = Files.walk(folder)) {
        for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  /** The load that most rounds make: as much as comes through. */
  LoadSettings load(ServerProcess server, Asked asked) {
    return LoadSettings.of(server.address(), asked.queries())
        .withPace(Pace.closed(settings.window()))
        .withSockets(settings.sockets(), settings.threads())
        .withDuration(settings.duration(), SETTLE)
        .withTimeout(TIMEOUT)
        .withSpin(true)
        .withGoodRcodes(server.contender().answers() ? asked.goodRcodes() : 0)
        .withServerPids(server.pids());
  }

  /** Addresses of the loopback network to ask from, from {@code 127.0.first.1} on. */
  static List<InetAddress> clients(int count, int first) {
    List<InetAddress> all = new ArrayList<>(count);
    try {
      for (int i = 0; i < count; i++) {
        int third = first + i / 250;
        all.add(
            InetAddress.getByAddress(
                new byte[] {127, (byte) (third >>> 8), (byte) third, (byte) (1 + i % 250)}));
      }
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
    return all;
  }

  /** Makes a load; null, with a note, when the server has ended or does not listen. */
  @Nullable LoadResult ask(ServerProcess server, LoadSettings load) throws InterruptedException {
    try {
      server.check();
      LoadResult result = new Load(load).run(_ -> {});
      server.check();
      return result;
    } catch (LoadException | CompareException e) {
      note("a round of " + server.title() + " is left out: " + e.getMessage());
      return null;
    }
  }

  /** What any load shows. */
  static Map<Figure, Double> figures(LoadResult result) {
    Map<Figure, Double> figures = new EnumMap<>(Figure.class);
    figures.put(Figure.RATE, result.queriesPerSecond());
    if (result.received() > 0) {
      figures.put(Figure.P50, result.latencyMicros(50));
      figures.put(Figure.P99, result.latencyMicros(99));
      figures.put(Figure.P9999, result.latencyMicros(99.99));
      figures.put(Figure.MAX, result.latencyMicros(100));
      figures.put(Figure.REPLY_BYTES, (double) result.replyBytes() / result.received());
      if (result.serverCpuNanos() > 0) {
        figures.put(Figure.CPU_MICROS, result.serverMicrosPerQuery());
        figures.put(Figure.RATE_PER_CPU, 1e6 / result.serverMicrosPerQuery());
      }
    }
    if (result.sent() > 0) {
      figures.put(Figure.SHARE_ANSWERED, 100.0 * result.received() / result.sent());
    }
    return figures;
  }

  /**
   * Keeps a round.
   *
   * @param measured all that was; the part's own figures are kept
   */
  void record(
      Results.Line line,
      @Nullable Double x,
      ServerProcess server,
      int number,
      LoadResult result,
      Map<Figure, Double> measured) {
    boolean answers = server.contender().answers();
    keep(
        new Round(
            line.part(),
            line.workload(),
            line.variant(),
            x,
            server.title(),
            number,
            of(line.part(), measured),
            result.sent(),
            result.received(),
            result.lost(),
            result.notSent(),
            answers ? result.wrong().total() : 0,
            result.truncated(),
            answers ? result.faults() : List.of(),
            result.startedAt().truncatedTo(ChronoUnit.MILLIS),
            loadAverage()));
  }

  /** Keeps a round without questions. */
  void record(
      Results.Line line, double x, String server, int number, Map<Figure, Double> measured) {
    keep(
        new Round(
            line.part(),
            line.workload(),
            line.variant(),
            x,
            server,
            number,
            of(line.part(), measured),
            0,
            0,
            0,
            0,
            0,
            0,
            List.of(),
            Instant.now().truncatedTo(ChronoUnit.MILLIS),
            loadAverage()));
  }

  private static Map<Figure, Double> of(Part part, Map<Figure, Double> measured) {
    Map<Figure, Double> kept = new EnumMap<>(measured);
    kept.keySet().retainAll(part.figures());
    return kept;
  }

  private void keep(Round round) {
    rounds.add(round);
  }

  static double loadAverage() {
    return Math.round(ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage() * 100)
        / 100.0;
  }
}
