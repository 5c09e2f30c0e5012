package io.flashdns.plugins.ratelimit;

import io.flashdns.core.dns.RecordType;
import io.flashdns.core.embedded.EmbeddedServer;
import io.flashdns.core.plugin.Network;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Servers with the plugin, and questions to them. */
final class Servers {
  static final String ZONE =
      """
      example. 60 SOA ns.example. host.example. 1 2 3 4 5
      example. 60 NS ns.example.
      ns.example. 60 A 192.0.2.1
      www.example. 60 A 192.0.2.2
      large.example. 60 TXT "0123456789 0123456789 0123456789 0123456789 0123456789 0123456789"
      large.example. 60 TXT "one more 0123456789 0123456789 0123456789 0123456789 0123456789"
      """;

  static final byte[] HIT = EmbeddedServer.question("www.example.", RecordType.A);
  static final byte[] LARGE = EmbeddedServer.question("large.example.", RecordType.TXT);
  static final byte[] NXDOMAIN = EmbeddedServer.question("no.example.", RecordType.A);
  static final byte[] REFUSED = EmbeddedServer.question("elsewhere.", RecordType.A);

  private Servers() {}

  static EmbeddedServer with(RateLimitPluginConfig config) {
    return EmbeddedServer.builder()
        .zone(ZONE)
        .plugin(new RateLimitPluginFactory(), config)
        .build()
        .at(Instant.parse("2026-01-01T00:00:00Z"));
  }

  static EmbeddedServer withDefaults() {
    return with(RateLimitPluginConfig.defaults());
  }

  static RateLimitPluginConfig slip(int slip) {
    return config(50, slip, false);
  }

  static RateLimitPluginConfig config(int rate, int slip, boolean dryRun) {
    return new RateLimitPluginConfig(
        rate,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        slip,
        List.of(),
        1 << 20,
        dryRun);
  }

  static RateLimitPluginConfig whitelist(String... networks) {
    RateLimitPluginConfig plain = config(50, 1, false);
    return new RateLimitPluginConfig(
        plain.rate(),
        plain.burst(),
        plain.nxdomainRate(),
        plain.errorRate(),
        plain.slip(),
        java.util.Arrays.stream(networks).map(Network::parse).toList(),
        plain.tableBytes(),
        plain.dryRun());
  }

  /** An IPv4 address as one number. */
  static int ipv4(int a, int b, int c, int d) {
    return a << 24 | b << 16 | c << 8 | d;
  }
}
