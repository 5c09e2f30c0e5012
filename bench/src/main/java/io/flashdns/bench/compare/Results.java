package io.flashdns.bench.compare;

import io.flashdns.bench.Origin;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * All rounds of a run, and what has to be known about them.
 *
 * @param origin machine, kernel, JDK, commit, date
 * @param command the arguments of the run
 * @param versions of the servers by title, in the order in which they were asked
 * @param baselines titles of those of them that are no peers: builds of this server
 * @param settings what was done, by name, with units
 * @param notes sentences about what was left out or went otherwise
 * @param isWhole false when the run was ended early
 */
record Results(
    Origin origin,
    List<String> command,
    Map<String, String> versions,
    List<String> baselines,
    Map<String, String> settings,
    List<String> notes,
    boolean isWhole,
    List<Round> rounds) {

  /** Rounds of one line of a table: the same part, zones and variant. */
  record Line(Part part, String workload, String variant) {}

  Results {
    command = List.copyOf(command);
    baselines = List.copyOf(baselines);
    notes = List.copyOf(notes);
    rounds = List.copyOf(rounds);
  }

  /** Servers that are compared with: neither the floor nor a build of this server. */
  List<String> peers() {
    return versions.keySet().stream()
        .filter(title -> !title.equals(Floor.TITLE) && !baselines.contains(title))
        .toList();
  }

  /** Parts that were measured. */
  List<Part> parts() {
    return rounds.stream().map(Round::part).distinct().sorted().toList();
  }

  /** Zones that a part was measured with, in order. */
  List<String> workloads(Part part) {
    return distinct(part, null);
  }

  /** Variants of a part with these zones, in order. */
  List<String> variants(Part part, String workload) {
    return distinct(part, workload);
  }

  private List<String> distinct(Part part, @org.jspecify.annotations.Nullable String workload) {
    Set<String> all = new LinkedHashSet<>();
    for (Round round : rounds) {
      if (round.part() == part) {
        if (workload == null) {
          all.add(round.workload());
        } else if (round.workload().equals(workload)) {
          all.add(round.variant());
        }
      }
    }
    return List.copyOf(all);
  }

  /** The spread of a figure by server, in the order of {@link #versions}; those that have it. */
  Map<String, Spread> spreads(Line line, Figure figure) {
    Map<String, Spread> all = new java.util.LinkedHashMap<>();
    for (String server : versions.keySet()) {
      List<Double> values = new ArrayList<>();
      for (Round round : rounds) {
        Double value = round.figures().get(figure);
        if (value != null && round.server().equals(server) && isOf(round, line)) {
          values.add(value);
        }
      }
      if (!values.isEmpty()) {
        all.put(server, Spread.of(values));
      }
    }
    return all;
  }

  /** The place of a line on the axis; not a number for none. */
  double x(Line line) {
    for (Round round : rounds) {
      Double x = round.x();
      if (isOf(round, line) && x != null) {
        return x;
      }
    }
    return Double.NaN;
  }

  private static boolean isOf(Round round, Line line) {
    return round.part() == line.part()
        && round.workload().equals(line.workload())
        && round.variant().equals(line.variant());
  }

  /** The peer with the best median; null when none has the figure. */
  @org.jspecify.annotations.Nullable
  String bestPeer(Line line, Figure figure) {
    String best = null;
    double value = Double.NaN;
    Map<String, Spread> spreads = spreads(line, figure);
    for (String peer : peers()) {
      Spread spread = spreads.get(peer);
      if (spread != null && (best == null || figure.isBetter(spread.median(), value))) {
        best = peer;
        value = spread.median();
      }
    }
    return best;
  }

  /** Quotient of two medians; not a number when one is not there. */
  double ratio(
      Line line, Figure figure, String server, @org.jspecify.annotations.Nullable String to) {
    Map<String, Spread> spreads = spreads(line, figure);
    Spread one = spreads.get(server);
    Spread other = to == null ? null : spreads.get(to);
    return one == null || other == null || other.median() == 0
        ? Double.NaN
        : one.median() / other.median();
  }

  long wrong() {
    return rounds.stream().mapToLong(Round::wrong).sum();
  }

  /** Queries lost and replies wrong, by server. */
  Map<String, long[]> faults() {
    Map<String, long[]> all = new TreeMap<>();
    for (Round round : rounds) {
      long[] sums = all.computeIfAbsent(round.server(), _ -> new long[4]);
      sums[0] += round.sent();
      sums[1] += round.lost();
      sums[2] += round.wrong();
      sums[3] += round.truncated();
    }
    return all;
  }
}
