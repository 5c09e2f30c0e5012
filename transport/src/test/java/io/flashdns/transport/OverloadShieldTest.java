package io.flashdns.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.engine.Engine;
import io.flashdns.core.engine.EngineConfig;
import io.flashdns.core.engine.PluginBinding;
import io.flashdns.core.plugin.Network;
import io.flashdns.core.plugin.Plugin;
import io.flashdns.core.plugin.PluginContext;
import io.flashdns.core.plugin.PluginFactory;
import io.flashdns.core.plugin.Query;
import io.flashdns.core.plugin.Response;
import io.flashdns.core.plugin.Router;
import io.flashdns.core.plugin.Verdict;
import io.flashdns.core.plugin.WorkerContext;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** Real floods of a server that is slow by intention. */
class OverloadShieldTest {
  /** What the worker waits for each query: some 3,000 a second are all it can answer. */
  private static final long ANSWER_NANOS = 250_000;

  /** The kernel takes twice of this, for some 300 datagrams. */
  private static final int BUFFER_BYTES = 128 << 10;

  private static final Duration LONG = Duration.ofSeconds(30);
  private static final int FLOODERS = 4;

  private record Config() {}

  /** Answers everything, slowly. */
  private static final class Slow implements PluginFactory<Config> {
    @Override
    public String name() {
      return "slow";
    }

    @Override
    public int spiVersion() {
      return SPI_VERSION;
    }

    @Override
    public Class<Config> configType() {
      return Config.class;
    }

    @Override
    public Plugin create(Config config, PluginContext context) {
      return (WorkerContext worker) ->
          List.of(
              new Router() {
                @Override
                public Verdict route(Query query, Response response) {
                  LockSupport.parkNanos(ANSWER_NANOS);
                  response.authoritative(true);
                  return Verdict.RESPOND;
                }
              });
    }
  }

  private static final class Server implements AutoCloseable {
    private final Engine engine =
        new Engine(
            EngineConfig.of(new NameHash(7)),
            List.of(new PluginBinding<>(new Slow(), new Config())));
    private final Transport transport;

    Server(boolean shield, ProxyProtocol proxies) throws TransportException {
      TestServer.assumeAvailable(IoBackend.FFM);
      transport =
          Transport.start(
              new TransportConfig(
                  List.of(new InetSocketAddress("127.0.0.1", 0)),
                  IoBackend.FFM,
                  1,
                  TcpLimits.defaults(),
                  BUFFER_BYTES,
                  proxies,
                  shield),
              engine::newWorker);
    }

    InetSocketAddress address() {
      return transport.addresses().getFirst();
    }

    TransportCounters counters() {
      return transport.counters();
    }

    void awaitOverflow() {
      await().atMost(LONG).until(() -> counters().udpKernelDropped() > 5_000);
    }

    @Override
    public void close() {
      transport.close();
      engine.close();
      assertThat(counters().failures()).isZero();
      assertThat(counters().udpShieldActive()).isZero();
      assertThat(counters().udpShieldedSources()).isZero();
    }
  }

  /** Some 30,000 queries a second from four sources, until it is closed. */
  private static final class Flood implements AutoCloseable {
    private final List<DatagramChannel> sockets = new ArrayList<>();
    private final Thread thread;
    private volatile boolean over;

    Flood(InetSocketAddress server, byte[] query) throws IOException {
      for (int i = 1; i <= FLOODERS; i++) {
        DatagramChannel socket = DatagramChannel.open();
        sockets.add(socket);
        socket.bind(new InetSocketAddress("127.0.4." + i, 0));
        socket.connect(server);
        socket.configureBlocking(false);
      }
      thread = new Thread(() -> send(ByteBuffer.wrap(query)), "flood");
      thread.start();
    }

    private void send(ByteBuffer query) {
      try {
        while (!over) {
          for (int i = 0; i < 32; i++) {
            for (DatagramChannel socket : sockets) {
              socket.write(query.rewind());
            }
          }
          LockSupport.parkNanos(4_000_000);
        }
      } catch (IOException _) {
        // Closed.
      }
    }

