package io.flashdns.bench.compare;

import io.flashdns.bench.Origin;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Results of a run that nobody made. */
final class MadeUp {
  static final String ZONES = "10 zones of 4 names";
  static final Instant AT = Instant.parse("2026-01-02T03:04:05Z");

  private final List<Round> rounds = new ArrayList<>();
  private final Map<String, String> versions = new LinkedHashMap<>();

  MadeUp(String... servers) {
    for (String server : servers) {
      versions.put(server, "1.0");
    }
  }

  /** A round for each value. */
  MadeUp with(Part part, String variant, String server, Figure figure, double... values) {
    return at(part, ZONES, variant, null, server, figure, values);
  }

  MadeUp at(
      Part part,
      String workload,
      String variant,
      @Nullable Double x,
      String server,
      Figure figure,
      double... values) {
    for (int i = 0; i < values.length; i++) {
      rounds.add(
          round(
              part, workload, variant, x, server, i + 1, Map.of(figure, values[i]), 0, List.of()));
    }
    return this;
  }

  MadeUp wrong(String server, long wrong, String fault) {
    rounds.add(round(Part.COST, ZONES, "hit", null, server, 9, Map.of(), wrong, List.of(fault)));
    return this;
  }

  private static Round round(
      Part part,
      String workload,
      String variant,
      @Nullable Double x,
      String server,
      int number,
      Map<Figure, Double> figures,
      long wrong,
      List<String> faults) {
    return new Round(
        part, workload, variant, x, server, number, figures, 1000, 990, 10, 0, wrong, 0, faults, AT,
        0.5);
  }

  Results results() {
    return new Results(
        new Origin(
            "c0ffee", AT, "A <fast> & \"new\" one", 2, "1 kB", "Linux 6", "JDK 25", List.of()),
        List.of("compare", "--rounds", "3"),
        versions,
        versions.keySet().stream().filter(name -> name.startsWith("flashdns")).toList(),
        Map.of("rounds", "3", "secondsOfARound", "2.0"),
        List.of("nsd is left out: <it> is not there"),
        true,
        rounds);
  }
}
