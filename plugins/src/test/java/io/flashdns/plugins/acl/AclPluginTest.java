package io.flashdns.plugins.acl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flashdns.core.dns.EdnsOption;
import io.flashdns.core.dns.ExtendedError;
import io.flashdns.core.dns.Opcode;
import io.flashdns.core.dns.Rcode;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.embedded.EmbeddedServer;
import io.flashdns.core.plugin.Network;
import io.flashdns.core.plugin.PluginFactory;
import io.flashdns.core.plugin.Protocol;
import io.flashdns.core.zone.Tenant;
import io.flashdns.plugins.Allocation;
import io.flashdns.plugins.EdnsMessages;
import io.flashdns.plugins.acl.AclRule.Action;
import io.flashdns.plugins.acl.AclRule.OpcodeGroup;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

final class AclPluginTest {
  private static final String ZONE =
      """
      example. 60 SOA ns.example. host.example. 1 2 3 4 5
      example. 60 NS ns.example.
      ns.example. 60 A 192.0.2.1
      """;
  private static final Tenant OWNER = new Tenant(1, "org", "project", false, 0);
  private static final int OFFICE = 0x0a_00_00_05; // 10.0.0.5
  private static final int ELSEWHERE = 0xc6_33_64_07; // 198.51.100.7
  private static final int INTERNAL_PORT = 1_500;
  private static final int PUBLIC_PORT = 40_000;
  private static final int NO_REPLY = -1;

  private static EmbeddedServer server(Action otherwise, AclRule... rules) {
    return EmbeddedServer.builder()
        .zone(ZONE, OWNER, "public", false)
        .plugin(new AclPluginFactory(), new AclPluginConfig(List.of(rules), otherwise))
        .plugin(new ViewByPort(), new ViewByPort.Config("internal"))
        .build();
  }

  private static List<Network> networks(String... texts) {
    return List.of(texts).stream().map(Network::parse).toList();
  }

  /** The response code, or {@link #NO_REPLY}. */
  private static int rcode(EmbeddedServer server, byte[] question) {
    byte[] reply = server.ask(question);
    return reply.length == 0 ? NO_REPLY : reply[Wire.FLAGS + 1] & Wire.RCODE_MASK;
  }

  private static int rcode(EmbeddedServer server) {
    return rcode(server, EmbeddedServer.question("ns.example.", RecordType.A));
  }

  private static byte[] withOpcode(int opcode) {
    byte[] question = EmbeddedServer.question("example.", RecordType.SOA);
    question[Wire.FLAGS] = (byte) (opcode << 3);
    return question;
  }

  private static double decided(EmbeddedServer server, String rule, String action) {
    return server.metric("flashdns_acl_decided", rule, action);
  }

  @Test
  void withoutRulesEverybodyMayAsk() {
    try (EmbeddedServer server =
        EmbeddedServer.builder()
            .zone(ZONE)
            .plugin(new AclPluginFactory(), AclPluginConfig.defaults())
            .build()) {
      assertThat(rcode(server)).isEqualTo(Rcode.NOERROR);
      assertThat(decided(server, "otherwise", "allow")).isEqualTo(1);
    }
  }

  @Test
  void firstRuleThatMatchesDecides() {
    try (EmbeddedServer server =
        server(
            Action.ALLOW,
            AclRule.of(Action.ALLOW).withNetworks(networks("10.0.0.5")),
            AclRule.of(Action.DROP).withNetworks(networks("10.0.0.0/24")),
            AclRule.of(Action.REFUSE).withNetworks(networks("10.0.0.0/8", "10.0.0.0/25")))) {
      assertThat(rcode(server.from(OFFICE, 1))).isEqualTo(Rcode.NOERROR);
      assertThat(rcode(server.from(OFFICE + 1, 1))).isEqualTo(NO_REPLY);
      assertThat(rcode(server.from(OFFICE + 256, 1))).isEqualTo(Rcode.REFUSED);
      assertThat(rcode(server.from(ELSEWHERE, 1))).isEqualTo(Rcode.NOERROR);
      assertThat(decided(server, "1", "allow")).isEqualTo(1);
      assertThat(decided(server, "2", "drop")).isEqualTo(1);
      assertThat(decided(server, "3", "refuse")).isEqualTo(1);
      assertThat(decided(server, "otherwise", "allow")).isEqualTo(1);
    }
  }

