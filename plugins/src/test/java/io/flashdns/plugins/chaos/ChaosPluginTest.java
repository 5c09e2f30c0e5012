package io.flashdns.plugins.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flashdns.core.dns.EdnsOption;
import io.flashdns.core.dns.Rcode;
import io.flashdns.core.dns.RecordClass;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.embedded.EmbeddedServer;
import io.flashdns.core.plugin.PluginFactory;
import io.flashdns.plugins.Allocation;
import io.flashdns.plugins.EdnsMessages;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("rfc4892")
final class ChaosPluginTest {
  private static final String ZONE =
      """
      bind. 60 SOA ns.bind. host.bind. 1 2 3 4 5
      bind. 60 NS ns.bind.
      version.bind. 60 TXT "of class IN"
      """;

  private static EmbeddedServer server(ChaosPluginConfig config) {
    return EmbeddedServer.builder().zone(ZONE).plugin(new ChaosPluginFactory(), config).build();
  }

  private static EmbeddedServer telling() {
    return server(new ChaosPluginConfig(Optional.of("FlashDNS"), Optional.of("ams3")));
  }

  private static byte[] chaos(String name, int type) {
    byte[] message = EmbeddedServer.question(name, type);
    Wire.put16(message, message.length - 2, RecordClass.CH);
    return message;
  }

  private static boolean isAuthoritative(byte[] reply) {
    return (Wire.u16(reply, Wire.FLAGS) & Wire.AA) != 0;
  }

