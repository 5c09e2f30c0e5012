package io.flashdns.management.tenancy;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.management.identity.Principal;
import io.flashdns.proto.v1.IdentityGrant;
import io.flashdns.proto.v1.Permission;
import java.util.List;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * What a caller may do, at one moment. Nothing is allowed that no grant allows. Immutable, safe for
 * all threads; a question costs what the caller's grants are many.
 */
public interface Rights {
  /** Whose. */
  Principal principal();

  /** True when it may do this in the whole platform. */
  boolean mayInPlatform(Permission permission);

  /** True when it may do this to the organisation as a whole. */
  boolean mayInOrganisation(Permission permission, String organisation);

  /**
   * True when it may do this to the project as a whole; {@link ZoneOwner#NOBODY} is the operator.
   */
  boolean mayInProject(Permission permission, ZoneOwner project);

  /**
   * True when it may do this to a zone of this name in the project, also to one that is not there
   * yet; what is narrowed to zones by name follows the name.
   */
  default boolean mayInName(Permission permission, ZoneOwner project, ZoneKey name) {
    return mayInProject(permission, project);
  }

  /** The organisation that it has roles in, when that is one alone; else null. */
  default @Nullable String onlyOrganisation() {
    return null;
  }

  /** True when it may do this to the zone as a whole. */
  boolean mayInZone(Permission permission, StoredZone zone);

  /** True when it may do this to records of one type at one owner. */
  boolean mayInRecord(Permission permission, StoredZone zone, DomainName owner, int type);

  /** True when it may do this to some record of the zone, if not to all. */
  boolean mayInSomeRecord(Permission permission, StoredZone zone);

  /** True when the zone exists for this caller. */
  boolean sees(StoredZone zone);

  /** True when the organisation exists for this caller. */
  boolean seesOrganisation(String organisation);

  /** True when the project exists for this caller. */
  boolean seesProject(ZoneOwner project);

  /**
   * Where it holds a permission at all, for lists: what lies elsewhere need not be looked at; of
   * what lies there, each thing must still be asked for.
   */
  Reach reach(Permission permission);

  /** What it comes of, as its principal is told it. */
  default List<IdentityGrant> grants() {
    return List.of();
  }

  /**
   * True when its principal may give this to others: for every permission that it gives, and all
   * that it gives it over, this has that permission there. What only several grants together would
   * cover is not covered.
   */
  default boolean covers(IdentityGrant wanted) {
    return false;
  }

  /**
   * Where a permission is held.
   *
   * @param everywhere true for all of the platform
   * @param organisations whole organisations
   * @param projects projects, some of their zones at least
   */
  record Reach(boolean everywhere, SortedSet<String> organisations, List<ZoneOwner> projects) {}
}
