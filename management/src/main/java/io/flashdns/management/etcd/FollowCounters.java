package io.flashdns.management.etcd;

import java.util.concurrent.atomic.LongAdder;

/** What happened to who follows the shared log. */
final class FollowCounters {
  /** Watches that were begun. */
  final LongAdder watches = new LongAdder();

  /** Times that a watch had left something out, or was behind for a second. */
  final LongAdder gaps = new LongAdder();

  /** Calls of etcd that failed, and everything else that stopped the following. */
  final LongAdder faults = new LongAdder();

  /** Times that the copy was not what the others have. */
  final LongAdder differences = new LongAdder();

  /** Times that everything was fetched anew. */
  final LongAdder fetches = new LongAdder();

  /** Images that this node wrote. */
  final LongAdder images = new LongAdder();
}
