package io.flashdns.transport;

import static io.flashdns.transport.ProxyServer.OTHER_PROXY;
import static io.flashdns.transport.ProxyServer.PLAIN;
import static io.flashdns.transport.ProxyServer.PROXIED;
import static io.flashdns.transport.ProxyServer.PROXY;
import static io.flashdns.transport.ProxyServer.STRANGER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
class ProxyTcpTest {
  private static final Duration SHORT = Duration.ofMillis(150);
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final byte[] CLIENT = Headers.of(Headers.STREAM, "192.0.2.1", 4711);

  private static TcpClient proxy(TestServer server) throws IOException {
    return new TcpClient(server.address(PROXIED), PROXY);
  }

  /** The only loop has read what was sent before: it has come round twice since. */
  private static void awaitLoop(UdpClient barrier) throws Exception {
    barrier.ask(Message.query(1));
    barrier.ask(Message.query(2));
  }

  private static UdpClient barrier(TestServer server) throws IOException {
    return new UdpClient(server.address(PLAIN));
  }

  private static void assertFromClient(Message reply, int id) throws Exception {
    assertThat(reply.id()).isEqualTo(id);
    assertThat(reply.source()).isEqualTo(InetAddress.getByName("192.0.2.1"));
    assertThat(reply.sourcePort()).isEqualTo(4711);
    assertThat(reply.listener()).isEqualTo(PROXIED);
  }

  @EachBackend
  void sourceOfAllQueriesIsTheClientThatTheHeaderNames(IoBackend io) throws Exception {
    try (TestServer server = ProxyServer.start(io)) {
      int port = 1;
      for (String client : List.of("192.0.2.1", "2001:db8::1", "::ffff:198.51.100.7", STRANGER)) {
        for (int transport : new int[] {Headers.STREAM, Headers.DATAGRAM}) {
          port += 1000;
          try (TcpClient proxy = proxy(server)) {
            proxy.send(Headers.of(transport, client, port, Headers.tlv(20)));
            for (int id = 0; id < 20; id++) {
              Message reply = proxy.ask(Message.query(id));

              assertThat(reply.id()).isEqualTo(id);
              assertThat(reply.source()).isEqualTo(InetAddress.getByName(client));
              assertThat(reply.sourcePort()).isEqualTo(port);
              assertThat(reply.isSourceProven()).isEqualTo(transport == Headers.STREAM);
            }
          }
        }
      }
    }
  }

  @EachBackend
  void queriesMayStandInOneSegmentWithTheHeader(IoBackend io) throws Exception {
    byte[][] queries = new byte[50][];
    for (int i = 0; i < queries.length; i++) {
      queries[i] = Message.query(i);
    }
    try (TestServer server = ProxyServer.start(io)) {
      for (byte[] tlv : List.of(new byte[0], Headers.tlv(524))) {
        try (TcpClient proxy = proxy(server)) {
          proxy.send(
              Headers.joined(
                  Headers.of(Headers.STREAM, "192.0.2.1", 4711, tlv), Message.framed(queries)));

          for (int i = 0; i < queries.length; i++) {
            assertFromClient(proxy.receive(), i);
          }
        }
      }
    }
  }

  @EachBackend
  void streamMayBeCutAnywhere(IoBackend io) throws Exception {
    byte[] stream = Headers.joined(CLIENT, Message.framed(Message.query(1), Message.query(2)));
    try (TestServer server = ProxyServer.start(io);
        UdpClient barrier = barrier(server)) {
      for (int cut = 1; cut < stream.length; cut++) {
        try (TcpClient proxy = proxy(server)) {
          proxy.send(stream, 0, cut);
          awaitLoop(barrier);
          proxy.send(stream, cut, stream.length);

          assertFromClient(proxy.receive(), 1);
          assertFromClient(proxy.receive(), 2);
        }
      }
    }
  }

