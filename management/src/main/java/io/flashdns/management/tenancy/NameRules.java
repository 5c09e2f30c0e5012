package io.flashdns.management.tenancy;

import com.google.protobuf.util.Timestamps;
import io.flashdns.core.dns.DomainName;
import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.Document;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.management.message.CallException;
import io.flashdns.proto.v1.NameGrant;
import io.flashdns.proto.v1.Permission;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whose names are whose. Within a view, a name that is equal to, above or below a zone of another
 * organisation is not to be had, unless that organisation granted it; the operator counts as one
 * more organisation. A name that was deleted stays with who had it for a time.
 *
 * <p>An upper zone and a lower one of different organisations stand beside each other exactly when
 * the upper one's organisation has granted the name of the lower one to its project. This holds
 * whichever of them comes first, so that who granted a name can delete and make its own zone again.
 *
 * <p>All refusals are one and the same: nobody learns from them who has which name.
 */
final class NameRules {
  private static final int PAGE = 500;

  private final TenancyConfig config;
  private final Set<DomainName> reserved = new HashSet<>();

  /** All names above reserved ones. */
  private final Set<DomainName> aboveReserved = new HashSet<>();

  NameRules(TenancyConfig config) {
    this.config = config;
    reserve(config.reservedNames());
    reserve(config.nameServers());
  }

  private void reserve(List<DomainName> names) {
    for (DomainName name : names) {
      reserved.add(name);
      for (DomainName above = name.parent(); above != null; above = above.parent()) {
        aboveReserved.add(above);
      }
    }
  }

  /** What everybody gets who cannot have a name, for whatever reason. */
  static CallException unavailable(ZoneKey name) {
    return CallException.precondition(
        "NAME_UNAVAILABLE",
        "zone " + name.apex(),
        "the name "
            + name.apex()
            + " is not available: choose another one, or have it granted by the organisation that"
            + " has the names above and below it");
  }

  /**
   * Refuses a name.
   *
   * @param owner who is to have a zone there
   * @param giver who has it now; null when it is new
   */
  void check(
      ContentView view,
      ZoneKey name,
      ZoneOwner owner,
      @Nullable ZoneOwner giver,
      Rights rights,
      Instant now)
      throws StoreException {
    boolean platform = rights.mayInPlatform(Permission.PERMISSION_ZONES_CREATE);
    if (!platform && isReserved(name.apex())) {
      throw unavailable(name);
    }
    int ownLabels = above(view, name, owner);
    below(view, name, owner, giver);
    if (!platform) {
      heldAbove(view, name, owner, ownLabels, now);
      heldBelow(view, name, owner, now);
    }
  }

