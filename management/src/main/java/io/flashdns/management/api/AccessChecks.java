package io.flashdns.management.api;

import com.google.rpc.Code;
import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.management.message.CallException;
import io.flashdns.management.message.Violations;
import io.flashdns.management.message.ZoneMessages;
import io.flashdns.management.tenancy.Access;
import io.flashdns.management.tenancy.Rights;
import io.flashdns.management.tenancy.TenantRules;
import io.flashdns.proto.v1.AccessRule;
import io.flashdns.proto.v1.IdentityGrant;
import io.flashdns.proto.v1.Permission;
import io.flashdns.proto.v1.ProjectName;
import io.flashdns.proto.v1.Role;
import io.flashdns.proto.v1.Scope;
import io.flashdns.proto.v1.ScopeKind;
import io.flashdns.proto.v1.ZoneRef;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What holds for tokens and policies alike: scope, role, rules, and that nobody gives too much. */
final class AccessChecks {
  private static final int MAX_RULES = 64;
  private static final int MAX_ZONES = 1_000;
  private static final int MAX_NAMES = 100;
  private static final int MAX_TYPES = 100;
  private static final int MAX_PERMISSIONS = 32;

  private AccessChecks() {}

  /** The scope with the organisation that it means. */
  static Scope scope(Call call, Scope asked, String path) {
    ProjectName name = asked.getProject();
    return switch (asked.getKind()) {
      case SCOPE_KIND_PLATFORM -> {
        if (asked.hasProject()
            && !(name.getOrganisation().isEmpty() && name.getProject().isEmpty())) {
          throw CallException.invalid(
              path + ".project", "the platform has no project: leave it out, or name its kind");
        }
        yield Scope.newBuilder().setKind(ScopeKind.SCOPE_KIND_PLATFORM).build();
      }
      case SCOPE_KIND_ORGANISATION -> {
        if (!name.getProject().isEmpty()) {
          throw CallException.invalid(
              path + ".project.project", "an organisation has no project: leave it out");
        }
        yield Scope.newBuilder()
            .setKind(ScopeKind.SCOPE_KIND_ORGANISATION)
            .setProject(TenantTexts.organisation(Guard.organisation(call, name, path + ".project")))
            .build();
      }
      case SCOPE_KIND_PROJECT ->
          Scope.newBuilder()
              .setKind(ScopeKind.SCOPE_KIND_PROJECT)
              .setProject(ZoneMessages.project(Guard.named(call, name, path + ".project")))
              .build();
      case SCOPE_KIND_UNSPECIFIED, UNRECOGNIZED ->
          throw CallException.invalid(
              path + ".kind", "a scope is required: a project, an organisation or the platform");
    };
  }

  /** Refuses when the scope is not there for the caller, or it may not do this there. */
  static void guard(Call call, ContentView view, Scope scope) throws StoreException {
    if (scope.getKind() == ScopeKind.SCOPE_KIND_PLATFORM) {
      Guard.platform(call, call.permission());
    } else if (scope.getKind() == ScopeKind.SCOPE_KIND_ORGANISATION) {
      Guard.organisation(call, view, scope.getProject().getOrganisation(), call.permission());
    } else {
      Guard.project(call, view, ZoneMessages.owner(scope.getProject()), call.permission());
    }
  }

  /**
   * Something that has a scope, for who may do this there. For who may not even read there, it is
   * not there.
   */
  static <M> M there(
      Call call, @Nullable M stored, Function<M, Scope> scope, String kind, String id) {
    if (stored != null) {
      Scope where = scope.apply(stored);
      if (mayIn(call.rights(), call.permission(), where)) {
        return stored;
      }
      if (mayIn(call.rights(), Permission.PERMISSION_ACCESS_READ, where)) {
        throw CallException.denied(call.permission());
      }
    }
    throw CallException.notFound(kind, id);
  }

  /** Refuses changes in a scope that is suspended. */
  static void requireActive(TenantRules rules, ContentView view, Scope scope, Rights rights)
      throws StoreException {
    if (scope.getKind() == ScopeKind.SCOPE_KIND_ORGANISATION) {
      rules.requireActive(view, scope.getProject().getOrganisation(), rights);
    } else if (scope.getKind() == ScopeKind.SCOPE_KIND_PROJECT) {
      rules.requireActive(view, ZoneMessages.owner(scope.getProject()), rights);
    }
  }

  /** True when this may be done in the whole scope. */
  static boolean mayIn(Rights rights, Permission permission, Scope scope) {
    return switch (scope.getKind()) {
      case SCOPE_KIND_PLATFORM -> rights.mayInPlatform(permission);
      case SCOPE_KIND_ORGANISATION ->
          rights.mayInOrganisation(permission, scope.getProject().getOrganisation());
      case SCOPE_KIND_PROJECT ->
          rights.mayInProject(permission, ZoneMessages.owner(scope.getProject()));
      case SCOPE_KIND_UNSPECIFIED, UNRECOGNIZED -> false;
    };
  }

