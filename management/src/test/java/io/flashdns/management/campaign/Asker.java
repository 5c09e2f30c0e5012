package io.flashdns.management.campaign;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.Rcode;
import io.flashdns.core.dns.RecordClass;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.management.campaign.Work.Content;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Asks a server, one question at a time; over TCP what does not fit into a datagram. */
final class Asker implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 2_000;
  private static final int LARGEST = 4_096;
  private static final int WINDOW = 64;

  private final InetSocketAddress server;
  private final DatagramSocket socket = new DatagramSocket();
  private int nextId;

  /**
   * A reply.
   *
   * @param data of the records of the type that was asked for
   */
  record Reply(int rcode, List<byte[]> data) {
    /** All of it, in words. */
    String said() {
      HexFormat hex = HexFormat.of();
      return "rcode " + rcode + " " + data.stream().map(hex::formatHex).toList();
    }

    /** TXT strings, each record one. */
    TreeSet<String> texts() {
      TreeSet<String> texts = new TreeSet<>();
      data.forEach(octets -> texts.add(Work.text(octets, 0, octets.length)));
      return texts;
    }
  }

  /** What is asked. */
  record Question(DomainName name, int type) {}

  Asker(InetSocketAddress server) throws IOException {
    this.server = server;
    socket.connect(server);
    socket.setSoTimeout(TIMEOUT_MILLIS);
  }

  /**
   * Asks once.
   *
   * @throws SocketTimeoutException when no reply comes in two seconds
   */
  Reply ask(DomainName name, int type) throws IOException {
    byte[] query = query(name, type, ++nextId & 0xffff);
    socket.send(new DatagramPacket(query, query.length));
    DatagramPacket packet = new DatagramPacket(new byte[LARGEST], LARGEST);
    do {
      socket.receive(packet);
    } while (Wire.u16(packet.getData(), 0) != Wire.u16(query, 0));
    byte[] reply = Arrays.copyOf(packet.getData(), packet.getLength());
    if ((Wire.u16(reply, Wire.FLAGS) & Wire.TC) != 0) {
      reply = overTcp(query);
    }
    return parse(reply, type);
  }

  /**
   * Asks many questions, some at a time, each once.
   *
   * @throws IOException when a reply is missing
   */
  List<Reply> askAll(List<Question> questions) throws IOException {
    @Nullable Reply[] replies = new Reply[questions.size()];
    DatagramPacket packet = new DatagramPacket(new byte[LARGEST], LARGEST);
    for (int from = 0; from < questions.size(); from += WINDOW) {
      int to = Math.min(questions.size(), from + WINDOW);
      for (int i = from; i < to; i++) {
        byte[] query = query(questions.get(i).name(), questions.get(i).type(), i & 0xffff);
        socket.send(new DatagramPacket(query, query.length));
      }
      for (int open = to - from; open > 0; ) {
        socket.receive(packet);
        byte[] reply = Arrays.copyOf(packet.getData(), packet.getLength());
        int i = from + ((Wire.u16(reply, Wire.ID) - from) & 0xffff);
        if (i < to && replies[i] == null) {
          replies[i] = parse(reply, questions.get(i).type());
          open--;
        }
      }
    }
    List<Reply> all = new ArrayList<>(replies.length);
    for (Reply reply : replies) {
      all.add(Objects.requireNonNull(reply));
    }
    return all;
  }

  private byte[] overTcp(byte[] query) throws IOException {
    try (Socket tcp = new Socket(server.getAddress(), server.getPort())) {
      tcp.setSoTimeout(TIMEOUT_MILLIS);
      ByteBuffer framed = ByteBuffer.allocate(query.length + 2);
      tcp.getOutputStream().write(framed.putShort((short) query.length).put(query).array());
      DataInputStream in = new DataInputStream(tcp.getInputStream());
      byte[] reply = new byte[in.readUnsignedShort()];
      in.readFully(reply);
      return reply;
    }
  }

  static byte[] query(DomainName name, int type, int id) {
    byte[] wire = name.wire();
    return ByteBuffer.allocate(Wire.HEADER_BYTES + wire.length + 4)
        .putShort((short) id)
        .putShort((short) 0)
        .putShort((short) 1)
        .putShort((short) 0)
        .putInt(0)
        .put(wire)
        .putShort((short) type)
        .putShort((short) RecordClass.IN)
        .array();
  }

  static Reply parse(byte[] reply, int type) {
    int at = Wire.HEADER_BYTES;
    if (Wire.u16(reply, Wire.QDCOUNT) == 1) {
      at = afterName(reply, at) + 4;
    }
    List<byte[]> data = new ArrayList<>();
    for (int i = Wire.u16(reply, Wire.ANCOUNT); i > 0; i--) {
      at = afterName(reply, at);
      int length = Wire.u16(reply, at + Wire.RECORD_FIXED_BYTES - 2);
      int dataAt = at + Wire.RECORD_FIXED_BYTES;
      if (Wire.u16(reply, at) == type) {
        data.add(Arrays.copyOfRange(reply, dataAt, dataAt + length));
      }
      at = dataAt + length;
    }
    return new Reply(Wire.u16(reply, Wire.FLAGS) & Wire.RCODE_MASK, data);
  }

  private static int afterName(byte[] reply, int from) {
    int at = from;
    while (reply[at] != 0 && (reply[at] & 0xc0) == 0) {
      at += 1 + reply[at];
    }
    return at + (reply[at] == 0 ? 1 : 2);
  }

  /** The serial in a SOA record's data, wherever its names were compressed. */
  static long serial(byte[] soa) {
    return Wire.u32(soa, soa.length - 20);
  }

  /**
   * Holds the answers against what a ledger says: every zone's serial, some of its names, names
   * that are not there, zones that are not there.
   *
   * @param gone apexes of no zone
   * @param faults takes what is wrong
   * @return questions asked
   */
  int check(Ledger ledger, Set<String> gone, int namesPerZone, List<String> faults)
      throws IOException {
    int asked = 0;
    for (Map.Entry<Long, Content> entry : ledger.zones().entrySet()) {
      DomainName apex = DomainName.parse(entry.getValue().apex());
      Reply soa = ask(apex, RecordType.SOA);
      asked++;
      long serial = ledger.serial(entry.getKey());
      if (soa.rcode() != Rcode.NOERROR
          || soa.data().size() != 1
          || serial(soa.data().getFirst()) != serial) {
        faults.add(
            "DNS: the SOA of " + apex + " should have serial " + serial + ", is " + soa.said());
      }
      for (int i = 0; i < namesPerZone; i++) {
        String owner = "n" + (int) (Math.random() * Work.OWNERS);
        Reply reply = ask(DomainName.parse(owner, apex), RecordType.TXT);
        asked++;
        TreeSet<String> expected = entry.getValue().tags().getOrDefault(owner, new TreeSet<>());
        int rcode = expected.isEmpty() ? Rcode.NXDOMAIN : Rcode.NOERROR;
        if (reply.rcode() != rcode || !reply.texts().equals(expected)) {
          faults.add(
              "DNS: " + owner + "." + apex + " should be " + expected + ", is " + reply.said());
        }
      }
    }
    for (String apex : gone) {
      Reply reply = ask(DomainName.parse("n1." + apex), RecordType.TXT);
      asked++;
      if (reply.rcode() != Rcode.REFUSED) {
        faults.add("DNS: " + apex + " should not be there: " + reply.said());
      }
    }
    return asked;
  }

  @Override
  public void close() {
    socket.close();
  }
}
