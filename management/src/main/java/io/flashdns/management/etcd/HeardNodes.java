package io.flashdns.management.etcd;

import com.google.protobuf.util.Timestamps;
import io.flashdns.proto.v1.Node;
import io.flashdns.proto.v1.NodeState;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What is known of the nodes of a fleet, and who waits for them. Safe for all threads.
 *
 * <p>News of a key may come twice and in any order; the one of etcd's newest revision counts.
 */
final class HeardNodes {
  /** For how long a node that lives no longer is remembered. */
  static final Duration MEMORY = Duration.ofDays(1);

  private static final long NEVER = 0;

  /** A node as it was heard of last; {@code revision} is etcd's, of its key. */
  record Heard(NodeValue value, long revision, boolean lives, long seenMillis) {
    Node node() {
      return value.node();
    }
  }

  private final InstantSource clock;
  private final String process;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<String, Heard> all = new HashMap<>();
  private long ownServed;
  private long everywhere;
  private boolean wasHeard;
  private long heardNanos;
  private boolean ended;

  /**
   * @param process of this node: what it says of itself is known better here
   */
  HeardNodes(String process, InstantSource clock) {
    this.process = process;
    this.clock = clock;
  }

  /** This node serves a revision. */
  void served(long revision) {
    lock.lock();
    try {
      ownServed = Math.max(ownServed, revision);
      count();
    } finally {
      lock.unlock();
    }
  }

  /** A node has written its key. */
  void wrote(String name, NodeValue value, long revision) {
    lock.lock();
    try {
      if (isNews(name, revision)) {
        all.put(name, new Heard(value, revision, true, clock.millis()));
        count();
      }
    } finally {
      lock.unlock();
    }
  }

