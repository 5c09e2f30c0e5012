package io.flashdns.management.server;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.engine.Engine;
import io.flashdns.core.engine.EngineConfig;
import io.flashdns.core.engine.PluginBinding;
import io.flashdns.core.zone.Catalog;
import io.flashdns.transport.IoBackend;
import io.flashdns.transport.ProxyProtocol;
import io.flashdns.transport.QuerySocket;
import io.flashdns.transport.QueryVector;
import io.flashdns.transport.TcpLimits;
import io.flashdns.transport.Transport;
import io.flashdns.transport.TransportConfig;
import io.flashdns.transport.TransportException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a start does so that its first clients meet compiled code: a second server in this process,
 * with the default plugins and zones of its own, on a free port of loopback, answers queries of
 * each kind until the JVM has made machine code of the way of a packet. It begins while zones are
 * read and the store is opened, and ends before a port is open for others.
 *
 * <p>Measured with 10,000 zones and one processor for everything, compilers included, right after
 * the first answer, as parts of the peak: without it 20, 42 and 54 % in the first three seconds,
 * with a p99 of 70 ms in the first. The work of the compilers is the same either way; but a
 * resolver that finds no server asks the next one, and one that is not answered waits.
 *
 * <p>What is rehearsed is what stays true of any traffic, since the JVM compiles only what it has
 * seen and starts anew when it meets something else: names that are there and that are not,
 * aliases, referrals, wildcards, signed zones, EDNS with and without cookies and DO, limited and
 * unlimited sources, several queries of one client in a batch and one alone. Plugins of others are
 * not asked: nobody knows what a query does to them.
 *
 * <p>Once in a process. Where there are no {@linkplain QuerySocket sockets for it} there is none.
 *
 * <p><b>Thread</b>: one begins and ends it, another one rehearses.
 */
final class Rehearsal {
  /** When the last of the large methods has been compiled, on one processor and on more. */
  private static final long QUERIES = 200_000;

  private static final int SOCKETS = 32;
  private static final int BURST = 16;
  private static final int SINGLE = 4;
  private static final int QUERY_BYTES = 512;
  private static final int REPLY_BYTES = 4_096;

  /** Room for what is asked before the first of it is answered. */
  private static final int RECEIVE_BUFFER_BYTES = 4 << 20;

  private static final long REST_NANOS = 20_000;

  /** Rests after which replies that are missing were withheld. */
  private static final int PATIENCE = 50;

  /** Half of the sources are limited, at a rate that the rehearsal reaches. */
  private static final String LIMITS = "rate: 5000\nwhitelist: [127.0.0.0/24]\n";

  private static final AtomicBoolean HELD = new AtomicBoolean();

  private final IoBackend io;
  private final Duration timeout;
  private final long queries;
  private final Thread thread;
  private volatile boolean ended;

  /**
   * @param timeout how long its end is waited for
   * @param queries that are asked, unless it is ended before
   */
  Rehearsal(IoBackend io, Duration timeout, long queries) {
    this.io = io;
    this.timeout = timeout;
    this.queries = queries;
    this.thread = Thread.ofPlatform().daemon().name("flashdns-rehearsal").unstarted(this::run);
  }

  /** Begins it; null when there is none. */
  static @Nullable Rehearsal begin(ServerConfig config) {
    if (config.rehearsal().isZero()
        || QuerySocket.unavailable() != null
        || !HELD.compareAndSet(false, true)) {
      return null;
    }
    Rehearsal rehearsal = new Rehearsal(config.io(), config.rehearsal(), QUERIES);
    rehearsal.thread.start();
    return rehearsal;
  }

  /** Waits for its end, for the configured time at most. */
  static void end(@Nullable Rehearsal rehearsal) throws InterruptedException {
    if (rehearsal != null) {
      rehearsal.thread.join(rehearsal.timeout);
      rehearsal.ended = true;
      rehearsal.thread.join();
    }
  }

