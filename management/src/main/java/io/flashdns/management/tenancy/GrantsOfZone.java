package io.flashdns.management.tenancy;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.DocumentEdit;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.proto.v1.NameGrant;
import io.flashdns.proto.v1.ProjectName;
import java.util.List;

/** Grants of names as documents: each stands under its id, under its name, and at both sides. */
public final class GrantsOfZone {
  private static final String KIND = "grant";

  private GrantsOfZone() {}

  /** Writes a grant. */
  public static void put(NameGrant grant, List<DocumentEdit> edits) {
    edits.add(Documents.put(Keys.grant(grant.getId()), grant));
    edits.add(Documents.put(key(grant), grant));
    NameGrant id = NameGrant.newBuilder().setId(grant.getId()).build();
    for (String side : sides(grant)) {
      edits.add(Documents.put(side, id));
    }
  }

  /** Removes a grant. */
  public static void remove(NameGrant grant, List<DocumentEdit> edits) {
    edits.add(DocumentEdit.remove(Keys.grant(grant.getId())));
    edits.add(DocumentEdit.remove(key(grant)));
    for (String side : sides(grant)) {
      edits.add(DocumentEdit.remove(side));
    }
  }

  /** The key that grants the same name to the same project by the same organisation. */
  public static String key(NameGrant grant) {
    return Keys.granted(
        new ZoneKey(grant.getView(), DomainName.parse(grant.getName())),
        grantee(grant),
        grant.getGranter().getOrganisation());
  }

  /** Who may have the name. */
  public static ZoneOwner grantee(NameGrant grant) {
    return new ZoneOwner(grant.getGrantee().getOrganisation(), grant.getGrantee().getProject());
  }

  /** Who lets it have the name. */
  public static ZoneOwner granter(NameGrant grant) {
    return NameRules.owner(grant);
  }

  private static List<String> sides(NameGrant grant) {
    String given = Keys.in(KIND, granter(grant)) + grant.getId();
    String got = Keys.in(KIND, grantee(grant)) + grant.getId();
    return given.equals(got) ? List.of(given) : List.of(given, got);
  }

  /** What a zone's owner granted below its apex goes with the zone. */
  static void move(
      ContentView view, ZoneKey zone, ZoneOwner giver, ZoneOwner taker, List<DocumentEdit> edits)
      throws StoreException {
    Documents.each(
        view,
        Keys.granted(zone.view(), zone.apex()),
        "",
        document -> {
          NameGrant grant = Documents.parsed(document, NameGrant.parser());
          if (granter(grant).equals(giver) && isOfZone(view, zone, grant, giver)) {
            remove(grant, edits);
            NameGrant moved =
                grant.toBuilder()
                    .setGranter(
                        ProjectName.newBuilder()
                            .setOrganisation(taker.organisation())
                            .setProject(taker.project()))
                    .build();
            boolean toItself = grant.getGrantee().getOrganisation().equals(taker.organisation());
            if (!toItself
                && (taker.organisation().equals(giver.organisation())
                    || view.document(key(moved)) == null)) {
              put(moved, edits);
            }
          }
          return true;
        });
  }

  /** True when no other zone of the giver's lies between the name and the zone. */
  private static boolean isOfZone(ContentView view, ZoneKey zone, NameGrant grant, ZoneOwner giver)
      throws StoreException {
    for (DomainName at = DomainName.parse(grant.getName());
        at != null && !at.equals(zone.apex());
        at = at.parent()) {
      StoredZone between = view.zone(new ZoneKey(zone.view(), at));
      if (between != null
          && between.settings().owner().organisation().equals(giver.organisation())) {
        return false;
      }
    }
    return true;
  }
}
