package io.flashdns.core.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flashdns.core.dns.ExtendedError;
import io.flashdns.core.dns.Rcode;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.embedded.EmbeddedServer;
import io.flashdns.core.embedded.StrictReply;
import io.flashdns.core.plugin.Protocol;
import io.flashdns.core.plugin.Verdict;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A plugin that fails again and again is taken out for a while. */
final class BreakerTest {
  private static final FaultPolicy POLICY =
      new FaultPolicy(
          10,
          20,
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          Duration.ofSeconds(100),
          Duration.ofMillis(100));

  private static final byte[] WWW =
      EmbeddedServer.question("www.example.", RecordType.A, 1_232, false);
  private static final byte[] POISON =
      EmbeddedServer.question("poison.example.", RecordType.A, 1_232, false);
  private static final Duration TICK = Duration.ofMillis(100);

  private final List<String> events = new ArrayList<>();
  private boolean failsAlways;
  private int asked;
  private EmbeddedServer server = EmbeddedServer.serving();

  @BeforeEach
  void serve() {
    server = server(plugin(Phase.GATE));
  }

  private TestPlugin plugin(Phase phase) {
    return TestPlugin.of(
        "bad",
        TestPlugin.hook(
            phase,
            (query, _) -> {
              asked++;
              if (failsAlways || query.name().toString().startsWith("poison.")) {
                throw new IllegalStateException("on purpose");
              }
              return Verdict.CONTINUE;
            }));
  }

  private EmbeddedServer server(TestPlugin plugin) {
    EmbeddedServer built =
        EmbeddedServer.builder()
            .zone(SmallServer.ZONE)
            .plugin(plugin, TestPlugin.CONFIG)
            .faults(POLICY)
            .events(
                new EngineEvents() {
                  @Override
                  public void pluginTakenOut(String name, boolean failsClosed, Duration outFor) {
                    events.add(name + " out " + failsClosed + " " + outFor.toSeconds());
                  }

                  @Override
                  public void pluginBack(String name) {
                    events.add(name + " back");
                  }
                })
            .build();
    return built.advance(TICK);
  }

  private void ask(byte[] message, int times) {
    for (int i = 0; i < times; i++) {
      server.ask(message);
    }
  }

  private void run(Duration time) {
    for (Duration done = Duration.ZERO; done.compareTo(time) < 0; done = done.plus(TICK)) {
      server.advance(TICK);
    }
  }

  private boolean isOut() {
    boolean out = server.engine().pluginStatus().getFirst().out();
    assertThat(server.metric("flashdns_plugin_out", "bad")).isEqualTo(out ? 1 : 0);
    return out;
  }

  @ParameterizedTest
  @EnumSource(Phase.class)
  void pluginIsOutAfterTheFaultsOfThePolicyWhateverThePhase(Phase phase) {
    server = server(plugin(phase));
    ask(POISON, 9);
    server.advance(TICK);
    assertThat(isOut()).isFalse();

    ask(POISON, 1);
    server.advance(TICK);
    assertThat(isOut()).isTrue();
    assertThat(events).containsExactly("bad out false 30");
  }

  @Test
  void shareOfTheQueriesMustBeReachedToo() {
    ask(WWW, 41);
    ask(POISON, 10);
    server.advance(TICK);
    assertThat(isOut()).as("10 of 51").isFalse();

    ask(POISON, 1);
    server.advance(TICK);
    assertThat(isOut()).as("11 of 52").isTrue();
  }

  @Test
  void exactShareIsEnough() {
    ask(WWW, 40);
    ask(POISON, 10);
    server.advance(TICK);

    assertThat(isOut()).as("10 of 50").isTrue();
  }

  @Test
  void poisonedNameWithASmallShareTakesNothingOut() {
    for (int i = 0; i < 300; i++) {
      ask(WWW, 9);
      ask(POISON, 1);
      server.advance(TICK);
    }

    assertThat(server.counters().faults()).isEqualTo(300);
    assertThat(isOut()).isFalse();
    assertThat(events).isEmpty();
    assertThat(SmallServer.ask(server, WWW).answer()).hasSize(1);
    assertThat(SmallServer.ask(server, POISON).rcode()).isEqualTo(Rcode.SERVFAIL);
  }

