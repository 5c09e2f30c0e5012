package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code flashdns serve} as its users meet it: a process, signals, files, sockets. */
class ServeProcessTest {
  private static final int NOERROR = 0;
  private static final int NXDOMAIN = 3;
  private static final int REFUSED = 5;

  @TempDir private Path home;
  private Path zones;
  private final List<ServerProcess> started = new ArrayList<>();

  @BeforeEach
  void makeZones() throws IOException {
    zones = Files.createDirectory(home.resolve("zones"));
    write("a.example", 1);
    write("b.example", 1);
  }

  @AfterEach
  void end() throws InterruptedException {
    for (ServerProcess server : started) {
      server.kill();
    }
  }

  @Test
  void answersOverUdpAndTcpAndSaysWhatItDoes() throws Exception {
    ServerProcess server = serve();
    InetSocketAddress address = server.awaitReady();

    try (DnsClient client = new DnsClient(address)) {
      for (DnsClient.Reply reply :
          List.of(
              client.ask("www.a.example", DnsClient.A),
              client.askTcp("www.a.example", DnsClient.A))) {
        assertThat(reply.rcode()).isEqualTo(NOERROR);
        assertThat(reply.authoritative()).isTrue();
        assertThat(reply.lastOctet()).isEqualTo(1);
      }
      assertThat(client.ask("no.a.example", DnsClient.A).rcode()).isEqualTo(NXDOMAIN);
      assertThat(client.ask("www.c.example", DnsClient.A).rcode()).isEqualTo(REFUSED);
    }
    await().until(() -> server.hasOut("try "));
    assertThat(server.out().getFirst())
        .startsWith("flashdns ")
        .contains("pid " + server.pid() + ",");
    assertThat(server.hasOut(zones + ": 2 files with 8 records read")).isTrue();
    assertThat(server.hasOut("zones      2 at revision ")).isTrue();
    assertThat(server.hasOut("store      " + home.resolve("data/store"))).isTrue();
    assertThat(server.hasOut("transport  ")).isTrue();
    assertThat(server.hasOut("pipeline   ")).isTrue();
    assertThat(server.hasOut("dig @127.0.0.1 -p " + address.getPort() + " a.example. SOA"))
        .as("%s", server)
        .isTrue();
    assertThat(server.err()).isEmpty();
    assertThat(home.resolve("data/hash.seed")).exists();
  }

