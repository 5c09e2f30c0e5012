package io.flashdns.management.grpc;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import io.flashdns.proto.v1.AccessProto;
import io.flashdns.proto.v1.AccessServiceProto;
import io.flashdns.proto.v1.AnnotationsProto;
import io.flashdns.proto.v1.AuditProto;
import io.flashdns.proto.v1.ChangeProto;
import io.flashdns.proto.v1.ChangeServiceProto;
import io.flashdns.proto.v1.NodeProto;
import io.flashdns.proto.v1.Permission;
import io.flashdns.proto.v1.RecordProto;
import io.flashdns.proto.v1.RecordServiceProto;
import io.flashdns.proto.v1.SettingsProto;
import io.flashdns.proto.v1.TenantProto;
import io.flashdns.proto.v1.TenantServiceProto;
import io.flashdns.proto.v1.ZoneFileProto;
import io.flashdns.proto.v1.ZoneProto;
import io.flashdns.proto.v1.ZoneServiceProto;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The calls of the API by JSON as an OpenAPI 3.1 description, made from the descriptors of the
 * protobuf contract and the comments in its files. It is the same for every server of a version and
 * says nothing of what one holds.
 */
public final class OpenApi {
  /** Every file of the contract. */
  static final List<FileDescriptor> FILES =
      List.of(
          AccessProto.getDescriptor(),
          AccessServiceProto.getDescriptor(),
          AnnotationsProto.getDescriptor(),
          AuditProto.getDescriptor(),
          ChangeProto.getDescriptor(),
          ChangeServiceProto.getDescriptor(),
          NodeProto.getDescriptor(),
          RecordProto.getDescriptor(),
          RecordServiceProto.getDescriptor(),
          SettingsProto.getDescriptor(),
          TenantProto.getDescriptor(),
          TenantServiceProto.getDescriptor(),
          ZoneFileProto.getDescriptor(),
          ZoneProto.getDescriptor(),
          ZoneServiceProto.getDescriptor());

  private static final String REF = "#/components/schemas/";
  private static final String ERROR = "connect.Error";
  private static final String OURS = "flashdns.v1";
  private static final Gson GSON =
      new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

  /** Made when first asked for, then kept. */
  private static final class Made {
    private static final String JSON = new OpenApi().made();

    private Made() {}
  }

  private final Map<String, String> comments =
      ProtoComments.of(FILES.stream().map(FileDescriptor::getFullName).toList());
  private final Map<String, JsonObject> schemas = new TreeMap<>();

  private OpenApi() {}

  /** The description, as JSON of some hundred kilobytes. The first time takes a moment. */
  public static String json() {
    return Made.JSON;
  }

  private String made() {
    JsonObject all = new JsonObject();
    all.addProperty("openapi", "3.1.0");
    JsonObject info = new JsonObject();
    info.addProperty("title", "FlashDNS");
    info.addProperty("version", "v1");
    info.addProperty(
        "description",
        "The API of FlashDNS as JSON over HTTP: the unary form of the Connect protocol. Each call"
            + " is a POST of its request; calls that stream are made by gRPC. Fields have the names"
            + " of the JSON mapping of protobuf; numbers of 64 bits are text; an empty field may be"
            + " left out, and is left out of answers. A request with a field that is not known is"
            + " refused; answers may get new fields.");
    JsonObject license = new JsonObject();
    license.addProperty("name", "Apache-2.0");
    license.addProperty("identifier", "Apache-2.0");
    info.add("license", license);
    all.add("info", info);

    JsonArray tags = new JsonArray();
    JsonObject paths = new JsonObject();
    for (FileDescriptor file : FILES) {
      for (ServiceDescriptor service : file.getServices()) {
        JsonObject tag = new JsonObject();
        tag.addProperty("name", service.getName());
        tag.addProperty("description", comment(service.getFullName()));
        tags.add(tag);
        for (MethodDescriptor method : service.getMethods()) {
          paths.add("/" + service.getFullName() + "/" + method.getName(), path(method));
        }
      }
    }
    all.add("tags", tags);
    all.add("paths", paths);

    error();
    JsonObject components = new JsonObject();
    JsonObject sorted = new JsonObject();
    schemas.forEach(sorted::add);
    components.add("schemas", sorted);
    components.add("responses", errorResponse());
    components.add("securitySchemes", securitySchemes());
    all.add("components", components);
    all.add("security", security());
    return GSON.toJson(all) + "\n";
  }

  private String comment(String name) {
    return comments.getOrDefault(name, "");
  }