  @Test
  void faultsBeforeTheWindowAreForgotten() {
    for (int round = 0; round < 5; round++) {
      ask(POISON, 9);
      run(Duration.ofSeconds(11));
      assertThat(isOut()).isFalse();
    }
    ask(POISON, 5);
    run(Duration.ofSeconds(9));
    ask(POISON, 5);
    server.advance(TICK);
    assertThat(isOut()).as("within one window").isTrue();
  }

  @Test
  void serverGoesOnWithoutAPluginThatFailsOpen() {
    failsAlways = true;
    ask(WWW, 10);
    server.advance(TICK);
    assertThat(isOut()).isTrue();
    int before = asked;

    byte[] right = EmbeddedServer.serving(SmallServer.ZONE).ask(WWW);
    for (Protocol protocol : Protocol.values()) {
      assertThat(server.over(protocol).ask(WWW)).isEqualTo(right);
    }
    assertThat(asked).isEqualTo(before);
    assertThat(server.counters().faults()).isEqualTo(10);
    assertThat(server.engine().describePipeline()).startsWith("gate     -\n");
  }

  @ParameterizedTest
  @EnumSource(Phase.class)
  void everythingIsRefusedWithoutAPluginThatFailsClosed(Phase phase) {
    server = server(plugin(phase).failingClosed());
    failsAlways = true;
    ask(WWW, 10);
    server.advance(TICK);
    assertThat(events).containsExactly("bad out true 30");
    int before = asked;

    StrictReply reply = SmallServer.ask(server, WWW);
    assertThat(reply.rcode()).isEqualTo(Rcode.REFUSED);
    assertThat(reply.answer()).isEmpty();
    assertThat(reply.questions()).isEqualTo(1);
    assertThat(reply.extendedErrors()).containsExactly(ExtendedError.NOT_READY);
    byte[] option = reply.opt().getOptions(15).getFirst().toWire();
    assertThat(new String(option, 6, option.length - 6, StandardCharsets.US_ASCII))
        .isEqualTo("plugin bad is out of service");
    assertThat(server.ask(Arrays.copyOf(WWW, WWW.length - 1)))
        .as("what cannot be read too")
        .startsWith(0, 1, 0x80, Rcode.REFUSED);
    assertThat(asked).isEqualTo(before);
    assertThat(server.engine().pluginStatus().getFirst().failsClosed()).isTrue();

    failsAlways = false;
    run(Duration.ofSeconds(30));
    assertThat(SmallServer.ask(server, WWW).answer()).hasSize(1);
  }

  @Test
  void gatesBeforeARefusalAreAskedAndThoseBehindAreNot() {
    List<String> gates = new ArrayList<>();
    server =
        EmbeddedServer.builder()
            .zone(SmallServer.ZONE)
            .plugin(
                TestPlugin.of("first", TestPlugin.passing(Phase.GATE, (_, _) -> gates.add("1"))),
                TestPlugin.CONFIG)
            .plugin(plugin(Phase.ANSWER).failingClosed(), TestPlugin.CONFIG)
            .plugin(
                TestPlugin.of("last", TestPlugin.passing(Phase.GATE, (_, _) -> gates.add("3"))),
                TestPlugin.CONFIG)
            .faults(POLICY)
            .build()
            .advance(TICK);
    failsAlways = true;
    ask(WWW, 10);
    server.advance(TICK);
    gates.clear();

    assertThat(SmallServer.ask(server, WWW).rcode()).isEqualTo(Rcode.REFUSED);
    assertThat(gates).containsExactly("1");
  }

  @Test
  void pluginComesBackWhenItsTimeIsOver() {
    failsAlways = true;
    ask(WWW, 10);
    server.advance(TICK);
    failsAlways = false;
    run(Duration.ofMillis(29_900));
    assertThat(isOut()).isTrue();

    server.advance(TICK);
    assertThat(isOut()).isFalse();
    assertThat(events).containsExactly("bad out false 30", "bad back");
    int before = asked;
    assertThat(SmallServer.ask(server, WWW).answer()).hasSize(1);
    assertThat(asked).as("with the hooks that it had").isEqualTo(before + 1);
  }

