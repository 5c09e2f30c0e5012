package io.flashdns.core.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flashdns.core.dns.EdnsOption;
import io.flashdns.core.dns.ExtendedError;
import io.flashdns.core.dns.NameHash;
import io.flashdns.core.dns.Rcode;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.embedded.EmbeddedServer;
import io.flashdns.core.embedded.StrictReply;
import io.flashdns.core.plugin.Answerer;
import io.flashdns.core.plugin.Gate;
import io.flashdns.core.plugin.Hook;
import io.flashdns.core.plugin.Observer;
import io.flashdns.core.plugin.PluginFactory;
import io.flashdns.core.plugin.Protocol;
import io.flashdns.core.plugin.Query;
import io.flashdns.core.plugin.Response;
import io.flashdns.core.plugin.Router;
import io.flashdns.core.plugin.Section;
import io.flashdns.core.plugin.Shaper;
import io.flashdns.core.plugin.Verdict;
import io.flashdns.core.plugin.WorkerContext;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What hooks may decide, in which order they are asked, and what becomes of a reply when one of
 * them fails.
 */
final class PipelineTest {
  private static final String ZONE =
      """
      $ORIGIN example.
      @   3600 SOA ns hostmaster 1 7200 3600 1209600 300
      @   3600 NS  ns
      ns  3600 A   192.0.2.53
      www 3600 A   192.0.2.80
      """;

  private final List<String> asked = new ArrayList<>();

  private EmbeddedServer server(Hook... hooks) {
    EmbeddedServer.Builder builder = EmbeddedServer.builder().zone(ZONE);
    for (int i = 0; i < hooks.length; i++) {
      builder.plugin(TestPlugin.of("plugin" + i, hooks[i]), TestPlugin.CONFIG);
    }
    return builder.build();
  }

  private static StrictReply ask(EmbeddedServer server) {
    byte[] message = EmbeddedServer.question("www.example.", RecordType.A, 1_232, false);
    return StrictReply.of(message, server.ask(message), Protocol.UDP);
  }

  private Gate gate(String name, Verdict verdict) {
    return (query, response) -> note(name, verdict);
  }

  private Verdict note(String name, Verdict verdict) {
    asked.add(name);
    return verdict;
  }

  private Observer observer() {
    return (query, response, sent) ->
        asked.add("observer sent=" + sent + " rcode=" + response.rcode());
  }

  @Test
  void phasesAreAskedInTheirOrderAndPluginsInTheirs() {
    EmbeddedServer server =
        server(
            observer(),
            (Shaper) (query, response) -> note("shaper", Verdict.CONTINUE),
            (Answerer) (query, response) -> note("answerer", Verdict.CONTINUE),
            (Router) (query, response) -> note("router", Verdict.CONTINUE),
            gate("gate1", Verdict.CONTINUE),
            gate("gate2", Verdict.CONTINUE));

    assertThat(ask(server).answer()).hasSize(1);
    assertThat(asked)
        .containsExactly(
            "gate1", "gate2", "router", "answerer", "shaper", "observer sent=true rcode=0");
  }

  @Test
  void gateThatRespondsEndsItsPhaseAndTheAnswering() {
    EmbeddedServer server =
        server(
            (Gate)
                (query, response) -> {
                  response.rcode(Rcode.REFUSED);
                  response.extendedError(ExtendedError.PROHIBITED);
                  return note("gate", Verdict.RESPOND);
                },
            gate("never", Verdict.CONTINUE),
            (Router) (query, response) -> note("never", Verdict.CONTINUE),
            (Answerer) (query, response) -> note("never", Verdict.CONTINUE),
            (Shaper) (query, response) -> note("shaper", Verdict.CONTINUE),
            observer());

    StrictReply reply = ask(server);
    assertThat(reply.rcode()).isEqualTo(Rcode.REFUSED);
    assertThat(reply.answer()).isEmpty();
    assertThat(reply.has(Wire.AA)).isFalse();
    assertThat(asked).containsExactly("gate", "shaper", "observer sent=true rcode=5");
    assertThat(server.counters().byRcode().get(Rcode.REFUSED)).isEqualTo(1);
  }

