package io.flashdns.management.client;

import io.flashdns.proto.v1.GetZoneRequest;
import io.flashdns.proto.v1.ListZonesRequest;
import io.flashdns.proto.v1.Zone;
import io.flashdns.proto.v1.ZoneRef;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds the zone that a record is in. */
final class ZoneFinder {
  private static final int HINT_PAGE = 1000;

  private ZoneFinder() {}

  /**
   * Where a record is.
   *
   * @param zone by id when it was looked up, so that a zone created meanwhile does not matter
   * @param apex of the zone
   * @param owner the absolute owner name
   */
  record Place(ZoneRef zone, String apex, String owner) {}

  /** The zone itself; a mistyped name gets a hint. */
  static Zone zone(Session session, String text, @Nullable String view)
      throws ClientException, InterruptedException {
    ZoneRef ref = ZoneNames.ref(text, view);
    try {
      return get(session, ref);
    } catch (StatusRuntimeException e) {
      if (!Failures.isNotFound(e)) {
        throw e;
      }
      throw missing(session, text);
    }
  }

  /**
   * The place of a record.
   *
   * @param owner as it was typed
   * @param zone as it was typed; null: the longest of the zones that may be seen
   */
  static Place of(Session session, String owner, @Nullable String zone, @Nullable String view)
      throws ClientException, InterruptedException {
    if (zone != null) {
      if (zone.startsWith("id:")) {
        Zone found = get(session, ZoneNames.ref(zone, view));
        String apex = found.getName().getApex();
        return new Place(ZoneNames.ref(zone, view), apex, DomainName.within(owner, apex));
      }
      String apex = DomainName.absolute(zone);
      return new Place(ZoneNames.ref(zone, view), apex, DomainName.within(owner, apex));
    }
    if (owner.equals("@")) {
      throw ClientException.usage("'@' is the apex of a zone: say which by --zone");
    }
    String name = DomainName.absolute(owner);
    for (String ancestor : DomainName.ancestors(name)) {
      try {
        Zone found = get(session, ZoneNames.ref(ancestor, view));
        ZoneRef ref = ZoneRef.newBuilder().setId(found.getId()).build();
        return new Place(ref, found.getName().getApex(), name);
      } catch (StatusRuntimeException e) {
        if (!Failures.isNotFound(e)) {
          throw e;
        }
      }
    }
    throw new ClientException(
        ExitStatus.NOT_FOUND,
        "there is no zone at or above "
            + name
            + " that you may see; 'flashdns zone list' shows those there are, --zone names one");
  }

  private static Zone get(Session session, ZoneRef ref) throws InterruptedException {
    GetZoneRequest request = GetZoneRequest.newBuilder().setZone(ref).build();
    return session.ask(() -> session.zones().getZone(request)).getZone();
  }

  private static ClientException missing(Session session, String text) throws InterruptedException {
    String hint = "";
    try {
      session.waitAtMost(Duration.ofSeconds(1));
      ListZonesRequest request = ListZonesRequest.newBuilder().setPageSize(HINT_PAGE).build();
      List<String> known =
          session.ask(() -> session.zones().listZones(request)).getZonesList().stream()
              .map(zone -> zone.getName().getApex().replaceFirst("\\.$", ""))
              .toList();
      hint = Nearest.hint(text.replaceFirst("\\.$", ""), known);
    } catch (StatusRuntimeException _) {
      // It was a favour.
    }
    return new ClientException(
        ExitStatus.NOT_FOUND, "there is no zone " + text + ", or you may not see it" + hint);
  }
}
