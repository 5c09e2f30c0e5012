package io.flashdns.management.tenancy;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.core.zone.Views;
import io.flashdns.proto.v1.AccessRule;
import io.flashdns.proto.v1.IdentityGrant;
import io.flashdns.proto.v1.Permission;
import io.flashdns.proto.v1.Scope;
import io.flashdns.proto.v1.ScopeKind;
import io.flashdns.proto.v1.ZoneRef;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One role in one scope, perhaps narrowed, made ready for questions. A scope or a rule that cannot
 * be understood gives nothing. Immutable.
 */
final class Grant {
  private final IdentityGrant message;
  private final ScopeKind kind;
  private final String organisation;
  private final String project;
  private final Set<Permission> permissions;
  private final List<Rule> rules;

  private Grant(
      IdentityGrant message,
      ScopeKind kind,
      String organisation,
      String project,
      Set<Permission> permissions,
      List<Rule> rules) {
    this.message = message;
    this.kind = kind;
    this.organisation = organisation;
    this.project = project;
    this.permissions = permissions;
    this.rules = rules;
  }

  /** What is let through; an empty list lets everything through. */
  private record Rule(
      Set<String> zoneIds,
      Set<ZoneKey> zoneNames,
      boolean ofZones,
      List<NamePattern> names,
      boolean ofNames,
      Set<Integer> types,
      Set<Permission> permissions) {

    boolean keeps(Permission permission) {
      return permissions.isEmpty() || permissions.contains(permission);
    }

    boolean isOfWholeZones() {
      return !ofNames && types.isEmpty();
    }

    boolean hasZone(StoredZone zone) {
      return !ofZones
          || zoneIds.contains(zone.id().toString())
          || zoneNames.contains(zone.settings().key());
    }

    boolean hasName(ZoneKey name) {
      return !ofZones || zoneNames.contains(name);
    }

    boolean hasRecord(DomainName owner, int type) {
      return (types.isEmpty() || types.contains(type)) && hasOwner(owner);
    }

    boolean hasSomeIn(DomainName apex) {
      if (!ofNames) {
        return true;
      }
      for (NamePattern name : names) {
        if (name.mayFitIn(apex)) {
          return true;
        }
      }
      return false;
    }

    private boolean hasOwner(DomainName owner) {
      if (!ofNames) {
        return true;
      }
      for (NamePattern name : names) {
        if (name.fits(owner)) {
          return true;
        }
      }
      return false;
    }

    /** True when all that the other lets through by zone, name and type, this does. */
    boolean covers(Rule other) {
      if (ofZones
          && !(other.ofZones
              && zoneIds.containsAll(other.zoneIds)
              && zoneNames.containsAll(other.zoneNames))) {
        return false;
      }
      if (!types.isEmpty() && (other.types.isEmpty() || !types.containsAll(other.types))) {
        return false;
      }
      if (!ofNames) {
        return true;
      }
      if (!other.ofNames) {
        return false;
      }
      for (NamePattern theirs : other.names) {
        if (names.stream().noneMatch(mine -> mine.covers(theirs))) {
          return false;
        }
      }
      return true;
    }
  }

  private static final Rule EVERYTHING =
      new Rule(Set.of(), Set.of(), false, List.of(), false, Set.of(), Set.of());

  /** Makes one ready; null when it gives nothing. */
  static @Nullable Grant of(IdentityGrant message) {
    Scope scope = message.getScope();
    String organisation = scope.getProject().getOrganisation();
    String project = scope.getProject().getProject();
    boolean sound =
        switch (scope.getKind()) {
          case SCOPE_KIND_PLATFORM -> organisation.isEmpty() && project.isEmpty();
          case SCOPE_KIND_ORGANISATION -> !organisation.isEmpty() && project.isEmpty();
          case SCOPE_KIND_PROJECT -> !organisation.isEmpty() && !project.isEmpty();
          case SCOPE_KIND_UNSPECIFIED, UNRECOGNIZED -> false;
        };
    Set<Permission> permissions = Holders.permissions(message.getRole(), scope.getKind());
    if (!sound || permissions.isEmpty()) {
      return null;
    }
    List<Rule> rules = new ArrayList<>();
    Set<Permission> kept = EnumSet.noneOf(Permission.class);
    for (AccessRule rule : message.getRulesList()) {
      Rule ready = rule(rule);
      rules.add(ready);
      permissions.stream().filter(ready::keeps).forEach(kept::add);
    }
    if (rules.isEmpty()) {
      rules.add(EVERYTHING);
      kept = EnumSet.copyOf(permissions);
    }
    return new Grant(message, scope.getKind(), organisation, project, kept, List.copyOf(rules));
  }

  private static Rule rule(AccessRule rule) {
    Set<String> ids = new HashSet<>();
    Set<ZoneKey> keys = new HashSet<>();
    for (ZoneRef ref : rule.getZonesList()) {
      switch (ref.getRefCase()) {
        case ID -> ids.add(ref.getId().getValue());
        case NAME -> {
          ZoneKey key = key(ref);
          if (key != null) {
            keys.add(key);
          }
        }
        case REF_NOT_SET -> {
          // Names nothing.
        }
      }
    }
    List<NamePattern> names = new ArrayList<>();
    for (String text : rule.getNamesList()) {
      NamePattern pattern = NamePattern.parse(text);
      if (pattern != null) {
        names.add(pattern);
      }
    }
    Set<Integer> types = new HashSet<>(rule.getTypesValueList());
    Set<Permission> permissions = EnumSet.noneOf(Permission.class);
    for (int number : rule.getPermissionsValueList()) {
      Permission permission = Permission.forNumber(number);
      permissions.add(permission == null ? Permission.PERMISSION_UNSPECIFIED : permission);
    }
    return new Rule(
        ids, keys, rule.getZonesCount() > 0, names, rule.getNamesCount() > 0, types, permissions);
  }

