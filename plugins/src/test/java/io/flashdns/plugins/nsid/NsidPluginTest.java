package io.flashdns.plugins.nsid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flashdns.core.dns.EdnsOption;
import io.flashdns.core.dns.Opcode;
import io.flashdns.core.dns.Rcode;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.embedded.EmbeddedServer;
import io.flashdns.core.plugin.PluginFactory;
import io.flashdns.plugins.Allocation;
import io.flashdns.plugins.EdnsMessages;
import java.nio.charset.StandardCharsets;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("rfc5001")
final class NsidPluginTest {
  private static final byte[] EMPTY = {};
  private static final String ZONE =
      """
      example. 60 SOA ns.example. host.example. 1 2 3 4 5
      example. 60 NS ns.example.
      ns.example. 60 A 192.0.2.1
      """;

  private static EmbeddedServer server(String id) {
    return EmbeddedServer.builder()
        .zone(ZONE)
        .plugin(new NsidPluginFactory(), new NsidPluginConfig(id))
        .build();
  }

  private static byte[] asking(String name) {
    return EdnsMessages.question(name, RecordType.A, 1_232, EdnsOption.NSID, EMPTY);
  }

  @Test
  void nameIsToldToWhoAsks() {
    try (EmbeddedServer server = server("ams3-dns2")) {
      byte[] reply = server.ask(asking("ns.example."));

      assertThat(EdnsMessages.option(reply, EdnsOption.NSID)).asString().isEqualTo("ams3-dns2");
      assertThat(Wire.u16(reply, Wire.ANCOUNT)).isEqualTo(1);
      assertThat(server.metric("flashdns_nsid_told")).isEqualTo(1);
    }
  }

  @Test
  void nameIsToldToNobodyElse() {
    try (EmbeddedServer server = server("ams3-dns2")) {
      byte[] withOtherOption =
          EdnsMessages.question("ns.example.", RecordType.A, 1_232, EdnsOption.COOKIE, new byte[8]);
      for (byte[] question :
          new byte[][] {
            EmbeddedServer.question("ns.example.", RecordType.A),
            EmbeddedServer.question("ns.example.", RecordType.A, 1_232, true),
            withOtherOption
          }) {
        byte[] reply = server.ask(question);
        assertThat(EdnsMessages.option(reply, EdnsOption.NSID)).isNull();
        assertThat(new String(reply, StandardCharsets.ISO_8859_1)).doesNotContain("ams3");
      }
      assertThat(server.metric("flashdns_nsid_told")).isZero();
    }
  }

  @Test
  void nameIsToldWithRefusalsAndWithoutAnAnswer() {
    try (EmbeddedServer server = server("a")) {
      byte[] refused = server.ask(asking("elsewhere."));
      assertThat(EdnsMessages.rcode(refused)).isEqualTo(Rcode.REFUSED);
      assertThat(EdnsMessages.option(refused, EdnsOption.NSID)).containsExactly('a');

      byte[] update = asking("example.");
      update[Wire.FLAGS] = (byte) (Opcode.UPDATE << 3);
      assertThat(EdnsMessages.option(server.ask(update), EdnsOption.NSID)).containsExactly('a');
    }
  }

  @Test
  void contentOfTheAskersOptionMeansNothing() {
    try (EmbeddedServer server = server("a")) {
      byte[] question =
          EdnsMessages.question(
              "ns.example.", RecordType.A, 1_232, EdnsOption.NSID, new byte[] {1, 2, 3});
      assertThat(EdnsMessages.option(server.ask(question), EdnsOption.NSID)).containsExactly('a');
    }
  }

  @Test
  void otherEdnsVersionIsToldTheNameBesideBadvers() {
    try (EmbeddedServer server = server("a")) {
      byte[] question = asking("ns.example.");
      question[question.length - 4 - 5] = 1;
      byte[] reply = server.ask(question);
      assertThat(EdnsMessages.rcode(reply)).isEqualTo(Rcode.BADVERS);
      assertThat(EdnsMessages.option(reply, EdnsOption.NSID)).containsExactly('a');
    }
  }

  @Test
  void hexadecimalNameIsItsOctets() {
    try (EmbeddedServer server = server("0x00fF10")) {
      assertThat(EdnsMessages.option(server.ask(asking("ns.example.")), EdnsOption.NSID))
          .containsExactly(0, 0xff, 0x10);
    }
  }

  @Test
  void longestNameFitsIntoTheSmallestReply() {
    try (EmbeddedServer server = server("x".repeat(128))) {
      byte[] question =
          EdnsMessages.question("ns.example.", RecordType.A, 512, EdnsOption.NSID, EMPTY);
      byte[] reply = server.ask(question);
      assertThat(EdnsMessages.option(reply, EdnsOption.NSID)).hasSize(128);
      assertThat(Wire.u16(reply, Wire.ANCOUNT)).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "ä", "0x00"})
  void namesOfOneToAHundredAndTwentyEightOctetsAreTaken(String id) {
    assertThat(new NsidPluginConfig(id).octets()).hasSizeBetween(1, 2);
    assertThat(new NsidPluginConfig("x".repeat(128)).octets()).hasSize(128);
    assertThat(new NsidPluginConfig("0x" + "ab".repeat(128)).octets()).hasSize(128);
  }

  @Test
  void namesOutOfBoundsAreRefused() {
    assertThatThrownBy(() -> new NsidPluginConfig(""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("id must have 1 to 128 octets, not 0");
    assertThatThrownBy(() -> new NsidPluginConfig("0x"))
        .hasMessage("id must have 1 to 128 octets, not 0");
    assertThatThrownBy(() -> new NsidPluginConfig("x".repeat(129)))
        .hasMessage("id must have 1 to 128 octets, not 129");
    // 65 characters, but two octets each.
    assertThatThrownBy(() -> new NsidPluginConfig("ä".repeat(65)))
        .hasMessage("id must have 1 to 128 octets, not 130");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0x1", "0xzz", "0x 12", "0x12 "})
  void digitsThatAreNoneAreRefused(String id) {
    assertThatThrownBy(() -> new NsidPluginConfig(id))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("id must have pairs of hexadecimal digits after 0x: '" + id + "'");
  }

  @Test
  void nothingIsAllocated() {
    try (EmbeddedServer server = server("ams3-dns2")) {
      assertThat(Allocation.steadyBytes(server, asking("ns.example."))).isZero();
      assertThat(
              Allocation.steadyBytes(server, EmbeddedServer.question("ns.example.", RecordType.A)))
          .isZero();
    }
  }

  @Test
  void serviceLoaderFindsIt() {
    assertThat(ServiceLoader.load(PluginFactory.class))
        .anyMatch(
            factory -> factory instanceof NsidPluginFactory nsid && nsid.name().equals("nsid"));
  }
}
