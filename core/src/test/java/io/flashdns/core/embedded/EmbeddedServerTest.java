package io.flashdns.core.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flashdns.core.dns.Rcode;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.engine.PluginBinding;
import io.flashdns.core.plugin.Plugin;
import io.flashdns.core.plugin.PluginContext;
import io.flashdns.core.plugin.PluginFactory;
import io.flashdns.core.plugin.Protocol;
import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.Tenant;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class EmbeddedServerTest {
  private static final String ZONE =
      """
      $ORIGIN example.
      @   3600 SOA ns hostmaster 1 7200 3600 1209600 300
      @   3600 NS  ns
      ns  3600 A   192.0.2.53
      """;

  @Test
  void servesZonesGivenAsText() {
    try (EmbeddedServer server = EmbeddedServer.serving(ZONE, ZONE.replace("example.", "other."))) {
      for (String name : List.of("ns.example.", "ns.other.")) {
        byte[] message = EmbeddedServer.question(name, RecordType.A);
        assertThat(StrictReply.of(message, server.ask(name, RecordType.A), Protocol.UDP).answer())
            .hasSize(1);
      }
      assertThat(server.engine().catalog().size()).isEqualTo(2);
    }
  }

  @Test
  void zoneWithErrorsIsRefusedWithAllOfThem() {
    assertThatThrownBy(
            () ->
                EmbeddedServer.serving(
                    ZONE
                        + "a CNAME b\na 60 A 192.0.2.1\nx.test. 60 A 192.0.2.1\nb 60 A 192.0.2.400\n"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("192.0.2.400")
        .hasMessageContaining("a.example. has a CNAME and other data")
        .hasMessageContaining("x.test. is outside of the zone example.");
  }

  @Test
  void serverWithoutZonesRefusesEverything() {
    try (EmbeddedServer server = EmbeddedServer.serving()) {
      byte[] message = EmbeddedServer.question("a.", RecordType.A);
      assertThat(StrictReply.of(message, server.ask(message), Protocol.UDP).rcode())
          .isEqualTo(Rcode.REFUSED);
    }
  }

  @Test
  void exchangeLeavesTheReplyInPlaceAndAskCopiesIt() {
    try (EmbeddedServer server = EmbeddedServer.serving(ZONE)) {
      byte[] message = EmbeddedServer.question("ns.example.", RecordType.A);
      byte[] copy = server.ask(message);
      int length = server.exchange(message, message.length);

      assertThat(java.util.Arrays.copyOf(server.reply(), length)).isEqualTo(copy);
      server.ask("other.", RecordType.A);
      assertThat(copy).isEqualTo(server.ask(message));
    }
  }

  @Test
  void questionsAreWellFormed() {
    assertThat(EmbeddedServer.question("a.", 1))
        .containsExactly(0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 'a', 0, 0, 1, 0, 1);
    assertThat(EmbeddedServer.question(".", 2, 1_232, true))
        .containsExactly(
            0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 2, 0, 1, 0, 0, 41, 4, 0xd0, 0, 0, 0x80, 0, 0,
            0);
  }

  @Test
  void countersTellWhatWasAsked() {
    try (EmbeddedServer server = EmbeddedServer.serving(ZONE)) {
      server.ask("ns.example.", RecordType.A);
      server.ask("no.example.", RecordType.A);
      server.over(Protocol.TCP).ask("ns.example.", RecordType.A);
      server.ask(new byte[3]);

      assertThat(server.counters().udpQueries()).isEqualTo(2);
      assertThat(server.counters().tcpQueries()).isEqualTo(2);
      assertThat(server.counters().replies()).isEqualTo(3);
      assertThat(server.counters().dropped()).isEqualTo(1);
      assertThat(server.counters().byRcode().get(Rcode.NXDOMAIN)).isEqualTo(1);
    }
  }

  @Test
  void otherCatalogsCanBePublished() {
    EmbeddedServer.Builder builder = EmbeddedServer.builder();
    try (EmbeddedServer server = builder.zone(ZONE).build()) {
      byte[] message = EmbeddedServer.question("ns.example.", RecordType.A);
      server.engine().publish(Catalog.empty(builder.hash()));

      assertThat(StrictReply.of(message, server.ask(message), Protocol.UDP).rcode())
          .isEqualTo(Rcode.REFUSED);
    }
  }

  @Test
  void otherPluginsAnswerWhenTheyAreReplacedAndZonesAreAnsweredFromAsBefore() {
    OptionPlugin.Config config = new OptionPlugin.Config(65_001, new byte[] {1});
    byte[] message = EmbeddedServer.question("ns.example.", RecordType.A);
    try (EmbeddedServer server =
        EmbeddedServer.builder().zone(ZONE).plugin(new OptionPlugin(), config).build()) {
      byte[] before = server.ask(message);
      server.replacePlugins(List.of());

      assertThat(server.engine().describePipeline()).contains("gate     -", "answer   zone");
      assertThat(server.ask(message)).isEqualTo(before);
    }
    try (EmbeddedServer server = EmbeddedServer.builder().zone(ZONE).withoutZoneLookup().build()) {
      server.replacePlugins(List.of(new PluginBinding<>(new OptionPlugin(), config)));

      assertThat(server.engine().describePipeline()).contains("gate     option", "answer   -");
      assertThat(StrictReply.of(message, server.ask(message), Protocol.UDP).rcode())
          .isEqualTo(Rcode.REFUSED);
    }
  }

  @Test
  void whatABuilderSaysOfItsServerIsKnownToItsPlugins() {
    List<InetSocketAddress> listeners =
        List.of(new InetSocketAddress("127.0.0.1", 53), new InetSocketAddress("127.0.0.1", 5_353));
    List<String> seen = new ArrayList<>();
    PluginFactory<OptionPlugin.Config> asking =
        new PluginFactory<>() {
          @Override
          public String name() {
            return "asking";
          }

          @Override
          public int spiVersion() {
            return SPI_VERSION;
          }

          @Override
          public Class<OptionPlugin.Config> configType() {
            return OptionPlugin.Config.class;
          }

          @Override
          public Plugin create(OptionPlugin.Config config, PluginContext context) {
            seen.add(context.name() + " " + context.dataFolder() + " " + context.listeners());
            assertThat(context.views().number("inside")).isEqualTo(1);
            assertThat(context.hash().seed()).isEqualTo(context.catalog().hash().seed());
            return _ -> List.of();
          }
        };
    EmbeddedServer.builder()
        .zone(ZONE, new Tenant(1, "acme", "web", false, 0), "inside", false)
        .listeners(listeners)
        .dataFolder(Path.of("/nowhere"))
        .plugin(asking, new OptionPlugin.Config(1, new byte[0]))
        .build()
        .close();

    assertThat(seen).containsExactly("asking /nowhere " + listeners);
  }
}
