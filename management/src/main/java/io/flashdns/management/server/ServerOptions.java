package io.flashdns.management.server;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.engine.EngineConfig;
import io.flashdns.management.etcd.EtcdConfig;
import io.flashdns.management.grpc.ApiConfig;
import io.flashdns.transport.IoBackend;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
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
        "Folder of zone files: every *.zone directly in it is served; hidden files are not read,"
            + " and folders in it only with zones.tenants. Without it: the zones folder of the"
            + " distribution."
      })
  private @Nullable Path zones;

  @Option(
      names = {"-l", "--listen"},
      paramLabel = "ADDR:PORT",
      description = {
        "Address to listen on, UDP and TCP; may be given several times: 127.0.0.1:5353, [::1]:53,"
            + " or an address alone for port 53. 0.0.0.0 and [::] stand for all addresses. Names"
            + " are refused. Port 0 takes a free one. Default: 127.0.0.1:5353."
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
        "Folder of the server's own files, made with mode 0700 when it is not there. Without it:"
            + " the data folder of the distribution, if that may be written."
      })
  private @Nullable Path data;

  @Option(
      names = "--store",
      paramLabel = "URL",
      description = {
        "Where zones and records are kept: etcd://HOST:PORT,HOST:PORT/PREFIX for a store that many"
            + " nodes share, or embedded for this node's own. User and certificates for etcd stand"
            + " in the configuration file. Default: embedded."
      })
  private @Nullable String store;

  @Option(
      names = "--index-memory",
      paramLabel = "SIZE",
      description = {
        "Memory for zones, such as 256MiB; those for which there is no room are read from the data"
            + " folder when they are asked for. Default: half of the heap."
      })
  private @Nullable MemorySize indexMemory;

  @Option(
      names = "--plugins",
      paramLabel = "DIR",
      description = {
        "Folder of plugins that did not come with the server: DIR/NAME/*.jar is the plugin NAME,"
            + " which runs when the configuration names it. Without it: the plugins folder of the"
            + " distribution."
      })
  private @Nullable Path plugins;

  @Option(
      names = "--operations",
      paramLabel = "ADDR:PORT",
      description = {
        "Loopback address and TCP port of metrics and health. Port 0 takes a free one. Default:"
            + " 127.0.0.1:9533."
      })
  private @Nullable InetSocketAddress operations;

  @Option(
      names = "--api",
      paramLabel = "ADDR:PORT",
      description = {
        "Address and TCP port of the API by gRPC. Port 0 takes a free one. Default: 127.0.0.1:8053."
      })
  private @Nullable InetSocketAddress api;

  @Option(
      names = "--api-json",
      paramLabel = "ADDR:PORT",
      description = {
        "Address and TCP port of the API as JSON over HTTP. Port 0 takes a free one. Default:"
            + " 127.0.0.1:8054."
      })
  private @Nullable InetSocketAddress apiJson;

  /** Null when it was not picocli that read the arguments. */
  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec spec;

  private final Distribution distribution = Distribution.ofProcess();
  private final PluginLoader loader = new PluginLoader();

  /**
   * Takes one option as it was written, for {@link ServeArguments}.
   *
   * @return false when it is unknown, or was given before and may not be given twice
   * @throws IllegalArgumentException when the value cannot be understood
   */
  boolean take(String name, String value) {
    boolean isNew =
        switch (name) {
          case "-c", "--config" -> configFile == null;
          case "-z", "--zones" -> zones == null;
          case "-l", "--listen" -> true;
          case "-w", "--workers" -> workers == null;
          case "--io" -> io == null;
          case "-d", "--data" -> data == null;
          case "--store" -> store == null;
          case "--index-memory" -> indexMemory == null;
          case "--plugins" -> plugins == null;
          case "--operations" -> operations == null;
          case "--api" -> api == null;
          case "--api-json" -> apiJson == null;
          default -> false;
        };
    if (!isNew) {
      return false;
    }
    switch (name) {
      case "-c", "--config" -> configFile = Path.of(value);
      case "-z", "--zones" -> zones = Path.of(value);
      case "-l", "--listen" -> {
        listen = listen == null ? new ArrayList<>() : listen;
        listen.add(ListenAddress.parse(value));
      }
      case "-w", "--workers" -> workers = Integer.valueOf(value);
      case "--io" -> io = IoBackend.parse(value);
      case "-d", "--data" -> data = Path.of(value);
      case "--store" -> {
        EtcdConfig _ = EtcdConfig.defaults().at(value);
        store = value;
      }
      case "--index-memory" -> indexMemory = MemorySize.parse(value);
      case "--plugins" -> plugins = Path.of(value);
      case "--operations" -> operations = ListenAddress.parse(value);
      case "--api" -> api = ListenAddress.parse(value);
      default -> apiJson = ListenAddress.parse(value);
    }
    return true;
  }

  /** The configuration file that counts, or null when there is none. */
  @Nullable Path file() {
    return configFile == null ? distribution.configFile() : configFile;
  }

  /**
   * Reads the configuration anew.
   *
   * @param problems takes what is wrong in the file; after an error the value is of no use
   * @throws ParameterException when an option is out of its bounds
   * @throws ServeArguments.OutOfBoundsException in its place, when the options came by {@link
   *     #take}
   */
  ServerConfig read(Consumer<Problem> problems) {
    Path path = file();
    ServerConfig config =
        path == null ? ServerConfig.defaults() : readFile(path, problems, plugins, loader);
    try {
      ServerConfig overlaid = overlay(config);
      Path root = overlaid.pluginFolder().orElse(null);
      if (root != null && !Files.isDirectory(root)) {
        problems.accept(
            Problem.error(root, "there is no such folder of plugins: make it, or name another"));
      }
      return overlaid;
    } catch (IllegalArgumentException e) {
      // The file's own values were taken, so it is an option that is out of bounds.
      if (spec == null) {
        throw new ServeArguments.OutOfBoundsException(e);
      }
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  /** What the file alone amounts to. */
  static ServerConfig readFile(Path path, Consumer<Problem> problems) {
    return readFile(path, problems, null, new PluginLoader());
  }

  private static ServerConfig readFile(
      Path path, Consumer<Problem> problems, @Nullable Path pluginsOption, PluginLoader loader) {
    ServerConfig defaults = ServerConfig.defaults();
    ConfigFile file = new ConfigFile(path, problems);
    ConfigNode.Section section = file.read();
    Path folder = path.toAbsolutePath().getParent();
    if (section == null || folder == null) {
      return defaults;
    }
    ConfigBinder binder = new ConfigBinder(file, folder);
    binder.understand(IoBackend.class, (node, _) -> io(ConfigBinder.text(node)));
    binder.understand(MemorySize.class, (node, _) -> MemorySize.parse(ConfigBinder.text(node)));
    binder.understand(
        Pipeline.class,
        (node, key) -> {
          PluginSettings settings = PluginSettings.in(section, path, folder);
          if (settings == null) {
            return null; // its problems are reported where these keys are bound
          }
          Path root =
              pluginsOption == null
                  ? settings.pluginFolder().orElseGet(Distribution.ofProcess()::plugins)
                  : pluginsOption.toAbsolutePath().normalize();
          PluginFolder source = new PluginFolder(root, settings.pluginPins(), loader);
          return PluginRegistry.builtIn().with(source).bind(node, key, file, binder);
        });
    return binder.bind(section, defaults);
  }

  private static IoBackend io(String text) {
    try {
      return IoBackend.parse(text);
    } catch (IllegalArgumentException _) {
      List<String> words = Arrays.stream(IoBackend.values()).map(IoBackend::text).toList();
      throw new IllegalArgumentException(
          "'" + text + "' must be one of " + String.join(", ", words));
    }
  }

  /**
   * What must be known of plugins before the first is loaded, wherever in the file it stands.
   *
   * @param pluginFolder as in {@link ServerConfig}
   * @param pluginPins as in {@link ServerConfig}
   */
  record PluginSettings(Optional<Path> pluginFolder, List<PluginPin> pluginPins) {
    static PluginSettings defaults() {
      return new PluginSettings(Optional.empty(), List.of());
    }

    /** Null when they are wrong; what is wrong is not said here. */
    static @Nullable PluginSettings in(ConfigNode.Section section, Path path, Path folder) {
      List<ConfigNode.Entry> entries = new ArrayList<>();
      for (ConfigNode.Entry entry : section.entries()) {
        if (entry.key().equals("plugin-folder") || entry.key().equals("plugin-pins")) {
          entries.add(entry);
        }
      }
      List<Problem> found = new ArrayList<>();
      ConfigBinder binder = new ConfigBinder(new ConfigFile(path, found::add), folder);
      PluginSettings settings =
          binder.bind(new ConfigNode.Section(entries, section.at()), defaults());
      return found.isEmpty() ? settings : null;
    }
  }

  /** What was read is in force: plugins that were loaded for an earlier reading may go. */
  void taken(ServerConfig config) {
    loader.retain(config.plugins());
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
   * Whether zone files are read at all. Where many nodes share a store, only those of a folder that
   * was named: else each would put the examples of its own installation there.
   */
  boolean readsZoneFiles(ServerConfig config) {
    return !config.etcd().isShared() || isZoneFolderNamed(config);
  }

  /**
   * The folder of the server's own files; empty when no folder was named and the distribution's may
   * not be written.
   */
  Optional<Path> dataFolder(ServerConfig config) {
    Path folder = config.data().orElseGet(distribution::data);
    boolean isUsable =
        config.data().isPresent()
            || (distribution.isInstalled()
                && new DataFolder(folder, new SecureRandom()).isUsable());
    return isUsable ? Optional.of(folder) : Optional.empty();
  }

  /**
   * The hash of all names: from the data folder's secret, or from a secret for this run alone when
   * there is no such folder.
   */
  NameHash nameHash(ServerConfig config) throws StartException {
    SecureRandom random = new SecureRandom();
    Optional<Path> folder = dataFolder(config);
    return new NameHash(
        folder.isPresent() ? new DataFolder(folder.get(), random).seed() : random.nextLong());
  }

  /** What the engine needs to know. */
  EngineConfig engine(ServerConfig config, NameHash hash) {
    EngineConfig engine = config.engine(hash);
    return dataFolder(config).map(engine::withDataFolder).orElse(engine);
  }

  /** Sections that the store laid over the configuration file when a server ran last, or runs. */
  List<String> sharedSections(ServerConfig config) {
    return SettingsNote.names(config.data().orElseGet(distribution::data));
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
        file.rehearsal(),
        file.drainTimeout(),
        file.store(),
        store == null ? file.etcd() : file.etcd().at(store),
        index(file),
        zonesConfig,
        file.udp(),
        file.tcp(),
        file.proxyProtocol(),
        operations == null ? file.operations() : file.operations().withListen(operations),
        api(file.api()),
        file.tenancy(),
        file.issuers(),
        plugins == null ? file.pluginFolder() : Optional.of(plugins.toAbsolutePath().normalize()),
        file.pluginPins(),
        file.pluginFaults(),
        file.plugins());
  }

  private ApiConfig api(ApiConfig file) {
    if (api == null && apiJson == null) {
      return file;
    }
    try {
      return file.withListen(
          api == null ? file.listen() : api, apiJson == null ? file.jsonListen() : apiJson);
    } catch (IllegalArgumentException e) {
      // It begins with the name of what is out of bounds: here that came by an option.
      String reason = String.valueOf(e.getMessage());
      throw new IllegalArgumentException(
          reason.startsWith("jsonListen")
              ? "--api-json" + reason.substring("jsonListen".length())
              : "--api" + reason.substring("listen".length()),
          e);
    }
  }

  private IndexConfig index(ServerConfig file) {
    if (indexMemory == null) {
      return file.index();
    }
    try {
      return new IndexConfig(Optional.of(indexMemory));
    } catch (IllegalArgumentException e) {
      // It speaks of "memory", as the key is called.
      throw new IllegalArgumentException("--index-" + e.getMessage(), e);
    }
  }
}
