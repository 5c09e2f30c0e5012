package io.flashdns.management.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import sun.misc.Signal;

/**
 * The one client of {@link WarmUpCommand}: waits for the server of this process, asks it queries of
 * each kind by UDP and TCP, lets it reload, reads its metrics, and sends it the signal to stop.
 *
 * <p>What it asks decides what the JVM has ready at the next start, so there is something of
 * everything that a busy server gets. Thread: one runs it, the one of the server says its end.
 */
final class WarmUpClient implements Runnable {
  static final int ZONES = 8;

  static final String ZONE_FILE =
      """
      $TTL 1h
      @       SOA   ns1 hostmaster 1 4h 1h 2w 10m
              NS    ns1
              NS    ns2
              MX    10 mail
              TXT   "v=spf1 mx -all"
              A     192.0.2.80
              AAAA  2001:db8::80
              CAA   0 issue "ca.example.net"
      ns1     A     192.0.2.1
              AAAA  2001:db8::1
      ns2     A     192.0.2.2
      mail    A     192.0.2.25
      www     CNAME @
      far     CNAME www.elsewhere.example.
      a.ent   A     192.0.2.26
      _s._udp SRV   10 60 5060 mail
      svc     HTTPS 1 . alpn=h2,h3 ipv4hint=192.0.2.80
      *.apps  A     192.0.2.90
      old     DNAME apps
      $GENERATE 1-50 host$ A 192.0.2.$
      lab     NS    ns.lab
      ns.lab  A     192.0.2.201
      """;

  private static final int UDP_QUERIES = 30_000;
  private static final int TCP_CONNECTIONS = 100;
  private static final int QUERIES_PER_CONNECTION = 20;
  private static final int TIMEOUT_MILLIS = 2_000;
  private static final int LOST_AT_MOST = 20;

  private static final int A = 1;
  private static final int SOA = 6;
  private static final int TXT = 16;
  private static final int AAAA = 28;

  private final Terminal outer;
  private final PipedInputStream said = new PipedInputStream(1 << 16);
  private final PrintStream saying;
  private final List<byte[]> queries = queries();
  private volatile @Nullable String failure;

  /**
   * @param outer where problems of the server go
   */
  WarmUpClient(Terminal outer) throws IOException {
    this.outer = outer;
    this.saying = new PrintStream(new PipedOutputStream(said), true, UTF_8);
  }

  /** The terminal of the server: here it is read where it listens. */
  Terminal terminal() {
    return new Terminal(saying, outer.err(), false);
  }

  /** What went wrong, or null when all went well. */
  @Nullable String failure() {
    return failure;
  }

  /** The apex of a zone. */
  static String apex(int zone) {
    return "zone" + zone + ".warm-up.example";
  }

