package io.flashdns.differential;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.List;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/**
 * Asks one server over UDP and TCP, many questions at a time. One thread.
 *
 * <p>UDP questions are sent as datagrams of their own, TCP ones in one write over one connection
 * (RFC 7766 §6.2.1.1); replies are told apart by their ids. A datagram without a reply is sent once
 * more, as the kernel may drop one.
 */
final class Client implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 2_000;

  private final InetSocketAddress server;
  private final DatagramSocket udp;
  private final byte[] buffer = new byte[65_536];
  private @Nullable Socket tcp;
  private @Nullable DataInputStream stream;
  private List<Question> batch = List.of();
  private int firstId;

  Client(InetSocketAddress server) throws IOException {
    this.server = server;
    this.udp = new DatagramSocket();
    udp.setReceiveBufferSize(1 << 20);
    udp.connect(server);
    udp.setSoTimeout(TIMEOUT_MILLIS);
  }

  /** Sends questions, the first with this id, the next with the next. */
  void send(List<Question> questions, int id) throws IOException {
    batch = questions;
    firstId = id;
    for (int i = 0; i < questions.size(); i++) {
      if (!questions.get(i).tcp()) {
        sendDatagram(i);
      }
    }
    sendStream(new byte[0][]);
  }

  private void sendDatagram(int index) throws IOException {
    byte[] message = withId(index);
    udp.send(new DatagramPacket(message, message.length));
  }

  /** Sends the TCP questions that have no reply yet. */
  private void sendStream(byte[] @Nullable [] replies) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; i < batch.size(); i++) {
      if (batch.get(i).tcp() && (replies.length == 0 || replies[i] == null)) {
        byte[] message = withId(i);
        out.write(message.length >>> 8);
        out.write(message.length);
        out.writeBytes(message);
      }
    }
    if (out.size() > 0) {
      connection().getOutputStream().write(out.toByteArray());
    }
  }

  private Socket connection() throws IOException {
    Socket open = tcp;
    if (open == null) {
      open = new Socket();
      open.connect(server, TIMEOUT_MILLIS);
      open.setTcpNoDelay(true);
      open.setSoTimeout(TIMEOUT_MILLIS);
      stream = new DataInputStream(new BufferedInputStream(open.getInputStream(), 1 << 16));
      tcp = open;
    }
    return open;
  }

  private byte[] withId(int index) {
    byte[] message = batch.get(index).message().clone();
    int id = (firstId + index) & 0xffff;
    message[0] = (byte) (id >>> 8);
    message[1] = (byte) id;
    return message;
  }

  /** The replies to the questions that were sent, in their order; null where none came. */
  byte[] @Nullable [] receive() throws IOException {
    byte[] @Nullable [] replies = new byte[batch.size()][];
    receiveDatagrams(replies);
    for (int i = 0; i < replies.length; i++) {
      if (replies[i] == null && !batch.get(i).tcp()) {
        sendDatagram(i);
        receiveDatagrams(replies);
      }
    }
    receiveStream(replies);
    return replies;
  }

  private void receiveDatagrams(byte[] @Nullable [] replies) throws IOException {
    int missing = 0;
    for (int i = 0; i < replies.length; i++) {
      missing += !batch.get(i).tcp() && replies[i] == null ? 1 : 0;
    }
    DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
    while (missing > 0) {
      packet.setLength(buffer.length);
      try {
        udp.receive(packet);
      } catch (SocketTimeoutException _) {
        return;
      }
      missing -= take(replies, Arrays.copyOf(buffer, packet.getLength())) ? 1 : 0;
    }
  }

  /**
   * Reads until each TCP question has its reply; a server that closes in between is connected to
   * once more.
   */
  private void receiveStream(byte[] @Nullable [] replies) throws IOException {
    boolean again = true;
    while (missingTcp(replies)) {
      try {
        DataInputStream in = stream;
        if (in == null || tcp == null) {
          return;
        }
        // Servers that leave Nagle's algorithm on would wait for a delayed acknowledgement between
        // two replies.
        tcp.setOption(ExtendedSocketOptions.TCP_QUICKACK, true);
        byte[] message = new byte[in.readUnsignedShort()];
        in.readFully(message);
        take(replies, message);
      } catch (IOException _) {
        disconnect();
        if (!again) {
          return;
        }
        again = false;
        sendStream(replies);
      }
    }
  }

  private boolean missingTcp(byte[] @Nullable [] replies) {
    for (int i = 0; i < replies.length; i++) {
      if (batch.get(i).tcp() && replies[i] == null) {
        return true;
      }
    }
    return false;
  }

  private boolean take(byte[] @Nullable [] replies, byte[] message) {
    if (message.length < 2) {
      return false;
    }
    int index = (((message[0] & 0xff) << 8 | (message[1] & 0xff)) - firstId) & 0xffff;
    if (index >= replies.length || replies[index] != null) {
      return false;
    }
    replies[index] = message;
    return true;
  }

  /** Asks one question. */
  byte @Nullable [] ask(Question question) throws IOException {
    send(List.of(question), 1 + (question.hashCode() & 0x7fff));
    return receive()[0];
  }

  private void disconnect() {
    Socket open = tcp;
    tcp = null;
    stream = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException _) {
        // It is given up anyway.
      }
    }
  }

  @Override
  public void close() {
    udp.close();
    disconnect();
  }
}
