package io.flashdns.transport;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import org.jspecify.annotations.Nullable;

/** A resolver's connection. */
final class TcpClient implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 10_000;

  private final Socket socket;
  private final DataInputStream input;

  TcpClient(InetSocketAddress server) throws IOException {
    this(server, 0);
  }

  /**
   * @param host this side's address
   */
  TcpClient(InetSocketAddress server, String host) throws IOException {
    this(server, host, 0);
  }

  /**
   * @param receiveBufferBytes size of this side's receive buffer; 0 for the system's
   */
  TcpClient(InetSocketAddress server, int receiveBufferBytes) throws IOException {
    this(server, null, receiveBufferBytes);
  }

  private TcpClient(InetSocketAddress server, @Nullable String host, int receiveBufferBytes)
      throws IOException {
    socket = new Socket();
    if (host != null) {
      socket.bind(new InetSocketAddress(host, 0));
    }
    if (receiveBufferBytes > 0) {
      socket.setReceiveBufferSize(receiveBufferBytes);
    }
    socket.connect(server, TIMEOUT_MILLIS);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    input = new DataInputStream(socket.getInputStream());
  }

  void send(byte[] octets) throws IOException {
    socket.getOutputStream().write(octets);
  }

  void send(byte[] octets, int from, int to) throws IOException {
    socket.getOutputStream().write(octets, from, to - from);
  }

  Message receive() throws IOException {
    byte[] octets = new byte[input.readUnsignedShort()];
    input.readFully(octets);
    return new Message(octets);
  }

  Message ask(byte[] message) throws IOException {
    send(Message.framed(message));
    return receive();
  }

  /** Octets that one read finds: what the server wrote in one call, when it did. */
  int readOnce() throws IOException {
    return socket.getInputStream().read(new byte[65_535]);
  }

  /** Waits until the server closes, by FIN or RST; false when it says something instead. */
  boolean isClosedByServer() throws IOException {
    try {
      return input.read() < 0;
    } catch (SocketException _) {
      return true;
    }
  }

  int port() {
    return socket.getLocalPort();
  }

  void shutdownOutput() throws IOException {
    socket.shutdownOutput();
  }

  /** Closes by RST. */
  void abort() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
