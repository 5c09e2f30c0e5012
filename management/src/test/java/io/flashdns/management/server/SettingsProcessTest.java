package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flashdns.management.tenancy.FirstAdmin;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Settings that are changed while a server runs, as whoever is called at night does it. */
class SettingsProcessTest {
  private static final int QUERIES = 20;

  /** Limits everybody, and answers what is above the limit empty. */
  private static final String STRICT = "rate: 2\nburst: 2\nwhitelist: []\n";

  @TempDir private Path home;
  private Path config;
  private ServerProcess server;
  private InetSocketAddress dns;

  @BeforeEach
  void start() throws Exception {
    Files.writeString(
        Files.createDirectory(home.resolve("zones")).resolve("a.example.zone"),
        """
        $ORIGIN a.example.
        $TTL 300
        @ SOA ns hostmaster 1 7200 900 1209600 300
        @ NS ns
        ns A 192.0.2.1
        www A 192.0.2.2
        """);
    config = home.resolve("flashdns.yaml");
    file("{}");
    serve();
  }

  @AfterEach
  void end() throws Exception {
    server.kill();
  }

  private void file(String ratelimit) throws IOException {
    Files.writeString(config, "plugins: [ratelimit: " + ratelimit + ", tenancy, zone]\n");
  }

  private void serve() throws Exception {
    server =
        ServerProcess.start(
            home,
            "serve",
            "--config=" + config,
            "--zones=" + home.resolve("zones"),
            "--data=" + home.resolve("data"),
            "--listen=127.0.0.1:0");
    dns = server.awaitReady();
    await().until(() -> server.hasOut("/openapi.json"));
  }

  private String word(String has, int index) {
    return server.out().stream()
        .filter(line -> line.contains(has))
        .map(line -> line.strip().split("[ ,]+")[index])
        .findFirst()
        .orElseThrow();
  }

  /** Runs a command of the client. */
  private ServerProcess client(String... words) throws Exception {
    List<String> all = new ArrayList<>(List.of(words));
    all.add("--server=" + word("api  ", 1));
    all.add("--token-file=" + home.resolve("data").resolve(FirstAdmin.FILE));
    return ServerProcess.start(home, all.toArray(String[]::new));
  }

  private void set(String yaml) throws Exception {
    Path text = Files.writeString(home.resolve("section.yaml"), yaml);
    ServerProcess client =
        client("settings", "set", "ratelimit", "--file=" + text, "--wait", "--wait-time=30s");
    assertThat(client.awaitEnd()).as("%s", client).isZero();
  }

  private void reset() throws Exception {
    ServerProcess client = client("settings", "reset", "ratelimit", "--yes", "--wait");
    assertThat(client.awaitEnd()).as("%s", client).isZero();
  }

  /** How many of some questions are answered and not told to come by TCP. */
  private int answered() throws IOException {
    int answered = 0;
    try (DnsClient asker = new DnsClient(dns)) {
      for (int i = 0; i < QUERIES; i++) {
        answered += asker.ask("www.a.example", DnsClient.A).answers();
      }
    }
    return answered;
  }

  private void assertLimited() throws IOException {
    assertThat(answered()).isLessThan(QUERIES / 2);
  }

  private void assertFree() throws IOException {
    assertThat(answered()).isEqualTo(QUERIES);
  }

  private List<String> metrics() throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      URI operations = URI.create(word("operations ", 1));
      return http.send(
              HttpRequest.newBuilder(operations.resolve("/metrics")).build(),
              HttpResponse.BodyHandlers.ofLines())
          .body()
          .filter(line -> line.startsWith("flashdns_settings_"))
          .toList();
    }
  }

  @Test
  void rateLimitChangesAtOnceSurvivesARestartAndIsTheFilesAgainAfterReset() throws Exception {
    assertFree();
    set(STRICT);
    assertLimited();
    assertThat(server.hasOut("the section ratelimit is the store's now")).isTrue();
    assertThat(metrics()).contains("flashdns_settings_shared 1.0", "flashdns_settings_refused 0.0");

    server.signal("TERM");
    assertThat(server.awaitEnd()).isZero();
    serve();

    assertLimited();
    assertThat(server.hasOut("settings   ratelimit is the store's")).isTrue();
    ServerProcess shown = client("settings", "show", "ratelimit", "--quiet");
    assertThat(shown.awaitEnd()).isZero();
    assertThat(String.join("\n", shown.out()) + "\n").isEqualTo(STRICT);
    ServerProcess check =
        ServerProcess.start(home, "check", "--config=" + config, "--data=" + home.resolve("data"));
    assertThat(check.awaitEnd()).as("%s", check).isZero();
    assertThat(check.hasOut("settings   ratelimit is the store's")).isTrue();

    reset();
    assertFree();
    assertThat(metrics()).contains("flashdns_settings_shared 0.0");
  }

  @Test
  void anotherFileChangesNothingWhileTheStoreHasTheSection() throws Exception {
    set("rate: 0");
    file("{rate: 2, burst: 2, whitelist: []}");
    server.reload();
    assertThat(server.hasOut("the store's settings go on: ratelimit")).isTrue();
    assertFree();

    reset();
    assertLimited();

    file("{}");
    server.reload();
    assertFree();
  }

  @Test
  void textThatIsWrongIsRefusedWithItsLineAndNothingIsChanged() throws Exception {
    Path text = Files.writeString(home.resolve("section.yaml"), "slip: 1\nrate: 6000\n");
    ServerProcess client = client("settings", "set", "ratelimit", "--file=" + text);

    assertThat(client.awaitEnd()).isEqualTo(2);
    assertThat(client.hasErr("line 2, column 7")).as("%s", client).isTrue();
    assertThat(client.hasErr("rate: must be 0 to 5000, not 6000")).as("%s", client).isTrue();
    ServerProcess list = client("settings", "list", "-o", "name");
    assertThat(list.awaitEnd()).isZero();
    assertThat(list.out()).isEmpty();

    ServerProcess acl = client("settings", "set", "acl", "--file=" + empty());
    assertThat(acl.awaitEnd()).isEqualTo(5);
    assertThat(acl.hasErr("does not name the plugin 'acl'")).as("%s", acl).isTrue();
    assertFree();
  }

  private Path empty() throws IOException {
    return Files.writeString(home.resolve("empty.yaml"), "{}\n");
  }
}
