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
import io.flashdns.core.plugin.Hook;
import io.flashdns.core.plugin.Observer;
import io.flashdns.core.plugin.Response;
import io.flashdns.core.plugin.Router;
import io.flashdns.core.plugin.Section;
import io.flashdns.core.plugin.Shaper;
import io.flashdns.core.plugin.Verdict;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What hooks may decide, and in which order they are asked. */
final class PipelineTest {
  private final List<String> asked = new ArrayList<>();

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
        SmallServer.with(
            observer(),
            (Shaper) (query, response) -> note("shaper", Verdict.CONTINUE),
            (Answerer) (query, response) -> note("answerer", Verdict.CONTINUE),
            (Router) (query, response) -> note("router", Verdict.CONTINUE),
            gate("gate1", Verdict.CONTINUE),
            gate("gate2", Verdict.CONTINUE));

    assertThat(SmallServer.ask(server).answer()).hasSize(1);
    assertThat(asked)
        .containsExactly(
            "gate1", "gate2", "router", "answerer", "shaper", "observer sent=true rcode=0");
  }

  @Test
  void gateThatRespondsEndsItsPhaseAndTheAnswering() {
    EmbeddedServer server =
        SmallServer.with(
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

    StrictReply reply = SmallServer.ask(server);
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
      EmbeddedServer server = SmallServer.with(dropper, observer());

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
        SmallServer.with(
            (Router)
                (query, response) -> {
                  response.rcode(Rcode.NOTAUTH);
                  return Verdict.RESPOND;
                },
            (Answerer) (query, response) -> note("never", Verdict.CONTINUE));

    StrictReply reply = SmallServer.ask(server);
    assertThat(reply.rcode()).isEqualTo(Rcode.NOTAUTH);
    assertThat(reply.questions()).isEqualTo(1);
    assertThat(asked).isEmpty();
  }

  @Test
  void queryThatNobodyAnswersIsRefused() {
    EmbeddedServer server =
        EmbeddedServer.builder().zone(SmallServer.ZONE).withoutZoneLookup().build();

    StrictReply reply = SmallServer.ask(server);
    assertThat(reply.rcode()).isEqualTo(Rcode.REFUSED);
    assertThat(reply.extendedErrors()).containsExactly(ExtendedError.NOT_AUTHORITATIVE);
  }

  @Test
  void answererMayWriteRecordsOfItsOwn() {
    byte[] address = {(byte) 198, 51, 100, 1};
    EmbeddedServer server =
        SmallServer.with(
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

    StrictReply reply = SmallServer.ask(server);
    assertThat(reply.answer()).hasSize(1);
    assertThat(reply.answer().getFirst().rdataToString()).isEqualTo("198.51.100.1");
    assertThat(reply.answer().getFirst().getTTL()).isEqualTo(5);
    assertThat(reply.has(Wire.AA)).isTrue();
  }

  @Test
  void shaperMayTruncate() {
    EmbeddedServer server =
        SmallServer.with(
            (Shaper)
                (query, response) -> {
                  response.truncate();
                  return Verdict.CONTINUE;
                });

    assertThat(SmallServer.ask(server).has(Wire.TC)).isTrue();
    assertThat(server.counters().truncated()).isEqualTo(1);
  }
}
