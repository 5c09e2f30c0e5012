package io.flashdns.transport;

/**
 * What the sockets saw since the start, summed over the event loops, and what is so now. Each
 * number is exact, but they are read one after the other while the loops go on.
 *
 * @param udpReceived datagrams read
 * @param udpSent replies handed to the system
 * @param udpSegmented of these, those that left together with others to the same peer, in one
 *     message that the system cut
 * @param udpOversize datagrams longer than 1,535 octets, and such without a source port: dropped
 *     unread
 * @param udpSendErrors replies that the system refused, or that found no room in time
 * @param udpReceiveErrors failed reads of a UDP socket
 * @param udpKernelDropped datagrams that the kernel dropped before they could be read: the receive
 *     buffer was full, or the overload shield was up. Zero on other backends than {@link
 *     IoBackend#FFM}, where it is not known
 * @param udpShieldActive sockets whose overload shield is up now
 * @param udpShieldedSources sources that these thin now, by socket
 * @param udpProxyRefusedSource datagrams to a listener of proxies from somebody else: dropped
 * @param udpProxyRefusedHeader datagrams of a proxy that do not begin with a PROXY header, or with
 *     one that is not taken: dropped
 * @param tcpAccepted connections that were taken
 * @param tcpRefused connections closed at once, since the client had too many; behind a proxy, when
 *     the header names the client
 * @param tcpEvicted connections closed to make room
 * @param tcpTimedOut connections closed by a time limit
 * @param tcpClosed connections that were taken and are gone, for whatever reason
 * @param tcpMessages messages read
 * @param tcpReplies replies written
 * @param tcpMalformed frames too short to be a DNS message: the connection was closed
 * @param tcpProxyRefusedSource connections to a listener of proxies from somebody else: closed at
 *     once, and not among those that were taken
 * @param tcpProxyRefusedHeader connections of a proxy that do not begin with a PROXY header, or
 *     with one that is not taken: closed
 * @param tcpAcceptErrors failed accepts, such as for want of file descriptors
 * @param failures exceptions that nobody handled; each cause was logged once
 */
public record TransportCounters(
    long udpReceived,
    long udpSent,
    long udpSegmented,
    long udpOversize,
    long udpSendErrors,
    long udpReceiveErrors,
    long udpKernelDropped,
    long udpShieldActive,
    long udpShieldedSources,
    long udpProxyRefusedSource,
    long udpProxyRefusedHeader,
    long tcpAccepted,
    long tcpRefused,
    long tcpEvicted,
    long tcpTimedOut,
    long tcpClosed,
    long tcpMessages,
    long tcpReplies,
    long tcpMalformed,
    long tcpProxyRefusedSource,
    long tcpProxyRefusedHeader,
    long tcpAcceptErrors,
    long failures) {

  /** Connections that are open now. */
  public long tcpOpen() {
    return tcpAccepted - tcpClosed;
  }
}
