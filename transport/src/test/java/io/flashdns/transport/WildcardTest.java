package io.flashdns.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;

/** Clients here are connected: they see only replies that come from the address that they asked. */
@ExtendWith(LeakDetection.class)
class WildcardTest {

  @EachBackend
  void udpAnswersFromTheAddressThatWasAsked(IoBackend io) throws Exception {
    try (TestServer server = TestServer.start(io, TcpLimits.defaults(), 1, "0.0.0.0");
        UdpClient client = new UdpClient(server.at("127.0.0.1"))) {
      for (int id = 0; id < 200; id++) {
        assertThat(client.ask(Message.query(id)).id()).isEqualTo(id);
      }
    }
  }

  @EachBackend
  void anAddressThatNoInterfaceCarriesIsServedByTheNativeSocketAloneAndElseNotAtAll(IoBackend io)
      throws Exception {
    try (TestServer server = TestServer.start(io, TcpLimits.defaults(), 1, "0.0.0.0");
        UdpClient client = new UdpClient(server.at("127.0.0.2"))) {
      if (io == IoBackend.FFM) {
        for (int id = 0; id < 200; id++) {
          assertThat(client.ask(Message.query(id)).id()).isEqualTo(id);
        }
      } else {
        assertThatThrownBy(() -> client.ask(Message.query(1))).isInstanceOf(IOException.class);
        assertThat(server.counters().udpReceived()).isZero();
      }
    }
  }

  @EachBackend
  void tcpAnswersAtEachAddress(IoBackend io) throws Exception {
    try (TestServer server = TestServer.start(io, TcpLimits.defaults(), 1, "0.0.0.0");
        TcpClient client = new TcpClient(server.at("127.0.0.1"))) {
      assertThat(client.ask(Message.query(1)).source().getHostAddress()).isEqualTo("127.0.0.1");
      // One listener for all addresses, but for io_uring where the machine has IPv6.
      if (io != IoBackend.IO_URING) {
        try (TcpClient other = new TcpClient(server.at("127.0.0.2"))) {
          assertThat(other.ask(Message.query(2)).id()).isEqualTo(2);
        }
      }
    }
  }

  @EachBackend
  void ipv6WildcardServesIpv6Only(IoBackend io) throws Exception {
    assumeIpv6();
    try (TestServer server = TestServer.start(io, TcpLimits.defaults(), 1, "::");
        UdpClient udp = new UdpClient(server.at("::1"));
        TcpClient tcp = new TcpClient(server.at("::1"))) {
      Message reply = udp.ask(Message.query(1));
      assertThat(reply.source()).isEqualTo(InetAddress.getByName("::1"));
      assertThat(reply.sourcePort()).isEqualTo(udp.port());
      assertThat(tcp.ask(Message.query(2)).source()).isEqualTo(InetAddress.getByName("::1"));

      assertThatThrownBy(() -> new TcpClient(server.at("127.0.0.1")))
          .isInstanceOf(IOException.class);
      try (UdpClient ipv4 = new UdpClient(server.at("127.0.0.1"))) {
        assertThatThrownBy(() -> ipv4.ask(Message.query(3))).isInstanceOf(IOException.class);
      }
    }
  }

  @EachBackend
  void bothWildcardsTogetherServeBoth(IoBackend io) throws Exception {
    assumeIpv6();
    TestServer.assumeAvailable(io);
    int port = FreePort.find();
    TransportConfig config =
        new TransportConfig(
            List.of(new InetSocketAddress("0.0.0.0", port), new InetSocketAddress("::", port)),
            io,
            2,
            TcpLimits.defaults(),
            0);
    try (TestServer server = TestServer.start(config);
        UdpClient udp4 = new UdpClient(server.at("127.0.0.1"));
        UdpClient udp6 = new UdpClient(server.at("::1"));
        TcpClient tcp4 = new TcpClient(server.at("127.0.0.1"));
        TcpClient tcp6 = new TcpClient(server.at("::1"))) {
      assertThat(udp4.ask(Message.query(1)).listener()).isZero();
      assertThat(udp6.ask(Message.query(2)).listener()).isEqualTo(1);
      assertThat(tcp4.ask(Message.query(3)).listener()).isZero();
      assertThat(tcp6.ask(Message.query(4)).listener()).isEqualTo(1);
    }
  }

  @EachBackend
  void loopbackOfIpv6IsServed(IoBackend io) throws Exception {
    assumeIpv6();
    try (TestServer server = TestServer.start(io, TcpLimits.defaults(), 1, "::1");
        UdpClient udp = new UdpClient(server.address());
        TcpClient tcp = new TcpClient(server.address())) {
      assertThat(udp.ask(Message.query(1)).source()).isEqualTo(InetAddress.getByName("::1"));
      assertThat(tcp.ask(Message.query(2)).id()).isEqualTo(2);
    }
  }

  static void assumeIpv6() throws Exception {
    assumeTrue(
        NetworkInterface.getByInetAddress(InetAddress.getByName("::1")) != null,
        "this machine has no IPv6");
  }
}
