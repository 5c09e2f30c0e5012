package io.flashdns.core.plugin;

/** How a query came. */
public enum Protocol {
  /**
   * One datagram: the source address may be forged and the reply must fit into a datagram (RFC 1035
   * §4.2.1).
   */
  UDP,
  /** A stream: the source address is proven by the handshake (RFC 7766). */
  TCP
}
