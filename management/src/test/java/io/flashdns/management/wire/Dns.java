package io.flashdns.management.wire;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

/**
 * A client of the DNS with one UDP socket and one TCP connection of its own, which asks one
 * question at a time. For one thread. A question that has no answer is an error.
 */
final class Dns implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 10_000;
  private static final int MAX_UDP_BYTES = 1232;
  private static final int MAX_BYTES = 65_535;

  private final DatagramSocket udp;
  private final Socket tcp;
  private final DataInputStream in;
  private final byte[] buffer = new byte[MAX_BYTES];

  Dns(InetSocketAddress server) throws IOException {
    udp = new DatagramSocket();
    udp.connect(server);
    udp.setSoTimeout(TIMEOUT_MILLIS);
    tcp = new Socket(server.getAddress(), server.getPort());
    tcp.setSoTimeout(TIMEOUT_MILLIS);
    tcp.setTcpNoDelay(true);
    in = new DataInputStream(tcp.getInputStream());
  }

  /** Asks by UDP, and again by TCP when the reply is truncated. */
  Message ask(Name name, int type) throws IOException {
    Message question = question(name, type);
    byte[] octets = question.toWire();
    udp.send(new DatagramPacket(octets, octets.length));
    Message reply;
    do {
      DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
      udp.receive(packet);
      reply = new Message(ByteBuffer.wrap(buffer, 0, packet.getLength()));
    } while (reply.getHeader().getID() != question.getHeader().getID());
    return reply.getHeader().getFlag(Flags.TC) ? askTcp(name, type) : reply;
  }

  /** Asks by TCP. */
  Message askTcp(Name name, int type) throws IOException {
    Message question = question(name, type);
    byte[] octets = question.toWire();
    tcp.getOutputStream()
        .write(
            ByteBuffer.allocate(octets.length + Short.BYTES)
                .putShort((short) octets.length)
                .put(octets)
                .array());
    int length = in.readUnsignedShort();
    in.readFully(buffer, 0, length);
    Message reply = new Message(ByteBuffer.wrap(buffer, 0, length));
    if (reply.getHeader().getID() != question.getHeader().getID()) {
      throw new SocketTimeoutException("the reply to another question");
    }
    return reply;
  }

  private static Message question(Name name, int type) {
    Message question = Message.newQuery(Record.newRecord(name, type, DClass.IN));
    question.getHeader().unsetFlag(Flags.RD);
    question.addRecord(new OPTRecord(MAX_UDP_BYTES, 0, 0), Section.ADDITIONAL);
    return question;
  }

  @Override
  public void close() throws IOException {
    udp.close();
    tcp.close();
  }
}
