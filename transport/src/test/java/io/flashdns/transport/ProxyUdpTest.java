package io.flashdns.transport;

import static io.flashdns.transport.ProxyServer.OTHER_PROXY;
import static io.flashdns.transport.ProxyServer.PLAIN;
import static io.flashdns.transport.ProxyServer.PROXIED;
import static io.flashdns.transport.ProxyServer.PROXY;
import static io.flashdns.transport.ProxyServer.STRANGER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flashdns.core.plugin.Network;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
class ProxyUdpTest {
  private static final byte[] CLIENT = Headers.of(Headers.DATAGRAM, "192.0.2.1", 4711);

  private static Message ask(UdpClient proxy, byte[] header, byte[] query) throws IOException {
    return proxy.ask(Headers.joined(header, query));
  }

  private static UdpClient proxy(TestServer server) throws IOException {
    return new UdpClient(server.address(PROXIED), PROXY);
  }

  @EachBackend
  void sourceOfTheQueryIsTheClientThatTheHeaderNames(IoBackend io) throws Exception {
    try (TestServer server = ProxyServer.start(io);
        UdpClient proxy = proxy(server)) {
      int port = 1;
      for (String client : List.of("192.0.2.1", "203.0.113.254", "2001:db8::1", STRANGER)) {
        for (int transport : new int[] {Headers.STREAM, Headers.DATAGRAM}) {
          port += 1000;
          // The reply comes to the proxy, and nothing stands before it.
          Message reply = ask(proxy, Headers.of(transport, client, port), Message.query(port));

          assertThat(reply.isReply()).isTrue();
          assertThat(reply.id()).isEqualTo(port);
          assertThat(reply.source()).isEqualTo(InetAddress.getByName(client));
          assertThat(reply.sourcePort()).isEqualTo(port);
          assertThat(reply.listener()).isEqualTo(PROXIED);
          assertThat(reply.isSourceProven()).isEqualTo(transport == Headers.STREAM);
        }
      }
    }
  }

  @EachBackend
  void proxyItselfIsTheSourceWhereTheHeaderNamesNobody(IoBackend io) throws Exception {
    try (TestServer server = ProxyServer.start(io);
        UdpClient proxy = proxy(server)) {
      for (byte[] header :
          List.of(
              Headers.local(),
              Headers.local(0x11, Arrays.copyOfRange(CLIENT, 16, CLIENT.length)),
              Headers.unspecified(),
              Headers.unspecified(Headers.tlv(9)))) {
        ask(proxy, CLIENT, Message.query(1));
        Message reply = ask(proxy, header, Message.query(2));

        assertThat(reply.id()).isEqualTo(2);
        assertThat(reply.source()).isEqualTo(InetAddress.getByName(PROXY));
        assertThat(reply.sourcePort()).isEqualTo(proxy.port());
      }
    }
  }

  @EachBackend
  void headerOfAnybodyElseIsNotBelievedNorAnybodyElseServed(IoBackend io) throws Exception {
    try (TestServer server = ProxyServer.start(io);
        UdpClient proxy = proxy(server);
        UdpClient stranger = new UdpClient(server.address(PROXIED), STRANGER);
        UdpClient neighbour = new UdpClient(server.address(PROXIED), "127.0.5.9")) {
      stranger.send(Headers.joined(CLIENT, Message.query(1)));
      stranger.send(Headers.joined(Headers.local(), Message.query(2)));
      stranger.send(Message.query(3));
      neighbour.send(Headers.joined(CLIENT, Message.query(4)));
      await().until(() -> server.counters().udpProxyRefusedSource() == 4);

      // All four have been looked at, and this is the only reply.
      assertThat(ask(proxy, CLIENT, Message.query(5)).id()).isEqualTo(5);
      await().until(() -> server.counters().udpSent() == 1);
      assertThat(server.counters().udpReceived()).isEqualTo(5);
      assertThat(server.counters().udpProxyRefusedHeader()).isZero();
    }
  }

