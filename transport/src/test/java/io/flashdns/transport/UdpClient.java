package io.flashdns.transport;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A resolver's socket. Connected: a reply from another address than the asked one does not come in.
 */
final class UdpClient implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 5_000;

  private final DatagramSocket socket;

  UdpClient(InetSocketAddress server) throws SocketException {
    this(server, null);
  }

  /**
   * @param host this side's address; null for the system's choice
   */
  UdpClient(InetSocketAddress server, @Nullable String host) throws SocketException {
    socket = new DatagramSocket(null);
    socket.bind(host == null ? null : new InetSocketAddress(host, 0));
    socket.connect(server);
    socket.setSoTimeout(TIMEOUT_MILLIS);
  }

  void send(byte[] message) throws IOException {
    socket.send(new DatagramPacket(message, message.length));
  }

  Message receive() throws IOException {
    DatagramPacket packet = new DatagramPacket(new byte[65_535], 65_535);
    socket.receive(packet);
    return new Message(Arrays.copyOf(packet.getData(), packet.getLength()));
  }

  Message ask(byte[] message) throws IOException {
    send(message);
    return receive();
  }

  int port() {
    return socket.getLocalPort();
  }

  void timeoutMillis(int millis) throws SocketException {
    socket.setSoTimeout(millis);
  }

  @Override
  public void close() {
    socket.close();
  }
}
