package io.flashdns.core.engine;

import io.flashdns.core.dns.Rcode;
import io.flashdns.core.zone.Catalog;
import java.util.List;
import java.util.Locale;

/** What the engine itself says when metrics are collected. */
final class EngineMetrics {
  private static final List<String> NO_LABELS = List.of();

  private EngineMetrics() {}

  static void collect(
      EngineCounters counters,
      Catalog catalog,
      List<RunningPlugin> plugins,
      int workers,
      int blockedWorkers,
      MetricCollector into) {
    byProtocol(into, "udp", counters.udpQueries());
    byProtocol(into, "tcp", counters.tcpQueries());
    for (int code = 0; code < Rcode.COUNT; code++) {
      long replies = counters.byRcode().get(code);
      if (replies != 0 || code == Rcode.NOERROR) {
        into.counter(
            "flashdns_responses",
            "Replies handed to the transport",
            List.of("rcode"),
            List.of(Rcode.text(code)),
            replies);
      }
    }
    plain(into, "flashdns_dropped_queries", "Queries without a reply", counters.dropped());
    plain(into, "flashdns_malformed_queries", "Replies FORMERR", counters.malformed());
    plain(into, "flashdns_truncated_responses", "Replies with TC", counters.truncated());
    gauge(into, "flashdns_zones", "Zones that are served", catalog.size());
    gauge(into, "flashdns_workers", "Workers, one for each event loop", workers);
    gauge(into, "flashdns_blocked_workers", "Workers that a hook blocks now", blockedWorkers);
    for (RunningPlugin plugin : plugins) {
      for (Phase phase : Phase.values()) {
        into.counter(
            "flashdns_plugin_faults",
            "Hooks that threw or returned null",
            List.of("plugin", "phase"),
            List.of(plugin.name(), phase.name().toLowerCase(Locale.ROOT)),
            plugin.faults(phase));
      }
      into.counter(
          "flashdns_plugin_blocked",
          "Times that a hook was seen to block its worker",
          List.of("plugin"),
          List.of(plugin.name()),
          plugin.blockedCount());
      into.gauge(
          "flashdns_plugin_out",
          "1 while the breaker has taken the plugin out",
          List.of("plugin"),
          List.of(plugin.name()),
          plugin.breaker().isOut() ? 1 : 0);
    }
  }

  private static void byProtocol(MetricCollector into, String protocol, long queries) {
    into.counter(
        "flashdns_queries", "Messages received", List.of("protocol"), List.of(protocol), queries);
  }

  private static void plain(MetricCollector into, String name, String help, long value) {
    into.counter(name, help, NO_LABELS, NO_LABELS, value);
  }

  private static void gauge(MetricCollector into, String name, String help, double value) {
    into.gauge(name, help, NO_LABELS, NO_LABELS, value);
  }
}
