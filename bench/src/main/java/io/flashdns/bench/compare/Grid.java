package io.flashdns.bench.compare;

import io.flashdns.bench.compare.Results.Line;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * One table of the report: a figure of a part, by variant and server, with the ratios of this
 * server's builds.
 *
 * @param head its first row
 * @param rows the others, with as many cells
 */
record Grid(List<String> head, List<List<String>> rows) {
  static final List<String> FAULT_HEAD =
      List.of("server", "queries", "lost", "wrong replies", "truncated");
  private static final String NONE = "–";

  Grid {
    head = List.copyOf(head);
    rows = List.copyOf(rows);
  }

  /** The table of a figure. */
  static Grid of(Results results, Part part, String workload, Figure figure) {
    Set<String> servers = new LinkedHashSet<>();
    List<String> variants = results.variants(part, workload);
    for (String server : results.versions().keySet()) {
      for (String variant : variants) {
        if (results.spreads(new Line(part, workload, variant), figure).containsKey(server)) {
          servers.add(server);
        }
      }
    }
    boolean compares = figure.better() != Figure.Better.NEITHER;
    boolean overFloor = compares && servers.contains(Floor.TITLE);
    boolean overPeer = compares && servers.stream().anyMatch(results.peers()::contains);
    List<String> builds = results.baselines().stream().filter(servers::contains).toList();
    List<String> head = new ArrayList<>(List.of(figure.heading()));
    head.addAll(servers);
    for (String build : builds) {
      if (overFloor) {
        head.add(build + " ÷ floor");
      }
      if (overPeer) {
        head.add(build + " ÷ best peer");
      }
    }
    List<List<String>> rows = new ArrayList<>();
    for (String variant : variants) {
      Line line = new Line(part, workload, variant);
      Map<String, Spread> spreads = results.spreads(line, figure);
      if (spreads.isEmpty()) {
        continue;
      }
      List<String> cells = new ArrayList<>(List.of(variant));
      for (String server : servers) {
        Spread spread = spreads.get(server);
        cells.add(spread == null ? NONE : text(figure, spread));
      }
      Line peers = Statement.peerLine(results, line);
      String best = results.bestPeer(peers, figure);
      for (String build : builds) {
        Spread own = spreads.get(build);
        if (overFloor) {
          cells.add(ratio(own, spreads.get(Floor.TITLE)));
        }
        if (overPeer) {
          Spread other = best == null ? null : results.spreads(peers, figure).get(best);
          cells.add(ratio(own, other) + (own == null || other == null ? "" : " (" + best + ")"));
        }
      }
      rows.add(cells);
    }
    return new Grid(head, rows);
  }

  boolean isEmpty() {
    return rows.isEmpty();
  }

  /** {@code 2.003 (1.980 to 2.100)}, with a mark where it says little. */
  static String text(Figure figure, Spread spread) {
    String mark = (spread.isOfFew() ? " †" : "") + (spread.isWide() ? " ≈" : "");
    return spread.count() == 1
        ? figure.text(spread.median()) + mark
        : "%s (%s to %s)%s"
            .formatted(
                figure.text(spread.median()),
                figure.text(spread.min()),
                figure.text(spread.max()),
                mark);
  }

  private static String ratio(
      @org.jspecify.annotations.Nullable Spread one,
      @org.jspecify.annotations.Nullable Spread other) {
    return one == null || other == null || other.median() == 0
        ? NONE
        : String.format(Locale.ROOT, "%.2f", one.median() / other.median());
  }

  /** What was lost and wrong, by server. */
  static List<List<String>> faultRows(Results results) {
    List<List<String>> rows = new ArrayList<>();
    Map<String, long[]> faults = results.faults();
    for (String server : results.versions().keySet()) {
      long[] sums = faults.get(server);
      if (sums != null) {
        rows.add(
            List.of(
                server,
                "%,d".formatted(sums[0]),
                "%,d".formatted(sums[1]),
                server.equals(Floor.TITLE) ? "not looked at" : "%,d".formatted(sums[2]),
                "%,d".formatted(sums[3])));
      }
    }
    return rows;
  }
}
