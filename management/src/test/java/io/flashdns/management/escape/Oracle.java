package io.flashdns.management.escape;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.rpc.Code;
import io.flashdns.management.escape.Caller.Narrowing;
import io.flashdns.management.escape.Contract.Method;
import io.flashdns.management.escape.Contract.Path;
import io.flashdns.management.escape.Requests.Form;
import io.flashdns.proto.v1.AnnotationsProto;
import io.flashdns.proto.v1.Holders;
import io.flashdns.proto.v1.Permission;
import io.flashdns.proto.v1.Resource;
import io.flashdns.proto.v1.Role;
import io.flashdns.proto.v1.ScopeKind;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What must come of a call, by the options of the contract alone. */
final class Oracle {
  private static final Set<Code> REFUSED = EnumSet.of(Code.NOT_FOUND, Code.PERMISSION_DENIED);

  private Oracle() {}

  /** What may come of a call that names nothing. */
  static Set<Code> expected(Method method, Caller caller) {
    if (caller.dead()) {
      return EnumSet.of(Code.UNAUTHENTICATED);
    }
    if (!holdsSomewhere(caller, method.permission())) {
      return EnumSet.of(Code.PERMISSION_DENIED);
    }
    if (method.name().equals("SettingsService/GetSettings")) {
      // Nobody has set any, or somebody has by this very test.
      return EnumSet.of(Code.OK, Code.NOT_FOUND);
    }
    return method.mutates() ? EnumSet.allOf(Code.class) : EnumSet.of(Code.OK);
  }

  /** What may come of a call that names something of a place. */
  static Set<Code> expected(Method method, Caller caller, Path path, Place target, Form form) {
    if (caller.dead()) {
      return EnumSet.of(Code.UNAUTHENTICATED);
    }
    if (!holdsSomewhere(caller, method.permission())) {
      return EnumSet.of(Code.PERMISSION_DENIED);
    }
    Resource kind = path.kind();
    if (caller.narrowed() == Narrowing.ZONE && !isOfOneZone(kind)) {
      return EnumSet.copyOf(REFUSED);
    }
    boolean whole = kind == Resource.RESOURCE_ORGANISATION || form == Form.WHOLE;
    Place named = named(caller, target, form);
    if (named == null) {
      // Who has roles in more than one organisation, or above them, must say which it means.
      return EnumSet.of(Code.INVALID_ARGUMENT);
    }
    if (!isThere(method, path, named, form) || !sees(caller, kind, named)) {
      return EnumSet.of(Code.NOT_FOUND);
    }
    boolean holds = holds(caller, method.permission(), named, kind, whole);
    for (FieldDescriptor field : path.fields()) {
      Permission more = field.getOptions().getExtension(AnnotationsProto.needs);
      holds &= more == Permission.PERMISSION_UNSPECIFIED || holds(caller, more, named, kind, whole);
    }
    if (caller.narrowed() == Narrowing.NAMES) {
      return holds ? names(method, kind) : EnumSet.copyOf(REFUSED);
    }
    if (caller.narrowed() == Narrowing.ZONE
        && (named.kind != Place.Kind.OWN || method.name().equals("ZoneService/UndeleteZone"))) {
      return named.kind == Place.Kind.OWN ? EnumSet.copyOf(REFUSED) : EnumSet.of(Code.NOT_FOUND);
    }
    if (!holds) {
      return EnumSet.of(Code.PERMISSION_DENIED);
    }
    if (caller.suspended()
        && method
            .descriptor()
            .getName()
            .matches("(Suspend|Resume)Project|CancelZoneTransfer|DeleteToken")) {
      // Calling off, revoking and resuming go on.
      return EnumSet.of(Code.OK, Code.FAILED_PRECONDITION);
    }
    if (caller.suspended() && method.mutates()) {
      return EnumSet.of(Code.FAILED_PRECONDITION);
    }
    // What is full cannot be deleted: who is told so was allowed.
    return method.descriptor().getName().matches("Delete(Organisation|Project)")
        ? EnumSet.of(Code.FAILED_PRECONDITION)
        : EnumSet.of(Code.OK);
  }

  /** The place that is meant: a project without its organisation lies in the caller's. */
  private static @Nullable Place named(Caller caller, Place target, Form form) {
    if (form != Form.SHORT) {
      return target;
    }
    if (caller.scope() == ScopeKind.SCOPE_KIND_PLATFORM) {
      return null;
    }
    return target.organisation.equals(caller.home().organisation)
        ? target
        : new Place(Place.Kind.ABSENT, caller.home().organisation, target.project, target.apex);
  }