  /** The text of a reply's only record, whose owner is a pointer to the question. */
  private static String text(byte[] question, byte[] reply) {
    assertThat(EdnsMessages.rcode(reply)).isEqualTo(Rcode.NOERROR);
    assertThat(isAuthoritative(reply)).isTrue();
    assertThat(Wire.u16(reply, Wire.ANCOUNT)).isEqualTo(1);
    assertThat(Wire.s32(reply, Wire.NSCOUNT)).isZero();
    int at = question.length;
    assertThat(Wire.u16(reply, at)).isEqualTo(Wire.POINTER | Wire.HEADER_BYTES);
    assertThat(Wire.u16(reply, at + 2)).isEqualTo(RecordType.TXT);
    assertThat(Wire.u16(reply, at + 4)).isEqualTo(RecordClass.CH);
    assertThat(Wire.s32(reply, at + 6)).as("TTL").isZero();
    int length = Wire.u8(reply, at + 12);
    assertThat(Wire.u16(reply, at + 10)).isEqualTo(length + 1);
    assertThat(at + 13 + length).isEqualTo(reply.length);
    return new String(reply, at + 13, length, StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @CsvSource({
    "version.bind.,FlashDNS",
    "version.server.,FlashDNS",
    "id.server.,ams3",
    "hostname.bind.,ams3",
    "VERSION.Bind.,FlashDNS",
    "iD.sErVeR.,ams3"
  })
  void textIsToldForTxtAndAny(String name, String text) {
    try (EmbeddedServer server = telling()) {
      for (int type : new int[] {RecordType.TXT, RecordType.ANY}) {
        byte[] question = chaos(name, type);
        assertThat(text(question, server.ask(question))).isEqualTo(text);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {".", "bind.", "server.", "a.version.bind.", "authors.bind.", "version.binds."})
  void otherNamesAreRefused(String name) {
    try (EmbeddedServer server = telling()) {
      byte[] reply = server.ask(chaos(name, RecordType.TXT));
      assertThat(EdnsMessages.rcode(reply)).isEqualTo(Rcode.REFUSED);
      assertThat(isAuthoritative(reply)).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {RecordType.A, RecordType.SOA, RecordType.NS, RecordType.AXFR, 46, 47})
  void otherTypesAreRefused(int type) {
    try (EmbeddedServer server = telling()) {
      byte[] reply = server.ask(chaos("version.bind.", type));
      assertThat(EdnsMessages.rcode(reply)).isEqualTo(Rcode.REFUSED);
      assertThat(Wire.u16(reply, Wire.ANCOUNT)).isZero();
    }
  }

  @Test
  void whatIsNotSetIsRefused() {
    try (EmbeddedServer nothing = server(ChaosPluginConfig.defaults());
        EmbeddedServer onlyId =
            server(new ChaosPluginConfig(Optional.empty(), Optional.of("ams3")))) {
      for (String name :
          new String[] {"version.bind.", "version.server.", "id.server.", "hostname.bind."}) {
        byte[] question = chaos(name, RecordType.TXT);
        assertThat(EdnsMessages.rcode(nothing.ask(question))).isEqualTo(Rcode.REFUSED);
        assertThat(EdnsMessages.rcode(onlyId.ask(question)))
            .isEqualTo(name.startsWith("version") ? Rcode.REFUSED : Rcode.NOERROR);
      }
    }
  }

  @Test
  void classInIsAnsweredFromTheZone() {
    try (EmbeddedServer server = telling()) {
      byte[] reply = server.ask("version.bind.", RecordType.TXT);
      assertThat(new String(reply, StandardCharsets.ISO_8859_1))
          .contains("of class IN")
          .doesNotContain("FlashDNS");
      assertThat(server.metric("flashdns_chaos_answers")).isZero();
    }
  }

  @Test
  void otherClassesAreRefused() {
    try (EmbeddedServer server = telling()) {
      for (int recordClass : new int[] {2, 4, RecordClass.NONE, RecordClass.ANY}) {
        byte[] question = chaos("version.bind.", RecordType.TXT);
        Wire.put16(question, question.length - 2, recordClass);
        assertThat(EdnsMessages.rcode(server.ask(question))).isEqualTo(Rcode.REFUSED);
      }
    }
  }

  @Test
  void longestTextFitsIntoTheSmallestReply() {
    String longest = "x".repeat(255);
    try (EmbeddedServer server =
        server(new ChaosPluginConfig(Optional.of(longest), Optional.empty()))) {
      byte[] question = chaos("version.bind.", RecordType.TXT);
      assertThat(text(question, server.ask(question))).isEqualTo(longest);
    }
  }

  @Test
  void answersAreCounted() {
    try (EmbeddedServer server = telling()) {
      server.ask(chaos("version.bind.", RecordType.TXT));
      server.ask(chaos("version.server.", RecordType.ANY));
      server.ask(chaos("id.server.", RecordType.TXT));
      server.ask(chaos("id.server.", RecordType.A));
      assertThat(server.metric("flashdns_chaos_answers", "version")).isEqualTo(2);
      assertThat(server.metric("flashdns_chaos_answers", "id")).isEqualTo(1);
    }
  }

  @Test
  void textsOutOfBoundsAreRefused() {
    assertThatThrownBy(() -> new ChaosPluginConfig(Optional.of(""), Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("version must have 1 to 255 octets, not 0");
    assertThatThrownBy(() -> new ChaosPluginConfig(Optional.empty(), Optional.of("ä".repeat(128))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("id must have 1 to 255 octets, not 256");
  }

  @Test
  void nothingIsSetByDefault() {
    assertThat(ChaosPluginConfig.defaults())
        .isEqualTo(new ChaosPluginConfig(Optional.empty(), Optional.empty()));
  }

  @Test
  void nothingIsAllocated() {
    try (EmbeddedServer server = telling()) {
      byte[] question = chaos("hostname.bind.", RecordType.TXT);
      assertThat(Allocation.steadyBytes(server, question)).isZero();
      assertThat(Allocation.steadyBytes(server, chaos("other.bind.", RecordType.TXT))).isZero();
    }
  }

  @Test
  void answerCarriesEdnsOfTheQuery() {
    try (EmbeddedServer server = telling()) {
      byte[] question =
          EdnsMessages.question("id.server.", RecordType.TXT, 1_232, EdnsOption.NSID, new byte[0]);
      Wire.put16(question, question.length - 4 - 11 - 2, RecordClass.CH);
      byte[] reply = server.ask(question);
      assertThat(Wire.u16(reply, Wire.ANCOUNT)).isEqualTo(1);
      assertThat(Wire.u16(reply, Wire.ARCOUNT)).isEqualTo(1);
    }
  }

  @Test
  void serviceLoaderFindsIt() {
    assertThat(ServiceLoader.load(PluginFactory.class))
        .anyMatch(factory -> factory instanceof ChaosPluginFactory);
  }
}