  /** True for what the platform keeps for itself. */
  private boolean isReserved(DomainName apex) {
    if (apex.labels() < 2
        || config.publicSuffixes().contains(apex)
        || aboveReserved.contains(apex)) {
      return true;
    }
    for (DomainName name = apex; name != null; name = name.parent()) {
      if (reserved.contains(name) || NamePattern.isWildcard(name)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Refuses a name below a zone of others.
   *
   * @return the number of labels of the highest zone above that is the owner's own; {@link
   *     Integer#MAX_VALUE} when there is none
   */
  private static int above(ContentView view, ZoneKey name, ZoneOwner owner) throws StoreException {
    int ownLabels = Integer.MAX_VALUE;
    for (DomainName at = name.apex().parent(); at != null; at = at.parent()) {
      StoredZone zone = view.zone(new ZoneKey(name.view(), at));
      if (zone == null) {
        continue;
      }
      if (areOne(zone.settings().owner(), owner)) {
        ownLabels = at.labels();
      } else if (!isGranted(view, name, owner, zone.settings().owner())) {
        throw unavailable(name);
      }
    }
    return ownLabels;
  }

  /** Refuses a name above zones of others. */
  private static void below(
      ContentView view, ZoneKey name, ZoneOwner owner, @Nullable ZoneOwner giver)
      throws StoreException {
    DomainName last = null;
    while (true) {
      List<StoredZone> zones = view.zonesBelow(name.view(), name.apex(), last, PAGE);
      for (StoredZone zone : zones) {
        ZoneKey lower = zone.settings().key();
        ZoneOwner other = zone.settings().owner();
        last = lower.apex();
        boolean itself = lower.apex().equals(name.apex());
        if (itself && giver != null) {
          continue;
        }
        if (itself || !(areOne(other, owner) || mayLieBelow(view, lower, other, owner, giver))) {
          throw unavailable(name);
        }
      }
      if (zones.size() < PAGE) {
        return;
      }
    }
  }

  /** With a zone that is given away, what it granted goes on. */
  private static boolean mayLieBelow(
      ContentView view, ZoneKey lower, ZoneOwner other, ZoneOwner owner, @Nullable ZoneOwner giver)
      throws StoreException {
    return isGranted(view, lower, other, owner)
        || (giver != null && !areOne(giver, other) && isGranted(view, lower, other, giver));
  }

  /** Refuses a name that others hold after deletion, and one below such a name. */
  private void heldAbove(
      ContentView view, ZoneKey name, ZoneOwner owner, int ownLabels, Instant now)
      throws StoreException {
    for (DomainName at = name.apex(); at != null; at = at.parent()) {
      ZoneKey key = new ZoneKey(name.view(), at);
      NameGrant held = Documents.read(view, Keys.held(key), NameGrant.parser());
      if (held == null || !isHeld(held, now)) {
        continue;
      }
      ZoneOwner holder = owner(held);
      // Who has a zone above the held name had to grant it: the name comes back to it.
      if (!areOne(holder, owner)
          && ownLabels >= at.labels()
          && !isGranted(view, name, owner, holder)) {
        throw unavailable(name);
      }
    }
  }

  /** Refuses a name above names that others hold after deletion. */
  private void heldBelow(ContentView view, ZoneKey name, ZoneOwner owner, Instant now)
      throws StoreException {
    String prefix = Keys.held(name.view(), name.apex());
    String last = prefix;
    while (true) {
      List<Document> page = view.documents(prefix, last, PAGE);
      for (Document document : page) {
        last = document.key();
        NameGrant held = Documents.parsed(document, NameGrant.parser());
        ZoneOwner holder = owner(held);
        if (isHeld(held, now)
            && !areOne(holder, owner)
            && !isGranted(
                view, new ZoneKey(name.view(), DomainName.parse(held.getName())), holder, owner)) {
          throw unavailable(name);
        }
      }
      if (page.size() < PAGE) {
        return;
      }
    }
  }

  boolean isHeld(NameGrant held, Instant now) {
    Instant since = Instant.ofEpochMilli(Timestamps.toMillis(held.getCreateTime()));
    return now.isBefore(since.plus(config.nameHold()));
  }

  /** True when {@code granter}'s organisation lets the project have a zone of this name. */
  private static boolean isGranted(
      ContentView view, ZoneKey name, ZoneOwner project, ZoneOwner granter) throws StoreException {
    if (project.equals(ZoneOwner.NOBODY)) {
      return false;
    }
    for (DomainName at = name.apex(); at != null; at = at.parent()) {
      NameGrant grant =
          Documents.read(
              view,
              Keys.granted(new ZoneKey(name.view(), at), project, granter.organisation()),
              NameGrant.parser());
      if (grant != null && (grant.getSubtree() || at.labels() == name.apex().labels())) {
        return true;
      }
    }
    return false;
  }

  private static boolean areOne(ZoneOwner one, ZoneOwner other) {
    return one.organisation().equals(other.organisation());
  }

  static ZoneOwner owner(NameGrant grant) {
    var granter = grant.getGranter();
    return granter.getProject().isEmpty()
        ? ZoneOwner.NOBODY
        : new ZoneOwner(granter.getOrganisation(), granter.getProject());
  }
}
