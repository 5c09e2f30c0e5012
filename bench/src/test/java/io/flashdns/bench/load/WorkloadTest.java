package io.flashdns.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.bench.load.LoadSettings.Protocol;
import io.flashdns.bench.load.Workload.Kind;
import io.flashdns.bench.load.Workload.Spread;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a workload says must come back does come back, from a server with its zones. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WorkloadTest {
  private static final int QUERIES = 5_000;

  private final Workload workload = new Workload(20, 50, Spread.CUBIC, 7);
  private WorkloadServer server;

  @BeforeAll
  void start() throws Exception {
    server = new WorkloadServer(workload);
  }

  @AfterAll
  void stop() {
    server.close();
  }

  private LoadSettings once(Kind kind) {
    return LoadSettings.of(server.address(), workload.queries(kind, QUERIES))
        .withDuration(Duration.ofSeconds(60), Duration.ZERO)
        .withMostQueries(QUERIES);
  }

  private static void isRight(LoadResult result) {
    assertThat(result.faults()).isEmpty();
    assertThat(result.sent()).isEqualTo(QUERIES);
    assertThat(result.received()).isEqualTo(QUERIES);
    assertThat(result.lost()).isZero();
    assertThat(result.wrong().total()).isZero();
    assertThat(result.duplicates() + result.strays() + result.late() + result.malformed()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void byUdp(Kind kind) throws Exception {
    isRight(new Load(once(kind)).run(_ -> {}));
  }

  @ParameterizedTest
  @EnumSource
  void byTcp(Kind kind) throws Exception {
    LoadResult result =
        new Load(once(kind).withProtocol(Protocol.TCP, 0).withSockets(4, 2)).run(_ -> {});

    isRight(result);
    assertThat(result.connections()).isEqualTo(4);
    assertThat(result.failedConnections()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 10})
  void byTcpOnConnectionsForSomeQueries(int perConnection) throws Exception {
    LoadResult result =
        new Load(
                once(Kind.MIX)
                    .withProtocol(Protocol.TCP, perConnection)
                    .withSockets(2, 1)
                    .withPace(Pace.closed(4)))
            .run(_ -> {});

    isRight(result);
    assertThat(result.connections())
        .isBetween((long) QUERIES / perConnection, QUERIES / perConnection + 2L);
  }

  @Test
  void byTcpOnATimetable() throws Exception {
    LoadResult result =
        new Load(
                once(Kind.MIX)
                    .withProtocol(Protocol.TCP, 0)
                    .withSockets(2, 1)
                    .withPace(Pace.open(QUERIES)))
            .run(_ -> {});

    isRight(result);
    assertThat(result.seconds()).isGreaterThan(0.9);
  }

  @Test
  void aMixHasItsProportions() {
    Workload.Questions questions = workload.questions(Kind.MIX);
    int hosts = 0;
    int missing = 0;
    for (int i = 0; i < 100_000; i++) {
      Workload.Question question = questions.next();
      hosts += question.name().startsWith("h") && question.line().endsWith(" A") ? 1 : 0;
      missing += question.reply().startsWith("NXDOMAIN") ? 1 : 0;
    }

    assertThat(hosts).isBetween(49_000, 51_000);
    assertThat(missing).isBetween(6_500, 7_500);
  }

  @ParameterizedTest
  @EnumSource
  void queriesAreSpreadAsTheySay(Spread spread) {
    Workload.Questions questions = new Workload(100, 1, spread, 3).questions(Kind.FLOOD);
    int firstTen = 0;
    for (int i = 0; i < 100_000; i++) {
      String name = questions.next().name();
      int zone = Integer.parseInt(name.substring(1, name.indexOf('.')));
      assertThat(zone).isBetween(0, 99);
      firstTen += zone < 10 ? 1 : 0;
    }

    int expected =
        switch (spread) {
          case CUBIC -> 46_416;
          case UNIFORM -> 10_000;
          case ZIPF -> 56_464;
        };
    assertThat(firstTen).isBetween(expected - 1_000, expected + 1_000);
  }

  @Test
  void oneSeedIsOneList() {
    Queries one = workload.queries(Kind.NX, 100);
    Queries same = new Workload(20, 50, Spread.CUBIC, 7).queries(Kind.NX, 100);
    Queries other = new Workload(20, 50, Spread.CUBIC, 8).queries(Kind.NX, 100);

    assertThat(one.text(99)).isEqualTo(same.text(99)).isNotEqualTo(other.text(99));
  }
}
