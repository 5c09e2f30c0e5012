package io.flashdns.plugins.rotate;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.dns.RecordClass;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.embedded.EmbeddedServer;
import io.flashdns.core.plugin.PluginFactory;
import io.flashdns.plugins.Allocation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class RotatePluginTest {
  private static final String ZONE =
      """
      example. 60 SOA ns.example. host.example. 1 2 3 4 5
      example. 60 NS ns.example.
      example. 60 NS ns2.example.
      ns.example. 60 A 192.0.2.1
      ns2.example. 60 A 192.0.2.2
      www.example. 60 A 192.0.2.1
      www.example. 60 A 192.0.2.2
      www.example. 60 A 192.0.2.3
      www.example. 60 A 192.0.2.4
      www.example. 60 AAAA 2001:db8::1
      www.example. 60 AAAA 2001:db8::2
      alias.example. 60 CNAME www.example.
      one.example. 60 A 192.0.2.9
      """;

  private static EmbeddedServer server(RotatePluginConfig.Mode mode) {
    return EmbeddedServer.builder()
        .zone(ZONE)
        .plugin(new RotatePluginFactory(), new RotatePluginConfig(mode))
        .build();
  }

  /** The last octets of the addresses of a reply, in their order. */
  private static List<Integer> addresses(byte[] reply) {
    List<Integer> addresses = new ArrayList<>();
    int at = afterName(reply, Wire.HEADER_BYTES) + 4;
    for (int i = Wire.u16(reply, Wire.ANCOUNT); i > 0; i--) {
      int fixed = afterName(reply, at);
      int end = fixed + Wire.RECORD_FIXED_BYTES + Wire.u16(reply, fixed + 8);
      int type = Wire.u16(reply, fixed);
      if (type == RecordType.A || type == RecordType.AAAA) {
        addresses.add(Wire.u8(reply, end - 1));
      }
      at = end;
    }
    return addresses;
  }

  private static int afterName(byte[] message, int offset) {
    int at = offset;
    while (message[at] > 0) {
      at += 1 + message[at];
    }
    return at + (message[at] == 0 ? 1 : 2);
  }

  @Test
  void eachAddressComesFirstInTurn() {
    try (EmbeddedServer server = server(RotatePluginConfig.Mode.ROUND_ROBIN)) {
      for (int i = 0; i < 12; i++) {
        List<Integer> addresses = addresses(server.ask("www.example.", RecordType.A));
        assertThat(addresses).containsExactlyInAnyOrder(1, 2, 3, 4);
        int first = i % 4;
        assertThat(addresses)
            .containsExactly(
                1 + first, 1 + (first + 1) % 4, 1 + (first + 2) % 4, 1 + (first + 3) % 4);
      }
    }
  }

  /** One counter for all would always find A at an even number and AAAA at an odd one. */
  @Test
  void typesAskedInTurnDoNotHoldEachOther() {
    try (EmbeddedServer server = server(RotatePluginConfig.Mode.ROUND_ROBIN)) {
      Map<Integer, Integer> firstOfA = new HashMap<>();
      Map<Integer, Integer> firstOfAaaa = new HashMap<>();
      for (int i = 0; i < 40; i++) {
        firstOfA.merge(
            addresses(server.ask("www.example.", RecordType.A)).getFirst(), 1, Integer::sum);
        firstOfAaaa.merge(
            addresses(server.ask("www.example.", RecordType.AAAA)).getFirst(), 1, Integer::sum);
      }
      assertThat(firstOfA).containsOnlyKeys(1, 2, 3, 4).containsEntry(1, 10);
      assertThat(firstOfAaaa).containsOnlyKeys(1, 2).containsEntry(1, 20);
    }
  }

  @Test
  void byLotEachAddressComesFirstAboutEquallyOften() {
    try (EmbeddedServer server = server(RotatePluginConfig.Mode.RANDOM)) {
      Map<Integer, Integer> first = new HashMap<>();
      for (int i = 0; i < 4_000; i++) {
        first.merge(
            addresses(server.ask("www.example.", RecordType.A)).getFirst(), 1, Integer::sum);
      }
      assertThat(first).containsOnlyKeys(1, 2, 3, 4);
      assertThat(first.values()).allMatch(count -> count > 800 && count < 1_200);
    }
  }

  @Test
  void addressesBehindAnAliasAreTurnedToo() {
    try (EmbeddedServer server = server(RotatePluginConfig.Mode.ROUND_ROBIN)) {
      assertThat(addresses(server.ask("alias.example.", RecordType.A))).startsWith(1);
      assertThat(addresses(server.ask("alias.example.", RecordType.A))).startsWith(2);
    }
  }

  @Test
  void whatIsNoAddressAnswerStaysAsItIs() {
    try (EmbeddedServer server = server(RotatePluginConfig.Mode.ROUND_ROBIN);
        EmbeddedServer plain = EmbeddedServer.serving(ZONE)) {
      for (int i = 0; i < 5; i++) {
        for (int type : new int[] {RecordType.NS, RecordType.ANY, RecordType.SOA, RecordType.MX}) {
          assertThat(server.ask("example.", type)).isEqualTo(plain.ask("example.", type));
        }
        assertThat(server.ask("one.example.", RecordType.A))
            .isEqualTo(plain.ask("one.example.", RecordType.A));
        byte[] chaos = EmbeddedServer.question("www.example.", RecordType.A);
        Wire.put16(chaos, chaos.length - 2, RecordClass.CH);
        assertThat(server.ask(chaos)).isEqualTo(plain.ask(chaos));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(RotatePluginConfig.Mode.class)
  void queriesAllocateNothing(RotatePluginConfig.Mode mode) {
    try (EmbeddedServer server = server(mode)) {
      byte[] question = EmbeddedServer.question("www.example.", RecordType.A);
      assertThat(Allocation.steadyBytes(server, question)).isZero();
    }
  }

  @Test
  void roundRobinIsTheDefault() {
    assertThat(RotatePluginConfig.defaults().mode()).isEqualTo(RotatePluginConfig.Mode.ROUND_ROBIN);
  }

  @Test
  void pluginIsFoundByItsName() {
    assertThat(ServiceLoader.load(PluginFactory.class))
        .anyMatch(
            factory -> factory instanceof RotatePluginFactory && factory.name().equals("rotate"));
  }
}