    @Override
    public void close() throws IOException {
      over = true;
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      for (DatagramChannel socket : sockets) {
        socket.close();
      }
    }
  }

  /** Queries of eight sources in turn, of which each gets no more than two tenths of a second. */
  private static int answered(Server server, int queries) throws IOException {
    List<UdpClient> clients = new ArrayList<>();
    try {
      for (int i = 1; i <= 8; i++) {
        UdpClient client = new UdpClient(server.address(), "127.0.2." + i);
        clients.add(client);
        client.timeoutMillis(200);
      }
      int answered = 0;
      for (int id = 0; id < queries; id++) {
        UdpClient client = clients.get(id % clients.size());
        try {
          client.send(Message.query(id));
          while (client.receive().id() != id) {}
          answered++;
        } catch (SocketTimeoutException _) {
          // Lost.
        }
      }
      return answered;
    } finally {
      clients.forEach(UdpClient::close);
    }
  }

  @Test
  void quietSourcesLoseNothingWhileOthersFlood() throws Exception {
    try (Server server = new Server(true, ProxyProtocol.none());
        Flood _ = new Flood(server.address(), Message.query(1))) {
      await().atMost(LONG).until(() -> server.counters().udpShieldedSources() == FLOODERS);
      // The queue is still full of what came before.
      await().atMost(LONG).until(() -> answered(server, 8) == 8);

      assertThat(answered(server, 400)).isGreaterThan(390);
      assertThat(server.counters().udpShieldActive()).isEqualTo(1);
    }
  }

  @Test
  void withoutAShieldQuietSourcesLoseAsMuchAsTheFlood() throws Exception {
    try (Server server = new Server(false, ProxyProtocol.none());
        Flood _ = new Flood(server.address(), Message.query(1))) {
      server.awaitOverflow();

      assertThat(answered(server, 40)).isLessThan(30);
      assertThat(server.counters().udpShieldActive()).isZero();
    }
  }

  @Test
  void shieldGoesWhenTheFloodIsOver() throws Exception {
    try (Server server = new Server(true, ProxyProtocol.none())) {
      for (int round = 0; round < 2; round++) {
        try (Flood _ = new Flood(server.address(), Message.query(1))) {
          await().atMost(LONG).until(() -> server.counters().udpShieldActive() == 1);
        }
        await().atMost(LONG).until(() -> server.counters().udpShieldActive() == 0);
        assertThat(server.counters().udpShieldedSources()).isZero();
        assertThat(server.counters().udpKernelDropped()).isPositive();
      }
      // A filter that is left behind would drop these.
      try (UdpClient client = new UdpClient(server.address(), "127.0.4.1")) {
        for (int id = 0; id < 200; id++) {
          assertThat(client.ask(Message.query(id)).id()).isEqualTo(id);
        }
      }
    }
  }

  @Test
  void floodersStillGetTheirShare() throws Exception {
    try (Server server = new Server(true, ProxyProtocol.none());
        Flood _ = new Flood(server.address(), Message.query(1))) {
      await().atMost(LONG).until(() -> server.counters().udpShieldedSources() == FLOODERS);
      long before = server.counters().udpReceived();

      // About two seconds of what the worker can do.
      await().atMost(LONG).until(() -> server.counters().udpReceived() > before + 5_000);
    }
  }

  @Test
  void listenersOfProxiesAreNotShielded() throws Exception {
    byte[] query = Headers.joined(Headers.of(Headers.DATAGRAM, "192.0.2.1", 53), Message.query(1));
    ProxyProtocol proxies = new ProxyProtocol(Set.of(0), List.of(Network.parse("127.0.4.0/24")));
    try (Server server = new Server(true, proxies);
        Flood _ = new Flood(server.address(), query)) {
      long seconds = 3;
      server.awaitOverflow();
      long before = server.counters().udpKernelDropped();
      await()
          .atMost(LONG)
          .until(() -> server.counters().udpKernelDropped() > before + seconds * 10_000);

      assertThat(server.counters().udpShieldActive()).isZero();
    }
  }
}
