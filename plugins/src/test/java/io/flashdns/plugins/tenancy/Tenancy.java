package io.flashdns.plugins.tenancy;

import io.flashdns.core.dns.EdnsOption;
import io.flashdns.core.dns.NameHash;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.embedded.EmbeddedServer;
import io.flashdns.core.engine.Engine;
import io.flashdns.core.engine.Metric;
import io.flashdns.core.zone.Tenant;
import io.flashdns.core.zone.Zone;
import io.flashdns.core.zonefile.ZoneFile;
import io.flashdns.core.zonefile.ZoneFileLimits;
import io.flashdns.plugins.EdnsMessages;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** Zones, tenants and questions for the tests of this package. */
final class Tenancy {
  static final Tenant ACME = new Tenant(1, "acme", "shop", false, 0);
  static final Tenant BOLT = new Tenant(2, "bolt", "mail", false, 0);

  private Tenancy() {}

  /** A zone whose {@code www} has this address. */
  static String text(String apex, String address, String... more) {
    return """
        $ORIGIN %s
        @ 300 SOA ns.invalid. host.invalid. 1 3600 600 86400 300
        @ 300 NS ns.invalid.
        www 300 A %s
        """
            .formatted(apex, address)
        + String.join("\n", more)
        + "\n";
  }

  static Zone zone(NameHash hash, String text) {
    return Objects.requireNonNull(
        ZoneFile.parse(text, ZoneFileLimits.defaults(), hash).zone(), text);
  }

  static TenancyPluginConfig views(ViewRule... rules) {
    return new TenancyPluginConfig(List.of(rules), 0, Duration.ofSeconds(1), OverBudget.DROP);
  }

  static TenancyPluginConfig budget(int perSecond, Duration burst, OverBudget action) {
    return new TenancyPluginConfig(List.of(), perSecond, burst, action);
  }

  /** What a reply says: {@code REFUSED 18 zone suspended}, {@code NOERROR 192.0.2.1}. */
  static String say(EmbeddedServer server, String name) {
    return say(server, name, RecordType.A);
  }

  static String say(EmbeddedServer server, String name, int type) {
    byte[] reply = server.ask(EmbeddedServer.question(name, type, 1232, false));
    if (reply.length == 0) {
      return "nothing";
    }
    StringBuilder text = new StringBuilder(rcode(EdnsMessages.rcode(reply)));
    if ((Wire.u16(reply, Wire.FLAGS) & Wire.TC) != 0) {
      text.append(" TC");
    }
    byte[] error = EdnsMessages.option(reply, EdnsOption.EXTENDED_ERROR);
    if (error != null) {
      text.append(' ').append(Wire.u16(error, 0));
      if (error.length > 2) {
        text.append(' ').append(new String(error, 2, error.length - 2, StandardCharsets.US_ASCII));
      }
    }
    int answers = Wire.u16(reply, Wire.ANCOUNT);
    int at = Wire.HEADER_BYTES;
    at = afterName(reply, at) + 4;
    for (int i = 0; i < answers; i++) {
      int fixed = afterName(reply, at);
      int length = Wire.u16(reply, fixed + 8);
      text.append(' ')
          .append(
              switch (Wire.u16(reply, fixed)) {
                case RecordType.A ->
                    String.join(
                        ".",
                        Arrays.asList(
                            "" + Wire.u8(reply, fixed + 10),
                            "" + Wire.u8(reply, fixed + 11),
                            "" + Wire.u8(reply, fixed + 12),
                            "" + Wire.u8(reply, fixed + 13)));
                case RecordType.CNAME -> "CNAME";
                case RecordType.DS -> "DS";
                case RecordType.SOA -> "SOA";
                default -> "other";
              });
      at = fixed + 10 + length;
    }
    return text.toString();
  }

  private static String rcode(int rcode) {
    return switch (rcode) {
      case 0 -> "NOERROR";
      case 2 -> "SERVFAIL";
      case 3 -> "NXDOMAIN";
      case 5 -> "REFUSED";
      default -> "rcode " + rcode;
    };
  }

  private static int afterName(byte[] message, int offset) {
    int at = offset;
    while (message[at] > 0) {
      at += 1 + message[at];
    }
    return at + (message[at] == 0 ? 1 : 2);
  }

  /**
   * A value of a set on demand, -1 when it is not told.
   *
   * @param labelValues in the order of the labels
   */
  static long counted(Engine engine, String set, String name, String... labelValues) {
    for (Metric metric : Objects.requireNonNull(engine.metrics(set))) {
      if (metric.name().equals("flashdns_tenancy_" + name)) {
        for (Metric.Sample sample : metric.samples()) {
          if (sample.labelValues().equals(List.of(labelValues))) {
            return (long) sample.value();
          }
        }
      }
    }
    return -1;
  }
}