  @Override
  public void run() {
    try {
      InetSocketAddress server = null;
      URI operations = null;
      BufferedReader lines = new BufferedReader(new InputStreamReader(said, UTF_8));
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] words = line.split(" +");
        switch (words[0]) {
          case "listening" -> server = ListenAddress.parse(words[1]);
          case "operations" -> operations = URI.create(words[1]);
          default -> {}
        }
        if (words[0].equals("ready") && server != null) {
          ask(server, operations);
          return;
        }
      }
    } catch (IOException | RuntimeException e) {
      failure = e.toString();
      Signal.raise(new Signal("TERM"));
    }
  }

  private void ask(InetSocketAddress server, @Nullable URI operations) throws IOException {
    askByUdp(server, UDP_QUERIES / 2);
    Signal.raise(new Signal("HUP"));
    askByTcp(server);
    askByUdp(server, UDP_QUERIES / 2);
    if (operations != null) {
      for (String path : List.of("metrics", "ready", "live")) {
        try (InputStream body = operations.resolve(path).toURL().openStream()) {
          body.readAllBytes();
        }
      }
    }
    Signal.raise(new Signal("TERM"));
  }

  private void askByUdp(InetSocketAddress server, int count) throws IOException {
    int lost = 0;
    try (DatagramSocket socket =
        new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0))) {
      socket.connect(server);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      DatagramPacket reply = new DatagramPacket(new byte[4096], 4096);
      for (int i = 0; i < count; i++) {
        byte[] query = queries.get(i % queries.size());
        socket.send(new DatagramPacket(query, query.length));
        try {
          socket.receive(reply);
        } catch (SocketTimeoutException e) {
          if (++lost > LOST_AT_MOST) {
            throw e;
          }
        }
      }
    }
  }

  private void askByTcp(InetSocketAddress server) throws IOException {
    for (int i = 0; i < TCP_CONNECTIONS; i++) {
      try (Socket socket = new Socket(server.getAddress(), server.getPort())) {
        socket.setSoTimeout(TIMEOUT_MILLIS);
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        DataInputStream in = new DataInputStream(socket.getInputStream());
        for (int j = 0; j < QUERIES_PER_CONNECTION; j++) {
          byte[] query = queries.get((i * QUERIES_PER_CONNECTION + j) % queries.size());
          out.write(
              ByteBuffer.allocate(2 + query.length)
                  .putShort((short) query.length)
                  .put(query)
                  .array());
          in.skipNBytes(in.readUnsignedShort());
        }
      }
    }
  }

  /** One query of each kind for each zone, each without and with EDNS. */
  static List<byte[]> queries() {
    List<byte[]> queries = new ArrayList<>();
    for (int zone = 0; zone < ZONES; zone++) {
      String apex = apex(zone);
      for (int host = 1; host <= 8; host++) { // most queries are of names that are there
        add(queries, "host" + host + "." + apex, A);
      }
      add(queries, apex, SOA);
      add(queries, apex, A);
      add(queries, apex, AAAA);
      add(queries, apex, TXT);
      add(queries, apex, 2); // NS
      add(queries, apex, 15); // MX
      add(queries, apex, 255); // ANY
      add(queries, "www." + apex, A);
      add(queries, "WwW." + apex, AAAA);
      add(queries, "far." + apex, A);
      add(queries, "ent." + apex, A);
      add(queries, "_s._udp." + apex, 33); // SRV
      add(queries, "svc." + apex, 65); // HTTPS
      add(queries, "x.y.apps." + apex, A);
      add(queries, "x.old." + apex, A);
      add(queries, "host1." + apex, AAAA);
      add(queries, "no" + zone + "." + apex, A);
      add(queries, "a.b.c.no." + apex, AAAA);
      add(queries, "deep.lab." + apex, A);
      add(queries, "not-ours" + zone + ".example", A);
    }
    return queries;
  }

  private static void add(List<byte[]> queries, String name, int type) {
    queries.add(query(queries.size(), name, type, false));
    queries.add(query(queries.size(), name, type, true));
  }

  private static byte[] query(int id, String name, int type, boolean edns) {
    ByteBuffer wire = ByteBuffer.allocate(512);
    wire.putShort((short) id).putShort((short) 0).putShort((short) 1);
    wire.putShort((short) 0).putShort((short) 0).putShort((short) (edns ? 1 : 0));
    for (String label : name.split("\\.")) {
      wire.put((byte) label.length()).put(label.getBytes(US_ASCII));
    }
    wire.put((byte) 0).putShort((short) type).putShort((short) 1);
    if (edns) {
      // OPT (RFC 6891): 1232 octets, DO for every other one, and a client cookie (RFC 7873).
      wire.put((byte) 0).putShort((short) 41).putShort((short) 1232);
      wire.putInt(id % 4 == 1 ? 0x8000 : 0).putShort((short) 12);
      wire.putShort((short) 10).putShort((short) 8).putLong(id);
    }
    byte[] query = new byte[wire.position()];
    wire.flip().get(query);
    return query;
  }

  /** The server has ended, or never started: whoever waits for it need not any longer. */
  void serverHasEnded() {
    saying.close();
  }
}