  private JsonObject path(MethodDescriptor method) {
    JsonObject operation = new JsonObject();
    JsonArray tags = new JsonArray();
    tags.add(method.getService().getName());
    operation.add("tags", tags);
    operation.addProperty("operationId", method.getService().getName() + "_" + method.getName());
    String comment = comment(method.getFullName());
    operation.addProperty("summary", firstSentence(comment));
    Permission permission = method.getOptions().getExtension(AnnotationsProto.permission);
    boolean streams = method.isClientStreaming() || method.isServerStreaming();
    operation.addProperty(
        "description",
        comment
            + "\n\nPermission: "
            + permission.name()
            + (streams ? "\n\nThis call streams: it is made by gRPC, not by JSON." : ""));
    operation.addProperty("x-flashdns-permission", permission.name());
    if (streams) {
      operation.addProperty("x-flashdns-streaming", true);
    }
    JsonObject body = new JsonObject();
    body.addProperty("required", true);
    body.add("content", content(method.getInputType()));
    operation.add("requestBody", body);
    JsonObject responses = new JsonObject();
    if (!streams) {
      JsonObject good = new JsonObject();
      good.addProperty("description", comment(method.getOutputType().getFullName()));
      good.add("content", content(method.getOutputType()));
      responses.add("200", good);
    }
    JsonObject bad = new JsonObject();
    bad.addProperty("$ref", "#/components/responses/Error");
    responses.add(streams ? "501" : "default", bad);
    if (streams) {
      schema(method.getOutputType());
    }
    operation.add("responses", responses);
    JsonObject path = new JsonObject();
    path.add("post", operation);
    return path;
  }

  private static String firstSentence(String comment) {
    int end = comment.indexOf(". ");
    int line = comment.indexOf('\n');
    if (line >= 0 && (end < 0 || line < end)) {
      return comment.substring(0, line).strip();
    }
    return end < 0 ? comment : comment.substring(0, end + 1);
  }

  private JsonObject content(Descriptor message) {
    JsonObject type = new JsonObject();
    type.add("schema", schema(message));
    JsonObject content = new JsonObject();
    content.add(ConnectHandler.JSON, type);
    return content;
  }

  private static JsonObject ref(String name) {
    JsonObject ref = new JsonObject();
    ref.addProperty("$ref", REF + name);
    return ref;
  }

  private JsonObject schema(Descriptor message) {
    String name = message.getFullName();
    if (!message.getFile().getPackage().equals(OURS)) {
      return known(name);
    }
    if (!schemas.containsKey(name)) {
      JsonObject schema = new JsonObject();
      schemas.put(name, schema);
      schema.addProperty("type", "object");
      StringBuilder description = new StringBuilder(comment(name));
      for (OneofDescriptor oneof : message.getRealOneofs()) {
        description
            .append("\n\nAt most one of ")
            .append(
                String.join(
                    ", ", oneof.getFields().stream().map(FieldDescriptor::getJsonName).toList()))
            .append(": ")
            .append(comment(name + "." + oneof.getName()));
      }
      schema.addProperty("description", description.toString());
      JsonObject properties = new JsonObject();
      for (FieldDescriptor field : message.getFields()) {
        properties.add(field.getJsonName(), property(field));
      }
      schema.add("properties", properties);
    }
    return ref(name);
  }

  private JsonObject property(FieldDescriptor field) {
    JsonObject property;
    if (field.isMapField()) {
      property = new JsonObject();
      property.addProperty("type", "object");
      property.add("additionalProperties", type(field.getMessageType().findFieldByName("value")));
    } else if (field.isRepeated()) {
      property = new JsonObject();
      property.addProperty("type", "array");
      property.add("items", type(field));
    } else {
      property = type(field);
    }
    String description = comment(field.getFullName());
    Permission needs = field.getOptions().getExtension(AnnotationsProto.needs);
    if (needs != Permission.PERMISSION_UNSPECIFIED) {
      description += " Takes the permission " + needs.name() + " besides.";
    }
    property.addProperty("description", description);
    return property;
  }

  private JsonObject type(FieldDescriptor field) {
    JsonObject type = new JsonObject();
    switch (field.getType()) {
      case MESSAGE, GROUP -> {
        return schema(field.getMessageType());
      }
      case ENUM -> {
        return schema(field.getEnumType());
      }
      case BOOL -> type.addProperty("type", "boolean");
      case STRING -> type.addProperty("type", "string");
      case BYTES -> {
        type.addProperty("type", "string");
        type.addProperty("contentEncoding", "base64");
      }
      case DOUBLE, FLOAT -> type.addProperty("type", "number");
      case INT32, SINT32, SFIXED32 -> {
        type.addProperty("type", "integer");
        type.addProperty("format", "int32");
      }
      case UINT32, FIXED32 -> {
        type.addProperty("type", "integer");
        type.addProperty("minimum", 0);
        type.addProperty("maximum", 0xFFFF_FFFFL);
      }
      case INT64, SINT64, SFIXED64 -> {
        type.addProperty("type", "string");
        type.addProperty("pattern", "^-?[0-9]+$");
      }
      case UINT64, FIXED64 -> {
        type.addProperty("type", "string");
        type.addProperty("pattern", "^[0-9]+$");
      }
    }
    return type;
  }

