package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.dns.RecordType;
import io.flashdns.core.embedded.EmbeddedServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

class RehearsalTest {
  @TempDir Path folder;

  /** What is not met in it is compiled anew when clients ask it. */
  @Test
  void zonesHaveSomethingForEachKindOfQuery() throws IOException {
    Set<String> seen = new HashSet<>();
    EmbeddedServer.Builder builder = EmbeddedServer.builder();
    RehearsalZones.build(builder.hash()).forEach(builder::zone);
    try (EmbeddedServer server = builder.build()) {
      for (byte[] query : WarmUpClient.queries()) {
        Message reply = new Message(server.ask(query));
        seen.add(Rcode.string(reply.getRcode()));
        for (int section = Section.ANSWER; section <= Section.ADDITIONAL; section++) {
          for (Record record : reply.getSection(section)) {
            seen.add(Section.string(section) + " " + RecordType.text(record.getType()));
          }
        }
      }
    }
    assertThat(seen)
        .contains(
            "NOERROR", "NXDOMAIN", "REFUSED", "an A", "an AAAA", "an CNAME", "an DNAME", "an MX")
        .contains(
            "an SRV", "an HTTPS", "an RRSIG", "au SOA", "au NS", "au NSEC", "au RRSIG", "ad A");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void mostQueriesAreAnswered() throws Exception {
    assertThat(new Rehearsal(ServerConfig.defaults().io(), Duration.ZERO, 5_000).rehearse())
        .isGreaterThan(2_500);
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void startWithoutOneHasNoThreadForIt() throws Exception {
    assertThat(threadsOfStart("rehearsal: 0s\n")).doesNotContain("flashdns-rehearsal");
    assertThat(threadsOfStart("rehearsal: 30s\n")).contains("flashdns-rehearsal");
  }

  /** Names of all threads that a server of its own process begins before it is ready. */
  private String threadsOfStart(String config) throws Exception {
    Path file = Files.writeString(folder.resolve("flashdns.yaml"), config);
    Path log = folder.resolve("threads.log");
    Process server =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Xlog:os+thread:file=" + log,
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "serve",
                "--config=" + file,
                "--data=" + folder.resolve("data"),
                "--listen=127.0.0.1:0",
                "--operations=127.0.0.1:0",
                "--api=127.0.0.1:0",
                "--api-json=127.0.0.1:0")
            .redirectErrorStream(true)
            .start();
    try (var lines = server.inputReader()) {
      while (true) {
        String line = lines.readLine();
        assertThat(line).as("a start until it is ready").isNotNull();
        if (line.startsWith("ready")) {
          return Files.readString(log);
        }
      }
    } finally {
      server.destroy();
      assertThat(server.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }
  }
}
