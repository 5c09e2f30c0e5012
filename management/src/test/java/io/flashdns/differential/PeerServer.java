package io.flashdns.differential;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Another name server, in a process of its own on a free port of the loopback interface. */
final class PeerServer implements NameServer {
  private static final int STOP_SECONDS = 10;

  private final String name;
  private final Process process;
  private final InetSocketAddress address;
  private final Path log;

  private PeerServer(String name, Process process, InetSocketAddress address, Path log) {
    this.name = name;
    this.process = process;
    this.address = address;
    this.log = log;
  }

  /** Knot; the Debian package is knot. */
  static PeerServer knot(World world, Path folder) throws IOException {
    Files.createDirectories(folder);
    // The control socket's path has to be short (107 octets), the checkout's may not be.
    Path runFolder = Files.createTempDirectory("knot");
    runFolder.toFile().deleteOnExit();
    InetSocketAddress address = freeAddress();
    StringBuilder config = new StringBuilder();
    config
        .append("server:\n  listen: 127.0.0.1@")
        .append(address.getPort())
        .append("\n  rundir: ")
        .append(quoted(runFolder))
        .append(
            "\n  udp-workers: 1\n  tcp-workers: 1\n  background-workers: 1\n  tcp-idle-timeout: 120\n")
        .append("  identity: \"\"\n  version: \"\"\n  nsid: \"")
        .append(NSID)
        .append("\"\n  udp-max-payload: 1232\n")
        .append("log:\n  - target: stderr\n    any: info\n")
        .append("database:\n  storage: ")
        .append(quoted(folder))
        .append("\ntemplate:\n  - id: default\n    storage: ")
        .append(quoted(folder))
        .append(
            "\n    semantic-checks: off\n    zonefile-sync: -1\n    zonefile-load: whole\n    journal-content: none\nzone:\n");
    for (ServedZone zone : world.zones()) {
      config
          .append("  - domain: ")
          .append(quoted(zone.apex()))
          .append("\n    file: ")
          .append(quoted(zone.file().toAbsolutePath()))
          .append('\n');
    }
    Path file = folder.resolve("knot.conf");
    Files.writeString(file, config);
    return start(
        "Knot",
        List.of(program("knotd"), "-c", file.toString()),
        address,
        folder.resolve("knot.log"));
  }

  /** NSD; the Debian package is nsd. */
  static PeerServer nsd(World world, Path folder) throws IOException {
    Files.createDirectories(folder);
    InetSocketAddress address = freeAddress();
    StringBuilder config = new StringBuilder();
    config
        .append("server:\n  ip-address: 127.0.0.1@")
        .append(address.getPort())
        .append(
            "\n  server-count: 1\n  username: \"\"\n  chroot: \"\"\n  database: \"\"\n  zonesdir: ")
        .append(quoted(folder))
        .append("\n  zonelistfile: ")
        .append(quoted(folder.resolve("zone.list")))
        .append("\n  xfrdfile: ")
        .append(quoted(folder.resolve("xfrd.state")))
        .append("\n  xfrdir: ")
        .append(quoted(folder))
        .append("\n  pidfile: ")
        .append(quoted(folder.resolve("nsd.pid")))
        .append("\n  hide-version: yes\n  hide-identity: yes\n  nsid: \"ascii_")
        .append(NSID)
        .append(
            "\"\n  ipv4-edns-size: 1232\n  tcp-count: 20\n  tcp-query-count: 0\n  tcp-timeout: 120\n")
        .append(
            "  rrl-ratelimit: 0\n  round-robin: no\n  refuse-any: no\n  minimal-responses: yes\n  zonefiles-check: no\n")
        .append("remote-control:\n  control-enable: no\n");
    for (ServedZone zone : world.zones()) {
      config
          .append("zone:\n  name: ")
          .append(quoted(zone.apex()))
          .append("\n  zonefile: ")
          .append(quoted(zone.file().toAbsolutePath()))
          .append('\n');
    }
    Path file = folder.resolve("nsd.conf");
    Files.writeString(file, config);
    return start(
        "NSD",
        List.of(program("nsd"), "-d", "-c", file.toString()),
        address,
        folder.resolve("nsd.log"));
  }

  static PeerServer start(String name, List<String> command, InetSocketAddress address, Path log)
      throws IOException {
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    // A test run that is ended from outside does not close its servers.
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
    return new PeerServer(name, process, address, log);
  }

  private static String quoted(Object value) {
    return "\"" + value + "\"";
  }

  /** True when a server's program is installed. */
  static boolean isInstalled(String program) {
    return !program(program).equals(program);
  }

  /**
   * The path of a program; its name alone where it was not found. Debian keeps servers where PATH
   * may not look.
   */
  static String program(String name) {
    String path = System.getenv().getOrDefault("PATH", "") + ":/usr/sbin:/usr/bin";
    return Stream.of(path.split(":"))
        .map(folder -> Path.of(folder.isEmpty() ? "." : folder, name))
        .filter(Files::isExecutable)
        .map(Path::toString)
        .findFirst()
        .orElse(name);
  }

  /** A port that is free for UDP and TCP now. */
  static InetSocketAddress freeAddress() throws IOException {
    while (true) {
      try (ServerSocket tcp = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
          DatagramSocket _ =
              new DatagramSocket(tcp.getLocalPort(), InetAddress.getLoopbackAddress())) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), tcp.getLocalPort());
      } catch (java.net.BindException _) {
        // Taken for UDP: try the next one.
      }
    }
  }

  boolean isRunning() {
    return process.isAlive();
  }

  /** The last lines of what the server said. */
  String lastWords() {
    try {
      List<String> lines = Files.readAllLines(log, StandardCharsets.ISO_8859_1);
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
    } catch (IOException e) {
      return "no log: " + e.getMessage();
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public InetSocketAddress address() {
    return address;
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException _) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
