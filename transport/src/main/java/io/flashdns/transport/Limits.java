package io.flashdns.transport;

/** Sizes that both the native and the Netty sockets keep to. */
final class Limits {
  /**
   * Longest UDP query that is read. We tell clients that we take 1,232 octets (RFC 6891 §6.2.3); a
   * sender of more than this does not keep to it.
   */
  static final int MAX_UDP_QUERY_BYTES = 1535;

  /** Room for one datagram: one more than may come, so that a cut one is seen as such. */
  static final int DATAGRAM_BYTES = MAX_UDP_QUERY_BYTES + 1;

  /** The same where a PROXY header stands before the query. */
  static final int PROXIED_DATAGRAM_BYTES = ProxyHeader.MAX_BYTES + DATAGRAM_BYTES;

  /** Datagrams of one read call, where a call can take several. */
  static final int BATCH = 32;

  /** A frame shorter than a header is not a DNS message (RFC 1035 §4.1.1). */
  static final int HEADER_BYTES = 12;

  /**
   * Octets of unfinished TCP messages and PROXY headers that one loop holds for all its
   * connections: 10,000 clients that stop in the middle of a long message cannot take more.
   */
  static final long MAX_PARTIAL_BYTES = 32L << 20;

  private Limits() {}

  /** Room for one datagram. */
  static int datagramBytes(boolean proxied) {
    return proxied ? PROXIED_DATAGRAM_BYTES : DATAGRAM_BYTES;
  }
}
