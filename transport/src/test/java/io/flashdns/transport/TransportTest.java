package io.flashdns.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.flashdns.core.plugin.Network;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
class TransportTest {

  private static TransportConfig config(IoBackend io, InetSocketAddress... listen) {
    return new TransportConfig(List.of(listen), io, 1, TcpLimits.defaults(), 0);
  }

  private static InetSocketAddress loopback(int port) {
    return new InetSocketAddress("127.0.0.1", port);
  }

  @Test
  void linuxHasFfmEpollAndNio() {
    assumeTrue(System.getProperty("os.name").equals("Linux"));

    assertThat(BackendChoice.unavailable(IoBackend.FFM)).isNull();
    assertThat(BackendChoice.unavailable(IoBackend.EPOLL)).isNull();
    assertThat(BackendChoice.unavailable(IoBackend.NIO)).isNull();
  }

  @Test
  void autoTakesTheNativeSocketWhereItWorks() throws Exception {
    TestServer.assumeAvailable(IoBackend.FFM);
    try (TestServer server = TestServer.start(IoBackend.AUTO)) {
      assertThat(server.transport().description())
          .isEqualTo(
              "UDP by recvmmsg and sendmmsg without JNI (ffm), TCP by epoll; 1 event loop"
                  + " (auto: the fastest one that works here)");
    }
  }

  @Test
  void unavailableBackendStopsTheStartWithItsReason() {
    String reason = BackendChoice.unavailable(IoBackend.IO_URING);
    assumeFalse(reason == null, "io_uring is available");

    assertThatThrownBy(() -> TestServer.start(config(IoBackend.IO_URING, loopback(0))))
        .isInstanceOf(TransportException.class)
        .hasMessage(
            "I/O backend io_uring is not available: " + reason + ". Choose another one, or auto.");
  }

  @EachBackend
  void portZeroMeansOneFreePortForUdpAndTcp(IoBackend io) throws Exception {
    try (TestServer server = TestServer.start(io);
        UdpClient udp = new UdpClient(server.address());
        TcpClient tcp = new TcpClient(server.address())) {
      assertThat(server.address().getPort()).isPositive();
      assertThat(udp.ask(Message.query(1)).id()).isEqualTo(1);
      assertThat(tcp.ask(Message.query(2)).id()).isEqualTo(2);
    }
  }

  @EachBackend
  void workerLearnsWhichListenerWasAsked(IoBackend io) throws Exception {
    try (TestServer server =
        TestServer.start(io, TcpLimits.defaults(), 2, "127.0.0.1", "127.0.0.2", "127.0.0.1")) {
      for (int listener = 0; listener < 3; listener++) {
        try (UdpClient udp = new UdpClient(server.address(listener));
            TcpClient tcp = new TcpClient(server.address(listener))) {
          assertThat(udp.ask(Message.query(1)).listener()).isEqualTo(listener);
          assertThat(tcp.ask(Message.query(2)).listener()).isEqualTo(listener);
        }
      }
    }
  }

  @EachBackend
  void takenUdpPortIsToldWithTheRemedyAndNothingStaysOpen(IoBackend io) throws Exception {
    TestServer.assumeAvailable(io);
    try (DatagramSocket other = new DatagramSocket(loopback(FreePort.find()))) {
      int port = other.getLocalPort();
      List<String> before = TestServer.sockets();

      assertThatThrownBy(() -> TestServer.start(config(io, loopback(0), loopback(port))))
          .isInstanceOf(TransportException.class)
          .hasMessage(
              "Cannot listen: UDP 127.0.0.1:%d is in use. Stop the process that has it (ss -lnp"
                      .formatted(port)
                  + " 'sport = :%d' shows it), or choose another address or port.".formatted(port));
      assertThat(TestServer.sockets()).hasSameSizeAs(before);
      assertThat(other.isClosed()).isFalse();
    }
  }

  @EachBackend
  void takenTcpPortIsTold(IoBackend io) throws Exception {
    TestServer.assumeAvailable(io);
    try (ServerSocket other =
        new ServerSocket(FreePort.find(), 1, InetAddress.getByName("127.0.0.1"))) {
      assertThatThrownBy(() -> TestServer.start(config(io, loopback(other.getLocalPort()))))
          .isInstanceOf(TransportException.class)
          .hasMessageStartingWith(
              "Cannot listen: TCP 127.0.0.1:%d is in use.".formatted(other.getLocalPort()));
    }
  }

  @EachBackend
  void addressOfAnotherMachineIsTold(IoBackend io) {
    TestServer.assumeAvailable(io);

    assertThatThrownBy(
            () -> TestServer.start(config(io, new InetSocketAddress("203.0.113.1", 5399))))
        .isInstanceOf(TransportException.class)
        .hasMessage(
            "Cannot listen: TCP 203.0.113.1:5399 is no address of this machine. Choose one that 'ip"
                + " address' shows.");
  }

  @Test
  void privilegedPortNamesTheCapability() {
    BindFailure failure =
        new BindFailure("UDP", loopback(53), new BindException("Permission denied"));

    assertThat(failure.explained())
        .hasMessage(
            "Cannot listen: UDP 127.0.0.1:53 is not allowed: ports below 1024 need the capability"
                + " CAP_NET_BIND_SERVICE (systemd: AmbientCapabilities=CAP_NET_BIND_SERVICE). Grant"
                + " it, or choose a higher port.");
  }

