package io.flashdns.management.api;

import io.flashdns.core.store.StoreException;
import io.flashdns.proto.v1.Node;
import io.flashdns.proto.v1.NodeState;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;

/**
 * The nodes that serve the zones, and how far each of them is. Safe for all threads.
 *
 * <p>A node that has not been heard of for 10 seconds does not count as living.
 */
public interface Nodes {
  /** What a node is called unless it is configured: the name of its host, 1 to 63 characters. */
  static String hostName() {
    try {
      String name = InetAddress.getLocalHost().getHostName().replaceAll("[^A-Za-z0-9._-]", "-");
      return name.isEmpty() ? "localhost" : name.substring(0, Math.min(name.length(), 63));
    } catch (UnknownHostException _) {
      return "localhost";
    }
  }

  /** The node that is asked. */
  Node self();

  /** All that were heard of within a day, by id. */
  List<Node> all();

  /**
   * Those that are waited for: the living ones, and while no other can be heard those that lived
   * when they were heard of last.
   */
  default List<Node> counted() {
    return all().stream().filter(node -> node.getState() != NodeState.NODE_STATE_LOST).toList();
  }

  /** The newest revision that all nodes that are waited for serve; 0 before any. */
  long servedEverywhere();

  /**
   * Waits until all living nodes serve a revision, or until the time is over.
   *
   * @return false when the time was over
   */
  boolean awaitServed(long revision, Duration timeout) throws StoreException, InterruptedException;
}
