package io.flashdns.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

@Tag("rfc7766")
@ExtendWith(LeakDetection.class)
class TcpTest {

  @EachBackend
  void oneConnectionCarriesManyQueriesAndTheWorkerKnowsTheSource(IoBackend io) throws Exception {
    try (TestServer server = TestServer.start(io);
        TcpClient client = new TcpClient(server.address())) {
      for (int id = 0; id < 200; id++) {
        Message reply = client.ask(Message.query(id));

        assertThat(reply.isReply()).isTrue();
        assertThat(reply.id()).isEqualTo(id);
        assertThat(reply.source().getHostAddress()).isEqualTo("127.0.0.1");
      }
      TransportCounters counters = server.counters();
      assertThat(counters.tcpAccepted()).isEqualTo(1);
      assertThat(counters.tcpMessages()).isEqualTo(200);
      assertThat(counters.tcpReplies()).isEqualTo(200);
    }
  }

  @EachBackend
  void streamMayBeCutAnywhere(IoBackend io) throws Exception {
    byte[] stream = Message.framed(Message.query(1), Message.query(2));
    try (TestServer server = TestServer.start(io);
        UdpClient barrier = new UdpClient(server.address())) {
      for (int cut = 1; cut < stream.length; cut++) {
        try (TcpClient client = new TcpClient(server.address())) {
          client.send(stream, 0, cut);
          awaitLoop(barrier);
          client.send(stream, cut, stream.length);

          assertThat(client.receive().id()).isEqualTo(1);
          assertThat(client.receive().id()).isEqualTo(2);
        }
      }
    }
  }

  /** The only loop has read what was sent before: it has come round twice since. */
  private static void awaitLoop(UdpClient barrier) throws Exception {
    barrier.ask(Message.query(1));
    barrier.ask(Message.query(2));
  }

  @EachBackend
  void eachOctetMayComeAlone(IoBackend io) throws Exception {
    byte[] stream = Message.framed(Message.query(1), Message.query(2), Message.query(3));
    try (TestServer server = TestServer.start(io);
        UdpClient barrier = new UdpClient(server.address());
        TcpClient client = new TcpClient(server.address())) {
      for (int i = 0; i < stream.length; i++) {
        client.send(stream, i, i + 1);
        awaitLoop(barrier);
      }

      for (int id = 1; id <= 3; id++) {
        assertThat(client.receive().id()).isEqualTo(id);
      }
    }
  }

  @EachBackend
  void hundredPipelinedQueriesAreAnsweredInOrder(IoBackend io) throws Exception {
    byte[][] queries = new byte[100][];
    for (int i = 0; i < queries.length; i++) {
      queries[i] = Message.query(i, "order", i * 20);
    }
    try (TestServer server = TestServer.start(io);
        TcpClient client = new TcpClient(server.address())) {
      client.send(Message.framed(queries));

      for (int i = 0; i < queries.length; i++) {
        assertThat(client.receive().id()).isEqualTo(i);
      }
    }
  }

  @EachBackend
  void repliesToOneSegmentComeTogether(IoBackend io) throws Exception {
    byte[][] queries = new byte[20][];
    for (int i = 0; i < queries.length; i++) {
      queries[i] = Message.query(i, "same", 0);
    }
    int replyBytes = 2 + 12 + 6 + 4 + 12 + Answers.DATA_BYTES;
    try (TestServer server = TestServer.start(io);
        TcpClient client = new TcpClient(server.address())) {
      client.send(Message.framed(queries));

      assertThat(client.readOnce()).isEqualTo(queries.length * replyBytes);
    }
  }

  @EachBackend
  void largestQueryAndLargestReplyPass(IoBackend io) throws Exception {
    try (TestServer server = TestServer.start(io);
        TcpClient client = new TcpClient(server.address())) {
      Message toLongQuery = client.ask(Message.padded(1, 65_535));
      assertThat(toLongQuery.id()).isEqualTo(1);
      assertThat(toLongQuery.answers()).isEqualTo(1);

      assertThat(client.ask(Message.query(2, "full", 0)).octets()).hasSize(65_535);
      assertThat(client.ask(Message.query(3)).id()).isEqualTo(3);
    }
  }

  @EachBackend
  void queryWithoutReplyLeavesTheConnectionOpen(IoBackend io) throws Exception {
    try (TestServer server = TestServer.start(io);
        TcpClient client = new TcpClient(server.address())) {
      client.send(Message.framed(Message.query(1), Message.query(2, "drop", 0), Message.query(3)));

      assertThat(client.receive().id()).isEqualTo(1);
      assertThat(client.receive().id()).isEqualTo(3);
      assertThat(client.ask(Message.query(4)).id()).isEqualTo(4);
    }
  }

  @EachBackend
  void frameTooShortForAHeaderClosesTheConnectionAfterTheRepliesBeforeIt(IoBackend io)
      throws Exception {
    try (TestServer server = TestServer.start(io);
        UdpClient barrier = new UdpClient(server.address())) {
      for (int length = 0; length < Limits.HEADER_BYTES; length++) {
        try (TcpClient client = new TcpClient(server.address())) {
          client.send(Message.framed(Message.query(7), new byte[length]));

          assertThat(client.receive().id()).isEqualTo(7);
          assertThat(client.isClosedByServer()).isTrue();
        }
        try (TcpClient client = new TcpClient(server.address())) {
          client.send(new byte[] {0});
          awaitLoop(barrier);
          client.send(new byte[] {(byte) length});

          assertThat(client.isClosedByServer()).isTrue();
        }
      }
      assertThat(server.counters().tcpMalformed()).isEqualTo(2 * Limits.HEADER_BYTES);
    }
  }

