package io.flashdns.plugins.tenancy;

import io.flashdns.core.plugin.Network;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * Who sees a view. Where both networks and listeners are given, both must match.
 *
 * @param view name of the view that its zones stand in; {@code public} takes a network out of a
 *     larger one that has a view; 1 to 200 characters
 * @param networks sources; none means all
 * @param listeners addresses of the configuration's listeners that the query came to; none means
 *     all
 * @param exclusive true when names that no zone of the view holds are REFUSED; false when they are
 *     looked for in the public view too; default false
 */
public record ViewRule(
    String view, List<Network> networks, List<InetSocketAddress> listeners, boolean exclusive) {
  /** Copies the lists. */
  public ViewRule {
    networks = List.copyOf(networks);
    listeners = List.copyOf(listeners);
  }

  /** What absent keys mean; the view must be named. */
  public static ViewRule defaults() {
    return new ViewRule("", List.of(), List.of(), false);
  }
}
