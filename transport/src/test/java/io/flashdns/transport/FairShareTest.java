package io.flashdns.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class FairShareTest {
  private static double level(double available, double... claims) {
    return FairShare.level(claims, claims.length, available);
  }

  @Test
  void enoughForAllHasNoLevel() {
    assertThat(level(10, 1, 2, 7)).isInfinite();
    assertThat(level(10)).isInfinite();
    assertThat(level(0, 0, 0)).isInfinite();
  }

  @Test
  void equalClaimsShareEvenly() {
    assertThat(level(10, 4, 4, 4, 4)).isEqualTo(2.5);
  }

  @Test
  void whatSmallClaimsLeaveIsSharedByTheLarge() {
    assertThat(level(10, 100, 1, 2, 50)).isEqualTo(3.5);
    assertThat(level(10, 3, 100, 1)).isEqualTo(6);
  }

  @Test
  void nothingToShareIsALevelOfNothing() {
    assertThat(level(0, 1, 2)).isZero();
    assertThat(level(-1, 1, 2)).isZero();
  }

  @Test
  void onlyTheFirstClaimsCountAndTheyStayAsTheyAre() {
    double[] claims = {9, 3, 1_000};

    assertThat(FairShare.level(claims, 2, 6)).isEqualTo(3);
    assertThat(claims).containsExactly(9, 3, 1_000);
  }

  @Test
  void theWholeIsGivenAwayAndNobodyGetsMoreThanTheyClaim() {
    Random random = new Random(7);
    for (int round = 0; round < 1_000; round++) {
      double[] claims = random.doubles(1 + random.nextInt(50), 0, 100).toArray();
      double sum = 0;
      for (double claim : claims) {
        sum += claim;
      }
      double available = random.nextDouble() * sum;
      double level = level(available, claims);
      double given = 0;
      for (double claim : claims) {
        given += Math.min(claim, level);
      }

      assertThat(given).isCloseTo(available, within(1e-6));
    }
  }
}
