package io.flashdns.bench.neighbour;

import io.flashdns.bench.neighbour.OpenLoop.Outcome;
import io.flashdns.transport.TransportException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * Measures what a flood on tenant A does to tenant B, in rounds of three kinds in turns.
 *
 * <p>Arguments are {@code key=value}: {@code rounds=10 seconds=5 rate=2000 budget=2000 times=10
 * workers=2}; these are the defaults. The last two lines of the output are for scripts: the
 * measure, its figure, its goal, {@code pass} or {@code fail}.
 */
public final class NoisyNeighbour {
  private static final double GOAL = 1.2;

  private NoisyNeighbour() {}

  /** How often tenant A is asked. */
  enum Kind {
    /** Not at all. */
    ALONE,
    /** As often as its budget allows. */
    WITHIN,
    /** Many times as often. */
    FLOOD
  }

  /**
   * What is measured.
   *
   * @param rounds of each kind
   * @param seconds that a round takes
   * @param rate queries per second for tenant B
   * @param budget queries per second that tenant A may ask
   * @param times how many times its budget tenant A is asked in a flood
   * @param workers of the server
   */
  record Settings(int rounds, int seconds, int rate, int budget, int times, int workers) {
    static Settings of(String... arguments) {
      int[] values = {10, 5, 2_000, 2_000, 10, 2};
      List<String> keys = List.of("rounds", "seconds", "rate", "budget", "times", "workers");
      for (String argument : arguments) {
        String[] pair = argument.split("=", 2);
        int key = keys.indexOf(pair[0]);
        if (key < 0 || pair.length < 2) {
          throw new IllegalArgumentException(
              "'" + argument + "' is no argument: write KEY=NUMBER with one of " + keys);
        }
        values[key] = Integer.parseInt(pair[1]);
      }
      return new Settings(values[0], values[1], values[2], values[3], values[4], values[5]);
    }

    int perSecond(Kind kind) {
      return switch (kind) {
        case ALONE -> 0;
        case WITHIN -> budget;
        case FLOOD -> budget * times;
      };
    }
  }

  /** One round: what became of either tenant's queries. */
  record Round(Kind kind, Outcome a, Outcome b) {}

  /** Runs the measurement and prints it. */
  public static void main(String[] arguments) throws Exception {
    Settings settings = Settings.of(arguments);
    List<Round> rounds = run(settings);
    for (Round round : rounds) {
      System.out.printf(
          Locale.ROOT,
          "%-6s A %,7d of %,7d answered   B %,6d of %,6d, %d lost, p50 %.0f us, p99 %.0f us,"
              + " p99.9 %.0f us%n",
          round.kind(),
          round.a().answered(),
          round.a().sent(),
          round.b().answered(),
          round.b().sent(),
          round.b().lost(),
          round.b().medianMicros(),
          round.b().p99Micros(),
          round.b().p999Micros());
    }
    Map<Kind, Double> p99 = new EnumMap<>(Kind.class);
    for (Kind kind : Kind.values()) {
      p99.put(kind, medianP99(rounds, kind));
      System.out.printf(
          Locale.ROOT, "%-6s median of the rounds' p99: %.0f us%n", kind, p99.get(kind));
    }
    long lost =
        rounds.stream()
            .filter(round -> round.kind() == Kind.FLOOD)
            .mapToLong(round -> round.b().lost())
            .sum();
    double ratio =
        Objects.requireNonNull(p99.get(Kind.FLOOD)) / Objects.requireNonNull(p99.get(Kind.ALONE));
    System.out.printf(
        Locale.ROOT,
        "noisy-neighbour.p99-over-within %.3f%n",
        Objects.requireNonNull(p99.get(Kind.FLOOD)) / Objects.requireNonNull(p99.get(Kind.WITHIN)));
    System.out.printf(
        Locale.ROOT, "noisy-neighbour.lost %d 0 %s%n", lost, lost == 0 ? "pass" : "fail");
    System.out.printf(
        Locale.ROOT,
        "noisy-neighbour.p99-ratio %.3f %.1f %s%n",
        ratio,
        GOAL,
        ratio <= GOAL ? "pass" : "fail");
  }

  /** Runs all rounds, each kind once before any kind again; the first of all is thrown away. */
  static List<Round> run(Settings settings)
      throws IOException, TransportException, InterruptedException {
    List<Round> rounds = new ArrayList<>();
    try (NeighbourServer server = new NeighbourServer(settings.workers(), settings.budget());
        OpenLoop a = new OpenLoop(server.address(), NeighbourServer.ZONE_A);
        OpenLoop b = new OpenLoop(server.address(), NeighbourServer.ZONE_B)) {
      round(Kind.FLOOD, settings, a, b);
      for (int i = 0; i < settings.rounds(); i++) {
        List<Kind> kinds = Arrays.asList(Kind.values());
        if (i % 2 == 1) {
          kinds = kinds.reversed();
        }
        for (Kind kind : kinds) {
          rounds.add(round(kind, settings, a, b));
        }
      }
    }
    return rounds;
  }

  private static Round round(Kind kind, Settings settings, OpenLoop a, OpenLoop b)
      throws IOException, InterruptedException {
    Duration time = Duration.ofSeconds(settings.seconds());
    CompletableFuture<Outcome> ofA = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .name("asks-a")
        .start(
            () -> {
              try {
                ofA.complete(a.run(settings.perSecond(kind), time));
              } catch (IOException | RuntimeException e) {
                ofA.completeExceptionally(e);
              }
            });
    Outcome ofB = b.run(settings.rate(), time);
    try {
      return new Round(kind, ofA.get(), ofB);
    } catch (ExecutionException e) {
      throw new IOException("tenant A could not be asked", e.getCause());
    }
  }

  private static double medianP99(List<Round> rounds, Kind kind) {
    double[] all =
        rounds.stream()
            .filter(round -> round.kind() == kind)
            .mapToDouble(round -> round.b().p99Micros())
            .sorted()
            .toArray();
    return all.length % 2 == 1
        ? all[all.length / 2]
        : (all[all.length / 2 - 1] + all[all.length / 2]) / 2;
  }
}
