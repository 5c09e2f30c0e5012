package io.flashdns.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.flashdns.core.engine.Engine;
import io.netty.buffer.PoolArenaMetric;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;

/**
 * A transport with {@link Answers} behind it. When it closes, everything that it took must be given
 * back: threads, sockets, buffers; and nothing unexpected may have happened.
 */
final class TestServer implements AutoCloseable {
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

  static {
    Awaitility.setDefaultPollDelay(Duration.ZERO);
    Awaitility.setDefaultPollInterval(Duration.ofMillis(2));
    // The JDK keeps a descriptor or two of its own from the first socket on.
    try (DatagramSocket udp = new DatagramSocket(0);
        ServerSocket listener = new ServerSocket(0);
        Socket tcp = new Socket(listener.getInetAddress(), listener.getLocalPort())) {
      udp.setSoTimeout(1);
      tcp.setSoTimeout(1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private final Engine engine = Answers.engine();
  private final long buffersBefore = buffersInUse();
  private final List<String> socketsBefore = sockets();
  private final Transport transport;

  private TestServer(TransportConfig config) throws TransportException {
    transport = Transport.start(config, engine::newWorker);
  }

  /** Starts on a free port; a backend that this machine does not have skips the test. */
  static TestServer start(IoBackend io, TcpLimits limits, int workers, String... hosts)
      throws TransportException {
    assumeAvailable(io);
    List<InetSocketAddress> listen = new ArrayList<>();
    for (String host : hosts) {
      listen.add(new InetSocketAddress(host, 0));
    }
    return start(new TransportConfig(listen, io, workers, limits, 1 << 20));
  }

  static TestServer start(TransportConfig config) throws TransportException {
    return new TestServer(config);
  }

  static TestServer start(IoBackend io) throws TransportException {
    return start(io, TcpLimits.defaults(), 1, "127.0.0.1");
  }

  static TestServer start(IoBackend io, TcpLimits limits) throws TransportException {
    return start(io, limits, 1, "127.0.0.1");
  }

  static void assumeAvailable(IoBackend io) {
    String reason = BackendChoice.unavailable(io);
    assumeTrue(reason == null, () -> io.text() + " is not available: " + reason);
  }

  Transport transport() {
    return transport;
  }

  InetSocketAddress address() {
    return address(0);
  }

  InetSocketAddress address(int listener) {
    return transport.addresses().get(listener);
  }

  /** The first listener's port at another host. */
  InetSocketAddress at(String host) {
    return new InetSocketAddress(host, address().getPort());
  }

  TransportCounters counters() {
    return transport.counters();
  }

  /** What waits for each TCP client. */
  List<TcpConnection.Unsent> unsent() {
    return transport.unsent();
  }

  /**
   * Until none is left of so many that were begun: one that the client has aborted may still wait
   * to be accepted.
   */
  void awaitNoConnections(int begun) {
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              TransportCounters now = counters();
              return now.tcpAccepted() + now.tcpProxyRefusedSource() + now.tcpAcceptErrors()
                  >= begun;
            });
    awaitNoConnections();
  }

  void awaitNoConnections() {
    await().atMost(Duration.ofSeconds(20)).until(() -> counters().tcpOpen() == 0);
  }

  @Override
  public void close() {
    transport.close();
    engine.close();
    assertThat(transport.counters().failures()).isZero();
    assertThat(transport.counters().tcpOpen()).isZero();
    await().until(TestServer::threads, List::isEmpty);
    assertThat(buffersInUse()).isLessThanOrEqualTo(buffersBefore);
    // Sockets of clients in the test may still be closing.
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> assertThat(sockets()).hasSizeLessThanOrEqualTo(socketsBefore.size()));
  }

  private static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("flashdns-io"))
        .toList();
  }

  static long buffersInUse() {
    return PooledByteBufAllocator.DEFAULT.metric().directArenas().stream()
        .mapToLong(PoolArenaMetric::numActiveAllocations)
        .sum();
  }

  /**
   * Open sockets, epolls, event and timer descriptors of this process, where the system can tell.
   */
  static List<String> sockets() {
    List<String> found = new ArrayList<>();
    if (!Files.isDirectory(DESCRIPTORS)) {
      return found;
    }
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(DESCRIPTORS)) {
      for (Path descriptor : descriptors) {
        try {
          String target = Files.readSymbolicLink(descriptor).toString();
          if (target.startsWith("socket:") || target.startsWith("anon_inode:")) {
            found.add(descriptor.getFileName() + " " + target);
          }
        } catch (IOException _) {
          // Closed between the listing and the look: the listing's own one, for instance.
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return found;
  }
}
