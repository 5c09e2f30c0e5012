package io.flashdns.core.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CountsTest {
  @Test
  void slotsCountEachForItself() {
    Counts counts = new Counts(3);
    counts.increment(0);
    counts.increment(2);
    counts.increment(2);
    counts.add(1, 1L << 40);
    counts.add(1, 5);

    assertThat(counts.size()).isEqualTo(3);
    assertThat(counts.read(0)).isEqualTo(1);
    assertThat(counts.read(1)).isEqualTo((1L << 40) + 5);
    assertThat(counts.read(2)).isEqualTo(2);
    assertThatThrownBy(() -> counts.increment(3)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  /** Bucket b holds what is below 512 ns times 2 to the b. */
  @ParameterizedTest
  @CsvSource({
    "-5, 0",
    "0, 0",
    "511, 0",
    "512, 1",
    "1023, 1",
    "1024, 2",
    "1000000, 11",
    "8589934591, 24",
    "8589934592, 25",
    "17179869184, 25",
    "9223372036854775807, 25",
    "-9223372036854775808, 0",
  })
  void timeFallsIntoItsBucket(long nanos, int bucket) {
    Counts counts = new Counts(1 + Counts.HISTOGRAM_SLOTS);
    counts.record(1, nanos);

    for (int i = 0; i < Counts.BUCKETS; i++) {
      assertThat(counts.read(1 + i)).as("bucket %d", i).isEqualTo(i == bucket ? 1 : 0);
    }
    assertThat(counts.read(1 + Counts.BUCKETS)).as("sum").isEqualTo(Math.max(0, nanos));
    assertThat(counts.read(0)).isZero();
  }

  @Test
  void boundsOfTheBucketsDouble() {
    Counts counts = new Counts(Counts.HISTOGRAM_SLOTS);
    for (int bucket = 0; bucket < Counts.BUCKETS - 1; bucket++) {
      counts.record(0, (Counts.FIRST_BOUND_NANOS << bucket) - 1);
      assertThat(counts.read(bucket)).isEqualTo(1);
      counts.record(0, Counts.FIRST_BOUND_NANOS << bucket);
      assertThat(counts.read(bucket + 1)).isEqualTo(1);
      counts = new Counts(Counts.HISTOGRAM_SLOTS);
    }
  }

  @Test
  void readerSeesEachSlotRise() throws InterruptedException {
    Counts counts = new Counts(1);
    int times = 2_000_000;
    Thread writer =
        Thread.ofPlatform()
            .start(
                () -> {
                  for (int i = 0; i < times; i++) {
                    counts.increment(0);
                  }
                });
    List<Long> seen = new ArrayList<>();
    while (writer.isAlive()) {
      seen.add(counts.read(0));
    }
    writer.join();

    assertThat(seen).isSorted();
    assertThat(counts.read(0)).isEqualTo(times);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Queries", "9lives", "a-b", "a b", "a.b", "_a", "ä", "x\n"})
  void namesThatNoMonitoringTakesAreRefused(String name) {
    assertThatThrownBy(() -> Metrics.requireName(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "'" + name + "' is no name of a metric: lower-case letters, digits and underscores");
    assertThatThrownBy(() -> Label.of(name, "x")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void namesHave1To63Characters() {
    assertThat(Metrics.requireName("a")).isEqualTo("a");
    assertThat(Metrics.requireName("a" + "0".repeat(62))).hasSize(63);
    assertThatThrownBy(() -> Metrics.requireName("a".repeat(64)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void labelHasValues() {
    assertThatThrownBy(() -> Label.of("type")).hasMessage("the label type has no values");
    assertThat(Label.of("type", "A", "other").values()).containsExactly("A", "other");
  }
}
