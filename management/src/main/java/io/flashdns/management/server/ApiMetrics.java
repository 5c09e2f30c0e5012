package io.flashdns.management.server;

import io.flashdns.core.engine.Metric;
import io.flashdns.management.grpc.ApiCounters;
import io.flashdns.management.grpc.ApiServer;
import io.flashdns.management.grpc.CallCounts;
import io.flashdns.management.identity.Refusal;
import io.flashdns.management.identity.Refusals;
import io.flashdns.management.operations.Samples;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What the doors of the API do, as metrics. Labels are methods and codes of the contract and
 * reasons that are known here: nothing that a client says becomes one, and no tenant is named.
 */
final class ApiMetrics {
  private static final String PREFIX = "flashdns_api_";

  private ApiMetrics() {}

  /** All of them. Cheap. */
  static List<Metric> of(ApiServer server, Refusals refusals) {
    CallCounts.Now calls = server.calls();
    ApiCounters.Counts counts = server.counts();
    return List.of(
        calls(calls),
        Samples.gauge(
            PREFIX + "calls_under_way", "Calls that are being served", (double) calls.underWay()),
        counter(
            "calls_unknown",
            "Calls of methods that there are not, by gRPC and by JSON",
            calls.unknown()),
        times(calls),
        Samples.gauge(
            PREFIX + "connections", "Connections that are open", (double) server.connections()),
        counter("connections_accepted", "Connections taken", counts.connections()),
        counter(
            "connections_refused",
            "Connections closed at once, since there were too many",
            counts.connectionsRefused()),
        counter(
            "connections_evicted", "Connections closed to make room", counts.connectionsEvicted()),
        counter(
            "handshakes_timed_out",
            "Connections closed before they had begun to speak",
            counts.handshakesTimedOut()),
        counter(
            "malformed",
            "Requests by JSON over HTTP that are none, are too long, or are not what the door"
                + " takes",
            counts.malformed()),
        unrecognised(refusals),
        counter("denied", "Calls whose caller may not make them", counts.denied()),
        counter("limited", "Calls beyond a rate or a number", counts.limited()),
        counter("failed", "Calls that the server failed at", counts.failed()),
        counter(
            "audit_entries",
            "Entries of the audit log, with their change or without one",
            counts.auditWithChange() + counts.auditEntries()),
        counter(
            "audit_gathered",
            "Calls that share an entry of the audit log with others",
            counts.auditGathered()),
        counter(
            "audit_lost", "Entries of the audit log that could not be written", counts.auditLost()),
        Samples.gauge(
            PREFIX + "audit_full",
            "1 while changing calls are refused, for the audit log cannot take more",
            server.isKeepingUp() ? 0 : 1));
  }

  private static Metric calls(CallCounts.Now calls) {
    List<Metric.Sample> samples = new ArrayList<>();
    for (CallCounts.Ended ended : calls.ended()) {
      int slash = ended.path().indexOf('/');
      String service = ended.path().substring(0, slash);
      samples.add(
          new Metric.Sample(
              List.of(
                  service.substring(service.lastIndexOf('.') + 1),
                  ended.path().substring(slash + 1),
                  ended.code()),
              (double) ended.calls(),
              List.of()));
    }
    return new Metric(
        PREFIX + "calls",
        "Calls that have ended, by gRPC and by JSON",
        Metric.Kind.COUNTER,
        List.of("service", "method", "code"),
        samples);
  }

  private static Metric times(CallCounts.Now calls) {
    return new Metric(
        PREFIX + "call",
        "From the admission of a call with one answer to its end",
        Metric.Kind.HISTOGRAM,
        List.of("kind"),
        List.of(time("read", calls.reads()), time("write", calls.writes())));
  }

  private static Metric.Sample time(String kind, CallCounts.Took took) {
    return new Metric.Sample(List.of(kind), (double) took.nanos(), took.buckets());
  }

  private static Metric unrecognised(Refusals refusals) {
    List<Metric.Sample> samples = new ArrayList<>();
    for (Refusal why : Refusal.values()) {
      samples.add(
          new Metric.Sample(
              List.of(why.name().toLowerCase(Locale.ROOT)),
              (double) refusals.count(why),
              List.of()));
    }
    return new Metric(
        PREFIX + "unrecognised",
        "Calls whose caller was not recognised",
        Metric.Kind.COUNTER,
        List.of("reason"),
        samples);
  }

  private static Metric counter(String name, String help, long value) {
    return Samples.counter(PREFIX + name, help, (double) value);
  }
}
