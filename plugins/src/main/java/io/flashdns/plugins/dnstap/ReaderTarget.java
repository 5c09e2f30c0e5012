package io.flashdns.plugins.dnstap;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A stream to a reader behind a Unix or TCP socket.
 *
 * <p>The channel does not block: whatever it waits for, it waits no longer than its patience, so
 * that a reader that hangs is left like one that is gone.
 */
final class ReaderTarget implements FrameTarget {
  /** How long a wait may be when the server stops. */
  private static final long LAST_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final long SLICE_MILLIS = 50;

  private final SocketAddress address;
  private final long patienceNanos;
  private final BooleanSupplier closing;
  private final ByteBuffer input = ByteBuffer.allocate(8 + ControlFrame.MAX_BYTES);
  private @Nullable Connection connection;

  /** A connection, and the selector that waits for it. */
  private record Connection(SocketChannel channel, Selector selector, SelectionKey key) {}

  /**
   * A reader that is not connected yet.
   *
   * @param patienceNanos how long it may take to accept, or to read on
   * @param closing says that the server stops: true ends long waits
   */
  ReaderTarget(SocketAddress address, long patienceNanos, BooleanSupplier closing) {
    this.address = address;
    this.patienceNanos = patienceNanos;
    this.closing = closing;
  }

  @Override
  public boolean isOpen() {
    return connection != null;
  }

  @Override
  public void open() throws IOException {
    leave();
    Connection opened = connect();
    connection = opened;
    try {
      writeAll(opened, ControlFrame.READY.octets());
      ControlFrame.ACCEPT.expect(control(opened));
      writeAll(opened, ControlFrame.START.octets());
    } catch (IOException e) {
      leave();
      throw e;
    }
  }

  private Connection connect() throws IOException {
    SocketChannel channel =
        address instanceof UnixDomainSocketAddress
            ? SocketChannel.open(StandardProtocolFamily.UNIX)
            : SocketChannel.open();
    Selector selector = null;
    try {
      channel.configureBlocking(false);
      selector = Selector.open();
      SelectionKey key = channel.register(selector, 0);
      Connection made = new Connection(channel, selector, key);
      if (!channel.connect(address)) {
        long deadline = System.nanoTime() + patienceNanos;
        while (!channel.finishConnect()) {
          await(made, SelectionKey.OP_CONNECT, deadline);
        }
      }
      if (!(address instanceof UnixDomainSocketAddress)) {
        channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
      }
      return made;
    } catch (IOException | RuntimeException e) {
      channel.close();
      if (selector != null) {
        selector.close();
      }
      throw new IOException("the dnstap reader at " + address + " cannot be reached", e);
    }
  }

  @Override
  public void write(ByteBuffer frames) throws IOException {
    Connection open = connection;
    if (open == null) {
      throw new IOException("there is no dnstap reader");
    }
    try {
      writeAll(open, frames);
    } catch (IOException e) {
      leave();
      throw e;
    }
  }

  /** A reader says nothing while frames flow; that it is gone shows as the end of its silence. */
  @Override
  public void check() throws IOException {
    Connection open = connection;
    if (open == null) {
      return;
    }
    try {
      if (open.channel.read(input.clear()) < 0) {
        throw new IOException("the dnstap reader is gone");
      }
    } catch (IOException e) {
      leave();
      throw e;
    }
  }

  /** Says STOP and waits a moment for FINISH, for then the reader has everything. */
  @Override
  public void close() {
    Connection open = connection;
    if (open != null) {
      try {
        writeAll(open, ControlFrame.STOP.octets());
        ControlFrame.FINISH.expect(control(open));
      } catch (IOException _) {
        // It is gone, or has nothing to say: there is nobody to tell.
      }
    }
    leave();
  }

  private void leave() {
    Connection open = connection;
    connection = null;
    if (open != null) {
      try (Selector _ = open.selector) {
        open.channel.close();
      } catch (IOException _) {
        // It is left in any case.
      }
    }
  }

  private void writeAll(Connection to, ByteBuffer octets) throws IOException {
    long deadline = System.nanoTime() + patienceNanos;
    while (octets.hasRemaining()) {
      if (to.channel.write(octets) == 0) {
        await(to, SelectionKey.OP_WRITE, deadline);
      } else {
        deadline = System.nanoTime() + patienceNanos;
      }
    }
  }

  /** Reads one control frame; what it holds after its length. */
  private ByteBuffer control(Connection from) throws IOException {
    long deadline = System.nanoTime() + patienceNanos;
    readAll(from, 8, deadline);
    int escape = input.getInt();
    int length = input.getInt();
    if (escape != 0 || length < 4 || length > ControlFrame.MAX_BYTES) {
      throw new IOException("the dnstap reader does not speak Frame Streams");
    }
    readAll(from, length, deadline);
    return input;
  }

  private void readAll(Connection from, int length, long deadline) throws IOException {
    input.clear().limit(length);
    while (input.hasRemaining()) {
      int read = from.channel.read(input);
      if (read < 0) {
        throw new IOException("the dnstap reader is gone");
      }
      if (read == 0) {
        await(from, SelectionKey.OP_READ, deadline);
      }
    }
    input.flip();
  }

  private void await(Connection open, int operation, long deadline) throws IOException {
    long left = deadline - System.nanoTime();
    if (left <= 0 || (closing.getAsBoolean() && left <= patienceNanos - LAST_PATIENCE_NANOS)) {
      throw new IOException("the dnstap reader does not answer");
    }
    open.key.interestOps(operation);
    open.selector.select(SLICE_MILLIS);
    open.selector.selectedKeys().clear();
  }
}