  @Test
  void dropInAnyPhaseSendsNothingAndIsObserved() {
    List<Hook> droppers =
        List.of(
            gate("x", Verdict.DROP),
            (Router) (query, response) -> note("x", Verdict.DROP),
            (Answerer) (query, response) -> note("x", Verdict.DROP),
            (Shaper) (query, response) -> note("x", Verdict.DROP));
    for (Hook dropper : droppers) {
      asked.clear();
      EmbeddedServer server = server(dropper, observer());

      assertThat(server.ask("www.example.", RecordType.A)).isEmpty();
      assertThat(asked).containsExactly("x", "observer sent=false rcode=0");
      assertThat(server.counters().dropped()).isEqualTo(1);
      assertThat(server.counters().replies()).isZero();
      assertThat(server.counters().faults()).isZero();
    }
  }

  @Test
  void routerMayRespond() {
    EmbeddedServer server =
        server(
            (Router)
                (query, response) -> {
                  response.rcode(Rcode.NOTAUTH);
                  return Verdict.RESPOND;
                },
            (Answerer) (query, response) -> note("never", Verdict.CONTINUE));

    StrictReply reply = ask(server);
    assertThat(reply.rcode()).isEqualTo(Rcode.NOTAUTH);
    assertThat(reply.questions()).isEqualTo(1);
    assertThat(asked).isEmpty();
  }

  @Test
  void routerChoosesTheViewAndAnotherViewIsEmpty() {
    EmbeddedServer server =
        server(
            (Router)
                (query, response) -> {
                  query.view(7);
                  return Verdict.CONTINUE;
                },
            (Router) (query, response) -> note("view " + query.view(), Verdict.CONTINUE));

    assertThat(ask(server).rcode()).isEqualTo(Rcode.REFUSED);
    assertThat(asked).containsExactly("view 7");
  }

  @Test
  void viewOfOneQueryIsNotTheNextOnes() {
    boolean[] first = {true};
    EmbeddedServer server =
        server(
            (Router)
                (query, response) -> {
                  if (first[0]) {
                    query.view(7);
                  }
                  first[0] = false;
                  return Verdict.CONTINUE;
                });

    assertThat(ask(server).rcode()).isEqualTo(Rcode.REFUSED);
    assertThat(ask(server).rcode()).isEqualTo(Rcode.NOERROR);
  }

  @Test
  void queryThatNobodyAnswersIsRefused() {
    EmbeddedServer server = EmbeddedServer.builder().zone(ZONE).withoutZoneLookup().build();

    StrictReply reply = ask(server);
    assertThat(reply.rcode()).isEqualTo(Rcode.REFUSED);
    assertThat(reply.extendedErrors()).containsExactly(ExtendedError.NOT_AUTHORITATIVE);
  }

  @Test
  void answererMayWriteRecordsOfItsOwn() {
    byte[] address = {(byte) 198, 51, 100, 1};
    EmbeddedServer server =
        server(
            (Answerer)
                (query, response) -> {
                  assertThat(query.zone()).isNotNull();
                  response.authoritative(true);
                  assertThat(
                          response.addRecord(
                              Section.ANSWER,
                              Response.QUESTION_NAME,
                              RecordType.A,
                              5,
                              address,
                              0,
                              4))
                      .isTrue();
                  assertThat(response.count(Section.ANSWER)).isEqualTo(1);
                  return Verdict.RESPOND;
                });

    StrictReply reply = ask(server);
    assertThat(reply.answer()).hasSize(1);
    assertThat(reply.answer().getFirst().rdataToString()).isEqualTo("198.51.100.1");
    assertThat(reply.answer().getFirst().getTTL()).isEqualTo(5);
    assertThat(reply.has(Wire.AA)).isTrue();
  }

