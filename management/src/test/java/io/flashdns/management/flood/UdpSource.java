package io.flashdns.management.flood;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;

/**
 * A socket of one address that asks one question again and again, and says of each second what it
 * sent in it and got for that.
 */
final class UdpSource implements AutoCloseable {
  private static final int IDS = 1 << 16;
  private static final int TC = 0x0200;

  private final DatagramChannel channel;
  private final byte[] question;
  private final ByteBuffer out;
  private final ByteBuffer in = ByteBuffer.allocate(4_096);
  private final int[] secondOf = new int[IDS];
  private int nextId;

  private final Tally[] seconds;

  /** What was sent in one second, and what came back for it. */
  static final class Tally {
    int asked;
    int full;
    int truncated;
    long octetsOut;
    long octetsIn;

    void add(Tally other) {
      asked += other.asked;
      full += other.full;
      truncated += other.truncated;
      octetsOut += other.octetsOut;
      octetsIn += other.octetsIn;
    }
  }

  /**
   * A socket.
   *
   * @param question a whole message; its id is overwritten
   */
  UdpSource(
      String address, InetSocketAddress server, byte[] question, int seconds, Selector selector)
      throws IOException {
    this.question = question.clone();
    this.out = ByteBuffer.wrap(this.question);
    this.seconds = new Tally[seconds];
    for (int i = 0; i < seconds; i++) {
      this.seconds[i] = new Tally();
    }
    channel = DatagramChannel.open();
    channel.bind(new InetSocketAddress(InetAddress.ofLiteral(address), 0));
    channel.connect(server);
    channel.configureBlocking(false);
    channel.register(selector, SelectionKey.OP_READ, this);
  }

  /** Asks once. */
  void ask(int second) throws IOException {
    int id = nextId++ & (IDS - 1);
    out.clear().putShort(0, (short) id);
    if (channel.write(out) == question.length) {
      secondOf[id] = second;
      seconds[second].asked++;
      seconds[second].octetsOut += question.length;
    }
  }

  /** Reads what is there. */
  void read() throws IOException {
    while (true) {
      in.clear();
      int length = channel.read(in);
      if (length <= 0) {
        return;
      }
      Tally tally = seconds[secondOf[in.getShort(0) & (IDS - 1)]];
      tally.octetsIn += length;
      if ((in.getShort(2) & TC) != 0) {
        tally.truncated++;
      } else if (in.getShort(6) == 1) {
        tally.full++;
      }
    }
  }

  Tally second(int index) {
    return seconds[index];
  }

  /** The sum of all seconds. */
  Tally sum() {
    Tally sum = new Tally();
    for (Tally tally : seconds) {
      sum.add(tally);
    }
    return sum;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
