package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Metrics and health as those who run a server meet them: a process, HTTP, signals, files. */
class OperationsProcessTest {
  private static final String GOOD =
      """
      $TTL 300
      @ SOA ns1 hostmaster 1 3600 600 86400 300
      @ NS ns1
      ns1 A 192.0.2.53
      """;

  /** A row of the table of metrics. */
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| `(flashdns_[a-z0-9_]+)` \\| ([^|]*)\\|");

  private static final Pattern TYPE = Pattern.compile("(?m)^# TYPE (flashdns_[a-z0-9_]+) ");

  @TempDir private Path home;
  private Path zones;
  private final List<ServerProcess> started = new ArrayList<>();
  private final HttpClient client = HttpClient.newHttpClient();

  @BeforeEach
  void makeZones() throws IOException {
    zones = Files.createDirectory(home.resolve("zones"));
    Files.writeString(zones.resolve("a.example.zone"), GOOD);
    Files.writeString(zones.resolve("b.example.zone"), GOOD);
  }

  @AfterEach
  void end() throws InterruptedException {
    for (ServerProcess server : started) {
      server.kill();
    }
    client.close();
  }

  private ServerProcess serve(String... more) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("serve", "--listen", "127.0.0.1:0"));
    arguments.addAll(List.of(more));
    ServerProcess server = ServerProcess.start(home, arguments.toArray(String[]::new));
    started.add(server);
    return server;
  }

  private Path config(String text) throws IOException {
    return Files.writeString(home.resolve("flashdns.yaml"), text + "\nzones: {folder: zones}\n");
  }

  private static URI url(ServerProcess server) {
    server.awaitReady();
    return URI.create(
        server.out().stream()
            .filter(line -> line.startsWith("operations "))
            .map(line -> line.substring("operations ".length()))
            .findFirst()
            .orElseThrow());
  }

  private HttpResponse<String> get(URI url, String path) throws Exception {
    return client.send(
        HttpRequest.newBuilder(url.resolve(path)).timeout(Duration.ofSeconds(10)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void tableOfMetricsIsWhatAScrapeGives() throws Exception {
    ServerProcess server = serve();
    URI url = url(server);
    try (DnsClient dns = new DnsClient(server.awaitReady())) {
      dns.ask("ns1.a.example", DnsClient.A);
      dns.askTcp("no.b.example", DnsClient.A);
    }
    // The doors of the API open when the server is ready.
    await().until(() -> get(url, "/metrics").body().contains("flashdns_api_"));
    String text = get(url, "/metrics").body();

    Set<String> plugins =
        Pipeline.defaults().names().stream()
            .map(name -> "flashdns_" + name.replace('-', '_') + "_")
            .collect(Collectors.toSet());
    Set<String> shown = names(TYPE, text);
    Set<String> ofPlugins = new TreeSet<>(shown);
    ofPlugins.removeIf(name -> plugins.stream().noneMatch(name::startsWith));
    shown.removeAll(ofPlugins);

    String readme = Files.readString(ShippedFiles.README);
    assertThat(names(ROW, readme)).containsExactlyInAnyOrderElementsOf(shown);
    assertThat(ofPlugins).contains("flashdns_metrics_queries_total");
    Matcher row = ROW.matcher(readme);
    while (row.find()) {
      assertThat(labels(row.group(1), text))
          .as("labels of " + row.group(1))
          .isEqualTo(new TreeSet<>(Set.of(row.group(2).replaceAll("[`\\s]", "").split(","))));
    }
  }

  private static Set<String> names(Pattern pattern, String text) {
    Set<String> names = new TreeSet<>();
    Matcher matcher = pattern.matcher(text);
    while (matcher.find()) {
      names.add(matcher.group(1));
    }
    return names;
  }

  private static Set<String> labels(String metric, String text) {
    Matcher sample = Pattern.compile("(?m)^" + metric + "(?:_bucket)?(?:\\{(.*)})? ").matcher(text);
    assertThat(sample.find()).as(metric).isTrue();
    Set<String> labels = new TreeSet<>();
    if (sample.group(1) == null) {
      labels.add("");
      return labels;
    }
    Matcher label = Pattern.compile("([a-z_]+)=\"[^\"]*\"").matcher(sample.group(1));
    while (label.find()) {
      labels.add(label.group(1));
    }
    return labels;
  }

  @Test
  void queriesAreCountedOnTheWayThroughTransportEngineAndPlugin() throws Exception {
    ServerProcess server = serve();
    URI url = url(server);
    try (DnsClient dns = new DnsClient(server.awaitReady())) {
      for (int i = 0; i < 5; i++) {
        dns.ask("ns1.a.example", DnsClient.A);
      }
      dns.askTcp("ns1.a.example", DnsClient.A);
    }

    assertThat(get(url, "/metrics").body())
        .contains("flashdns_queries_total{protocol=\"udp\"} 5.0\n")
        .contains("flashdns_queries_total{protocol=\"tcp\"} 1.0\n")
        .contains("flashdns_transport_udp_received_total 5.0\n")
        .contains("flashdns_transport_tcp_messages_total 1.0\n")
        .contains("flashdns_zones 2.0\n")
        .contains(
            "flashdns_metrics_queries_total{family=\"ipv4\",protocol=\"udp\",type=\"A\"} 5.0\n");
    assertThat(server.out()).noneMatch(line -> line.contains("/metrics"));
    assertThat(server.err()).isEmpty();
  }

  @Test
  void manyScrapersAndIdleClientsCostNoQueryItsAnswer() throws Exception {
    ServerProcess server = serve();
    URI url = url(server);
    List<Socket> idle = new ArrayList<>();
    List<Thread> scrapers = new ArrayList<>();
    AtomicBoolean stop = new AtomicBoolean();
    AtomicInteger scrapes = new AtomicInteger();
    try (QueryStream queries = new QueryStream(server.awaitReady(), "ns1.a.example")) {
      for (int i = 0; i < 30; i++) {
        if (i < 8) {
          idle.add(new Socket(url.getHost(), url.getPort()));
        }
        scrapers.add(
            Thread.ofVirtual()
                .start(
                    () -> {
                      while (!stop.get()) {
                        try {
                          scrapes.addAndGet(get(url, "/metrics").statusCode() == 200 ? 1 : 0);
                        } catch (Exception _) {
                          // turned away
                        }
                      }
                    }));
      }
      await().atMost(Duration.ofSeconds(30)).until(() -> scrapes.get() > 300);
      queries.stop();

      assertThat(queries.wrong()).isEmpty();
      assertThat(queries.asked()).isGreaterThan(300);
    } finally {
      stop.set(true);
      for (Thread scraper : scrapers) {
        scraper.join();
      }
      for (Socket socket : idle) {
        socket.close();
      }
    }
  }

  @Test
  void goodServerIsLiveAndReady() throws Exception {
    URI url = url(serve());

    assertThat(get(url, "/ready").body()).isEqualTo("ready\n");
    assertThat(get(url, "/ready").statusCode()).isEqualTo(200);
    await()
        .during(Duration.ofSeconds(6))
        .atMost(Duration.ofSeconds(8))
        .until(() -> get(url, "/live").statusCode() == 200);
  }

  @Test
  void zoneThatIsBrokenNowLeavesTheServerReadyAndIsSaid() throws Exception {
    ServerProcess server = serve();
    URI url = url(server);
    Files.writeString(zones.resolve("a.example.zone"), GOOD + "www A 192.0.2.\n");
    server.reload();

    assertThat(get(url, "/ready").statusCode()).isEqualTo(200);
    assertThat(get(url, "/ready").body())
        .contains("a.example.zone is broken now, its zone is served as it was before");
    assertThat(get(url, "/metrics").body())
        .contains("flashdns_zones_outdated 1.0\n")
        .contains("flashdns_ready 1.0\n");

    Files.writeString(zones.resolve("a.example.zone"), GOOD + "www A 192.0.2.1\n");
    server.reload();
    assertThat(get(url, "/ready").body()).isEqualTo("ready\n");
    assertThat(get(url, "/metrics").body()).contains("flashdns_zones_outdated 0.0\n");
  }

  @Test
  void zoneThatWasNeverReadMakesUnreadyUntilItIsMendedOrRemoved() throws Exception {
    Files.writeString(zones.resolve("c.example.zone"), "no zone");
    ServerProcess server = serve();
    URI url = url(server);

    assertThat(get(url, "/ready").statusCode()).isEqualTo(503);
    assertThat(get(url, "/ready").body())
        .startsWith("not ready\n")
        .contains("c.example.zone was never read without errors");
    assertThat(get(url, "/live").statusCode()).isEqualTo(200);
    assertThat(get(url, "/metrics").body())
        .contains("flashdns_zones_broken 1.0\n")
        .contains("flashdns_ready 0.0\n");

    Files.writeString(zones.resolve("c.example.zone"), GOOD);
    server.reload();
    assertThat(get(url, "/ready").statusCode()).isEqualTo(200);

    Files.writeString(zones.resolve("d.example.zone"), "no zone");
    server.reload();
    assertThat(get(url, "/ready").statusCode()).isEqualTo(503);
    Files.delete(zones.resolve("d.example.zone"));
    server.reload();
    assertThat(get(url, "/ready").statusCode()).isEqualTo(200);
  }

  @Test
  void brokenZonesCanBeAllowed() throws Exception {
    Files.writeString(zones.resolve("c.example.zone"), "no zone");
    Path config = config("operations: {ready-with-broken-zones: true}");
    URI url = url(serve("--config", config.toString()));

    assertThat(get(url, "/ready").statusCode()).isEqualTo(200);
    assertThat(get(url, "/ready").body()).contains("c.example.zone was never read");
  }

  @Test
  void folderThatIsGoneLeavesTheServerReadyAndIsSaid() throws Exception {
    ServerProcess server = serve("--zones", zones.toString());
    URI url = url(server);
    Files.move(zones, home.resolve("away"));
    server.reload();

    assertThat(get(url, "/ready").statusCode()).isEqualTo(200);
    assertThat(get(url, "/ready").body()).contains("the folder of zones cannot be read");
  }

  @Test
  void drainingServerIsNotReady() throws Exception {
    ServerProcess server = serve();
    InetSocketAddress dns = server.awaitReady();
    URI url = url(server);
    assertThat(get(url, "/ready").statusCode()).isEqualTo(200);
    try (Socket open = new Socket(dns.getAddress(), dns.getPort())) {
      DnsClient.askOn(open, "ns1.a.example", DnsClient.A);
      server.signal("TERM");

      List<Integer> seen = new ArrayList<>();
      await()
          .atMost(Duration.ofSeconds(20))
          .until(
              () -> {
                try {
                  seen.add(get(url, "/ready").statusCode());
                  return false;
                } catch (IOException _) {
                  return true; // gone
                }
              });
      int firstNo = seen.indexOf(503);
      if (firstNo >= 0) {
        assertThat(seen.subList(firstNo, seen.size())).containsOnly(503);
      }
    }
    assertThat(server.awaitEnd()).isZero();
  }

  @Test
  void portThatIsTakenIsASentenceAndNothingServes() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      Path config = config("operations: {listen: \"127.0.0.1:" + taken.getLocalPort() + "\"}");
      ServerProcess server =
          ServerProcess.start(
              home,
              "serve",
              "--listen",
              "127.0.0.1:0",
              "--config",
              config.toString(),
              "--operations",
              "127.0.0.1:" + taken.getLocalPort());
      started.add(server);

      assertThat(server.awaitEnd()).isEqualTo(1);
      assertThat(server.err().getLast())
          .startsWith("flashdns: operations.listen: 127.0.0.1:" + taken.getLocalPort())
          .contains("give another port");
      assertThat(server.err()).noneMatch(line -> line.startsWith("\tat "));
    }
  }

  @Test
  void endpointCanBeSwitchedOff() throws Exception {
    Path config = config("operations: {enabled: false}");
    ServerProcess server = serve("--config", config.toString());
    server.awaitReady();

    assertThat(server.out()).noneMatch(line -> line.startsWith("operations "));
  }

  @Test
  void addressThatOthersReachIsRefused() throws Exception {
    ServerProcess option = serve("--operations", "0.0.0.0:9533");
    assertThat(option.awaitEnd()).isEqualTo(2);
    assertThat(option.hasErr("listen must be a loopback address")).as("%s", option).isTrue();

    Path config = config("operations: {listen: \"192.0.2.1:9533\"}");
    ServerProcess file = serve("--config", config.toString());
    assertThat(file.awaitEnd()).isEqualTo(1);
    assertThat(file.hasErr("flashdns.yaml:1:22: error: operations.listen: must be a loopback"))
        .as("%s", file)
        .isTrue();
  }
}
