package io.flashdns.differential;

import java.net.InetSocketAddress;

/** A running name server that serves the zones of a {@link World}. */
interface NameServer extends AutoCloseable {
  /** What all servers answer to a query for their identity (RFC 5001). */
  String NSID = "differential";

  String name();

  /** Where it answers, UDP and TCP. */
  InetSocketAddress address();

  @Override
  void close();
}
