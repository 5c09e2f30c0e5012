package io.flashdns.management.server;

import io.flashdns.core.dns.NameHash;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The options of the commands that work on the data folder of a server that does not run: {@code
 * import}, {@code backup}, {@code restore}, {@code fsck}.
 */
final class StoreOptions {
  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = {
        "Configuration file, of which 'data', 'store', 'index' and 'zones' count. Without it"
            + " conf/flashdns.yaml of the distribution is read, if there is one."
      })
  private @Nullable Path configFile;

  @Option(
      names = {"-d", "--data"},
      paramLabel = "DIR",
      description = {
        "Folder of the server's own files. Without it: what the configuration says, else the data"
            + " folder of the distribution."
      })
  private @Nullable Path data;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  private final Distribution distribution = Distribution.ofProcess();

  /** The configuration; all that is wrong with it is said before this throws. */
  ServerConfig config(Terminal terminal) throws StartException {
    Path file = configFile == null ? distribution.configFile() : configFile;
    if (file == null) {
      return ServerConfig.defaults();
    }
    List<Problem> problems = new ArrayList<>();
    ServerConfig config = ServerOptions.readFile(file, problems::add);
    terminal.problems(problems);
    if (problems.stream().anyMatch(Problem::isError)) {
      throw new StartException("the configuration has errors, nothing was done");
    }
    return config;
  }

  /** The data folder, absolute. */
  Path data(ServerConfig config) {
    Path named = data;
    Path folder = named == null ? config.data().orElse(null) : named;
    if (folder == null && distribution.isInstalled()) {
      folder = distribution.data();
    }
    if (folder == null) {
      throw new ParameterException(
          spec.commandLine(),
          "which data folder? name it by --data, or by 'data' in a configuration");
    }
    return folder.toAbsolutePath().normalize();
  }

  /** The hash of names that belongs to a data folder; made when there is none. */
  static NameHash hash(Path data) throws StartException {
    return new NameHash(new DataFolder(data, new SecureRandom()).seed());
  }
}
