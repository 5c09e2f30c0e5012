package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plugins of others in a running server: loaded, changed, refused, failing. */
class PluginReloadTest {
  private static final String NAME = "grey.a.example";

  @TempDir private Path home;
  private Path jar;
  private Path config;
  private ServerProcess server;

  @BeforeEach
  void layOut() throws IOException {
    Path plugins = Files.createDirectory(home.resolve("plugins"));
    Files.setPosixFilePermissions(plugins, PosixFilePermissions.fromString("rwxr-xr-x"));
    jar = plugins.resolve("grey/grey.jar");
    config = Files.createDirectory(home.resolve("conf")).resolve("flashdns.yaml");
    Path zones = Files.createDirectory(home.resolve("zones"));
    Files.writeString(
        zones.resolve("a.example.zone"),
        """
        $TTL 300
        @ SOA ns1 hostmaster 1 3600 600 86400 300
        @ NS ns1
        ns1 A 192.0.2.53
        www A 192.0.2.80
        """);
  }

  @AfterEach
  void end() throws InterruptedException {
    if (server != null) {
      server.kill();
    }
  }

  @Test
  void pluginOfAFolderAnswersAndStartSaysWhereItIsFrom() throws Exception {
    PluginJar.answering("grey", 1).write(jar);
    start("plugins: [grey, zone]\n");

    try (DnsClient client = new DnsClient(server.awaitReady())) {
      assertThat(client.ask(NAME, DnsClient.A).lastOctet()).isEqualTo(1);
      assertThat(client.ask("www.a.example", DnsClient.A).lastOctet()).isEqualTo(80);
    }
    assertThat(server.hasOut("answer   grey zone")).as("%s", server).isTrue();
    assertThat(server.hasOut("plugin     grey from " + jar.getParent() + ": grey.jar")).isTrue();
  }

  @Test
  void reloadsThatChangeThePipelineLoseNoQuery() throws Exception {
    PluginJar.answering("grey", 1).write(jar);
    start("plugins: [grey, zone]\n");
    InetSocketAddress address = server.awaitReady();
    byte[][] versions = {
      PluginJar.answering("grey", 10).bytes(), PluginJar.answering("grey", 11).bytes()
    };
    try (QueryFlood flood = new QueryFlood(address, "www.a.example");
        QueryFlood other = new QueryFlood(address, "www.a.example");
        DnsClient client = new DnsClient(address)) {
      for (int round = 0; round < 20; round++) {
        long before = flood.asked();
        Files.write(jar, versions[round % 2]); // in place: what a careless copy does
        if (round % 5 == 4) {
          Files.writeString(config, "plugins: [zone]\n");
          server.reload();
          assertThat(client.ask(NAME, DnsClient.A).rcode()).isEqualTo(3);
          Files.writeString(config, "plugins: [zone, grey]\nplugin-pins: []\n");
          server.reload();
          assertThat(client.ask(NAME, DnsClient.A).rcode()).as("zone is asked first").isEqualTo(3);
          Files.writeString(config, "plugins: [grey, zone]\n");
        }
        server.reload();
        assertThat(client.ask(NAME, DnsClient.A).lastOctet()).isEqualTo(10 + round % 2);
        await().until(() -> flood.asked() > before);
      }
      flood.stop();
      other.stop();

      assertThat(flood.failure() + other.failure()).isEmpty();
      assertThat(flood.lost() + other.lost()).as("lost").isZero();
      assertThat(flood.wrong() + other.wrong()).as("wrong").isZero();
      assertThat(flood.asked() + other.asked()).isGreaterThan(5_000);
    }
    server.signal("TERM");
    assertThat(server.awaitEnd()).isZero();
    assertThat(server.out().getLast()).contains(" 0 faults of plugins");
    assertThat(server.err()).isEmpty();
  }

  @Test
  void pluginThatIsRefusedLeavesThePipelineAndTheSettingsButZonesAreRead() throws Exception {
    PluginJar.answering("grey", 1).write(jar);
    start("plugins: [grey, zone]\n");
    try (DnsClient client = new DnsClient(server.awaitReady())) {
      Path other = Files.createDirectory(home.resolve("other"));
      Path added = home.resolve("zones/b.example.zone");
      Files.copy(home.resolve("zones/a.example.zone"), added);
      Files.writeString(jar, "no jar");
      Files.writeString(config, "zones: {folder: " + other + "}\nplugins: [zone, grey]\n");

      assertThat(server.reload()).contains("2 zones served; 1 added");
      await().until(() -> server.hasErr(config + ":2:17: error: plugins: the jar " + jar));
      assertThat(server.hasOut("the configuration has errors and is not taken; plugins and"))
          .isTrue();
      assertThat(client.ask(NAME, DnsClient.A).lastOctet()).isEqualTo(1);

      // Whole and right, but it cannot be started: found by the engine, not by the reader.
      new PluginJar()
          .factory("Factory", "grey", "new Broken()")
          .source(
              "Broken",
              """
              final class Broken implements Plugin {
                public List<? extends Hook> hooks(WorkerContext worker) { return List.of(); }
                public void start() { throw new IllegalStateException("no licence for this machine"); }
              }
              """)
          .provides("Factory")
          .write(jar);
      assertThat(server.reload()).contains("2 zones served; 0 added");
      await().until(() -> server.hasOut("no licence for this machine"));
      assertThat(server.hasOut("the plugins cannot be changed, so the configuration is not taken"))
          .isTrue();
      assertThat(client.ask(NAME, DnsClient.A).lastOctet()).isEqualTo(1);
      assertThat(client.ask("www.b.example", DnsClient.A).lastOctet()).isEqualTo(80);
    }
  }