  static void role(Role role, String path, Violations violations) {
    if (role == Role.ROLE_UNSPECIFIED || role == Role.UNRECOGNIZED) {
      violations.add(path, "a role is required: viewer, editor, owner, admin or auditor");
    }
  }

  static void rules(List<AccessRule> rules, String path, Violations violations) {
    count(rules.size(), MAX_RULES, "rules", path, violations);
    for (int i = 0; i < Math.min(rules.size(), MAX_RULES); i++) {
      rule(rules.get(i), path + "[" + i + "]", violations);
    }
  }

  private static void rule(AccessRule rule, String path, Violations violations) {
    count(rule.getZonesCount(), MAX_ZONES, "zones", path + ".zones", violations);
    count(rule.getNamesCount(), MAX_NAMES, "names", path + ".names", violations);
    count(rule.getTypesCount(), MAX_TYPES, "types", path + ".types", violations);
    count(
        rule.getPermissionsCount(),
        MAX_PERMISSIONS,
        "permissions",
        path + ".permissions",
        violations);
    for (int i = 0; i < Math.min(rule.getZonesCount(), MAX_ZONES); i++) {
      var _ = ZoneMessages.ref(rule.getZones(i), path + ".zones[" + i + "]", violations);
    }
    for (int i = 0; i < Math.min(rule.getNamesCount(), MAX_NAMES); i++) {
      if (!Access.isNamePattern(rule.getNames(i))) {
        violations.add(
            path + ".names[" + i + "]",
            "this is no name of records: write www.example.org., *.example.org. or"
                + " _acme-challenge.*");
      }
    }
    for (int i = 0; i < Math.min(rule.getTypesCount(), MAX_TYPES); i++) {
      int type = rule.getTypesValue(i);
      if (type < 1 || type > io.flashdns.core.dns.RecordType.MAX) {
        violations.add(path + ".types[" + i + "]", "a type is required here: 1 to 65535");
      }
    }
    for (int i = 0; i < Math.min(rule.getPermissionsCount(), MAX_PERMISSIONS); i++) {
      Permission permission = rule.getPermissions(i);
      if (permission == Permission.PERMISSION_UNSPECIFIED
          || permission == Permission.UNRECOGNIZED) {
        violations.add(
            path + ".permissions[" + i + "]", "this is no permission: name one of Permission");
      }
    }
  }

  private static void count(int count, int most, String what, String path, Violations violations) {
    if (count > most) {
      violations.add(
          path, "there are " + count + " " + what + ": at most " + most + " are allowed");
    }
  }

  /**
   * Refuses rules that name zones which are not there for the caller, or not in the scope.
   *
   * @param known rules that were there before; zones that they name may be gone
   */
  static void zones(
      Call call, ContentView view, Scope scope, List<AccessRule> rules, List<AccessRule> known)
      throws StoreException {
    Set<ZoneRef> before = new HashSet<>();
    known.forEach(rule -> before.addAll(rule.getZonesList()));
    for (AccessRule rule : rules) {
      for (ZoneRef ref : rule.getZonesList()) {
        if (!before.contains(ref)) {
          zone(call, view, scope, ref);
        }
      }
    }
  }

  private static void zone(Call call, ContentView view, Scope scope, ZoneRef named)
      throws StoreException {
    Violations violations = new Violations();
    ZoneMessages.Ref ref = ZoneMessages.ref(named, "zones", violations);
    violations.throwIfAny();
    if (ref == null) {
      return;
    }
    StoredZone zone = ZoneMessages.find(view, ref);
    if (zone == null || !call.rights().sees(zone) || !isIn(scope, zone.settings().owner())) {
      throw CallException.notFound("zone", ref.name());
    }
  }

  private static boolean isIn(Scope scope, ZoneOwner owner) {
    ProjectName project = scope.getProject();
    return scope.getKind() == ScopeKind.SCOPE_KIND_PLATFORM
        || (project.getOrganisation().equals(owner.organisation())
            && (project.getProject().isEmpty() || project.getProject().equals(owner.project())));
  }

  /** Refuses to give more than the caller has. */
  static void within(Call call, Scope scope, Role role, List<AccessRule> rules) {
    IdentityGrant wanted =
        IdentityGrant.newBuilder().setScope(scope).setRole(role).addAllRules(rules).build();
    if (!call.rights().covers(wanted)) {
      throw CallException.of(
          Code.PERMISSION_DENIED,
          "this would give more than you have yourself: take a lesser role, a smaller scope, or"
              + " rules that let less through",
          CallException.reason("MORE_THAN_OWN"));
    }
  }
}