  private JsonObject schema(EnumDescriptor values) {
    String name = values.getFullName();
    if (!schemas.containsKey(name)) {
      JsonObject schema = new JsonObject();
      schemas.put(name, schema);
      schema.addProperty("type", "string");
      StringBuilder description = new StringBuilder(comment(name)).append('\n');
      JsonArray names = new JsonArray();
      for (EnumValueDescriptor value : values.getValues()) {
        names.add(value.getName());
        description
            .append("\n- ")
            .append(value.getName())
            .append(": ")
            .append(comment(name + "." + value.getName()));
      }
      schema.addProperty("description", description.toString());
      schema.add("enum", names);
    }
    return ref(name);
  }

  /** Messages of protobuf itself have a form of their own in JSON. */
  private static JsonObject known(String name) {
    JsonObject type = new JsonObject();
    type.addProperty("type", "string");
    switch (name) {
      case "google.protobuf.Timestamp" -> type.addProperty("format", "date-time");
      case "google.protobuf.Duration" -> type.addProperty("pattern", "^-?[0-9]+(\\.[0-9]{1,9})?s$");
      case "google.protobuf.FieldMask" -> {
        // Names of fields with commas between them.
      }
      default -> throw new IllegalStateException(name + " has no form in OpenAPI yet");
    }
    return type;
  }

  private void error() {
    JsonObject schema = new JsonObject();
    schema.addProperty("type", "object");
    schema.addProperty("description", "Why a call was refused, as the Connect protocol has it.");
    JsonObject properties = new JsonObject();
    JsonObject code = new JsonObject();
    code.addProperty("type", "string");
    code.addProperty("description", "The code of gRPC in lower case: not_found.");
    properties.add("code", code);
    JsonObject message = new JsonObject();
    message.addProperty("type", "string");
    message.addProperty("description", "One sentence that says what to do.");
    properties.add("message", message);
    JsonObject details = new JsonObject();
    details.addProperty("type", "array");
    details.addProperty(
        "description", "More, for programs: google.rpc.BadRequest with the fields, for instance.");
    JsonObject detail = new JsonObject();
    detail.addProperty("type", "object");
    JsonObject parts = new JsonObject();
    parts.add("type", text("The full name of the message."));
    parts.add("value", text("The message in protobuf, in base64 without padding."));
    JsonObject debug = new JsonObject();
    debug.addProperty("type", "object");
    debug.addProperty("description", "The message as JSON.");
    parts.add("debug", debug);
    detail.add("properties", parts);
    details.add("items", detail);
    properties.add("details", details);
    schema.add("properties", properties);
    JsonArray required = new JsonArray();
    required.add("code");
    schema.add("required", required);
    schemas.put(ERROR, schema);
  }

  private static JsonObject text(String description) {
    JsonObject text = new JsonObject();
    text.addProperty("type", "string");
    text.addProperty("description", description);
    return text;
  }

  private static JsonObject errorResponse() {
    JsonObject type = new JsonObject();
    type.add("schema", ref(ERROR));
    JsonObject content = new JsonObject();
    content.add(ConnectHandler.JSON, type);
    JsonObject response = new JsonObject();
    response.addProperty("description", "The call was refused; nothing was changed.");
    response.add("content", content);
    JsonObject responses = new JsonObject();
    responses.add("Error", response);
    return responses;
  }

  private static JsonObject securitySchemes() {
    JsonObject bearer = new JsonObject();
    bearer.addProperty("type", "http");
    bearer.addProperty("scheme", "bearer");
    bearer.addProperty("description", "A token of an OpenID Connect issuer, or an API token.");
    JsonObject certificate = new JsonObject();
    certificate.addProperty("type", "mutualTLS");
    certificate.addProperty("description", "A client certificate.");
    JsonObject schemes = new JsonObject();
    schemes.add("bearer", bearer);
    schemes.add("certificate", certificate);
    return schemes;
  }

  private static JsonArray security() {
    JsonArray either = new JsonArray();
    for (String name : List.of("bearer", "certificate")) {
      JsonObject one = new JsonObject();
      one.add(name, new JsonArray());
      either.add(one);
    }
    return either;
  }
}