  private void run() {
    try {
      rehearse();
    } catch (IOException | TransportException | RuntimeException e) {
      // The real server says better what is wrong with this machine.
      Logger log = LoggerFactory.getLogger(Rehearsal.class); // not static: configured in main
      log.debug("no rehearsal", e);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** Rehearses; returns how many replies came. */
  long rehearse() throws IOException, TransportException, InterruptedException {
    NameHash hash = new NameHash(0);
    InetSocketAddress any = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);
    TransportConfig wanted =
        new TransportConfig(
            List.of(any),
            io,
            1,
            TcpLimits.defaults(),
            RECEIVE_BUFFER_BYTES,
            ProxyProtocol.none(),
            false); // who asks here is no flood
    try (Engine engine = new Engine(EngineConfig.of(hash), plugins())) {
      engine.publish(Catalog.of(hash, RehearsalZones.build(hash), List.of()));
      engine.start();
      try (Transport transport = Transport.start(wanted, engine::newWorker)) {
        return ask(transport.addresses().getFirst());
      }
    }
  }

  private static List<PluginBinding<?>> plugins() {
    List<PluginBinding<?>> plugins = new ArrayList<>();
    PluginBinding<?> limits = SectionText.bind("ratelimit", LIMITS, _ -> {});
    for (PluginBinding<?> binding : Pipeline.defaults().bindings()) {
      boolean limiting = binding.factory().name().equals("ratelimit") && limits != null;
      plugins.add(limiting ? limits : binding);
    }
    return plugins;
  }

  private long ask(InetSocketAddress server) throws IOException {
    List<QuerySocket> sockets = new ArrayList<>();
    List<QueryVector> bursts = new ArrayList<>();
    try {
      for (int i = 0; i < SOCKETS; i++) {
        sockets.add(QuerySocket.open(server, source(i), 0));
      }
      List<byte[]> all = WarmUpClient.queries();
      for (int first = 0; first + BURST <= all.size(); first += BURST) {
        bursts.add(burst(all.subList(first, first + BURST)));
      }
      return ask(sockets, bursts);
    } finally {
      sockets.forEach(QuerySocket::close);
      bursts.forEach(QueryVector::close);
    }
  }

  /** Written once: what asks is not to be compiled as well. */
  private static QueryVector burst(List<byte[]> messages) {
    QueryVector burst = new QueryVector(BURST, QUERY_BYTES, REPLY_BYTES);
    for (int i = 0; i < BURST; i++) {
      byte[] query = messages.get(i);
      MemorySegment.copy(
          query, 0, burst.memory(), ValueLayout.JAVA_BYTE, burst.queryOffset(i), query.length);
      burst.queryLength(i, query.length);
    }
    return burst;
  }

  private long ask(List<QuerySocket> sockets, List<QueryVector> bursts) {
    long asked = 0;
    long answered = 0;
    for (int round = 0; asked < queries && !ended; round++) {
      int out = 0;
      for (int i = 0; i < SOCKETS; i++) {
        // Some ask one at a time: a resolver has a port for each query.
        QueryVector burst = bursts.get((round + i) % bursts.size());
        out += Math.max(0, sockets.get(i).send(burst, i % SINGLE == 0 ? 1 : BURST));
      }
      asked += out;
      answered += hear(sockets, bursts.getFirst(), out);
    }
    return answered;
  }

  private int hear(List<QuerySocket> sockets, QueryVector room, int out) {
    int heard = 0;
    for (int rests = 0; heard < out && rests < PATIENCE && !ended; rests++) {
      LockSupport.parkNanos(REST_NANOS);
      for (int i = 0; i < SOCKETS; i++) {
        int received = sockets.get(i).receive(room, BURST);
        if (received > 0) {
          heard += received;
          rests = 0;
        }
      }
    }
    return heard;
  }

  /** Addresses of the loopback network, every other one on the whitelist. */
  private static InetAddress source(int number) throws UnknownHostException {
    return InetAddress.getByAddress(new byte[] {127, 0, (byte) (number % 2), (byte) (1 + number)});
  }
}
