package io.flashdns.management.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The API as JSON over HTTP by curl, with dig looking at what came of it. Every answer is held
 * against the description that the server gives of itself.
 */
final class CurlTest {
  /** From the acknowledgement until a dig that sees the change has begun. */
  private static final Duration BOUND = Duration.ofMillis(50);

  @TempDir private static Path folder;
  private static Served served;
  private static Answer described;
  private static JsonObject description;
  private static String admin;
  private static String owner;

  @BeforeAll
  static void serve() throws Exception {
    Tools.need("the Debian package curl", "curl", "--version");
    Tools.need("the Debian package bind9-dnsutils", "dig", "-v");
    served = Served.start(folder);
    admin = Files.readString(served.adminToken()).strip();
    described = curl(served.jsonDoor() + "/openapi.json");
    description = described.json();
    makeTenant();
  }

  @AfterAll
  static void stop() {
    if (served != null) {
      served.close();
    }
  }

  /**
   * What curl got.
   *
   * @param type the media type
   */
  private record Answer(int status, String type, String body) {
    JsonObject json() {
      return JsonParser.parseString(body).getAsJsonObject();
    }
  }

  private static Answer curl(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("curl", "-sS", "--max-time", "20"));
    command.addAll(List.of("-w", "\n%{http_code} %{content_type}"));
    command.addAll(List.of(arguments));
    Tools.Run run = Tools.run(command);
    assertThat(run.status()).as("%s: %s", command, run.err()).isZero();
    int last = run.out().lastIndexOf('\n');
    String[] words = run.out().substring(last + 1).split(" ", 2);
    return new Answer(Integer.parseInt(words[0]), words[1], run.out().substring(0, last));
  }

  private static Answer post(String token, String method, String body) throws Exception {
    return curl(
        "-H",
        "Authorization: Bearer " + token,
        "-H",
        "Content-Type: application/json",
        "-d",
        body,
        served.jsonDoor() + "/flashdns.v1." + method);
  }

  /** A call that must succeed, and whose answer is as it is described. */
  private static JsonObject call(String token, String method, String body) throws Exception {
    Answer answer = post(token, method, body);
    assertThat(answer.status()).as("%s: %s", method, answer.body()).isEqualTo(200);
    assertThat(answer.type()).isEqualTo("application/json");
    JsonObject schema =
        operation(method)
            .getAsJsonObject("responses")
            .getAsJsonObject("200")
            .getAsJsonObject("content")
            .getAsJsonObject("application/json")
            .getAsJsonObject("schema");
    fits(answer.json(), schema, method);
    return answer.json();
  }

  /** A call that must be refused: the error in Connect's form. */
  private static JsonObject refused(
      int status, String code, String token, String method, String body) throws Exception {
    Answer answer = post(token, method, body);
    assertThat(answer.status()).as("%s: %s", method, answer.body()).isEqualTo(status);
    assertThat(answer.type()).isEqualTo("application/json");
    JsonObject error = answer.json();
    fits(
        error,
        description
            .getAsJsonObject("components")
            .getAsJsonObject("schemas")
            .getAsJsonObject("connect.Error"),
        "error of " + method);
    assertThat(error.get("code").getAsString()).isEqualTo(code);
    assertThat(error.get("message").getAsString()).isNotBlank();
    return error;
  }

  /** The octets of the detail of a type. */
  private static byte[] detail(JsonObject error, String type) {
    for (JsonElement one : error.getAsJsonArray("details")) {
      if (one.getAsJsonObject().get("type").getAsString().equals(type)) {
        return Base64.getDecoder().decode(one.getAsJsonObject().get("value").getAsString());
      }
    }
    throw new AssertionError("no " + type + " in " + error);
  }

  private static JsonObject operation(String method) {
    return description
        .getAsJsonObject("paths")
        .getAsJsonObject("/flashdns.v1." + method)
        .getAsJsonObject("post");
  }

  /**
   * Fails when a value is not what its schema says: a field that is not described, for instance.
   */
  private static void fits(JsonElement value, JsonObject schema, String place) {
    if (schema.has("$ref")) {
      String[] path = schema.get("$ref").getAsString().split("/");
      JsonObject target = description;
      for (int i = 1; i < path.length; i++) {
        target = target.getAsJsonObject(path[i]);
      }
      fits(value, target, place);
      return;
    }
    if (!schema.has("type")) {
      return; // anything
    }
    switch (schema.get("type").getAsString()) {
      case "object" -> {
        assertThat(value).as(place).isInstanceOf(JsonObject.class);
        JsonObject properties = schema.getAsJsonObject("properties");
        for (Map.Entry<String, JsonElement> one : value.getAsJsonObject().entrySet()) {
          String at = place + "." + one.getKey();
          JsonElement known = properties == null ? null : properties.get(one.getKey());
          JsonElement others = schema.get("additionalProperties");
          assertThat(known != null || others != null || properties == null)
              .as(at + " is described")
              .isTrue();
          if (known != null) {
            fits(one.getValue(), known.getAsJsonObject(), at);
          } else if (others != null && others.isJsonObject()) {
            fits(one.getValue(), others.getAsJsonObject(), at);
          }
        }
      }
      case "array" -> {
        assertThat(value).as(place).isInstanceOf(JsonArray.class);
        for (JsonElement one : value.getAsJsonArray()) {
          fits(one, schema.getAsJsonObject("items"), place + "[]");
        }
      }
      case "string" -> {
        assertThat(value.isJsonPrimitive() && ((JsonPrimitive) value).isString())
            .as(place)
            .isTrue();
        if (schema.has("pattern")) {
          assertThat(value.getAsString()).as(place).matches(schema.get("pattern").getAsString());
        }
        if (schema.has("enum")) {
          assertThat(schema.getAsJsonArray("enum").contains(value)).as(place + value).isTrue();
        }
      }
      case "integer", "number" ->
          assertThat(value.isJsonPrimitive() && ((JsonPrimitive) value).isNumber())
              .as(place)
              .isTrue();
      case "boolean" ->
          assertThat(value.isJsonPrimitive() && ((JsonPrimitive) value).isBoolean())
              .as(place)
              .isTrue();
      default -> throw new AssertionError(place + ": " + schema);
    }
  }

  /** What dig +short prints; for a name that is not there, nothing. */
  private static List<String> dig(String name, String type) throws Exception {
    Tools.Run run =
        Tools.run(
            List.of(
                "dig",
                "@127.0.0.1",
                "-p",
                "" + served.dns().getPort(),
                "+short",
                "+norecurse",
                name,
                type));
    return run.out().lines().sorted().toList();
  }

  /** Waits until dig sees this, and says how long after now the dig began that did. */
  private static Duration sees(String name, String type, String... expected) {
    long since = System.nanoTime();
    long[] begun = {since};
    await()
        .atMost(Duration.ofSeconds(20))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .until(
            () -> {
              begun[0] = System.nanoTime();
              return dig(name, type).equals(List.of(expected).stream().sorted().toList());
            });
    return Duration.ofNanos(begun[0] - since);
  }

  private static String record(String name, String type, String... data) {
    return """
        {"name": "%s", "type": "RECORD_TYPE_%s", "data": [%s]}"""
        .formatted(name, type, String.join(",", data));
  }

  private static String a(String name, String address) {
    return record(name, "A", "{\"a\": {\"address\": \"%s\"}}".formatted(address));
  }

  private static String zone(String apex) {
    return "\"zone\": {\"name\": {\"apex\": \"%s\"}}".formatted(apex);
  }

  private static void makeTenant() throws Exception {
    JsonObject made =
        call(
            admin,
            "TenantService/CreateOrganisation",
            "{\"organisation\": {\"id\": \"acme\", \"displayName\": \"Acme\"}}");
    assertThat(made.getAsJsonObject("organisation").get("id").getAsString()).isEqualTo("acme");
    var _ =
        call(
            admin,
            "TenantService/CreateProject",
            "{\"project\": {\"name\": {\"organisation\": \"acme\", \"project\": \"web\"}}}");
    owner =
        call(
                admin,
                "AccessService/CreateToken",
                """
                {"token": {"displayName": "by curl", "role": "ROLE_OWNER", "scope":
                  {"kind": "SCOPE_KIND_PROJECT", "project": {"organisation": "acme", "project": "web"}}}}
                """)
            .get("secret")
            .getAsString();
  }

  private static void makeZone(String apex) throws Exception {
    var _ =
        call(
            owner,
            "ZoneService/CreateZone",
            "{\"zone\": {\"name\": {\"apex\": \"%s\"}}}".formatted(apex));
    var _ =
        await()
            .atMost(Duration.ofSeconds(20))
            .until(() -> dig(apex, "SOA"), answer -> !answer.isEmpty());
  }

  @Test
  void serverDescribesAllItsCalls() {
    assertThat(described.status()).isEqualTo(200);
    assertThat(described.type()).isEqualTo("application/json");
    assertThat(description.get("openapi").getAsString()).startsWith("3.1");
    assertThat(description.getAsJsonObject("paths").size()).isGreaterThan(60);
  }

  @Test
  void tokenKnowsWhoItIs() throws Exception {
    JsonObject identity =
        call(owner, "AccessService/GetIdentity", "{}").getAsJsonObject("identity");
    assertThat(identity.get("principal").getAsString()).startsWith("token:");
    JsonObject grant = identity.getAsJsonArray("grants").get(0).getAsJsonObject();
    assertThat(grant.get("role").getAsString()).isEqualTo("ROLE_OWNER");
  }

  @Test
  void digSeesZonesRecordsAndBatches() throws Exception {
    List<Duration> waited = new ArrayList<>();
    JsonObject made =
        call(
            owner,
            "ZoneService/CreateZone",
            "{\"zone\": {\"name\": {\"apex\": \"shop.test\"}, \"labels\": {\"team\": \"web\"}},"
                + " \"records\": [%s]}".formatted(a("www.shop.test", "192.0.2.1")));
    waited.add(sees("www.shop.test", "A", "192.0.2.1"));
    assertThat(made.getAsJsonObject("zone").getAsJsonObject("labels").get("team").getAsString())
        .isEqualTo("web");

    for (int i = 2; i < 12; i++) {
      var _ =
          call(
              owner,
              "RecordService/UpdateRecord",
              "{%s, \"record\": %s}"
                  .formatted(zone("shop.test"), a("www.shop.test", "192.0.2." + i)));
      waited.add(sees("www.shop.test", "A", "192.0.2." + i));
    }
    List<String[]> types =
        List.of(
            new String[] {"AAAA", "{\"aaaa\": {\"address\": \"2001:db8::1\"}}", "2001:db8::1"},
            new String[] {
              "MX",
              "{\"mx\": {\"preference\": 10, \"exchange\": \"www.shop.test\"}}",
              "10 www.shop.test."
            },
            new String[] {"TXT", "{\"txt\": {\"strings\": [\"a b\", \"c\"]}}", "\"a b\" \"c\""},
            new String[] {
              "SRV",
              "{\"srv\": {\"priority\": 1, \"weight\": 2, \"port\": 443, \"target\": \"www.shop.test\"}}",
              "1 2 443 www.shop.test."
            },
            new String[] {
              "CAA",
              "{\"caa\": {\"flags\": 0, \"tag\": \"issue\", \"value\": \"ca.test\"}}",
              "0 issue \"ca.test\""
            },
            new String[] {
              "TLSA",
              "{\"tlsa\": {\"usage\": 3, \"selector\": 1, \"matchingType\": 1, \"association\": \"%s\"}}"
                  .formatted(Base64.getEncoder().encodeToString(new byte[32])),
              "3 1 1 " + "00".repeat(28) + " " + "00".repeat(4)
            });
    for (String[] type : types) {
      var _ =
          call(
              owner,
              "RecordService/CreateRecord",
              "{%s, \"record\": %s}"
                  .formatted(zone("shop.test"), record("t.shop.test", type[0], type[1])));
      waited.add(sees("t.shop.test", type[0], type[2]));
    }

    List<String> batch = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      batch.add(a("h" + i + ".shop.test", "198.51.100." + i));
    }
    JsonObject records =
        call(
            owner,
            "RecordService/BatchCreateRecords",
            "{%s, \"records\": [%s]}".formatted(zone("shop.test"), String.join(",", batch)));
    waited.add(sees("h29.shop.test", "A", "198.51.100.29"));
    assertThat(records.getAsJsonArray("records")).hasSize(30);
    var _ =
        call(
            owner,
            "RecordService/BatchDeleteRecords",
            "{%s, \"records\": [{\"name\": \"h0.shop.test\", \"type\": \"RECORD_TYPE_A\"}]}"
                .formatted(zone("shop.test")));
    waited.add(sees("h0.shop.test", "A"));
    assertThat(dig("h1.shop.test", "A")).containsExactly("198.51.100.1");

    JsonObject applied =
        call(
            owner,
            "RecordService/ApplyChanges",
            """
            {"changes": [
              {"create": {"zone": {"name": {"apex": "blog.test"}}, "records": [%s]}},
              {"edit": {%s, "edits": [{"add": %s}, {"delete": {"name": "h1.shop.test", "type": "RECORD_TYPE_A"}}]}}
            ]}
            """
                .formatted(
                    a("www.blog.test", "192.0.2.99"),
                    zone("shop.test"),
                    a("www.shop.test", "192.0.2.99")));
    waited.add(sees("www.blog.test", "A", "192.0.2.99"));
    assertThat(dig("www.shop.test", "A")).containsExactlyInAnyOrder("192.0.2.11", "192.0.2.99");
    assertThat(dig("h1.shop.test", "A")).isEmpty();
    assertThat(applied.getAsJsonArray("zones")).hasSize(2);

    var _ = call(owner, "ZoneService/DeleteZone", "{%s}".formatted(zone("blog.test")));
    waited.add(sees("www.blog.test", "A"));
    JsonObject listed =
        call(owner, "ZoneService/ListZones", "{\"filter\": \"labels.team = \\\"web\\\"\"}");
    assertThat(listed.getAsJsonArray("zones")).hasSize(1);
    JsonObject page =
        call(
            owner,
            "RecordService/ListRecords",
            "{%s, \"filter\": \"name = \\\"t.shop.test.\\\"\"}".formatted(zone("shop.test")));
    assertThat(page.getAsJsonArray("records")).hasSize(types.size());

    waited.sort(null);
    System.out.printf(
        "%d changes by curl: seen by the dig that began at most %d ms after the answer;"
            + " %d by one that began at once%n",
        waited.size(),
        waited.getLast().toMillis(),
        waited.stream().filter(one -> one.toMillis() < 5).count());
    assertThat(waited.get(waited.size() / 2)).isLessThanOrEqualTo(BOUND);
  }

  @Test
  void errorsHaveConnectsFormAndTheDetailsOfTheContract() throws Exception {
    makeZone("errors.test");
    String body =
        "{%s, \"record\": %s}".formatted(zone("errors.test"), a("bad.errors.test", "192.0.2.999"));
    JsonObject error = refused(400, "invalid_argument", owner, "RecordService/CreateRecord", body);
    BadRequest bad = BadRequest.parseFrom(detail(error, "google.rpc.BadRequest"));
    assertThat(bad.getFieldViolations(0).getField()).isEqualTo("record.data[0].a.address");
    assertThat(dig("bad.errors.test", "A")).isEmpty();

    var _ =
        refused(
            404,
            "not_found",
            owner,
            "ZoneService/GetZone",
            "{%s}".formatted(zone("not-there.test")));
    var _ =
        refused(
            409,
            "already_exists",
            owner,
            "ZoneService/CreateZone",
            "{\"zone\": {\"name\": {\"apex\": \"errors.test\"}}}");
    var _ =
        refused(
            409,
            "aborted",
            owner,
            "ZoneService/DeleteZone",
            "{%s, \"etag\": \"stale\"}".formatted(zone("errors.test")));
    JsonObject denied =
        refused(
            403,
            "permission_denied",
            owner,
            "TenantService/UpdateProjectQuotas",
            "{\"project\": {\"organisation\": \"acme\", \"project\": \"web\"}, \"quotas\":"
                + " [{\"kind\": \"QUOTA_KIND_ZONES\", \"limit\": \"5\"}]}");
    assertThat(ErrorInfo.parseFrom(detail(denied, "google.rpc.ErrorInfo")).getDomain())
        .isEqualTo("flashdns");
    var _ = refused(401, "unauthenticated", "nobody", "ZoneService/ListZones", "{}");
    var _ =
        refused(
            400, "invalid_argument", owner, "ZoneService/ListZones", "{\"pageSize\": \"many\"}");
    var _ = refused(400, "invalid_argument", owner, "ZoneService/ListZones", "{\"unknown\": 1}");
    assertThat(post(owner, "ZoneService/ListZones", "{").status()).isEqualTo(400);
    assertThat(post(owner, "ZoneService/NoSuchCall", "{}").status()).isEqualTo(404);
    assertThat(curl(served.jsonDoor() + "/flashdns.v1.ZoneService/ListZones").status())
        .isEqualTo(405);
  }

  @Test
  void previewChangesNothing() throws Exception {
    makeZone("draft.test");
    List<String> before = dig("draft.test", "SOA");
    JsonObject outcome =
        call(
                owner,
                "RecordService/CreateRecord",
                "{%s, \"record\": %s, \"validateOnly\": true}"
                    .formatted(zone("draft.test"), a("new.draft.test", "192.0.2.1")))
            .getAsJsonObject("outcome");
    assertThat(outcome.get("validatedOnly").getAsBoolean()).isTrue();
    JsonObject difference = outcome.getAsJsonArray("zones").get(0).getAsJsonObject();
    assertThat(difference.getAsJsonArray("records")).hasSize(2);
    assertThat(dig("new.draft.test", "A")).isEmpty();
    assertThat(dig("draft.test", "SOA")).isEqualTo(before);
  }
}
