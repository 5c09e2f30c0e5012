package io.flashdns.management.escape;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import io.flashdns.management.escape.Contract.Method;
import io.flashdns.management.escape.Contract.Path;
import io.flashdns.proto.v1.ImportZoneRequest;
import io.flashdns.proto.v1.Organisation;
import io.flashdns.proto.v1.Policy;
import io.flashdns.proto.v1.Project;
import io.flashdns.proto.v1.ProjectName;
import io.flashdns.proto.v1.RecordId;
import io.flashdns.proto.v1.Token;
import io.flashdns.proto.v1.Zone;
import io.flashdns.proto.v1.ZoneId;
import io.flashdns.proto.v1.ZoneName;
import io.flashdns.proto.v1.ZoneRef;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** Makes requests: what a method needs by a table, and what it names by its descriptor. */
final class Requests {
  /** How a thing is named. */
  enum Form {
    /** By its id; what has none by its name. */
    ID,
    NAME,
    NAME_IN_CAPITALS,
    NAME_ESCAPED,
    NAME_WITHOUT_DOT,
    NAME_IN_VIEW,
    /** A project without its organisation. */
    SHORT,
    /** The organisation of the project alone. */
    WHOLE
  }

  private static final String FILE =
      """
      $TTL 300
      @ IN SOA ns1.example.net. hostmaster.example.net. 7 7200 900 1209600 300
      @ IN NS ns1.example.net.
      matrix IN A 192.0.2.7
      """;

  private final Place depot;

  Requests(Place depot) {
    this.depot = depot;
  }

  /** The ways in which a field can name something. */
  static List<Form> forms(Path path) {
    return switch (path.kind()) {
      case RESOURCE_ZONE, RESOURCE_RECORD ->
          isOfType(path, ZoneName.getDescriptor()) || isText(path)
              ? List.of(Form.NAME, Form.NAME_IN_CAPITALS, Form.NAME_ESCAPED, Form.NAME_WITHOUT_DOT)
              : List.of(
                  Form.ID,
                  Form.NAME,
                  Form.NAME_IN_CAPITALS,
                  Form.NAME_ESCAPED,
                  Form.NAME_WITHOUT_DOT,
                  Form.NAME_IN_VIEW);
      case RESOURCE_PROJECT ->
          path.toString().equals("tenant")
              ? List.of(Form.NAME, Form.SHORT, Form.WHOLE)
              : List.of(Form.NAME, Form.SHORT);
      case RESOURCE_ORGANISATION,
          RESOURCE_ZONE_TRANSFER,
          RESOURCE_NAME_GRANT,
          RESOURCE_TOKEN,
          RESOURCE_POLICY,
          RESOURCE_CHANGE,
          RESOURCE_NODE,
          RESOURCE_UNSPECIFIED,
          UNRECOGNIZED ->
          List.of(Form.ID);
    };
  }

  private static boolean isText(Path path) {
    return path.last().getJavaType() == FieldDescriptor.JavaType.STRING;
  }

  private static boolean isOfType(Path path, com.google.protobuf.Descriptors.Descriptor type) {
    return path.last().getJavaType() == FieldDescriptor.JavaType.MESSAGE
        && path.last().getMessageType().equals(type);
  }

  /**
   * A request that the caller could make in its own project, save that one field names something of
   * another place.
   */
  List<Message> make(
      Method method,
      Place home,
      Path path,
      Place target,
      Form form,
      boolean validateOnly,
      String requestId) {
    boolean ofZone = path.kind().name().endsWith("ZONE") || path.kind().name().endsWith("RECORD");
    Message.Builder request = base(method, path.toString(), home, ofZone ? target : home);
    name(request, path, 0, target, form);
    if (method.name().equals("ZoneService/AcceptZoneTransfer")
        && path.toString().equals("transfer")) {
      request.setField(request.getDescriptorForType().findFieldByName("key"), target.transferKey);
    }
    return ready(method, request, validateOnly, requestId);
  }

  /** A request that names nothing but what is the caller's own. */
  List<Message> make(Method method, Place home, boolean validateOnly, String requestId) {
    return ready(method, base(method, "", home, home), validateOnly, requestId);
  }

