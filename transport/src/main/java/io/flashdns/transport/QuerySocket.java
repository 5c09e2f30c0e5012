package io.flashdns.transport;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import org.jspecify.annotations.Nullable;

/**
 * A UDP socket for who asks one server by the thousand: connected, never waiting, many messages for
 * one call of the system. It has a source port of its own.
 *
 * <p><b>Thread</b>: any one at a time; a call uses the memory of the {@link QueryVector} it is
 * given. <b>Cost</b>: {@link #receive} and {@link #send} allocate nothing and throw nothing.
 */
public final class QuerySocket implements AutoCloseable {
  /** What {@link #receive} and {@link #send} return when there is nothing, or no room, now. */
  public static final int WOULD_BLOCK = -Libc.EAGAIN;

  /** What they return when the server's host said that nobody listens there (ICMP). */
  public static final int REFUSED = -Libc.ECONNREFUSED;

  private final int fd;
  private boolean closed;

  private QuerySocket(int fd) {
    this.fd = fd;
  }

  /** Why there can be no such sockets here, or null when there can. */
  public static @Nullable String unavailable() {
    return Libc.unavailable();
  }

  /**
   * Opens a socket.
   *
   * @param source the address to ask from; null for the one that the system chooses
   * @param bufferBytes size of the receive and send buffers, within the system's limits; 0 leaves
   *     the system's own
   * @throws BindException when the source address is not of this machine, or has no free port
   * @throws SocketException when there are no more file descriptors, or the system refuses
   *     otherwise
   */
  public static QuerySocket open(
      InetSocketAddress server, @Nullable InetAddress source, int bufferBytes) throws IOException {
    boolean ipv6 = Addresses.isIpv6(server);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = arena.allocate(Libc.ERRNO_BYTES, Long.BYTES);
      int fd =
          Libc.socket(
              errno,
              ipv6 ? Libc.AF_INET6 : Libc.AF_INET,
              Libc.SOCK_DGRAM | Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC);
      if (fd < 0) {
        throw new SocketException(
            fd == -Libc.EMFILE || fd == -Libc.ENFILE
                ? "too many open files"
                : "the system opens no socket (errno " + -fd + ")");
      }
      try {
        NativeUdpSocket.buffers(errno, fd, bufferBytes);
        if (source != null) {
          MemorySegment name =
              NativeUdpSocket.socketAddress(arena, new InetSocketAddress(source, 0), 0);
          int bound = Libc.bind(errno, fd, name);
          if (bound < 0) {
            throw new BindException(
                bound == -Libc.EADDRINUSE
                    ? "no source port of " + source.getHostAddress() + " is free"
                    : "cannot ask from "
                        + source.getHostAddress()
                        + ", which is no address of this machine (errno "
                        + -bound
                        + ")");
          }
        }
        int connected =
            Libc.connect(errno, fd, NativeUdpSocket.socketAddress(arena, server, server.getPort()));
        if (connected < 0) {
          throw new SocketException(
              "there is no way to " + Addresses.text(server) + " (errno " + -connected + ")");
        }
        return new QuerySocket(fd);
      } catch (IOException | RuntimeException e) {
        Libc.close(errno, fd);
        throw e;
      }
    }
  }

  /**
   * Reads up to {@code count} replies into the vector, from place 0 on.
   *
   * @return how many, or a negative number: {@link #WOULD_BLOCK}, {@link #REFUSED}, or another
   *     error number of the system
   */
  public int receive(QueryVector vector, int count) {
    return Libc.recvmmsg(vector.errno(), fd, vector.receiveAddress(), count);
  }

  /**
   * Sends the first {@code count} queries of the vector.
   *
   * @return how many went, or a negative number when not even the first did: {@link #WOULD_BLOCK},
   *     {@link #REFUSED}, or another error number of the system
   */
  public int send(QueryVector vector, int count) {
    return Libc.sendmmsg(vector.errno(), fd, vector.sendAddress(), count);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      try (Arena arena = Arena.ofConfined()) {
        int _ = Libc.close(arena.allocate(Libc.ERRNO_BYTES, Long.BYTES), fd);
      }
    }
  }
}