  @Test
  void recordThatDoesNotFitIsRefusedAndNothingOfItIsWritten() {
    byte[] large = new byte[2_000];
    EmbeddedServer server =
        server(
            (Answerer)
                (query, response) -> {
                  int before = response.length();
                  int room = response.limit() - before - 12;
                  assertThat(response.addRecord(Section.ANSWER, 12, 65_280, 1, large, 0, room + 1))
                      .isFalse();
                  assertThat(response.length()).isEqualTo(before);
                  assertThat(response.addRecord(Section.ANSWER, 12, 65_280, 1, large, 0, room))
                      .isTrue();
                  assertThat(response.length()).isEqualTo(response.limit());
                  response.extendedError(ExtendedError.OTHER);
                  return Verdict.RESPOND;
                });

    StrictReply reply = ask(server);
    assertThat(server.counters().faults()).isZero();
    assertThat(reply.answer()).hasSize(1);
    assertThat(reply.length())
        .as("the OPT record fits, the extended error does not")
        .isEqualTo(1_232);
  }

  /** The phases in which a hook's failure makes the reply SERVFAIL. */
  private enum Deciding {
    GATE,
    ROUTER,
    ANSWERER
  }

  private static Hook failing(Deciding phase, BiFunction<Query, Response, Verdict> body) {
    return switch (phase) {
      case GATE -> (Gate) body::apply;
      case ROUTER -> (Router) body::apply;
      case ANSWERER -> (Answerer) body::apply;
    };
  }

  @ParameterizedTest
  @EnumSource(Deciding.class)
  void hookThatThrowsWhileDecidingMakesTheReplyServfail(Deciding phase) {
    List<BiFunction<Query, Response, Verdict>> failures =
        List.of(
            (query, response) -> {
              throw new IllegalStateException("on purpose");
            },
            (query, response) -> {
              throw new StackOverflowError("on purpose");
            },
            (query, response) -> null,
            (query, response) -> {
              response.authoritative(true);
              response.rcode(Rcode.NXDOMAIN);
              throw new AssertionError("on purpose");
            });
    for (BiFunction<Query, Response, Verdict> failure : failures) {
      asked.clear();
      EmbeddedServer server = server(failing(phase, failure), observer());

      StrictReply reply = reply(server);
      assertThat(reply.rcode()).isEqualTo(Rcode.SERVFAIL);
      assertThat(reply.answer()).isEmpty();
      assertThat(reply.has(Wire.AA)).isFalse();
      assertThat(asked).containsExactly("observer sent=true rcode=2");
      assertThat(server.counters().faults()).isEqualTo(1);
      assertThat(server.counters().byRcode().get(Rcode.SERVFAIL)).isEqualTo(1);
    }
  }

  /** A reply whose question may be missing: a gate fails before it is read. */
  private static StrictReply reply(EmbeddedServer server) {
    byte[] message = EmbeddedServer.question("www.example.", RecordType.A, 1_232, false);
    return StrictReply.of(message, server.ask(message), Protocol.UDP);
  }