  private static List<Message> ready(
      Method method, Message.Builder request, boolean validateOnly, String requestId) {
    if (request instanceof ImportZoneRequest.Builder started) {
      started.getStartBuilder().setValidateOnly(validateOnly).setRequestId(requestId);
      return List.of(
          request.build(),
          ImportZoneRequest.newBuilder()
              .setChunk(ByteString.copyFrom(FILE, StandardCharsets.US_ASCII))
              .build());
    }
    FieldDescriptor only = request.getDescriptorForType().findFieldByName("validate_only");
    if ((only != null) != method.mutates()) {
      throw new AssertionError(method.name() + " changes something without validate_only");
    }
    if (only != null) {
      request.setField(only, validateOnly);
      request.setField(request.getDescriptorForType().findFieldByName("request_id"), requestId);
    }
    return List.of(request.build());
  }

  // ---- naming --------------------------------------------------------------------------------

  private static void name(Message.Builder message, Path path, int at, Place target, Form form) {
    FieldDescriptor field = path.fields().get(at);
    if (at < path.fields().size() - 1) {
      if (field.isRepeated()) {
        Message.Builder one =
            message.getRepeatedFieldCount(field) > 0
                ? ((Message) message.getRepeatedField(field, 0)).toBuilder()
                : message.newBuilderForField(field);
        name(one, path, at + 1, target, form);
        if (message.getRepeatedFieldCount(field) > 0) {
          message.setRepeatedField(field, 0, one.build());
        } else {
          message.addRepeatedField(field, one.build());
        }
        return;
      }
      Message.Builder one = ((Message) message.getField(field)).toBuilder();
      name(one, path, at + 1, target, form);
      message.setField(field, one.build());
      return;
    }
    if (field.isRepeated()) {
      message.clearField(field);
      message.addRepeatedField(field, value(message.newBuilderForField(field), path, target, form));
    } else if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
      message.setField(
          field, value(((Message) message.getField(field)).toBuilder(), path, target, form));
    } else if (field.getJavaType() == FieldDescriptor.JavaType.LONG) {
      message.setField(field, target.revision);
    } else {
      message.setField(field, text(path, target, form));
    }
  }

  private static String text(Path path, Place target, Form form) {
    return switch (path.kind()) {
      case RESOURCE_ORGANISATION -> target.organisation;
      case RESOURCE_ZONE_TRANSFER -> target.transfer;
      case RESOURCE_NAME_GRANT -> target.grant;
      case RESOURCE_TOKEN -> target.token;
      case RESOURCE_POLICY -> target.policy;
      case RESOURCE_NODE -> target.isEmpty() ? "no-such-node" : "";
      case RESOURCE_ZONE -> written("matrix." + target.apex, form);
      case RESOURCE_PROJECT, RESOURCE_RECORD, RESOURCE_CHANGE, RESOURCE_UNSPECIFIED, UNRECOGNIZED ->
          throw new AssertionError(path + " is text");
    };
  }

  private static Message value(Message.Builder value, Path path, Place target, Form form) {
    switch (value) {
      case ZoneRef.Builder ref -> ref.clear().mergeFrom(ref(target, form));
      case RecordId.Builder id -> id.setZone(ref(target, form));
      case Zone.Builder zone -> {
        zone.clearId().clearName();
        if (form == Form.ID) {
          zone.setId(ZoneId.newBuilder().setValue(target.zoneId));
        } else {
          zone.setName(zoneName(target.apex, form));
        }
      }
      case ZoneName.Builder name -> name.clear().mergeFrom(zoneName(target.deletedApex, form));
      case ProjectName.Builder name -> name.clear().mergeFrom(project(target, form));
      case Project.Builder project when path.kind().name().endsWith("PROJECT") ->
          project.setName(project(target, form));
      case Project.Builder project -> project.getNameBuilder().setOrganisation(target.organisation);
      case Organisation.Builder organisation -> organisation.setId(target.organisation);
      case Token.Builder token -> token.setId(target.token);
      case Policy.Builder policy -> policy.setId(target.policy);
      default -> throw new AssertionError("no way is known to name a thing by " + path);
    }
    return value.build();
  }

  private static ProjectName project(Place target, Form form) {
    ProjectName.Builder name = ProjectName.newBuilder();
    if (form != Form.SHORT) {
      name.setOrganisation(target.organisation);
    }
    if (form != Form.WHOLE) {
      name.setProject(target.project);
    }
    return name.build();
  }

  private static ZoneRef ref(Place target, Form form) {
    return form == Form.ID
        ? ZoneRef.newBuilder().setId(ZoneId.newBuilder().setValue(target.zoneId)).build()
        : ZoneRef.newBuilder().setName(zoneName(target.apex, form)).build();
  }

  private static ZoneName zoneName(String apex, Form form) {
    ZoneName.Builder name = ZoneName.newBuilder().setApex(written(apex, form));
    return form == Form.NAME_IN_VIEW ? name.setView("public").build() : name.build();
  }

  /** A name in another form. */
  static String written(String apex, Form form) {
    return switch (form) {
      case NAME_IN_CAPITALS -> apex.toUpperCase(Locale.ROOT);
      case NAME_WITHOUT_DOT -> apex.substring(0, apex.length() - 1);
      case NAME_ESCAPED -> escaped(apex);
      case ID, NAME, NAME_IN_VIEW, SHORT, WHOLE -> apex;
    };
  }

  /** Every third letter as an octet, in capitals. */
  static String escaped(String name) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (Character.isLetter(c) && i % 3 == 0) {
        text.append(String.format(Locale.ROOT, "\\%03d", (int) Character.toUpperCase(c)));
      } else {
        text.append(c);
      }
    }
    return text.toString();
  }

  // ---- what else a method needs --------------------------------------------------------------

  private Message.Builder base(Method method, String path, Place home, Place names) {
    Message.Builder request = method.request();
    try {
      TextFormat.merge(fields(method.name(), path, home, names), request);
    } catch (TextFormat.ParseException e) {
      throw new AssertionError(method.name() + ": " + e.getMessage(), e);
    }
    return request;
  }

  private static String record(String apex) {
    return "{ name: '%s' type: RECORD_TYPE_A data { a { address: '192.0.2.9' } } }"
        .formatted("matrix." + apex);
  }

  private static String www(String apex) {
    return "name: 'www.%s' type: RECORD_TYPE_A".formatted(apex);
  }

  /** A method that is not here fails the test: nobody has thought about how to escape by it. */
  private String fields(String method, String path, Place home, Place names) {
    String apex = names.apex;
    String zone = "{ id { value: '%s' } }".formatted(home.zoneId);
    String project =
        "{ organisation: '%s' project: '%s' }".formatted(home.organisation, home.project);
    String scope = "{ kind: SCOPE_KIND_PROJECT project %s }".formatted(project);
    String create = "{ name { apex: 'new-%s' } project %s }".formatted(home.apex, project);
    return switch (method) {
      case "ZoneService/CreateZone" -> "zone " + create;
      case "ZoneService/GetZone",
          "ZoneService/DeleteZone",
          "ZoneService/ExportZone",
          "ZoneService/DiffZone",
          "ZoneService/ListZoneHistory",
          "RecordService/ListRecords" ->
          "zone " + zone;
      case "ZoneService/UpdateZone" ->
          "zone { id { value: '%s' } comment: 'x' }".formatted(home.zoneId);
      case "ZoneService/UndeleteZone" -> "name { apex: '%s' }".formatted(home.deletedApex);
      case "ZoneService/ImportZone" ->
          path.startsWith("start.create")
              ? "start { create %s force: true }".formatted(create)
              : "start { zone %s force: true }".formatted(zone);
      case "ZoneService/TransferZone" ->
          "zone %s target { organisation: 'acme' project: 'other' }".formatted(zone);
      case "ZoneService/AcceptZoneTransfer" ->
          "transfer: '%s' key: '%s' project %s"
              .formatted(depot.transfer, depot.transferKey, project);
      case "ZoneService/CancelZoneTransfer" -> "transfer: '%s'".formatted(home.transfer);
      case "ZoneService/RollbackZone" ->
          "zone %s revision: %d".formatted(zone, names.isEmpty() ? home.revision : names.revision);
      case "RecordService/CreateRecord" -> "zone %s record %s".formatted(zone, record(apex));
      case "RecordService/GetRecord" -> "id { zone %s %s }".formatted(zone, www(apex));
      case "RecordService/UpdateRecord" ->
          "zone %s record { %s comment: 'x' }".formatted(zone, www(apex));
      case "RecordService/DeleteRecord" -> "id { zone %s %s }".formatted(zone, www(apex));
      case "RecordService/BatchCreateRecords" -> "zone %s records %s".formatted(zone, record(apex));
      case "RecordService/BatchDeleteRecords" ->
          "zone %s records { %s }".formatted(zone, www(apex));
      case "RecordService/ApplyChanges" -> "changes " + change(path, zone, create, apex);
      case "ChangeService/GetChange" -> "revision: " + home.revision;
      case "ChangeService/WaitForChange" -> "timeout { }";
      case "ChangeService/WatchChanges" ->
          "after_revision: 0 heartbeat { seconds: 1 } zones " + zone;
      case "TenantService/CreateOrganisation" -> "organisation { id: 'newcomer' }";
      case "TenantService/GetOrganisation",
          "TenantService/DeleteOrganisation",
          "TenantService/ResumeOrganisation" ->
          "organisation: '%s'".formatted(home.organisation);
      case "TenantService/UpdateOrganisation" ->
          "organisation { id: '%s' display_name: 'x' }".formatted(home.organisation);
      case "TenantService/SuspendOrganisation" ->
          "organisation: '%s' reason: 'x'".formatted(home.organisation);
      case "TenantService/UpdateOrganisationQuotas" ->
          "organisation: '%s' quotas { kind: QUOTA_KIND_ZONES limit: 900 }"
              .formatted(home.organisation);
      case "TenantService/CreateProject" ->
          "project { name { organisation: '%s' project: 'newcomer' } }"
              .formatted(home.organisation);
      case "TenantService/GetProject",
          "TenantService/DeleteProject",
          "TenantService/ResumeProject" ->
          "project " + project;
      case "TenantService/UpdateProject" ->
          "project { name %s display_name: 'x' }".formatted(project);
      case "TenantService/SuspendProject" -> "project %s reason: 'x'".formatted(project);
      case "TenantService/UpdateProjectQuotas" ->
          "project %s quotas { kind: QUOTA_KIND_ZONES limit: 900 }".formatted(project);
      case "TenantService/GetQuotas" -> "tenant " + project;
      case "TenantService/CreateNameGrant" ->
          "grant { name: 'matrix.%s' grantee { organisation: 'someone' project: 'else' } }"
              .formatted(apex);
      case "TenantService/DeleteNameGrant" -> "grant: '%s'".formatted(home.grant);
      case "AccessService/CreateToken" ->
          "token { display_name: 'x' scope %s role: ROLE_VIEWER }".formatted(scope);
      case "AccessService/GetToken", "AccessService/RotateToken", "AccessService/DeleteToken" ->
          "token: '%s'".formatted(home.token);
      case "AccessService/UpdateToken" ->
          "token { id: '%s' display_name: 'x' }".formatted(home.token);
      case "AccessService/CreatePolicy" ->
          "policy { principal: 'oidc:https://id.example#x' scope %s role: ROLE_EDITOR }"
              .formatted(scope);
      case "AccessService/GetPolicy", "AccessService/DeletePolicy" ->
          "policy: '%s'".formatted(home.policy);
      case "AccessService/UpdatePolicy" ->
          "policy { id: '%s' comment: 'x' }".formatted(home.policy);
      case "ZoneService/ListZones",
          "ZoneService/ListZoneTransfers",
          "TenantService/ListOrganisations",
          "TenantService/ListProjects",
          "TenantService/ListNameGrants",
          "AccessService/GetIdentity",
          "AccessService/ListTokens",
          "AccessService/ListPolicies",
          "AuditService/ListAuditEntries",
          "NodeService/GetNode",
          "NodeService/ListNodes",
          "NodeService/GetStore",
          "SettingsService/ListSettings" ->
          "";
      case "SettingsService/GetSettings", "SettingsService/DeleteSettings" ->
          "section: 'ratelimit'";
      case "SettingsService/UpdateSettings" -> "section: 'ratelimit' yaml: 'rate: 0'";
      default -> throw new AssertionError(method + " has no row: say here what it needs");
    };
  }

  private static String change(String path, String zone, String create, String apex) {
    String[] steps = path.split("\\.", -1);
    return switch (steps.length < 2 ? "edit" : steps[1]) {
      case "create" -> "{ create { zone %s } }".formatted(create);
      case "edit" -> "{ edit { zone %s edits { put %s } } }".formatted(zone, record(apex));
      case "replace" ->
          ("{ replace { zone %s records %s records { name: '%s' type: RECORD_TYPE_NS data { ns {"
                  + " server: 'ns1.example.net.' } } } records { name: '%s' type: RECORD_TYPE_SOA"
                  + " data { soa { primary: 'ns1.example.net.' responsible:"
                  + " 'hostmaster.example.net.' refresh_seconds: 7200 retry_seconds: 900"
                  + " expire_seconds: 1209600 minimum_seconds: 300 } } } } }")
              .formatted(zone, record(apex), apex, apex);
      case "configure" ->
          "{ configure { zone { %s comment: 'x' } } }"
              .formatted(zone.substring(1, zone.length() - 1));
      case "delete" -> "{ delete { zone %s } }".formatted(zone);
      default -> throw new AssertionError("no change is known by " + path);
    };
  }
}