  @Test
  void timeDoublesWhileItFailsAgainAndHasABound() {
    failsAlways = true;
    for (int i = 0; i < 5; i++) {
      ask(WWW, 10);
      server.advance(TICK);
      assertThat(isOut()).isTrue();
      run(Duration.ofSeconds(new int[] {30, 60, 100, 100, 100}[i]));
      assertThat(isOut()).isFalse();
    }
    assertThat(events)
        .containsExactly(
            "bad out false 30",
            "bad back",
            "bad out false 60",
            "bad back",
            "bad out false 100",
            "bad back",
            "bad out false 100",
            "bad back",
            "bad out false 100",
            "bad back");
  }

  @Test
  void timeIsTheFirstOneAgainAfterAGoodWhile() {
    ask(POISON, 10);
    server.advance(TICK);
    run(Duration.ofSeconds(30));
    run(Duration.ofSeconds(301));
    ask(POISON, 10);
    server.advance(TICK);
    assertThat(events).containsExactly("bad out false 30", "bad back", "bad out false 30");

    run(Duration.ofSeconds(30));
    run(Duration.ofSeconds(290));
    ask(POISON, 10);
    server.advance(TICK);
    assertThat(events.getLast()).as("not good for long enough").isEqualTo("bad out false 60");
  }

  @Test
  void faultsFromBeforeDoNotCountWhenItIsBack() {
    ask(POISON, 500);
    server.advance(TICK);
    run(Duration.ofSeconds(30));
    ask(POISON, 9);
    server.advance(TICK);

    assertThat(isOut()).isFalse();
  }

  @Test
  void changeOfThePipelineLeavesItOut() {
    TestPlugin bad = plugin(Phase.GATE);
    server = server(bad);
    ask(POISON, 10);
    server.advance(TICK);
    server.replacePlugins(List.of(bad.bound(), TestPlugin.of("other").bound()));

    assertThat(isOut()).isTrue();
    assertThat(SmallServer.ask(server, POISON).rcode()).isEqualTo(Rcode.NXDOMAIN);
    run(Duration.ofSeconds(30));
    assertThat(SmallServer.ask(server, POISON).rcode()).isEqualTo(Rcode.SERVFAIL);
  }

  @Test
  void otherPluginsStayIn() {
    TestPlugin good = TestPlugin.of("good", TestPlugin.passing(Phase.GATE, (_, _) -> asked++));
    server.replacePlugins(List.of(plugin(Phase.GATE).bound(), good.bound()));
    ask(POISON, 10);
    server.advance(TICK);
    int before = asked;
    ask(WWW, 1);

    assertThat(asked).isEqualTo(before + 1);
    assertThat(server.engine().pluginStatus())
        .extracting(PluginStatus::out)
        .containsExactly(true, false, false);
  }

  @Test
  void valuesOutOfBoundsAreRefused() {
    Duration second = Duration.ofSeconds(1);
    assertThatThrownBy(() -> new FaultPolicy(0, 20, second, second, second, second))
        .hasMessageContaining("1 fault or more and 0 to 100 percent, not 0 and 20");
    assertThatThrownBy(() -> new FaultPolicy(1, 101, second, second, second, second))
        .hasMessageContaining("not 1 and 101");
    assertThatThrownBy(() -> new FaultPolicy(1, -1, second, second, second, second))
        .hasMessageContaining("not 1 and -1");
    assertThatThrownBy(() -> new FaultPolicy(1, 1, Duration.ZERO, second, second, second))
        .hasMessageContaining("above zero");
    assertThatThrownBy(() -> new FaultPolicy(1, 1, second, second.negated(), second, second))
        .hasMessageContaining("above zero");
    assertThatThrownBy(() -> new FaultPolicy(1, 1, second, second, second, Duration.ZERO))
        .hasMessageContaining("above zero");
    assertThatThrownBy(() -> new FaultPolicy(1, 1, second, second, second.minusNanos(1), second))
        .hasMessage("maxOutFor must not be shorter than outFor");
    assertThat(FaultPolicy.defaults().faults()).isEqualTo(10);
  }
}