  @EachBackend
  void eachOctetMayComeAlone(IoBackend io) throws Exception {
    for (byte[] header :
        List.of(CLIENT, Headers.of(Headers.STREAM, "192.0.2.1", 4711, Headers.tlv(524)))) {
      byte[] stream = Headers.joined(header, Message.framed(Message.query(1), Message.query(2)));
      try (TestServer server = ProxyServer.start(io);
          UdpClient barrier = barrier(server);
          TcpClient proxy = proxy(server)) {
        for (int i = 0; i < stream.length; i++) {
          proxy.send(stream, i, i + 1);
          awaitLoop(barrier);
        }

        assertFromClient(proxy.receive(), 1);
        assertFromClient(proxy.receive(), 2);
      }
    }
  }

  @EachBackend
  void proxyItselfIsTheSourceWhereTheHeaderNamesNobody(IoBackend io) throws Exception {
    try (TestServer server = ProxyServer.start(io)) {
      for (byte[] header :
          List.of(
              Headers.local(),
              Headers.local(0x11, Arrays.copyOfRange(CLIENT, 16, CLIENT.length)),
              Headers.unspecified(),
              Headers.unspecified(Headers.tlv(9)))) {
        try (TcpClient proxy = proxy(server)) {
          proxy.send(header);
          Message reply = proxy.ask(Message.query(2));

          assertThat(reply.id()).isEqualTo(2);
          assertThat(reply.source()).isEqualTo(InetAddress.getByName(PROXY));
          assertThat(reply.sourcePort()).isEqualTo(proxy.port());
        }
      }
    }
  }

  @EachBackend
  void secondHeaderOfAConnectionIsNotLookedFor(IoBackend io) throws Exception {
    byte[] second = Headers.of(Headers.STREAM, "203.0.113.99", 99);
    // The signature's first two octets are the length of a frame, the rest is no question.
    byte[] frame = Arrays.copyOf(second, 2 + 0x0d0a);
    try (TestServer server = ProxyServer.start(io);
        TcpClient proxy = proxy(server)) {
      proxy.send(CLIENT);
      assertFromClient(proxy.ask(Message.query(1)), 1);
      proxy.send(frame);
      Message reply = proxy.receive();

      assertThat(reply.id()).isEqualTo(0x0d0a);
      assertThat(reply.answers()).isZero();
      assertFromClient(proxy.ask(Message.query(2)), 2);
    }
  }

  @EachBackend
  void anybodyElseIsClosedAtOnceWhateverHeaderHeSends(IoBackend io) throws Exception {
    try (TestServer server = ProxyServer.start(io)) {
      for (String host : List.of(STRANGER, "127.0.0.1", "127.0.5.9")) {
        try (TcpClient silent = new TcpClient(server.address(PROXIED), host)) {
          assertThat(silent.isClosedByServer()).isTrue();
        }
        try (TcpClient forger = new TcpClient(server.address(PROXIED), host)) {
          try {
            forger.send(Headers.joined(CLIENT, Message.framed(Message.query(1))));
          } catch (IOException _) {
            // Closed before it could send.
          }
          assertThat(forger.isClosedByServer()).isTrue();
        }
      }
      assertThat(server.counters().tcpProxyRefusedSource()).isEqualTo(6);
      assertThat(server.counters().tcpAccepted()).isZero();
      assertThat(server.counters().tcpMessages()).isZero();

      try (TcpClient proxy = new TcpClient(server.address(PROXIED), OTHER_PROXY)) {
        proxy.send(CLIENT);
        assertFromClient(proxy.ask(Message.query(1)), 1);
      }
    }
  }

