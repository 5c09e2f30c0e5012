package io.flashdns.management.client;

import com.google.protobuf.Timestamp;
import io.flashdns.proto.v1.AccessRule;
import io.flashdns.proto.v1.Permission;
import io.flashdns.proto.v1.ProjectName;
import io.flashdns.proto.v1.Role;
import io.flashdns.proto.v1.Scope;
import io.flashdns.proto.v1.ScopeKind;
import io.flashdns.proto.v1.ZoneRef;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Roles, scopes and rules as arguments and for people. */
final class AccessText {
  private static final String ROLE = "ROLE_";
  private static final String PERMISSION = "PERMISSION_";
  private static final String PLATFORM = "platform";

  private AccessText() {}

  static String role(Role role) {
    return ZoneText.word(role, ROLE);
  }

  static Role role(String text) throws ClientException {
    List<String> known = new ArrayList<>();
    for (Role role : Role.values()) {
      if (role != Role.ROLE_UNSPECIFIED && role != Role.UNRECOGNIZED) {
        if (role(role).equals(text.toLowerCase(Locale.ROOT))) {
          return role;
        }
        known.add(role(role));
      }
    }
    throw ClientException.usage(
        "--role: one of " + String.join(", ", known) + ", not '" + text + "'");
  }

  /** {@code platform}, {@code acme} or {@code acme/web}. */
  static String scope(Scope scope) {
    return scope.getKind() == ScopeKind.SCOPE_KIND_PLATFORM
        ? PLATFORM
        : ZoneNames.project(scope.getProject());
  }

  static Scope scope(String text) throws ClientException {
    if (text.equals(PLATFORM)) {
      return Scope.newBuilder().setKind(ScopeKind.SCOPE_KIND_PLATFORM).build();
    }
    ProjectName name = ZoneNames.tenant(text);
    return Scope.newBuilder()
        .setKind(
            name.getProject().isEmpty()
                ? ScopeKind.SCOPE_KIND_ORGANISATION
                : ScopeKind.SCOPE_KIND_PROJECT)
        .setProject(name)
        .build();
  }

  static Permission permission(String text) throws ClientException {
    List<String> known = new ArrayList<>();
    for (Permission permission : Permission.values()) {
      if (permission != Permission.PERMISSION_UNSPECIFIED
          && permission != Permission.UNRECOGNIZED) {
        if (permission(permission).equals(text)) {
          return permission;
        }
        known.add(permission(permission));
      }
    }
    throw ClientException.usage(
        "--permission: '"
            + text
            + "' is none"
            + Nearest.hint(text, known)
            + "; known are "
            + String.join(", ", known));
  }

  static String permission(Permission permission) {
    return ZoneText.word(permission, PERMISSION);
  }

  /** A rule in one line. */
  static String rule(AccessRule rule) {
    List<String> parts = new ArrayList<>();
    add(parts, "zones", rule.getZonesList().stream().map(AccessText::zone).toList());
    add(parts, "names", rule.getNamesList());
    add(parts, "types", rule.getTypesValueList().stream().map(RecordTypes::name).toList());
    add(
        parts,
        "permissions",
        rule.getPermissionsList().stream().map(AccessText::permission).toList());
    return String.join("; ", parts);
  }

  /** Rules in one line. */
  static String rules(List<AccessRule> rules) {
    return rules.stream().map(AccessText::rule).collect(Collectors.joining(" | "));
  }

  private static String zone(ZoneRef zone) {
    return zone.hasId() ? "id:" + zone.getId().getValue() : ZoneNames.apex(zone.getName());
  }

  private static void add(List<String> parts, String what, List<String> values) {
    if (!values.isEmpty()) {
      parts.add(what + " " + String.join(", ", values));
    }
  }

  static Timestamp timestamp(Instant time) {
    return Timestamp.newBuilder()
        .setSeconds(time.getEpochSecond())
        .setNanos(time.getNano())
        .build();
  }
}
