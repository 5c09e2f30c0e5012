package io.flashdns.core.engine;

import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.embedded.EmbeddedServer;
import io.flashdns.core.embedded.StrictReply;
import io.flashdns.core.plugin.Hook;
import io.flashdns.core.plugin.Protocol;
import java.util.Arrays;

/** A server of one small zone with a plugin for each hook, and the question that it is asked. */
final class SmallServer {
  static final String ZONE =
      """
      $ORIGIN example.
      @   3600 SOA ns hostmaster 1 7200 3600 1209600 300
      @   3600 NS  ns
      ns  3600 A   192.0.2.53
      www 3600 A   192.0.2.80
      """;

  private SmallServer() {}

  /** Plugins {@code plugin0}, {@code plugin1} and so on. */
  static EmbeddedServer with(Hook... hooks) {
    EmbeddedServer.Builder builder = EmbeddedServer.builder().zone(ZONE);
    for (int i = 0; i < hooks.length; i++) {
      builder.plugin(TestPlugin.of("plugin" + i, hooks[i]), TestPlugin.CONFIG);
    }
    return builder.build();
  }

  static EmbeddedServer with(TestPlugin... plugins) {
    EmbeddedServer.Builder builder = EmbeddedServer.builder().zone(ZONE);
    for (TestPlugin plugin : plugins) {
      builder.plugin(plugin, TestPlugin.CONFIG);
    }
    return builder.build();
  }

  /** Asks for www.example. A with EDNS. */
  static StrictReply ask(EmbeddedServer server) {
    return ask(server, EmbeddedServer.question("www.example.", RecordType.A, 1_232, false));
  }

  static StrictReply ask(EmbeddedServer server, byte[] message) {
    return ask(server, message, Protocol.UDP);
  }

  static StrictReply ask(EmbeddedServer server, byte[] message, Protocol protocol) {
    return StrictReply.of(message, server.over(protocol).ask(message), protocol);
  }

  /** A query, which ends with an OPT record that has no options, with one. */
  static byte[] withOption(byte[] edns, int code, byte... data) {
    byte[] message = Arrays.copyOf(edns, edns.length + 4 + data.length);
    int length = edns.length - 2; // of an OPT record without options
    Wire.put16(message, length, 4 + data.length);
    Wire.put16(message, edns.length, code);
    Wire.put16(message, edns.length + 2, data.length);
    System.arraycopy(data, 0, message, edns.length + 4, data.length);
    return message;
  }
}
