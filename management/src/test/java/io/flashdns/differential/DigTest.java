package io.flashdns.differential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.flashdns.differential.ZoneSource.Signing;
import io.flashdns.transport.IoBackend;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What people see who ask with dig or kdig, the clients of the Debian packages bind9-dnsutils and
 * knot-dnsutils.
 */
@Tag("differential")
class DigTest {
  private static final int SECONDS = 20;

  private static final String ZONE =
      """
      example.test. 3600 IN SOA ns.example.test. host.example.test. 7 7200 900 1209600 300
      example.test. 3600 IN NS ns.example.test.
      example.test. 3600 IN MX 10 mail.example.test.
      ns.example.test. 3600 IN A 192.0.2.53
      mail.example.test. 60 IN A 192.0.2.25
      mail.example.test. 60 IN AAAA 2001:db8::25
      www.example.test. 300 IN CNAME mail.example.test.
      *.wild.example.test. 300 IN TXT "any name"
      old.example.test. 300 IN DNAME example.test.
      big.example.test. 300 IN TXT %s
      type.example.test. 300 IN TYPE65280 \\# 3 010203
      """
          .formatted(("\"" + "x".repeat(250) + "\" ").repeat(12));

  /** What a question's short answer is, by name and type. */
  private static final Map<String, List<String>> EXPECTED =
      Map.of(
          "example.test SOA", List.of("ns.example.test. host.example.test. 7 7200 900 1209600 300"),
          "example.test MX", List.of("10 mail.example.test."),
          "mail.example.test AAAA", List.of("2001:db8::25"),
          "www.example.test A", List.of("mail.example.test.", "192.0.2.25"),
          "some.wild.example.test TXT", List.of("\"any name\""),
          "mail.old.example.test A", List.of("example.test.", "mail.example.test.", "192.0.2.25"),
          "type.example.test TYPE65280", List.of("\\# 3 010203"),
          "nothing.example.test A", List.of(),
          "big.example.test TXT", List.of(("\"" + "x".repeat(250) + "\" ").repeat(12).strip()));

  @TempDir private static Path folder;
  private static FlashDnsServer server;

  @BeforeAll
  static void serve() throws Exception {
    ZoneSource zone = new ZoneSource("example.test.", Signing.UNSIGNED, ZONE);
    server = FlashDnsServer.start(World.write(List.of(zone), folder), IoBackend.AUTO);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @ParameterizedTest
  @CsvSource({"dig,bind9-dnsutils", "kdig,knot-dnsutils"})
  void shortAnswersOverUdpAndTcpAreThoseOfTheZone(String client, String debianPackage)
      throws Exception {
    needs(client, debianPackage);
    for (Map.Entry<String, List<String>> expected : EXPECTED.entrySet()) {
      // Without a word, UDP, and TCP when the reply is truncated.
      for (List<String> transport : List.of(List.<String>of(), List.of("+tcp"))) {
        assertThat(ask(client, transport, expected.getKey()))
            .as("%s %s %s", client, transport, expected.getKey())
            .isEqualTo(expected.getValue());
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"dig,bind9-dnsutils", "kdig,knot-dnsutils"})
  void wholeAnswersCarryNoWarning(String client, String debianPackage) throws Exception {
    needs(client, debianPackage);
    List<String> command = command(client);
    command.addAll(List.of("+norecurse", "mail.example.test", "A"));
    String printed = run(command);
    assertThat(printed)
        .contains("NOERROR")
        .contains("192.0.2.25")
        .containsIgnoringCase("aa")
        .doesNotContain("WARNING");
  }

  private static void needs(String client, String debianPackage) {
    boolean there = PeerServer.isInstalled(client);
    String message = client + " is not installed; it is in the Debian package " + debianPackage;
    if (Boolean.getBoolean("flashdns.require.peers")) {
      assertThat(there).as(message).isTrue();
    }
    assumeTrue(there, message);
  }

  private static List<String> command(String client) {
    String port = String.valueOf(server.address().getPort());
    return new ArrayList<>(List.of(client, "@127.0.0.1", "-p", port));
  }

  private static List<String> ask(String client, List<String> transport, String question)
      throws Exception {
    List<String> command = command(client);
    command.addAll(List.of("+short", "+norecurse"));
    command.addAll(transport);
    command.addAll(List.of(question.split(" ")));
    return run(command)
        .lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty() && !line.startsWith(";;"))
        .toList();
  }

  private static String run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS)).as("%s has ended", command).isTrue();
    return printed;
  }
}
