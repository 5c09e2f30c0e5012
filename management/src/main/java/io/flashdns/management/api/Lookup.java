package io.flashdns.management.api;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneStore;
import io.flashdns.management.message.CallException;
import io.flashdns.management.message.Violations;
import io.flashdns.management.message.ZoneMessages;
import io.flashdns.management.tenancy.Rights;
import io.flashdns.proto.v1.Permission;
import io.flashdns.proto.v1.ZoneRef;

/**
 * Finds what requests name, among what their caller may see: what it may not see is not there, and
 * what it sees without the permission is denied.
 */
final class Lookup {
  private Lookup() {}

  /** The zone that is named; no permission is asked for. */
  static StoredZone zone(ContentView view, Rights rights, ZoneRef ref, String path)
      throws StoreException {
    ZoneMessages.Ref named = named(ref, path);
    StoredZone zone = ZoneMessages.find(view, named);
    if (zone == null || !rights.sees(zone)) {
      throw CallException.notFound("zone", named.name());
    }
    return zone;
  }

  /** The zone that is named, as a whole, with a permission for it. */
  static StoredZone zone(
      ContentView view, Rights rights, ZoneRef ref, String path, Permission permission)
      throws StoreException {
    StoredZone zone = zone(view, rights, ref, path);
    require(rights.mayInZone(permission, zone), permission);
    return zone;
  }

  /** The same in the newest state of a store. */
  static StoredZone zone(
      ZoneStore store, Rights rights, ZoneRef ref, String path, Permission permission)
      throws StoreException {
    try (StoreSnapshot snapshot = store.snapshot()) {
      return zone(snapshot, rights, ref, path, permission);
    }
  }

  /** What a reference names. */
  static ZoneMessages.Ref named(ZoneRef ref, String path) {
    Violations violations = new Violations();
    ZoneMessages.Ref named = ZoneMessages.ref(ref, path, violations);
    violations.throwIfAny();
    if (named == null) {
      throw CallException.invalid(path, "name a zone");
    }
    return named;
  }

  /** Denies what is not allowed. */
  static void require(boolean allowed, Permission permission) {
    if (!allowed) {
      throw CallException.denied(permission);
    }
  }

  /** Denies what is not allowed with records of one type at one owner. */
  static void requireRecord(
      Rights rights, Permission permission, StoredZone zone, DomainName owner, int type) {
    require(rights.mayInRecord(permission, zone, owner, type), permission);
  }

  static String typeName(int type) {
    return io.flashdns.core.dns.RecordType.text(type);
  }

  static String name(StoredZone zone) {
    return zone.settings().key().apex().toString();
  }
}