  @EachBackend
  void whatIsNoHeaderIsDropped(IoBackend io) throws Exception {
    try (TestServer server = ProxyServer.start(io);
        UdpClient proxy = proxy(server)) {
      int sent = 0;
      for (byte[] refused : Headers.refused().values()) {
        if (refused.length < 60_000) {
          proxy.send(Headers.joined(refused, Message.query(1)));
          sent++;
        }
      }
      proxy.send(Message.query(2));
      proxy.send(Message.padded(3, Limits.PROXIED_DATAGRAM_BYTES + 1));
      sent += 2;
      for (int length = 1; length < CLIENT.length; length++) {
        proxy.send(Arrays.copyOf(CLIENT, length));
        sent++;
      }
      int refused = sent;
      await().until(() -> server.counters().udpProxyRefusedHeader() == refused);

      assertThat(ask(proxy, CLIENT, Message.query(4)).id()).isEqualTo(4);
      await().until(() -> server.counters().udpSent() == 1);
      assertThat(server.counters().udpProxyRefusedSource()).isZero();
      assertThat(server.counters().udpOversize()).isZero();
    }
  }

  @EachBackend
  void headerWithoutAQueryGetsNoReply(IoBackend io) throws Exception {
    try (TestServer server = ProxyServer.start(io);
        UdpClient proxy = proxy(server)) {
      for (int length = 0; length < Limits.HEADER_BYTES; length++) {
        proxy.send(Headers.joined(CLIENT, new byte[length]));
      }

      assertThat(ask(proxy, CLIENT, Message.query(1)).id()).isEqualTo(1);
      await().until(() -> server.counters().udpReceived() == 13);
      await().until(() -> server.counters().udpSent() == 1);
      assertThat(server.counters().udpProxyRefusedHeader()).isZero();
    }
  }

  @EachBackend
  void longestQueryBehindTheLongestHeaderIsRead(IoBackend io) throws Exception {
    byte[] header = Headers.longest(Headers.DATAGRAM, "2001:db8::1", 4711);
    try (TestServer server = ProxyServer.start(io);
        UdpClient proxy = proxy(server)) {
      Message reply = ask(proxy, header, Message.padded(1, Limits.MAX_UDP_QUERY_BYTES));
      assertThat(reply.id()).isEqualTo(1);
      assertThat(reply.source()).isEqualTo(InetAddress.getByName("2001:db8::1"));

      for (byte[] each : List.of(header, CLIENT, Headers.local())) {
        proxy.send(Headers.joined(each, Message.padded(2, Limits.MAX_UDP_QUERY_BYTES + 1)));
        proxy.send(Headers.joined(each, Message.padded(3, 20_000)));
      }
      await().until(() -> server.counters().udpOversize() == 6);
      assertThat(ask(proxy, CLIENT, Message.padded(4, Limits.MAX_UDP_QUERY_BYTES)).id())
          .isEqualTo(4);
      await().until(() -> server.counters().udpSent() == 2);
    }
  }

  @EachBackend
  void listenerWithoutProxiesLooksForNoHeader(IoBackend io) throws Exception {
    try (TestServer server = ProxyServer.start(io);
        UdpClient proxy = new UdpClient(server.address(PLAIN), PROXY)) {
      // As a DNS message: the signature's start for an ID, and no question that could be read.
      Message reply = ask(proxy, CLIENT, Message.query(1));
      assertThat(reply.id()).isEqualTo(0x0d0a);
      assertThat(reply.answers()).isZero();

      reply = proxy.ask(Message.query(2));
      assertThat(reply.id()).isEqualTo(2);
      assertThat(reply.source()).isEqualTo(InetAddress.getByName(PROXY));
      assertThat(reply.listener()).isEqualTo(PLAIN);
    }
  }

