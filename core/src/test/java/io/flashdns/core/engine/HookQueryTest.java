package io.flashdns.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.dns.EdnsOption;
import io.flashdns.core.dns.NameHash;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.embedded.EmbeddedServer;
import io.flashdns.core.plugin.Answerer;
import io.flashdns.core.plugin.Gate;
import io.flashdns.core.plugin.Observer;
import io.flashdns.core.plugin.Protocol;
import io.flashdns.core.plugin.Router;
import io.flashdns.core.plugin.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What hooks see of a query. */
final class HookQueryTest {
  private final List<String> asked = new ArrayList<>();

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
    EmbeddedServer server = SmallServer.with(gate, observer);
    byte[] message = EmbeddedServer.question("www.example.", RecordType.AAAA, 1_232, true);
    server.ask(message);
    server.ask(Arrays.copyOf(message, message.length - 1));
    server.ask(Arrays.copyOf(message, 14));

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
  void hooksSeeTheQueryAsItCame() {
    byte[] option = {0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8};
    byte[] message =
        Arrays.copyOf(EmbeddedServer.question("WWW.example.", 28, 4_096, true), 31 + 11 + 12);
    byte[] plain = EmbeddedServer.question("WWW.example.", 28, 4_096, true);
    byte[] whole = Arrays.copyOf(plain, plain.length + option.length);
    System.arraycopy(option, 0, whole, plain.length, option.length);
    Wire.put16(whole, plain.length - 2, option.length);
    Wire.put16(whole, Wire.FLAGS, Wire.RD);

    EmbeddedServer server =
        SmallServer.with(
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
  void gatesSeeWhetherAMessageCanBeReadAndItsOpcode() {
    List<String> seen = new ArrayList<>();
    EmbeddedServer server =
        SmallServer.with(
            (Gate)
                (query, _) -> {
                  seen.add(query.opcode() + " " + query.isWellFormed());
                  return Verdict.CONTINUE;
                });
    for (int opcode = 0; opcode < 16; opcode++) {
      byte[] message = EmbeddedServer.question("www.example.", RecordType.A);
      Wire.put16(message, Wire.FLAGS, opcode << 11 | Wire.RD);
      seen.clear();
      server.ask(message);
      server.ask(Arrays.copyOf(message, message.length - 1));
      server.ask(Arrays.copyOf(message, 12));
      message[2] |= (byte) 0x80;
      server.ask(message);

      assertThat(seen)
          .as("a response is shown to nobody")
          .containsExactly(opcode + " true", opcode + " false", opcode + " false");
    }
  }

  @Test
  void gateMayDropWhatCannotBeRead() {
    EmbeddedServer server =
        SmallServer.with(
            (Gate) (query, _) -> query.isWellFormed() ? Verdict.CONTINUE : Verdict.DROP);

    assertThat(server.ask(new byte[12])).isEmpty();
    assertThat(server.ask("www.example.", RecordType.A)).isNotEmpty();
    assertThat(server.counters().malformed()).isZero();
    assertThat(server.counters().dropped()).isEqualTo(1);
  }

  @Test
  void sourceIsProvenOverTcpOrWhenAGateSaysSoAndForOneQuery() {
    List<Boolean> seen = new ArrayList<>();
    EmbeddedServer server =
        SmallServer.with(
            (Gate)
                (query, _) -> {
                  seen.add(query.isSourceProven());
                  if (query.type() == RecordType.TXT) {
                    query.proveSource();
                  }
                  return Verdict.CONTINUE;
                },
            (Observer) (query, _, _) -> seen.add(query.isSourceProven()));
    server.ask("www.example.", RecordType.TXT);
    server.ask("www.example.", RecordType.A);
    server.over(Protocol.TCP).ask("www.example.", RecordType.A);
    server.over(Protocol.UDP).ask("www.example.", RecordType.A);

    assertThat(seen).containsExactly(false, true, false, false, true, true, false, false);
  }

  @Test
  void clocksOfAQueryAreThoseOfTheServer() {
    List<Long> seconds = new ArrayList<>();
    List<Long> nanos = new ArrayList<>();
    EmbeddedServer server =
        SmallServer.with(
            (Gate)
                (query, _) -> {
                  seconds.add(query.epochSeconds());
                  nanos.add(query.receivedNanos());
                  return Verdict.CONTINUE;
                });
    server.at(Instant.parse("2026-01-01T00:00:00Z"));
    server.ask("a.", 1);
    server.advance(Duration.ofMillis(999)).ask("a.", 1);
    server.advance(Duration.ofMillis(1)).ask("a.", 1);
    server.advance(Duration.ofDays(400)).ask("a.", 1);
    server.at(Instant.parse("1969-12-31T23:59:58.5Z")).ask("a.", 1);

    long start = Instant.parse("2026-01-01T00:00:00Z").getEpochSecond();
    assertThat(seconds).containsExactly(start, start, start + 1, start + 1 + 400 * 86_400L, -2L);
    assertThat(nanos.get(1) - nanos.get(0)).isEqualTo(999_000_000L);
    assertThat(nanos.get(2) - nanos.get(1)).isEqualTo(1_000_000L);
  }

  @Test
  void clockOfAServerThatRunsIsTheRealOne() {
    List<Long> seen = new ArrayList<>();
    EmbeddedServer server =
        SmallServer.with(
            (Gate)
                (query, _) -> {
                  seen.add(query.epochSeconds());
                  return Verdict.CONTINUE;
                });
    long before = Instant.now().getEpochSecond();
    server.ask("a.", 1);

    assertThat(seen.getFirst()).isBetween(before - 1, Instant.now().getEpochSecond() + 1);
  }

  @Test
  void zoneIsKnownFromTheAnswererPhaseOn() {
    List<String> seen = new ArrayList<>();
    EmbeddedServer server =
        SmallServer.with(
            (Gate) (query, _) -> note(seen, "gate " + query.zone()),
            (Router) (query, _) -> note(seen, "router " + query.zone()),
            (Answerer)
                (query, _) -> note(seen, "answerer " + (query.zone() == null ? "none" : "zone")));
    server.ask("www.example.", RecordType.A);
    server.ask("elsewhere.", RecordType.A);
    byte[] chaos = EmbeddedServer.question("www.example.", RecordType.TXT);
    chaos[chaos.length - 1] = 3;
    server.ask(chaos);

    assertThat(seen)
        .containsExactly(
            "gate null",
            "router null",
            "answerer zone",
            "gate null",
            "router null",
            "answerer none",
            "gate null",
            "router null",
            "answerer none");
  }

  private static Verdict note(List<String> seen, String what) {
    seen.add(what);
    return Verdict.CONTINUE;
  }

  @Test
  void transfersAndMetaTypesAreRefusedBeforeAnAnswererIsAsked() {
    List<String> seen = new ArrayList<>();
    EmbeddedServer server =
        SmallServer.with((Answerer) (query, _) -> note(seen, "type " + query.type()));
    for (int type : new int[] {41, 128, 249, 250, 251, 252, 253, 254, 255, 1}) {
      server.ask("www.example.", type);
    }

    assertThat(seen).containsExactly("type 255", "type 1");
  }

  @Test
  void listenerAndSourceAreThoseOfThePacket() {
    List<String> seen = new ArrayList<>();
    EmbeddedServer server =
        SmallServer.with(
            (Gate)
                (query, _) ->
                    note(
                        seen,
                        query.listener()
                            + " "
                            + Long.toHexString(query.sourceHi())
                            + " "
                            + Long.toHexString(query.sourceLo())
                            + " "
                            + query.sourcePort()));
    server.to(3).from(0xc0000201, 1).ask("a.", 1);
    server.to(0).from(0x2001_0db8_0000_0000L, 1, 65_535).ask("a.", 1);

    assertThat(seen).containsExactly("3 0 ffffc0000201 1", "0 20010db800000000 1 65535");
  }
}