  @EachBackend
  void whatIsNoHeaderClosesTheConnection(IoBackend io) throws Exception {
    try (TestServer server = ProxyServer.start(io)) {
      int refused = 0;
      for (Map.Entry<String, byte[]> each : Headers.refused().entrySet()) {
        byte[] stream = Headers.joined(each.getValue(), Message.framed(Message.query(1)));
        assertClosed(server, each.getKey(), Arrays.copyOf(stream, Math.min(stream.length, 1000)));
        assertThat(server.counters().tcpProxyRefusedHeader())
            .as(each.getKey())
            .isEqualTo(++refused);
      }
      assertClosed(server, "no header", Message.framed(Message.query(1)));
      assertClosed(server, "no header, first octet", new byte[] {0});
      assertClosed(server, "version 1, first octet", new byte[] {'P'});
      byte[] changed = CLIENT.clone();
      changed[11]++;
      assertClosed(server, "signature", Arrays.copyOf(changed, 12));

      assertThat(server.counters().tcpProxyRefusedHeader()).isEqualTo(refused + 4);
      assertThat(server.counters().tcpProxyRefusedSource()).isZero();
      assertThat(server.counters().tcpMessages()).isZero();
    }
  }

  private static void assertClosed(TestServer server, String what, byte[] octets)
      throws IOException {
    try (TcpClient proxy = proxy(server)) {
      proxy.send(octets);
      assertThat(proxy.isClosedByServer()).as(what).isTrue();
    }
  }

  @EachBackend
  void listenerWithoutProxiesLooksForNoHeader(IoBackend io) throws Exception {
    try (TestServer server = ProxyServer.start(io);
        TcpClient plain = new TcpClient(server.address(PLAIN), PROXY);
        TcpClient forger = new TcpClient(server.address(PLAIN), PROXY)) {
      Message reply = plain.ask(Message.query(1));
      assertThat(reply.source()).isEqualTo(InetAddress.getByName(PROXY));
      assertThat(reply.sourcePort()).isEqualTo(plain.port());

      // The signature's first two octets are the length of a frame, the rest is no question.
      forger.send(Arrays.copyOf(CLIENT, 2 + 0x0d0a));
      reply = forger.receive();
      assertThat(reply.id()).isEqualTo(0x0d0a);
      assertThat(reply.answers()).isZero();
      assertThat(forger.ask(Message.query(2)).source()).isEqualTo(InetAddress.getByName(PROXY));
    }
  }

  @EachBackend
  void headerHasTheTimeOfTheFirstQuery(IoBackend io) throws Exception {
    TcpLimits limits = new TcpLimits(1_000, 1_000, 100, 200 * 1024, SHORT, LONG, LONG, LONG);
    try (TestServer server = ProxyServer.start(io, limits);
        TcpClient silent = proxy(server);
        TcpClient slow = proxy(server);
        TcpClient withoutQuery = proxy(server)) {
      slow.send(CLIENT, 0, CLIENT.length - 1);
      withoutQuery.send(CLIENT);

      assertThat(silent.isClosedByServer()).isTrue();
      assertThat(slow.isClosedByServer()).isTrue();
      assertThat(withoutQuery.isClosedByServer()).isTrue();
      assertThat(server.counters().tcpTimedOut()).isEqualTo(3);
    }
  }

  private static TcpLimits limits(int connections, int perClient) {
    return new TcpLimits(connections, perClient, 100, 200 * 1024, LONG, LONG, LONG, LONG);
  }

  @EachBackend
  void clientHasOnlySoManyConnectionsWhicheverProxyItGoesThrough(IoBackend io) throws Exception {
    try (TestServer server = ProxyServer.start(io, limits(100, 2));
        Connections open = new Connections()) {
      open.ask(server, PROXY, CLIENT);
      open.ask(server, OTHER_PROXY, CLIENT);
      try (TcpClient third = proxy(server)) {
        third.send(Headers.joined(CLIENT, Message.framed(Message.query(1))));
        assertThat(third.isClosedByServer()).isTrue();
      }
      assertThat(server.counters().tcpRefused()).isEqualTo(1);

      // Its proxies have as many as their clients together, and as they want for themselves.
      for (int i = 0; i < 10; i++) {
        open.ask(server, PROXY, Headers.of(Headers.STREAM, "192.0.2." + (10 + i), 4711));
        open.ask(server, PROXY, Headers.local());
      }
      assertThat(server.counters().tcpOpen()).isEqualTo(22);
      assertThat(server.counters().tcpRefused()).isEqualTo(1);

      open.closeFirst();
      await().until(() -> server.counters().tcpOpen() == 21);
      open.ask(server, PROXY, CLIENT);
    }
  }