  @EachBackend
  void inOneBatchEachProxyGetsTheRepliesToItsOwnClients(IoBackend io) throws Exception {
    try (TestServer server = ProxyServer.start(io);
        UdpClient proxy = proxy(server);
        UdpClient other = new UdpClient(server.address(PROXIED), OTHER_PROXY);
        UdpClient stranger = new UdpClient(server.address(PROXIED), STRANGER)) {
      for (int round = 0; round < 50; round++) {
        for (int i = 0; i < 10; i++) {
          proxy.send(
              Headers.joined(
                  Headers.of(Headers.DATAGRAM, "192.0.2." + i, 1000 + i), Message.query(i)));
          stranger.send(Headers.joined(CLIENT, Message.query(99)));
          other.send(
              Headers.joined(
                  Headers.of(Headers.DATAGRAM, "2001:db8::" + i, 2000 + i, Headers.tlv(3 + 7 * i)),
                  Message.query(100 + i)));
          proxy.send(Message.query(99));
        }
        for (int i = 0; i < 10; i++) {
          Message reply = proxy.receive();
          assertThat(reply.id()).isEqualTo(i);
          assertThat(reply.source()).isEqualTo(InetAddress.getByName("192.0.2." + i));
          assertThat(reply.sourcePort()).isEqualTo(1000 + i);
          reply = other.receive();
          assertThat(reply.id()).isEqualTo(100 + i);
          assertThat(reply.source()).isEqualTo(InetAddress.getByName("2001:db8::" + i));
          assertThat(reply.sourcePort()).isEqualTo(2000 + i);
        }
      }
      await().until(() -> server.counters().udpSent() == 1000);
      await().until(() -> server.counters().udpProxyRefusedSource() == 500);
      await().until(() -> server.counters().udpProxyRefusedHeader() == 500);
    }
  }

  @EachBackend
  void proxyMayAskByIpv6(IoBackend io) throws Exception {
    WildcardTest.assumeIpv6();
    TestServer.assumeAvailable(io);
    TransportConfig config =
        new TransportConfig(
            List.of(new InetSocketAddress("::1", 0)),
            io,
            1,
            TcpLimits.defaults(),
            0,
            new ProxyProtocol(Set.of(0), List.of(Network.parse("::1"))));
    try (TestServer server = TestServer.start(config);
        UdpClient udp = new UdpClient(server.address());
        TcpClient tcp = new TcpClient(server.address())) {
      assertThat(ask(udp, CLIENT, Message.query(1)).source())
          .isEqualTo(InetAddress.getByName("192.0.2.1"));
      assertThat(ask(udp, Headers.local(), Message.query(2)).source())
          .isEqualTo(InetAddress.getByName("::1"));
      tcp.send(CLIENT);
      assertThat(tcp.ask(Message.query(3)).source()).isEqualTo(InetAddress.getByName("192.0.2.1"));
    }
  }

  @Test
  void nativeSocketAllocatesNothingPerPacketOfAProxy() throws Exception {
    byte[] ipv4 = Headers.joined(CLIENT, Message.query(1, "same", 0));
    byte[] ipv6 =
        Headers.joined(
            Headers.of(Headers.STREAM, "2001:db8::1", 4711, Headers.tlv(30)),
            Message.query(1, "same", 0));
    byte[] refused = Headers.joined(Headers.ascii("PROXY "), Message.query(1, "same", 0));
    try (TestServer server = ProxyServer.start(IoBackend.FFM);
        UdpClient proxy = proxy(server);
        UdpClient stranger = new UdpClient(server.address(PROXIED), STRANGER)) {
      int packets = 20_000;

      long least =
          Allocation.leastOfLoop(
              () -> {
                for (int i = 0; i < packets; i += 10) {
                  for (int j = 0; j < 4; j++) {
                    proxy.send(ipv4);
                    proxy.send(ipv6);
                  }
                  proxy.send(refused);
                  stranger.send(ipv4);
                  for (int j = 0; j < 8; j++) {
                    proxy.receive();
                  }
                }
              });

      // A timer of the loop, not a packet, may allocate now and then.
      assertThat(least).isLessThan(packets / 10);
    }
  }
}
