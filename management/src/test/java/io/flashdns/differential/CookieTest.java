package io.flashdns.differential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.flashdns.core.engine.PluginBinding;
import io.flashdns.differential.ZoneSource.Signing;
import io.flashdns.plugins.cookies.CookiesPluginConfig;
import io.flashdns.plugins.cookies.CookiesPluginFactory;
import io.flashdns.transport.IoBackend;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xbill.DNS.DClass;
import org.xbill.DNS.EDNSOption;
import org.xbill.DNS.GenericEDNSOption;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/**
 * Cookies that this server and another one make under one secret (RFC 9018), and what dig and kdig
 * do with them. All servers answer BADCOOKIE to who has no valid one, so that it is seen what they
 * accept.
 */
@Tag("differential")
@Tag("rfc9018")
class CookieTest {
  private static final int SECONDS = 20;
  private static final int BADCOOKIE = 23;
  private static final String SECRET = "e5e973e5a6b2a43f48e7dc849e37bfcf";
  private static final byte[] CLIENT = HexFormat.of().parseHex("2464c4abcf10c957");

  private static final String ZONE =
      """
      example.test. 3600 IN SOA ns.example.test. host.example.test. 7 7200 900 1209600 300
      example.test. 3600 IN NS ns.example.test.
      ns.example.test. 3600 IN A 192.0.2.53
      """;

  @TempDir private static Path folder;
  private static World world;
  private static FlashDnsServer ours;

