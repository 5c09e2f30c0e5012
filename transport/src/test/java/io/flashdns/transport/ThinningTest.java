package io.flashdns.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The decisions against a queue and a filter that are played, millisecond by millisecond. */
class ThinningTest {

  /** Sources with a rate each, a queue, a worker. Arrivals are as independent as real ones. */
  private static final class Play {
    private static final int STEPS = 250;

    final Random random = new Random(11);
    final Thinning thinning = new Thinning();
    final double[] rates;
    final double[] pass;
    double perSecond;
    final int room;
    final ArrayDeque<Integer> queue = new ArrayDeque<>();
    final long[] sent;
    final long[] answered;
    int most = SourceFilter.MAX_SOURCES;
    long received;
    long dropped;
    private double[] sums = {};
    private double credit;
    private int old;
    private long millis;

    Play(double perSecond, int room, double... rates) {
      this.perSecond = perSecond;
      this.room = room;
      this.rates = rates;
      pass = new double[rates.length];
      sent = new long[rates.length];
      answered = new long[rates.length];
      Arrays.fill(pass, 1);
    }

    /** How many come in a step, when so many are expected: Knuth's way, in small parts. */
    private int arrivals(double expected) {
      int count = 0;
      for (double left = expected; left > 0; left -= 10) {
        double limit = Math.exp(-Math.min(left, 10));
        for (double p = random.nextDouble(); p > limit; p *= random.nextDouble()) {
          count++;
        }
      }
      return count;
    }

    private double fill() {
      return (double) queue.size() / room;
    }

    /** A millisecond. */
    private void step() {
      millis++;
      for (int count = arrivals(sums[sums.length - 1] / 1_000); count > 0; count--) {
        int found = Arrays.binarySearch(sums, random.nextDouble() * sums[sums.length - 1]);
        int source = found < 0 ? -found - 1 : found;
        sent[source]++;
        if (random.nextDouble() >= pass[source] || queue.size() == room) {
          dropped++;
        } else {
          queue.add(source);
        }
      }
      for (credit += perSecond / 1_000; credit >= 1 && !queue.isEmpty(); credit--) {
        int source = queue.remove();
        answered[source]++;
        received++;
        thinning.sources().count(source);
      }
      credit = Math.min(credit, 1);
    }

    void decision() {
      sums = rates.clone();
      Arrays.parallelPrefix(sums, Double::sum);
      if (old > 0) {
        long until = received + old;
        int steps = 0;
        while (received < until) {
          step();
          steps++;
        }
        thinning.settleOld(steps / 1e3);
      }
      double fillBefore = fill();
      long receivedBefore = received;
      long droppedBefore = dropped;
      for (int i = 0; i < STEPS; i++) {
        step();
      }
      thinning.settle(
          STEPS / 1e3,
          received - receivedBefore,
          dropped - droppedBefore,
          fillBefore,
          fill(),
          most);
      old = fill() < Thinning.EMPTY ? 0 : queue.size();
      SourceTable sources = thinning.sources();
      Arrays.fill(pass, 1);
      for (int i = 0; i < sources.size(); i++) {
        pass[(int) sources.key(i)] = sources.next(i);
      }
      if (old == 0) {
        sources.adopt();
      }
    }

    Play decisions(int count) {
      for (int i = 0; i < count; i++) {
        decision();
      }
      return this;
    }

    /** From now on. */
    void countAnew() {
      Arrays.fill(sent, 0);
      Arrays.fill(answered, 0);
      received = 0;
      dropped = 0;
      millis = 0;
    }

    double receivedPerSecond() {
      return received * 1e3 / millis;
    }

    double answeredPart(int from, int to) {
      long asked = 0;
      long got = 0;
      for (int i = from; i < to; i++) {
        asked += sent[i];
        got += answered[i];
      }
      return (double) got / asked;
    }

    int thinnedIn(int from, int to) {
      return (int) Arrays.stream(pass, from, to).filter(part -> part < 1).count();
    }
  }

  private static double[] rates(int heavy, double heavyRate, int light, double lightRate) {
    double[] rates = new double[heavy + light];
    Arrays.fill(rates, 0, heavy, heavyRate);
    Arrays.fill(rates, heavy, heavy + light, lightRate);
    return rates;
  }

  @Test
  void floodOfAFewIsThinnedAtOnceAndNobodyElse() {
    Play play = new Play(8_000, 500, rates(4, 20_000, 100, 8)).decisions(2);

    assertThat(play.thinnedIn(0, 4)).isEqualTo(4);
    assertThat(play.thinnedIn(4, 104)).isZero();

    play.decisions(8);
    play.countAnew();
    play.decisions(40);

    assertThat(play.answeredPart(4, 104)).isGreaterThan(0.999);
    assertThat(play.thinnedIn(4, 104)).isZero();
    // The flooders get what the others leave, evenly.
    assertThat(play.receivedPerSecond()).isBetween(0.85 * 8_000, 8_000.0);
    for (int i = 0; i < 4; i++) {
      assertThat(play.answered[i] * 1e3 / play.millis).isBetween(1_200.0, 2_000.0);
    }
  }

