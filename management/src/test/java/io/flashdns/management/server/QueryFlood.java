package io.flashdns.management.server;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Asks one question over and over by UDP, a window of them at a time without waiting for each, and
 * counts: each question carries its number as its id, and none is asked twice.
 */
final class QueryFlood implements AutoCloseable {
  /** As many as surely fit into the receive buffer of a server that does something else. */
  private static final int WINDOW = 64;

  private static final long TIMEOUT_MILLIS = 10_000;

  private final DatagramChannel channel;
  private final Selector selector;
  private final byte[] question;
  private final Thread thread;
  private volatile boolean stopped;
  private volatile long asked;
  private long answered;
  private long wrong;
  private String failure = "";

  QueryFlood(InetSocketAddress server, String name) throws IOException {
    ByteBuffer wire = ByteBuffer.allocate(300);
    wire.putShort((short) 0).putShort((short) 0).putShort((short) 1).putInt(0).putShort((short) 0);
    for (String label : name.split("\\.")) {
      wire.put((byte) label.length()).put(label.getBytes(StandardCharsets.US_ASCII));
    }
    wire.put((byte) 0).putShort((short) DnsClient.A).putShort((short) 1);
    question = Arrays.copyOf(wire.array(), wire.position());
    channel = DatagramChannel.open().connect(server);
    channel.configureBlocking(false);
    selector = Selector.open();
    channel.register(selector, SelectionKey.OP_READ);
    thread = Thread.ofPlatform().name("flood " + name).start(this::run);
  }

  /** Ends it when all of the last window has been answered. */
  void stop() throws InterruptedException {
    stopped = true;
    thread.join();
  }

  /** Questions asked so far. */
  long asked() {
    return asked;
  }

  /** Questions that got no answer. Read after {@link #stop}. */
  long lost() {
    return asked - answered;
  }

  /** Answers with another code than NOERROR, or without a record. Read after {@link #stop}. */
  long wrong() {
    return wrong;
  }

  /** Why it ended early; empty when it did not. Read after {@link #stop}. */
  String failure() {
    return failure;
  }

  @Override
  public void close() throws IOException {
    stopped = true;
    selector.close();
    channel.close();
  }

  private void run() {
    try {
      ByteBuffer reply = ByteBuffer.allocate(4_096);
      while (!stopped) {
        boolean[] open = new boolean[WINDOW];
        Arrays.fill(open, true);
        for (int id = 0; id < WINDOW; id++) {
          question[0] = (byte) (asked >>> 8);
          question[1] = (byte) id;
          channel.write(ByteBuffer.wrap(question));
        }
        int left = WINDOW;
        byte round = (byte) (asked >>> 8);
        asked += WINDOW;
        while (left > 0) {
          if (selector.select(TIMEOUT_MILLIS) == 0) {
            failure = left + " of a window had no answer after " + TIMEOUT_MILLIS + " ms";
            return;
          }
          selector.selectedKeys().clear();
          while (channel.read(reply.clear()) > 0) {
            int id = reply.get(1) & 0xff;
            if (reply.get(0) == round && id < WINDOW && open[id]) {
              open[id] = false;
              left--;
              answered++;
              wrong += (reply.get(3) & 0x0f) != 0 || reply.getShort(6) == 0 ? 1 : 0;
            }
          }
        }
      }
    } catch (IOException e) {
      failure = e.toString();
    }
  }
}