  @Test
  void recordsOfAHookThatFailsAreThrownAway() {
    EmbeddedServer server =
        server(
            (Answerer)
                (query, response) -> {
                  response.addRecord(Section.ANSWER, 12, RecordType.A, 5, new byte[4], 0, 4);
                  response.addRecord(Section.AUTHORITY, 12, RecordType.A, 5, new byte[4], 0, 4);
                  response.truncate();
                  throw new IllegalStateException("on purpose");
                });

    StrictReply reply = ask(server);
    assertThat(reply.rcode()).isEqualTo(Rcode.SERVFAIL);
    assertThat(reply.questions()).isEqualTo(1);
    assertThat(reply.has(Wire.TC)).isFalse();
    assertThat(reply.answer()).isEmpty();
    assertThat(reply.authority()).isEmpty();
    assertThat(reply.extendedErrors()).containsExactly(ExtendedError.OTHER);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 4_096, Integer.MAX_VALUE, Integer.MIN_VALUE})
  void responseCodeOutOfBoundsIsAFaultOfItsHook(int code) {
    Answerer answerer =
        (query, response) -> {
          response.rcode(code);
          return Verdict.RESPOND;
        };
    Shaper shaper =
        (query, response) -> {
          response.rcode(code);
          return Verdict.CONTINUE;
        };

    EmbeddedServer server = server(answerer);
    assertThat(ask(server).rcode()).isEqualTo(Rcode.SERVFAIL);
    assertThat(server.counters().faults()).isEqualTo(1);
    server = server(shaper);
    assertThat(ask(server).rcode()).isEqualTo(Rcode.NOERROR);
    assertThat(server.counters().faults()).isEqualTo(1);
  }

  @Test
  void responseCodeThatNeedsEdnsIsServfailWithoutIt() {
    EmbeddedServer server =
        server(
            (Gate)
                (query, response) -> {
                  response.rcode(23);
                  return Verdict.RESPOND;
                });

    byte[] plain = EmbeddedServer.question("www.example.", RecordType.A);
    assertThat(StrictReply.of(plain, server.ask(plain), Protocol.UDP).rcode())
        .isEqualTo(Rcode.SERVFAIL);
    assertThat(ask(server).rcode()).isEqualTo(23);
    assertThat(server.counters().byRcode().get(Rcode.SERVFAIL)).isEqualTo(1);
    assertThat(server.counters().byRcode().get(23)).isEqualTo(1);
  }

  @Test
  void queryAfterAFailureIsAnsweredAsEver() {
    boolean[] first = {true};
    EmbeddedServer server =
        server(
            (Gate)
                (query, response) -> {
                  if (first[0]) {
                    first[0] = false;
                    throw new IllegalStateException("on purpose");
                  }
                  return Verdict.CONTINUE;
                });

    assertThat(reply(server).rcode()).isEqualTo(Rcode.SERVFAIL);
    assertThat(ask(server).answer()).hasSize(1);
  }

  @Test
  void shaperSeesTheServfailOfAFailedHookAndMayDropIt() {
    EmbeddedServer server =
        server(
            (Answerer)
                (query, response) -> {
                  throw new IllegalStateException("on purpose");
                },
            (Shaper) (query, response) -> note("shaper rcode=" + response.rcode(), Verdict.DROP),
            observer());

    assertThat(server.ask("www.example.", RecordType.A)).isEmpty();
    assertThat(asked).containsExactly("shaper rcode=2", "observer sent=false rcode=2");
  }

  @Test
  void hooksOfAMessageThatCannotBeReadSeeNoQuestionOfAnOlderOne() {
    List<String> seen = new ArrayList<>();
    Gate gate =
        (query, response) -> {
          seen.add("gate " + query.name() + " " + query.type() + " " + query.hasEdns());
          return Verdict.CONTINUE;
        };
    Observer observer =
        (query, response, sent) ->
            seen.add(
                "observer "
                    + query.name()
                    + " "
                    + query.type()
                    + " "
                    + query.recordClass()
                    + " "
                    + query.dnssecOk()
                    + " "
                    + query.udpPayloadBytes()
                    + " "
                    + query.optionOffset(3)
                    + " "
                    + query.zone());
    EmbeddedServer server = server(gate, observer);
    byte[] message = EmbeddedServer.question("www.example.", RecordType.AAAA, 1_232, true);
    server.ask(message);
    server.ask(java.util.Arrays.copyOf(message, message.length - 1));
    server.ask(java.util.Arrays.copyOf(message, 14));

    assertThat(seen.subList(0, 1)).containsExactly("gate www.example. 28 true");
    assertThat(seen.get(1)).startsWith("observer www.example. 28 1 true 1232 -1 ");
    assertThat(seen.subList(2, 6))
        .containsExactly(
            "gate . 0 false",
            "observer . 0 0 false 512 -1 null",
            "gate . 0 false",
            "observer . 0 0 false 512 -1 null");
  }

  @Test
  void gateSeesTheSameQueryInABatchAndAlone() {
    List<String> seen = new ArrayList<>();
    Gate gate =
        (query, response) -> {
          seen.add(
              query.name()
                  + " "
                  + query.type()
                  + " "
                  + query.hasEdns()
                  + " "
                  + query.optionOffset(3));
          return Verdict.CONTINUE;
        };
    try (Engine engine =
        new Engine(EngineConfig.of(new NameHash(1)), List.of(TestPlugin.of("g", gate).bound()))) {
      Worker worker = engine.newWorker();
      byte[][] messages = {
        EmbeddedServer.question("a.example.", 1, 1_232, true),
        EmbeddedServer.question("b.", 2),
        new byte[12],
        EmbeddedServer.question("c.example.", 3, 1_232, false)
      };
      for (byte[] message : messages) {
        System.arraycopy(message, 0, worker.packet(), 0, message.length);
        worker.onPacket(message.length, Protocol.UDP, 0, 0, 0xffff_7f00_0001L, 53_000);
      }
      List<String> alone = List.copyOf(seen);
      seen.clear();
      for (int slot = 0; slot < messages.length; slot++) {
        System.arraycopy(messages[slot], 0, worker.packet(slot), 0, messages[slot].length);
        worker.accept(slot, messages[slot].length, Protocol.UDP, 0, 0, 0xffff_7f00_0001L, 53_000);
      }
      worker.lookAhead(messages.length);
      for (int slot = 0; slot < messages.length; slot++) {
        worker.answer(slot);
      }

      assertThat(alone).hasSize(4).first().isEqualTo("a.example. 1 true -1");
      assertThat(seen).isEqualTo(alone);
    }
  }

  @Test
  void shaperThatThrowsLeavesTheReply() {
    EmbeddedServer server =
        server(
            (Shaper)
                (query, response) -> {
                  throw new IllegalStateException("on purpose");
                },
            (Shaper) (query, response) -> note("next shaper", Verdict.CONTINUE));

    assertThat(ask(server).answer()).hasSize(1);
    assertThat(asked).containsExactly("next shaper");
    assertThat(server.counters().faults()).isEqualTo(1);
  }

  @Test
  void observerThatThrowsLeavesTheReplyAndTheNextObserver() {
    EmbeddedServer server =
        server(
            (Observer)
                (query, response, sent) -> {
                  throw new IllegalStateException("on purpose");
                },
            observer());

    assertThat(ask(server).answer()).hasSize(1);
    assertThat(asked).containsExactly("observer sent=true rcode=0");
    assertThat(server.counters().faults()).isEqualTo(1);
  }

  @Test
  void shaperMayTruncate() {
    EmbeddedServer server =
        server(
            (Shaper)
                (query, response) -> {
                  response.truncate();
                  return Verdict.CONTINUE;
                });

    assertThat(ask(server).has(Wire.TC)).isTrue();
    assertThat(server.counters().truncated()).isEqualTo(1);
  }

  @Test
  void hooksSeeTheQueryAsItCame() {
    byte[] option = {0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8};
    byte[] message =
        java.util.Arrays.copyOf(
            EmbeddedServer.question("WWW.example.", 28, 4_096, true), 31 + 11 + 12);
    byte[] plain = EmbeddedServer.question("WWW.example.", 28, 4_096, true);
    byte[] whole = java.util.Arrays.copyOf(plain, plain.length + option.length);
    System.arraycopy(option, 0, whole, plain.length, option.length);
    Wire.put16(whole, plain.length - 2, option.length);
    Wire.put16(whole, Wire.FLAGS, Wire.RD);

    EmbeddedServer server =
        server(
            (Answerer)
                (query, response) -> {
                  assertThat(query.name()).hasToString("www.example.");
                  assertThat(query.type()).isEqualTo(28);
                  assertThat(query.recordClass()).isEqualTo(1);
                  assertThat(query.flags()).isEqualTo(Wire.RD);
                  assertThat(query.hasEdns()).isTrue();
                  assertThat(query.dnssecOk()).isTrue();
                  assertThat(query.udpPayloadBytes()).isEqualTo(4_096);
                  assertThat(query.messageLength()).isEqualTo(whole.length);
                  int cookie = query.optionOffset(EdnsOption.COOKIE);
                  assertThat(query.optionLength(cookie)).isEqualTo(8);
                  assertThat(query.message()[cookie]).isEqualTo((byte) 1);
                  assertThat(query.optionOffset(EdnsOption.NSID)).isEqualTo(-1);
                  assertThat(query.protocol()).isEqualTo(Protocol.TCP);
                  assertThat(query.sourceHi()).isZero();
                  assertThat(query.sourceLo()).isEqualTo(0xffff_c000_0207L);
                  assertThat(query.sourcePort()).isEqualTo(4_242);
                  assertThat(query.listener()).isZero();
                  assertThat(query.view()).isZero();
                  assertThat(query.catalog().size()).isEqualTo(1);
                  assertThat(query.receivedNanos()).isNotZero();
                  asked.add("seen");
                  return Verdict.CONTINUE;
                });
    server.over(Protocol.TCP).from(0xc0000207, 4_242).ask(whole);

    assertThat(server.counters().faults()).isZero();
    assertThat(asked).containsExactly("seen");
  }

  @Test
  void pluginForAnotherSpiIsRefusedAndTheOthersAreClosed() {
    List<String> closed = new ArrayList<>();
    TestPlugin good =
        new TestPlugin("good", PluginFactory.SPI_VERSION, _ -> List.of(), () -> closed.add("good"));
    TestPlugin old = new TestPlugin("old", 0, _ -> List.of(), () -> closed.add("old"));

    assertThatThrownBy(
            () -> new Engine(EngineConfig.of(new NameHash(1)), List.of(good.bound(), old.bound())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "plugin old was built against version 0 of the plugin SPI, this server has version 1: use a build of the plugin for this server");
    assertThat(closed).containsExactly("good");
  }

  @Test
  void pluginsAreClosedInReverseOrder() {
    List<String> closed = new ArrayList<>();
    TestPlugin first =
        new TestPlugin(
            "first", PluginFactory.SPI_VERSION, _ -> List.of(), () -> closed.add("first"));
    TestPlugin second =
        new TestPlugin(
            "second", PluginFactory.SPI_VERSION, _ -> List.of(), () -> closed.add("second"));
    Engine engine =
        new Engine(EngineConfig.of(new NameHash(1)), List.of(first.bound(), second.bound()));

    engine.close();
    assertThat(closed).containsExactly("second", "first");
    engine.close();
    assertThat(closed).as("closed once").hasSize(2);
  }

  @Test
  void eachWorkerHasHooksOfItsOwn() {
    List<Integer> workers = new ArrayList<>();
    TestPlugin plugin =
        new TestPlugin(
            "p",
            PluginFactory.SPI_VERSION,
            worker -> {
              workers.add(worker.index());
              return List.of();
            },
            () -> {});
    try (Engine engine = new Engine(EngineConfig.of(new NameHash(1)), List.of(plugin.bound()))) {
      engine.newWorker();
      engine.newWorker();
      assertThat(workers).containsExactly(0, 1);

      engine.describePipeline();
      assertThat(workers).containsExactly(0, 1, WorkerContext.DESCRIBE);
    }
  }

  @Test
  void pipelineIsDescribedByPhase() {
    TestPlugin gates = TestPlugin.of("acl", gate("g", Verdict.CONTINUE), observer());
    TestPlugin observers = TestPlugin.of("log", observer());
    try (Engine engine =
        new Engine(EngineConfig.of(new NameHash(1)), List.of(gates.bound(), observers.bound()))) {
      engine.newWorker();

      assertThat(engine.describePipeline())
          .isEqualTo("gate     acl\nroute    -\nanswer   -\nshape    -\nobserve  acl log\n");
    }
  }
}
