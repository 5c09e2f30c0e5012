package io.flashdns.management.flood;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.dns.EdnsOption;
import io.flashdns.core.dns.NameHash;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.embedded.EmbeddedServer;
import io.flashdns.core.engine.Engine;
import io.flashdns.core.engine.EngineConfig;
import io.flashdns.core.engine.PluginBinding;
import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.Zone;
import io.flashdns.core.zonefile.ZoneFile;
import io.flashdns.core.zonefile.ZoneFileLimits;
import io.flashdns.plugins.cookies.CookiesPluginConfig;
import io.flashdns.plugins.cookies.CookiesPluginFactory;
import io.flashdns.plugins.ratelimit.RateLimitPluginConfig;
import io.flashdns.plugins.ratelimit.RateLimitPluginFactory;
import io.flashdns.plugins.zone.ZonePluginConfig;
import io.flashdns.plugins.zone.ZonePluginFactory;
import io.flashdns.transport.IoBackend;
import io.flashdns.transport.TcpLimits;
import io.flashdns.transport.Transport;
import io.flashdns.transport.TransportConfig;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A server with two workers and the plugins cookies, ratelimit and zone, behind real sockets;
 * 127.1.2.0/24 floods it at twenty times what one network gets.
 */
final class FloodTest {
  private static final int RATE = 5;
  private static final int BURST = 12;
  private static final int NET_MULTIPLE = 32;
  private static final int NET_RATE = RATE * NET_MULTIPLE;
  private static final int FLOOD_RATE = NET_RATE * 20;
  private static final int SOURCES = 256;
  private static final int SECONDS = 8;
  private static final int BELIEVED_RATE = 100;
  private static final int TCP_RATE = 25;
  private static final int CLIENT_COOKIE_BYTES = 8;
  private static final long QUIET_NANOS = 300_000_000;
  private static final String ZONE =
      """
      example. 60 SOA ns.example. host.example. 1 2 3 4 5
      example. 60 NS ns.example.
      ns.example. 60 A 192.0.2.1
      www.example. 60 A 192.0.2.2
      """;

  private final byte[] question =
      EmbeddedServer.question("www.example.", RecordType.A, 1_232, false);
  private final List<UdpSource> flood = new ArrayList<>();
  private final List<UdpSource> elsewhere = new ArrayList<>();
  private Engine engine;
  private Transport transport;
  private InetSocketAddress server;

