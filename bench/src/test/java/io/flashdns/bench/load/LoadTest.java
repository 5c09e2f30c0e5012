package io.flashdns.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.Rcode;
import io.flashdns.core.dns.RecordType;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Counts of a load are exact: each query is answered or lost, each reply right or wrong. */
@Timeout(60)
class LoadTest {
  private static final Duration NONE = Duration.ZERO;

  private static Queries of(String... names) {
    Queries.Builder list = Queries.builder();
    for (String name : names) {
      list.add(DomainName.parse(name + ".example"), RecordType.A);
    }
    return list.build();
  }

  private static String[] many(String name, int count) {
    String[] names = new String[count];
    for (int i = 0; i < count; i++) {
      names[i] = name + i;
    }
    return names;
  }

  /** All of a list once. */
  private static LoadSettings once(Responder responder, Queries queries) {
    return LoadSettings.of(responder.address(), queries)
        .withPace(Pace.closed(8))
        .withSockets(4, 1)
        .withDuration(Duration.ofSeconds(30), NONE)
        .withTimeout(Duration.ofMillis(300))
        .withMostQueries(queries.size());
  }

  private static LoadResult run(LoadSettings settings) throws Exception {
    return new Load(settings).run(_ -> {});
  }

  @Test
  void eachQueryIsSentOnceAndAnswered() throws Exception {
    try (Responder responder = new Responder()) {
      LoadResult result = run(once(responder, of(many("a", 1_000))));

      assertThat(responder.received()).isEqualTo(1_000);
      assertThat(result.sent()).isEqualTo(1_000);
      assertThat(result.received()).isEqualTo(1_000);
      assertThat(result.lost()).isZero();
      assertThat(result.wrong().total()).isZero();
      assertThat(result.byRcode()).containsOnlyKeys("NOERROR").containsValue(1_000L);
      assertThat(result.latencyNanos().getTotalCount()).isEqualTo(1_000);
      assertThat(result.perSecond().stream().mapToLong(LoadSecond::sent).sum()).isEqualTo(1_000);
      // Header, a label of a letter and one to three digits, example, root, type and class; A.
      long labels = 1_000 * 2 + 10 + 90 * 2 + 900 * 3;
      assertThat(result.replyBytes()).isEqualTo(labels + 1_000 * (12 + 8 + 1 + 4 + 16));
    }
  }

  @Test
  void severalThreadsShareTheList() throws Exception {
    try (Responder responder = new Responder()) {
      Queries queries = of(many("a", 1_001));
      LoadResult result = run(once(responder, queries).withSockets(6, 3));

      assertThat(result.sent()).isEqualTo(1_001);
      assertThat(result.received()).isEqualTo(1_001);
      assertThat(responder.received()).isEqualTo(1_001);
    }
  }

  @Test
  void whatIsDroppedIsLost() throws Exception {
    try (Responder responder = new Responder()) {
      LoadResult result = run(once(responder, of("a", "drop", "b", "drop", "c")));

      assertThat(result.sent()).isEqualTo(5);
      assertThat(result.received()).isEqualTo(3);
      assertThat(result.lost()).isEqualTo(2);
    }
  }

  @Test
  void aSecondReplyIsNoAnswer() throws Exception {
    try (Responder responder = new Responder()) {
      LoadResult result = run(once(responder, of(many("twice", 50))));

      assertThat(result.received()).isEqualTo(50);
      assertThat(result.duplicates()).isEqualTo(50);
      assertThat(result.strays()).isZero();
    }
  }

  @Test
  void aReplyUnderAnotherIdIsAStray() throws Exception {
    try (Responder responder = new Responder()) {
      LoadResult result = run(once(responder, of(many("stray", 50))));

      assertThat(result.received()).isEqualTo(50);
      assertThat(result.strays()).isEqualTo(50);
      assertThat(result.duplicates()).isZero();
    }
  }

