package io.flashdns.management.operations;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.engine.Metric;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HealthTest {
  private long nanos = 1_000_000_000_000L;
  private final Health health = health(8, false);

  private Health health(int workers, boolean readyWithBrokenZones) {
    return new Health(workers, readyWithBrokenZones, () -> nanos);
  }

  private void pass(long millis) {
    nanos += TimeUnit.MILLISECONDS.toNanos(millis);
  }

  private void beatFor(Health of, int blocked, int seconds) {
    for (int i = 0; i < seconds * 10; i++) {
      pass(100);
      of.beat(blocked);
    }
  }

  @Test
  void livesWhileHousekeepingComesBy() {
    beatFor(health, 0, 60);
    assertThat(health.live().good()).isTrue();
    assertThat(health.live().lines()).isEmpty();

    pass(4_999);
    assertThat(health.live().good()).isTrue();
    pass(1);
    assertThat(health.live().good()).isFalse();
    assertThat(health.live().lines()).containsExactly("housekeeping has stood still for 5 s");

    health.beat(0);
    assertThat(health.live().good()).isTrue();
  }

  @Test
  void someBlockedWorkersAreSaidAndDoNotKill() {
    beatFor(health, 7, 3_600);

    assertThat(health.live().good()).isTrue();
    assertThat(health.live().lines()).containsExactly("7 of 8 workers are blocked by plugins");
  }

  @Test
  void doesNotLiveWhenAllWorkersAreBlockedForLong() {
    beatFor(health, 7, 60);
    beatFor(health, 8, 10);
    assertThat(health.live().good()).isTrue();

    pass(100);
    health.beat(8);
    assertThat(health.live().good()).isFalse();
    assertThat(health.live().lines())
        .containsExactly("all workers have been blocked by plugins for 10 s");

    health.beat(7);
    assertThat(health.live().good()).isTrue();
    beatFor(health, 8, 5);
    assertThat(health.live().good()).isTrue();
  }

  @Test
  void isReadyFromTheOpeningOfThePortsToTheDraining() {
    health.zones(true, List.of(), List.of());
    assertThat(health.ready().good()).isFalse();
    assertThat(health.ready().lines()).containsExactly("the ports are not open yet");

    health.serving();
    assertThat(health.ready().good()).isTrue();
    assertThat(health.ready().lines()).isEmpty();

    health.draining();
    assertThat(health.ready().good()).isFalse();
    assertThat(health.ready().lines()).containsExactly("the server is draining");
  }

  @Test
  void isNotReadyBeforeZonesWereRead() {
    health.serving();
    assertThat(health.ready().good()).isFalse();

    health.zones(false, List.of(), List.of());
    assertThat(health.ready().good()).isFalse();
    assertThat(health.ready().lines()).anyMatch(line -> line.contains("never been read"));
  }

  @Test
  void folderThatCannotBeReadAnyMoreIsSaidAndTakesNoServerOut() {
    health.serving();
    health.zones(true, List.of(), List.of());
    health.zones(false, List.of(), List.of("a.zone"));

    assertThat(health.ready().good()).isTrue();
    assertThat(health.ready().lines())
        .containsExactly(
            "the folder of zones cannot be read, all zones stay as they were",
            "a.zone is broken now, its zone is served as it was before");
  }

  @Test
  void zoneInAnOlderVersionIsWhole() {
    health.serving();
    health.zones(true, List.of(), List.of("a.zone", "b.zone"));

    assertThat(health.ready().good()).isTrue();
    assertThat(health.ready().lines()).hasSize(2);
    assertThat(metric(health, "flashdns_zones_outdated")).isEqualTo(2);
    assertThat(metric(health, "flashdns_ready")).isEqualTo(1);
  }

  @Test
  void zoneThatWasNeverReadMakesUnready() {
    health.serving();
    health.zones(true, List.of("bad.zone"), List.of());

    assertThat(health.ready().good()).isFalse();
    assertThat(health.ready().lines())
        .containsExactly(
            "zones are missing: mend the file and send SIGHUP, remove it, or set"
                + " operations.ready-with-broken-zones",
            "bad.zone was never read without errors, its zone is not served");
    assertThat(metric(health, "flashdns_zones_broken")).isEqualTo(1);
    assertThat(metric(health, "flashdns_ready")).isZero();

    health.zones(true, List.of(), List.of());
    assertThat(health.ready().good()).isTrue();
  }

  @Test
  void configurationCanSayThatMissingZonesDoNotMatter() {
    Health lenient = health(2, true);
    lenient.serving();
    lenient.zones(true, List.of("bad.zone"), List.of());

    assertThat(lenient.ready().good()).isTrue();
    assertThat(lenient.ready().lines())
        .containsExactly("bad.zone was never read without errors, its zone is not served");
  }

  @Test
  void isNotReadyBeforeItHasCaughtUpWithTheStore() {
    health.serving();
    health.zones(true, List.of(), List.of());
    health.store(() -> new Health.Store(false, 0, "", "", 0, List.of()));

    assertThat(health.ready().good()).isFalse();
    assertThat(health.ready().lines()).containsExactly("what the store holds is not served yet");
  }

  @Test
  void storeThatTakesNoChangesIsSaidAndTakesNoServerOut() {
    health.serving();
    health.zones(true, List.of(), List.of());
    health.store(
        () ->
            new Health.Store(
                true, 12.3, "the disk\nis full", "", 3, List.of("the zone a. stays as it was: x")));

    assertThat(health.ready().good()).isTrue();
    assertThat(health.ready().lines())
        .containsExactly(
            "the store takes no changes: the disk?is full",
            "what is served is 12 s behind the store",
            "the zone a. stays as it was: x",
            "2 more zones cannot be brought up to date");
  }

  @Test
  void manyBrokenFilesAreCountedAndNotAllNamed() {
    health.serving();
    health.zones(true, Collections.nCopies(1_234, "x.zone"), List.of());

    assertThat(health.ready().lines()).hasSize(102).last().isEqualTo("and 1134 more");
    assertThat(metric(health, "flashdns_zones_broken")).isEqualTo(1_234);
  }

  @Test
  void fileNamesMakeNoLines() {
    health.serving();
    health.zones(true, List.of(), List.of("a\nready\r\u0007.zone"));

    assertThat(health.ready().lines().getFirst()).startsWith("a?ready??.zone is broken now");
  }

  private static double metric(Health health, String name) {
    return health.metrics().stream()
        .filter(metric -> metric.name().equals(name))
        .map(Metric::samples)
        .mapToDouble(samples -> samples.getFirst().value())
        .findFirst()
        .orElseThrow();
  }
}
