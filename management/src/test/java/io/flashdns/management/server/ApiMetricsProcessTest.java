package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flashdns.management.tenancy.FirstAdmin;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the API does, in the metrics of a process. */
class ApiMetricsProcessTest {
  private static final String ZONE = "{\"zone\":{\"name\":{\"apex\":\"metric.example.\"}}}";

  @TempDir private Path home;
  private final HttpClient http = HttpClient.newHttpClient();
  private ServerProcess server;
  private URI api;
  private String admin;

  @BeforeEach
  void start() throws Exception {
    server =
        ServerProcess.start(
            home, "serve", "--listen", "127.0.0.1:0", "--data", home.resolve("data").toString());
    var _ = server.awaitReady();
    await().until(() -> server.out().stream().anyMatch(line -> line.startsWith("api  ")));
    await().until(() -> server.out().stream().anyMatch(line -> line.contains("/openapi.json")));
    api = URI.create(word("/openapi.json", "http://"));
    admin = Files.readString(home.resolve("data").resolve(FirstAdmin.FILE)).strip();
  }

  @AfterEach
  void end() throws Exception {
    server.kill();
    http.close();
  }

  /** The word that begins so, of the line that has something. */
  private String word(String has, String begins) {
    for (String line : server.out()) {
      if (line.contains(has)) {
        for (String word : line.split("[ ,]+")) {
          if (word.startsWith(begins)) {
            return word;
          }
        }
      }
    }
    throw new AssertionError(server.out().toString());
  }

  private int call(String method, String token, String body) throws Exception {
    return http.send(
            HttpRequest.newBuilder(api.resolve("/flashdns.v1." + method))
                .header("Content-Type", "application/json")
                .header("Authorization", "Bearer " + token)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  private List<String> scrape() throws Exception {
    URI operations = URI.create(word("operations ", "http://"));
    return http.send(
            HttpRequest.newBuilder(operations.resolve("/metrics")).build(),
            HttpResponse.BodyHandlers.ofLines())
        .body()
        .filter(line -> line.startsWith("flashdns_api_"))
        .toList();
  }

  @Test
  void callsAreCountedByMethodAndCodeAndNobodyIsNamed() throws Exception {
    assertThat(call("ZoneService/CreateZone", admin, ZONE)).isEqualTo(200);
    assertThat(call("ZoneService/CreateZone", admin, ZONE)).isEqualTo(409);
    assertThat(call("ZoneService/GetZone", admin, ZONE)).isEqualTo(200);
    assertThat(call("ZoneService/GetZone", admin, ZONE.replace("metric", "no"))).isEqualTo(404);
    assertThat(call("ZoneService/GetZone", "nonsense", ZONE)).isEqualTo(401);
    assertThat(call("ZoneService/GetZoo", admin, ZONE)).isEqualTo(404);

    await()
        .untilAsserted(
            () ->
                assertThat(scrape())
                    .contains(
                        calls("CreateZone", "OK") + " 1.0",
                        calls("CreateZone", "ALREADY_EXISTS") + " 1.0",
                        calls("GetZone", "OK") + " 1.0",
                        calls("GetZone", "NOT_FOUND") + " 1.0",
                        calls("GetZone", "UNAUTHENTICATED") + " 1.0",
                        calls("ListZones", "OK") + " 0.0",
                        "flashdns_api_calls_under_way 0.0",
                        "flashdns_api_call_seconds_count{kind=\"read\"} 2",
                        "flashdns_api_call_seconds_count{kind=\"write\"} 2",
                        "flashdns_api_unrecognised_total{reason=\"malformed\"} 1.0",
                        "flashdns_api_unrecognised_total{reason=\"signature\"} 0.0",
                        "flashdns_api_audit_entries_total 3.0",
                        "flashdns_api_audit_lost_total 0.0"));
    assertThat(scrape())
        .as("neither what clients call nor zones and tenants become labels")
        .noneMatch(line -> line.contains("GetZoo") || line.contains("metric.example"));
  }

  private static String calls(String method, String code) {
    return "flashdns_api_calls_total{code=\"%s\",method=\"%s\",service=\"ZoneService\"}"
        .formatted(code, method);
  }
}