  @Test
  void aMessageWithoutAHeaderIsMalformedAndItsQueryLost() throws Exception {
    try (Responder responder = new Responder()) {
      LoadResult result = run(once(responder, of("a", "short")));

      assertThat(result.received()).isEqualTo(1);
      assertThat(result.malformed()).isEqualTo(1);
      assertThat(result.lost()).isEqualTo(1);
    }
  }

  @Test
  void anotherQuestionAndNoResponseAreWrong() throws Exception {
    try (Responder responder = new Responder()) {
      LoadResult result = run(once(responder, of("a", "other", "query", "b")));

      assertThat(result.received()).isEqualTo(4);
      assertThat(result.wrong()).isEqualTo(new LoadResult.Wrong(2, 0, 0));
      assertThat(result.faults())
          .anySatisfy(fault -> assertThat(fault).startsWith("other.example. A: "));
    }
  }

  @Test
  void cutRepliesAreCountedAndNotWrong() throws Exception {
    try (Responder responder = new Responder()) {
      Queries queries = of("a", "cut").expecting(expected("NOERROR 1", "NOERROR 7"));
      LoadResult result = run(once(responder, queries));

      assertThat(result.truncated()).isEqualTo(1);
      assertThat(result.wrong().total()).isZero();
    }
  }

  @Test
  void expectedRepliesAreCompared() throws Exception {
    try (Responder responder = new Responder()) {
      Queries queries =
          of("a", "b", "c", "d", "empty", "servfail", "e")
              .expecting(
                  expected(
                      "NOERROR 1 192.0.2.1",
                      "NOERROR 1 192.0.2.2",
                      "NOERROR 2",
                      "NXDOMAIN",
                      "NOERROR 0",
                      "NOERROR",
                      "0 - 3221225985"));
      LoadResult result = run(once(responder, queries));

      assertThat(result.wrong()).isEqualTo(new LoadResult.Wrong(0, 2, 2));
      assertThat(result.faults())
          .containsExactlyInAnyOrder(
              "b.example. A: another address",
              "c.example. A: 1 answers, not 2",
              "d.example. A: NOERROR, not NXDOMAIN",
              "servfail.example. A: SERVFAIL, not NOERROR");
    }
  }

  private static Expected[] expected(String... lines) {
    Expected[] all = new Expected[lines.length];
    for (int i = 0; i < lines.length; i++) {
      all[i] = Expected.parse(lines[i]);
    }
    return all;
  }

  @Test
  void rcodesThatAreNotGoodAreWrong() throws Exception {
    try (Responder responder = new Responder()) {
      LoadResult result =
          run(once(responder, of("a", "servfail")).withGoodRcodes(1 << Rcode.NOERROR));

      assertThat(result.wrong()).isEqualTo(new LoadResult.Wrong(0, 1, 0));
      assertThat(result.byRcode()).containsEntry("SERVFAIL", 1L).containsEntry("NOERROR", 1L);
    }
  }

  @Test
  void newNamesAreNewEachTimeAndComeBack() throws Exception {
    try (Responder responder = new Responder()) {
      Queries flood =
          Queries.builder().addNewBelow(DomainName.parse("example"), RecordType.A).build();
      LoadResult result = run(once(responder, flood).withMostQueries(2_000));

      assertThat(result.received()).isEqualTo(2_000);
      assertThat(result.wrong().total()).isZero();
    }
  }

  @Test
  void ednsIsInEachQueryAndDoesNotDisturb() throws Exception {
    try (Responder responder = new Responder()) {
      LoadResult result = run(once(responder, of(many("a", 20))).withEdns(Edns.of(true)));

      assertThat(result.received()).isEqualTo(20);
      assertThat(result.wrong().total()).isZero();
    }
  }

  @Test
  void warmUpIsNotCounted() throws Exception {
    try (Responder responder = new Responder()) {
      LoadResult result =
          run(
              LoadSettings.of(responder.address(), of("a"))
                  .withPace(Pace.open(200))
                  .withDuration(Duration.ofMillis(500), Duration.ofMillis(500)));

      assertThat(responder.received()).isEqualTo(200);
      assertThat(result.sent()).isEqualTo(100);
      assertThat(result.received()).isEqualTo(100);
      assertThat(result.notSent()).isZero();
    }
  }

