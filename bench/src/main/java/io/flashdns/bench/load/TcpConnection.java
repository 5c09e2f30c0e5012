package io.flashdns.bench.load;

import io.flashdns.core.dns.Wire;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * One of a generator's connections by TCP; when it is closed another one takes its place here.
 * Messages stand behind their length (RFC 1035 §4.2.2), many of them in one write (RFC 7766
 * §6.2.1.1).
 *
 * <p><b>Thread</b>: that of its {@link TcpLoop}. <b>Cost</b>: nothing is allocated for a query; a
 * new connection takes some objects.
 */
final class TcpConnection {
  private static final int LENGTH_BYTES = 2;
  private static final int FIRST_READ_BYTES = 4096;
  private static final int MOST_READ_BYTES = LENGTH_BYTES + Wire.MAX_MESSAGE_BYTES;
  private static final int MOST_WAITING = 64;

  final Lane lane;
  private final ByteBuffer out;
  private final MemorySegment outMemory;
  private ByteBuffer in;
  private MemorySegment inMemory;
  private @Nullable SocketChannel channel;
  private @Nullable SelectionKey key;
  private boolean connected;
  private boolean writing;
  private long asked;

  TcpConnection(Lane lane, int window) {
    this.lane = lane;
    int messages = Math.min(window, MOST_WAITING);
    out = ByteBuffer.allocateDirect(messages * (LENGTH_BYTES + Messages.MAX_QUERY_BYTES));
    outMemory = MemorySegment.ofBuffer(out);
    in = ByteBuffer.allocateDirect(FIRST_READ_BYTES);
    inMemory = MemorySegment.ofBuffer(in);
  }

  /** Begins to connect. */
  void open(LoadSettings settings, @Nullable InetAddress source, Selector selector)
      throws IOException {
    close();
    SocketChannel opened = SocketChannel.open();
    try {
      opened.configureBlocking(false);
      opened.setOption(StandardSocketOptions.TCP_NODELAY, true);
      if (source != null) {
        opened.bind(new InetSocketAddress(source, 0));
      }
      connected = opened.connect(settings.server());
      key =
          opened.register(
              selector, connected ? SelectionKey.OP_READ : SelectionKey.OP_CONNECT, this);
      channel = opened;
    } catch (IOException | RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  boolean isOpen() {
    return channel != null;
  }

  boolean isConnected() {
    return connected;
  }

  /** Queries that were sent on this connection. */
  long asked() {
    return asked;
  }

  /** Ends connecting; throws when nobody listens. */
  void connect() throws IOException {
    SocketChannel open = channel;
    SelectionKey registered = key;
    if (open != null && registered != null && open.finishConnect()) {
      connected = true;
      registered.interestOps(SelectionKey.OP_READ);
    }
  }

  /** Whether there is room for one more message before the next {@link #flush}. */
  boolean hasRoom() {
    return connected && !writing && out.remaining() >= LENGTH_BYTES + Messages.MAX_QUERY_BYTES;
  }

  /** Adds a query to what is sent next. */
  void add(Messages messages, int query, int id, long number) {
    int at = out.position();
    int length = messages.write(query, id, number, outMemory, at + LENGTH_BYTES);
    out.putShort(at, (short) length);
    out.position(at + LENGTH_BYTES + length);
    asked++;
  }

  /** Sends what was added, or a part of it; the rest when the socket says so. */
  void flush() throws IOException {
    SocketChannel open = channel;
    SelectionKey registered = key;
    if (open == null || registered == null || (out.position() == 0 && !writing)) {
      return;
    }
    if (!writing) {
      out.flip();
    }
    open.write(out);
    boolean rest = out.hasRemaining();
    if (rest != writing) {
      registered.interestOps(
          rest ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ);
    }
    writing = rest;
    if (!rest) {
      out.clear();
    }
  }

  /** Reads what has come; false when the server has closed. */
  boolean read(Judge judge) throws IOException {
    SocketChannel open = channel;
    if (open == null) {
      return false;
    }
    int read = open.read(in);
    if (read < 0) {
      return false;
    }
    long now = System.nanoTime();
    int end = in.position();
    int at = 0;
    int length = 0;
    while (end - at >= LENGTH_BYTES) {
      length = in.getShort(at) & 0xffff;
      if (end - at < LENGTH_BYTES + length) {
        break;
      }
      judge.reply(lane, inMemory, at + LENGTH_BYTES, length, now);
      at += LENGTH_BYTES + length;
      length = 0;
    }
    in.position(at).limit(end);
    in.compact();
    if (LENGTH_BYTES + length > in.capacity()) {
      ByteBuffer larger =
          ByteBuffer.allocateDirect(Math.min(MOST_READ_BYTES, 2 * (LENGTH_BYTES + length)));
      larger.put(in.flip());
      in = larger;
      inMemory = MemorySegment.ofBuffer(in.duplicate().clear());
    }
    return true;
  }

  /** Closes; queries that are out get no reply any more. */
  void close() throws IOException {
    SocketChannel open = channel;
    channel = null;
    key = null;
    connected = false;
    writing = false;
    asked = 0;
    out.clear();
    in.clear();
    if (open != null) {
      open.close();
    }
  }
}
