package io.flashdns.bench.compare;

import io.flashdns.bench.compare.Contender.Site;
import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordClass;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * A server that was started for the comparison, on processors of its own, its output in a file.
 *
 * <p>Whatever ends this process in order ends all servers, see {@link #endAll}.
 */
final class ServerProcess implements AutoCloseable {
  private static final Set<ServerProcess> ALIVE = ConcurrentHashMap.newKeySet();
  private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(10);
  private static final long ORDERLY_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final int PROBE_MILLIS = 10;
  private static final int PROBE_ID = 0xf1a5;
  private static final int MOST_PORT = 60_000;

  private final Contender contender;
  private final Site site;
  private final Process process;
  private final Path log;
  private double readySeconds;

  private ServerProcess(Contender contender, Site site, Process process, Path log) {
    this.contender = contender;
    this.site = site;
    this.process = process;
    this.log = log;
  }

  /**
   * Starts a server and waits until it answers for the last of its zones.
   *
   * @param command what {@link Contender#prepare} gave
   * @param processors as taskset reads them
   */
  static ServerProcess start(
      Contender contender, Site site, List<String> command, String processors)
      throws IOException, CompareException, InterruptedException {
    Path log = site.folder().resolve("output.log");
    List<String> pinned = new ArrayList<>(List.of("taskset", "-c", processors));
    pinned.addAll(command);
    ProcessBuilder builder =
        new ProcessBuilder(pinned)
            .directory(site.folder().toFile())
            .redirectErrorStream(true)
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectOutput(log.toFile());
    builder.environment().putAll(contender.environment());
    long begin = System.nanoTime();
    ServerProcess server = new ServerProcess(contender, site, builder.start(), log);
    ALIVE.add(server);
    try {
      server.await(begin);
      return server;
    } catch (IOException | CompareException | InterruptedException e) {
      server.close();
      throw e;
    }
  }

  Contender contender() {
    return contender;
  }

  String title() {
    return contender.title();
  }

  InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), site.port());
  }

  List<Long> pids() {
    return List.of(process.pid());
  }

  /** From the start of the program to its first answer. */
  double readySeconds() {
    return readySeconds;
  }

  double residentMiB() {
    return ProcessTree.residentMiB(process.toHandle());
  }

  /** Throws when it has ended by itself. */
  void check() throws CompareException {
    if (!process.isAlive()) {
      throw new CompareException(
          "%s has ended with status %d, see %s".formatted(title(), process.exitValue(), log));
    }
  }

  private void await(long begin) throws IOException, CompareException, InterruptedException {
    byte[] query = probe(site.zones().probe());
    byte[] reply = new byte[4096];
    try (DatagramSocket socket =
        new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
      while (true) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        check();
        socket.send(new DatagramPacket(query, query.length, address()));
        long again = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PROBE_MILLIS);
        for (long left = again - System.nanoTime(); left > 0; left = again - System.nanoTime()) {
          socket.setSoTimeout((int) Math.max(1, TimeUnit.NANOSECONDS.toMillis(left)));
          DatagramPacket packet = new DatagramPacket(reply, reply.length);
          try {
            socket.receive(packet);
          } catch (SocketTimeoutException _) {
            continue;
          }
          if (isAnswer(reply, packet.getLength())) {
            readySeconds = (System.nanoTime() - begin) / 1e9;
            return;
          }
        }
        if (System.nanoTime() - begin > PATIENCE_NANOS) {
          throw new CompareException(
              "%s did not answer for zone %s within ten minutes, see %s"
                  .formatted(title(), site.zones().probe(), log));
        }
      }
    }
  }

  /** The query for the SOA record of a zone. */
  static byte[] probe(String apex) {
    byte[] query = new byte[Wire.HEADER_BYTES + Wire.MAX_NAME_BYTES + 4];
    Wire.put16(query, 0, PROBE_ID);
    Wire.put16(query, Wire.QDCOUNT, 1);
    int end = DomainName.parse(apex).writeTo(query, Wire.HEADER_BYTES);
    Wire.put16(query, end, RecordType.SOA);
    Wire.put16(query, end + 2, RecordClass.IN);
    return Arrays.copyOf(query, end + 4);
  }

  /** True for an authoritative answer to the probe. */
  static boolean isAnswer(byte[] reply, int length) {
    if (length < Wire.HEADER_BYTES || Wire.u16(reply, 0) != PROBE_ID) {
      return false;
    }
    int flags = Wire.u16(reply, Wire.FLAGS);
    return (flags & Wire.QR) != 0
        && (flags & Wire.AA) != 0
        && (flags & Wire.RCODE_MASK) == 0
        && Wire.u16(reply, Wire.ANCOUNT) > 0;
  }

  /** The first port from one on that nobody has, neither by UDP nor by TCP. */
  static int freePort(int from) throws CompareException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    for (int port = from; port < MOST_PORT; port++) {
      try (DatagramSocket udp = new DatagramSocket(null);
          ServerSocket tcp = new ServerSocket()) {
        udp.setReuseAddress(false);
        udp.bind(new InetSocketAddress(loopback, port));
        tcp.bind(new InetSocketAddress(loopback, port));
        return port;
      } catch (SocketException _) {
        // somebody has it
      } catch (IOException e) {
        throw new CompareException("no port could be tried: " + e.getMessage(), e);
      }
    }
    throw new CompareException("no port from " + from + " on is free; name another by --port");
  }

  /** Ends it by SIGTERM and, when that takes too long, by SIGKILL, with all that it started. */
  @Override
  public void close() {
    List<ProcessHandle> all = ProcessTree.of(process.toHandle());
    process.destroy();
    boolean interrupted = false;
    long deadline = System.nanoTime() + ORDERLY_NANOS;
    while (all.stream().anyMatch(ProcessHandle::isAlive)) {
      if (System.nanoTime() - deadline > 0) {
        all.forEach(ProcessHandle::destroyForcibly);
      }
      try {
        Thread.sleep(PROBE_MILLIS);
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    ALIVE.remove(this);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends what is left. */
  static void endAll() {
    for (ServerProcess server : List.copyOf(ALIVE)) {
      server.close();
    }
  }
}
