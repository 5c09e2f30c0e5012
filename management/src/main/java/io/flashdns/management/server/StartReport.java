package io.flashdns.management.server;

import io.flashdns.core.engine.Engine;
import io.flashdns.core.engine.EngineCounters;
import io.flashdns.core.engine.PluginBinding;
import io.flashdns.core.zone.Zone;
import io.flashdns.management.operations.OperationsServer;
import io.flashdns.transport.Transport;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What a server says of itself once it serves, and at the end. */
final class StartReport {
  private final ServerOptions options;
  private final ServerConfig config;
  private final Engine engine;
  private final Transport transport;
  private final ZoneLoad zones;
  private final @Nullable OperationsServer operations;

  StartReport(
      ServerOptions options,
      ServerConfig config,
      Engine engine,
      Transport transport,
      ZoneLoad zones,
      @Nullable OperationsServer operations) {
    this.options = options;
    this.config = config;
    this.engine = engine;
    this.transport = transport;
    this.zones = zones;
    this.operations = operations;
  }

  /**
   * The lines to print.
   *
   * @param startNanos when the start began, by {@link System#nanoTime}
   */
  List<String> lines(long startNanos) throws StartException {
    List<InetSocketAddress> addresses = transport.addresses();
    List<String> lines = new ArrayList<>();
    lines.add(
        "flashdns %s, pid %d, %s"
            .formatted(
                Distribution.version(), ProcessHandle.current().pid(), VersionCommand.platform()));
    Path file = options.file();
    lines.add("config     " + (file == null ? "none, all defaults" : file));
    lines.addAll(pipeline(Startup.describe(engine)));
    lines.addAll(folders(config.plugins()));
    for (InetSocketAddress address : addresses) {
      lines.add("listening  " + ListenAddress.text(address) + " UDP and TCP");
    }
    lines.add("transport  " + transport.description());
    if (operations != null) {
      lines.add("operations " + operations.url());
    }
    lines.add(
        "zones      %,d with %,d records from %s, read in %,d ms"
            .formatted(
                zones.zones().size(), zones.records(), options.zoneFolder(config), zones.millis()));
    lines.add(
        "ready      after %,d ms"
            .formatted(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos)));
    if (zones.zones().isEmpty()) {
      lines.add("warning    no zone is loaded: every query is answered REFUSED");
      addresses.stream()
          .filter(address -> !address.getAddress().isLoopbackAddress())
          .findFirst()
          .ifPresent(
              address ->
                  lines.add(
                      "hint       "
                          + ListenAddress.text(address)
                          + " is heard beyond this machine, with nothing to answer"));
    } else {
      lines.add("try        " + digLine(addresses.getFirst()));
    }
    return lines;
  }

  /** The engine's description, a line for each phase. */
  static List<String> pipeline(String description) {
    List<String> lines = new ArrayList<>();
    String heading = "pipeline   ";
    for (String line : description.lines().toList()) {
      lines.add(heading + line);
      heading = "           ";
    }
    return lines;
  }

  /** Where the plugins come from that are not built in, a line each. */
  static List<String> folders(Pipeline pipeline) {
    List<String> lines = new ArrayList<>();
    for (PluginBinding<?> binding : pipeline.bindings()) {
      PluginJars jars = PluginLoader.jarsOf(binding.factory());
      if (jars != null) {
        lines.add(
            "plugin     "
                + jars.name()
                + " from "
                + jars.folder()
                + ": "
                + String.join(", ", jars.digests().keySet()));
      }
    }
    return lines;
  }

  /** What was done, for the closing line. */
  static String counters(EngineCounters counters) {
    return "%,d queries by UDP, %,d by TCP; %,d replies, %,d truncated, %,d malformed, %,d dropped, %,d faults of plugins"
        .formatted(
            counters.udpQueries(),
            counters.tcpQueries(),
            counters.replies(),
            counters.truncated(),
            counters.malformed(),
            counters.dropped(),
            counters.faults());
  }

  private String digLine(InetSocketAddress listen) {
    return "dig @%s -p %d %s SOA"
        .formatted(reachable(listen.getAddress()), listen.getPort(), name());
  }

  /** The first name that a shell takes as it is. */
  private String name() {
    return zones.zones().stream()
        .map(Zone::apex)
        .map(Object::toString)
        .filter(name -> name.matches("[A-Za-z0-9._-]+"))
        .filter(name -> !name.endsWith(".arpa."))
        .findFirst()
        .orElse(".");
  }

  private static String reachable(InetAddress address) {
    if (!address.isAnyLocalAddress()) {
      return ListenAddress.text(address);
    }
    return address.getAddress().length == 4 ? "127.0.0.1" : "::1";
  }
}