  @Test
  void tenTimesTheCapacityFromAThousandSourcesLeavesTheOthersAlone() {
    Play play = new Play(8_000, 500, rates(1_000, 80, 250, 3.2)).decisions(12);
    play.countAnew();
    play.decisions(40);

    assertThat(play.thinnedIn(0, 1_000)).isGreaterThan(900);
    assertThat(play.answeredPart(1_000, 1_250)).isGreaterThan(0.99);
    assertThat(play.receivedPerSecond()).isGreaterThan(0.8 * 8_000);
  }

  @Test
  void deepQueueDoesNotHideAThousandSourcesForLong() {
    Play play = new Play(8_000, 10_000, rates(1_000, 80, 250, 3.2));
    while (play.millis < 4_000) {
      play.decision();
    }

    assertThat(play.thinnedIn(0, 1_000)).isGreaterThan(900);
    assertThat(play.thinnedIn(1_000, 1_250)).isLessThan(10);
  }

  @Test
  void loadALittleAboveTheCapacityIsMadeToFit() {
    // Each is less than twice the fair share of 720.
    Play play = new Play(8_000, 500, rates(10, 1_200, 100, 8)).decisions(8);
    play.countAnew();
    play.decisions(20);

    assertThat(play.answeredPart(10, 110)).isGreaterThan(0.99);
    assertThat(play.receivedPerSecond()).isGreaterThan(0.8 * 8_000);
  }

  @Test
  void deepQueueBecomesShort() {
    Play play = new Play(8_000, 4_000, rates(10, 8_000, 100, 8)).decisions(20);

    assertThat(play.queue.size()).isLessThan(400);
  }

  @Test
  void moreCapacityIsFound() {
    Play play = new Play(4_000, 500, rates(4, 20_000, 100, 8)).decisions(20);
    assertThat(play.thinning.capacity()).isBetween(3_600.0, 5_200.0);

    play.perSecond = 6_000;
    play.decisions(40);
    play.countAnew();
    play.decisions(20);

    assertThat(play.receivedPerSecond()).isBetween(0.85 * 6_000, 6_000.0);
  }

  @Test
  void endOfTheFloodIsSeenAndThoseWhoStopAreLetGo() {
    Play play = new Play(8_000, 500, rates(4, 20_000, 100, 8)).decisions(8);
    assertThat(play.thinning.isFlooded()).isTrue();

    play.rates[0] = 100;
    play.decisions(16);
    assertThat(play.pass[0]).isEqualTo(1);
    assertThat(play.thinnedIn(1, 4)).isEqualTo(3);

    Arrays.fill(play.rates, 0, 4, 100);
    play.decisions(2);
    assertThat(play.thinning.isFlooded()).isFalse();
  }

  @Test
  void loadThatFitsThinsNobody() {
    Play play = new Play(8_000, 500, rates(2, 3_000, 100, 15)).decisions(20);

    assertThat(play.thinning.isFlooded()).isFalse();
    assertThat(play.thinning.thinned()).isZero();
    assertThat(play.dropped).isZero();
  }

  @Test
  void wrongChecksumsAreNoFlood() {
    Thinning thinning = new Thinning();
    for (int i = 0; i < 20; i++) {
      for (int j = 0; j < 1_000; j++) {
        thinning.sources().count(1);
      }
      thinning.settle(0.25, 1_000, 5_000, 0.01, 0.01, 1_024);

      assertThat(thinning.isFlooded()).isFalse();
      assertThat(thinning.thinned()).isZero();
    }
  }

  @Test
  void floodWithASourceForEachDatagramDoesNotHaveTheRealClientsThinned() {
    // 80,000 a second from anywhere, and 20 resolvers that ask less than half of the capacity.
    Play play = new Play(8_000, 500, rates(20, 100, 200_000, 0.4)).decisions(12);

    assertThat(play.thinning.isFlooded()).isTrue();
    assertThat(play.thinnedIn(0, 20)).isZero();
  }

  @Test
  void whenThereAreMoreThanFitTheHeaviestAreThinned() {
    Play play = new Play(8_000, 500, rates(10, 1_000, 10, 16_000));
    play.most = 10;
    play.decisions(8);

    assertThat(play.thinning.thinned()).isEqualTo(10);
    assertThat(play.thinnedIn(10, 20)).isEqualTo(10);
  }
}
