package io.flashdns.management.server;

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
 * nor is one whose plugins cannot be made or started. Sections that stand in the store go on in the
 * place of the file's ({@link ConfigInForce}). The zone files are read in any case, with the
 * settings in force then.
 */
final class ZoneReload implements Reloader.Reload {
  private static final Logger log = LoggerFactory.getLogger(ZoneReload.class);

  private final ServerOptions options;
  private final ZoneFolder folder;
  private final ZoneService service;
  private final ConfigInForce inForce;
  private final Health health;
  private final Terminal terminal;

  ZoneReload(
      ServerOptions options,
      ConfigInForce inForce,
      ZoneFolder folder,
      ZoneService service,
      Health health,
      Terminal terminal) {
    this.options = options;
    this.inForce = inForce;
    this.folder = folder;
    this.service = service;
    this.health = health;
    this.terminal = terminal;
  }

  @Override
  public void run() throws InterruptedException {
    takeConfig();
    ServerConfig config = inForce.file();
    if (!options.readsZoneFiles(config)) {
      return;
    }
    LoadProgress progress = new LoadProgress(terminal, System::nanoTime);
    ZoneLoad loaded = folder.load(options.zoneFolder(config), config.zones(), progress);
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
    ServerConfig before = inForce.file();
    if (!take(now)) {
      return;
    }
    List<String> needRestart =
        ConfigChanges.between(before, now).stream()
            .filter(key -> !ServerConfig.isReloadable(key))
            .toList();
    if (!needRestart.isEmpty()) {
      log.warn("changed, but needs a restart to take effect: {}", String.join(", ", needRestart));
    }
    options.taken(inForce.file());
  }

  private boolean take(ServerConfig now) {
    boolean isChanged;
    try {
      isChanged = inForce.takeFile(now);
    } catch (RuntimeException | Error e) {
      log.warn(
          "the plugins cannot be changed, so the configuration is not taken; plugins and settings in force stay,"
              + " zone files are read: {}",
          Faults.said(Faults.contained(e)));
      return false;
    }
    if (isChanged) {
      log.info("plugins now: {}", String.join(", ", inForce.pipeline().names()));
    }
    List<String> shared = inForce.shared();
    if (!shared.isEmpty()) {
      log.info(
          "in the place of the file's, the store's settings go on: {}", String.join(", ", shared));
    }
    return true;
  }
}
