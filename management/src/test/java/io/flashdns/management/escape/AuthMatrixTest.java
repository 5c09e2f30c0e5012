package io.flashdns.management.escape;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.management.identity.ForgedTokens;
import io.flashdns.management.identity.RealIssuer;
import io.flashdns.management.server.Plane;
import io.flashdns.proto.v1.AccessServiceGrpc;
import io.flashdns.proto.v1.GetIdentityRequest;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.MetadataUtils;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is not recognised is not served: by no door, and by no side of one. */
class AuthMatrixTest {
  private static final int MIN_CASES = 150;
  private static final String IDENTITY = "/flashdns.v1.AccessService/GetIdentity";
  private static final String ZONES = "/flashdns.v1.ZoneService/ListZones";

  @TempDir private static Path folder;
  private static RealIssuer rsa;
  private static RealIssuer ec;
  private static ForgedTokens forged;
  private static Plane plane;
  private static InetSocketAddress json;

  /** Of somebody who is recognised and has no role. */
  private static String good = "";

  @BeforeAll
  static void start() throws Exception {
    rsa = RealIssuer.rsa("tenants");
    ec = RealIssuer.ec("clusters");
    forged = new ForgedTokens(rsa, ec, Instant.now());
    plane = Plane.start(folder, api -> api.withReflection(true), forged.configs());
    json = new InetSocketAddress(plane.json().getHost(), plane.json().getPort());
    good = forged.honest().getFirst().substring("Bearer ".length());
    // The keys of the issuers are fetched with the first of their tokens.
    for (String honest : forged.honest()) {
      Awaitility.await()
          .atMost(Duration.ofMinutes(1))
          .until(() -> grpc(List.of(honest)) == Status.Code.OK);
    }
  }

  @AfterAll
  static void stop() throws Exception {
    plane.close();
    rsa.close();
    ec.close();
  }

