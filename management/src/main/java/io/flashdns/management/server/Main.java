package io.flashdns.management.server;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.engine.Engine;
import io.flashdns.core.zone.Views;
import io.flashdns.management.client.ClientCommands;
import io.flashdns.management.operations.Health;
import io.flashdns.management.operations.OperationsServer;
import io.flashdns.transport.BackgroundThread;
import io.flashdns.transport.Transport;
import io.flashdns.transport.TransportException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The program {@code flashdns}. {@link #serve} is the life of a server: read the configuration,
 * open the store, serve what it holds, look at the zone files, open the ports, wait, and close all
 * of it in reverse.
 */
public final class Main {
  private Main() {}

  /** Runs one command and ends the process with its status: see {@code flashdns --help}. */
  public static void main(String[] arguments) {
    Locale.setDefault(Locale.ROOT); // what it prints is for programs too: 1,000 and 0.1 anywhere
    boolean isTraining = List.of(arguments).equals(List.of("warm-up", "--client"));
    if (isTraining || (arguments.length > 0 && ClientCommands.isCommand(arguments[0]))) {
      Logs.configureClient();
    } else {
      Logs.configure(Distribution.ofProcess());
    }
    System.exit(run(arguments, Terminal.ofProcess()));
  }

  /** Runs one command. What could not be printed is a failure, but for a server, which serves. */
  static int run(String[] arguments, Terminal terminal) {
    int status = command(arguments, terminal);
    boolean isServer = arguments.length > 0 && arguments[0].equals("serve");
    return status == RootCommand.OK && !isServer && terminal.hasLost()
        ? RootCommand.FAILED
        : status;
  }

  /** {@code serve} in its plain forms without picocli. */
  private static int command(String[] arguments, Terminal terminal) {
    ServeCommand serve = ServeArguments.read(arguments, terminal);
    if (serve != null) {
      try {
        return serve.call();
      } catch (ServeArguments.OutOfBoundsException _) {
        // Found before anything was started: picocli says it.
      } catch (InterruptedException | RuntimeException e) {
        return RootCommand.failed(e, terminal);
      }
    }
    return RootCommand.commandLine(terminal, arguments).execute(arguments);
  }

  /**
   * Serves until a signal.
   *
   * @param strict whether an error in a zone file stops the start
   * @return the exit status
   */
  static int serve(ServerOptions options, boolean strict, Terminal terminal)
      throws InterruptedException {
    long startNanos = System.nanoTime();
    ProcessSignals signals = ProcessSignals.install();
    Logger log = LoggerFactory.getLogger(Main.class); // not static: the log is configured in main
    Startup startup = new Startup(options, terminal);
    try {
      ServerConfig config = startup.config();
      PortProbe.refuseTaken(config.listen());
      PortProbe.refuseTaken(config.api());
      Rehearsal rehearsal = Rehearsal.begin(config);
      NameHash hash = options.nameHash(config);
      EngineLog events = new EngineLog(System::nanoTime);
      Health health = config.health();
      Views views = new Views();
      try (ZoneService zones = startup.open(config, hash, views);
          ManagementPlane plane =
              new ManagementPlane(config, zones, hash, options.dataFolder(config));
          Engine engine =
              Startup.engine(config, options.engine(config, hash).withViews(views), events)) {
        health.store(zones::health);
        plane.beforeServing();
        ZoneFolder folder = Startup.folder(zones);
        startup.serveStored(zones, folder, config, engine::publish);
        plane.join();
        Optional<ZoneLoad> loaded = startup.zoneFiles(zones, folder, config, strict, health);
        Startup.start(engine);
        ConfigInForce inForce = plane.layOver(engine);
        Reloader reloader =
            new Reloader(new ZoneReload(options, inForce, folder, zones, health, terminal));
        Rehearsal.end(rehearsal);
        try (Housekeeping _ = Housekeeping.start(engine, events, health);
            Transport transport = Transport.start(config.transport(), engine::newWorker);
            OperationsServer operations =
                Startup.operations(config.operations(), engine, health, zones, transport, plane)) {
          health.serving();
          BackgroundThread.lowerCompilers();
          reloader.start();
          signals.serving(reloader::request);
          terminal.print(
              new StartReport(
                      options, config, engine, transport, zones, inForce, loaded, operations)
                  .lines(startNanos));
          if (loaded.isEmpty() && options.readsZoneFiles(config)) {
            reloader.request();
          }
          Startup.warm(zones.index());
          plane.open();
          terminal.print(plane.lines());
          String signal = signals.awaitStop();
          health.draining();
          log.info("{}: draining", signal);
          reloader.stop();
          plane.drain(config.drainTimeout());
          transport.drain(config.drainTimeout());
        }
        log.info("stopped: {}", StartReport.counters(engine.counters()));
      }
      return RootCommand.OK;
    } catch (StartException e) {
      terminal.failure(e.reason());
    } catch (TransportException e) {
      terminal.failure(String.valueOf(e.getMessage()));
    }
    return RootCommand.FAILED;
  }
}
