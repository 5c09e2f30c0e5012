/**
 * UDP and TCP listeners: bytes from sockets to workers and back.
 *
 * <p>{@link io.flashdns.transport.Transport#start} opens every address of a {@link
 * io.flashdns.transport.TransportConfig} on a number of event loops. A loop is one thread with its
 * own {@link io.flashdns.core.engine.Worker}, its own UDP socket and TCP listener for each address,
 * and its own connections and counters; the kernel spreads datagrams and connections over the
 * loops. Nothing is shared on the way of a query.
 *
 * <p>A datagram is copied into {@link io.flashdns.core.engine.Worker#packet}, answered in the same
 * call, and its reply copied out of {@link io.flashdns.core.engine.Worker#reply}; the replies of
 * one wake-up leave together. TCP does the same with each message of a stream. No type of Netty
 * goes further than this package.
 *
 * <p>There are four ways to the kernel, see {@link io.flashdns.transport.IoBackend}. On {@code ffm}
 * the UDP sockets are our own, driven by Netty's epoll loop; on the others they are Netty's
 * channels. TCP is always Netty's.
 *
 * <p>Listeners behind proxies that speak the PROXY protocol serve those proxies alone, and take the
 * client from the header, see {@link io.flashdns.transport.ProxyProtocol}.
 *
 * <p>When more datagrams come than can be read, sources above their fair share are thinned by the
 * kernel, so that the others are answered (on {@code ffm}; {@code OverloadShield}).
 *
 * <p>Hostile traffic is counted, see {@link io.flashdns.transport.TransportCounters}, and never
 * logged, but for the rise and the end of that shield. What one client can hold is bounded by
 * {@link io.flashdns.transport.TcpLimits}.
 */
@NullMarked
package io.flashdns.transport;

import org.jspecify.annotations.NullMarked;