  @EachBackend
  void connectionsOfAProxyCountAmongAll(IoBackend io) throws Exception {
    try (TestServer server = ProxyServer.start(io, limits(4, 100));
        Connections open = new Connections()) {
      for (int i = 0; i < 10; i++) {
        open.ask(server, PROXY, Headers.of(Headers.STREAM, "192.0.2." + i, 4711));
        open.ask(server, PROXY, Headers.local());
      }
      assertThat(server.counters().tcpOpen()).isEqualTo(4);
      assertThat(server.counters().tcpEvicted()).isEqualTo(16);
    }
  }

  /** Connections that have each got an answer, and are idle. */
  private record Connections(List<TcpClient> all) implements AutoCloseable {
    Connections() {
      this(new ArrayList<>());
    }

    void ask(TestServer server, String proxy, byte[] header) throws IOException {
      TcpClient client = new TcpClient(server.address(PROXIED), proxy);
      all.add(client);
      client.send(header);
      assertThat(client.ask(Message.query(7)).id()).isEqualTo(7);
    }

    void closeFirst() throws IOException {
      all.removeFirst().close();
    }

    @Override
    public void close() throws IOException {
      for (TcpClient client : all) {
        client.close();
      }
    }
  }

  @EachBackend
  void startsOfHeadersAreAccountedForAndGivenBack(IoBackend io) throws Exception {
    byte[] header = Headers.of(Headers.STREAM, "192.0.2.1", 4711, Headers.tlv(500));
    byte[] stream = Headers.joined(header, Message.framed(Message.query(1)));
    try (TestServer server = ProxyServer.start(io);
        Connections open = new Connections()) {
      for (int i = 0; i < 20; i++) {
        TcpClient proxy = proxy(server);
        open.all().add(proxy);
        proxy.send(stream, 0, 100 + 20 * i);
      }
      await().until(() -> server.transport().partialBytes() >= 20 * 256);
      assertThat(server.transport().partialBytes()).isLessThanOrEqualTo(20 * ProxyHeader.MAX_BYTES);

      // Half of them come to their end, the others are gone.
      for (int i = 0; i < 10; i++) {
        TcpClient proxy = open.all().get(i);
        proxy.send(stream, 100 + 20 * i, stream.length);
        assertFromClient(proxy.receive(), 1);
      }
      for (int i = 10; i < 20; i++) {
        open.all().get(i).close();
      }
      await().until(() -> server.transport().partialBytes() == 0);
      assertThat(server.counters().tcpOpen()).isEqualTo(10);
    }
  }

  @EachBackend
  void abortsAtAnyMomentLeaveNothingBehind(IoBackend io) throws Exception {
    Random random = new Random(42);
    byte[] stream =
        Headers.joined(
            Headers.of(Headers.STREAM, "192.0.2.1", 4711, Headers.tlv(400)),
            Message.framed(Message.query(1), Message.query(2)));
    int aborted = 200;
    int perClient = TcpLimits.defaults().maxConnectionsPerClient();
    try (TestServer server = ProxyServer.start(io);
        Connections open = new Connections()) {
      for (int i = 0; i < aborted; i++) {
        TcpClient proxy = proxy(server);
        proxy.send(stream, 0, random.nextInt(stream.length + 1));
        proxy.abort();
      }
      server.awaitNoConnections(aborted);

      // Nothing counts for the client any more.
      for (int i = 0; i < perClient; i++) {
        open.ask(server, PROXY, CLIENT);
      }
    }
  }
}
