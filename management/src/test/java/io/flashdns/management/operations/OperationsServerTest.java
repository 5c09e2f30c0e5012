package io.flashdns.management.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.embedded.EmbeddedServer;
import io.flashdns.core.engine.Engine;
import io.flashdns.core.engine.EngineConfig;
import io.flashdns.core.engine.Metric;
import io.flashdns.core.engine.PluginBinding;
import io.flashdns.core.engine.Worker;
import io.flashdns.core.plugin.Plugin;
import io.flashdns.core.plugin.PluginContext;
import io.flashdns.core.plugin.PluginFactory;
import io.flashdns.core.plugin.Protocol;
import io.flashdns.core.plugin.WorkerContext;
import io.flashdns.plugins.metrics.MetricsPluginConfig;
import io.flashdns.plugins.metrics.MetricsPluginFactory;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OperationsServerTest {
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
  private static final OperationsConfig ANY_PORT =
      new OperationsConfig(true, new InetSocketAddress(LOOPBACK, 0), false);
  private static final String OPEN_METRICS =
      "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

  private final HttpClient client = HttpClient.newHttpClient();
  private final NameHash hash = new NameHash(1);
  private final Engine engine =
      new Engine(
          EngineConfig.of(hash),
          List.of(
              new PluginBinding<>(new MetricsPluginFactory(), MetricsPluginConfig.defaults()),
              new PluginBinding<>(new Sets(), new Sets.Config())));
  private final Health health = new Health(1, false, System::nanoTime);
  private final AtomicReference<List<Metric>> more = new AtomicReference<>(List.of());
  private OperationsServer server;

  /** A plugin with sets of metrics on demand. */
  private static final class Sets implements PluginFactory<Sets.Config> {
    record Config() {}

    @Override
    public String name() {
      return "sets";
    }

    @Override
    public int spiVersion() {
      return SPI_VERSION;
    }

    @Override
    public Class<Config> configType() {
      return Config.class;
    }

    @Override
    public Plugin create(Config config, PluginContext context) {
      context
          .metrics()
          .onDemand(
              "tenants",
              sink -> {
                for (int i = 0; i < 100_000; i++) {
                  sink.counter("billed", "Queries by tenant", i, "tenant", "tenant-" + i);
                }
              });
      context
          .metrics()
          .onDemand(
              "broken",
              _ -> {
                throw new IllegalStateException("a fault of the plugin");
              });
      return (WorkerContext _) -> List.of();
    }
  }

  @BeforeEach
  void open() throws IOException {
    server = OperationsServer.open(ANY_PORT, engine, health, more::get, "1.2.3");
  }

  @AfterEach
  void close() {
    server.close();
    client.close();
    engine.close();
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(server.url()).resolve(path))
        .timeout(Duration.ofSeconds(30));
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
  }

  private static Map<String, Double> values(String text) {
    Map<String, Double> values = new HashMap<>();
    for (String line : text.lines().filter(l -> !l.startsWith("#")).toList()) {
      int blank = line.lastIndexOf(' ');
      values.put(line.substring(0, blank), Double.valueOf(line.substring(blank + 1)));
    }
    return values;
  }

  private void query(Worker worker) {
    byte[] question = EmbeddedServer.question("example.", RecordType.A);
    System.arraycopy(question, 0, worker.packet(), 0, question.length);
    worker.beginBatch(System.nanoTime());
    worker.onPacket(question.length, Protocol.UDP, 0, 0, 0xffff_7f00_0001L, 5_000);
  }

  @Test
  void rootNamesThePaths() throws Exception {
    HttpResponse<String> root = get("/");

    assertThat(root.statusCode()).isEqualTo(200);
    assertThat(root.body())
        .contains("/metrics ", "/live ", "/ready ", "/metrics/tenants ", "/metrics/broken ");
  }

  @Test
  void metricsAreThoseOfEnginePluginsProcessAndServer() throws Exception {
    more.set(List.of(Samples.counter("flashdns_more", "What the server adds", 7)));
    Worker worker = engine.newWorker();
    query(worker);
    query(worker);

    HttpResponse<String> scrape = get("/metrics");

    assertThat(scrape.statusCode()).isEqualTo(200);
    assertThat(scrape.headers().firstValue("Content-Type"))
        .hasValue("text/plain; version=0.0.4; charset=utf-8");
    assertThat(scrape.headers().firstValue("Cache-Control")).hasValue("no-store");
    assertThat(values(scrape.body()))
        .containsEntry("flashdns_queries_total{protocol=\"udp\"}", 2.0)
        .containsEntry("flashdns_responses_total{rcode=\"REFUSED\"}", 2.0)
        .containsEntry(
            "flashdns_metrics_queries_total{family=\"ipv4\",protocol=\"udp\",type=\"A\"}", 2.0)
        .containsEntry("flashdns_more_total", 7.0)
        .containsEntry("flashdns_operations_unwritable_metrics", 0.0)
        .containsKey("flashdns_jvm_heap_used_bytes")
        .containsKey("flashdns_process_open_fds")
        .containsKey("flashdns_metrics_latency_seconds_bucket{le=\"+Inf\"}");
    assertThat(scrape.body()).contains("version=\"1.2.3\"").doesNotContain("tenant-");
  }

  @Test
  void openMetricsIsGivenToWhoTakesIt() throws Exception {
    HttpResponse<String> scrape =
        client.send(
            request("/metrics").header("Accept", OPEN_METRICS).build(),
            HttpResponse.BodyHandlers.ofString());

    assertThat(scrape.headers().firstValue("Content-Type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("application/openmetrics-text"));
    assertThat(scrape.body()).endsWith("# EOF\n");
    assertThat(get("/metrics").body()).doesNotContain("# EOF");
  }

  @Test
  void setOnDemandIsShownForItself() throws Exception {
    HttpResponse<String> set = get("/metrics/tenants");

    assertThat(set.statusCode()).isEqualTo(200);
    assertThat(values(set.body()))
        .hasSize(100_001)
        .containsEntry("flashdns_sets_billed_total{tenant=\"tenant-4711\"}", 4711.0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/metrics/zones", "/metrics/", "/metrics/%2e%2e", "/metrics/a/b"})
  void setThatIsNotThereIsAnsweredWithTheNames(String path) throws Exception {
    HttpResponse<String> answer = get(path);

    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(answer.body())
        .isEqualTo("no plugin has this set of metrics; these there are: broken, tenants\n");
  }

  @Test
  void setThatFailsIsAnErrorAndHarmsNothingElse() throws Exception {
    assertThat(get("/metrics/broken").statusCode()).isEqualTo(500);
    assertThat(get("/metrics/broken").body()).doesNotContain("IllegalState");
    assertThat(get("/metrics/tenants").statusCode()).isEqualTo(200);
  }

  @Test
  void metricThatTheFormatDoesNotTakeHarmsNoOther() throws Exception {
    Metric.Sample one = new Metric.Sample(List.of("a"), 1, List.of());
    more.set(
        List.of(
            new Metric(
                "flashdns_twice", "Doubled", Metric.Kind.GAUGE, List.of("x"), List.of(one, one)),
            Samples.gauge("flashdns_queries", "A name that the engine has", 1),
            Samples.gauge("flashdns_good", "Good", 5)));

    assertThat(values(get("/metrics").body()))
        .containsEntry("flashdns_operations_unwritable_metrics", 2.0)
        .containsEntry("flashdns_good", 5.0)
        .containsKey("flashdns_queries_total{protocol=\"udp\"}")
        .doesNotContainKey("flashdns_twice{x=\"a\"}");
  }

  @Test
  void labelValuesAreEscaped() throws Exception {
    Metric.Sample odd = new Metric.Sample(List.of("a\"b\\c\nd"), 1, List.of());
    more.set(
        List.of(new Metric("flashdns_odd", "Odd", Metric.Kind.GAUGE, List.of("x"), List.of(odd))));

    assertThat(get("/metrics").body()).contains("flashdns_odd{x=\"a\\\"b\\\\c\\nd\"} 1.0\n");
  }

  @Test
  void liveAndReadyFollowTheHealth() throws Exception {
    assertThat(get("/live").statusCode()).isEqualTo(200);
    assertThat(get("/live").body()).isEqualTo("live\n");
    assertThat(get("/ready").statusCode()).isEqualTo(503);
    assertThat(get("/ready").body()).startsWith("not ready\n");

    health.serving();
    health.zones(true, List.of(), List.of("x.zone"));
    assertThat(get("/ready").statusCode()).isEqualTo(200);
    assertThat(get("/ready").body())
        .isEqualTo("ready\nx.zone is broken now, its zone is served as it was before\n");

    health.draining();
    assertThat(get("/ready").statusCode()).isEqualTo(503);
    assertThat(get("/live").statusCode()).isEqualTo(200);
  }

  @Test
  void unknownPathIsNotFoundAndNotRepeated() throws Exception {
    HttpResponse<String> answer = get("/%3Cscript%3Ealert(1)?q=secret");

    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(answer.body()).doesNotContain("script", "secret").contains("/metrics");
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS", "TRACE"})
  void onlyReadingIsAllowed(String method) throws Exception {
    HttpResponse<String> answer =
        client.send(
            request("/metrics")
                .method(method, HttpRequest.BodyPublishers.ofString("x".repeat(100_000)))
                .build(),
            HttpResponse.BodyHandlers.ofString());

    assertThat(answer.statusCode()).isEqualTo(405);
    assertThat(answer.headers().firstValue("Allow")).hasValue("GET, HEAD");
    assertThat(get("/live").statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/metrics", "/live", "/metrics/tenants", "/nothing"})
  void headIsGetWithoutABody(String path) throws Exception {
    HttpResponse<String> head =
        client.send(
            request(path).method("HEAD", HttpRequest.BodyPublishers.noBody()).build(),
            HttpResponse.BodyHandlers.ofString());
    HttpResponse<String> got = get(path);

    assertThat(head.statusCode()).isEqualTo(got.statusCode());
    assertThat(head.body()).isEmpty();
    assertThat(head.headers().firstValue("Content-Type"))
        .isEqualTo(got.headers().firstValue("Content-Type"));
  }

  @Test
  void longRequestLineIsCutOff() throws Exception {
    String path = "/" + "a".repeat(7_000);
    assertThat(get(path).statusCode()).isEqualTo(404);

    String reply = raw("GET /" + "a".repeat(9_000) + " HTTP/1.1\r\nHost: x\r\n\r\n");
    assertThat(reply).doesNotContain("aaaa").doesNotStartWith("HTTP/1.1 2");
    assertThat(get("/live").statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\r\n\r\n\r\n",
        "GET\r\n\r\n",
        "GET /live\r\n\r\n",
        "GET <script> HTTP/1.1\r\n\r\n",
        "GET mailto:x HTTP/1.1\r\nHost: x\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /live HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        "\u0016\u0003\u0001 not http at all",
      })
  void whatIsNoRequestHarmsNothing(String request) throws Exception {
    assertThat(raw(request)).doesNotContain("script").doesNotStartWith("HTTP/1.1 2");
    assertThat(get("/live").statusCode()).isEqualTo(200);
  }

  /** What comes back until the server closes, or nothing more comes. */
  private String raw(String request) throws IOException {
    try (Socket socket = new Socket(LOOPBACK, server.address().getPort())) {
      socket.setSoTimeout(300);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      StringBuilder reply = new StringBuilder();
      try {
        InputStream in = socket.getInputStream();
        for (int octet = in.read(); octet >= 0; octet = in.read()) {
          reply.append((char) octet);
        }
      } catch (IOException _) {
        // reset, or nothing more came
      }
      return reply.toString();
    }
  }

  @Test
  void slowClientHoldsUpNobodyAndIsCutOff() throws Exception {
    try (Socket slow = new Socket(LOOPBACK, server.address().getPort())) {
      slow.getOutputStream().write("GET /live HTTP/1.1\r\nX".getBytes(StandardCharsets.US_ASCII));

      for (int i = 0; i < 100; i++) {
        assertThat(get("/live").statusCode()).isEqualTo(200);
      }
      slow.setSoTimeout(10_000);
      assertThat(slow.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void clientThatReadsNothingHoldsUpNobody() throws Exception {
    try (Socket slow = new Socket()) {
      slow.setReceiveBufferSize(4_096);
      slow.connect(server.address());
      slow.getOutputStream()
          .write(
              "GET /metrics/tenants HTTP/1.1\r\nHost: x\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      await().until(() -> slow.getInputStream().available() > 0);

      assertThat(get("/metrics").statusCode()).isEqualTo(200);
      assertThat(get("/live").statusCode()).isEqualTo(200);
      // One large set at a time: who comes second is told so.
      assertThat(get("/metrics/tenants").statusCode()).isEqualTo(503);
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> get("/metrics/tenants").statusCode() == 200);
    }
  }

  @Test
  void manyClientsAreTurnedAwayAndTheServerComesBack() throws Exception {
    List<Socket> open = new ArrayList<>();
    try {
      for (int i = 0; i < 50; i++) {
        Socket socket = new Socket(LOOPBACK, server.address().getPort());
        socket.setSoTimeout(5);
        open.add(socket);
      }
      await()
          .until(
              () ->
                  open.stream().filter(OperationsServerTest::isClosed).count() >= 50 - 16
                      && !isAnswered());
      // Those that say nothing are closed after some seconds, though nobody else has gone.
      await().atMost(Duration.ofSeconds(15)).ignoreExceptions().until(this::isAnswered);
    } finally {
      for (Socket socket : open) {
        socket.close();
      }
    }
  }

  private boolean isAnswered() throws Exception {
    return raw("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").contains(" 200 ");
  }

  private static boolean isClosed(Socket socket) {
    try {
      return socket.getInputStream().read() < 0;
    } catch (java.net.SocketTimeoutException _) {
      return false;
    } catch (IOException _) {
      return true;
    }
  }

  @Test
  void countersNeverFallWhileWorkersCount() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Worker worker = engine.newWorker();
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    while (!stop.get()) {
                      query(worker);
                    }
                  }));
    }
    try {
      Map<String, Double> last = new HashMap<>();
      for (int i = 0; i < 100; i++) {
        engine.housekeep(System.nanoTime());
        Map<String, Double> now = values(get("/metrics").body());
        now.forEach(
            (name, value) -> {
              if (name.matches(".*_(total|bucket|count|sum)(\\{.*)?")) {
                assertThat(value).as(name).isGreaterThanOrEqualTo(last.getOrDefault(name, 0.0));
              }
            });
        last.putAll(now);
      }
      assertThat(last.get("flashdns_queries_total{protocol=\"udp\"}")).isPositive();
    } finally {
      stop.set(true);
      for (Thread thread : threads) {
        thread.join();
      }
    }
    // A scrape of the moment before may be shown again.
    await()
        .untilAsserted(
            () ->
                assertThat(values(get("/metrics").body()))
                    .containsEntry(
                        "flashdns_queries_total{protocol=\"udp\"}",
                        (double) engine.counters().udpQueries()));
  }

  @Test
  void bucketsOfAHistogramAddUp() throws Exception {
    Worker worker = engine.newWorker();
    for (int i = 0; i < 10_000; i++) {
      query(worker);
    }
    String text = get("/metrics").body();
    List<Double> buckets =
        text.lines()
            .filter(line -> line.startsWith("flashdns_metrics_latency_seconds_bucket"))
            .map(line -> Double.valueOf(line.substring(line.lastIndexOf(' '))))
            .toList();

    assertThat(buckets).hasSize(26).isSorted();
    assertThat(values(text))
        .containsEntry("flashdns_metrics_latency_seconds_count", buckets.getLast());
    assertThat(text).contains("le=\"5.12E-7\"", "le=\"1.024E-6\"", "le=\"+Inf\"");
  }

  @Test
  void takenPortIsSaidInOneSentence() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, LOOPBACK)) {
      OperationsConfig config =
          new OperationsConfig(true, new InetSocketAddress(LOOPBACK, taken.getLocalPort()), false);

      assertThatThrownBy(() -> OperationsServer.open(config, engine, health, List::of, "1"))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith(
              "operations.listen: 127.0.0.1:" + taken.getLocalPort() + " cannot be opened")
          .hasMessageContaining("operations.enabled");
    }
  }

  @Test
  void ipv6LoopbackServesToo() throws Exception {
    InetSocketAddress six = new InetSocketAddress(InetAddress.ofLiteral("::1"), 0);
    try (OperationsServer other =
        OperationsServer.open(
            new OperationsConfig(true, six, false), engine, health, List::of, "1")) {
      assertThat(other.url()).isEqualTo("http://[::1]:" + other.address().getPort() + "/");
      HttpResponse<String> live =
          client.send(
              HttpRequest.newBuilder(URI.create(other.url() + "live")).build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(live.statusCode()).isEqualTo(200);
    }
  }

  @Test
  void closedServerIsGoneAtOnce() throws Exception {
    InetSocketAddress address = server.address();
    try (Socket open = new Socket(LOOPBACK, address.getPort())) {
      server.close();

      assertThatThrownBy(() -> new Socket(LOOPBACK, address.getPort()).close())
          .isInstanceOf(IOException.class);
      assertThat(isClosed(open)).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "192.0.2.1", "::", "2001:db8::1"})
  void addressesThatOthersReachAreRefused(String address) {
    assertThatThrownBy(
            () ->
                new OperationsConfig(
                    true, new InetSocketAddress(InetAddress.ofLiteral(address), 9_533), false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("listen must be a loopback address, such as 127.0.0.1:9533");
  }

  @Test
  void portOfDnsIsRefused() {
    assertThatThrownBy(() -> new OperationsConfig(true, new InetSocketAddress(LOOPBACK, 53), false))
        .hasMessage("listen must not have port 53, which is that of DNS: write 127.0.0.1:9533");
  }
}
