package io.flashdns.management.identity;

import io.flashdns.proto.v1.Role;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which values of the roles claim give which role, in the project or organisation that the token
 * names. Case counts. Values that are not listed give nothing.
 *
 * @param viewer reads
 * @param editor changes records
 * @param owner changes zones
 * @param admin manages what lies below
 * @param auditor reads everything and changes nothing
 */
public record RoleNames(
    List<String> viewer,
    List<String> editor,
    List<String> owner,
    List<String> admin,
    List<String> auditor) {
  /** Refuses a value that gives two roles. */
  public RoleNames {
    viewer = List.copyOf(viewer);
    editor = List.copyOf(editor);
    owner = List.copyOf(owner);
    admin = List.copyOf(admin);
    auditor = List.copyOf(auditor);
    Set<String> seen = new HashSet<>();
    for (List<String> names : List.of(viewer, editor, owner, admin, auditor)) {
      for (String name : names) {
        if (name.isBlank() || !seen.add(name)) {
          throw new IllegalArgumentException(
              name.isBlank()
                  ? "an empty name gives a role: remove it, or write one"
                  : "the name '" + name + "' gives two roles: leave it with one");
        }
      }
    }
  }

  /** Each role by its own name. */
  public static RoleNames defaults() {
    return new RoleNames(
        List.of("viewer"),
        List.of("editor"),
        List.of("owner"),
        List.of("admin"),
        List.of("auditor"));
  }

  /** Roles by value. */
  Map<String, Role> byName() {
    Map<String, Role> roles = new HashMap<>();
    viewer.forEach(name -> roles.put(name, Role.ROLE_VIEWER));
    editor.forEach(name -> roles.put(name, Role.ROLE_EDITOR));
    owner.forEach(name -> roles.put(name, Role.ROLE_OWNER));
    admin.forEach(name -> roles.put(name, Role.ROLE_ADMIN));
    auditor.forEach(name -> roles.put(name, Role.ROLE_AUDITOR));
    return Map.copyOf(roles);
  }
}