  private static @Nullable ZoneKey key(ZoneRef ref) {
    try {
      String view = ref.getName().getView();
      return new ZoneKey(
          view.isEmpty() ? Views.PUBLIC_NAME : view, DomainName.parse(ref.getName().getApex()));
    } catch (IllegalArgumentException _) {
      return null;
    }
  }

  /** As it is told to who has it. */
  IdentityGrant message() {
    return message.toBuilder().clearPermissions().addAllPermissions(permissions).build();
  }

  ScopeKind kind() {
    return kind;
  }

  /** Of the scope; empty for the platform. */
  String organisation() {
    return organisation;
  }

  /** The project of the scope; null for an organisation or the platform. */
  @Nullable ZoneOwner project() {
    return project.isEmpty() ? null : new ZoneOwner(organisation, project);
  }

  /** True when it gives this, somewhere in its scope. */
  boolean gives(Permission permission) {
    return permissions.contains(permission);
  }

  private boolean reachesPlatform() {
    return kind == ScopeKind.SCOPE_KIND_PLATFORM;
  }

  private boolean reaches(String other) {
    return reachesPlatform()
        || (kind == ScopeKind.SCOPE_KIND_ORGANISATION && organisation.equals(other));
  }

  private boolean reaches(ZoneOwner owner) {
    if (reachesPlatform()) {
      return true;
    }
    return organisation.equals(owner.organisation())
        && (project.isEmpty() || project.equals(owner.project()));
  }

  boolean inPlatform(Permission permission) {
    return reachesPlatform() && unnarrowed(permission);
  }

  boolean inOrganisation(Permission permission, String other) {
    return reaches(other) && unnarrowed(permission);
  }

  boolean inProject(Permission permission, ZoneOwner owner) {
    return reaches(owner) && unnarrowed(permission);
  }

  boolean inName(Permission permission, ZoneOwner owner, ZoneKey name) {
    if (!gives(permission) || !reaches(owner)) {
      return false;
    }
    for (Rule rule : rules) {
      if (rule.keeps(permission) && rule.isOfWholeZones() && rule.hasName(name)) {
        return true;
      }
    }
    return false;
  }

  boolean inZone(Permission permission, StoredZone zone) {
    if (!gives(permission) || !reaches(zone.settings().owner())) {
      return false;
    }
    for (Rule rule : rules) {
      if (rule.keeps(permission) && rule.isOfWholeZones() && rule.hasZone(zone)) {
        return true;
      }
    }
    return false;
  }

  boolean inRecord(Permission permission, StoredZone zone, DomainName owner, int type) {
    if (!gives(permission) || !reaches(zone.settings().owner())) {
      return false;
    }
    for (Rule rule : rules) {
      if (rule.keeps(permission) && rule.hasZone(zone) && rule.hasRecord(owner, type)) {
        return true;
      }
    }
    return false;
  }

  boolean inSomeRecord(Permission permission, StoredZone zone) {
    if (!gives(permission) || !reaches(zone.settings().owner())) {
      return false;
    }
    for (Rule rule : rules) {
      if (rule.keeps(permission)
          && rule.hasZone(zone)
          && rule.hasSomeIn(zone.settings().key().apex())) {
        return true;
      }
    }
    return false;
  }

  /** True when it lets its holder know that the project is there. */
  boolean shows(ZoneOwner owner) {
    return reaches(owner) && (owner.equals(project()) || isOfWholeProjects());
  }

  /** True when it lets its holder know that the organisation is there. */
  boolean shows(String other) {
    return (reachesPlatform() && isOfWholeProjects()) || organisation.equals(other);
  }

  private boolean isOfWholeProjects() {
    for (Rule rule : rules) {
      if (!rule.ofZones && rule.isOfWholeZones()) {
        return true;
      }
    }
    return false;
  }

  private boolean unnarrowed(Permission permission) {
    if (!gives(permission)) {
      return false;
    }
    for (Rule rule : rules) {
      if (rule.keeps(permission) && !rule.ofZones && rule.isOfWholeZones()) {
        return true;
      }
    }
    return false;
  }

  /**
   * True when, for each permission and each rule of {@code wanted}, one of {@code held} gives that
   * permission over all that the rule lets through. Careful: what only several together would give
   * is not given.
   */
  static boolean isWithin(Grant wanted, List<Grant> held) {
    for (Permission permission : wanted.permissions) {
      for (Rule rule : wanted.rules) {
        if (rule.keeps(permission)
            && held.stream().noneMatch(grant -> grant.covers(permission, wanted, rule))) {
          return false;
        }
      }
    }
    return true;
  }

  private boolean covers(Permission permission, Grant wanted, Rule rule) {
    if (!gives(permission) || !reachesScopeOf(wanted)) {
      return false;
    }
    for (Rule mine : rules) {
      if (mine.keeps(permission) && mine.covers(rule)) {
        return true;
      }
    }
    return false;
  }

  private boolean reachesScopeOf(Grant other) {
    return switch (other.kind) {
      case SCOPE_KIND_PLATFORM -> reachesPlatform();
      case SCOPE_KIND_ORGANISATION -> reaches(other.organisation);
      case SCOPE_KIND_PROJECT -> reaches(new ZoneOwner(other.organisation, other.project));
      case SCOPE_KIND_UNSPECIFIED, UNRECOGNIZED -> false;
    };
  }
}
