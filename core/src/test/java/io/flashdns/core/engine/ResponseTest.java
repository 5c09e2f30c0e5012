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
import io.flashdns.core.plugin.Response;
import io.flashdns.core.plugin.Section;
import io.flashdns.core.plugin.Shaper;
import io.flashdns.core.plugin.Verdict;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.Record;

/** What hooks may write into a reply or take out of it, and what does not fit. */
final class ResponseTest {
  private static final byte[] ADDRESS = {(byte) 198, 51, 100, 1};
  private static final Shaper WITHHOLD =
      (_, response) -> {
        response.withhold();
        return Verdict.CONTINUE;
      };

  @Test
  void recordThatDoesNotFitIsRefusedAndNothingOfItIsWritten() {
    byte[] large = new byte[2_000];
    EmbeddedServer server =
        SmallServer.with(
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

    StrictReply reply = SmallServer.ask(server);
    assertThat(server.counters().faults()).isZero();
    assertThat(reply.answer()).hasSize(1);
    assertThat(reply.length())
        .as("the OPT record fits, the extended error does not")
        .isEqualTo(1_232);
  }

  private static EmbeddedServer withholding(boolean proven) {
    return SmallServer.with(
        (Gate)
            (query, response) -> {
              if (proven) {
                query.proveSource();
              }
              response.addOption(65_001, ADDRESS, 0, 4);
              response.extendedError(ExtendedError.OTHER, ADDRESS);
              return Verdict.CONTINUE;
            },
        WITHHOLD);
  }

  @Test
  void withheldReplyIsHeaderQuestionAndOptWithTc() {
    byte[] message = EmbeddedServer.question("wWw.example.", RecordType.A, 1_232, true);
    Wire.put16(message, Wire.ID, 0xbeef);
    EmbeddedServer server = withholding(false);

    StrictReply reply = SmallServer.ask(server, message);
    assertThat(reply.has(Wire.TC)).isTrue();
    assertThat(reply.has(Wire.AA)).isTrue();
    assertThat(reply.rcode()).isEqualTo(Rcode.NOERROR);
    assertThat(reply.questions()).isEqualTo(1);
    assertThat(reply.answer()).isEmpty();
    assertThat(reply.authority()).isEmpty();
    assertThat(reply.additional()).isEmpty();
    assertThat(reply.opt()).isNotNull();
    assertThat(reply.length()).isEqualTo(message.length);
    assertThat(server.counters().truncated()).isEqualTo(1);
  }

  @Test
  void withheldReplyHasTheOptionsThatFitIntoTheOctetsOfItsQuery() {
    byte[] edns = EmbeddedServer.question("www.example.", RecordType.A, 1_232, false);
    for (int octets = 0; octets < 40; octets++) {
      byte[] message = SmallServer.withOption(edns, 65_002, new byte[octets]);
      StrictReply reply = SmallServer.ask(withholding(false), message);

      assertThat(reply.opt().getOptions(65_001)).hasSize(octets >= 4 ? 1 : 0);
      int extended = octets >= 10 || octets >= 2 && octets < 4 ? 1 : 0;
      assertThat(reply.extendedErrors()).as("%d octets", octets).hasSize(extended);
      assertThat(reply.length()).isLessThanOrEqualTo(message.length);
    }
  }

  @Test
  void withheldReplyToAProvenSourceHasItsOptions() {
    byte[] message = EmbeddedServer.question("www.example.", RecordType.A, 1_232, false);
    for (StrictReply reply :
        new StrictReply[] {
          SmallServer.ask(withholding(true), message),
          SmallServer.ask(withholding(false), message, Protocol.TCP)
        }) {
      assertThat(reply.has(Wire.TC)).isTrue();
      assertThat(reply.opt().getOptions(65_001)).hasSize(1);
      assertThat(reply.extendedErrors()).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"www.example.", "no.example.", "example.", "elsewhere."})
  void withheldReplyIsNoLongerThanItsQuery(String name) {
    for (int type : new int[] {RecordType.A, RecordType.NS, RecordType.ANY}) {
      EmbeddedServer server = SmallServer.with(WITHHOLD);
      byte[] plain = EmbeddedServer.question(name, type);
      assertThat(SmallServer.ask(server, plain).length()).isEqualTo(plain.length);
      assertThat(server.ask(EmbeddedServer.question(name, type))).hasSize(plain.length);
    }
  }

  @Test
  void nothingIsWrittenBehindAWithheldReply() {
    EmbeddedServer server =
        SmallServer.with(
            (Answerer)
                (_, response) -> {
                  assertThat(add(response, Section.ANSWER)).isTrue();
                  assertThat(add(response, Section.AUTHORITY)).isTrue();
                  response.withhold();
                  assertThat(response.count(Section.ANSWER)).isZero();
                  assertThat(response.count(Section.AUTHORITY)).isZero();
                  assertThat(response.truncated()).isTrue();
                  assertThat(add(response, Section.ANSWER)).isFalse();
                  return Verdict.RESPOND;
                });

    StrictReply reply = SmallServer.ask(server);
    assertThat(server.counters().faults()).isZero();
    assertThat(reply.answer()).isEmpty();
    assertThat(reply.authority()).isEmpty();
  }

  @Test
  void withheldByAGateMeansNoRecordWhateverIsAnswered() {
    EmbeddedServer server =
        SmallServer.with(
            (Gate)
                (_, response) -> {
                  response.withhold();
                  return Verdict.CONTINUE;
                });

    StrictReply reply = SmallServer.ask(server);
    assertThat(reply.has(Wire.TC)).isTrue();
    assertThat(reply.answer()).isEmpty();
    assertThat(SmallServer.ask(server).has(Wire.TC)).isTrue();
  }

  @Test
  void withholdingOneReplyLeavesTheNextWhole() {
    int[] asked = {0};
    EmbeddedServer server =
        SmallServer.with(
            (Shaper)
                (_, response) -> {
                  if (asked[0]++ == 0) {
                    response.withhold();
                  }
                  return Verdict.CONTINUE;
                });

    assertThat(SmallServer.ask(server).answer()).isEmpty();
    assertThat(SmallServer.ask(server).answer()).hasSize(1);
  }

  private static boolean add(Response response, Section section) {
    return response.addRecord(section, Response.QUESTION_NAME, RecordType.A, 5, ADDRESS, 0, 4);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 4, 254, 255, 65_280})
  void recordsHaveTheClassOfTheQuestion(int recordClass) {
    EmbeddedServer server =
        SmallServer.with(
            (Answerer)
                (query, response) -> {
                  assertThat(query.zone() == null).isEqualTo(recordClass != 1);
                  add(response, Section.ANSWER);
                  return Verdict.RESPOND;
                });
    byte[] message = EmbeddedServer.question("www.example.", RecordType.A);
    Wire.put16(message, message.length - 2, recordClass);
    byte[] reply = server.ask(message);

    assertThat(server.counters().faults()).isZero();
    assertThat(Wire.u16(reply, Wire.ANCOUNT)).isEqualTo(1);
    assertThat(Wire.u16(reply, message.length + 4)).isEqualTo(recordClass);
  }

