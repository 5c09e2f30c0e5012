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
import io.flashdns.core.plugin.Protocol;
import io.flashdns.core.plugin.Section;
import io.flashdns.core.plugin.Verdict;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.EDNSOption;
import org.xbill.DNS.OPTRecord;

/** Options and extended errors that hooks put into the reply's OPT record. */
@Tag("rfc6891")
final class ReplyOptionTest {
  private static final int CODE = 65_001;
  private static final byte[] DATA = "some data".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] LONG = new byte[2_000];

  private static final byte[] PLAIN = EmbeddedServer.question("www.example.", RecordType.A);
  private static final byte[] EDNS =
      EmbeddedServer.question("www.example.", RecordType.A, 1_232, false);

  private final List<Boolean> added = new ArrayList<>();

  private Hook adding(Phase phase, int code, byte[] data, int length) {
    return TestPlugin.passing(
        phase,
        (_, response) -> {
          boolean took = response.addOption(code, data, 0, length);
          added.add(took);
        });
  }

  private static List<Integer> codes(StrictReply reply) {
    OPTRecord opt = reply.opt();
    return opt == null ? List.of() : opt.getOptions().stream().map(EDNSOption::getCode).toList();
  }

  private static byte[] data(StrictReply reply, int code) {
    OPTRecord opt = reply.opt();
    assertThat(opt).isNotNull();
    byte[] wire = opt.getOptions(code).getFirst().toWire();
    return Arrays.copyOfRange(wire, 4, wire.length);
  }

  @ParameterizedTest
  @EnumSource(
      value = Phase.class,
      names = {"GATE", "ROUTE", "ANSWER", "SHAPE"})
  void optionOfEachPhaseStandsInTheReplyBesideTheWholeAnswer(Phase phase) {
    EmbeddedServer server = SmallServer.with(adding(phase, CODE, DATA, DATA.length));

    StrictReply reply = SmallServer.ask(server);
    assertThat(added).containsExactly(true);
    assertThat(data(reply, CODE)).isEqualTo(DATA);
    assertThat(reply.answer()).hasSize(1);
    assertThat(server.counters().faults()).isZero();
  }

  @Test
  void optionsStandInTheOrderInWhichTheyWereAdded() {
    EmbeddedServer server =
        SmallServer.with(
            adding(Phase.SHAPE, 3, DATA, 0),
            adding(Phase.ANSWER, 2, DATA, 1),
            adding(Phase.GATE, 1, DATA, 2));

    StrictReply reply = SmallServer.ask(server);
    assertThat(codes(reply)).containsExactly(1, 2, 3);
    assertThat(data(reply, 3)).isEmpty();
  }

  @Test
  void partOfAnArrayCanBeAdded() {
    EmbeddedServer server =
        SmallServer.with(
            TestPlugin.passing(Phase.GATE, (_, r) -> added.add(r.addOption(CODE, DATA, 5, 4))));

    assertThat(data(SmallServer.ask(server), CODE)).isEqualTo(new byte[] {'d', 'a', 't', 'a'});
  }

  @ParameterizedTest
  @EnumSource(
      value = Phase.class,
      names = {"GATE", "ROUTE", "ANSWER", "SHAPE"})
  void queryWithoutEdnsGetsNoOption(Phase phase) {
    EmbeddedServer server = SmallServer.with(adding(phase, CODE, DATA, DATA.length));

    StrictReply reply = SmallServer.ask(server, PLAIN);
    assertThat(added).containsExactly(false);
    assertThat(reply.opt()).isNull();
    assertThat(reply.answer()).hasSize(1);
  }

  @Test
  void optionOfOneQueryIsNotInTheNextReply() {
    boolean[] first = {true};
    EmbeddedServer server =
        SmallServer.with(
            TestPlugin.passing(
                Phase.GATE,
                (_, response) -> {
                  if (first[0]) {
                    response.addOption(CODE, DATA, 0, DATA.length);
                    response.extendedError(ExtendedError.OTHER, DATA);
                  }
                  first[0] = false;
                }));

    assertThat(codes(SmallServer.ask(server))).containsExactly(CODE, 15);
    assertThat(codes(SmallServer.ask(server))).isEmpty();
  }

  /** What all options may have together, with their headers. */
  @ParameterizedTest
  @CsvSource({"1020, true", "1021, false", "65535, false"})
  void optionsHaveRoomFor1024OctetsTogether(int length, boolean fits) {
    EmbeddedServer server =
        SmallServer.with(adding(Phase.GATE, CODE, new byte[65_535], length)).over(Protocol.TCP);

    StrictReply reply = SmallServer.ask(server, EDNS, Protocol.TCP);
    assertThat(added).containsExactly(fits);
    assertThat(codes(reply)).isEqualTo(fits ? List.of(CODE) : List.of());
    assertThat(reply.answer()).hasSize(1);
    assertThat(server.counters().faults()).isZero();
  }

  @Test
  void optionThatDoesNotFitAnyMoreLeavesTheOthers() {
    EmbeddedServer server =
        SmallServer.with(
            adding(Phase.GATE, 1, LONG, 900),
            adding(Phase.GATE, 2, LONG, 117),
            adding(Phase.GATE, 3, LONG, 116));

    assertThat(codes(SmallServer.ask(server))).containsExactly(1, 3);
    assertThat(added).containsExactly(true, false, true);
  }

  /**
   * A gate's option goes before the records: the reply of 512 octets has 12 + 17 + 11 of its own.
   */
  @ParameterizedTest
  @CsvSource({"468, true", "469, false"})
  void gatesOptionMayFillTheReplyToTheLastOctet(int length, boolean fits) {
    EmbeddedServer server = SmallServer.with(adding(Phase.GATE, CODE, LONG, length));
    byte[] message = EmbeddedServer.question("www.example.", RecordType.A, 512, false);

    StrictReply reply = SmallServer.ask(server, message);
    assertThat(added).containsExactly(fits);
    assertThat(reply.has(Wire.TC)).as("no room for the answer").isEqualTo(fits);
    assertThat(reply.answer()).hasSize(fits ? 0 : 1);
    assertThat(reply.length()).isEqualTo(fits ? 512 : 12 + 17 + 16 + 11);
  }

  @Test
  void gatesOptionTakesItsRoomFromTheAnswerAndAShapersOnlyWhatIsLeft() {
    for (int length : new int[] {452, 453}) {
      byte[] message = EmbeddedServer.question("www.example.", RecordType.A, 512, false);
      added.clear();
      StrictReply gated =
          SmallServer.ask(SmallServer.with(adding(Phase.GATE, CODE, LONG, length)), message);
      StrictReply shaped =
          SmallServer.ask(SmallServer.with(adding(Phase.SHAPE, CODE, LONG, length)), message);

      boolean both = length == 452;
      assertThat(added).containsExactly(true, both);
      assertThat(gated.answer()).hasSize(both ? 1 : 0);
      assertThat(gated.has(Wire.TC)).isEqualTo(!both);
      assertThat(codes(gated)).containsExactly(CODE);
      assertThat(shaped.answer()).as("the answer was there first").hasSize(1);
      assertThat(shaped.has(Wire.TC)).isFalse();
      assertThat(codes(shaped)).isEqualTo(both ? List.of(CODE) : List.of());
    }
  }

  @Test
  void truncatedReplyKeepsItsOptions() {
    EmbeddedServer server =
        SmallServer.with(
            adding(Phase.GATE, 1, DATA, DATA.length),
            (Answerer)
                (_, response) -> {
                  response.truncate();
                  return Verdict.RESPOND;
                },
            adding(Phase.SHAPE, 2, DATA, DATA.length));

    StrictReply reply = SmallServer.ask(server);
    assertThat(reply.has(Wire.TC)).isTrue();
    assertThat(codes(reply)).containsExactly(1, 2);
  }

  @Test
  void failedHookLeavesTheOptionsOfOthers() {
    EmbeddedServer server =
        SmallServer.with(
            adding(Phase.GATE, CODE, DATA, DATA.length),
            (Answerer)
                (_, _) -> {
                  throw new IllegalStateException("on purpose");
                });

    StrictReply reply = SmallServer.ask(server);
    assertThat(reply.rcode()).isEqualTo(Rcode.SERVFAIL);
    assertThat(codes(reply)).containsExactly(CODE, 15);
  }

  @Test
  void badVersionIsSaidWithTheOptionsOfGates() {
    byte[] message = EDNS.clone();
    message[message.length - 5] = 1;
    EmbeddedServer server = SmallServer.with(adding(Phase.GATE, CODE, DATA, DATA.length));

    StrictReply reply = SmallServer.ask(server, message);
    assertThat(added).containsExactly(true);
    assertThat(reply.rcode()).isEqualTo(Rcode.BADVERS);
    assertThat(codes(reply)).containsExactly(CODE);
    assertThat(reply.answer()).isEmpty();
  }

  @Test
  void optionsOfAnotherVersionAreReadAsThoseOfOurs() {
    byte[] message = SmallServer.withOption(EDNS, 10, (byte) 1);
    List<Integer> offsets = new ArrayList<>();
    EmbeddedServer server =
        SmallServer.with(
            TestPlugin.passing(Phase.GATE, (query, _) -> offsets.add(query.optionOffset(10))));
    for (int version : new int[] {0, 1, 255}) {
      message[EDNS.length - 5] = (byte) version;
      server.ask(message);
    }

    assertThat(offsets).containsExactly(EDNS.length + 4, EDNS.length + 4, EDNS.length + 4);
  }

  static Stream<byte[]> answeredWithoutAZone() {
    byte[] notify = EDNS.clone();
    notify[2] = 0x20;
    byte[] unknown = EDNS.clone();
    unknown[2] = 0x78;
    byte[] chaos = EDNS.clone();
    chaos[EDNS.length - 12] = 3;
    return Stream.of(
        notify,
        unknown,
        chaos,
        EmbeddedServer.question("elsewhere.", 1, 1_232, false),
        EmbeddedServer.question("example.", RecordType.AXFR, 1_232, false));
  }

  @ParameterizedTest
  @MethodSource("answeredWithoutAZone")
  void gatesOptionStandsInEveryReplyWithAnOptRecord(byte[] message) {
    EmbeddedServer server = SmallServer.with(adding(Phase.GATE, CODE, DATA, DATA.length));

    StrictReply reply = SmallServer.ask(server, message);
    assertThat(reply.rcode()).isNotZero();
    assertThat(codes(reply)).contains(CODE);
  }

  @Test
  void messageThatCannotBeReadGetsNoOption() {
    EmbeddedServer server = SmallServer.with(adding(Phase.GATE, CODE, DATA, DATA.length));

    assertThat(server.ask(Arrays.copyOf(EDNS, EDNS.length - 1))).hasSize(12);
    assertThat(added).containsExactly(false);
  }

  @ParameterizedTest
  @CsvSource({"0, 10", "-1, 2", "8, 2", "0, -1", "0, -4", "0, 2147483647"})
  void partOutsideOfTheArrayIsAFaultAndLeavesNoHalfOption(int offset, int length) {
    EmbeddedServer server =
        SmallServer.with(
            adding(Phase.GATE, 1, DATA, DATA.length),
            TestPlugin.passing(
                Phase.SHAPE, (_, r) -> added.add(r.addOption(CODE, DATA, offset, length))),
            adding(Phase.SHAPE, 2, DATA, DATA.length));

    StrictReply reply = SmallServer.ask(server);
    assertThat(codes(reply)).containsExactly(1, 2);
    assertThat(data(reply, 2)).isEqualTo(DATA);
    assertThat(reply.answer()).hasSize(1);
    assertThat(server.counters().faults()).isEqualTo(1);
  }

  private static EmbeddedServer erring(int code, byte[] text) {
    return SmallServer.with(
        (Gate)
            (_, response) -> {
              response.rcode(Rcode.REFUSED);
              response.extendedError(code, text);
              return Verdict.RESPOND;
            });
  }

  @Tag("rfc8914")
  @Test
  void extendedErrorCarriesItsText() {
    byte[] text = "grüße: try later".getBytes(StandardCharsets.UTF_8);
    StrictReply reply = SmallServer.ask(erring(ExtendedError.PROHIBITED, text));

    assertThat(reply.extendedErrors()).containsExactly(ExtendedError.PROHIBITED);
    byte[] option = data(reply, 15);
    assertThat(Arrays.copyOfRange(option, 2, option.length)).isEqualTo(text);
    assertThat(SmallServer.ask(erring(18, text), PLAIN).opt()).isNull();
  }

  @Tag("rfc8914")
  @Test
  void laterExtendedErrorReplacesTheEarlierAndItsText() {
    EmbeddedServer server =
        SmallServer.with(
            TestPlugin.passing(Phase.GATE, (_, r) -> r.extendedError(ExtendedError.OTHER, DATA)),
            TestPlugin.passing(Phase.SHAPE, (_, r) -> r.extendedError(ExtendedError.PROHIBITED)));

    assertThat(data(SmallServer.ask(server), 15)).containsExactly(0, ExtendedError.PROHIBITED);
  }

  @Tag("rfc8914")
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 199, 200})
  void textOfUpTo200OctetsIsTaken(int octets) {
    byte[] text = "x".repeat(octets).getBytes(StandardCharsets.US_ASCII);
    assertThat(data(SmallServer.ask(erring(18, text)), 15)).hasSize(2 + octets);
  }

  @Tag("rfc8914")
  @Test
  void longerTextIsAFaultOfItsHook() {
    EmbeddedServer server = erring(18, new byte[201]);

    StrictReply reply = SmallServer.ask(server);
    assertThat(reply.rcode()).isEqualTo(Rcode.SERVFAIL);
    assertThat(data(reply, 15)).containsExactly(0, ExtendedError.OTHER);
    assertThat(server.engine().pluginStatus().getFirst().lastFault())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a text of 201 octets, 200 are allowed: shorten it");
  }

  /** First the text goes, then the code; the records stay. */
  @Tag("rfc8914")
  @Test
  void extendedErrorGivesWayToTheRecordsItsTextFirst() {
    byte[] rdata = new byte[600];
    for (int room = 0; room <= 6 + DATA.length; room++) {
      int free = room;
      EmbeddedServer server =
          SmallServer.with(
              (Answerer)
                  (_, response) -> {
                    int length = response.limit() - response.length() - 12 - free;
                    assertThat(response.addRecord(Section.ANSWER, 12, 65_280, 1, rdata, 0, length))
                        .isTrue();
                    response.extendedError(ExtendedError.INVALID_DATA, DATA);
                    return Verdict.RESPOND;
                  });
      StrictReply reply =
          SmallServer.ask(
              server, EmbeddedServer.question("www.example.", RecordType.A, 512, false));

      assertThat(server.counters().faults()).isZero();
      assertThat(reply.answer()).hasSize(1);
      assertThat(reply.has(Wire.TC)).isFalse();
      int wanted = room < 6 ? 0 : room < 6 + DATA.length ? 6 : 6 + DATA.length;
      assertThat(reply.length()).as("room %d", room).isEqualTo(512 - room + wanted);
    }
  }

  @Test
  void observersCannotAddWhatIsAlreadySent() {
    EmbeddedServer server = SmallServer.with(adding(Phase.OBSERVE, CODE, DATA, DATA.length));
    byte[] with = server.ask(EDNS);

    assertThat(with).isEqualTo(SmallServer.with(new Hook[0]).ask(EDNS));
  }
}
