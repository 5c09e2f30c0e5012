package io.flashdns.management.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.rpc.BadRequest;
import io.flashdns.management.identity.TestCertificates;
import io.flashdns.management.identity.TlsConfig;
import io.flashdns.proto.v1.AuditDecision;
import io.flashdns.proto.v1.GetZoneResponse;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The calls of the API as JSON over HTTP. */
final class JsonDoorTest {
  private static final String GET = "{\"zone\":{\"name\":{\"apex\":\"%s\"}}}";

  private static JsonObject json(HttpResponse<String> response) {
    return JsonParser.parseString(response.body()).getAsJsonObject();
  }

  private static String message(HttpResponse<String> response) {
    return json(response).get("message").getAsString();
  }

  @Test
  void callIsServedAndAnsweredAsJson() throws Exception {
    try (Rig rig = Rig.open()) {
      var response = rig.post("ZoneService/GetZone", "viewer", GET.formatted("example.org."));
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.headers().firstValue("content-type")).hasValue("application/json");
      assertThat(response.headers().firstValue("cache-control")).hasValue("no-store");
      assertThat(JsonParser.parseString(response.body()))
          .isEqualTo(
              JsonParser.parseString(
                  """
                  {"zone": {"name": {"apex": "example.org."}, "comment": "read by token:viewer",
                   "revision": "7"}, "revision": "1152921504606846976"}
                  """));
    }
  }

  @Test
  void callIsServedAndAnsweredInProtobuf() throws Exception {
    try (Rig rig = Rig.open()) {
      HttpResponse<byte[]> response =
          rig.http.send(
              rig.request("/flashdns.v1.ZoneService/GetZone")
                  .header("Content-Type", "application/proto")
                  .header("Connect-Protocol-Version", "1")
                  .header("Authorization", "Bearer viewer")
                  .POST(BodyPublishers.ofByteArray(CallGateTest.get("example.org.").toByteArray()))
                  .build(),
              BodyHandlers.ofByteArray());
      assertThat(response.headers().firstValue("content-type")).hasValue("application/proto");
      assertThat(GetZoneResponse.parseFrom(response.body()).getRevision()).isEqualTo(1L << 60);
    }
  }

  @Test
  void refusalsHaveTheCodeTheStatusAndTheDetailsOfConnect() throws Exception {
    try (Rig rig = Rig.open()) {
      var missing = rig.post("ZoneService/GetZone", "viewer", GET.formatted("missing."));
      assertThat(missing.statusCode()).isEqualTo(404);
      assertThat(json(missing).get("code").getAsString()).isEqualTo("not_found");
      JsonObject detail = json(missing).getAsJsonArray("details").get(0).getAsJsonObject();
      assertThat(detail.get("type").getAsString()).isEqualTo("google.rpc.ResourceInfo");
      assertThat(
              com.google.rpc.ResourceInfo.parseFrom(
                      Base64.getDecoder().decode(detail.get("value").getAsString()))
                  .getResourceName())
          .isEqualTo("missing.");
      assertThat(detail.getAsJsonObject("debug").get("resourceName").getAsString())
          .isEqualTo("missing.");

      var broken = rig.post("ZoneService/GetZone", "viewer", GET.formatted("broken."));
      assertThat(broken.statusCode()).isEqualTo(500);
      assertThat(broken.body()).doesNotContain("secret").doesNotContain("Exception");

      var away = rig.post("ZoneService/GetZone", "viewer", GET.formatted("away."));
      assertThat(away.statusCode()).isEqualTo(503);
      assertThat(away.headers().firstValue("retry-after")).isPresent();

      var wrong = rig.post("ZoneService/GetZone", "viewer", GET.formatted("wrong."));
      assertThat(wrong.statusCode()).isEqualTo(400);
      assertThat(
              BadRequest.parseFrom(
                      Base64.getDecoder()
                          .decode(
                              json(wrong)
                                  .getAsJsonArray("details")
                                  .get(0)
                                  .getAsJsonObject()
                                  .get("value")
                                  .getAsString()))
                  .getFieldViolationsCount())
          .as("a body has room for all of them")
          .isEqualTo(1_000);
    }
  }

  @Test
  void callerIsRecognisedBeforeTheRequestIsRead() throws Exception {
    try (Rig rig = Rig.open()) {
      var unknown = rig.post("ZoneService/GetZone", "forged", "{ this is no JSON");
      assertThat(unknown.statusCode()).isEqualTo(401);
      assertThat(unknown.headers().firstValue("www-authenticate")).hasValue("Bearer");
      var denied = rig.post("ZoneService/CreateZone", "viewer", "{ this is no JSON");
      assertThat(denied.statusCode()).isEqualTo(403);
      assertThat(rig.post("ZoneService/GetZone", "viewer", "{ this is no JSON").statusCode())
          .isEqualTo(400);
      assertThat(rig.services.reached).hasValue(0);
      rig.server.close();
      assertThat(rig.audit())
          .extracting(entry -> entry.getDecision())
          .containsExactlyInAnyOrder(
              AuditDecision.AUDIT_DECISION_UNAUTHENTICATED, AuditDecision.AUDIT_DECISION_DENIED);
      assertThat(rig.audit())
          .allSatisfy(entry -> assertThat(entry.getSourceAddress()).startsWith("127.0.0.1:"));
    }
  }

  private static String head(String token, int bodyBytes) {
    return "POST /flashdns.v1.ZoneService/GetZone HTTP/1.1\r\nHost: x\r\n"
        + (token.isEmpty() ? "" : "Authorization: Bearer " + token + "\r\n")
        + "Content-Type: application/json\r\nContent-Length: "
        + bodyBytes
        + "\r\n\r\n";
  }

  @Test
  void callerThatIsNotRecognisedIsToldSoWithoutItsBody() throws Exception {
    try (Rig rig = Rig.open()) {
      for (String token : List.of("", "forged")) {
        String answer = raw(rig, head(token, 1_000_000) + "{\"zone\":");
        assertThat(answer)
            .startsWith("HTTP/1.1 401")
            .containsIgnoringCase("connection: close")
            .contains("\"code\":\"unauthenticated\"");
      }
      assertThat(rig.server.counts().unauthenticated()).isEqualTo(2);
      assertThat(rig.server.counts().calls()).isEqualTo(2);
      rig.server.close();
      assertThat(rig.audit())
          .hasSize(2)
          .allSatisfy(
              entry ->
                  assertThat(entry.getDecision())
                      .isEqualTo(AuditDecision.AUDIT_DECISION_UNAUTHENTICATED));
    }
  }

  @Test
  void bodyForNothingIsNotRead() throws Exception {
    try (Rig rig = Rig.open()) {
      String head = head("owner", 1_000_000);
      assertThat(raw(rig, head.replace("GetZone", "GetNothing"))).startsWith("HTTP/1.1 404");
      assertThat(raw(rig, head.replace("json", "pdf"))).startsWith("HTTP/1.1 415");
      assertThat(raw(rig, head.replace("POST", "PUT"))).startsWith("HTTP/1.1 405");
      assertThat(rig.seen).isEmpty();
    }
  }

  @Test
  void bodyThatComesLaterIsServedWhenItsCallerIsRecognised() throws Exception {
    try (Rig rig = Rig.open();
        Socket socket = new Socket("127.0.0.1", rig.server.jsonAddress().getPort())) {
      socket.setSoTimeout(20_000);
      String body = GET.formatted("late.example.");
      var out = socket.getOutputStream();
      out.write(head("viewer", body.length()).getBytes(StandardCharsets.ISO_8859_1));
      out.flush();
      await().until(() -> rig.seen.size() == 1);
      out.write(body.getBytes(StandardCharsets.ISO_8859_1));
      out.flush();
      String answer = new String(socket.getInputStream().readNBytes(15), StandardCharsets.UTF_8);
      assertThat(answer).startsWith("HTTP/1.1 200 OK");
      assertThat(rig.services.reached).hasValue(1);
    }
  }

  @Test
  void refusalOfAWholeRequestLeavesTheConnectionToTheNext() throws Exception {
    try (Rig rig = Rig.open()) {
      String body = GET.formatted("next.example.");
      String answers =
          raw(
              rig,
              head("forged", body.length())
                  + body
                  + head("viewer", body.length()).replace("GetZone", "GetNothing")
                  + body
                  + head("viewer", body.length()).replace("Host: x", "Host: x\r\nConnection: close")
                  + body);
      assertThat(answers)
          .containsSubsequence("HTTP/1.1 401", "HTTP/1.1 404", "HTTP/1.1 200", "next.example.");
    }
  }

  @Test
  void ticketOfTheDoorCannotBeForgedByAHeader() throws Exception {
    try (Rig rig = Rig.open()) {
      var good = rig.post("ZoneService/GetZone", "owner", GET.formatted("a."));
      assertThat(good.statusCode()).isEqualTo(200);
      for (String ticket : List.of("0", "1", "2", "3")) {
        var response =
            rig.http.send(
                rig.request("/flashdns.v1.ZoneService/GetZone")
                    .header("Content-Type", "application/json")
                    .header("flashdns-ticket", ticket)
                    .POST(BodyPublishers.ofString("{}"))
                    .build(),
                BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(401);
      }
    }
  }

  @Test
  void fieldThatIsNotKnownIsNamed() throws Exception {
    try (Rig rig = Rig.open()) {
      var response =
          rig.post("ZoneService/GetZone", "viewer", "{\"zone\":{\"name\":{\"apexx\":\"a.\"}}}");
      assertThat(response.statusCode()).isEqualTo(400);
      assertThat(message(response))
          .isEqualTo(
              "zone.name.apexx: there is no such field in flashdns.v1.ZoneName: leave it out, or"
                  + " look for its name in /openapi.json");
    }
  }

  @Test
  void nestingOfTenThousandIsRefusedInBothForms() throws Exception {
    try (Rig rig = Rig.open()) {
      var json =
          rig.post(
              "ZoneService/GetZone", "viewer", "{\"zone\":" + "{\"name\":".repeat(10_000) + "1");
      assertThat(json.statusCode()).isEqualTo(400);
      var lists = rig.post("ZoneService/GetZone", "viewer", "{\"zone\":" + "[".repeat(500_000));
      assertThat(lists.statusCode()).isEqualTo(400);
      assertThat(message(lists)).contains("nests deeper than 32");

      HttpResponse<String> proto =
          rig.http.send(
              rig.request("/flashdns.v1.ZoneService/GetZone")
                  .header("Content-Type", "application/proto")
                  .header("Authorization", "Bearer viewer")
                  .POST(BodyPublishers.ofByteArray(nested(10_000)))
                  .build(),
              BodyHandlers.ofString());
      assertThat(proto.statusCode()).isEqualTo(400);
    }
  }

  /** Groups in a field that is not known nest as deep as somebody likes. */
  static byte[] nested(int depth) {
    byte[] octets = new byte[2 * depth];
    for (int i = 0; i < depth; i++) {
      octets[i] = (byte) (15 << 3 | 3);
      octets[2 * depth - 1 - i] = (byte) (15 << 3 | 4);
    }
    return octets;
  }

  @Test
  void bodyBeyondAMebibyteIsRefusedWithAnAnswer() throws Exception {
    try (Rig rig = Rig.open()) {
      String large = "{\"pageToken\":\"" + "x".repeat((1 << 20) + 1) + "\"}";
      var response = rig.post("ZoneService/ListZones", "viewer", large);
      assertThat(response.statusCode()).isEqualTo(413);
      assertThat(json(response).get("code").getAsString()).isEqualTo("resource_exhausted");
      String most = "{\"pageToken\":\"" + "x".repeat((1 << 20) - 20) + "\"}";
      assertThat(rig.post("ZoneService/ListZones", "viewer", most).statusCode())
          .as("up to that it is read")
          .isEqualTo(501);
    }
  }

  @Test
  void pathMethodAndTypeAreExact() throws Exception {
    try (Rig rig = Rig.open()) {
      for (String path :
          List.of(
              "/",
              "/flashdns.v1.ZoneService/GetZone/",
              "/flashdns.v1.ZoneService/getZone",
              "//flashdns.v1.ZoneService/GetZone",
              "/flashdns.v1.ZoneService/GetZone?x=1",
              "/flashdns.v1.ZoneService%2FGetZone",
              "/api/flashdns.v1.ZoneService/GetZone",
              "/grpc.health.v1.Health/Check",
              "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo")) {
        var response =
            rig.http.send(
                rig.request(path)
                    .header("Content-Type", "application/json")
                    .header("Authorization", "Bearer owner")
                    .POST(BodyPublishers.ofString("{}"))
                    .build(),
                BodyHandlers.ofString());
        assertThat(response.statusCode()).as(path).isEqualTo(404);
      }
      var get =
          rig.http.send(
              rig.request("/flashdns.v1.ZoneService/GetZone").build(), BodyHandlers.ofString());
      assertThat(get.statusCode()).isEqualTo(405);
      assertThat(get.headers().firstValue("allow")).hasValue("POST");
      var form =
          rig.http.send(
              rig.request("/flashdns.v1.ZoneService/GetZone")
                  .header("Content-Type", "application/x-www-form-urlencoded")
                  .POST(BodyPublishers.ofString("{}"))
                  .build(),
              BodyHandlers.ofString());
      assertThat(form.statusCode()).isEqualTo(415);
      assertThat(form.headers().firstValue("accept-post"))
          .hasValue("application/json, application/proto");
      assertThat(rig.post("ZoneService/ExportZone", "owner", "{}").statusCode()).isEqualTo(501);
      assertThat(rig.seen).isEmpty();
    }
  }

  @Test
  void headersOfConnectAreChecked() throws Exception {
    try (Rig rig = Rig.open()) {
      for (String[] header :
          new String[][] {
            {"Connect-Protocol-Version", "2"},
            {"Connect-Timeout-Ms", "soon"},
            {"Connect-Timeout-Ms", "-1"},
            {"Connect-Timeout-Ms", "12345678901"}
          }) {
        var response =
            rig.http.send(
                rig.request("/flashdns.v1.ZoneService/GetZone")
                    .header("Content-Type", "application/json; charset=utf-8")
                    .header(header[0], header[1])
                    .POST(BodyPublishers.ofString("{}"))
                    .build(),
                BodyHandlers.ofString());
        assertThat(response.statusCode()).as(header[1]).isEqualTo(400);
      }
    }
  }

  @Test
  void timeoutOfTheClientEndsTheCall() throws Exception {
    try (Rig rig = Rig.open()) {
      var response =
          rig.http.send(
              rig.request("/flashdns.v1.ZoneService/GetZone")
                  .header("Content-Type", "application/json")
                  .header("Authorization", "Bearer viewer")
                  .header("Connect-Timeout-Ms", "300")
                  .POST(BodyPublishers.ofString(GET.formatted("slow.")))
                  .build(),
              BodyHandlers.ofString());
      assertThat(response.statusCode()).isEqualTo(504);
      assertThat(json(response).get("code").getAsString()).isEqualTo("deadline_exceeded");
      assertThat(rig.services.woken.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void webPagesOfOthersMayCallOnlyWhenTheirOriginIsListed() throws Exception {
    try (Rig rig = Rig.open(Rig.config().withOrigins(List.of("https://dns.example.org")))) {
      for (String origin : List.of("https://dns.example.org", "https://evil.example")) {
        boolean good = origin.contains("dns.");
        String preflight =
            raw(
                rig,
                "OPTIONS /flashdns.v1.ZoneService/GetZone HTTP/1.1\r\nHost: x\r\nOrigin: "
                    + origin
                    + "\r\nAccess-Control-Request-Method: POST\r\nConnection: close\r\n\r\n");
        assertThat(preflight).startsWith(good ? "HTTP/1.1 204" : "HTTP/1.1 403");
        assertThat(
                preflight
                    .toLowerCase(java.util.Locale.ROOT)
                    .contains("access-control-allow-origin"))
            .isEqualTo(good);
      }
      assertThat(rig.post("ZoneService/GetZone", "viewer", GET.formatted("a.")).headers().map())
          .doesNotContainKey("access-control-allow-origin");
    }
  }

  @Test
  void requestsThatProxiesReadInTwoWaysAreRefused() throws Exception {
    try (Rig rig = Rig.open()) {
      String head = "POST /flashdns.v1.ZoneService/GetZone HTTP/1.1\r\nHost: x\r\n";
      for (String smuggling :
          List.of(
              "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
              "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
              "Content-Length: +2\r\n\r\n{}",
              "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
              "Content-Length : 2\r\n\r\n{}",
              "Bad\u0000Name: 1\r\nContent-Length: 2\r\n\r\n{}")) {
        String answer = raw(rig, head + smuggling);
        assertThat(answer).as(smuggling).startsWith("HTTP/1.1 4").contains("onnection: close");
      }
      assertThat(rig.services.reached).hasValue(0);
    }
  }

  @Test
  void headersBeyondEightKibibytesAreRefused() throws Exception {
    try (Rig rig = Rig.open()) {
      assertThat(
              raw(
                  rig,
                  "POST /flashdns.v1.ZoneService/GetZone HTTP/1.1\r\nHost: x\r\nX-Long: "
                      + "x".repeat(9_000)
                      + "\r\n\r\n"))
          .startsWith("HTTP/1.1 431");
      assertThat(raw(rig, "POST /" + "x".repeat(9_000) + " HTTP/1.1\r\nHost: x\r\n\r\n"))
          .startsWith("HTTP/1.1 414");
    }
  }

  @Test
  void requestsOneBehindTheOtherAreAnsweredInTheirOrder() throws Exception {
    try (Rig rig = Rig.open()) {
      StringBuilder three = new StringBuilder();
      for (String apex : List.of("one.", "two.", "three.")) {
        String body = GET.formatted(apex);
        three
            .append("POST /flashdns.v1.ZoneService/GetZone HTTP/1.1\r\nHost: x\r\n")
            .append("Authorization: Bearer viewer\r\nContent-Type: application/json\r\n")
            .append(apex.equals("three.") ? "Connection: close\r\n" : "")
            .append("Content-Length: ")
            .append(body.length())
            .append("\r\n\r\n")
            .append(body);
      }
      String answers = raw(rig, three.toString());
      assertThat(answers).containsSubsequence("\"one.\"", "\"two.\"", "\"three.\"");
    }
  }

  @Test
  void requestThatIsNeverWholeEndsTheConnection() throws Exception {
    try (Rig rig = Rig.open(Limits.deadline(Duration.ofMillis(500)))) {
      long from = System.nanoTime();
      assertThat(
              raw(
                  rig,
                  "POST /flashdns.v1.ZoneService/GetZone HTTP/1.1\r\nHost: x\r\nX-Some: thing\r\n"))
          .isEmpty();
      assertThat(Duration.ofNanos(System.nanoTime() - from)).isLessThan(Duration.ofSeconds(10));
    }
  }

  @Test
  void curlCanCallIt() throws Exception {
    Path curl = Path.of("/usr/bin/curl");
    assumeTrue(curl.toFile().canExecute());
    try (Rig rig = Rig.open()) {
      Process process =
          new ProcessBuilder(
                  curl.toString(),
                  "-sS",
                  "-H",
                  "Content-Type: application/json",
                  "-H",
                  "Authorization: Bearer owner",
                  "-d",
                  "{\"zone\":{\"name\":{\"apex\":\"curl.example.\"}},\"validate_only\":true}",
                  "http://127.0.0.1:"
                      + rig.server.jsonAddress().getPort()
                      + "/flashdns.v1.ZoneService/CreateZone")
              .redirectErrorStream(true)
              .start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).isZero();
      assertThat(JsonParser.parseString(output))
          .isEqualTo(JsonParser.parseString("{\"zone\":{\"name\":{\"apex\":\"curl.example.\"}}}"));
      rig.server.close();
      assertThat(rig.audit())
          .singleElement()
          .satisfies(entry -> assertThat(entry.getValidateOnly()).isTrue());
    }
  }

  @Test
  void clientCertificateIsShownToTheAuthenticatorByBothDoors(@TempDir Path folder)
      throws Exception {
    TestCertificates authority = new TestCertificates(folder, "authority");
    var server = authority.server("server");
    var client = authority.client("client", "uri:spiffe://example/client");
    TlsConfig tls =
        TlsConfig.of(server.pem(), server.keyPem()).withClientAuthorities(authority.authority());
    try (Rig rig = Rig.open(Rig.config().withTls(tls))) {
      String grpc = TlsCalls.byGrpc(rig, authority.authority(), client);
      assertThat(grpc).isEqualTo("read by mtls:client");
      assertThat(TlsCalls.byGrpc(rig, authority.authority(), null)).isEqualTo("UNAUTHENTICATED");
      assertThat(TlsCalls.byJson(rig, authority.authority(), client))
          .contains("read by mtls:client");
      assertThat(TlsCalls.byJson(rig, authority.authority(), null)).contains("unauthenticated");
      assertThat(raw(rig, "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"))
          .as("plain text at the door with TLS")
          .doesNotContain("openapi");
      TestCertificates stranger = new TestCertificates(folder, "stranger");
      var forged = stranger.client("forged", "uri:spiffe://example/client");
      assertThat(TlsCalls.byJson(rig, authority.authority(), forged)).doesNotContain("read by");
      assertThat(TlsCalls.byGrpc(rig, authority.authority(), forged))
          .isIn("UNAVAILABLE", "UNAUTHENTICATED");
    }
  }

  /** What comes back until the server closes, as text. */
  static String raw(Rig rig, String request) throws Exception {
    try (Socket socket = new Socket("127.0.0.1", rig.server.jsonAddress().getPort())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().flush();
      InputStream in = socket.getInputStream();
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      try {
        in.transferTo(all);
      } catch (java.net.SocketException e) {
        // Closed the hard way: what came, came.
      }
      return all.toString(StandardCharsets.ISO_8859_1);
    }
  }
}