  @Test
  void unchangedPluginGoesOnAndAReplacedOneIsClosed() throws Exception {
    noting(1).write(jar);
    start("plugins: [grey, zone]\n");
    server.awaitReady();
    await().until(() -> server.hasOut("start of 1"));

    Files.writeString(config, "plugins: [zone, grey]\n");
    server.reload();
    Files.writeString(config, "plugins: [grey, zone]\n");
    server.reload();
    assertThat(server.hasOut("close of 1")).isFalse();

    noting(2).write(jar);
    server.reload();
    await().until(() -> server.hasOut("close of 1"));
    assertThat(server.out().stream().filter(line -> line.matches("(start|close) of .*")))
        .containsExactly("start of 1", "start of 2", "close of 1");

    server.signal("TERM");
    assertThat(server.awaitEnd()).isZero();
    assertThat(server.hasOut("close of 2")).isTrue();
  }

  @Test
  void failingAndBlockingHooksAreInTheLog() throws Exception {
    new PluginJar()
        .factory("Factory", "grey", "worker -> List.of(new Answer())")
        .source(
            "Answer",
            """
            final class Answer implements Answerer {
              public Verdict answer(Query query, Response response) {
                if (query.type() == 16) {
                  long end = System.nanoTime() + 600_000_000L;
                  while (System.nanoTime() < end) { Thread.onSpinWait(); }
                  return Verdict.CONTINUE;
                }
                throw new IllegalStateException("on purpose");
              }
            }
            """)
        .provides("Factory")
        .write(jar);
    start("plugins: [grey, zone]\n");

    try (DnsClient client = new DnsClient(server.awaitReady())) {
      assertThat(client.ask("www.a.example", DnsClient.A).rcode()).as("SERVFAIL").isEqualTo(2);
      await().until(() -> server.hasOut("plugin grey: 1 faults of its hooks"));
      await().until(() -> server.hasOut("IllegalStateException: on purpose"));
      await().until(() -> server.hasOut("at plugin grey//acme.Answer.answer("));

      assertThat(client.ask("www.a.example", DnsClient.TXT).rcode()).isZero();
      await().until(() -> server.hasOut("goes on after"));
      assertThat(
              server.out().stream()
                  .filter(line -> line.matches(".* ERROR .*worker \\d+ has been blocked for .*")))
          .singleElement()
          .asString()
          .contains("by plugin grey, at ")
          .contains("plugin grey//acme.Answer.answer(");

      for (int i = 0; i < 40; i++) {
        client.ask("www.a.example", DnsClient.A);
      }
      await().until(() -> server.hasOut("plugin grey has failed too often and is out for 30s"));
      await().until(() -> client.ask("www.a.example", DnsClient.A).lastOctet() == 80);
    }
  }

  @Test
  void pluginThatCannotStartStopsTheStart() throws Exception {
    Files.createDirectories(jar.getParent());
    Files.writeString(jar, "no jar");
    Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("rw-r--r--"));
    Files.setPosixFilePermissions(jar.getParent(), PosixFilePermissions.fromString("rwxr-xr-x"));
    start("plugins:\n- grey\n- zone\n");

    assertThat(server.awaitEnd()).isEqualTo(1);
    assertThat(server.err().getFirst())
        .startsWith(config + ":2:3: error: plugins: the jar " + jar + " cannot be read (");
    assertThat(server.err().getLast())
        .isEqualTo("flashdns: the configuration has errors, nothing was started");
  }

  /** A plugin that prints when it starts and ends. */
  private static PluginJar noting(int version) {
    return new PluginJar()
        .factory("Factory", "grey", "new Noting()")
        .source(
            "Noting",
            """
            final class Noting implements Plugin {
              public List<? extends Hook> hooks(WorkerContext worker) {
                return List.of((io.flashdns.core.plugin.Observer) (query, response, sent) -> {});
              }
              public void start() { System.out.println("start of %1$d"); }
              public void close() { System.out.println("close of %1$d"); }
            }
            """
                .formatted(version))
        .provides("Factory");
  }

  private void start(String text) throws IOException {
    Files.writeString(config, text);
    server = ServerProcess.start(home, "serve", "--listen", "127.0.0.1:0");
  }
}