  @Test
  @Tag("rfc8914")
  void refusalSaysProhibitedAndHoldsNothing() {
    try (EmbeddedServer server = server(Action.REFUSE)) {
      byte[] reply = server.ask(EmbeddedServer.question("ns.example.", RecordType.A, 1_232, false));
      assertThat(reply[Wire.FLAGS + 1] & Wire.RCODE_MASK).isEqualTo(Rcode.REFUSED);
      assertThat(Wire.u16(reply, Wire.ANCOUNT)).isZero();
      assertThat(EdnsMessages.option(reply, EdnsOption.EXTENDED_ERROR))
          .containsExactly(0, ExtendedError.PROHIBITED);
    }
  }

  @Test
  void refusalAfterRoutingSaysProhibitedAndHoldsNothing() {
    try (EmbeddedServer server =
        server(Action.ALLOW, AclRule.of(Action.REFUSE).withViews("internal"))) {
      server.from(OFFICE, INTERNAL_PORT);
      byte[] reply = server.ask(EmbeddedServer.question("ns.example.", RecordType.A, 1_232, false));
      assertThat(reply[Wire.FLAGS + 1] & Wire.RCODE_MASK).isEqualTo(Rcode.REFUSED);
      assertThat(Wire.u16(reply, Wire.FLAGS) & Wire.AA).isZero();
      assertThat(Wire.u16(reply, Wire.ANCOUNT)).isZero();
      assertThat(EdnsMessages.option(reply, EdnsOption.EXTENDED_ERROR))
          .containsExactly(0, ExtendedError.PROHIBITED);
    }
  }

  @Test
  void ruleBehindOneThatAsksForTheViewWaitsForIt() {
    // The second rule alone could be decided at once; it must not be.
    try (EmbeddedServer server =
        server(
            Action.ALLOW,
            AclRule.of(Action.ALLOW).withNetworks(networks("10.0.0.0/8")).withViews("internal"),
            AclRule.of(Action.DROP).withNetworks(networks("10.0.0.0/8")),
            AclRule.of(Action.REFUSE).withViews("internal"))) {
      assertThat(rcode(server.from(OFFICE, INTERNAL_PORT))).isEqualTo(Rcode.NOERROR);
      assertThat(rcode(server.from(OFFICE, PUBLIC_PORT))).isEqualTo(NO_REPLY);
      assertThat(rcode(server.from(ELSEWHERE, INTERNAL_PORT))).isEqualTo(Rcode.REFUSED);
      assertThat(rcode(server.from(ELSEWHERE, PUBLIC_PORT))).isEqualTo(Rcode.NOERROR);
      assertThat(decided(server, "1", "allow")).isEqualTo(1);
      assertThat(decided(server, "2", "drop")).isEqualTo(1);
      assertThat(decided(server, "3", "refuse")).isEqualTo(1);
      assertThat(decided(server, "otherwise", "allow")).isEqualTo(1);
    }
  }

  @Test
  void ruleBeforeOneThatAsksForTheViewDecidesAtOnce() {
    try (EmbeddedServer server =
        server(
            Action.ALLOW,
            AclRule.of(Action.REFUSE).withNetworks(networks("10.0.0.0/8")),
            AclRule.of(Action.DROP).withViews("internal"))) {
      assertThat(rcode(server.from(OFFICE, INTERNAL_PORT))).isEqualTo(Rcode.REFUSED);
      assertThat(rcode(server.from(ELSEWHERE, INTERNAL_PORT))).isEqualTo(NO_REPLY);
    }
  }

  @Test
  void publicIsAViewToo() {
    try (EmbeddedServer server =
        server(Action.ALLOW, AclRule.of(Action.REFUSE).withViews("public"))) {
      assertThat(rcode(server.from(OFFICE, INTERNAL_PORT))).isEqualTo(Rcode.NOERROR);
      assertThat(rcode(server.from(OFFICE, PUBLIC_PORT))).isEqualTo(Rcode.REFUSED);
    }
  }

