package io.flashdns.management.tenancy;

import com.google.protobuf.Descriptors.EnumValueDescriptor;
import io.flashdns.proto.v1.AnnotationsProto;
import io.flashdns.proto.v1.Permission;
import io.flashdns.proto.v1.Role;
import io.flashdns.proto.v1.ScopeKind;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * Which permissions a role gives in a scope, as the contract's option {@code holders} says; read
 * once.
 */
public final class Holders {
  private static final Map<Role, Map<ScopeKind, Set<Permission>>> GIVEN = read();

  private Holders() {}

  /** What a role gives within a scope of this width; {@code PERMISSION_IDENTIFIED} takes none. */
  public static Set<Permission> permissions(Role role, ScopeKind scope) {
    return GIVEN.getOrDefault(role, Map.of()).getOrDefault(scope, Set.of());
  }

  private static Map<Role, Map<ScopeKind, Set<Permission>>> read() {
    Map<Role, Map<ScopeKind, Set<Permission>>> given = new EnumMap<>(Role.class);
    for (EnumValueDescriptor value : Permission.getDescriptor().getValues()) {
      if (!value.getOptions().hasExtension(AnnotationsProto.holders)) {
        continue;
      }
      var holders = value.getOptions().getExtension(AnnotationsProto.holders);
      Permission permission = Permission.forNumber(value.getNumber());
      for (Role role : holders.getRolesList()) {
        for (ScopeKind scope : ScopeKind.values()) {
          if (permission != null
              && scope != ScopeKind.UNRECOGNIZED
              && holders.getScope() != ScopeKind.SCOPE_KIND_UNSPECIFIED
              && scope.getNumber() >= holders.getScope().getNumber()) {
            given
                .computeIfAbsent(role, _ -> new EnumMap<>(ScopeKind.class))
                .computeIfAbsent(scope, _ -> EnumSet.noneOf(Permission.class))
                .add(permission);
          }
        }
      }
    }
    given.values().forEach(of -> of.replaceAll((_, set) -> Collections.unmodifiableSet(set)));
    return given;
  }
}
