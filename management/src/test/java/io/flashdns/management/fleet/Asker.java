package io.flashdns.management.fleet;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordClass;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Questions to one server by UDP, and what is in the replies. Sending and receiving may be done by
 * two threads. It belongs to the namespace of the thread that makes it.
 */
final class Asker implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 1_000;
  private static final int LARGEST = 1_232;
  private static final int FIXED = 10;

  private final DatagramSocket socket = new DatagramSocket();
  private int nextId;

  Asker(InetSocketAddress server) throws IOException {
    socket.connect(server);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    socket.setReceiveBufferSize(1 << 20);
  }

  /** Sends a question. */
  void send(int id, String name, int type) throws IOException {
    byte[] wire = DomainName.parse(name).wire();
    byte[] query =
        ByteBuffer.allocate(Wire.HEADER_BYTES + wire.length + 4)
            .putShort((short) id)
            .putShort((short) 0)
            .putShort((short) 1)
            .putShort((short) 0)
            .putInt(0)
            .put(wire)
            .putShort((short) type)
            .putShort((short) RecordClass.IN)
            .array();
    socket.send(new DatagramPacket(query, query.length));
  }

  /**
   * The next reply.
   *
   * @throws SocketTimeoutException when there is none in a second
   */
  byte[] receive() throws IOException {
    DatagramPacket packet = new DatagramPacket(new byte[LARGEST], LARGEST);
    socket.receive(packet);
    return Arrays.copyOf(packet.getData(), packet.getLength());
  }

  static int id(byte[] reply) {
    return Wire.u16(reply, Wire.ID);
  }

  /** The data of the only record of a reply that is no error; empty when it is not so. */
  private static byte[] data(byte[] reply) {
    if (reply.length < Wire.HEADER_BYTES
        || (Wire.u16(reply, Wire.FLAGS) & Wire.RCODE_MASK) != 0
        || Wire.u16(reply, Wire.ANCOUNT) != 1) {
      return new byte[0];
    }
    int at = afterName(reply, Wire.HEADER_BYTES) + 4;
    at = afterName(reply, at);
    int length = Wire.u16(reply, at + FIXED - 2);
    return Arrays.copyOfRange(reply, at + FIXED, at + FIXED + length);
  }

  private static int afterName(byte[] reply, int from) {
    int at = from;
    while (reply[at] != 0 && (reply[at] & 0xc0) == 0) {
      at += 1 + reply[at];
    }
    return at + (reply[at] == 0 ? 1 : 2);
  }

  /** The address in a reply; empty when there is none. */
  static String address(byte[] reply) throws IOException {
    byte[] data = data(reply);
    return data.length == 4 ? InetAddress.getByAddress(data).getHostAddress() : "";
  }

  /** The text in a reply; empty when there is none. */
  static String text(byte[] reply) {
    byte[] data = data(reply);
    return data.length == 0 ? "" : new String(data, 1, data.length - 1, StandardCharsets.US_ASCII);
  }

  private byte[] ask(String name, int type) throws IOException {
    int id = ++nextId & 0xffff;
    send(id, name, type);
    while (true) {
      byte[] reply = receive();
      if (id(reply) == id) {
        return reply;
      }
    }
  }

  /** True when a name of the zone that stays is answered with what it has. */
  boolean isRight(int name) throws IOException {
    try {
      String owner = "h" + name + "." + Fleet.FIXED;
      return address(ask(owner, RecordType.A)).equals(Fleet.address(name));
    } catch (IOException _) {
      return false;
    }
  }

  /** The text of a name; empty when there is none, or no reply. */
  String text(String name) throws IOException {
    try {
      return text(ask(name, RecordType.TXT));
    } catch (IOException _) {
      return "";
    }
  }

  @Override
  public void close() {
    socket.close();
  }
}
