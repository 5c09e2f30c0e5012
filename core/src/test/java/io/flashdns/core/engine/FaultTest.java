package io.flashdns.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.dns.ExtendedError;
import io.flashdns.core.dns.Rcode;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.embedded.EmbeddedServer;
import io.flashdns.core.embedded.StrictReply;
import io.flashdns.core.plugin.Answerer;
import io.flashdns.core.plugin.Gate;
import io.flashdns.core.plugin.Observer;
import io.flashdns.core.plugin.Protocol;
import io.flashdns.core.plugin.Query;
import io.flashdns.core.plugin.Response;
import io.flashdns.core.plugin.Section;
import io.flashdns.core.plugin.Shaper;
import io.flashdns.core.plugin.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a reply when a hook fails. */
final class FaultTest {
  private final List<String> asked = new ArrayList<>();

  private Verdict note(String name, Verdict verdict) {
    asked.add(name);
    return verdict;
  }

  private Observer observer() {
    return (query, response, sent) ->
        asked.add("observer sent=" + sent + " rcode=" + response.rcode());
  }

  @ParameterizedTest
  @EnumSource(
      value = Phase.class,
      names = {"GATE", "ROUTE", "ANSWER"})
  void hookThatThrowsWhileDecidingMakesTheReplyServfail(Phase phase) {
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
      EmbeddedServer server = SmallServer.with(TestPlugin.hook(phase, failure), observer());

      StrictReply reply = SmallServer.ask(server);
      assertThat(reply.rcode()).isEqualTo(Rcode.SERVFAIL);
      assertThat(reply.answer()).isEmpty();
      assertThat(reply.has(Wire.AA)).isFalse();
      assertThat(asked).containsExactly("observer sent=true rcode=2");
      assertThat(server.counters().faults()).isEqualTo(1);
      assertThat(server.counters().byRcode().get(Rcode.SERVFAIL)).isEqualTo(1);
    }
  }

  @Test
  void recordsOfAHookThatFailsAreThrownAway() {
    EmbeddedServer server =
        SmallServer.with(
            (Answerer)
                (query, response) -> {
                  response.addRecord(Section.ANSWER, 12, RecordType.A, 5, new byte[4], 0, 4);
                  response.addRecord(Section.AUTHORITY, 12, RecordType.A, 5, new byte[4], 0, 4);
                  response.truncate();
                  throw new IllegalStateException("on purpose");
                });

    StrictReply reply = SmallServer.ask(server);
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

    EmbeddedServer server = SmallServer.with(answerer);
    assertThat(SmallServer.ask(server).rcode()).isEqualTo(Rcode.SERVFAIL);
    assertThat(server.counters().faults()).isEqualTo(1);
    server = SmallServer.with(shaper);
    assertThat(SmallServer.ask(server).rcode()).isEqualTo(Rcode.NOERROR);
    assertThat(server.counters().faults()).isEqualTo(1);
  }

  @Test
  void responseCodeThatNeedsEdnsIsServfailWithoutIt() {
    EmbeddedServer server =
        SmallServer.with(
            (Gate)
                (query, response) -> {
                  response.rcode(23);
                  return Verdict.RESPOND;
                });

    byte[] plain = EmbeddedServer.question("www.example.", RecordType.A);
    assertThat(StrictReply.of(plain, server.ask(plain), Protocol.UDP).rcode())
        .isEqualTo(Rcode.SERVFAIL);
    assertThat(SmallServer.ask(server).rcode()).isEqualTo(23);
    assertThat(server.counters().byRcode().get(Rcode.SERVFAIL)).isEqualTo(1);
    assertThat(server.counters().byRcode().get(23)).isEqualTo(1);
  }

  @Test
  void queryAfterAFailureIsAnsweredAsEver() {
    boolean[] first = {true};
    EmbeddedServer server =
        SmallServer.with(
            (Gate)
                (query, response) -> {
                  if (first[0]) {
                    first[0] = false;
                    throw new IllegalStateException("on purpose");
                  }
                  return Verdict.CONTINUE;
                });

    assertThat(SmallServer.ask(server).rcode()).isEqualTo(Rcode.SERVFAIL);
    assertThat(SmallServer.ask(server).answer()).hasSize(1);
  }

  @Test
  void shaperSeesTheServfailOfAFailedHookAndMayDropIt() {
    EmbeddedServer server =
        SmallServer.with(
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
  void shaperThatThrowsLeavesTheReply() {
    EmbeddedServer server =
        SmallServer.with(
            (Shaper)
                (query, response) -> {
                  throw new IllegalStateException("on purpose");
                },
            (Shaper) (query, response) -> note("next shaper", Verdict.CONTINUE));

    assertThat(SmallServer.ask(server).answer()).hasSize(1);
    assertThat(asked).containsExactly("next shaper");
    assertThat(server.counters().faults()).isEqualTo(1);
  }

  @Test
  void observerThatThrowsLeavesTheReplyAndTheNextObserver() {
    EmbeddedServer server =
        SmallServer.with(
            (Observer)
                (query, response, sent) -> {
                  throw new IllegalStateException("on purpose");
                },
            observer());

    assertThat(SmallServer.ask(server).answer()).hasSize(1);
    assertThat(asked).containsExactly("observer sent=true rcode=0");
    assertThat(server.counters().faults()).isEqualTo(1);
  }
}