  @BeforeAll
  static void serve() throws Exception {
    world = World.write(List.of(new ZoneSource("example.test.", Signing.UNSIGNED, ZONE)), folder);
    Path secret =
        Files.createFile(
            folder.resolve("cookies"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(secret, SECRET + "\n");
    CookiesPluginConfig config =
        new CookiesPluginConfig(Optional.of(secret), Duration.ofDays(1), true);
    ours =
        FlashDnsServer.start(
            world,
            IoBackend.AUTO,
            List.of(new PluginBinding<>(new CookiesPluginFactory(), config)));
  }

  @AfterAll
  static void stop() {
    ours.close();
  }

  @ParameterizedTest
  @CsvSource({"named,bind9", "knotd,knot"})
  void peerAndWeMakeTheSameCookiesAndAcceptEachOthers(String program, String debianPackage)
      throws Exception {
    needs(program, debianPackage);
    try (PeerServer peer = program.equals("named") ? named() : knotd()) {
      awaitServing(peer);
      Message fromPeer = ask(peer, CLIENT);
      assertThat(fromPeer.getRcode()).isEqualTo(BADCOOKIE);
      assertThat(ask(ours, cookie(fromPeer)).getRcode()).isEqualTo(Rcode.NOERROR);

      Message fromUs = ask(ours, CLIENT);
      assertThat(fromUs.getRcode()).isEqualTo(BADCOOKIE);
      assertThat(ask(peer, cookie(fromUs)).getRcode()).isEqualTo(Rcode.NOERROR);

      byte[] forged = cookie(fromUs);
      forged[forged.length - 1] ^= 1;
      assertThat(ask(peer, forged).getRcode()).isEqualTo(BADCOOKIE);
      assertThat(ask(ours, forged).getRcode()).isEqualTo(BADCOOKIE);

      byte[] theirs = cookie(ask(peer, CLIENT));
      byte[] own = cookie(ask(ours, CLIENT));
      for (int i = 0; i < 3 && secondOf(theirs) != secondOf(own); i++) {
        theirs = cookie(ask(peer, CLIENT));
        own = cookie(ask(ours, CLIENT));
      }
      assertThat(own).containsExactly(theirs);
    }
  }

  @ParameterizedTest
  @CsvSource({"dig,bind9-dnsutils", "kdig,knot-dnsutils"})
  void clientTakesOurCookieAndComesAgainWithIt(String client, String debianPackage)
      throws Exception {
    needs(client, debianPackage);
    byte[] given = cookie(ask(ours, CLIENT));
    String whole = HexFormat.of().formatHex(given);

    // BADCOOKIE at first, and an answer when it comes again with what it was given.
    String learnt = run(client, "+cookie=" + whole.substring(0, 16), "+badcookie");
    assertThat(learnt)
        .contains("NOERROR")
        .contains("192.0.2.53")
        .containsIgnoringCase("cookie: " + whole.substring(0, 16) + "01000000");
    // With a valid one at once, and the same one comes back.
    String known = run(client, "+cookie=" + whole, "+nobadcookie");
    assertThat(known).contains("NOERROR").contains("192.0.2.53").doesNotContain("BADCOOKIE");
    assertThat(known.toLowerCase(Locale.ROOT)).contains("cookie: " + whole);
    if (client.equals("dig")) {
      assertThat(learnt).contains("(good)").doesNotContain("WARNING");
      assertThat(known).contains("(good)").doesNotContain("WARNING");
    }
  }

  private static PeerServer named() throws IOException {
    InetSocketAddress address = PeerServer.freeAddress();
    StringBuilder config = new StringBuilder();
    config
        .append("options {\n  directory \"%s\";\n".formatted(folder))
        .append("  listen-on port %d { 127.0.0.1; };\n".formatted(address.getPort()))
        .append("  listen-on-v6 { none; };\n  pid-file none;\n  session-keyfile none;\n")
        .append("  recursion no;\n  dnssec-validation no;\n  notify no;\n")
        .append("  cookie-algorithm siphash24;\n  require-server-cookie yes;\n")
        .append("  cookie-secret \"%s\";\n};\ncontrols { };\n".formatted(SECRET));
    for (ServedZone zone : world.zones()) {
      config.append(
          "zone \"%s\" { type primary; file \"%s\"; };\n"
              .formatted(zone.apex(), zone.file().toAbsolutePath()));
    }
    Path file = Files.writeString(folder.resolve("named.conf"), config);
    return PeerServer.start(
        "BIND",
        List.of(PeerServer.program("named"), "-g", "-n", "1", "-c", file.toString()),
        address,
        folder.resolve("named.log"));
  }

  private static PeerServer knotd() throws IOException {
    InetSocketAddress address = PeerServer.freeAddress();
    // The control socket's path has to be short (107 octets), the checkout's may not be.
    Path runFolder = Files.createTempDirectory("knot");
    runFolder.toFile().deleteOnExit();
    StringBuilder config = new StringBuilder();
    config
        .append("server:\n  listen: 127.0.0.1@%d\n".formatted(address.getPort()))
        .append("  rundir: \"%s\"\n".formatted(runFolder))
        .append("  udp-workers: 1\n  tcp-workers: 1\n  background-workers: 1\n")
        .append("log:\n  - target: stderr\n    any: info\n")
        .append("database:\n  storage: \"%s\"\n".formatted(folder))
        .append("mod-cookies:\n  - id: shared\n    secret: 0x%s\n".formatted(SECRET))
        .append("    badcookie-slip: 1\ntemplate:\n  - id: default\n")
        .append("    global-module: mod-cookies/shared\n    journal-content: none\nzone:\n");
    for (ServedZone zone : world.zones()) {
      config.append(
          "  - domain: \"%s\"\n    file: \"%s\"\n"
              .formatted(zone.apex(), zone.file().toAbsolutePath()));
    }
    Path file = Files.writeString(folder.resolve("knot.conf"), config);
    return PeerServer.start(
        "Knot",
        List.of(PeerServer.program("knotd"), "-c", file.toString()),
        address,
        folder.resolve("knot.log"));
  }

  /** Waits until the peer knows its zone. */
  private static void awaitServing(PeerServer peer) {
    await(peer.name())
        .atMost(Duration.ofSeconds(SECONDS))
        .ignoreExceptionsInstanceOf(IOException.class)
        .until(
            () -> {
              assertThat(peer.isRunning()).as(peer.lastWords()).isTrue();
              return ask(peer, CLIENT).getRcode() == BADCOOKIE;
            });
  }

  /** Asks over UDP from 127.0.0.1. */
  private static Message ask(NameServer server, byte[] cookie) throws IOException {
    Name name = Name.fromString("ns.example.test.");
    Message query = Message.newQuery(Record.newRecord(name, Type.A, DClass.IN));
    EDNSOption option = new GenericEDNSOption(EDNSOption.Code.COOKIE, cookie);
    query.addRecord(new OPTRecord(1_232, 0, 0, 0, option), Section.ADDITIONAL);
    byte[] octets = query.toWire();
    byte[] buffer = new byte[4_096];
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"))) {
      socket.connect(server.address());
      socket.setSoTimeout((int) Duration.ofSeconds(SECONDS).toMillis());
      socket.send(new DatagramPacket(octets, octets.length));
      DatagramPacket reply = new DatagramPacket(buffer, buffer.length);
      socket.receive(reply);
      return new Message(Arrays.copyOf(buffer, reply.getLength()));
    }
  }

  private static byte[] cookie(Message reply) {
    List<EDNSOption> options = reply.getOPT().getOptions(EDNSOption.Code.COOKIE);
    assertThat(options).hasSize(1);
    byte[] option = options.getFirst().toWire();
    assertThat(option).as("option header and cookie").hasSize(4 + 24);
    return Arrays.copyOfRange(option, 4, option.length);
  }

  private static int secondOf(byte[] cookie) {
    return (cookie[14] & 0xff) << 8 | (cookie[15] & 0xff);
  }

  private static void needs(String program, String debianPackage) {
    boolean there = PeerServer.isInstalled(program);
    String message = program + " is not installed; it is in the Debian package " + debianPackage;
    if (Boolean.getBoolean("flashdns.require.peers")) {
      assertThat(there).as(message).isTrue();
    }
    assumeTrue(there, message);
  }

  private static String run(String client, String... options)
      throws IOException, InterruptedException {
    String port = String.valueOf(ours.address().getPort());
    List<String> command = new ArrayList<>(List.of(client, "@127.0.0.1", "-p", port));
    command.add("+norecurse");
    command.addAll(List.of(options));
    command.addAll(List.of("ns.example.test", "A"));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS)).as("%s has ended", command).isTrue();
    return printed;
  }
}
