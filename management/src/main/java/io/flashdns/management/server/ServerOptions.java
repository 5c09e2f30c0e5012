package io.flashdns.management.server;

import io.flashdns.core.dns.NameHash;
import io.flashdns.transport.IoBackend;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The options that {@code serve} and {@code check} share, and the configuration they amount to: the
 * command line wins over the file, the file over the defaults.
 */
final class ServerOptions {
  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = {
        "Configuration file. Without it conf/flashdns.yaml of the distribution is read, if there is"
            + " one, else the defaults hold."
      })
  private @Nullable Path configFile;

  @Option(
      names = {"-z", "--zones"},
      paramLabel = "DIR",
      description = {
        "Folder of zone files: every *.zone directly in it is served; hidden files and folders in it"
            + " are not read. Without it: the zones folder of the distribution."
      })
  private @Nullable Path zones;

  @Option(
      names = {"-l", "--listen"},
      paramLabel = "ADDR:PORT",
      description = {
        "Address to listen on, UDP and TCP; may be given several times: 127.0.0.1:5353, [::1]:53, or"
            + " an address alone for port 53. 0.0.0.0 and [::] stand for all addresses. Names are"
            + " refused. Port 0 takes a free one. Default: 127.0.0.1:5353."
      })
  private @Nullable List<InetSocketAddress> listen;

  @Option(
      names = {"-w", "--workers"},
      paramLabel = "N",
      description = "Event loops, 0 to 1024. Default: 0, one for each processor.")
  private @Nullable Integer workers;

  @Option(
      names = "--io",
      paramLabel = "auto|ffm|epoll|io_uring|nio",
      description = "How packets are read and written. Default: auto, the fastest that works here.")
  private @Nullable IoBackend io;

  @Option(
      names = {"-d", "--data"},
      paramLabel = "DIR",
      description = {
        "Folder of the server's own files, made with mode 0700 when it is not there. Without it: the"
            + " data folder of the distribution, if that may be written."
      })
  private @Nullable Path data;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  private final Distribution distribution = Distribution.ofProcess();

  /** The configuration file that counts, or null when there is none. */
  @Nullable Path file() {
    return configFile == null ? distribution.configFile() : configFile;
  }

  /**
   * Reads the configuration anew.
   *
   * @param problems takes what is wrong in the file; after an error the value is of no use
   * @throws ParameterException when an option is out of its bounds
   */
  ServerConfig read(Consumer<Problem> problems) {
    Path path = file();
    ServerConfig config = path == null ? ServerConfig.defaults() : readFile(path, problems);
    try {
      return overlay(config);
    } catch (IllegalArgumentException e) {
      // The file's own values were taken, so it is an option that is out of bounds.
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  /** What the file alone amounts to. */
  static ServerConfig readFile(Path path, Consumer<Problem> problems) {
    ServerConfig defaults = ServerConfig.defaults();
    ConfigFile file = new ConfigFile(path, problems);
    ConfigNode.Section section = file.read();
    Path folder = path.toAbsolutePath().getParent();
    if (section == null || folder == null) {
      return defaults;
    }
    ConfigBinder binder = new ConfigBinder(file, folder);
    PluginRegistry plugins = PluginRegistry.builtIn();
    binder.understand(Pipeline.class, (node, key) -> plugins.bind(node, key, file, binder));
    return binder.bind(section, defaults);
  }

  /** The folder of zone files. */
  Path zoneFolder(ServerConfig config) {
    return config.zones().folder().orElseGet(distribution::zones);
  }

  /** True when somebody named the folder, so that its absence is a mistake. */
  boolean isZoneFolderNamed(ServerConfig config) {
    return config.zones().folder().isPresent();
  }

  /**
   * The hash of all names: from the data folder's secret, or from a secret for this run alone when
   * no folder was named and the distribution's may not be written.
   */
  NameHash nameHash(ServerConfig config) throws StartException {
    SecureRandom random = new SecureRandom();
    Path folder = config.data().orElseGet(distribution::data);
    DataFolder data = new DataFolder(folder, random);
    boolean stored = config.data().isPresent() || (distribution.isInstalled() && data.isUsable());
    return new NameHash(stored ? data.seed() : random.nextLong());
  }

  /** What {@link #nameHash} would refuse, without making anything. */
  void checkData(ServerConfig config) throws StartException {
    Path folder = config.data().orElseGet(distribution::data);
    if (config.data().isPresent() || distribution.isInstalled()) {
      new DataFolder(folder, new SecureRandom()).check();
    }
  }

  private ServerConfig overlay(ServerConfig file) {
    ZonesConfig zonesConfig =
        zones == null ? file.zones() : file.zones().withFolder(zones.toAbsolutePath().normalize());
    return new ServerConfig(
        listen == null ? file.listen() : listen,
        workers == null ? file.workers() : workers,
        io == null ? file.io() : io,
        data == null ? file.data() : Optional.of(data.toAbsolutePath().normalize()),
        file.nsid(),
        file.drainTimeout(),
        zonesConfig,
        file.udp(),
        file.tcp(),
        file.plugins());
  }
}
