package io.flashdns.management.server;

import io.flashdns.core.engine.Metric;
import io.flashdns.management.operations.Samples;
import io.flashdns.transport.TransportCounters;
import java.util.List;

/** What the sockets saw, as metrics. */
final class TransportMetrics {
  private static final String PREFIX = "flashdns_transport_";

  private TransportMetrics() {}

  /** All counters, and what there is now. */
  static List<Metric> of(TransportCounters counters) {
    return List.of(
        counter("udp_received", "Datagrams read", counters.udpReceived()),
        counter("udp_sent", "Replies by UDP handed to the system", counters.udpSent()),
        counter(
            "udp_segmented",
            "Replies by UDP that left with others to the same peer in one message",
            counters.udpSegmented()),
        counter(
            "udp_oversize",
            "Datagrams dropped unread: too long, or without a source port",
            counters.udpOversize()),
        counter(
            "udp_send_errors",
            "Replies that the system refused or found no room for in time",
            counters.udpSendErrors()),
        counter("udp_receive_errors", "Failed reads of a UDP socket", counters.udpReceiveErrors()),
        counter(
            "udp_kernel_dropped",
            "Datagrams that the kernel dropped before they could be read",
            counters.udpKernelDropped()),
        Samples.gauge(
            PREFIX + "udp_shield_active",
            "UDP sockets whose overload shield is up",
            (double) counters.udpShieldActive()),
        Samples.gauge(
            PREFIX + "udp_shielded_sources",
            "Sources that the overload shields thin, by socket",
            (double) counters.udpShieldedSources()),
        counter(
            "udp_proxy_refused_source",
            "Datagrams to a listener of proxies from somebody else",
            counters.udpProxyRefusedSource()),
        counter(
            "udp_proxy_refused_header",
            "Datagrams of a proxy without a PROXY header that is taken",
            counters.udpProxyRefusedHeader()),
        counter("tcp_accepted", "Connections taken", counters.tcpAccepted()),
        counter(
            "tcp_refused",
            "Connections closed at once, since the client had too many",
            counters.tcpRefused()),
        counter("tcp_evicted", "Connections closed to make room", counters.tcpEvicted()),
        counter("tcp_timed_out", "Connections closed by a time limit", counters.tcpTimedOut()),
        counter("tcp_closed", "Connections taken that are gone", counters.tcpClosed()),
        counter("tcp_messages", "Messages read from connections", counters.tcpMessages()),
        counter("tcp_replies", "Replies written to connections", counters.tcpReplies()),
        counter(
            "tcp_malformed",
            "Connections closed for a frame too short to be a message",
            counters.tcpMalformed()),
        counter(
            "tcp_proxy_refused_source",
            "Connections to a listener of proxies from somebody else",
            counters.tcpProxyRefusedSource()),
        counter(
            "tcp_proxy_refused_header",
            "Connections of a proxy without a PROXY header that is taken",
            counters.tcpProxyRefusedHeader()),
        counter("tcp_accept_errors", "Failed accepts", counters.tcpAcceptErrors()),
        counter("failures", "Exceptions in the transport that nobody handled", counters.failures()),
        Samples.gauge(
            PREFIX + "tcp_open", "Connections that are open", (double) counters.tcpOpen()));
  }

  private static Metric counter(String name, String help, long value) {
    return Samples.counter(PREFIX + name, help, (double) value);
  }
}