  @Test
  void decisionOfOneQueryIsNotThatOfTheNext() {
    try (EmbeddedServer server =
        server(
            Action.ALLOW,
            AclRule.of(Action.ALLOW).withNetworks(networks("198.51.100.0/24")),
            AclRule.of(Action.REFUSE).withViews("public"))) {
      // The transfer waits for its view, and is refused before any answerer is asked.
      byte[] transfer = EmbeddedServer.question("example.", RecordType.AXFR);
      assertThat(rcode(server.from(OFFICE, PUBLIC_PORT), transfer)).isEqualTo(Rcode.REFUSED);
      assertThat(rcode(server.from(ELSEWHERE, PUBLIC_PORT))).isEqualTo(Rcode.NOERROR);
      assertThat(decided(server, "2", "refuse")).isZero();
    }
  }

  @Test
  void opcodesAreToldApart() {
    try (EmbeddedServer server =
        server(
            Action.ALLOW,
            AclRule.of(Action.DROP).withOpcodes(OpcodeGroup.UPDATE),
            AclRule.of(Action.REFUSE).withOpcodes(OpcodeGroup.OTHER),
            AclRule.of(Action.DROP).withOpcodes(OpcodeGroup.NOTIFY, OpcodeGroup.OTHER))) {
      assertThat(rcode(server, withOpcode(Opcode.UPDATE))).isEqualTo(NO_REPLY);
      assertThat(rcode(server, withOpcode(Opcode.NOTIFY))).isEqualTo(NO_REPLY);
      assertThat(rcode(server, withOpcode(2))).isEqualTo(Rcode.REFUSED);
      assertThat(rcode(server, withOpcode(15))).isEqualTo(Rcode.REFUSED);
      assertThat(rcode(server, withOpcode(Opcode.QUERY))).isEqualTo(Rcode.NOERROR);
    }
  }

  @Test
  void messageWithoutAViewPassesOverRulesThatAskForOne() {
    try (EmbeddedServer server =
        server(
            Action.ALLOW, AclRule.of(Action.ALLOW).withViews("public"), AclRule.of(Action.DROP))) {
      assertThat(rcode(server, withOpcode(Opcode.UPDATE))).isEqualTo(NO_REPLY);
      assertThat(rcode(server, new byte[Wire.HEADER_BYTES])).isEqualTo(NO_REPLY);
      assertThat(rcode(server)).isEqualTo(Rcode.NOERROR);
    }
  }

  @Test
  void protocolsAreToldApart() {
    try (EmbeddedServer server =
        server(Action.ALLOW, AclRule.of(Action.REFUSE).withProtocols(Protocol.UDP))) {
      assertThat(rcode(server.over(Protocol.UDP))).isEqualTo(Rcode.REFUSED);
      assertThat(rcode(server.over(Protocol.TCP))).isEqualTo(Rcode.NOERROR);
    }
  }

  @Test
  void typesAreToldApartAndNeedAQuestion() {
    try (EmbeddedServer server =
        server(
            Action.ALLOW,
            AclRule.of(Action.DROP).withTypes("any", "AXFR", "TYPE65280"),
            AclRule.of(Action.DROP).withTypes("TYPE0"))) {
      assertThat(rcode(server, EmbeddedServer.question("example.", RecordType.ANY)))
          .isEqualTo(NO_REPLY);
      assertThat(rcode(server, EmbeddedServer.question("example.", RecordType.AXFR)))
          .isEqualTo(NO_REPLY);
      assertThat(rcode(server, EmbeddedServer.question("example.", 65_280))).isEqualTo(NO_REPLY);
      assertThat(rcode(server, EmbeddedServer.question("example.", RecordType.SOA)))
          .isEqualTo(Rcode.NOERROR);
      // What cannot be read has type 0, but no question.
      assertThat(rcode(server, new byte[Wire.HEADER_BYTES])).isEqualTo(Rcode.FORMERR);
    }
  }

  @Test
  void allConditionsOfARuleMustFit() {
    try (EmbeddedServer server =
        server(
            Action.ALLOW,
            AclRule.of(Action.DROP)
                .withNetworks(networks("10.0.0.0/8"))
                .withProtocols(Protocol.UDP)
                .withTypes("A"))) {
      assertThat(rcode(server.from(OFFICE, 1))).isEqualTo(NO_REPLY);
      assertThat(rcode(server.from(ELSEWHERE, 1))).isEqualTo(Rcode.NOERROR);
      assertThat(rcode(server.from(OFFICE, 1).over(Protocol.TCP))).isEqualTo(Rcode.NOERROR);
    }
  }