  @BeforeEach
  void serve() throws Exception {
    NameHash hash = new NameHash(7);
    Zone zone =
        Objects.requireNonNull(ZoneFile.parse(ZONE, ZoneFileLimits.defaults(), hash).zone());
    RateLimitPluginConfig usual = RateLimitPluginConfig.defaults();
    RateLimitPluginConfig limit =
        new RateLimitPluginConfig(
            RATE,
            Optional.of(BURST),
            Optional.empty(),
            Optional.empty(),
            usual.slip(),
            List.of(),
            usual.tableBytes(),
            false);
    engine =
        new Engine(
            EngineConfig.of(hash),
            List.of(
                new PluginBinding<>(new CookiesPluginFactory(), CookiesPluginConfig.defaults()),
                new PluginBinding<>(new RateLimitPluginFactory(), limit),
                new PluginBinding<>(new ZonePluginFactory(), ZonePluginConfig.defaults())));
    engine.publish(Catalog.of(hash, List.of(zone)));
    transport =
        Transport.start(
            new TransportConfig(
                List.of(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0)),
                IoBackend.AUTO,
                2,
                TcpLimits.defaults(),
                4 << 20),
            engine::newWorker);
    server = transport.addresses().getFirst();
  }

  @AfterEach
  void end() {
    transport.close();
    engine.close();
  }

  @Test
  void floodedNetGetsItsRateAndNobodyElseLosesAnything() throws Exception {
    byte[] proven = withCookie();
    try (Selector selector = Selector.open();
        Socket tcp = connect("127.1.2.77")) {
      for (int i = 0; i < SOURCES; i++) {
        flood.add(new UdpSource("127.1.2." + i, server, question, SECONDS, selector));
        elsewhere.add(
            new UdpSource("127.1." + (100 + i % 64) + ".9", server, question, SECONDS, selector));
      }
      UdpSource believed = new UdpSource("127.1.2.78", server, proven, SECONDS, selector);

      run(selector, believed, tcp);

      assertThat(believed.sum().asked).isEqualTo(BELIEVED_RATE * SECONDS);
      assertThat(believed.sum().full).isEqualTo(BELIEVED_RATE * SECONDS);
      check();
      for (UdpSource each : elsewhere) {
        assertThat(each.sum().full).isEqualTo(each.sum().asked).isPositive();
      }
      close(believed);
    }
  }

  /** Exact counts of the flood: full replies, and octets by second. */
  private void check() {
    UdpSource.Tally all = new UdpSource.Tally();
    flood.forEach(each -> all.add(each.sum()));
    double allowed = BURST * NET_MULTIPLE + (double) NET_RATE * SECONDS;
    assertThat(all.asked).isEqualTo(FLOOD_RATE * SECONDS);
    assertThat((double) all.full).isBetween(allowed * 0.95, allowed * 1.05);
    assertThat(all.truncated).isGreaterThan(all.asked / 2);
    for (int i = 1; i < SECONDS; i++) {
      UdpSource.Tally second = new UdpSource.Tally();
      for (UdpSource each : flood) {
        second.add(each.second(i));
      }
      assertThat((double) second.octetsIn / second.octetsOut)
          .as("second %d", i + 1)
          .isLessThanOrEqualTo(1.0);
    }
  }

  private void close(UdpSource believed) throws IOException {
    believed.close();
    for (UdpSource each : flood) {
      each.close();
    }
    for (UdpSource each : elsewhere) {
      each.close();
    }
  }

  /** Sends what is due by the clock, and reads what comes, until nothing comes any more. */
  private void run(Selector selector, UdpSource believed, Socket tcp) throws IOException {
    SplittableRandom random = new SplittableRandom(5);
    long start = System.nanoTime();
    long sent = 0;
    long believedSent = 0;
    long elsewhereSent = 0;
    long tcpSent = 0;
    long lastRead = start;
    long now = start;
    while (now - start < SECONDS * 1_000_000_000L || now - lastRead < QUIET_NANOS) {
      double elapsed = Math.min(SECONDS, (now - start) / 1e9);
      for (; sent < elapsed * FLOOD_RATE; sent++) {
        flood.get(random.nextInt(SOURCES)).ask((int) (sent / FLOOD_RATE));
      }
      for (; believedSent < elapsed * BELIEVED_RATE; believedSent++) {
        believed.ask((int) (believedSent / BELIEVED_RATE));
      }
      for (; tcpSent < elapsed * TCP_RATE; tcpSent++) {
        assertThat(Wire.u16(exchange(tcp, question), Wire.ANCOUNT)).isEqualTo(1);
      }
      // 256 sockets of 64 addresses elsewhere, each address at four fifths of its rate.
      for (; elsewhereSent < elapsed * 64 * RATE * 4 / 5; elsewhereSent++) {
        elsewhere.get((int) (elsewhereSent % SOURCES)).ask(Math.min(SECONDS - 1, (int) elapsed));
      }
      if (selector.select(2) > 0) {
        lastRead = System.nanoTime();
        for (SelectionKey key : selector.selectedKeys()) {
          ((UdpSource) key.attachment()).read();
        }
        selector.selectedKeys().clear();
      }
      now = System.nanoTime();
    }
  }

  /** The question with a cookie that the server gave to 127.1.2.78, over TCP. */
  private byte[] withCookie() throws IOException {
    byte[] clientCookie = {1, 2, 3, 4, 5, 6, 7, 8};
    byte[] reply;
    try (Socket tcp = connect("127.1.2.78")) {
      reply = exchange(tcp, withOption(clientCookie));
    }
    // The option is the last of the reply, behind code and length.
    int length = CLIENT_COOKIE_BYTES + 16;
    byte[] cookie = Arrays.copyOfRange(reply, reply.length - length, reply.length);
    assertThat(Wire.u16(reply, reply.length - length - 4)).isEqualTo(EdnsOption.COOKIE);
    assertThat(cookie).startsWith(clientCookie);
    return withOption(cookie);
  }

  private byte[] withOption(byte[] cookie) {
    byte[] message = Arrays.copyOf(question, question.length + 4 + cookie.length);
    Wire.put16(message, question.length - 2, 4 + cookie.length);
    Wire.put16(message, question.length, EdnsOption.COOKIE);
    Wire.put16(message, question.length + 2, cookie.length);
    System.arraycopy(cookie, 0, message, question.length + 4, cookie.length);
    return message;
  }

  private Socket connect(String address) throws IOException {
    Socket tcp = new Socket();
    tcp.bind(new InetSocketAddress(InetAddress.ofLiteral(address), 0));
    tcp.connect(server);
    tcp.setSoTimeout(10_000);
    return tcp;
  }

  private static byte[] exchange(Socket tcp, byte[] message) throws IOException {
    DataOutputStream out = new DataOutputStream(tcp.getOutputStream());
    byte[] framed = new byte[message.length + 2];
    Wire.put16(framed, 0, message.length);
    System.arraycopy(message, 0, framed, 2, message.length);
    out.write(framed);
    DataInputStream in = new DataInputStream(tcp.getInputStream());
    byte[] reply = new byte[in.readUnsignedShort()];
    in.readFully(reply);
    return reply;
  }
}
