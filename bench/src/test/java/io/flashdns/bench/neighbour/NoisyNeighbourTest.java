package io.flashdns.bench.neighbour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flashdns.bench.neighbour.NoisyNeighbour.Kind;
import io.flashdns.bench.neighbour.NoisyNeighbour.Round;
import io.flashdns.bench.neighbour.NoisyNeighbour.Settings;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Losses alone: times depend on what else the machine does. */
final class NoisyNeighbourTest {
  @Test
  @Timeout(120)
  void floodOnOneTenantLosesNoQueryOfAnother() throws Exception {
    Settings settings = Settings.of("rounds=1", "seconds=2", "rate=500", "budget=1000");

    List<Round> rounds = NoisyNeighbour.run(settings);

    assertThat(rounds).extracting(Round::kind).containsExactly(Kind.ALONE, Kind.WITHIN, Kind.FLOOD);
    assertThat(rounds)
        .allSatisfy(
            round -> {
              assertThat(round.b().sent()).isEqualTo(1_000);
              assertThat(round.b().lost()).isZero();
            });
    // A second's worth saved up and two seconds, and what the sending was late.
    assertThat(rounds.getLast().a().sent()).isEqualTo(20_000);
    assertThat(rounds.getLast().a().answered()).isBetween(1_500, 6_000);
  }

  @Test
  void argumentsHaveDefaultsAndBadOnesAreRefused() {
    assertThat(Settings.of()).isEqualTo(new Settings(10, 5, 2_000, 2_000, 10, 2));
    assertThatThrownBy(() -> Settings.of("round=1"))
        .hasMessageStartingWith("'round=1' is no argument: write KEY=NUMBER");
  }
}
