package io.flashdns.bench.load;

import io.flashdns.core.dns.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A server that does what the first label of a name says: {@code drop}, {@code twice}, {@code
 * servfail}, {@code other} question, {@code query} in place of a response, {@code cut}, {@code
 * short}, {@code stray}, {@code empty}. All other names have the address 192.0.2.1.
 */
final class Responder implements AutoCloseable {
  private static final byte[] ANSWER = {
    (byte) 0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, (byte) 192, 0, 2, 1
  };

  private final DatagramChannel socket;
  private final AtomicLong received = new AtomicLong();
  private final long stallAt;
  private final long stallNanos;

  Responder() throws IOException {
    this(Long.MAX_VALUE, 0);
  }

  /** One that does nothing for a time when it has had so many queries. */
  Responder(long stallAt, long stallNanos) throws IOException {
    this.stallAt = stallAt;
    this.stallNanos = stallNanos;
    socket = DatagramChannel.open();
    socket.setOption(java.net.StandardSocketOptions.SO_RCVBUF, 4 << 20);
    socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    Thread.ofPlatform().daemon().name("responder").start(this::serve);
  }

  InetSocketAddress address() {
    try {
      return (InetSocketAddress) socket.getLocalAddress();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  long received() {
    return received.get();
  }

  private void serve() {
    ByteBuffer message = ByteBuffer.allocate(Wire.MAX_MESSAGE_BYTES);
    try {
      while (true) {
        SocketAddress client = socket.receive(message.clear());
        if (received.incrementAndGet() == stallAt) {
          long end = System.nanoTime() + stallNanos;
          while (System.nanoTime() - end < 0) {
            LockSupport.parkNanos(end - System.nanoTime());
          }
        }
        answer(message, client);
      }
    } catch (ClosedChannelException _) {
      // the end
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void answer(ByteBuffer message, SocketAddress client) throws IOException {
    byte[] octets = message.array();
    int label = octets[Wire.HEADER_BYTES];
    String what =
        new String(octets, Wire.HEADER_BYTES + 1, label, StandardCharsets.US_ASCII)
            .replaceAll("\\d", "");
    int end = questionEnd(octets);
    Wire.put16(octets, Wire.FLAGS, Wire.QR | Wire.AA);
    Wire.put16(octets, Wire.ARCOUNT, 0);
    int length = end;
    if (!what.equals("empty") && !what.equals("servfail")) {
      Wire.put16(octets, Wire.ANCOUNT, 1);
      System.arraycopy(ANSWER, 0, octets, end, ANSWER.length);
      length += ANSWER.length;
    }
    switch (what) {
      case "drop" -> {
        return;
      }
      case "servfail" -> Wire.put16(octets, Wire.FLAGS, Wire.QR | 2);
      case "other" -> octets[end - 6]++;
      case "query" -> Wire.put16(octets, Wire.FLAGS, 0);
      case "cut" -> Wire.put16(octets, Wire.FLAGS, Wire.QR | Wire.TC);
      case "short" -> length = 5;
      default -> {}
    }
    send(message, length, client);
    if (what.equals("twice")) {
      send(message, length, client);
    } else if (what.equals("stray")) {
      Wire.put16(octets, Wire.ID, Wire.u16(octets, Wire.ID) ^ 0x8000);
      send(message, length, client);
    }
  }

  private static int questionEnd(byte[] octets) {
    int at = Wire.HEADER_BYTES;
    while (octets[at] != 0) {
      at += 1 + octets[at];
    }
    return at + 5;
  }

  private void send(ByteBuffer message, int length, SocketAddress client) throws IOException {
    socket.send(message.position(0).limit(length), client);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