  @Test
  void ipv6NetworkHoldsNoIpv4Address() {
    try (EmbeddedServer server =
        server(Action.ALLOW, AclRule.of(Action.DROP).withNetworks(networks("::/0")))) {
      assertThat(rcode(server.from(OFFICE, 1))).isEqualTo(Rcode.NOERROR);
      assertThat(rcode(server.from(0x2001_0db8L << 32, 1L, 1))).isEqualTo(NO_REPLY);
    }
    try (EmbeddedServer server =
        server(Action.ALLOW, AclRule.of(Action.DROP).withNetworks(networks("0.0.0.0/0")))) {
      assertThat(rcode(server.from(OFFICE, 1))).isEqualTo(NO_REPLY);
      assertThat(rcode(server.from(0x2001_0db8L << 32, 1L, 1))).isEqualTo(Rcode.NOERROR);
    }
  }

  @Test
  void listsWithoutViewsStayOutOfTheAnswerPhase() {
    try (EmbeddedServer without = server(Action.REFUSE);
        EmbeddedServer with = server(Action.ALLOW, AclRule.of(Action.DROP).withViews("a"))) {
      assertThat(answerLine(without)).doesNotContain("acl");
      assertThat(answerLine(with)).contains("acl");
    }
  }

  private static String answerLine(EmbeddedServer server) {
    return server
        .engine()
        .describePipeline()
        .lines()
        .filter(line -> line.startsWith("answer"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void queriesAllocateNothing() {
    List<Network> many = new ArrayList<>();
    for (int i = 0; i < 4_000; i++) {
      many.add(new Network(0, 0xffff_0b00_0000L + i * 512L, 120));
    }
    try (EmbeddedServer server =
        server(
            Action.ALLOW,
            AclRule.of(Action.DROP).withNetworks(many),
            AclRule.of(Action.REFUSE).withViews("internal").withTypes("ANY"))) {
      byte[] question = EmbeddedServer.question("ns.example.", RecordType.A);
      assertThat(Allocation.steadyBytes(server.from(OFFICE, INTERNAL_PORT), question)).isZero();
      assertThat(Allocation.steadyBytes(server.from(0x0b_00_00_01, 1), question)).isZero();
      byte[] any = EmbeddedServer.question("ns.example.", RecordType.ANY);
      assertThat(Allocation.steadyBytes(server.from(OFFICE, INTERNAL_PORT), any)).isZero();
    }
  }

  @Test
  void badRulesAreRefusedWithTheKeyFirst() {
    assertThatThrownBy(() -> AclRule.of(Action.DROP).withNetworks(List.of()))
        .hasMessage("networks must have at least one value: remove the key to match all");
    assertThatThrownBy(() -> AclRule.of(Action.DROP).withViews())
        .hasMessageStartingWith("views must have at least one value");
    assertThatThrownBy(() -> AclRule.of(Action.DROP).withTypes("AAAAA"))
        .hasMessageStartingWith("types must be record types: 'AAAAA' is no record type");
    assertThatThrownBy(() -> AclRule.of(Action.DROP).withViews("a").withOpcodes(OpcodeGroup.UPDATE))
        .hasMessageStartingWith("views need the opcode query");
    assertThatThrownBy(() -> AclRule.of(Action.DROP).withViews(""))
        .hasMessageStartingWith("views must have names of 1 to 200 characters");
    assertThatThrownBy(
            () ->
                new AclPluginConfig(
                    Collections.nCopies(1_001, AclRule.of(Action.DROP)), Action.ALLOW))
        .hasMessage("rules must be at most 1000, not 1001");
  }

  @Test
  void defaultsAllowAll() {
    assertThat(AclPluginConfig.defaults()).isEqualTo(new AclPluginConfig(List.of(), Action.ALLOW));
    assertThat(AclRule.of(Action.DROP).networks()).isEqualTo(Optional.empty());
  }

  @Test
  void aclFailsClosedAndIsFoundByItsName() {
    assertThat(new AclPluginFactory().failsClosed()).isTrue();
    assertThat(ServiceLoader.load(PluginFactory.class))
        .anyMatch(factory -> factory instanceof AclPluginFactory && factory.name().equals("acl"));
  }
}
