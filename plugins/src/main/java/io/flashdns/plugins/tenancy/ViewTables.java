package io.flashdns.plugins.tenancy;

import io.flashdns.core.plugin.Network;
import io.flashdns.core.plugin.NetworkTable;
import io.flashdns.core.zone.Views;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which rule holds for a source at a listener: a table of networks for each listener.
 *
 * <p>The longest network that holds the source decides. Of two rules for one network the one that
 * names the listener goes before the one for all listeners; otherwise two rules for one network are
 * refused. So the order of the rules means nothing, and thousands of them cost one look-up.
 *
 * <p>Immutable; safe for all threads.
 */
final class ViewTables {
  private static final List<Network> EVERYBODY =
      List.of(Network.parse("0.0.0.0/0"), Network.parse("::/0"));

  private final NetworkTable[] byListener;
  private final NetworkTable forOthers;
  private final int[] views;
  private final boolean[] exclusive;

  /**
   * @param rules one or more
   * @param listeners of the configuration, in the order of their indices
   * @param names takes the names of the views
   * @throws IllegalArgumentException when a rule names a listener that there is not, or two rules
   *     say different things of one network; the message is for the operator
   */
  ViewTables(List<ViewRule> rules, List<InetSocketAddress> listeners, Views names) {
    views = new int[rules.size()];
    exclusive = new boolean[rules.size()];
    for (int i = 0; i < rules.size(); i++) {
      ViewRule rule = rules.get(i);
      views[i] = names.number(rule.view());
      exclusive[i] = rule.exclusive();
      for (InetSocketAddress listener : rule.listeners()) {
        if (!listeners.contains(listener)) {
          throw new IllegalArgumentException(
              "views["
                  + i
                  + "] names the listener "
                  + text(listener)
                  + ", which this server has not: it has "
                  + (listeners.isEmpty() ? "none" : text(listeners)));
        }
      }
    }
    byListener = new NetworkTable[listeners.size()];
    for (int i = 0; i < byListener.length; i++) {
      byListener[i] = table(rules, listeners.get(i));
    }
    forOthers = table(rules, null);
  }

  /** The table of a listener, or of one that no rule names. */
  private static NetworkTable table(List<ViewRule> rules, @Nullable InetSocketAddress listener) {
    Map<Network, Integer> chosen = new HashMap<>();
    if (listener != null) {
      collect(rules, listener, chosen);
    }
    Map<Network, Integer> everywhere = new HashMap<>();
    collect(rules, null, everywhere);
    everywhere.forEach(chosen::putIfAbsent);
    return NetworkTable.of(new ArrayList<>(chosen.entrySet()));
  }

  /** The networks of the rules that name a listener, or, for null, of those that name none. */
  private static void collect(
      List<ViewRule> rules, @Nullable InetSocketAddress listener, Map<Network, Integer> into) {
    for (int i = 0; i < rules.size(); i++) {
      ViewRule rule = rules.get(i);
      if (listener == null ? !rule.listeners().isEmpty() : !rule.listeners().contains(listener)) {
        continue;
      }
      for (Network network : rule.networks().isEmpty() ? EVERYBODY : rule.networks()) {
        Integer earlier = into.putIfAbsent(network, i);
        if (earlier != null) {
          throw new IllegalArgumentException(
              "views["
                  + i
                  + "] is for "
                  + (rule.networks().isEmpty() ? "all sources" : network)
                  + (listener == null ? "" : " at " + text(listener))
                  + ", and so is views["
                  + earlier
                  + "]: remove it from one of the two");
        }
      }
    }
  }

  private static String text(List<InetSocketAddress> listeners) {
    return String.join(", ", listeners.stream().map(ViewTables::text).toList());
  }

  private static String text(InetSocketAddress listener) {
    String address = listener.getAddress().getHostAddress();
    return (address.indexOf(':') < 0 ? address : "[" + address + "]") + ":" + listener.getPort();
  }

  /** The rule for a source, or {@link NetworkTable#NONE}. */
  int rule(int listener, long sourceHi, long sourceLo) {
    NetworkTable table = listener < byListener.length ? byListener[listener] : forOthers;
    return table.find(sourceHi, sourceLo);
  }

  /** The view of a rule. */
  int view(int rule) {
    return views[rule];
  }

  /** Whether a rule's view does without the public one. */
  boolean isExclusive(int rule) {
    return exclusive[rule];
  }
}
