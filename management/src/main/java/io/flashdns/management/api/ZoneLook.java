package io.flashdns.management.api;

import com.google.protobuf.util.Timestamps;
import io.flashdns.core.store.StoreEvent;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.core.store.ZoneStore;
import io.flashdns.management.message.ZoneMessages;
import io.flashdns.proto.v1.Zone;
import io.flashdns.proto.v1.ZoneState;
import io.flashdns.proto.v1.ZoneStatus;
import java.util.List;
import java.util.function.Predicate;

/** How a zone looks to callers: settings and counters, how it does, and when it was changed. */
final class ZoneLook {
  private final ZoneStore store;
  private final Nodes nodes;
  private final Predicate<ZoneOwner> suspended;

  /**
   * Over a store.
   *
   * @param suspended tells whether a project, or its organisation, is suspended
   */
  ZoneLook(ZoneStore store, Nodes nodes, Predicate<ZoneOwner> suspended) {
    this.store = store;
    this.nodes = nodes;
    this.suspended = suspended;
  }

  /** With its status, and the times of its first and last change where they are known. */
  Zone whole(StoredZone zone) throws StoreException {
    Zone.Builder message = withStatus(zone).toBuilder();
    List<StoreEvent> last = store.history(zone.id(), Long.MAX_VALUE, 1);
    if (!last.isEmpty() && last.getFirst().revision() == zone.revision()) {
      message.setUpdateTime(Timestamps.fromMillis(last.getFirst().epochMillis()));
    }
    List<StoreEvent> first =
        zone.createdRevision() == zone.revision()
            ? last
            : store.history(zone.id(), zone.createdRevision() + 1, 1);
    if (!first.isEmpty() && first.getFirst().revision() == zone.createdRevision()) {
      message.setCreateTime(Timestamps.fromMillis(first.getFirst().epochMillis()));
    }
    return message.build();
  }

  /** With its status. */
  Zone withStatus(StoredZone zone) {
    return ZoneMessages.message(zone).setStatus(status(zone)).build();
  }

  private ZoneStatus status(StoredZone zone) {
    ZoneStatus.Builder status = ZoneStatus.newBuilder();
    long served = nodes.servedEverywhere();
    status.setServedRevision(Math.min(served, zone.revision()));
    if (suspended.test(zone.settings().owner())) {
      return status
          .setState(ZoneState.ZONE_STATE_SUSPENDED)
          .setReason("its project or its organisation is suspended: an admin can resume it")
          .build();
    }
    if (zone.settings().suspended()) {
      return status
          .setState(ZoneState.ZONE_STATE_SUSPENDED)
          .setReason("it is suspended by the wish of its project: set suspended to false")
          .build();
    }
    return status
        .setState(
            served >= zone.revision() ? ZoneState.ZONE_STATE_ACTIVE : ZoneState.ZONE_STATE_PENDING)
        .build();
  }
}
