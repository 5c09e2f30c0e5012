package io.flashdns.management.server;

import io.flashdns.core.engine.Engine;
import io.flashdns.core.engine.EngineCounters;
import io.flashdns.core.engine.PluginBinding;
import io.flashdns.core.index.IndexState;
import io.flashdns.core.index.RecordIndex;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.zone.Views;
import io.flashdns.management.etcd.EtcdStore;
import io.flashdns.management.operations.OperationsServer;
import io.flashdns.transport.Transport;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What a server says of itself once it serves, and at the end. */
final class StartReport {
  private static final int ZONES_LOOKED_AT = 1_000;

  /** What a zone takes in the catalog, its image apart: 112 to 120 octets, and its slot. */
  private static final int HEAP_BYTES_A_ZONE = 144;

  /** Everything else that lives, and garbage between two collections. */
  private static final long HEAP_SPARE_BYTES = 88L << 20;

  private final ServerOptions options;
  private final ServerConfig config;
  private final Engine engine;
  private final Transport transport;
  private final ZoneService zones;
  private final ConfigInForce inForce;
  private final Optional<ZoneLoad> loaded;
  private final @Nullable OperationsServer operations;

  StartReport(
      ServerOptions options,
      ServerConfig config,
      Engine engine,
      Transport transport,
      ZoneService zones,
      ConfigInForce inForce,
      Optional<ZoneLoad> loaded,
      @Nullable OperationsServer operations) {
    this.options = options;
    this.config = config;
    this.engine = engine;
    this.transport = transport;
    this.zones = zones;
    this.inForce = inForce;
    this.loaded = loaded;
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
    lines.addAll(inForce.lines());
    for (InetSocketAddress address : addresses) {
      lines.add("listening  " + ListenAddress.text(address) + " UDP and TCP");
    }
    lines.add("transport  " + transport.description());
    if (operations != null) {
      lines.add("operations " + operations.url());
    }
    lines.addAll(stored());
    lines.add(
        "ready      after %,d ms"
            .formatted(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos)));
    if (zones.catalog().size() == 0) {
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

  /** Counts alone: there may be millions of zones. */
  private List<String> stored() {
    List<String> lines = new ArrayList<>();
    Path data = options.dataFolder(config).orElse(null);
    lines.add(
        data == null
            ? "store      in memory, for no data folder can be used: changes end with the process"
            : "store      " + data.resolve(ZoneService.STORE) + shared());
    lines.add(
        "zones      %,d at revision %,d of the store"
            .formatted(zones.catalog().size(), zones.appliedRevision()));
    if (options.readsZoneFiles(config)) {
      lines.add(files());
    }
    String hint = heapHint(zones.index().state(), Runtime.getRuntime().maxMemory(), config.index());
    if (!hint.isEmpty()) {
      lines.add("hint       " + hint);
    }
    return lines;
  }

  private String shared() {
    return zones.store() instanceof EtcdStore store
        ? ", a copy of %s at group %,d".formatted(store.url(), store.position().sequence())
        : "";
  }

  private String files() {
    Path folder = options.zoneFolder(config);
    return loaded
        .map(
            load ->
                "folder     %s: %,d files with %,d records read in %,d ms; %,d zones added, %,d changed, %,d removed"
                    .formatted(
                        folder,
                        load.filesRead(),
                        load.records(),
                        load.millis(),
                        load.added(),
                        load.changed(),
                        load.removed()))
        .orElse("folder     " + folder + " is looked at from now on");
  }

  /**
   * What to do about a heap that may grow far beyond the index: images that were given up are
   * garbage, and the JVM collects it when the heap is full and not before. Empty when all is well.
   */
  static String heapHint(IndexState index, long maxHeapBytes, IndexConfig config) {
    long wanted = (index.maxBytes() + index.zones() * HEAP_BYTES_A_ZONE + HEAP_SPARE_BYTES) >> 20;
    boolean isAllResident =
        index.imageBytes() + index.zones() * RecordIndex.ZONE_BYTES <= index.maxBytes();
    if (config.memory().isEmpty() || isAllResident || maxHeapBytes >> 20 <= wanted * 5 / 4) {
      return "";
    }
    return "images of zones take %,d MiB and index.memory is %,d MiB, so they come and go, and the heap may grow to %,d MiB before it is collected: -Xmx%dm in conf/jvm.options is enough"
        .formatted(index.imageBytes() >> 20, index.maxBytes() >> 20, maxHeapBytes >> 20, wanted);
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

  /** The first name that a shell takes as it is, of the zones that the store gives first. */
  private String name() {
    try (StoreSnapshot snapshot = zones.store().snapshot()) {
      return snapshot.zones(0, ZONES_LOOKED_AT).stream()
          .map(zone -> zone.settings().key())
          .filter(key -> key.view().equals(Views.PUBLIC_NAME))
          .map(ZoneKey::apex)
          .sorted()
          .map(Object::toString)
          .filter(name -> name.matches("[A-Za-z0-9._-]+"))
          .filter(name -> !name.endsWith(".arpa."))
          .findFirst()
          .orElse(".");
    } catch (StoreException _) {
      return ".";
    }
  }

  private static String reachable(InetAddress address) {
    if (!address.isAnyLocalAddress()) {
      return ListenAddress.text(address);
    }
    return address.getAddress().length == 4 ? "127.0.0.1" : "::1";
  }
}
