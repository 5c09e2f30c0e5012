package io.flashdns.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
class TcpLimitsTest {
  private static final Duration SHORT = Duration.ofMillis(150);
  private static final Duration LONG = Duration.ofSeconds(30);

  /** Limits that no test here reaches but by the parts it changes. */
  private static TcpLimits limits(int connections, int perClient) {
    return new TcpLimits(connections, perClient, 100, 200 * 1024, LONG, LONG, LONG, LONG);
  }

  private static TcpLimits times(Duration first, Duration message, Duration idle, Duration age) {
    return new TcpLimits(1_000, 1_000, 100, 200 * 1024, first, message, idle, age);
  }

  @Test
  void defaultsAreTheDocumentedOnes() {
    TcpLimits defaults = TcpLimits.defaults();

    assertThat(defaults.maxConnections()).isBetween(16, 10_000);
    assertThat(defaults.maxConnectionsPerClient()).isEqualTo(25);
    assertThat(defaults.maxPipelined()).isEqualTo(100);
    assertThat(defaults.maxUnsentBytes()).isEqualTo(204_800);
    assertThat(defaults.firstQuery()).isEqualTo(Duration.ofSeconds(3));
    assertThat(defaults.message()).isEqualTo(Duration.ofSeconds(5));
    assertThat(defaults.idle()).isEqualTo(Duration.ofSeconds(10));
    assertThat(defaults.maxAge()).isEqualTo(Duration.ofMinutes(10));
  }

