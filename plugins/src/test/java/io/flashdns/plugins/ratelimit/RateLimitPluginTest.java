package io.flashdns.plugins.ratelimit;

import static io.flashdns.plugins.ratelimit.Servers.ipv4;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.flashdns.core.dns.EdnsOption;
import io.flashdns.core.dns.Rcode;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.embedded.EmbeddedServer;
import io.flashdns.core.plugin.PluginFactory;
import io.flashdns.core.plugin.Protocol;
import io.flashdns.plugins.Allocation;
import io.flashdns.plugins.EdnsMessages;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RateLimitPluginTest {
  private static final int CLIENT = ipv4(192, 0, 2, 77);
  private static final int NET = ipv4(198, 51, 100, 0);
  private static final String LIMITED = "flashdns_ratelimit_limited";

  @Test
  void addressGetsItsBurstAtOnceAndNotOneMore() {
    try (EmbeddedServer server = Servers.withDefaults()) {
      Flood flood = new Flood(server, Servers.HIT, Flood.from(CLIENT), 1);

      assertThat(flood.burst(125).full).isEqualTo(125);
      assertThat(flood.burst(1_000).full).isEqualTo(125);
    }
  }

  @Test
  void addressAtTwentyTimesItsRateGetsItsRate() {
    try (EmbeddedServer server = Servers.withDefaults()) {
      Flood flood = new Flood(server, Servers.HIT, Flood.from(CLIENT), 1_000).runSeconds(1);
      assertThat(flood.full).isBetween(165, 178);

      flood.reset().runSeconds(10);

      assertThat(flood.asked()).isEqualTo(10_000);
      assertThat(flood.full).isBetween(498, 502);
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 3", "1, 2", "10, 2", "50, 125", "400, 20", "400, 4000", "5000, 250"})
  void rateIsExactWhateverRateAndBurst(int rate, int burst) {
    RateLimitPluginConfig config =
        new RateLimitPluginConfig(
            rate,
            Optional.of(burst),
            Optional.empty(),
            Optional.empty(),
            1,
            List.of(),
            1 << 16,
            false);
    try (EmbeddedServer server = Servers.with(config)) {
      Flood flood = new Flood(server, Servers.HIT, Flood.from(CLIENT), rate * 20);
      assertThat(flood.burst(burst * 2).full).isEqualTo(burst);

      flood.reset().runSeconds(20);

      assertThat((double) flood.full).isCloseTo(rate * 20, within(Math.max(1, rate * 20 * 0.05)));
    }
  }

  @Test
  void wholeNetAtTwentyTimesItsLimitGetsItsLimit() {
    try (EmbeddedServer server = Servers.withDefaults()) {
      int limit = 50 * 32;
      Flood flood = new Flood(server, Servers.HIT, Flood.from(NET, 256), limit * 20).runSeconds(1);
      assertThat(flood.full).isBetween((int) (125 * 32 * 0.95), (int) (125 * 32 * 1.05) + limit);

      flood.reset().runSeconds(10);

      assertThat(flood.asked()).isEqualTo(limit * 200);
      assertThat(flood.full).isBetween((int) (limit * 10 * 0.99), (int) (limit * 10 * 1.01));
      assertThat(server.metric(LIMITED + "_by_prefix", "ipv4/24"))
          .isGreaterThan(0.9 * server.metric(LIMITED));
    }
  }

  @ParameterizedTest
  @CsvSource({"20, 256, IPV4_20", "18, 768, IPV4_18"})
  void widePrefixesHaveTheirLimits(int bits, int multiple, Prefix prefix) {
    // A low rate keeps the test short; the ratios are the same.
    try (EmbeddedServer server = Servers.with(Servers.config(4, 1, false))) {
      int limit = 4 * multiple;
      int sources = 1 << 32 - bits;
      SplittableRandom random = new SplittableRandom(4);
      Flood flood =
          new Flood(
              server,
              Servers.HIT,
              (s, _) -> s.from(ipv4(198, 51, 64, 0) + random.nextInt(sources), 5_353),
              limit * 8);
      flood.runSeconds(4).reset().runSeconds(5);

      assertThat(flood.full).isBetween((int) (limit * 5 * 0.97), (int) (limit * 5 * 1.03));
      assertThat(server.metric(LIMITED + "_by_prefix", prefix.label()))
          .isGreaterThan(0.99 * server.metric(LIMITED));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "IPV6_128, 0, 0",
    "IPV6_64, 0, 30",
    "IPV6_56, 8, 0",
    "IPV6_48, 16, 0",
    "IPV6_32, 32, 0"
  })
  void prefixesOfIpv6HaveTheirLimits(Prefix prefix, int subnetBits, int hostBits) {
    try (EmbeddedServer server = Servers.with(Servers.config(20, 1, false))) {
      int limit = 20 * prefix.multiple();
      SplittableRandom random = new SplittableRandom(6);
      Flood flood =
          new Flood(
              server,
              Servers.HIT,
              (s, _) ->
                  s.from(
                      0x2001_0db8_0000_0000L | random.nextLong(1L << subnetBits),
                      random.nextLong(1L << hostBits) << 7 | 1,
                      5_353),
              limit * 20);
      flood.runSeconds(2).reset().runSeconds(10);

      assertThat(flood.full).isBetween((int) (limit * 10 * 0.97), (int) (limit * 10 * 1.03));
      assertThat(server.metric(LIMITED + "_by_prefix", prefix.label()))
          .isGreaterThan(0.98 * server.metric(LIMITED));
    }
  }

  @Test
  void afterAFloodHalfTheRateIsFreeAtOnceAndTheBurstComesBack() {
    try (EmbeddedServer server = Servers.withDefaults()) {
      new Flood(server, Servers.HIT, Flood.from(CLIENT), 1_000).runSeconds(5);

      Flood calm = new Flood(server, Servers.HIT, Flood.from(CLIENT), 25).runSeconds(10);
      assertThat(calm.full).isEqualTo(calm.asked());

      server.advance(Duration.ofSeconds(30));
      assertThat(new Flood(server, Servers.HIT, Flood.from(CLIENT), 1).burst(200).full)
          .isEqualTo(125);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {60, 137, 138, 200, 274, 275, 276, 3_600, 86_400})
  void silenceOfAnyLengthGivesTheWholeBurst(int seconds) {
    try (EmbeddedServer server = Servers.withDefaults()) {
      Flood flood = new Flood(server, Servers.HIT, Flood.from(CLIENT), 1_000).runSeconds(3);
      for (int i = 0; i < seconds * 2; i++) {
        server.advance(Duration.ofMillis(500));
      }
      assertThat(flood.reset().burst(200).full).isEqualTo(125);

      server.advance(Duration.ofSeconds(seconds));
      assertThat(flood.reset().burst(200).full).isEqualTo(125);
    }
  }

  @Test
  void neighboursOfAFloodedNetLoseNothing() {
    try (EmbeddedServer server = Servers.withDefaults()) {
      Flood flood = new Flood(server, Servers.HIT, Flood.from(NET, 256), 32_000);
      List<Flood> neighbours =
          List.of(
              new Flood(server, Servers.HIT, Flood.from(NET + 256), 45),
              new Flood(server, Servers.HIT, Flood.from(NET - 1), 45),
              new Flood(server, Servers.HIT, Flood.from(CLIENT), 45));
      for (int i = 0; i < 5_000; i++) {
        flood.step();
        neighbours.forEach(Flood::step);
        server.advance(Duration.ofMillis(1));
      }
      assertThat(flood.truncated).isGreaterThan(100_000);
      assertThat(neighbours).allSatisfy(calm -> assertThat(calm.full).isEqualTo(45 * 5));
    }
  }

  @Test
  void floodOfOneAddressLeavesItsNetsBudgetAlone() {
    try (EmbeddedServer server = Servers.withDefaults()) {
      Flood flood = new Flood(server, Servers.HIT, Flood.from(NET), 40_000);
      // 30 others of the net take 1,350 of its 1,600 a second.
      Flood others = new Flood(server, Servers.HIT, Flood.from(NET + 1, 30), 1_350);
      for (int i = 0; i < 5_000; i++) {
        flood.step();
        others.step();
        server.advance(Duration.ofMillis(1));
      }
      assertThat(others.full).isEqualTo(others.asked());
    }
  }

  @Test
  void categoriesHaveBudgetsOfTheirOwn() {
    try (EmbeddedServer server = Servers.withDefaults()) {
      Flood missing = new Flood(server, Servers.NXDOMAIN, Flood.from(CLIENT), 1_000);
      Flood refused = new Flood(server, Servers.REFUSED, Flood.from(CLIENT), 1_000);
      Flood hits = new Flood(server, Servers.HIT, Flood.from(CLIENT), 48);
      for (int i = 0; i < 5_000; i++) {
        missing.step();
        refused.step();
        hits.step();
        server.advance(Duration.ofMillis(1));
      }
      assertThat(hits.full).isEqualTo(48 * 5);
      assertThat(missing.full).isBetween(125 + 245, 125 + 255);
      assertThat(refused.full).isBetween(125 + 245, 125 + 255);
      assertThat(server.metric(LIMITED, "answer", "truncated")).isZero();
      assertThat(server.metric(LIMITED, "error", "truncated")).isEqualTo(refused.truncated);
      assertThat(server.metric(LIMITED, "nxdomain", "truncated")).isEqualTo(missing.truncated);
      assertThat(server.metric(LIMITED, "nxdomain", "dropped")).isEqualTo(missing.dropped);
    }
  }

  @Test
  void categoriesTakeOtherRatesOrNone() {
    RateLimitPluginConfig config =
        new RateLimitPluginConfig(
            50, Optional.empty(), Optional.of(10), Optional.of(0), 1, List.of(), 1 << 20, false);
    try (EmbeddedServer server = Servers.with(config)) {
      Flood missing = new Flood(server, Servers.NXDOMAIN, Flood.from(CLIENT), 1_000);
      assertThat(missing.burst(100).full).isEqualTo(25);
      assertThat(missing.reset().runSeconds(10).full).isBetween(95, 105);
      Flood refused = new Flood(server, Servers.REFUSED, Flood.from(CLIENT), 1_000).runSeconds(1);
      assertThat(refused.full).isEqualTo(1_000);
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 0, 900", "1, 900, 0", "2, 450, 450", "3, 300, 600", "100, 9, 891"})
  void slipIsExact(int slip, int truncated, int dropped) {
    try (EmbeddedServer server = Servers.with(Servers.slip(slip))) {
      Flood flood = new Flood(server, Servers.REFUSED, Flood.from(CLIENT), 1).burst(125 + 900);

      assertThat(flood.full).isEqualTo(125);
      assertThat(flood.truncated).isEqualTo(truncated);
      assertThat(flood.dropped).isEqualTo(dropped);
      assertThat(server.metric(LIMITED, "error", "truncated")).isEqualTo(truncated);
      assertThat(server.metric(LIMITED, "error", "dropped")).isEqualTo(dropped);
      assertThat(server.metric(LIMITED, "error", "passed")).isZero();
    }
  }

  @Test
  void withheldReplyHasTheQuestionAndNothingElse() {
    try (EmbeddedServer server = Servers.with(Servers.slip(1))) {
      new Flood(server, Servers.REFUSED, Flood.from(CLIENT), 1).burst(200);
      new Flood(server, Servers.HIT, Flood.from(CLIENT), 1).burst(200);
      byte[] reply = truncated(server, Servers.HIT);

      byte[] expected = Servers.HIT.clone();
      Wire.put16(expected, Wire.FLAGS, Wire.QR | Wire.AA | Wire.TC);
      assertThat(reply).containsExactly(expected);
    }
  }

  /** The first truncated one of two: one may be dropped for what is owed. */
  private static byte[] truncated(EmbeddedServer server, byte[] message) {
    byte[] reply = server.ask(message);
    return reply.length == 0 ? server.ask(message) : reply;
  }

  @Test
  void withheldReplyIsNotLongerThanItsQueryWhateverOptionsItWouldHave() {
    try (EmbeddedServer server =
        EmbeddedServer.builder()
            .zone(Servers.ZONE)
            .plugin(new TestGate(), new TestGate.Config())
            .plugin(new RateLimitPluginFactory(), Servers.slip(1))
            .build()
            .at(Instant.EPOCH)) {
      server.from(CLIENT, 5_353);
      for (byte[] plain :
          List.of(
              EmbeddedServer.question("www.example.", RecordType.A, 1_232, true),
              EmbeddedServer.question("no.example.", RecordType.A, 1_232, false),
              EmbeddedServer.question("elsewhere.", RecordType.A, 1_232, false))) {
        for (int octets : new int[] {0, 8, 16, 40}) {
          byte[] query = EdnsMessages.with(plain, EdnsOption.COOKIE, new byte[octets]);
          for (int i = 0; i < 300; i++) {
            byte[] reply = server.ask(query);
            if (reply.length > 0 && (Wire.u16(reply, Wire.FLAGS) & Wire.TC) != 0) {
              assertThat(reply.length).isLessThanOrEqualTo(query.length);
              boolean fits = octets >= TestGate.OPTION_BYTES;
              assertThat(EdnsMessages.option(reply, EdnsOption.COOKIE) != null).isEqualTo(fits);
            }
          }
        }
      }
      assertThat(server.metric(LIMITED, "answer", "truncated")).isPositive();
      assertThat(server.metric(LIMITED, "nxdomain", "truncated")).isPositive();
      assertThat(server.metric(LIMITED, "error", "truncated")).isPositive();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void floodGetsNoMoreOctetsThanItSendsFromTheSecondSecondOn(int slip) {
    for (byte[] message :
        List.of(
            Servers.HIT,
            Servers.LARGE,
            Servers.NXDOMAIN,
            Servers.REFUSED,
            EmbeddedServer.question("large.example.", RecordType.TXT, 1_232, true),
            EmbeddedServer.question("no.example.", RecordType.A, 1_232, true),
            EmbeddedServer.question("elsewhere.", RecordType.A, 1_232, true))) {
      for (int sources : new int[] {1, 8, 256}) {
        try (EmbeddedServer server = Servers.with(Servers.slip(slip))) {
          int limit = 50 * Math.min(sources, 32);
          Flood flood = new Flood(server, message, Flood.from(NET, sources), limit * 20);
          flood.runSeconds(1);
          assertThat(flood.worstRatio).isLessThan(3.0);
          flood.reset().runSeconds(3);
          assertThat(flood.worstRatio).isLessThanOrEqualTo(1.0);
          assertThat(flood.full).isBetween(limit * 3 * 95 / 100, limit * 3 * 105 / 100);
          if (slip == 1) {
            assertThat(flood.truncated).isGreaterThanOrEqualTo(flood.dropped - 1);
          }
        }
      }
    }
  }

  @Test
  void tcpAndAProvenSourceInAFloodedNetGetAll() {
    try (EmbeddedServer server =
        EmbeddedServer.builder()
            .zone(Servers.ZONE)
            .plugin(new TestGate(), new TestGate.Config())
            .plugin(new RateLimitPluginFactory(), RateLimitPluginConfig.defaults())
            .build()
            .at(Instant.EPOCH)) {
      byte[] proving = Servers.HIT.clone();
      Wire.put16(proving, Wire.ID, TestGate.PROVING_ID);
      Flood flood = new Flood(server, Servers.HIT, Flood.from(NET, 256), 32_000).runSeconds(1);
      Flood proven = new Flood(server, proving, Flood.from(NET + 1), 1_000);
      Flood tcp = new Flood(server, Servers.HIT, Flood.from(NET + 2), 1_000);
      for (int i = 0; i < 3_000; i++) {
        flood.step();
        proven.step();
        server.over(Protocol.TCP);
        tcp.step();
        server.over(Protocol.UDP).advance(Duration.ofMillis(1));
      }
      assertThat(proven.full).isEqualTo(3_000);
      assertThat(tcp.full).isEqualTo(3_000);
      assertThat(flood.reset().runSeconds(1).full).isBetween(1_550, 1_650);
    }
  }

  @Test
  void messagesThatCannotBeReadHaveTheBudgetOfErrors() {
    try (EmbeddedServer server = Servers.withDefaults()) {
      byte[] unreadable = new byte[Wire.HEADER_BYTES];
      Flood flood = new Flood(server, unreadable, Flood.from(CLIENT), 1_000).burst(500);

      assertThat(flood.full).isEqualTo(125);
      assertThat(flood.octetsOut).isLessThanOrEqualTo(flood.octetsIn);
      assertThat(EdnsMessages.rcode(server.ask(unreadable))).isEqualTo(Rcode.FORMERR);
    }
  }

  @Test
  void loopbackIsFreeByDefaultAndOthersWhenListed() {
    try (EmbeddedServer server = Servers.withDefaults()) {
      assertThat(burst(server, ipv4(127, 0, 0, 1))).isEqualTo(1_000);
      assertThat(burst(server, ipv4(127, 255, 1, 2))).isEqualTo(1_000);
      assertThat(burst(server, ipv4(128, 0, 0, 1))).isEqualTo(125);
      assertThat(burst6(server, 0, 1)).isEqualTo(1_000);
      assertThat(burst6(server, 0, 2)).isEqualTo(125);
      assertThat(burst6(server, 1L << 32, 1)).isEqualTo(125);
    }
    try (EmbeddedServer server =
        Servers.with(Servers.whitelist("192.0.2.0/25", "2001:db8::/32", "::1"))) {
      assertThat(burst(server, CLIENT)).isEqualTo(1_000);
      assertThat(burst(server, ipv4(192, 0, 2, 128))).isEqualTo(125);
      assertThat(burst(server, ipv4(127, 0, 0, 1))).isEqualTo(125);
      assertThat(burst6(server, 0x2001_0db8_ffff_ffffL, -1)).isEqualTo(1_000);
      assertThat(burst6(server, 0x2001_0db9_0000_0000L, 0)).isEqualTo(125);
      assertThat(burst6(server, 0, 1)).isEqualTo(1_000);
    }
  }

  private static int burst(EmbeddedServer server, int address) {
    return new Flood(server, Servers.HIT, Flood.from(address), 1).burst(1_000).full;
  }

  private static int burst6(EmbeddedServer server, long hi, long lo) {
    return new Flood(server, Servers.HIT, (s, _) -> s.from(hi, lo, 5_353), 1).burst(1_000).full;
  }

  @Test
  void dryRunCountsAndAnswers() {
    try (EmbeddedServer server = Servers.with(Servers.config(50, 1, true))) {
      Flood flood = new Flood(server, Servers.HIT, Flood.from(CLIENT), 1_000).burst(1_000);

      assertThat(flood.full).isEqualTo(1_000);
      assertThat(server.metric(LIMITED, "answer", "passed")).isEqualTo(875);
      assertThat(server.metric(LIMITED)).isEqualTo(875);
    }
  }

  @Test
  void rateOfZeroTurnsItOff() {
    try (EmbeddedServer server = Servers.with(Servers.config(0, 1, false))) {
      assertThat(burst(server, CLIENT)).isEqualTo(1_000);
      assertThat(server.engine().describePipeline()).doesNotContain("ratelimit");
    }
  }

  @Test
  void takesPartInTheShapePhaseAlone() {
    try (EmbeddedServer server = Servers.withDefaults()) {
      assertThat(server.engine().describePipeline().lines().filter(l -> l.contains("ratelimit")))
          .singleElement()
          .asString()
          .startsWith("shape");
    }
  }

  @Test
  void allocatesNothing() {
    try (EmbeddedServer server = Servers.with(Servers.whitelist("192.0.2.0/24"))) {
      assertThat(Allocation.steadyBytes(server.from(CLIENT, 1), Servers.HIT)).isZero();
      assertThat(Allocation.steadyBytes(server.from(NET, 1), Servers.HIT)).isZero();
      assertThat(Allocation.steadyBytes(server.from(1, 2, 1), Servers.NXDOMAIN)).isZero();
      assertThat(server.metric(LIMITED)).isGreaterThan(10_000);
    }
  }

  @Test
  void isFoundByItsName() {
    assertThat(ServiceLoader.load(PluginFactory.class))
        .filteredOn(factory -> factory.name().equals("ratelimit"))
        .singleElement()
        .isInstanceOf(RateLimitPluginFactory.class);
  }
}