  @Test
  void nobodyListening() throws Exception {
    InetSocketAddress nobody;
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      nobody = new InetSocketAddress(InetAddress.getLoopbackAddress(), socket.getLocalPort());
    }

    assertThatThrownBy(() -> run(LoadSettings.of(nobody, of("a"))))
        .isInstanceOf(LoadException.class)
        .hasMessage("nobody listens on 127.0.0.1 port " + nobody.getPort() + " (UDP)");
  }

  @Test
  void queriesComeFromAllSources() throws Exception {
    try (Responder responder = new Responder()) {
      List<InetAddress> sources = Sources.parse("127.0.3.0/30");
      LoadResult result = run(once(responder, of(many("a", 64))).withSources(sources));

      assertThat(sources).hasSize(2);
      assertThat(result.received()).isEqualTo(64);
    }
  }

  @Test
  void aSourceThatIsNotOursIsNamed() throws IOException {
    try (Responder responder = new Responder()) {
      assertThatThrownBy(
              () -> run(once(responder, of("a")).withSources(Sources.parse("192.0.2.77"))))
          .isInstanceOf(LoadException.class)
          .hasMessageContaining("socket 1 of 4")
          .hasMessageContaining("192.0.2.77");
    }
  }

  @Test
  void aLoadCanBeEndedEarly() throws Exception {
    try (Responder responder = new Responder()) {
      Load load =
          new Load(
              LoadSettings.of(responder.address(), of("a"))
                  .withDuration(Duration.ofHours(1), NONE));
      CompletableFuture<LoadSecond> first = new CompletableFuture<>();
      CompletableFuture<LoadResult> end =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return load.run(first::complete);
                } catch (Exception e) {
                  throw new IllegalStateException(e);
                }
              });
      first.get(20, TimeUnit.SECONDS);
      load.stop();

      LoadResult result = end.get(20, TimeUnit.SECONDS);
      assertThat(result.sent()).isPositive().isEqualTo(result.received() + result.lost());
    }
  }

  @Test
  void anOpenLoopShowsAStallThatAClosedOneHides() throws Exception {
    Duration time = Duration.ofSeconds(3);
    LoadResult open;
    try (Responder responder = new Responder(500, 1_000_000_000L)) {
      open =
          run(
              LoadSettings.of(responder.address(), of("a"))
                  .withPace(Pace.open(500))
                  .withDuration(time, NONE));
    }
    LoadResult closed;
    try (Responder responder = new Responder(500, 1_000_000_000L)) {
      closed =
          run(
              LoadSettings.of(responder.address(), of("a"))
                  .withPace(Pace.closed(1))
                  .withSockets(1, 1)
                  .withDuration(time, NONE));
    }

    assertThat(open.sent()).isEqualTo(1_500);
    assertThat(open.received()).isEqualTo(1_500);
    // 500 queries fell into the stall, and waited for half of it on average.
    assertThat(open.latencyMicros(90)).isGreaterThan(500_000);
    assertThat(open.latencyMicros(99)).isGreaterThan(900_000);
    assertThat(closed.latencyMicros(100)).isGreaterThan(900_000);
    assertThat(closed.latencyMicros(90)).isLessThan(100_000);
  }

  @Test
  void aWindowThatIsFullLeavesABacklogThatCountsAsLatency() throws Exception {
    List<LoadSecond> seconds = new ArrayList<>();
    LoadResult result;
    try (Responder responder = new Responder(100, 1_000_000_000L)) {
      result =
          new Load(
                  LoadSettings.of(responder.address(), of("a"))
                      .withPace(new Pace(400, 4))
                      .withSockets(1, 1)
                      .withDuration(Duration.ofSeconds(2), NONE))
              .run(seconds::add);
    }

    assertThat(result.sent() + result.notSent()).isEqualTo(800);
    assertThat(result.maxBacklog()).isGreaterThan(300);
    assertThat(seconds.getFirst().backlog()).isPositive();
    assertThat(result.latencyMicros(90)).isGreaterThan(500_000);
  }
}
