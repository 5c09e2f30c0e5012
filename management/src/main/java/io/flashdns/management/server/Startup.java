package io.flashdns.management.server;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.engine.Engine;
import io.flashdns.core.engine.EngineConfig;
import io.flashdns.core.engine.EngineEvents;
import io.flashdns.core.engine.Metric;
import io.flashdns.core.index.RecordIndex;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.Views;
import io.flashdns.management.operations.Health;
import io.flashdns.management.operations.OperationsConfig;
import io.flashdns.management.operations.OperationsServer;
import io.flashdns.transport.Transport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The steps of a start that read what the user gave; each says all that is wrong before it ends.
 */
final class Startup {
  /** Records read from files from which the garbage of parsing is worth a collection. */
  private static final long WORTH_COLLECTING_RECORDS = 40_000;

  /** With more zones than this in the store the zone files are looked at while it serves. */
  private static final long MANY_ZONES = 10_000;

  private final ServerOptions options;
  private final Terminal terminal;

  Startup(ServerOptions options, Terminal terminal) {
    this.options = options;
    this.terminal = terminal;
  }

  /** The configuration, whole and valid. */
  ServerConfig config() throws StartException {
    List<Problem> problems = new ArrayList<>();
    ServerConfig config = options.read(problems::add);
    if (problems.stream().noneMatch(Problem::isError)) {
      // Whoever opens the doors tells the warnings, at a start and whenever a file has changed.
      ApiFiles.problems(config, options.file()).stream()
          .filter(Problem::isError)
          .forEach(problems::add);
      problems.addAll(StoreFiles.problems(config, options.file()));
    }
    terminal.problems(problems);
    if (problems.stream().anyMatch(Problem::isError)) {
      throw new StartException("the configuration has errors, nothing was started");
    }
    return config;
  }

  /** The engine with its plugins, made but not started. */
  static Engine engine(ServerConfig config, EngineConfig engine, EngineEvents events)
      throws StartException {
    try {
      return new Engine(engine, config.plugins().bindings(), events);
    } catch (RuntimeException | Error e) {
      // A plugin says so that its configuration will not do, or that it cannot work here.
      throw new StartException(
          "the plugins cannot be started: " + Faults.said(Faults.contained(e)));
    }
  }

  /** The phases and the plugins in them, a line each. */
  static String describe(Engine engine) throws StartException {
    try {
      return engine.describePipeline();
    } catch (RuntimeException | Error e) {
      throw new StartException(
          "the plugins do not say what they take part in: " + Faults.said(Faults.contained(e)));
    }
  }

  /** Starts the plugins. */
  static void start(Engine engine) throws StartException {
    try {
      engine.start();
    } catch (RuntimeException | Error e) {
      throw new StartException(
          "the plugins cannot be started: " + Faults.said(Faults.contained(e)));
    }
  }

  /** The endpoint for metrics and health; null when the configuration has none. */
  static @Nullable OperationsServer operations(
      OperationsConfig config,
      Engine engine,
      Health health,
      ZoneService zones,
      Transport transport,
      ManagementPlane plane)
      throws StartException {
    if (!config.enabled()) {
      return null;
    }
    try {
      return OperationsServer.open(
          config,
          engine,
          health,
          () -> {
            List<Metric> metrics = new ArrayList<>(TransportMetrics.of(transport.counters()));
            metrics.addAll(StoreMetrics.of(zones));
            metrics.addAll(plane.metrics());
            return metrics;
          },
          Distribution.version());
    } catch (IOException e) {
      throw new StartException(String.valueOf(e.getMessage()));
    }
  }

  /** The zones of the data folder; without one they are in memory alone. */
  ZoneService open(ServerConfig config, NameHash hash, Views views) throws StartException {
    Path data = options.dataFolder(config).orElse(null);
    return ZoneService.open(data, config, hash, views, true);
  }

  /** The zone files, whose zones go into the store. */
  static ZoneFolder folder(ZoneService zones) {
    ZoneLedger ledger =
        new StoreLedger(
            zones.store(), (TenantsFile settings) -> zones.tenants(settings), zones::catchUp);
    return new ZoneFolder(ledger, ParallelReading.threads());
  }

  /**
   * Makes what the store holds what is served. Who is suspended is known first: a broken {@code
   * tenants.yaml} stops the start.
   */
  void serveStored(
      ZoneService zones, ZoneFolder folder, ServerConfig config, Consumer<Catalog> publish)
      throws StartException, InterruptedException {
    List<Problem> problems = new ArrayList<>();
    TenantsFile tenants = folder.tenants(options.zoneFolder(config), config.zones(), problems);
    if (tenants == null) {
      terminal.problems(problems);
      throw new StartException(
          TenantsFile.NAME
              + " has errors and says who is suspended: without it nothing is served, nothing was"
              + " started");
    }
    zones.tenants(tenants);
    try {
      zones.start(publish);
    } catch (StoreException e) {
      throw new StartException(String.valueOf(e.getMessage()));
    }
  }

  /**
   * The first look at the zone files, before a port is open. Only a folder that was named and is
   * not there, a broken {@code tenants.yaml}, or {@code strict} stops the start.
   *
   * @return empty when none are read, or the store has so many zones that they are not to wait for
   *     their files: these are looked at while it serves
   */
  Optional<ZoneLoad> zoneFiles(
      ZoneService zones, ZoneFolder folder, ServerConfig config, boolean strict, Health health)
      throws StartException, InterruptedException {
    if (!options.readsZoneFiles(config) || (!strict && zones.catalog().size() > MANY_ZONES)) {
      health.zones(true, List.of(), List.of());
      return Optional.empty();
    }
    ZoneLoad loaded = load(folder, config);
    terminal.problems(loaded.problems());
    if (strict && loaded.hasErrors()) {
      throw new StartException(
          "zone files have errors and --strict was given, nothing was started");
    }
    if (loaded.tenantsAreBroken()) {
      throw new StartException(
          TenantsFile.NAME
              + " has errors and says who is suspended: without it nothing is served, nothing was"
              + " started");
    }
    if (!loaded.folderWasRead() && options.isZoneFolderNamed(config)) {
      throw new StartException("the folder of zones cannot be read, nothing was started");
    }
    folder.tell(health, loaded);
    if (loaded.records() > WORTH_COLLECTING_RECORDS) {
      // Parsing leaves several times the size of the images as garbage, and grows the heap for it.
      // The server itself allocates next to nothing, so that no collection would come for hours to
      // give that memory back. One now costs some milliseconds, and no query is waiting yet.
      System.gc();
    }
    return Optional.of(loaded);
  }

  /** That the distribution's own folder is missing is no error. */
  private ZoneLoad load(ZoneFolder folder, ServerConfig config) throws InterruptedException {
    Path path = options.zoneFolder(config);
    if (!options.isZoneFolderNamed(config) && Files.notExists(path)) {
      List<Problem> problems = new ArrayList<>();
      problems.add(Problem.warning(path, "there is no such folder: give one by --zones"));
      return new ZoneLoad(true, false, problems, 0, 0, 0, 0, 0, 0, 0);
    }
    LoadProgress progress = new LoadProgress(terminal, System::nanoTime);
    ZoneLoad loaded = folder.load(path, config.zones(), progress);
    progress.end();
    return loaded;
  }

  /** Brings images into memory while queries are answered already. */
  static void warm(RecordIndex index) {
    index.warm();
  }
}
