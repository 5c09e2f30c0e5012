package io.flashdns.management.server;

import com.google.protobuf.util.Durations;
import com.google.protobuf.util.Timestamps;
import io.flashdns.core.store.StoreException;
import io.flashdns.management.api.Nodes;
import io.flashdns.proto.v1.Node;
import io.flashdns.proto.v1.NodeState;
import java.time.Duration;
import java.util.List;

/** The only node of a store that lies in its process: what it serves is served everywhere. */
final class ThisNode implements Nodes {
  private static final double MILLIS_PER_SECOND = 1e3;

  private final ZoneService zones;
  private final String id;
  private final long startedMillis = System.currentTimeMillis();
  private volatile NodeState state = NodeState.NODE_STATE_SERVING;

  ThisNode(ZoneService zones) {
    this.zones = zones;
    this.id = Nodes.hostName();
  }

  /** It finishes what it has and takes no more. */
  void draining() {
    state = NodeState.NODE_STATE_DRAINING;
  }

  @Override
  public Node self() {
    ApplierState now = zones.applier().state();
    long served = Math.max(now.appliedRevision(), 0);
    return Node.newBuilder()
        .setId(id)
        .setVersion(Distribution.version())
        .setState(state)
        .setServedRevision(served)
        .setBehind(Math.max(now.store().revision() - served, 0))
        .setLag(Durations.fromMillis((long) (now.lagSeconds() * MILLIS_PER_SECOND)))
        .setZones(zones.catalog().size())
        .setStartTime(Timestamps.fromMillis(startedMillis))
        .setSeenTime(Timestamps.fromMillis(System.currentTimeMillis()))
        .build();
  }

  @Override
  public List<Node> all() {
    return List.of(self());
  }

  @Override
  public long servedEverywhere() {
    return Math.max(zones.appliedRevision(), 0);
  }

  @Override
  public boolean awaitServed(long revision, Duration timeout)
      throws StoreException, InterruptedException {
    return zones.catchUp(revision, timeout);
  }
}
