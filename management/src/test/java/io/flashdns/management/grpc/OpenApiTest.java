package io.flashdns.management.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/** The description of the calls by JSON. */
final class OpenApiTest {
  private static final JsonObject ALL = JsonParser.parseString(OpenApi.json()).getAsJsonObject();

  private static void walk(String at, JsonElement element, BiConsumer<String, JsonObject> visit) {
    if (element instanceof JsonObject object) {
      visit.accept(at, object);
      object.entrySet().forEach(e -> walk(at + "/" + e.getKey(), e.getValue(), visit));
    } else if (element instanceof JsonArray array) {
      array.forEach(e -> walk(at + "/-", e, visit));
    }
  }

  private static JsonObject schemas() {
    return ALL.getAsJsonObject("components").getAsJsonObject("schemas");
  }

  @Test
  void itIsOpenApiWithTheFieldsThatMustBeThere() {
    assertThat(ALL.get("openapi").getAsString()).isEqualTo("3.1.0");
    assertThat(ALL.getAsJsonObject("info").keySet()).contains("title", "version");
    ALL.getAsJsonObject("paths")
        .entrySet()
        .forEach(
            path -> {
              assertThat(path.getKey()).startsWith("/");
              JsonObject post = path.getValue().getAsJsonObject().getAsJsonObject("post");
              assertThat(post.keySet())
                  .contains("operationId", "summary", "description", "requestBody", "responses");
              assertThat(post.get("summary").getAsString()).as(path.getKey()).isNotBlank();
            });
  }

  @Test
  void everyReferenceLeadsSomewhere() {
    int[] refs = {0};
    walk(
        "",
        ALL,
        (at, object) -> {
          JsonElement ref = object.get("$ref");
          if (ref != null && ref.isJsonPrimitive()) {
            refs[0]++;
            JsonElement target = ALL;
            for (String step : ref.getAsString().substring(2).split("/")) {
              assertThat(target.getAsJsonObject().has(step)).as(at + " to " + ref).isTrue();
              target = target.getAsJsonObject().get(step);
            }
          }
        });
    assertThat(refs[0]).isGreaterThan(300);
  }

  @Test
  void everyMethodHasAPathWithItsPermission() {
    JsonObject paths = ALL.getAsJsonObject("paths");
    int methods = 0;
    for (FileDescriptor file : OpenApi.FILES) {
      for (var service : file.getServices()) {
        for (MethodDescriptor method : service.getMethods()) {
          methods++;
          String path = "/" + service.getFullName() + "/" + method.getName();
          assertThat(paths.has(path)).as(path).isTrue();
          JsonObject post = paths.getAsJsonObject(path).getAsJsonObject("post");
          assertThat(post.get("x-flashdns-permission").getAsString()).startsWith("PERMISSION_");
          assertThat(post.has("x-flashdns-streaming"))
              .isEqualTo(method.isClientStreaming() || method.isServerStreaming());
        }
      }
    }
    assertThat(paths.size()).isEqualTo(methods);
    assertThat(methods).isGreaterThanOrEqualTo(60);
  }

  @Test
  void everySchemaAndFieldIsDescribed() {
    for (Map.Entry<String, JsonElement> schema : schemas().entrySet()) {
      JsonObject type = schema.getValue().getAsJsonObject();
      assertThat(type.get("description").getAsString()).as(schema.getKey()).isNotBlank();
      if (type.has("properties")) {
        type.getAsJsonObject("properties")
            .entrySet()
            .forEach(
                field ->
                    assertThat(field.getValue().getAsJsonObject().get("description").getAsString())
                        .as(schema.getKey() + "." + field.getKey())
                        .isNotBlank());
      }
      assertThat(type.get("description").getAsString()).doesNotContain(": \n").doesNotEndWith(": ");
    }
  }

  @Test
  void everyFileOfTheContractIsInIt() throws Exception {
    Path folder = Path.of("").toAbsolutePath().resolveSibling("proto/src/main/proto/flashdns/v1");
    if (Files.isDirectory(folder)) {
      try (var files = Files.list(folder)) {
        List<String> names = files.map(f -> "flashdns/v1/" + f.getFileName()).sorted().toList();
        assertThat(OpenApi.FILES.stream().map(FileDescriptor::getFullName).sorted())
            .containsExactlyElementsOf(names);
      }
    }
  }

  @Test
  void commentsComeFromTheContract() {
    assertThat(schemas().getAsJsonObject("flashdns.v1.ZoneRef").get("description").getAsString())
        .startsWith("Names a zone in a request.")
        .contains("At most one of id, name: Exactly one, required.");
    assertThat(
            schemas().getAsJsonObject("flashdns.v1.SerialPolicy").get("description").getAsString())
        .contains("- SERIAL_POLICY_DATE: YYYYMMDDnn of the day in UTC");
  }

  @Test
  void itIsShownToEverybody() throws Exception {
    try (Rig rig = Rig.open()) {
      var response = rig.http.send(rig.request("/openapi.json").build(), BodyHandlers.ofString());
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.body()).isEqualTo(OpenApi.json());
      assertThat(rig.seen).isEmpty();
    }
  }
}
