package io.flashdns.management.server;

import io.flashdns.core.engine.Engine;
import io.flashdns.management.operations.Health;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One reload: reads the configuration again, changes the pipeline, and commits what has changed in
 * the zone files; whoever follows the store publishes it. Queries go on meanwhile; each is answered
 * from the one catalog or the other, and by the one pipeline or the other.
 *
 * <p>Of the configuration the zones and the plugins take effect ({@link
 * ServerConfig#isReloadable}), together or not at all: a configuration with errors is not taken,
 * nor is one whose plugins cannot be made or started. The zone files are read in any case, with the
 * settings in force then.
 */
final class ZoneReload implements Reloader.Reload {
  private static final Logger log = LoggerFactory.getLogger(ZoneReload.class);

  private final ServerOptions options;
  private final ZoneFolder folder;
  private final ZoneService service;
  private final Engine engine;
  private final Health health;
  private final Terminal terminal;
  private ServerConfig inForce;

  /**
   * @param inForce the configuration that the server was started with
   */
  ZoneReload(
      ServerOptions options,
      ServerConfig inForce,
      ZoneFolder folder,
      ZoneService service,
      Engine engine,
      Health health,
      Terminal terminal) {
    this.options = options;
    this.inForce = inForce;
    this.folder = folder;
    this.service = service;
    this.engine = engine;
    this.health = health;
    this.terminal = terminal;
  }

  @Override
  public void run() throws InterruptedException {
    takeConfig();
    if (!options.readsZoneFiles(inForce)) {
      return;
    }
    LoadProgress progress = new LoadProgress(terminal, System::nanoTime);
    ZoneLoad loaded = folder.load(options.zoneFolder(inForce), inForce.zones(), progress);
    progress.end();
    folder.tell(health, loaded);
    terminal.problems(loaded.problems());
    if (loaded.folderWasRead()) {
      log.info(
          "reloaded: {} zones served; {} added, {} changed, {} removed, {} kept in an older version for errors;"
              + " {} files read in {} ms",
          service.catalog().size(),
          loaded.added(),
          loaded.changed(),
          loaded.removed(),
          loaded.kept(),
          loaded.filesRead(),
          loaded.millis());
    } else {
      log.warn("reload failed: all {} zones stay as they were", service.catalog().size());
    }
  }

  private void takeConfig() {
    List<Problem> problems = new ArrayList<>();
    ServerConfig now = options.read(problems::add);
    terminal.problems(problems);
    if (problems.stream().anyMatch(Problem::isError)) {
      log.warn(
          "the configuration has errors and is not taken; plugins and settings in force stay, zone files are read");
      return;
    }
    if (!now.plugins().equals(inForce.plugins()) && !takePlugins(now.plugins())) {
      return;
    }
    List<String> needRestart =
        ConfigChanges.between(inForce, now).stream()
            .filter(key -> !ServerConfig.isReloadable(key))
            .toList();
    if (!needRestart.isEmpty()) {
      log.warn("changed, but needs a restart to take effect: {}", String.join(", ", needRestart));
    }
    inForce = inForce.reloaded(now);
    options.taken(inForce);
  }

  private boolean takePlugins(Pipeline plugins) {
    try {
      engine.replacePlugins(plugins.bindings());
    } catch (RuntimeException | Error e) {
      log.warn(
          "the plugins cannot be changed, so the configuration is not taken; plugins and settings in force stay,"
              + " zone files are read: {}",
          Faults.said(Faults.contained(e)));
      return false;
    }
    log.info("plugins now: {}", String.join(", ", plugins.names()));
    return true;
  }
}