  @Test
  void limitsOfZeroOrLessAreRefused() {
    assertThatThrownBy(() -> limits(0, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("TCP limit maxConnections is 0: use 1 or more");
    assertThatThrownBy(() -> times(LONG, Duration.ZERO, LONG, LONG))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("TCP limit message is PT0S: use a time above zero");
  }

  @EachBackend
  void clientHasOnlySoManyConnections(IoBackend io) throws Exception {
    try (TestServer server = TestServer.start(io, limits(100, 3));
        Clients clients = new Clients(server, 3)) {
      try (TcpClient fourth = new TcpClient(server.address())) {
        assertThat(fourth.isClosedByServer()).isTrue();
      }
      assertThat(server.counters().tcpRefused()).isEqualTo(1);
      clients.askEach();

      clients.all().removeFirst().close();
      await().until(() -> server.counters().tcpOpen() == 2);
      try (TcpClient next = new TcpClient(server.address())) {
        assertThat(next.ask(Message.query(1)).id()).isEqualTo(1);
      }
    }
  }

  @EachBackend
  void oldestIdleConnectionMakesRoomForANewOne(IoBackend io) throws Exception {
    try (TestServer server = TestServer.start(io, limits(4, 100));
        Clients clients = new Clients(server, 4)) {
      // The first has been used last: the second is the oldest idle one.
      clients.all().getFirst().ask(Message.query(9));

      try (TcpClient fifth = new TcpClient(server.address())) {
        assertThat(fifth.ask(Message.query(5)).id()).isEqualTo(5);
        try (TcpClient evicted = clients.all().remove(1)) {
          assertThat(evicted.isClosedByServer()).isTrue();
        }
        clients.askEach();
        assertThat(server.counters().tcpEvicted()).isEqualTo(1);
        assertThat(server.counters().tcpOpen()).isEqualTo(4);
      }
    }
  }

  @EachBackend
  void totalHoldsOverAllLoops(IoBackend io) throws Exception {
    try (TestServer server = TestServer.start(io, limits(4, 100), 2, "127.0.0.1");
        Clients clients = new Clients(server, 4)) {
      for (int i = 0; i < 40; i++) {
        TcpClient client = new TcpClient(server.address());
        clients.all().add(client);
        // An idle one of another loop makes room a little later than the new one is served.
        assertThat(client.ask(Message.query(i)).id()).isEqualTo(i);
        await().until(() -> server.counters().tcpOpen() == 4);
      }
      assertThat(server.counters().tcpEvicted()).isEqualTo(40);
    }
  }

  @EachBackend
  void silentConnectionIsClosedWhenItsFirstQueryIsLate(IoBackend io) throws Exception {
    try (TestServer server = TestServer.start(io, times(SHORT, LONG, LONG, LONG));
        TcpClient silent = new TcpClient(server.address());
        TcpClient slow = new TcpClient(server.address())) {
      long start = System.nanoTime();
      slow.send(Message.framed(Message.query(1)), 0, 20);

      assertThat(silent.isClosedByServer()).isTrue();
      assertThat(slow.isClosedByServer()).isTrue();
      assertClosedAfter(server, start, 2);
    }
  }

  @EachBackend
  void messageThatDoesNotEndIsClosed(IoBackend io) throws Exception {
    try (TestServer server = TestServer.start(io, times(LONG, SHORT, LONG, LONG));
        TcpClient client = new TcpClient(server.address())) {
      client.ask(Message.query(1));
      long start = System.nanoTime();
      byte[] frame = Message.framed(Message.query(2));
      client.send(frame, 0, 1);

      // One octet at a time does not make the time start anew.
      for (int i = 1; i < 6; i++) {
        client.send(frame, i, i + 1);
      }
      assertThat(client.isClosedByServer()).isTrue();
      assertClosedAfter(server, start, 1);
    }
  }

  @EachBackend
  void idleConnectionIsClosed(IoBackend io) throws Exception {
    try (TestServer server = TestServer.start(io, times(LONG, LONG, SHORT, LONG));
        TcpClient client = new TcpClient(server.address())) {
      client.ask(Message.query(1));
      long start = System.nanoTime();

      assertThat(client.isClosedByServer()).isTrue();
      assertClosedAfter(server, start, 1);
    }
  }

  @EachBackend
  void idleTimeIsAFifthWhenMoreThanHalfOfTheConnectionsAreOpen(IoBackend io) throws Exception {
    Duration idle = Duration.ofSeconds(5);
    TcpLimits limits = new TcpLimits(4, 100, 100, 200 * 1024, LONG, LONG, idle, LONG);
    try (TestServer server = TestServer.start(io, limits);
        Clients clients = new Clients(server, 3)) {
      long start = System.nanoTime();

      assertThat(clients.all().getFirst().isClosedByServer()).isTrue();
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(idle.dividedBy(2));
    }
  }

  @EachBackend
  void busyConnectionIsClosedWhenItIsOld(IoBackend io) throws Exception {
    try (TestServer server = TestServer.start(io, times(LONG, LONG, LONG, SHORT));
        TcpClient client = new TcpClient(server.address())) {
      long start = System.nanoTime();
      int answered = 0;
      try {
        while (true) {
          client.ask(Message.query(1));
          answered++;
        }
      } catch (IOException _) {
        assertThat(answered).isPositive();
      }
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isBetween(SHORT.minusMillis(10), Duration.ofSeconds(10));
      server.awaitNoConnections();
    }
  }

  @EachBackend
  void clientThatNeverReadsIsClosedWhenItMakesNoProgress(IoBackend io) throws Exception {
    try (TestServer server = TestServer.start(io, times(LONG, LONG, Duration.ofMillis(500), LONG));
        TcpClient client = new TcpClient(server.address(), 4096)) {
      byte[][] queries = new byte[2_000][];
      for (int i = 0; i < queries.length; i++) {
        queries[i] = Message.query(i, "never", 10_000);
      }
      Thread writer =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      client.send(Message.framed(queries));
                    } catch (IOException _) {
                      // The server has closed: what this test is about.
                    }
                  });

      await().until(() -> server.counters().tcpAccepted() == 1);
      server.awaitNoConnections();
      assertThat(server.counters().tcpTimedOut()).isEqualTo(1);
      assertThat(server.counters().tcpMessages()).isLessThan(queries.length);
      writer.join();
    }
  }

  @EachBackend
  void clientThatNeverReadsCannotSendForEver(IoBackend io) throws Exception {
    long most = 16L << 20;
    ByteBuffer queries = ByteBuffer.allocate(1 << 20);
    while (queries.remaining() > 100) {
      queries.put(Message.framed(Message.query(1, "never", 1_000)));
    }
    queries.flip();
    try (TestServer server = TestServer.start(io);
        SocketChannel client = SocketChannel.open(server.address())) {
      client.configureBlocking(false);
      long written = 0;
      // Until the buffers of the system are full on both sides, and stay so.
      for (int full = 0; full < 200 && written < 2 * most; ) {
        int count = client.write(queries);
        written += count;
        if (!queries.hasRemaining()) {
          queries.rewind();
        }
        if (count == 0) {
          full++;
          try (UdpClient barrier = new UdpClient(server.address())) {
            barrier.ask(Message.query(1));
          }
        } else {
          full = 0;
        }
      }
      assertThat(written).isLessThan(most);
    }
  }

  @EachBackend
  void octetsThatWaitForAClientAreBounded(IoBackend io) throws Exception {
    int maxUnsentBytes = 100 * 1024;
    TcpLimits limits = new TcpLimits(1_000, 1_000, 100_000, maxUnsentBytes, LONG, LONG, LONG, LONG);

    // Replies up to the bound, and one more.
    assertThat(unsentToClientsThatNeverRead(io, limits))
        .allMatch(unsent -> unsent.bytes() > 0 && unsent.bytes() < maxUnsentBytes + 20_200);
  }

  @EachBackend
  void repliesThatWaitForAClientAreBounded(IoBackend io) throws Exception {
    TcpLimits limits = new TcpLimits(1_000, 1_000, 10, 100 << 20, LONG, LONG, LONG, LONG);

    assertThat(unsentToClientsThatNeverRead(io, limits))
        .allMatch(unsent -> unsent.replies() > 0 && unsent.replies() <= 10);
  }

  private static List<TcpConnection.Unsent> unsentToClientsThatNeverRead(
      IoBackend io, TcpLimits limits) throws Exception {
    byte[][] queries = new byte[500][];
    for (int i = 0; i < queries.length; i++) {
      queries[i] = Message.query(i, "never", 20_000);
    }
    byte[] stream = Message.framed(queries);
    try (TestServer server = TestServer.start(io, limits);
        Clients clients = new Clients(server, 0)) {
      for (int i = 0; i < 20; i++) {
        TcpClient client = new TcpClient(server.address(), 4096);
        clients.all().add(client);
        client.send(stream);
      }
      // All is as it will stay when each client waits, and rounds of the loop answer nothing more.
      await()
          .until(
              () -> {
                long before = server.counters().tcpMessages();
                try (UdpClient barrier = new UdpClient(server.address())) {
                  for (int round = 0; round < 10; round++) {
                    barrier.ask(Message.query(round));
                  }
                }
                return server.unsent().size() == 20
                    && server.unsent().stream().allMatch(unsent -> unsent.replies() > 0)
                    && server.counters().tcpMessages() == before;
              });
      assertThat(server.counters().tcpMessages()).isLessThan(20 * queries.length);
      return server.unsent();
    }
  }

  @EachBackend
  void idleConnectionTakesLessThan16KiB(IoBackend io) throws Exception {
    int connections = 400;
    try (TestServer server = TestServer.start(io, limits(1_000, 1_000));
        Clients warm = new Clients(server, 20)) {
      warm.askEach();
      long heapBefore = usedHeapBytes();
      long buffersBefore = TestServer.buffersInUse();

      try (Clients idle = new Clients(server, connections)) {
        // The clients' half lies in the same heap and is counted with ours.
        long each = (usedHeapBytes() - heapBefore) / connections;
        assertThat(each).isLessThan(16 * 1024);
        assertThat(TestServer.buffersInUse() - buffersBefore).isLessThanOrEqualTo(20);
        assertThat(idle.all()).hasSize(connections);
      }
    }
  }

  private static long usedHeapBytes() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  @Test
  void ipv6ClientsAreCountedByTheir64() {
    long prefix = 0x2001_0db8_0000_0001L;
    assertThat(ConnectionQuota.Client.of(prefix, 1))
        .isEqualTo(ConnectionQuota.Client.of(prefix, 2));
    assertThat(ConnectionQuota.Client.of(prefix, 1))
        .isNotEqualTo(ConnectionQuota.Client.of(prefix + 1, 1));
    assertThat(ConnectionQuota.Client.of(0, 0xffff_7f00_0001L))
        .isNotEqualTo(ConnectionQuota.Client.of(0, 0xffff_7f00_0002L));
  }

  private static void assertClosedAfter(TestServer server, long start, int connections) {
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isBetween(SHORT.minusMillis(10), Duration.ofSeconds(10));
    assertThat(server.counters().tcpTimedOut()).isEqualTo(connections);
  }

  /** Connections that have each got an answer, and are idle. */
  private record Clients(List<TcpClient> all) implements AutoCloseable {
    Clients(TestServer server, int count) throws IOException {
      this(new ArrayList<>());
      for (int i = 0; i < count; i++) {
        TcpClient client = new TcpClient(server.address());
        all.add(client);
        assertThat(client.ask(Message.query(i)).id()).isEqualTo(i);
      }
    }

    void askEach() throws IOException {
      for (TcpClient client : all) {
        assertThat(client.ask(Message.query(77)).id()).isEqualTo(77);
      }
    }

    @Override
    public void close() throws IOException {
      for (TcpClient client : all) {
        client.close();
      }
    }
  }
}