  @EachBackend
  void clientThatShutItsSideStillGetsItsAnswers(IoBackend io) throws Exception {
    byte[][] queries = new byte[300][];
    for (int i = 0; i < queries.length; i++) {
      queries[i] = Message.query(i, "half", 2_000);
    }
    try (TestServer server = TestServer.start(io)) {
      try (TcpClient client = new TcpClient(server.address())) {
        client.send(Message.framed(queries));
        client.shutdownOutput();

        for (int i = 0; i < queries.length; i++) {
          assertThat(client.receive().id()).isEqualTo(i);
        }
        assertThat(client.isClosedByServer()).isTrue();
      }
      try (TcpClient client = new TcpClient(server.address())) {
        client.send(Message.framed(Message.query(1)), 0, 5);
        client.shutdownOutput();

        assertThat(client.isClosedByServer()).isTrue();
      }
      server.awaitNoConnections();
    }
  }

  @EachBackend
  void clientThatReadsLateIsNotReadFromAndLosesNothing(IoBackend io) throws Exception {
    int queries = 10_000;
    try (TestServer server = TestServer.start(io);
        SocketChannel client = SocketChannel.open()) {
      client.setOption(StandardSocketOptions.SO_RCVBUF, 4096);
      client.connect(server.address());
      client.configureBlocking(false);
      ByteBuffer requests = ByteBuffer.allocate(queries * 32);
      for (int i = 0; i < queries; i++) {
        requests.put(Message.framed(Message.query(i & 0xffff, "late", 1_000)));
      }
      requests.flip();

      // Writes until the server has stopped reading, and its window is closed.
      await()
          .atMost(Duration.ofSeconds(20))
          .until(
              () -> {
                long before = server.counters().tcpMessages();
                int written = requests.hasRemaining() ? client.write(requests) : 0;
                return written == 0 && before > 0 && isStill(server, before);
              });
      long answeredUnread = server.counters().tcpMessages();
      assertThat(answeredUnread).isLessThan(queries / 2);

      // Meanwhile others are served.
      try (TcpClient tcp = new TcpClient(server.address());
          UdpClient udp = new UdpClient(server.address())) {
        for (int id = 0; id < 100; id++) {
          assertThat(tcp.ask(Message.query(id)).id()).isEqualTo(id);
          assertThat(udp.ask(Message.query(id)).id()).isEqualTo(id);
        }
      }
      readAll(client, requests, queries);
    }
  }

  private static boolean isStill(TestServer server, long messages) throws Exception {
    try (UdpClient barrier = new UdpClient(server.address())) {
      awaitLoop(barrier);
    }
    return server.counters().tcpMessages() == messages;
  }

  /** Goes on writing, and reads replies, which have to come in the order of the queries. */
  private static void readAll(SocketChannel client, ByteBuffer requests, int queries)
      throws Exception {
    ByteBuffer replies = ByteBuffer.allocate(1 << 16);
    int expected = 0;
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (expected < queries) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      if (requests.hasRemaining()) {
        client.write(requests);
      }
      assertThat(client.read(replies)).isNotNegative();
      replies.flip();
      while (replies.remaining() >= 2
          && replies.remaining() >= 2 + (replies.getShort(replies.position()) & 0xffff)) {
        int length = replies.getShort() & 0xffff;
        assertThat(replies.getShort(replies.position()) & 0xffff).isEqualTo(expected & 0xffff);
        replies.position(replies.position() + length);
        expected++;
      }
      replies.compact();
    }
  }

  @EachBackend
  void abortsAtAnyMomentLeaveNothingBehind(IoBackend io) throws Exception {
    Random random = new Random(42);
    byte[][] queries = new byte[40][];
    for (int i = 0; i < queries.length; i++) {
      queries[i] = Message.query(i, "abort", random.nextInt(3_000));
    }
    byte[] stream = Message.framed(queries);
    try (TestServer server = TestServer.start(io)) {
      for (int i = 0; i < 200; i++) {
        TcpClient client = new TcpClient(server.address());
        client.send(stream, 0, random.nextInt(stream.length + 1));
        if (i % 4 == 0) {
          // In the middle of what the server writes.
          client.send(stream);
          client.receive();
        }
        client.abort();
      }
      server.awaitNoConnections();
      try (TcpClient client = new TcpClient(server.address())) {
        assertThat(client.ask(Message.query(1)).id()).isEqualTo(1);
      }
    }
  }

  @EachBackend
  void connectionsAreSpreadOverTheLoops(IoBackend io) throws Exception {
    try (TestServer server = TestServer.start(io, TcpLimits.defaults(), 2, "127.0.0.1")) {
      InetSocketAddress address = server.address();
      boolean[] seen = new boolean[2];
      for (int i = 0; i < 200 && !(seen[0] && seen[1]); i++) {
        try (TcpClient client = new TcpClient(address)) {
          seen[client.ask(Message.query(i)).worker()] = true;
        }
      }
      assertThat(seen).containsOnly(true);

      seen = new boolean[2];
      for (int i = 0; i < 200 && !(seen[0] && seen[1]); i++) {
        try (UdpClient client = new UdpClient(address)) {
          seen[client.ask(Message.query(i)).worker()] = true;
        }
      }
      assertThat(seen).containsOnly(true);
    }
  }
}
