package com.example.maintenance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.flashdns.core.dns.RecordType;
import io.flashdns.core.embedded.EmbeddedServer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Bytes in, bytes out: a server in memory, no sockets. */
class MaintenanceTest {
  private static final String ZONE =
      """
      $ORIGIN example.com.
      $TTL 300
      @ SOA ns1 hostmaster 1 3600 600 86400 300
      @ NS ns1
      ns1 A 192.0.2.53
      www A 192.0.2.80
      shop A 192.0.2.81
      """;

  private final EmbeddedServer server =
      EmbeddedServer.builder()
          .zone(ZONE)
          .plugin(
              new MaintenanceFactory(),
              new MaintenanceConfig(
                  List.of("Shop.example.com"),
                  List.of("198.51.100.7"),
                  Duration.ofSeconds(5),
                  "soon"))
          .build();

  @Test
  void nameUnderMaintenanceLeadsToThePage() {
    assertThat(lastOctets(server.ask("shop.example.com", RecordType.A), 4))
        .containsExactly(198, 51, 100, 7);
    assertThat(lastOctets(server.ask("SHOP.example.com", RecordType.TXT), 5))
        .containsExactly(4, 's', 'o', 'o', 'n');
  }

  @Test
  void typeWithoutAnAddressIsNoData() {
    byte[] reply = server.ask("shop.example.com", RecordType.AAAA);

    assertThat(reply[3] & 0x0f).as("response code").isZero();
    assertThat(reply[7]).as("answers").isZero();
    assertThat(reply[9]).as("SOA in the authority section").isEqualTo((byte) 1);
  }

  @Test
  void otherNamesAreAnsweredByTheZone() {
    assertThat(lastOctets(server.ask("www.example.com", RecordType.A), 4))
        .containsExactly(192, 0, 2, 80);
  }

  @Test
  void answersAreCountedByType() {
    server.ask("shop.example.com", RecordType.A);
    server.ask("shop.example.com", RecordType.A);
    server.ask("shop.example.com", RecordType.TXT);
    server.ask("www.example.com", RecordType.A);

    assertThat(server.metric("flashdns_maintenance_answered", "A")).isEqualTo(2);
    assertThat(server.metric("flashdns_maintenance_answered", "TXT")).isEqualTo(1);
  }

  @Test
  void queryAllocatesNothing() {
    byte[] query = EmbeddedServer.question("shop.example.com", RecordType.A);

    // Less than one octet for each: what there is, is the virtual machine's own.
    assertThat(server.allocatedBytes(query, 10_000)).isLessThan(10_000);
  }

  @Test
  void badValueIsRefusedWithASentence() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> new MaintenanceConfig(List.of(), List.of("localhost"), Duration.ZERO, "x"))
        .withMessage("addresses must not hold 'localhost'");
  }

  private static int[] lastOctets(byte[] reply, int count) {
    byte[] octets = Arrays.copyOfRange(reply, reply.length - count, reply.length);
    int[] values = new int[count];
    for (int i = 0; i < count; i++) {
      values[i] = octets[i] & 0xff;
    }
    return values;
  }
}
