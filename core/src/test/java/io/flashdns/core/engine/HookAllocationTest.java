package io.flashdns.core.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.flashdns.core.dns.Rcode;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.embedded.EmbeddedServer;
import io.flashdns.core.plugin.Hook;
import io.flashdns.core.plugin.Network;
import io.flashdns.core.plugin.NetworkTable;
import io.flashdns.core.plugin.Protocol;
import io.flashdns.core.plugin.Section;
import io.flashdns.core.plugin.Verdict;
import io.flashdns.core.zone.Tenant;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the SPI lets hooks do allocates nothing, query by query. */
final class HookAllocationTest {
  private static final int ROUNDS = 5_000;
  private static final byte[] DATA = "some data".getBytes(StandardCharsets.US_ASCII);
  private static final NetworkTable NETWORKS =
      NetworkTable.of(List.of(Network.parse("127.0.0.0/8"), Network.parse("2001:db8::/32")));

  private static final String ZONE =
      SmallServer.ZONE
          + """
          five 60 A 192.0.2.1
          five 60 A 192.0.2.2
          five 60 A 192.0.2.3
          five 60 A 192.0.2.4
          five 60 A 192.0.2.5
          """;

  private static final byte[] FIVE =
      EmbeddedServer.question("five.example.", RecordType.A, 1_232, true);

  private static final RuntimeException MADE_BEFORE = new IllegalStateException("on purpose");

  /** The least of a few runs: what the runtime allocates once falls into one of them. */
  private static long allocated(EmbeddedServer server, byte[] message) {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 5 && least > 0; i++) {
      least = Math.min(least, server.allocatedBytes(message, ROUNDS));
    }
    return least;
  }

  static Stream<Arguments> hooks() {
    int[] turn = {0};
    return Stream.of(
        arguments(
            "option of a gate",
            TestPlugin.passing(Phase.GATE, (_, r) -> r.addOption(65_001, DATA, 0, 9))),
        arguments(
            "option of a shaper",
            TestPlugin.passing(Phase.SHAPE, (_, r) -> r.addOption(65_001, DATA, 0, 9))),
        arguments(
            "option that does not fit",
            TestPlugin.passing(Phase.SHAPE, (_, r) -> r.addOption(65_001, DATA, 0, 2_000))),
        arguments(
            "extended error with text",
            TestPlugin.hook(
                Phase.GATE,
                (_, response) -> {
                  response.rcode(Rcode.REFUSED);
                  response.extendedError(18, DATA);
                  return Verdict.RESPOND;
                })),
        arguments("withheld reply", TestPlugin.passing(Phase.SHAPE, (_, r) -> r.withhold())),
        arguments(
            "rotated addresses",
            TestPlugin.passing(Phase.SHAPE, (_, r) -> r.rotateAddresses(turn[0]++))),
        arguments(
            "record of its own",
            TestPlugin.hook(
                Phase.ANSWER,
                (_, response) -> {
                  response.addRecord(Section.ANSWER, 12, 16, 5, DATA, 0, 9);
                  return Verdict.RESPOND;
                })),
        arguments(
            "look at the whole query",
            TestPlugin.passing(
                Phase.OBSERVE,
                (query, response) -> {
                  turn[0] += query.opcode() + query.optionOffset(10) + query.listener();
                  turn[0] += (int) query.epochSeconds() + query.view() + query.flags();
                  turn[0] += query.isSourceProven() && query.isWellFormed() ? 1 : 2;
                  turn[0] += response.count(Section.ANSWER) + response.rcode();
                  turn[0] += NETWORKS.find(query.sourceHi(), query.sourceLo());
                  turn[0] += query.zone() == null ? 1 : query.zone().tenant();
                  turn[0] += query.catalog().tenant(turn[0] & 7).number();
                })),
        arguments("view", TestPlugin.passing(Phase.ROUTE, (query, _) -> query.view(1))),
        arguments("dropped query", TestPlugin.hook(Phase.GATE, (_, _) -> Verdict.DROP)),
        arguments(
            "fault that is thrown again and again",
            TestPlugin.hook(
                Phase.ANSWER,
                (_, _) -> {
                  throw MADE_BEFORE;
                })));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("hooks")
  void hookAllocatesNothing(String what, Hook hook) {
    EmbeddedServer server =
        EmbeddedServer.builder()
            .zone(ZONE)
            .zone(ZONE, new Tenant(1, "acme", "web", false, 0), "inside", false)
            .plugin(TestPlugin.of("hook", hook), TestPlugin.CONFIG)
            .build();
    byte[] withOption = SmallServer.withOption(FIVE, 10, new byte[8]);
    byte[] malformed = Arrays.copyOf(FIVE, 20);
    for (Protocol protocol : Protocol.values()) {
      server.over(protocol);
      for (byte[] message : List.of(FIVE, withOption, malformed)) {
        assertThat(allocated(server, message)).as("%s over %s", what, protocol).isZero();
      }
    }
  }

  @Test
  void countingAllocatesNothing() {
    int[] handles = new int[2];
    TestPlugin counting =
        TestPlugin.making(
                "counting",
                worker ->
                    List.of(
                        TestPlugin.passing(
                            Phase.OBSERVE,
                            (query, _) -> {
                              worker.counts().increment(handles[0]);
                              worker.counts().record(handles[1], query.receivedNanos() & 0xffff);
                            })))
            .onCreate(
                context -> {
                  handles[0] = context.metrics().counter("seen", "Queries seen");
                  handles[1] = context.metrics().histogram("time", "Time");
                });
    EmbeddedServer server = SmallServer.with(counting);

    assertThat(allocated(server, FIVE)).isZero();
    assertThat(server.metric("flashdns_counting_seen")).isGreaterThanOrEqualTo(2 * ROUNDS);
  }

  @Test
  void refusalInPlaceOfAPluginAllocatesNothing() {
    EmbeddedServer server =
        SmallServer.with(
            TestPlugin.of(
                    "guard",
                    TestPlugin.hook(
                        Phase.GATE,
                        (_, _) -> {
                          throw MADE_BEFORE;
                        }))
                .failingClosed());
    server.advance(Duration.ofMillis(100));
    for (int i = 0; i < 20; i++) {
      server.ask(FIVE);
    }
    server.advance(Duration.ofMillis(100));
    assertThat(Wire.u16(server.ask(FIVE), Wire.FLAGS) & Wire.RCODE_MASK).isEqualTo(Rcode.REFUSED);

    assertThat(allocated(server, FIVE)).isZero();
  }

  @Test
  void newPipelineCostsNoAllocationOnceItIsTaken() {
    EmbeddedServer server = SmallServer.with(TestPlugin.of("one"));
    server.ask(FIVE);
    server.replacePlugins(
        List.of(TestPlugin.of("two", TestPlugin.passing(Phase.GATE, (_, _) -> {})).bound()));

    assertThat(allocated(server, FIVE)).isZero();
  }
}
