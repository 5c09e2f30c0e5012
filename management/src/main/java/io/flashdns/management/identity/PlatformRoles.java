package io.flashdns.management.identity;

import io.flashdns.proto.v1.Role;
import java.util.List;
import java.util.Map;

/**
 * Which values of the roles claim give which role in the whole platform, over all tenants. None,
 * unless it is written: an issuer of tenants must not be able to make operators.
 *
 * @param viewer reads all zones
 * @param editor changes records of all zones
 * @param owner changes all zones
 * @param admin manages organisations, quotas and nodes
 * @param auditor reads everything and changes nothing
 */
public record PlatformRoles(
    List<String> viewer,
    List<String> editor,
    List<String> owner,
    List<String> admin,
    List<String> auditor) {
  /** Refuses a value that gives two roles. */
  public PlatformRoles {
    RoleNames checked = new RoleNames(viewer, editor, owner, admin, auditor);
    viewer = checked.viewer();
    editor = checked.editor();
    owner = checked.owner();
    admin = checked.admin();
    auditor = checked.auditor();
  }

  /** None. */
  public static PlatformRoles defaults() {
    return new PlatformRoles(List.of(), List.of(), List.of(), List.of(), List.of());
  }

  /** Roles by value. */
  Map<String, Role> byName() {
    return new RoleNames(viewer, editor, owner, admin, auditor).byName();
  }
}
