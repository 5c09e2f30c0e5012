package io.flashdns.management.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flashdns.core.store.Octets;
import io.flashdns.core.store.StoreException;
import io.flashdns.management.grpc.AuditTrail.Rate;
import io.flashdns.proto.v1.AuditEntry;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Entries of the audit log that come without a change. */
final class AuditTrailTest {
  private final ApiCounters counters = new ApiCounters();
  private final List<Octets> written = new CopyOnWriteArrayList<>();

  private static AuditEntry entry(int number) {
    return AuditEntry.newBuilder()
        .setCall("/a")
        .setRequestJson("{}")
        .setStatusMessage("n" + number)
        .build();
  }

  private List<AuditEntry> entries() throws Exception {
    List<AuditEntry> entries = new ArrayList<>();
    for (Octets octets : written) {
      entries.add(AuditEntry.parseFrom(octets.array()));
    }
    return entries;
  }

  @Test
  void entriesAreWrittenInTheirOrder() throws Exception {
    try (AuditTrail trail = new AuditTrail(written::addAll, counters, InstantSource.system())) {
      for (int i = 0; i < 5_000; i++) {
        trail.add(entry(i), "somebody", Rate.KNOWN);
      }
    }
    assertThat(entries()).hasSize(5_000);
    assertThat(entries().getLast()).isEqualTo(entry(4_999));
  }

  @Test
  void floodOfOneSourceBecomesANumberInOneEntry() throws Exception {
    try (AuditTrail trail = new AuditTrail(written::addAll, counters, InstantSource.system())) {
      for (int i = 0; i < 100_000; i++) {
        trail.add(entry(i), "192.0.2.1", Rate.UNKNOWN);
      }
      trail.add(entry(7), "192.0.2.2", Rate.UNKNOWN);
    }
    assertThat(entries().size()).isLessThan(400);
    assertThat(entries()).as("another source has its own").contains(entry(7));
    AuditEntry rest = entries().getLast();
    assertThat(rest.getStatusMessage())
        .matches("the last of \\d+ such calls within 10 seconds, .*: n99999");
    long gathered =
        Long.parseLong(rest.getStatusMessage().replaceAll("the last of (\\d+) .*", "$1"));
    assertThat(gathered + entries().size() - 1).isEqualTo(100_001);
  }

  @Test
  void floodFromManySourcesIsBoundedToo() throws Exception {
    try (AuditTrail trail = new AuditTrail(written::addAll, counters, InstantSource.system())) {
      for (int i = 0; i < 100_000; i++) {
        trail.add(entry(i), "source " + i, Rate.UNKNOWN);
      }
    }
    assertThat(entries().size()).isLessThan(2_000 + 4_096 + 1_000);
  }

  @Test
  void entriesWaitForAStoreThatIsAwayAndThereIsNoRoomMeanwhile() throws Exception {
    AtomicInteger tries = new AtomicInteger();
    CountDownLatch back = new CountDownLatch(1);
    try (AuditTrail trail =
        new AuditTrail(
            bodies -> {
              if (tries.getAndIncrement() == 0) {
                throw new StoreException.Unavailable("the disk is full");
              }
              back.await();
              written.addAll(bodies);
            },
            counters,
            InstantSource.system())) {
      trail.add(entry(0), "a", Rate.KNOWN);
      assertThat(trail.hasRoom()).isTrue();
      for (int i = 0; i < 20_000; i++) {
        trail.add(entry(i), "principal " + i, Rate.KNOWN);
      }
      assertThat(trail.hasRoom()).isFalse();
      back.countDown();
      await().atMost(CallGateTest.PATIENCE).until(trail::hasRoom);
    }
    assertThat(entries().getFirst()).isEqualTo(entry(0));
    // Some keys share a bucket, what is beyond that has entries together.
    assertThat(written.size() + counters.now().auditLost()).isGreaterThanOrEqualTo(15_000);
  }
}
