package io.flashdns.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.engine.Engine;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Replies to one peer in one batch, which is what a forwarder or a proxy gets. */
final class SegmentedRepliesTest {
  private static final int SO_NO_CHECK = 11;

  /** A socket whose loop waits while queries are sent, so that it reads them as one batch. */
  private static final class Server implements AutoCloseable {
    private final Engine engine = Answers.engine();
    private final MultiThreadIoEventLoopGroup group =
        new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final IoLoop loop;
    private final NativeUdpSocket socket;

    Server(String host) throws Exception {
      TestServer.assumeAvailable(IoBackend.FFM);
      List<IoLoop> loops = new ArrayList<>();
      TcpLimits limits = TcpLimits.defaults();
      loop =
          new IoLoop(
              group.next(),
              engine.newWorker(),
              new Failures(),
              limits,
              new ConnectionQuota(limits),
              loops);
      loops.add(loop);
      InetSocketAddress address = new InetSocketAddress(host, 0);
      socket =
          group
              .next()
              .submit(() -> NativeUdpSocket.open(loop, 0, address, null, false, 1 << 20, true))
              .get(10, TimeUnit.SECONDS);
    }

    int port() {
      return socket.address().getPort();
    }

    InetSocketAddress at(String host) {
      return new InetSocketAddress(host, port());
    }

    /** A refusal as a device gives it that cannot compute checksums. */
    void refuseSegments() {
      try (Arena arena = Arena.ofConfined()) {
        int result =
            Libc.setsockopt(
                arena.allocate(Libc.ERRNO_BYTES, Long.BYTES),
                socket.fd().intValue(),
                Libc.SOL_SOCKET,
                SO_NO_CHECK,
                1);
        assertThat(result).isZero();
      }
    }

    /** Has all of it read at once. */
    void atOnce(Sending sending) throws Exception {
      CountDownLatch sent = new CountDownLatch(1);
      var waiting = group.next().submit(() -> sent.await(20, TimeUnit.SECONDS));
      sending.run();
      sent.countDown();
      assertThat(waiting.get(20, TimeUnit.SECONDS)).isTrue();
    }

    long count(int counter) throws Exception {
      return group.next().submit(() -> loop.counters().read(counter)).get(10, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
      group.next().submit(socket::close).syncUninterruptibly();
      var _ = group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(10_000);
      engine.close();
    }
  }

  private interface Sending {
    void run() throws IOException;
  }

  private static void assertGetsAll(UdpClient client, int queries, int fillingStep)
      throws IOException {
    Map<Integer, Message> replies = new HashMap<>();
    for (int i = 0; i < queries; i++) {
      Message reply = client.receive();
      assertThat(replies.put(reply.id(), reply)).isNull();
    }
    for (int id = 0; id < queries; id++) {
      byte[] query = Message.query(id, "q", id % 3 * fillingStep);
      Message reply = replies.get(id);
      assertThat(reply.sourcePort()).isEqualTo(client.port());
      assertThat(reply.octets())
          .hasSize(query.length + Answers.RECORD_BYTES + Answers.DATA_BYTES + id % 3 * fillingStep);
    }
  }

  @Test
  void repliesToOnePeerLeaveTogetherAndEachArrivesWhole() throws Exception {
    try (Server server = new Server("127.0.0.1");
        UdpClient one = new UdpClient(server.at("127.0.0.1"));
        UdpClient other = new UdpClient(server.at("127.0.0.1"))) {
      server.atOnce(
          () -> {
            for (int id = 0; id < 16; id++) {
              one.send(Message.query(id, "q", id % 3 * 7));
            }
            for (int id = 0; id < 16; id++) {
              other.send(Message.query(id, "q", id % 3 * 7));
            }
          });
      assertGetsAll(one, 16, 7);
      assertGetsAll(other, 16, 7);
      // Three lengths for each peer: 5 of the longest and one shorter, then 4 and one, then 5.
      assertThat(server.count(LoopCounters.UDP_SEGMENTED)).isEqualTo(32);
      assertThat(server.count(LoopCounters.UDP_SENT)).isEqualTo(32);
      assertThat(server.count(LoopCounters.UDP_SEND_ERRORS)).isZero();
    }
  }

  @Test
  void resolversThatTakeAPortForEachQueryAreAnsweredOneByOne() throws Exception {
    List<UdpClient> clients = new ArrayList<>();
    try (Server server = new Server("127.0.0.1")) {
      for (int i = 0; i < 32; i++) {
        clients.add(new UdpClient(server.at("127.0.0.1")));
      }
      server.atOnce(
          () -> {
            for (UdpClient client : clients) {
              client.send(Message.query(client.port(), "q", 0));
            }
          });
      for (UdpClient client : clients) {
        assertThat(client.receive().id()).isEqualTo(client.port());
      }
      assertThat(server.count(LoopCounters.UDP_SEGMENTED)).isZero();
      assertThat(server.count(LoopCounters.UDP_SENT)).isEqualTo(32);
    } finally {
      clients.forEach(UdpClient::close);
    }
  }

  @Test
  void whereTheSystemDoesNotCutMessagesEachReplyIsSentAllTheSame() throws Exception {
    try (Server server = new Server("127.0.0.1");
        UdpClient client = new UdpClient(server.at("127.0.0.1"))) {
      server.refuseSegments();
      for (int round = 0; round < 2; round++) {
        server.atOnce(
            () -> {
              for (int id = 0; id < 32; id++) {
                client.send(Message.query(id, "q", id % 3 * 7));
              }
            });
        assertGetsAll(client, 32, 7);
      }
      assertThat(server.count(LoopCounters.UDP_SEGMENTED)).isZero();
      assertThat(server.count(LoopCounters.UDP_SENT)).isEqualTo(64);
      assertThat(server.count(LoopCounters.UDP_SEND_ERRORS)).isZero();
    }
  }

  @Test
  void repliesToOnePeerComeFromTheAddressThatItAskedEachTime() throws Exception {
    assertAnswersFromWhereAsked("0.0.0.0", "127.0.0.1", "127.0.0.2", 10);
  }

  @Test
  void repliesToOnePeerByIpv6LeaveTogether() throws Exception {
    WildcardTest.assumeIpv6();
    assertAnswersFromWhereAsked("::", "::1", "::1", 30);
  }

  private static void assertAnswersFromWhereAsked(
      String listen, String one, String other, int segmented) throws Exception {
    try (Server server = new Server(listen);
        DatagramSocket client = new DatagramSocket(0, InetAddress.getByName(one))) {
      client.setSoTimeout(5_000);
      server.atOnce(
          () -> {
            for (int id = 0; id < 20; id++) {
              byte[] query = Message.query(id, "q", 0);
              client.send(
                  new DatagramPacket(query, query.length, server.at(id % 2 == 0 ? one : other)));
            }
            for (int id = 20; id < 30; id++) {
              byte[] query = Message.query(id, "q", 0);
              client.send(new DatagramPacket(query, query.length, server.at(one)));
            }
          });
      for (int i = 0; i < 30; i++) {
        DatagramPacket packet = new DatagramPacket(new byte[512], 512);
        client.receive(packet);
        Message reply = new Message(Arrays.copyOf(packet.getData(), packet.getLength()));
        String asked = reply.id() >= 20 || reply.id() % 2 == 0 ? one : other;
        assertThat(packet.getAddress()).isEqualTo(InetAddress.getByName(asked));
      }
      assertThat(server.count(LoopCounters.UDP_SEGMENTED)).isEqualTo(segmented);
    }
  }
}
