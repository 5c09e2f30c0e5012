package io.flashdns.management.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;

/**
 * {@code etcd.withdraw-after}: a node that has not heard of etcd for so long says that it is not
 * ready, goes on answering, and is ready again when etcd is back.
 */
final class WithdrawalTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration AFTER = Duration.ofSeconds(10);
  private static final String ZONE = "example.org.";
  private static final String OWNER = "www.example.org.";

  @TempDir static Path temp;
  private static EtcdCluster etcd;

  @BeforeAll
  static void startEtcd() throws Exception {
    etcd = EtcdCluster.start(temp.resolve("etcd"), 1);
  }

  @AfterAll
  static void endEtcd() {
    if (etcd != null) {
      etcd.close();
    }
  }

  private static Path folder() throws IOException {
    return Files.createTempDirectory(temp, "node");
  }

  private static EtcdConfig withdrawing(EtcdConfig config) {
    return new EtcdConfig(
        config.endpoints(),
        config.prefix(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(AFTER),
        false);
  }

  @Test
  void nodeThatIsCutOffWithdrawsWhenTheTimeIsOverAndComesBackByItself() throws Exception {
    try (EtcdRelay relay = EtcdRelay.to(etcd.members().getFirst());
        EtcdRelay silent = EtcdRelay.to(etcd.members().getFirst())) {
      EtcdConfig config = etcd.fresh();
      try (Node cut = Node.open(folder(), withdrawing(relay.config(config)));
          Node unheard = Node.open(folder(), withdrawing(silent.config(config)));
          Node patient = Node.open(folder(), relay.config(config))) {
        cut.create(ZONE);
        cut.set(OWNER, ZONE, "kept", "");
        unheard.store().awaitHead(PATIENCE);
        relay.wire().cut();
        silent.wire().silence();
        for (Node node : List.of(cut, unheard)) {
          await()
              .atMost(PATIENCE)
              .pollInterval(Duration.ofMillis(5))
              .until(() -> isWithdrawn(node));
          assertThat(node.store().withdrawal())
              .matches("etcd has not answered for 1\\d s, and etcd.withdraw-after is 10 s");
          assertThat(node.text(OWNER, ZONE)).isEqualTo("kept");
        }
        assertThat(patient.store().silentSeconds()).isGreaterThan(AFTER.toSeconds());
        assertThat(patient.store().withdrawal()).as("without the setting").isEmpty();
        relay.wire().heal();
        silent.wire().heal();
        for (Node node : List.of(cut, unheard)) {
          await().atMost(Duration.ofSeconds(10)).until(() -> !isWithdrawn(node));
        }
      }
    }
  }

  /** Whether it is; and that it is not too early. */
  private static boolean isWithdrawn(Node node) {
    String withdrawal = node.store().withdrawal();
    if (node.store().silentSeconds() < AFTER.toSeconds()) {
      assertThat(withdrawal).isEmpty();
    }
    return !withdrawal.isEmpty();
  }

  @Test
  void serverWithoutEtcdIsNotReadyAfterATimeAnswersAllTheSameAndIsReadyAgain() throws Exception {
    try (EtcdCluster own = EtcdCluster.start(folder(), 1)) {
      EtcdConfig config = own.fresh();
      try (Node writer = Node.open(folder(), config)) {
        writer.create(ZONE);
      }
      Path home = folder();
      try (Server server = Server.start(home, config)) {
        server.awaitReady(true);
        server.awaitMetric(
            "flashdns_shared_store_etcd_version_info{member=\"%s\",version="
                .formatted(own.endpoints().getFirst()));
        assertThat(server.metric("flashdns_shared_store_etcd_outdated")).matches("[01]\\.0");
        own.kill(own.members().getFirst());
        assertThat(server.ready().statusCode()).as("at once").isEqualTo(200);
        server.awaitReady(false);
        assertThat(server.ready().body())
            .containsPattern("etcd has not answered for \\d+ s, and etcd.withdraw-after is 10 s");
        assertThat(server.metric("flashdns_ready")).isEqualTo("0.0");
        assertThat(server.soa().getRcode()).isEqualTo(Rcode.NOERROR);
        assertThat(server.soa().getHeader().getFlag(Flags.AA)).isTrue();
        assertThat(server.soa().getSection(Section.ANSWER)).hasSize(1);
        own.start(own.members().getFirst());
        server.awaitReady(true);
        own.kill(own.members().getFirst());
      }
      // A start without etcd: its age counts from there.
      try (Server server = Server.start(home, config)) {
        server.awaitReady(true);
        server.awaitReady(false);
        assertThat(server.soa().getRcode()).isEqualTo(Rcode.NOERROR);
        own.start(own.members().getFirst());
        server.awaitReady(true);
      }
    }
  }

  /** A server, a process of its own. */
  private static final class Server implements AutoCloseable {
    private final Process process;
    private final Path log;
    private final HttpClient client = HttpClient.newHttpClient();

    private Server(Process process, Path log) {
      this.process = process;
      this.log = log;
    }

    static Server start(Path home, EtcdConfig config) throws IOException {
      Files.createDirectories(home.resolve("zones"));
      Path file = home.resolve("flashdns.yaml");
      Files.writeString(
          file,
          "etcd: {endpoints: [%s], prefix: %s, withdraw-after: %ds}%n"
              .formatted(
                  String.join(", ", config.endpoints()), config.prefix(), AFTER.toSeconds()));
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-XX:TieredStopAtLevel=1"));
      command.addAll(List.of("-Dflashdns.home=" + home, "-cp"));
      command.add(System.getProperty("java.class.path"));
      command.addAll(List.of("io.flashdns.management.server.Main", "serve"));
      command.addAll(List.of("--config=" + file, "--data=" + home.resolve("data")));
      for (String door : List.of("--listen", "--operations", "--api", "--api-json")) {
        command.add(door + "=127.0.0.1:0");
      }
      Path log = Files.createTempFile(home, "log", "");
      return new Server(
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start(),
          log);
    }

    /** What it says behind a word; empty until it does. */
    private String said(String word) throws IOException {
      assertThat(process.isAlive()).as(() -> log.toString()).isTrue();
      return Files.readAllLines(log).stream()
          .filter(line -> line.startsWith(word))
          .map(line -> line.substring(word.length()).strip().split(" +")[0])
          .findFirst()
          .orElse("");
    }

    private HttpResponse<String> get(String path) throws Exception {
      URI url = URI.create(said("operations "));
      return client.send(
          HttpRequest.newBuilder(url.resolve(path)).timeout(Duration.ofSeconds(10)).build(),
          HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> ready() throws Exception {
      return get("/ready");
    }

    void awaitReady(boolean is) {
      await().atMost(PATIENCE).until(() -> !said("operations ").isEmpty());
      await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(50))
          .until(() -> ready().statusCode() == (is ? 200 : 503));
    }

    void awaitMetric(String beginning) {
      await().atMost(PATIENCE).until(() -> get("/metrics").body().contains("\n" + beginning));
    }

    /** The value of a metric without labels. */
    String metric(String name) throws Exception {
      return get("/metrics")
          .body()
          .lines()
          .filter(line -> line.startsWith(name + " "))
          .map(line -> line.substring(name.length() + 1))
          .findFirst()
          .orElseThrow();
    }

    /** Asks for the SOA of the zone. */
    Message soa() throws Exception {
      String place = said("listening ");
      int port = Integer.parseInt(place.replaceAll("^.*:([0-9]+).*$", "$1"));
      SimpleResolver resolver =
          new SimpleResolver(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      resolver.setTimeout(Duration.ofSeconds(5));
      return resolver.send(
          Message.newQuery(Record.newRecord(Name.fromString(ZONE), Type.SOA, DClass.IN)));
    }

    @Override
    public void close() {
      var _ = process.destroyForcibly();
      process.onExit().join();
      client.close();
    }
  }
}