  /** The key of a node is gone, by its end or that of its lease. */
  void ended(String name, long revision) {
    lock.lock();
    try {
      Heard was = all.get(name);
      if (was != null && isNews(name, revision)) {
        all.put(name, new Heard(was.value(), revision, false, was.seenMillis()));
        count();
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean isNews(String name, long revision) {
    Heard was = all.get(name);
    return was == null || was.revision() < revision;
  }

  /**
   * All keys there are, at one revision of etcd.
   *
   * @param living by name, with the revisions of their keys
   * @param seen what nodes wrote that may live no longer, by name
   * @return the newest revision of a key that was news; 0 when none was
   */
  long listed(Map<String, Heard> living, Map<String, Node> seen, long revision) {
    long now = clock.millis();
    long[] news = new long[1];
    lock.lock();
    try {
      living.forEach(
          (name, heard) -> {
            Heard was = all.get(name);
            if (was == null || was.revision() < heard.revision()) {
              news[0] = Math.max(news[0], heard.revision());
            }
            if (was == null || was.revision() <= heard.revision()) {
              all.put(name, new Heard(heard.value(), heard.revision(), true, now));
            }
          });
      all.replaceAll(
          (name, was) ->
              was.lives() && was.revision() <= revision && !living.containsKey(name)
                  ? new Heard(was.value(), revision, false, was.seenMillis())
                  : was);
      seen.forEach(
          (name, node) -> {
            if (!all.containsKey(name)) {
              long at = Math.min(Timestamps.toMillis(node.getSeenTime()), now);
              all.put(name, new Heard(new NodeValue("", node), NEVER, false, at));
            }
          });
      all.values().removeIf(was -> !was.lives() && isForgotten(was.seenMillis(), now));
      wasHeard = true;
      heardNanos = System.nanoTime();
      count();
      return news[0];
    } finally {
      lock.unlock();
    }
  }

  static boolean isForgotten(long seenMillis, long nowMillis) {
    return nowMillis - seenMillis >= MEMORY.toMillis();
  }

  /** Before the others were heard of for the first time nothing is known of what they serve. */
  private void count() {
    long least = wasHeard ? ownServed : 0;
    for (Heard each : all.values()) {
      if (each.lives() && !each.value().process().equals(process)) {
        least = Math.min(least, each.node().getServedRevision());
      }
    }
    boolean mayEndWaiting = least > everywhere;
    everywhere = least;
    if (mayEndWaiting) {
      changed.signalAll();
    }
  }

  /** The least revision over this node and the living others; see {@link Fleet}. */
  long everywhere() {
    lock.lock();
    try {
      return everywhere;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until a revision is served everywhere, the time is over, or it ends. */
  boolean await(long revision, Duration timeout) throws InterruptedException {
    long left = timeout.toNanos();
    lock.lockInterruptibly();
    try {
      while (everywhere < revision && !ended) {
        if (left <= 0) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
      return everywhere >= revision;
    } finally {
      lock.unlock();
    }
  }

  /** Nobody waits any longer. */
  void end() {
    lock.lock();
    try {
      ended = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  boolean hasEnded() {
    lock.lock();
    try {
      return ended;
    } finally {
      lock.unlock();
    }
  }

  /** Seconds since all keys were listed last; infinite before. */
  double silentSeconds() {
    lock.lock();
    try {
      return wasHeard
          ? (double) (System.nanoTime() - heardNanos) / TimeUnit.SECONDS.toNanos(1)
          : Double.POSITIVE_INFINITY;
    } finally {
      lock.unlock();
    }
  }

  /** Whether the living node of this name is this one. */
  boolean isOwn(String name) {
    lock.lock();
    try {
      Heard heard = all.get(name);
      return heard != null && heard.lives() && heard.value().process().equals(process);
    } finally {
      lock.unlock();
    }
  }

  /**
   * The others, by name.
   *
   * @param own the name of this node, which is not among them unless another process has it
   * @param areHeard false to show them all as not heard of
   * @param newest the store's newest revision, which they are behind
   */
  Map<String, Node> others(String own, boolean areHeard, long newest) {
    Map<String, Node> others = new HashMap<>();
    lock.lock();
    try {
      all.forEach(
          (name, heard) -> {
            boolean isSelf =
                heard.value().process().equals(process) || (name.equals(own) && !heard.lives());
            if (!isSelf) {
              others.put(name, shown(name, heard, areHeard, newest));
            }
          });
    } finally {
      lock.unlock();
    }
    return others;
  }

  /** The others whose serving counts: those that lived when they were heard of last. */
  List<Node> counted(boolean areHeard, long newest) {
    List<Node> counted = new ArrayList<>();
    lock.lock();
    try {
      all.forEach(
          (name, heard) -> {
            if (heard.lives() && !heard.value().process().equals(process)) {
              counted.add(shown(name, heard, areHeard, newest));
            }
          });
    } finally {
      lock.unlock();
    }
    return counted;
  }

  private static Node shown(String name, Heard heard, boolean areHeard, long newest) {
    Node.Builder node = heard.node().toBuilder().setId(name);
    long behind = Math.max(newest - node.getServedRevision(), 0);
    if (behind == 0) {
      node.clearLag();
    }
    if (!heard.lives() || !areHeard) {
      node.setState(NodeState.NODE_STATE_LOST);
    }
    return node.setBehind(behind).setSeenTime(Timestamps.fromMillis(heard.seenMillis())).build();
  }

  /** Two living nodes that are at one position and hold different things. */
  record Difference(String one, String other, long position) {}

  /** All of them, this node's key included. */
  List<Difference> differences() {
    List<Difference> found = new ArrayList<>();
    lock.lock();
    try {
      Map<Long, String> firsts = new HashMap<>();
      all.forEach(
          (name, heard) -> {
            Node node = heard.node();
            if (!heard.lives() || node.getStanding().isEmpty()) {
              return;
            }
            String first = firsts.putIfAbsent(node.getPosition(), name);
            if (first != null && !standing(first).equals(node.getStanding())) {
              found.add(new Difference(first, name, node.getPosition()));
            }
          });
    } finally {
      lock.unlock();
    }
    return found;
  }

  private String standing(String name) {
    Heard heard = all.get(name);
    return heard == null ? "" : heard.node().getStanding();
  }
}
