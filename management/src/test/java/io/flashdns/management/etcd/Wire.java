package io.flashdns.management.etcd;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/** TCP connections to a port, which can be reset, refused, or left without a word. */
final class Wire implements AutoCloseable {
  private final ServerSocket server;
  private final int port;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile CompletableFuture<?> flows = CompletableFuture.completedFuture(null);
  private volatile boolean isCut;
  private volatile long octetsASecond = Long.MAX_VALUE;

  Wire(int port) throws IOException {
    this.port = port;
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  String endpoint() {
    return "127.0.0.1:" + server.getLocalPort();
  }

  /** Resets all connections, once. */
  void reset() {
    open.forEach(Wire::reset);
  }

  /** Resets all connections, and new ones, until {@link #heal}. */
  void cut() {
    isCut = true;
    reset();
  }

  /** Lets nothing pass any more, and closes nothing, until {@link #heal}. */
  void silence() {
    flows = new CompletableFuture<>();
  }

  /** Lets so many octets pass in a second and direction, until {@link #heal}. */
  void slow(long octets) {
    octetsASecond = octets;
  }

  void heal() {
    isCut = false;
    octetsASecond = Long.MAX_VALUE;
    flows.complete(null);
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket from = server.accept();
        open.add(from);
        if (isCut) {
          reset(from);
          continue;
        }
        Socket to = new Socket(InetAddress.getLoopbackAddress(), port);
        open.add(to);
        Thread.ofVirtual().start(() -> pump(from, to));
        Thread.ofVirtual().start(() -> pump(to, from));
      } catch (IOException _) {
        // It was closed, here or there.
      }
    }
  }

  private void pump(Socket from, Socket to) {
    byte[] octets = new byte[1 << 16];
    try (from;
        to) {
      from.setTcpNoDelay(true);
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(octets); read >= 0; read = in.read(octets)) {
        var _ = flows.join();
        out.write(octets, 0, read);
        LockSupport.parkNanos((long) (read * 1e9 / octetsASecond));
      }
    } catch (IOException _) {
      // It was closed, here or there.
    } finally {
      open.remove(from);
      open.remove(to);
    }
  }

  private static void reset(Socket one) {
    try {
      one.setSoLinger(true, 0);
      one.close();
    } catch (IOException _) {
      // It is closed.
    }
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    heal();
    reset();
  }
}
