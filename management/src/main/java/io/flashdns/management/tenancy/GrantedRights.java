package io.flashdns.management.tenancy;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.management.identity.Principal;
import io.flashdns.proto.v1.IdentityGrant;
import io.flashdns.proto.v1.Permission;
import io.flashdns.proto.v1.ScopeKind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What the grants of a principal come to. Immutable. */
final class GrantedRights implements Rights {
  /** Who may do any of these to a zone or to a record of it knows that it is there. */
  private static final List<Permission> SHOWS_ZONE =
      List.of(
          Permission.PERMISSION_ZONES_READ,
          Permission.PERMISSION_RECORDS_READ,
          Permission.PERMISSION_RECORDS_WRITE,
          Permission.PERMISSION_CHANGES_READ,
          Permission.PERMISSION_ZONES_UPDATE,
          Permission.PERMISSION_ZONES_DELETE,
          Permission.PERMISSION_ZONES_TRANSFER,
          Permission.PERMISSION_NAMES_GRANT);

  private final Principal principal;
  private final List<Grant> grants;

  GrantedRights(Principal principal, List<Grant> grants) {
    this.principal = principal;
    this.grants = List.copyOf(grants);
  }

  @Override
  public Principal principal() {
    return principal;
  }

  @Override
  public List<IdentityGrant> grants() {
    return grants.stream().map(Grant::message).toList();
  }

  @Override
  public boolean covers(IdentityGrant wanted) {
    Grant grant = Grant.of(wanted);
    return grant != null && Grant.isWithin(grant, grants);
  }

  @Override
  public boolean mayInPlatform(Permission permission) {
    if (permission == Permission.PERMISSION_IDENTIFIED) {
      return true;
    }
    for (Grant grant : grants) {
      if (grant.inPlatform(permission)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public boolean mayInOrganisation(Permission permission, String organisation) {
    if (permission == Permission.PERMISSION_IDENTIFIED) {
      return true;
    }
    for (Grant grant : grants) {
      if (grant.inOrganisation(permission, organisation)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public boolean mayInProject(Permission permission, ZoneOwner project) {
    if (permission == Permission.PERMISSION_IDENTIFIED) {
      return true;
    }
    for (Grant grant : grants) {
      if (grant.inProject(permission, project)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public boolean mayInName(Permission permission, ZoneOwner project, ZoneKey name) {
    for (Grant grant : grants) {
      if (grant.inName(permission, project, name)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public boolean mayInZone(Permission permission, StoredZone zone) {
    for (Grant grant : grants) {
      if (grant.inZone(permission, zone)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public boolean mayInRecord(Permission permission, StoredZone zone, DomainName owner, int type) {
    for (Grant grant : grants) {
      if (grant.inRecord(permission, zone, owner, type)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public boolean mayInSomeRecord(Permission permission, StoredZone zone) {
    for (Grant grant : grants) {
      if (grant.inSomeRecord(permission, zone)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public boolean sees(StoredZone zone) {
    for (Permission permission : SHOWS_ZONE) {
      if (mayInSomeRecord(permission, zone)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public boolean seesOrganisation(String organisation) {
    for (Grant grant : grants) {
      if (grant.shows(organisation)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public boolean seesProject(ZoneOwner project) {
    for (Grant grant : grants) {
      if (grant.shows(project)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public @Nullable String onlyOrganisation() {
    String only = null;
    for (Grant grant : grants) {
      if (grant.kind() == ScopeKind.SCOPE_KIND_PLATFORM
          || (only != null && !only.equals(grant.organisation()))) {
        return null;
      }
      only = grant.organisation();
    }
    return only;
  }

  @Override
  public Reach reach(Permission permission) {
    boolean everywhere = false;
    SortedSet<String> organisations = new TreeSet<>();
    List<ZoneOwner> projects = new ArrayList<>();
    for (Grant grant : grants) {
      if (!grant.gives(permission)) {
        continue;
      }
      ZoneOwner project = grant.project();
      if (grant.kind() == ScopeKind.SCOPE_KIND_PLATFORM) {
        everywhere = true;
      } else if (project == null) {
        organisations.add(grant.organisation());
      } else if (!projects.contains(project)) {
        projects.add(project);
      }
    }
    projects.sort(Comparator.comparing(ZoneOwner::organisation).thenComparing(ZoneOwner::project));
    return new Reach(everywhere, organisations, List.copyOf(projects));
  }
}