  @ParameterizedTest
  @CsvSource({"ffm", "epoll", "io_uring", "nio"})
  void everyBackendServesOrSaysWhyNot(String io) throws Exception {
    ServerProcess server = serve("--io", io);
    await().until(() -> !server.isAlive() || server.hasOut("ready "));
    if (!server.isAlive()) {
      assertThat(server.awaitEnd()).isEqualTo(1);
      assertThat(server.err().getLast()).startsWith("flashdns: ").contains(io);
      return;
    }
    try (DnsClient client = new DnsClient(server.awaitReady())) {
      assertThat(client.ask("www.a.example", DnsClient.A).lastOctet()).isEqualTo(1);
      assertThat(client.askTcp("www.a.example", DnsClient.A).lastOctet()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @CsvSource({"TERM", "INT"})
  void signalDrainsAndTheStatusIsZero(String signal) throws Exception {
    ServerProcess server = serve();
    try (DnsClient client = new DnsClient(server.awaitReady())) {
      client.ask("www.a.example", DnsClient.A);
      client.askTcp("www.a.example", DnsClient.A);
    }

    server.signal(signal);

    assertThat(server.awaitEnd()).isZero();
    assertThat(server.hasOut("SIG" + signal + ": draining")).as("%s", server).isTrue();
    assertThat(server.out().getLast())
        .contains("stopped: 1 queries by UDP, 1 by TCP; 2 replies, 0 truncated");
  }

  @Test
  void openConnectionDoesNotHoldUpTheEndForever() throws Exception {
    ServerProcess server = serve();
    InetSocketAddress address = server.awaitReady();
    try (Socket idle = new Socket(address.getAddress(), address.getPort())) {
      DnsClient.askOn(idle, "www.a.example", DnsClient.A);

      server.signal("TERM");

      assertThat(server.awaitEnd()).isZero();
      assertThat(idle.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void secondSignalEndsADrainAtOnce() throws Exception {
    Path conf = Files.createDirectory(home.resolve("conf"));
    Files.writeString(conf.resolve("flashdns.yaml"), "drain-timeout: 10min\n");
    StringBuilder big = new StringBuilder(Files.readString(zones.resolve("a.example.zone")));
    for (int i = 0; i < 200; i++) {
      big.append("big TXT \"").append("%03d".formatted(i).repeat(80)).append("\"\n");
    }
    Files.writeString(zones.resolve("a.example.zone"), big);
    ServerProcess server = serve();
    InetSocketAddress address = server.awaitReady();
    try (Socket neverReading = new Socket()) {
      neverReading.setReceiveBufferSize(4_096);
      neverReading.connect(address);
      for (int i = 0; i < 400; i++) {
        DnsClient.send(neverReading, "big.a.example", DnsClient.TXT);
      }
      // The server has taken the first of these queries when it answers another one after them.
      assertThat(DnsClient.askOn(open(address), "www.a.example", DnsClient.A).rcode()).isZero();

      server.signal("TERM");
      await().until(() -> server.hasOut("SIGTERM: draining"));
      assertThat(server.isAlive()).isTrue();
      server.signal("TERM");

      assertThat(server.awaitEnd()).isEqualTo(128 + 15);
    }
  }

  @Test
  void signalBeforeItServesEndsItAtOnce() throws Exception {
    ServerProcess server = serve();

    server.signal("TERM");

    assertThat(server.awaitEnd()).isEqualTo(128 + 15);
  }

  @Test
  void reloadAddsChangesRemovesAndKeepsWhatIsBrokenNow() throws Exception {
    ServerProcess server = serve();
    try (DnsClient client = new DnsClient(server.awaitReady())) {
      write("a.example", 2);
      write("c.example", 1);
      Files.delete(zones.resolve("b.example.zone"));
      assertThat(server.reload()).contains("2 zones served; 1 added, 1 changed, 1 removed, 0 kept");
      assertThat(client.ask("www.a.example", DnsClient.A).lastOctet()).isEqualTo(2);
      assertThat(client.ask("www.c.example", DnsClient.A).lastOctet()).isEqualTo(1);
      assertThat(client.ask("www.b.example", DnsClient.A).rcode()).isEqualTo(REFUSED);
      assertThat(server.err()).isEmpty();

      Path broken = zones.resolve("a.example.zone");
      Files.writeString(broken, Files.readString(broken) + "bad A 300.0.0.1\nworse MX\n");
      assertThat(server.reload()).contains("2 zones served; 0 added, 0 changed, 0 removed, 1 kept");
      assertThat(client.ask("www.a.example", DnsClient.A).lastOctet()).isEqualTo(2);
      await().until(() -> server.hasErr("serial 2, stays in service"));
      assertThat(server.err())
          .anyMatch(line -> line.startsWith(broken + ":6: error: "))
          .anyMatch(line -> line.equals("  | bad A 300.0.0.1"))
          .anyMatch(line -> line.startsWith(broken + ":7: error: "));

      write("a.example", 3);
      server.reload();
      assertThat(client.ask("www.a.example", DnsClient.A).lastOctet()).isEqualTo(3);
    }
  }

  @Test
  void fiftyReloadsLoseNoQueryAndNeverAnswerWrong() throws Exception {
    ServerProcess server = serve();
    InetSocketAddress address = server.awaitReady();
    try (QueryStream changing = new QueryStream(address, "www.a.example");
        QueryStream constant = new QueryStream(address, "www.b.example");
        DnsClient client = new DnsClient(address)) {
      for (int version = 2; version <= 51; version++) {
        if (version % 2 == 0) {
          write("c.example", version);
        } else {
          Files.deleteIfExists(zones.resolve("c.example.zone"));
        }
        write("a.example", version);
        server.reload();
        assertThat(client.ask("www.a.example", DnsClient.A).lastOctet()).isEqualTo(version);
        assertThat(client.ask("www.c.example", DnsClient.A).rcode())
            .isEqualTo(version % 2 == 0 ? NOERROR : REFUSED);
      }
      constant.stop();
      changing.stop();

      assertThat(constant.wrong()).isEmpty();
      assertThat(constant.versions()).containsExactly(1);
      assertThat(changing.wrong()).isEmpty();
      assertThat(changing.versions()).isSorted().doesNotHaveDuplicates();
      assertThat(constant.asked() + changing.asked()).isGreaterThan(1_000);
    }
    server.signal("TERM");
    assertThat(server.awaitEnd()).isZero();
  }

  @Test
  void reloadTakesTheZonesSectionAndNamesWhatNeedsARestart() throws Exception {
    Path conf = Files.createDirectory(home.resolve("conf"));
    Path config = conf.resolve("flashdns.yaml");
    Files.writeString(config, "workers: 1\n");
    ServerProcess server = serve();
    try (DnsClient client = new DnsClient(server.awaitReady())) {
      Path other = Files.createDirectory(home.resolve("other"));
      Files.move(zones.resolve("b.example.zone"), other.resolve("b.example.zone"));
      Files.writeString(
          config, "workers: 2\nio: nio\nzones: {folder: ../other}\ntcp: {idle: 3s}\n");
      assertThat(server.reload()).contains("1 zones served; 0 added, 0 changed, 1 removed");
      assertThat(client.ask("www.b.example", DnsClient.A).lastOctet()).isEqualTo(1);
      assertThat(client.ask("www.a.example", DnsClient.A).rcode()).isEqualTo(REFUSED);
      assertThat(server.hasOut("needs a restart to take effect: workers, io, tcp.idle")).isTrue();

      Files.writeString(config, "workers: many\nzones: {folder: ../zones}\n");
      assertThat(server.reload()).contains("1 zones served; 0 added, 0 changed, 0 removed");
      assertThat(client.ask("www.b.example", DnsClient.A).lastOctet()).isEqualTo(1);
      await().until(() -> server.hasErr(config + ":1:10: error: workers: 'many'"));
      assertThat(server.hasOut("is not taken; plugins and settings in force stay")).isTrue();
    }
  }

  @Test
  void brokenZoneIsReportedAndTheOthersAreServed() throws Exception {
    Files.writeString(zones.resolve("b.example.zone"), "nonsense\n");
    ServerProcess server = serve();
    try (DnsClient client = new DnsClient(server.awaitReady())) {
      assertThat(client.ask("www.a.example", DnsClient.A).lastOctet()).isEqualTo(1);
      assertThat(client.ask("www.b.example", DnsClient.A).rcode()).isEqualTo(REFUSED);
    }
    assertThat(server.hasErr("b.example.zone:1: error: ")).isTrue();

    ServerProcess strict = serve("--strict", "--data", home.resolve("other").toString());
    assertThat(strict.awaitEnd()).isEqualTo(1);
    assertThat(strict.err().getLast()).contains("--strict was given, nothing was started");
  }

  @Test
  void withoutZonesAllIsRefusedWithAWarning() throws Exception {
    Files.delete(zones.resolve("a.example.zone"));
    Files.delete(zones.resolve("b.example.zone"));
    ServerProcess server = serve();
    try (DnsClient client = new DnsClient(server.awaitReady())) {
      assertThat(client.ask("www.a.example", DnsClient.A).rcode()).isEqualTo(REFUSED);
    }
    await().until(() -> server.hasOut("warning    no zone is loaded"));
  }

  @Test
  void configWithErrorsStopsTheStartWithAllOfThem() throws Exception {
    Path config = home.resolve("bad.yaml");
    Files.writeString(config, "workers: -1\nio: fast\nlistem: []\n");

    ServerProcess server = serve("--config", config.toString());

    assertThat(server.awaitEnd()).isEqualTo(1);
    assertThat(server.err())
        .anyMatch(line -> line.startsWith(config + ":1:10: error: workers: "))
        .anyMatch(line -> line.startsWith(config + ":2:5: error: io: "))
        .anyMatch(line -> line.contains("did you mean 'listen'?"))
        .last()
        .isEqualTo("flashdns: the configuration has errors, nothing was started");
    assertThat(server.out()).isEmpty();
  }

  @Test
  void namedFolderThatIsMissingStopsTheStart() throws Exception {
    ServerProcess server = serve("--zones", home.resolve("no").toString());

    assertThat(server.awaitEnd()).isEqualTo(1);
    assertThat(server.err().getLast()).contains("the folder of zones cannot be read");
  }

  @Test
  void seedThatOthersMayReadStopsTheStart() throws Exception {
    Path data = Files.createDirectory(home.resolve("data"));
    Files.writeString(data.resolve("hash.seed"), "0123456789abcdef\n");
    Files.setPosixFilePermissions(
        data.resolve("hash.seed"),
        java.nio.file.attribute.PosixFilePermissions.fromString("rw-r--r--"));

    ServerProcess server = serve();

    assertThat(server.awaitEnd()).isEqualTo(1);
    assertThat(server.err().getLast()).contains("hash.seed").contains("chmod 600");
  }

  @Test
  void portThatIsTakenIsASentenceForTheSecondServer() throws Exception {
    ServerProcess first = serve();
    InetSocketAddress address = first.awaitReady();

    ServerProcess second =
        ServerProcess.start(home, "serve", "--listen", ListenAddress.text(address));
    started.add(second);

    assertThat(second.awaitEnd()).isEqualTo(1);
    assertThat(second.err().getLast())
        .startsWith("flashdns: ")
        .contains(ListenAddress.text(address));
    assertThat(second.err()).noneMatch(line -> line.startsWith("\tat "));
    try (DnsClient client = new DnsClient(address)) {
      assertThat(client.ask("www.a.example", DnsClient.A).lastOctet()).isEqualTo(1);
    }
  }

  @Test
  void portThatAStrangerHasIsASentence() throws Exception {
    InetAddress loopback = InetAddress.getByName("127.0.0.1");
    try (ServerSocket tcp = new ServerSocket(0, 1, loopback);
        DatagramSocket udp = new DatagramSocket(0, loopback)) {
      for (int port : List.of(tcp.getLocalPort(), udp.getLocalPort())) {
        ServerProcess server = ServerProcess.start(home, "serve", "--listen", "127.0.0.1:" + port);
        started.add(server);

        assertThat(server.awaitEnd()).isEqualTo(1);
        assertThat(server.err().getLast()).startsWith("flashdns: ").contains("127.0.0.1:" + port);
      }
    }
  }

  @Test
  void severalAddressesAndPortsAreServed() throws Exception {
    ServerProcess server =
        ServerProcess.start(
            home, "serve", "-l", "127.0.0.1:0", "-l", "127.0.0.2:0", "-l", "[::1]:0", "-w", "2");
    started.add(server);
    server.awaitReady();

    List<String> listening =
        server.out().stream().filter(line -> line.startsWith("listening ")).toList();
    assertThat(listening).hasSize(3);
    for (String line : listening) {
      try (DnsClient client = new DnsClient(ListenAddress.parse(line.split(" +")[1]))) {
        assertThat(client.ask("www.a.example", DnsClient.A).lastOctet()).isEqualTo(1);
        assertThat(client.askTcp("www.a.example", DnsClient.A).lastOctet()).isEqualTo(1);
      }
    }
  }

  private ServerProcess serve(String... more) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("serve", "--listen", "127.0.0.1:0"));
    arguments.addAll(List.of(more));
    ServerProcess server = ServerProcess.start(home, arguments.toArray(String[]::new));
    started.add(server);
    return server;
  }

  private static Socket open(InetSocketAddress address) throws IOException {
    return new Socket(address.getAddress(), address.getPort());
  }

  /** Five lines; the version is the serial and the last octet of www. */
  private void write(String apex, int version) throws IOException {
    Path file = zones.resolve(apex + ".zone");
    Path fresh = zones.resolve(apex + ".new");
    Files.writeString(
        fresh,
        """
        $TTL 300
        @ SOA ns1 hostmaster %d 3600 600 86400 300
        @ NS ns1
        ns1 A 192.0.2.53
        www A 192.0.2.%d
        """
            .formatted(version, version));
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
