package io.flashdns.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
class DrainTest {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  @EachBackend
  void datagramsThatWaitInTheSocketAreAnswered(IoBackend io) throws Exception {
    // The client's receive buffer holds some 250 of them, and the client reads after the drain.
    int sent = 200;
    try (TestServer server = TestServer.start(io);
        UdpClient client = new UdpClient(server.address())) {
      client.ask(Message.query(1));
      for (int id = 0; id < sent; id++) {
        client.send(Message.query(id));
      }
      server.transport().drain(LIMIT);

      for (int i = 0; i < sent; i++) {
        assertThat(client.receive().isReply()).isTrue();
      }
      assertThat(server.counters().udpReceived()).isEqualTo(sent + 1);
      assertThat(server.counters().udpSent()).isEqualTo(sent + 1);
    }
  }

  @EachBackend
  void tcpQueriesThatWereSentAreAnswered(IoBackend io) throws Exception {
    try (TestServer server = TestServer.start(io);
        Clients clients = new Clients(new ArrayList<>())) {
      byte[][] queries = new byte[150][];
      for (int i = 0; i < queries.length; i++) {
        queries[i] = Message.query(i, "drain", 1_000);
      }
      for (int i = 0; i < 10; i++) {
        TcpClient client = new TcpClient(server.address());
        clients.all().add(client);
        client.send(Message.framed(queries));
      }
      CompletableFuture<Void> drain =
          CompletableFuture.runAsync(() -> server.transport().drain(LIMIT));

      for (TcpClient client : clients.all()) {
        for (int i = 0; i < queries.length; i++) {
          assertThat(client.receive().id()).isEqualTo(i);
        }
        assertThat(client.isClosedByServer()).isTrue();
      }
      drain.join();
      assertThat(server.counters().tcpReplies()).isEqualTo(10L * queries.length);
    }
  }

  private record Clients(List<TcpClient> all) implements AutoCloseable {
    @Override
    public void close() throws IOException {
      for (TcpClient client : all) {
        client.close();
      }
    }
  }

  @EachBackend
  void idleServerDrainsAtOnce(IoBackend io) throws Exception {
    try (TestServer server = TestServer.start(io);
        TcpClient idle = new TcpClient(server.address())) {
      idle.ask(Message.query(1));
      long start = System.nanoTime();
      server.transport().drain(LIMIT);

      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
      assertThat(idle.isClosedByServer()).isTrue();
      assertThatThrownBy(() -> new TcpClient(server.address())).isInstanceOf(IOException.class);
    }
  }

  @EachBackend
  void clientThatDoesNotReadHoldsADrainNoLongerThanTheLimit(IoBackend io) throws Exception {
    Duration limit = Duration.ofMillis(500);
    try (TestServer server = TestServer.start(io);
        TcpClient client = new TcpClient(server.address(), 4096)) {
      byte[][] queries = new byte[300][];
      for (int i = 0; i < queries.length; i++) {
        queries[i] = Message.query(i, "never", 30_000);
      }
      client.send(Message.framed(queries));
      await().until(() -> server.counters().tcpMessages() > 0);
      long start = System.nanoTime();
      server.transport().drain(limit);

      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isBetween(limit.minusMillis(50), limit.plusSeconds(5));
    }
  }

  @EachBackend
  void secondServerOfTheSameAddressTakesOver(IoBackend io) throws Exception {
    Duration limit = Duration.ofSeconds(2);
    int inFlight = 5;
    // Two loops, so that both servers share the port. Clients ask on while the first one drains.
    try (TestServer first = TestServer.start(io, TcpLimits.defaults(), 2, "127.0.0.1");
        TestServer _ =
            TestServer.start(
                new TransportConfig(
                    List.of(first.address()), io, 2, TcpLimits.defaults(), 1 << 20));
        UdpClients clients = new UdpClients(40, first)) {
      long start = System.nanoTime();
      CompletableFuture<Long> drain =
          CompletableFuture.supplyAsync(
              () -> {
                first.transport().drain(limit);
                return System.nanoTime() - start;
              });
      int lost = 0;
      for (int round = 0; round < 50 || !drain.isDone(); round++) {
        for (UdpClient client : clients.all()) {
          for (int i = 0; i < inFlight; i++) {
            client.send(Message.query(i));
          }
        }
        for (UdpClient client : clients.all()) {
          client.timeoutMillis(1_000);
          try {
            for (int i = 0; i < inFlight; i++) {
              client.receive();
            }
          } catch (IOException _) {
            lost++;
          }
        }
      }
      // The native socket leaves while others stay: at once, and without a loss. Netty's go on
      // until half of the time is over,
      // and lose what comes in the last moment.
      if (io == IoBackend.FFM) {
        assertThat(lost).isZero();
        assertThat(Duration.ofNanos(drain.join())).isLessThan(limit.dividedBy(2));
      } else {
        assertThat(lost).isLessThanOrEqualTo(clients.all().size());
      }
    }
  }

  private record UdpClients(List<UdpClient> all) implements AutoCloseable {
    UdpClients(int count, TestServer server) throws IOException {
      this(new ArrayList<>());
      for (int i = 0; i < count; i++) {
        all.add(new UdpClient(server.address()));
      }
    }

    @Override
    public void close() {
      all.forEach(UdpClient::close);
    }
  }
}
