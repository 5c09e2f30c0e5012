package io.flashdns.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.flashdns.bench.compare.Results.Line;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Medians, spreads, ratios, and what is said of them. */
class ResultsTest {
  private static final Line HIT = new Line(Part.COST, MadeUp.ZONES, "hit");

  private static MadeUp run() {
    return new MadeUp("floor", "knot", "nsd", "flashdns")
        .with(Part.COST, "hit", "floor", Figure.CPU_MICROS, 1.0, 1.05, 0.95)
        .with(Part.COST, "hit", "knot", Figure.CPU_MICROS, 4.0, 5.0, 4.2)
        .with(Part.COST, "hit", "nsd", Figure.CPU_MICROS, 5.0, 5.0, 5.0)
        .with(Part.COST, "hit", "flashdns", Figure.CPU_MICROS, 2.1, 2.2, 2.0, 2.0)
        .with(Part.COST, "hit", "knot", Figure.RATE, 200_000, 210_000, 220_000)
        .with(Part.COST, "hit", "flashdns", Figure.RATE, 105_000, 105_000, 105_000)
        .with(Part.COST, "nx", "knot", Figure.CPU_MICROS, 3.0)
        .with(Part.COST, "nx", "flashdns", Figure.CPU_MICROS, 6.0);
  }

  @Test
  void medianOfAnOddNumberIsTheMiddleOne() {
    assertThat(Spread.of(List.of(3.0, 1.0, 2.0))).isEqualTo(new Spread(2, 1, 3, 3));
  }

  @Test
  void medianOfAnEvenNumberLiesBetweenTheMiddleTwo() {
    assertThat(Spread.of(List.of(4.0, 1.0, 2.0, 3.0))).isEqualTo(new Spread(2.5, 1, 4, 4));
  }

  @Test
  void fewRoundsAndWideOnesAreMarked() {
    assertThat(Grid.text(Figure.CPU_MICROS, Spread.of(List.of(1.0)))).isEqualTo("1.000 †");
    assertThat(Grid.text(Figure.CPU_MICROS, Spread.of(List.of(1.0, 1.3, 1.2))))
        .isEqualTo("1.200 (1.000 to 1.300) ≈");
    assertThat(Grid.text(Figure.CPU_MICROS, Spread.of(List.of(1.0, 1.1, 1.2))))
        .isEqualTo("1.100 (1.000 to 1.200)");
  }

  @Test
  void bestPeerIsTheCheapestThatIsNeitherFloorNorOurs() {
    Results results = run().results();

    assertThat(results.bestPeer(HIT, Figure.CPU_MICROS)).isEqualTo("knot");
    assertThat(results.bestPeer(HIT, Figure.P99)).isNull();
  }

  @Test
  void bestPeerOfARateIsTheFastest() {
    Results results =
        run().with(Part.COST, "hit", "nsd", Figure.RATE, 300_000, 300_000, 300_000).results();

    assertThat(results.bestPeer(HIT, Figure.RATE)).isEqualTo("nsd");
  }

  @Test
  void ratiosAreThoseOfMedians() {
    Results results = run().results();

    Grid grid = Grid.of(results, Part.COST, MadeUp.ZONES, Figure.CPU_MICROS);

    assertThat(grid.head())
        .containsExactly(
            "CPU per query, µs",
            "floor",
            "knot",
            "nsd",
            "flashdns",
            "flashdns ÷ floor",
            "flashdns ÷ best peer");
    assertThat(grid.rows().getFirst())
        .containsExactly(
            "hit",
            "1.000 (0.950 to 1.050)",
            "4.200 (4.000 to 5.000) ≈",
            "5.000 (5.000 to 5.000)",
            "2.050 (2.000 to 2.200)",
            "2.05",
            "0.49 (knot)");
    assertThat(grid.rows().getLast())
        .containsExactly("nx", "–", "3.000 †", "–", "6.000 †", "–", "2.00 (knot)");
  }

  @Test
  void withoutAFloorThereIsNoRatioToIt() {
    Results results =
        new MadeUp("knot", "flashdns")
            .with(Part.COST, "hit", "knot", Figure.CPU_MICROS, 4)
            .with(Part.COST, "hit", "flashdns", Figure.CPU_MICROS, 2)
            .results();

    assertThat(Grid.of(results, Part.COST, MadeUp.ZONES, Figure.CPU_MICROS).head())
        .containsExactly("CPU per query, µs", "knot", "flashdns", "flashdns ÷ best peer");
  }