  @Test
  void nativeErrorNumbersAreUnderstoodAsWell() throws Exception {
    TestServer.assumeAvailable(IoBackend.FFM);
    SystemCallException refused = null;
    try {
      SystemCallException.check("bind", -Libc.EACCES);
    } catch (SystemCallException e) {
      refused = e;
    }

    assertThat(new BindFailure("UDP", loopback(53), refused).explained())
        .hasMessageContaining("CAP_NET_BIND_SERVICE");
  }

  @EachBackend
  void descriptionNamesBackendAndLoops(IoBackend io) throws Exception {
    try (TestServer server = TestServer.start(io, TcpLimits.defaults(), 2, "127.0.0.1")) {
      String how =
          switch (io) {
            case FFM -> "UDP by recvmmsg and sendmmsg without JNI (ffm), TCP by epoll";
            case EPOLL -> "UDP and TCP by epoll";
            case IO_URING -> "UDP and TCP by io_uring";
            case NIO -> "UDP and TCP by NIO";
            case AUTO -> throw new AssertionError();
          };
      assertThat(server.transport().description())
          .startsWith(how + "; 2 event loops, each with its own sockets (as configured)");
    }
  }

  @Test
  void tooSmallReceiveBufferIsTold() throws Exception {
    // NIO cannot go beyond the system's limit whoever asks.
    TransportConfig config =
        new TransportConfig(
            List.of(loopback(0)), IoBackend.NIO, 1, TcpLimits.defaults(), Integer.MAX_VALUE / 2);
    try (TestServer server = TestServer.start(config)) {
      assertThat(server.transport().description())
          .contains("; UDP receive buffers have ")
          .endsWith(" octets: raise net.core.rmem_max");
    }
  }

  @EachBackend
  void closeMayComeTwiceAndAfterADrain(IoBackend io) throws Exception {
    try (TestServer server = TestServer.start(io)) {
      server.transport().drain(java.time.Duration.ofSeconds(5));
      server.transport().close();
      server.transport().drain(java.time.Duration.ofSeconds(5));
    }
  }

  @Test
  void configurationIsChecked() {
    assertThatThrownBy(() -> config(IoBackend.NIO))
        .hasMessage("no listen address: name at least one, as 127.0.0.1:53");
    assertThatThrownBy(() -> config(IoBackend.NIO, loopback(53), loopback(53)))
        .hasMessage("listen address 127.0.0.1:53 is named twice");
    assertThatThrownBy(
            () -> config(IoBackend.NIO, InetSocketAddress.createUnresolved("ns.example", 53)))
        .hasMessage("listen address ns.example is a name: use an IP address");
    assertThatThrownBy(
            () ->
                new TransportConfig(
                    List.of(loopback(0)), IoBackend.NIO, 0, TcpLimits.defaults(), 0))
        .hasMessage("0 workers: use 1 to 1024, at most one per core");
  }

  @Test
  void proxyProtocolIsChecked() {
    Network network = Network.parse("10.0.0.0/8");

    assertThat(config(IoBackend.NIO, loopback(53)).proxyProtocol()).isEqualTo(ProxyProtocol.none());
    assertThatThrownBy(() -> new ProxyProtocol(Set.of(0), List.of()))
        .hasMessage(
            "PROXY protocol without a proxy, nobody could ask: name their networks, as 10.0.0.0/8");
    assertThatThrownBy(() -> new ProxyProtocol(Set.of(), List.of(network)))
        .hasMessage(
            "PROXY protocol without a listener: name the listen addresses that 10.0.0.0/8 and other"
                + " proxies ask");
    for (int listener : new int[] {-1, 2}) {
      ProxyProtocol proxies = new ProxyProtocol(Set.of(0, listener), List.of(network));
      assertThatThrownBy(
              () ->
                  new TransportConfig(
                      List.of(loopback(53), loopback(54)),
                      IoBackend.NIO,
                      1,
                      TcpLimits.defaults(),
                      0,
                      proxies))
          .hasMessage(
              "PROXY protocol on listen address number %d, counted from 0: there are 2"
                  .formatted(listener));
    }
  }

  @Test
  void descriptionNamesTheListenersThatServeProxiesAlone() throws Exception {
    try (TestServer server = ProxyServer.start(IoBackend.NIO)) {
      assertThat(server.transport().description())
          .contains(
              "; proxies alone, with the PROXY protocol, at 127.0.0.1:"
                  + server.address(ProxyServer.PROXIED).getPort())
          .doesNotContain("127.0.0.1:" + server.address(ProxyServer.PLAIN).getPort());
    }
  }

  @Test
  void backendNamesAreReadInAnyCase() {
    for (IoBackend backend : IoBackend.values()) {
      assertThat(IoBackend.parse(backend.text())).isEqualTo(backend);
      assertThat(IoBackend.parse(backend.name())).isEqualTo(backend);
    }
    assertThatThrownBy(() -> IoBackend.parse("kqueue"))
        .hasMessage("'kqueue' is no I/O backend: use auto, ffm, epoll, io_uring or nio");
  }
}