  @Test
  void classOfOneQuestionIsNotThatOfTheNextRecords() {
    EmbeddedServer server =
        SmallServer.with(
            (Answerer)
                (_, response) -> {
                  add(response, Section.ANSWER);
                  return Verdict.RESPOND;
                });
    byte[] message = EmbeddedServer.question("www.example.", RecordType.A);
    Wire.put16(message, message.length - 2, 3);
    server.ask(message);

    Record record = SmallServer.ask(server).answer().getFirst();
    assertThat(record.getDClass()).isEqualTo(1);
    assertThat(record.rdataToString()).isEqualTo("198.51.100.1");
  }

  @Test
  void gateThatRespondsGivesTheQuestionBack() {
    EmbeddedServer server =
        SmallServer.with(
            (Gate)
                (_, response) -> {
                  response.rcode(Rcode.REFUSED);
                  return Verdict.RESPOND;
                });
    byte[] message = EmbeddedServer.question("wWw.ExAmple.", RecordType.A);

    assertThat(SmallServer.ask(server, message).questions()).isEqualTo(1);
    assertThat(SmallServer.ask(server).opt()).isNotNull();
    assertThat(server.ask(Arrays.copyOf(message, message.length - 1)))
        .as("what cannot be read has no question")
        .startsWith(0, 1, 0x80, Rcode.REFUSED)
        .hasSize(12);
  }

  @Test
  void whatObserversSetIsNeitherSentNorCounted() {
    EmbeddedServer server =
        SmallServer.with(
            (Observer)
                (_, response, _) -> {
                  response.rcode(Rcode.REFUSED);
                  response.truncate();
                  response.authoritative(false);
                });
    byte[] message = EmbeddedServer.question("www.example.", RecordType.A, 1_232, false);

    assertThat(server.ask(message))
        .isEqualTo(EmbeddedServer.serving(SmallServer.ZONE).ask(message));
    assertThat(server.counters().byRcode().get(Rcode.NOERROR)).isEqualTo(1);
    assertThat(server.counters().truncated()).isZero();
  }

  @Test
  void lengthIsThatOfTheWholeReplyForObservers() {
    int[] seen = new int[2];
    EmbeddedServer server =
        SmallServer.with(
            (Shaper)
                (_, response) -> {
                  seen[0] = response.length();
                  return Verdict.CONTINUE;
                },
            (Observer) (_, response, _) -> seen[1] = response.length());
    int length = SmallServer.ask(server).length();

    assertThat(seen).containsExactly(length - 11, length);
  }
}
