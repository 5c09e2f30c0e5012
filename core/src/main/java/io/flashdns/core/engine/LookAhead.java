package io.flashdns.core.engine;

import io.flashdns.core.zone.Zone;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Brings the memory that a batch of queries will read into the processor's caches.
 *
 * <p>An answer from a large catalog waits for memory three or four times in a row: the catalog's
 * entry, the zone, the slot of its index, the node. Done query by query, each wait is paid in full,
 * for what comes after it in the program is more than a processor can look ahead. Here each step is
 * made for the whole batch in a loop of few instructions, so that a dozen reads are under way at
 * once. Java has no prefetch instruction; the reads are real, and what they find goes into a field
 * so that no compiler leaves them out.
 *
 * <p>It decides nothing: a query whose name hashes to a taken slot, or that is refused by a gate,
 * is looked at in vain, and its answer is made from the same structures as ever.
 */
final class LookAhead {
  private final @Nullable Zone[] zones;
  private final int[] nodes;

  @SuppressWarnings("UnusedVariable") // written so that the reads are made
  private int sink;

  LookAhead(int batch) {
    zones = new Zone[batch];
    nodes = new int[batch];
  }

  /**
   * Reads the questions, and then step by step what their answers will read; each loop waits for
   * memory but once.
   */
  void touch(PacketQuery[] queries, boolean[] accepted, int count) {
    for (int i = 0; i < count; i++) {
      if (accepted[i]) {
        boolean _ = queries[i].parse();
      }
    }
    for (int i = 0; i < count; i++) {
      PacketQuery query = queries[i];
      // A message that cannot be read has the root as its name, and no zone but the root's.
      zones[i] = accepted[i] ? query.catalog().likelyZone(0, query.name()) : null;
    }
    int seen = 0;
    for (int i = 0; i < count; i++) {
      Zone zone = zones[i];
      seen += zone == null ? 0 : zone.apexLabels();
    }
    for (int i = 0; i < count; i++) {
      Zone zone = zones[i];
      nodes[i] = zone == null ? 0 : zone.likelyNode(queries[i].name());
    }
    for (int i = 0; i < count; i++) {
      Zone zone = zones[i];
      seen += zone == null ? 0 : zone.touch(nodes[i]);
    }
    sink = seen;
  }

  void release() {
    Arrays.fill(zones, null);
  }
}
