package io.flashdns.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
class UdpTest {

  @EachBackend
  void replyFitsTheQuestionAndTheWorkerKnowsTheSource(IoBackend io) throws Exception {
    try (TestServer server = TestServer.start(io);
        UdpClient client = new UdpClient(server.address())) {
      for (int id = 0; id < 300; id++) {
        Message reply = client.ask(Message.query(id));

        assertThat(reply.isReply()).isTrue();
        assertThat(reply.id()).isEqualTo(id);
        assertThat(reply.answers()).isEqualTo(1);
        assertThat(reply.source().getHostAddress()).isEqualTo("127.0.0.1");
        assertThat(reply.sourcePort()).isEqualTo(client.port());
        assertThat(reply.listener()).isZero();
      }
      await().until(() -> server.counters().udpSent() == 300);
      assertThat(server.counters().udpReceived()).isEqualTo(300);
      assertThat(server.counters().udpSendErrors()).isZero();
    }
  }

  @EachBackend
  void burstsFromManySocketsAreAllAnswered(IoBackend io) throws Exception {
    // In all 10,000, and never more at once than a receive buffer of the usual size can hold.
    int sockets = 50;
    int perBurst = 8;
    int bursts = 25;
    try (TestServer server = TestServer.start(io);
        UdpClients clients = new UdpClients(sockets, server)) {
      for (int burst = 0; burst < bursts; burst++) {
        for (int i = 0; i < perBurst; i++) {
          for (UdpClient client : clients.all()) {
            client.send(Message.query(burst * perBurst + i));
          }
        }
        for (UdpClient client : clients.all()) {
          Set<Integer> ids = new HashSet<>();
          for (int i = 0; i < perBurst; i++) {
            Message reply = client.receive();
            assertThat(reply.sourcePort()).isEqualTo(client.port());
            ids.add(reply.id());
          }
          assertThat(ids).hasSize(perBurst);
        }
      }
      await().until(() -> server.counters().udpSent() == 10_000);
    }
  }

  private record UdpClients(List<UdpClient> all) implements AutoCloseable {
    UdpClients(int count, TestServer server) throws Exception {
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

  @EachBackend
  void whatTheWorkerDropsGetsNoReply(IoBackend io) throws Exception {
    try (TestServer server = TestServer.start(io);
        UdpClient client = new UdpClient(server.address())) {
      client.send(Message.query(1, "drop", 0));
      client.send(new byte[0]);
      client.send(new byte[11]);

      assertThat(client.ask(Message.query(2)).id()).isEqualTo(2);
      client.timeoutMillis(100);
      assertThatThrownBy(client::receive).isInstanceOf(SocketTimeoutException.class);
    }
  }

  @EachBackend
  void longestQueryIsReadAndALongerOneIsDropped(IoBackend io) throws Exception {
    try (TestServer server = TestServer.start(io);
        UdpClient client = new UdpClient(server.address())) {
      Message longest = client.ask(Message.padded(1, Limits.MAX_UDP_QUERY_BYTES));
      client.send(Message.padded(2, Limits.MAX_UDP_QUERY_BYTES + 1));
      client.send(Message.padded(3, 60_000));

      assertThat(longest.id()).isEqualTo(1);
      assertThat(longest.answers()).isEqualTo(1);
      assertThat(client.ask(Message.query(4)).id()).isEqualTo(4);
      await().until(() -> server.counters().udpOversize() == 2);
    }
  }

  @EachBackend
  void repliesOfManySizesInOneBatchStayWhole(IoBackend io) throws Exception {
    try (TestServer server = TestServer.start(io);
        UdpClient client = new UdpClient(server.address())) {
      for (int round = 0; round < 20; round++) {
        for (int i = 0; i < 100; i++) {
          client.send(Message.query(i, "size", i * 4));
        }
        for (int i = 0; i < 100; i++) {
          Message reply = client.receive();
          // Header, question, and the answer behind its pointer.
          assertThat(reply.octets()).hasSize(12 + 6 + 4 + 12 + Answers.DATA_BYTES + 4 * reply.id());
        }
      }
    }
  }

  @Test
  void nativeSocketAllocatesNothingPerPacket() throws Exception {
    try (TestServer server = TestServer.start(IoBackend.FFM);
        UdpClient client = new UdpClient(server.address())) {
      int packets = 20_000;

      long least = Allocation.leastOfLoop(() -> exchange(client, packets));

      // A timer of the loop, not a packet, may allocate now and then.
      assertThat(least).isLessThan(packets / 10);
    }
  }

  private static void exchange(UdpClient client, int packets) throws Exception {
    for (int i = 0; i < packets; i += 10) {
      for (int j = 0; j < 10; j++) {
        client.send(Message.query(j, "same", 0));
      }
      for (int j = 0; j < 10; j++) {
        client.receive();
      }
    }
  }
}
