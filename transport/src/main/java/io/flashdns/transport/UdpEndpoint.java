package io.flashdns.transport;

import java.net.InetSocketAddress;

/**
 * One UDP socket of one event loop. <b>Thread</b>: the loop's, but for {@link #address}, which
 * never changes.
 */
sealed interface UdpEndpoint permits NativeUdpSocket, ChannelUdpSocket {
  /** The address as bound. */
  InetSocketAddress address();

  /**
   * Answers what waits in the socket, within bounds, though the loop is busy with something else.
   */
  void poll();

  /**
   * Takes no new datagrams where that is possible; those that wait in the socket are still
   * answered.
   */
  void leave();

  /** Whether replies wait to be sent. */
  boolean isBusy();

  /** Closes at once. */
  void close();
}
