package io.flashdns.management.server;

import io.flashdns.core.engine.Engine;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One reload: reads the configuration and the changed zone files again and publishes the new
 * catalog in one store. Queries go on meanwhile; each is answered from the one catalog or the
 * other.
 *
 * <p>Of the configuration only the section {@code zones} takes effect. A configuration with errors
 * is not taken at all; the zone files are read with the settings in force then.
 */
final class ZoneReload implements Reloader.Reload {
  private static final Logger log = LoggerFactory.getLogger(ZoneReload.class);
  private static final String RELOADABLE = "zones.";

  private final ServerOptions options;
  private final ZoneFolder folder;
  private final Engine engine;
  private final Terminal terminal;
  private ServerConfig inForce;

  /**
   * @param inForce the configuration that the server was started with
   * @param folder already loaded once
   */
  ZoneReload(
      ServerOptions options,
      ServerConfig inForce,
      ZoneFolder folder,
      Engine engine,
      Terminal terminal) {
    this.options = options;
    this.inForce = inForce;
    this.folder = folder;
    this.engine = engine;
    this.terminal = terminal;
  }

  @Override
  public void run() throws InterruptedException {
    takeConfig();
    LoadProgress progress = new LoadProgress(terminal, System::nanoTime);
    ZoneLoad loaded = folder.load(options.zoneFolder(inForce), inForce.zones().limits(), progress);
    progress.end();
    engine.publish(loaded.catalog());
    terminal.problems(loaded.problems());
    if (loaded.folderWasRead()) {
      log.info(
          "reloaded: {} zones served; {} added, {} changed, {} removed, {} kept in an older version for errors;"
              + " {} files read in {} ms",
          loaded.zones().size(),
          loaded.added(),
          loaded.changed(),
          loaded.removed(),
          loaded.kept(),
          loaded.filesRead(),
          loaded.millis());
    } else {
      log.warn("reload failed: all {} zones stay as they were", loaded.zones().size());
    }
  }

  private void takeConfig() {
    List<Problem> problems = new ArrayList<>();
    ServerConfig now = options.read(problems::add);
    terminal.problems(problems);
    if (problems.stream().anyMatch(Problem::isError)) {
      log.warn("the configuration has errors and is not taken; the one in force stays");
      return;
    }
    List<String> needRestart =
        ConfigChanges.between(inForce, now).stream()
            .filter(key -> !key.startsWith(RELOADABLE))
            .toList();
    if (!needRestart.isEmpty()) {
      log.warn("changed, but needs a restart to take effect: {}", String.join(", ", needRestart));
    }
    inForce = inForce.withZones(now.zones());
  }
}
