package io.flashdns.management.server;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.engine.Engine;
import io.flashdns.core.zone.Views;
import io.flashdns.management.operations.Health;
import io.flashdns.management.operations.OperationsServer;
import io.flashdns.transport.Transport;
import io.flashdns.transport.TransportException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The program {@code flashdns}. {@link #serve} is the life of a server: read the configuration,
 * load the zones, build the engine, open the ports, wait, and close all of it in reverse.
 */
public final class Main {
  private Main() {}

  /** Runs one command and ends the process with its status: see {@code flashdns --help}. */
  public static void main(String[] arguments) {
    Logs.configure(Distribution.ofProcess());
    System.exit(RootCommand.commandLine(Terminal.ofProcess()).execute(arguments));
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
      NameHash hash = options.nameHash(config);
      EngineLog events = new EngineLog(System::nanoTime);
      Health health = config.health();
      Views views = new Views();
      ZoneFolder folder = new ZoneFolder(hash, views, Runtime.getRuntime().availableProcessors());
      try (Engine engine =
          Startup.engine(config, options.engine(config, hash).withViews(views), events)) {
        Reloader reloader =
            new Reloader(new ZoneReload(options, config, folder, engine, health, terminal));
        ZoneLoad loaded = startup.zones(folder, config, strict);
        engine.publish(loaded.catalog());
        folder.tell(health, loaded);
        Startup.start(engine);
        try (Housekeeping _ = Housekeeping.start(engine, events, health);
            Transport transport = Transport.start(config.transport(), engine::newWorker);
            OperationsServer operations =
                Startup.operations(config.operations(), engine, health, transport)) {
          health.serving();
          reloader.start();
          signals.serving(reloader::request);
          terminal.print(
              new StartReport(options, config, engine, transport, loaded, operations)
                  .lines(startNanos));
          String signal = signals.awaitStop();
          health.draining();
          log.info("{}: draining", signal);
          reloader.stop();
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
