package io.flashdns.management.server;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;

/** Asks one question at a time and reads the header and the first answer's data. No retries. */
final class DnsClient implements AutoCloseable {
  static final int A = 1;
  static final int TXT = 16;
  private static final int TIMEOUT_MILLIS = 10_000;

  private final InetSocketAddress server;
  private final DatagramSocket socket;

  DnsClient(InetSocketAddress server) throws IOException {
    this.server = server;
    this.socket = new DatagramSocket();
    socket.connect(server);
    socket.setSoTimeout(TIMEOUT_MILLIS);
  }

  /**
   * A reply.
   *
   * @param answers number of records in the answer section
   * @param data octets of the first answer's data; empty without one
   */
  record Reply(int rcode, boolean authoritative, int answers, byte[] data) {
    /** The last octet of the first answer, which tests use as a version. */
    int lastOctet() {
      return data.length == 0 ? -1 : data[data.length - 1] & 0xff;
    }

    @Override
    public String toString() {
      return "rcode %d, %d answers, last octet %d".formatted(rcode, answers, lastOctet());
    }
  }

  /** Asks over UDP. */
  Reply ask(String name, int type) throws IOException {
    byte[] query = query(name, type);
    socket.send(new DatagramPacket(query, query.length));
    DatagramPacket packet = new DatagramPacket(new byte[4_096], 4_096);
    do {
      socket.receive(packet);
    } while (!sameId(packet.getData(), query)); // the reply to a question that timed out
    return parse(packet.getData(), packet.getLength(), query);
  }

  /** Asks over a TCP connection of its own. */
  Reply askTcp(String name, int type) throws IOException {
    try (Socket tcp = new Socket(server.getAddress(), server.getPort())) {
      tcp.setSoTimeout(TIMEOUT_MILLIS);
      return askOn(tcp, name, type);
    }
  }

  /** Asks over an open TCP connection. */
  static Reply askOn(Socket tcp, String name, int type) throws IOException {
    byte[] query = send(tcp, name, type);
    DataInputStream in = new DataInputStream(tcp.getInputStream());
    byte[] reply = new byte[in.readUnsignedShort()];
    in.readFully(reply);
    return parse(reply, reply.length, query);
  }

  /** Sends a question over an open TCP connection, and returns it. */
  static byte[] send(Socket tcp, String name, int type) throws IOException {
    byte[] query = query(name, type);
    tcp.getOutputStream()
        .write(
            ByteBuffer.allocate(query.length + 2)
                .putShort((short) query.length)
                .put(query)
                .array());
    return query;
  }

  @Override
  public void close() {
    socket.close();
  }

  private static byte[] query(String name, int type) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeShort(ThreadLocalRandom.current().nextInt(65_536));
    out.writeShort(0);
    out.writeShort(1);
    out.writeShort(0);
    out.writeInt(0);
    for (String label : name.split("\\.")) {
      out.writeByte(label.length());
      out.write(label.getBytes(StandardCharsets.US_ASCII));
    }
    out.writeByte(0);
    out.writeShort(type);
    out.writeShort(1);
    return bytes.toByteArray();
  }

  private static boolean sameId(byte[] reply, byte[] query) {
    return reply[0] == query[0] && reply[1] == query[1];
  }

  private static Reply parse(byte[] reply, int length, byte[] query) throws IOException {
    if (length < query.length || (reply[2] & 0x80) == 0 || !sameId(reply, query)) {
      throw new IOException("no reply to this question");
    }
    for (int i = 12; i < query.length; i++) {
      if (reply[i] != query[i]) {
        throw new IOException("reply to another question");
      }
    }
    ByteBuffer in = ByteBuffer.wrap(reply, 0, length);
    int rcode = reply[3] & 0x0f;
    boolean authoritative = (reply[2] & 0x04) != 0;
    int answers = in.getShort(6) & 0xffff;
    if (answers == 0) {
      return new Reply(rcode, authoritative, 0, new byte[0]);
    }
    in.position(query.length);
    int first = in.get() & 0xff;
    while (first != 0 && first < 0xc0) {
      in.position(in.position() + first);
      first = in.get() & 0xff;
    }
    if (first >= 0xc0) {
      in.get();
    }
    in.position(in.position() + 8);
    byte[] data = new byte[in.getShort() & 0xffff];
    in.get(data);
    return new Reply(rcode, authoritative, answers, data);
  }
}