  @Test
  void twoBuildsHaveRatiosEach() {
    Results results =
        new MadeUp("floor", "knot", "flashdns-old", "flashdns-new")
            .with(Part.COST, "hit", "floor", Figure.CPU_MICROS, 1)
            .with(Part.COST, "hit", "knot", Figure.CPU_MICROS, 4)
            .with(Part.COST, "hit", "flashdns-old", Figure.CPU_MICROS, 3)
            .with(Part.COST, "hit", "flashdns-new", Figure.CPU_MICROS, 2)
            .results();

    assertThat(Grid.of(results, Part.COST, MadeUp.ZONES, Figure.CPU_MICROS).rows().getFirst())
        .endsWith("3.00", "0.75 (knot)", "2.00", "0.50 (knot)");
  }

  @Test
  void saysWhereAPeerIsBetterAndThatRoundsAreFew() {
    Results results = run().results();

    assertThat(Statement.of(results, "flashdns", true))
        .containsExactly(
            "Processor time per query, 10 zones of 4 names, CPU per query, µs: hit 2.050 against"
                + " 4.200 of knot, 0.49 × (rounds far apart)");
    assertThat(Statement.of(results, "flashdns", false))
        .containsExactly(
            "Processor time per query, 10 zones of 4 names, CPU per query, µs: nx 6.000 against"
                + " 3.000 of knot, 2.00 × (few rounds)",
            "Processor time per query, 10 zones of 4 names, Queries a second: hit 105,000 against"
                + " 210,000 of knot, 0.50 ×");
  }

  @Test
  void aFirstStartIsComparedWithThePeersUsualOne() {
    Results results =
        new MadeUp("knot", "flashdns")
            .at(Part.START, "z", StartParts.AGAIN, 10.0, "knot", Figure.READY, 1, 1, 1)
            .at(Part.START, "z", StartParts.EMPTY, 10.0, "flashdns", Figure.READY, 3, 3, 3)
            .results();

    assertThat(Statement.of(results, "flashdns", false))
        .containsExactly(
            "Start and memory, z, Start to first answer, s: start with an empty data folder 3.00"
                + " against 1.00 of knot, 3.00 ×");
  }

  @Test
  void countsWhatWasLostAndWrong() {
    Results results = run().wrong("knot", 3, "a.example. A: SERVFAIL").results();

    assertThat(results.wrong()).isEqualTo(3);
    assertThat(Grid.faultRows(results))
        .contains(
            List.of("floor", "3,000", "30", "not looked at", "0"),
            List.of("knot", "8,000", "80", "3", "0"));
    assertThat(Markdown.of(results, "x.json")).contains("- knot, hit: a.example. A: SERVFAIL");
  }

  @Test
  void jsonGivesEveryRoundBack() {
    Results results =
        run().at(Part.CURVE, "z", "10 a second", 10.0, "knot", Figure.P99, 55.5).results();

    assertThat(ResultsFile.parse(ResultsFile.json(results))).isEqualTo(results);
    assertThat(ResultsFile.json(results)).contains("\"serverMicrosPerQuery\": 4.2");
  }

  @Test
  void runsWithTheSameZonesDoNotGoIntoOneReport() throws CompareException {
    Results one = run().results();
    Results other =
        new MadeUp("floor", "knot", "nsd", "flashdns")
            .at(Part.COST, "other zones", "hit", null, "knot", Figure.CPU_MICROS, 1)
            .results();

    assertThat(ResultsFile.together(List.of(one, other)).workloads(Part.COST))
        .containsExactly(MadeUp.ZONES, "other zones");
    assertThatThrownBy(() -> ResultsFile.together(List.of(one, one)))
        .isInstanceOf(CompareException.class)
        .hasMessage(
            "Processor time per query with 10 zones of 4 names is in two of the runs: ratios are"
                + " made within one");
  }

  @Test
  void loadsOfTheCurveHaveTwoDigitsThatCount() {
    assertThat(SteadyParts.nice(123_456)).isEqualTo(120_000, within(1e-6));
    assertThat(SteadyParts.nice(98_765)).isEqualTo(99_000, within(1e-6));
    assertThat(SteadyParts.nice(0.3)).isEqualTo(1, within(1e-6));
  }
}
