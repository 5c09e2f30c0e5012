package io.flashdns.management.server;

import io.flashdns.core.engine.Engine;
import io.flashdns.core.engine.EngineConfig;
import io.flashdns.core.engine.EngineEvents;
import io.flashdns.management.operations.Health;
import io.flashdns.management.operations.OperationsConfig;
import io.flashdns.management.operations.OperationsServer;
import io.flashdns.transport.Transport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The steps of a start that read what the user gave; each says all that is wrong before it ends.
 */
final class Startup {
  /** Octets of zone images from which the garbage of parsing is worth a collection. */
  private static final long WORTH_COLLECTING_BYTES = 4 << 20;

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
      OperationsConfig config, Engine engine, Health health, Transport transport)
      throws StartException {
    if (!config.enabled()) {
      return null;
    }
    try {
      return OperationsServer.open(
          config,
          engine,
          health,
          () -> TransportMetrics.of(transport.counters()),
          Distribution.version());
    } catch (IOException e) {
      throw new StartException(String.valueOf(e.getMessage()));
    }
  }

  /**
   * All zones. Only a folder that was named and is not there, a broken {@code tenants.yaml}, or
   * {@code strict} stops the start.
   */
  ZoneLoad zones(ZoneFolder folder, ServerConfig config, boolean strict)
      throws StartException, InterruptedException {
    ZoneLoad loaded = load(folder, options, config, terminal);
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
    if (loaded.imageBytes() > WORTH_COLLECTING_BYTES) {
      // Parsing leaves several times the size of the images as garbage, and grows the heap for it.
      // The
      // server itself allocates next to nothing, so that no collection would come for hours to give
      // that memory back. One now costs some milliseconds, and no query is waiting yet.
      System.gc();
    }
    return loaded;
  }

  /**
   * The first look at the zone files. That the distribution's own folder is missing is no error.
   */
  static ZoneLoad load(
      ZoneFolder folder, ServerOptions options, ServerConfig config, Terminal terminal)
      throws InterruptedException {
    Path path = options.zoneFolder(config);
    if (!options.isZoneFolderNamed(config) && Files.notExists(path)) {
      ZoneLoad empty = folder.load(List.of(), config.zones().limits());
      empty.problems().add(Problem.warning(path, "there is no such folder: give one by --zones"));
      return empty;
    }
    LoadProgress progress = new LoadProgress(terminal, System::nanoTime);
    ZoneLoad loaded = folder.load(path, config.zones(), progress);
    progress.end();
    return loaded;
  }
}