  private static boolean isOfOneZone(Resource kind) {
    return kind == Resource.RESOURCE_ZONE
        || kind == Resource.RESOURCE_RECORD
        || kind == Resource.RESOURCE_CHANGE;
  }

  /** What is let through by who may touch records of some names: those of the requests are not. */
  private static Set<Code> names(Method method, Resource kind) {
    if (method.mutates()) {
      return EnumSet.copyOf(REFUSED);
    }
    return kind == Resource.RESOURCE_RECORD || method.name().endsWith("/GetRecord")
        ? EnumSet.copyOf(REFUSED)
        : EnumSet.of(Code.OK, Code.NOT_FOUND, Code.PERMISSION_DENIED);
  }

  private static boolean isThere(Method method, Path path, Place target, Form form) {
    if (method.name().equals("ZoneService/UndeleteZone")) {
      return target.kind != Place.Kind.ABSENT;
    }
    if (method.name().equals("ZoneService/AcceptZoneTransfer")
        && path.kind() == Resource.RESOURCE_ZONE_TRANSFER) {
      // Those of the others are for a project of theirs, and nobody else can take them.
      return target.kind == Place.Kind.OWN || target.kind == Place.Kind.SIBLING;
    }
    if (!target.isEmpty()) {
      return true;
    }
    if (target.kind == Place.Kind.ABSENT) {
      return false;
    }
    // What was there has a history, and offers that were called off are known for a time.
    return switch (path.kind()) {
      case RESOURCE_CHANGE -> true;
      case RESOURCE_ZONE ->
          form == Form.ID
              && (method.name().equals("ZoneService/DiffZone")
                  || method.name().equals("ZoneService/ListZoneHistory"));
      case RESOURCE_ZONE_TRANSFER -> method.name().equals("ZoneService/CancelZoneTransfer");
      default -> false;
    };
  }

  private static boolean sees(Caller caller, Resource kind, Place place) {
    return switch (kind) {
      case RESOURCE_ZONE, RESOURCE_RECORD, RESOURCE_ZONE_TRANSFER, RESOURCE_NAME_GRANT ->
          holds(caller, Permission.PERMISSION_ZONES_READ, place, kind, false);
      case RESOURCE_CHANGE -> holds(caller, Permission.PERMISSION_CHANGES_READ, place, kind, false);
      case RESOURCE_TOKEN, RESOURCE_POLICY ->
          holds(caller, Permission.PERMISSION_ACCESS_READ, place, kind, false);
      case RESOURCE_NODE -> holds(caller, Permission.PERMISSION_NODES_READ, place, kind, false);
      case RESOURCE_PROJECT -> caller.role() != Role.ROLE_UNSPECIFIED && reaches(caller, place);
      case RESOURCE_ORGANISATION ->
          caller.scope() == ScopeKind.SCOPE_KIND_PLATFORM
              || caller.home().organisation.equals(place.organisation);
      case RESOURCE_UNSPECIFIED, UNRECOGNIZED -> false;
    };
  }

  private static boolean holdsSomewhere(Caller caller, Permission permission) {
    Holders holders = Contract.holders(permission);
    return permission == Permission.PERMISSION_IDENTIFIED
        || (holders.getRolesList().contains(caller.role())
            && caller.scope().getNumber() >= holders.getScope().getNumber());
  }

  private static boolean holds(
      Caller caller, Permission permission, Place place, Resource kind, boolean whole) {
    return holdsSomewhere(caller, permission)
        && (whole
            ? caller.scope() == ScopeKind.SCOPE_KIND_PLATFORM
                || (caller.scope() == ScopeKind.SCOPE_KIND_ORGANISATION
                    && caller.home().organisation.equals(place.organisation))
            : kind == Resource.RESOURCE_NODE || reaches(caller, place));
  }

  private static boolean reaches(Caller caller, Place place) {
    return switch (caller.scope()) {
      case SCOPE_KIND_PLATFORM -> true;
      case SCOPE_KIND_ORGANISATION -> caller.home().organisation.equals(place.organisation);
      case SCOPE_KIND_PROJECT ->
          caller.home().organisation.equals(place.organisation)
              && (caller.home().project.equals(place.project) || place.kind == Place.Kind.GONE);
      case SCOPE_KIND_UNSPECIFIED, UNRECOGNIZED -> false;
    };
  }
}
