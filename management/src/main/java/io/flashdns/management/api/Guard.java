package io.flashdns.management.api;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.management.message.CallException;
import io.flashdns.management.tenancy.Keys;
import io.flashdns.management.tenancy.Rights;
import io.flashdns.proto.v1.Permission;
import io.flashdns.proto.v1.ProjectName;
import org.jspecify.annotations.Nullable;

/**
 * What stands between a caller and a thing, in one order for all calls: a thing that the caller may
 * not see is NOT_FOUND, with the text of one that is not there; one that it may see and not touch
 * is PERMISSION_DENIED.
 */
final class Guard {
  private Guard() {}

  /** The zone, when the caller may do to it as a whole what the call declares. */
  static StoredZone zone(Call call, @Nullable StoredZone zone, String name) {
    return zone(call, zone, name, call.permission());
  }

  /**
   * The zone, when the caller may do this to it as a whole.
   *
   * @param zone null when there is none
   * @param name as the caller named it
   */
  static StoredZone zone(Call call, @Nullable StoredZone zone, String name, Permission permission) {
    StoredZone seen = seen(call, zone, name);
    if (!call.rights().mayInZone(permission, seen)) {
      throw CallException.denied(permission);
    }
    return seen;
  }

  /** The zone, when it exists for the caller. */
  static StoredZone seen(Call call, @Nullable StoredZone zone, String name) {
    if (zone == null || !call.rights().sees(zone)) {
      throw CallException.notFound("zone", name);
    }
    return zone;
  }

  /**
   * The zone, when the caller may do this to some of its records; each record is to be asked for by
   * {@link #record}.
   */
  static StoredZone records(
      Call call, @Nullable StoredZone zone, String name, Permission permission) {
    StoredZone seen = seen(call, zone, name);
    if (!call.rights().mayInSomeRecord(permission, seen)) {
      throw CallException.denied(permission);
    }
    return seen;
  }

  /** Refuses when the caller may not do this to records of one type at one owner. */
  static void record(
      Call call, StoredZone zone, Permission permission, DomainName owner, int type) {
    if (!call.rights().mayInRecord(permission, zone, owner, type)) {
      throw CallException.denied(permission);
    }
  }

  /** Refuses when the caller may not create a zone of this name in the project. */
  static void create(Call call, ContentView view, ZoneOwner project, ZoneKey name)
      throws StoreException {
    Rights rights = call.rights();
    Permission permission = call.permission();
    if (project.equals(ZoneOwner.NOBODY)) {
      platform(call, permission);
      return;
    }
    seenProject(call, view, project);
    if (!rights.mayInName(permission, project, name)) {
      throw CallException.denied(permission);
    }
  }

  /** Refuses when the caller may not do this in the whole platform. */
  static void platform(Call call, Permission permission) {
    if (!call.rights().mayInPlatform(permission)) {
      throw CallException.denied(permission);
    }
  }

  /** Refuses when there is no such project for the caller, or it may not do this to it. */
  static void project(Call call, ContentView view, ZoneOwner project, Permission permission)
      throws StoreException {
    seenProject(call, view, project);
    if (!call.rights().mayInProject(permission, project)) {
      throw CallException.denied(permission);
    }
  }

  /** Refuses when there is no such project for the caller. */
  static void seenProject(Call call, ContentView view, ZoneOwner project) throws StoreException {
    if (!call.rights().seesProject(project) || view.document(Keys.project(project)) == null) {
      throw CallException.notFound("project", project.organisation() + "/" + project.project());
    }
  }

  /** Refuses when there is no such organisation for the caller, or it may not do this to it. */
  static void organisation(Call call, ContentView view, String id, Permission permission)
      throws StoreException {
    seenOrganisation(call, view, id);
    if (!call.rights().mayInOrganisation(permission, id)) {
      throw CallException.denied(permission);
    }
  }

  /** Refuses when there is no such organisation for the caller. */
  static void seenOrganisation(Call call, ContentView view, String id) throws StoreException {
    if (!Keys.isId(id)
        || !call.rights().seesOrganisation(id)
        || view.document(Keys.organisation(id)) == null) {
      throw CallException.notFound("organisation", id);
    }
  }

  /**
   * The project that a request names, whether it is there or not; its organisation may be left out
   * by who has roles in one alone.
   *
   * @param path of the field in the request
   * @throws CallException INVALID_ARGUMENT when the name is none; NOT_FOUND when it is none that
   *     can be
   */
  static ZoneOwner named(Call call, ProjectName name, String path) {
    if (name.getProject().isEmpty()) {
      throw CallException.invalid(
          path + ".project", "a project is required: give its id, as in acme/shop");
    }
    String organisation = organisation(call, name, path);
    if (!Keys.isId(organisation) || !Keys.isId(name.getProject())) {
      throw CallException.notFound("project", organisation + "/" + name.getProject());
    }
    return new ZoneOwner(organisation, name.getProject());
  }

  /** The organisation that a request names or means. */
  static String organisation(Call call, ProjectName name, String path) {
    if (!name.getOrganisation().isEmpty()) {
      return name.getOrganisation();
    }
    String only = call.rights().onlyOrganisation();
    if (only == null) {
      throw CallException.invalid(
          path + ".organisation",
          "an organisation is required of who has not roles in one alone: give its id");
    }
    return only;
  }
}