  private static Status.Code grpc(List<String> authorization) {
    Metadata headers = new Metadata();
    for (String value : authorization) {
      headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), value);
    }
    return grpc(headers);
  }

  /** What the client would not send is sent octet by octet. */
  private static boolean isTakenByGrpc(List<String> authorization) throws Exception {
    if (authorization.stream().allMatch(one -> one.chars().allMatch(c -> c >= ' ' && c <= '~'))) {
      return grpc(authorization) == Status.Code.OK;
    }
    List<String> headers = new ArrayList<>();
    authorization.forEach(one -> headers.addAll(List.of("authorization", one)));
    return RawCalls.isAnswered(
        plane.grpc(), call("POST", IDENTITY, headers.toArray(String[]::new)));
  }

  private static Status.Code grpc(Metadata headers) {
    try {
      var _ =
          AccessServiceGrpc.newBlockingStub(plane.channel())
              .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
              .getIdentity(GetIdentityRequest.getDefaultInstance());
      return Status.Code.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    }
  }

  private static List<Integer> told(String text) throws Exception {
    return RawCalls.statuses(RawCalls.http1(json, text));
  }

  private static String[] headers(List<String> authorization) {
    return authorization.stream().map(one -> "Authorization: " + one).toArray(String[]::new);
  }

  /** Blanks around a value are not part of it (RFC 9110 §5.5): no door ever sees them. */
  private static boolean isHonestByWire(List<String> authorization) {
    return authorization.size() == 1 && forged.honest().contains(authorization.getFirst().strip());
  }

  // ---- forged credentials --------------------------------------------------------------------

  @Test
  void forgedCredentialsAreTakenByNoDoor() throws Exception {
    List<String> accepted = new ArrayList<>();
    int byGrpc = 0;
    int byJson = 0;
    for (ForgedTokens.Forged one : forged.all()) {
      if (isHonestByWire(one.authorization())) {
        continue;
      }
      byGrpc++;
      if (isTakenByGrpc(one.authorization())) {
        accepted.add("gRPC: " + one);
      }
      byJson++;
      for (int status : told(RawCalls.post(IDENTITY, "{}", headers(one.authorization())))) {
        if (status < 400) {
          accepted.add("JSON: " + one);
        }
      }
    }
    System.out.println(
        "forged credentials: "
            + byGrpc
            + " by gRPC, "
            + byJson
            + " by JSON, accepted "
            + accepted.size());
    assertThat(accepted).isEmpty();
    assertThat(byGrpc).isGreaterThanOrEqualTo(MIN_CASES);
    for (String honest : forged.honest()) {
      assertThat(grpc(List.of(honest))).isEqualTo(Status.Code.OK);
      assertThat(told(RawCalls.post(IDENTITY, "{}", "Authorization: " + honest)))
          .containsExactly(200);
      assertThat(told(RawCalls.post(IDENTITY, "{}", "aUTHORIZATION: " + honest)))
          .containsExactly(200);
    }
  }

  // ---- the door for JSON ---------------------------------------------------------------------

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** Where else somebody could put a token, or say who he is. */
  private static List<String> elsewhere() {
    return List.of(
        "Cookie: authorization=Bearer " + good,
        "Cookie: token=" + good,
        "Cookie: access_token=" + good + "; session=" + good,
        "Authorization: Basic " + base64("token:" + good),
        "Authorization: Basic " + base64(good + ":"),
        "Authorization: Basic " + base64("admin:admin"),
        "Proxy-Authorization: Bearer " + good,
        "X-Authorization: Bearer " + good,
        "X-Auth-Token: " + good,
        "X-Api-Key: " + plane.adminToken(),
        "X-Access-Token: " + good,
        "Authentication: Bearer " + good,
        "Authorization-Bin: " + base64("Bearer " + good),
        "Grpc-Metadata-Authorization: Bearer " + good,
        "X-Forwarded-Authorization: Bearer " + good,
        "X-Original-Authorization: Bearer " + good,
        "X-Forwarded-User: admin",
        "X-Forwarded-Email: admin@example.org",
        "X-Remote-User: admin",
        "Remote-User: admin",
        "X-User: local:admin",
        "X-Principal: local:admin",
        "X-Forwarded-For: 127.0.0.1",
        "X-Real-Ip: 127.0.0.1",
        "Forwarded: for=127.0.0.1;by=127.0.0.1",
        "X-Forwarded-Client-Cert: By=spiffe://a;Subject=\"CN=admin\"",
        "X-Ssl-Client-Cert: admin",
        "X-Ssl-Client-Verify: SUCCESS",
        "X-Client-Dn: CN=admin",
        "X-Tenant: acme",
        "X-Role: admin",
        "X-Flashdns-Call: 1",
        "Flashdns-Call: 1",
        "Flashdns-Ticket: 1",
        "X-Flashdns-Caller: 1",
        "Sec-WebSocket-Protocol: bearer, " + good,
        "Dpop: " + good,
        "X-Original-Url: " + IDENTITY,
        "X-Rewrite-Url: " + IDENTITY,
        "X-Http-Method-Override: GET",
        "Origin: null",
        "Connect-Protocol-Version: 1",
        "Upgrade: h2c\r\nHttp2-Settings: AAMAAABkAAQAoAAAAAIAAAAA");
  }

  private static List<String> strangePaths() {
    List<String> paths = new ArrayList<>();
    for (String path : List.of(IDENTITY, ZONES)) {
      String bare = path.substring(1);
      int slash = bare.indexOf('/');
      String service = bare.substring(0, slash);
      String method = bare.substring(slash + 1);
      paths.addAll(
          List.of(
              bare,
              "/" + path,
              "//" + path,
              "/." + path,
              "/x/.." + path,
              path + "/",
              path + "//",
              path + "/.",
              path + "/..",
              path + "?",
              path + "?access_token=" + good,
              path + "?authorization=Bearer%20" + good,
              path + "?bearer_token=" + plane.adminToken(),
              path + "#",
              path + ";x=1",
              path + "%00",
              path + "%20",
              path + ".json",
              path + "%2f",
              "/" + service + "%2F" + method,
              "/" + service + "\\" + method,
              "/" + service + "/" + method.toLowerCase(java.util.Locale.ROOT),
              "/" + service.toUpperCase(java.util.Locale.ROOT) + "/" + method,
              "/%66" + bare.substring(1),
              "/" + service + "//" + method,
              "/" + service + "/./" + method,
              "/" + service + "." + method,
              "/" + service + "/" + method + ":",
              "/api" + path,
              "/v1" + path,
              "/healthz" + path,
              "/openapi.json/.." + path,
              "http://127.0.0.1" + path,
              "http://evil.example" + path,
              "*"));
    }
    return paths;
  }

  @Test
  void doorForJsonServesNobodyWhoIsNotRecognised() throws Exception {
    List<String> accepted = new ArrayList<>();
    int cases = 0;
    List<String> requests = new ArrayList<>();
    for (String header : elsewhere()) {
      requests.add(RawCalls.post(IDENTITY, "{}", header));
      requests.add(RawCalls.post(ZONES, "{}", header));
    }
    for (String path : strangePaths()) {
      requests.add(RawCalls.post(path, "{}"));
      requests.add(RawCalls.post(path, "{}", "Authorization: Bearer x"));
    }
    for (String method :
        List.of("GET", "HEAD", "PUT", "PATCH", "DELETE", "TRACE", "post", "Post", "QUERY", "PRI")) {
      requests.add(RawCalls.request(method, IDENTITY, "HTTP/1.1", "{}"));
      requests.add(
          RawCalls.request(method, IDENTITY + "?message=%7B%7D&encoding=json", "HTTP/1.1", ""));
      // With credentials these are no calls either, whatever a header says.
      requests.add(
          RawCalls.request(
              method,
              IDENTITY,
              "HTTP/1.1",
              "{}",
              "Authorization: Bearer " + good,
              "X-HTTP-Method-Override: POST",
              "X-HTTP-Method: POST",
              "X-Method-Override: POST"));
      requests.add(
          RawCalls.request(
              method,
              IDENTITY + "?_method=POST",
              "HTTP/1.1",
              "{}",
              "Authorization: Bearer " + good));
    }
    for (String version : List.of("HTTP/1.0", "HTTP/0.9", "HTTP/1.2", "HTTP/2.0", "HTTP/3")) {
      requests.add(RawCalls.request("POST", IDENTITY, version, "{}"));
      requests.add(RawCalls.request("POST", ZONES, version, "{}"));
    }
    for (String body :
        List.of(
            "{\"authorization\":\"Bearer " + good + "\"}",
            "{\"access_token\":\"" + good + "\"}",
            "access_token=" + good,
            "",
            "null",
            "[]")) {
      requests.add(RawCalls.post(IDENTITY, body));
    }
    String bearer = "Bearer " + good;
    requests.add(
        RawCalls.post(IDENTITY, "{}", "Authorization: " + bearer, "Authorization: " + bearer));
    requests.add(
        RawCalls.post(IDENTITY, "{}", "Authorization: " + bearer, "authorization: Bearer x"));
    requests.add(
        RawCalls.post(IDENTITY, "{}", "AUTHORIZATION: Bearer x", "Authorization: " + bearer));
    requests.add(RawCalls.post(IDENTITY, "{}", "Authorization:", "Authorization: " + bearer));
    requests.add(RawCalls.post(IDENTITY, "{}", "Authorization : " + bearer));
    requests.add(RawCalls.post(IDENTITY, "{}", "Authorization\t: " + bearer));
    requests.add(RawCalls.post(IDENTITY, "{}", " Authorization: " + bearer));
    requests.add(RawCalls.post(IDENTITY, "{}", "X: y\r\n\tAuthorization: " + bearer));
    requests.add(RawCalls.post(IDENTITY, "{}", "Authorization_: " + bearer));
    requests.add(RawCalls.post(IDENTITY, "{}", "Authorization\u0000: " + bearer));
    requests.add(RawCalls.post(IDENTITY, "{}", "Autho\u0072ization\u00a0: " + bearer));
    for (String request : requests) {
      cases++;
      for (int status : told(request)) {
        if (status < 300) {
          accepted.add(status + " to " + request);
        }
      }
    }
    System.out.println("door for JSON: " + cases + " cases, accepted " + accepted.size());
    assertThat(accepted).isEmpty();
    assertThat(cases).isGreaterThanOrEqualTo(MIN_CASES);
  }

  @Test
  void headersThatSaySomethingOfTheCallerChangeNothing() throws Exception {
    String bearer = "Authorization: Bearer " + good;
    String alone = body(RawCalls.http1(json, RawCalls.post(IDENTITY, "{}", bearer)));
    assertThat(alone).contains("alice").doesNotContain("ROLE_");
    for (String header : elsewhere()) {
      if (header.startsWith("Authorization:") || header.startsWith("Upgrade:")) {
        continue;
      }
      assertThat(body(RawCalls.http1(json, RawCalls.post(IDENTITY, "{}", bearer, header))))
          .as(header)
          .isEqualTo(alone);
      assertThat(told(RawCalls.post(ZONES, "{}", bearer, header))).as(header).containsExactly(403);
    }
  }

  private static String body(String told) {
    return told.substring(told.indexOf("\r\n\r\n") + 4);
  }

  @Test
  void connectionDoesNotRememberWhoWasThere() throws Exception {
    String bearer = "Authorization: Bearer " + good;
    String first = RawCalls.post(IDENTITY, "{}", bearer).replace("Connection: close\r\n", "");
    assertThat(told(first + first + RawCalls.post(IDENTITY, "{}"))).containsExactly(200, 200, 401);
    assertThat(told(first + RawCalls.post(IDENTITY, "{}", "Authorization: Bearer x")))
        .containsExactly(200, 401);
    String stranger = RawCalls.post(IDENTITY, "{}").replace("Connection: close\r\n", "");
    assertThat(told(stranger + RawCalls.post(IDENTITY, "{}", bearer))).containsExactly(401, 200);
  }

  // ---- the door for gRPC ---------------------------------------------------------------------

  private static List<Map.Entry<String, String>> call(String method, String path, String... more) {
    List<Map.Entry<String, String>> headers = new ArrayList<>();
    headers.add(Map.entry(":method", method));
    headers.add(Map.entry(":scheme", "http"));
    headers.add(Map.entry(":path", path));
    headers.add(Map.entry(":authority", "127.0.0.1"));
    headers.add(Map.entry("te", "trailers"));
    headers.add(Map.entry("content-type", "application/grpc"));
    for (int i = 0; i < more.length; i += 2) {
      headers.add(Map.entry(more[i], more[i + 1]));
    }
    return headers;
  }

  @Test
  void doorForGrpcServesNobodyWhoIsNotRecognised() throws Exception {
    String bearer = "Bearer " + good;
    assertThat(RawCalls.isAnswered(plane.grpc(), call("POST", IDENTITY, "authorization", bearer)))
        .as("the control")
        .isTrue();
    List<List<Map.Entry<String, String>>> calls = new ArrayList<>();
    for (String path : strangePaths()) {
      calls.add(call("POST", path));
      calls.add(call("POST", path, "authorization", "Bearer x"));
    }
    for (String header : elsewhere()) {
      if (header.startsWith("Upgrade:")) {
        continue;
      }
      int colon = header.indexOf(':');
      String name = header.substring(0, colon).toLowerCase(java.util.Locale.ROOT);
      calls.add(call("POST", IDENTITY, name, header.substring(colon + 2)));
      calls.add(call("POST", ZONES, name, header.substring(colon + 2)));
    }
    for (String method : List.of("GET", "PUT", "HEAD", "OPTIONS", "DELETE", "CONNECT", "post")) {
      calls.add(call(method, IDENTITY));
      calls.add(call(method, IDENTITY, "authorization", bearer, "x-http-method-override", "POST"));
    }
    calls.add(call("POST", IDENTITY, "authorization", bearer, "authorization", bearer));
    calls.add(call("POST", IDENTITY, "authorization", bearer, "authorization", "Bearer x"));
    calls.add(call("POST", IDENTITY, "authorization", "Bearer x", "authorization", bearer));
    calls.add(call("POST", IDENTITY, "Authorization", bearer));
    calls.add(call("POST", IDENTITY, "AUTHORIZATION", bearer));
    calls.add(call("POST", IDENTITY, "authorization ", bearer));
    calls.add(call("POST", IDENTITY, " authorization", bearer));
    calls.add(call("POST", IDENTITY, "authorization-bin", base64(bearer)));
    calls.add(call("POST", IDENTITY, "authorization\u0000", bearer));
    calls.add(call("POST", IDENTITY, ":authorization", bearer));
    for (String path :
        List.of(
            "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
            "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
            "/grpc.channelz.v1.Channelz/GetServers",
            "/grpc.channelz.v1.Channelz/GetTopChannels",
            "/grpc.admin.v1.Admin/Get",
            "/envoy.service.status.v3.ClientStatusDiscoveryService/FetchClientStatus",
            "/grpc.binlog.v1.BinaryLog/Get")) {
      calls.add(call("POST", path));
      calls.add(call("POST", path, "authorization", "Bearer x"));
    }
    List<String> accepted = new ArrayList<>();
    for (List<Map.Entry<String, String>> one : calls) {
      if (RawCalls.isAnswered(plane.grpc(), one)) {
        accepted.add(one.toString());
      }
    }
    System.out.println("door for gRPC: " + calls.size() + " cases, accepted " + accepted.size());
    assertThat(accepted).isEmpty();
    assertThat(calls).hasSizeGreaterThanOrEqualTo(MIN_CASES);
  }

  @Test
  void healthIsToldToEverybodyAndNothingElseWithIt() {
    HealthCheckResponse told =
        HealthGrpc.newBlockingStub(plane.channel()).check(HealthCheckRequest.getDefaultInstance());
    assertThat(told.toByteArray()).hasSizeLessThan(3);
    assertThat(told.getUnknownFields().asMap()).isEmpty();
  }
}
